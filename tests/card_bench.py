"""Cards and readers for the device tests: a small issuer of PIV cards of any shape, and a bench with a private pcscd."""

from __future__ import annotations

import atexit
import gzip
import os
import tempfile
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from devices import tlv
from devices.simulators.card import SimulatedCard
from devices.simulators.card_file import card_from_document, write_card_file
from devices.simulators.pcscd import SOCKET_VARIABLE, Pcscd, ReaderLine, build_driver
from devices.simulators.reader import STAFF_READER, VISITOR_READER, SimulatedReader
from devices.simulators.slot import REPORTING_PAD, SimulatedSlot
from kiosk.domain.card import POLICY_ARC, ROLE_POLICIES
from kiosk.wire.trust import CLIENT_AUTHENTICATION, PIV_CARD_AUTHENTICATION

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from devices.simulators.slot import ChipCard, Feature

AT = datetime(2025, 6, 2, 9, 30, tzinfo=UTC)
PIN, PUK = "123456", "12345678"
FULL_ID = "A000000308000010000100"
CERTIFICATE_OF = {"9A": "5FC105", "9C": "5FC10A", "9D": "5FC10B", "9E": "5FC101"}
INSURED, EMPLOYER, STAFF, TECHNICIAN = (f"{POLICY_ARC}.{number}" for number in range(1, 5))

_EXTENDED_USAGES = {"9A": CLIENT_AUTHENTICATION, "9E": PIV_CARD_AUTHENTICATION}

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def key(name: str, algorithm: str = "P-256") -> PrivateKey:
    """A key for a name, made once a test run (RSA keys are slow to make)."""
    return _made_key(name, algorithm)


@cache
def _made_key(name: str, algorithm: str) -> PrivateKey:
    if algorithm == "P-256":
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(65537, 2048)


def subject(common_name: str, serial_number: str | None = None) -> x509.Name:
    attributes = [x509.NameAttribute(NameOID.COMMON_NAME, common_name)]
    if serial_number:
        attributes.append(x509.NameAttribute(NameOID.SERIAL_NUMBER, serial_number))
    return x509.Name(attributes)


@dataclass(frozen=True)
class Authority:
    """A root and the card CA under it."""

    name: str = "Guichet"
    root: x509.Certificate = field(init=False)
    card_ca: x509.Certificate = field(init=False)

    def __post_init__(self) -> None:
        root_name = subject(f"{self.name} demonstration root")
        ca_name = subject(f"{self.name} card CA")
        root_key, ca_key = key(f"{self.name} root"), key(f"{self.name} card CA")
        long = (AT - timedelta(days=3650), AT + timedelta(days=3650))
        root = _certificate(root_name, root_name, root_key, root_key, ca=1, valid=long)
        ca = _certificate(ca_name, root_name, ca_key, root_key, ca=0, policies=ROLE_POLICIES, valid=long)
        object.__setattr__(self, "root", root)
        object.__setattr__(self, "card_ca", ca)

    @property
    def pem(self) -> bytes:
        return b"".join(c.public_bytes(serialization.Encoding.PEM) for c in (self.root, self.card_ca))


def _certificate(
    name: x509.Name,
    issuer: x509.Name,
    own: PrivateKey,
    signer: PrivateKey,
    *,
    ca: int | None = None,
    policies: Collection[str] = (),
    slot: str = "",
    valid: tuple[datetime, datetime] = (AT - timedelta(days=30), AT + timedelta(days=700)),
    serial: int | None = None,
) -> x509.Certificate:
    agreement = slot == "9D" and isinstance(own, ec.EllipticCurvePrivateKey)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(own.public_key())
        .serial_number(serial or x509.random_serial_number())
        .not_valid_before(valid[0])
        .not_valid_after(valid[1])
        .add_extension(x509.BasicConstraints(ca is not None, ca), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=ca is None and slot != "9D",
                content_commitment=slot == "9C",
                key_encipherment=slot == "9D" and not agreement,
                data_encipherment=False,
                key_agreement=agreement,
                key_cert_sign=ca is not None,
                crl_sign=ca is not None,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(own.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    )
    if policies:
        named = [x509.PolicyInformation(x509.ObjectIdentifier(policy), None) for policy in policies]
        builder = builder.add_extension(x509.CertificatePolicies(named), critical=False)
    if slot in _EXTENDED_USAGES:
        usage = x509.ExtendedKeyUsage([x509.ObjectIdentifier(_EXTENDED_USAGES[slot])])
        builder = builder.add_extension(usage, critical=slot == "9E")
    return builder.sign(signer, hashes.SHA256())


@dataclass
class CardPlan:
    """What a card shall be like; the default is a pensioner's card of the scheme."""

    name: str = "marie"
    number: str = "1000000017"
    holder: str = "Marie Novotná"
    policy: str | None = INSURED
    authority: Authority | None = None
    algorithms: dict[str, str] = field(
        default_factory=lambda: {"9A": "P-256", "9C": "P-256", "9D": "P-256", "9E": "P-256"}
    )
    numbers: dict[str, str] = field(default_factory=dict)  # slot -> another number
    missing: tuple[str, ...] = ()  # slots or object tags
    compressed: tuple[str, ...] = ()  # slots whose certificate is gzip
    valid: tuple[datetime, datetime] = (AT - timedelta(days=30), AT + timedelta(days=700))
    changes: dict[str, object] = field(default_factory=dict)  # fields of the card file


@cache
def authority(name: str = "Guichet") -> Authority:
    return Authority(name)


def issue(plan: CardPlan, folder: Path | None = None) -> SimulatedCard:
    """Make the card; with a folder, as a file there."""
    issuer = plan.authority or authority()
    signer = key(f"{issuer.name} card CA")
    keys: dict[str, object] = {}
    objects: dict[str, str] = {}
    for slot, algorithm in plan.algorithms.items():
        if slot in plan.missing:
            continue
        private = key(f"{plan.name} {slot}", algorithm)
        number = plan.numbers.get(slot, plan.number)
        certificate = _certificate(
            subject(number, number),
            issuer.card_ca.subject,
            private,
            signer,
            policies=(plan.policy,) if plan.policy else (),
            slot=slot,
            valid=plan.valid,
        )
        pem = private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        keys[slot] = {"algorithm": algorithm, "private_key": pem.decode()}
        der = certificate.public_bytes(serialization.Encoding.DER)
        objects[CERTIFICATE_OF[slot]] = certificate_object(der, compressed=slot in plan.compressed).hex()
    objects |= {tag: value.hex() for tag, value in _other_objects(plan).items() if tag not in plan.missing}
    document: dict[str, object] = {
        "format": 1,
        "name": plan.name,
        "label": f"{plan.holder}, test card",
        "application_id": FULL_ID,
        "short_select_answer": False,
        "pin": PIN,
        "puk": PUK,
        "pin_limit": 3,
        "pin_tries": 3,
        "puk_limit": 3,
        "puk_tries": 3,
        "fresh_pin_for_9c": True,
        "keys": keys,
        "objects": objects,
        "pin_gated": ["5FC103", "5FC108", "5FC109"],
        "fault": None,
    } | plan.changes
    file = card_from_document(document, folder / f"{plan.name}.json" if folder else None)
    write_card_file(file)
    return SimulatedCard(file)


def certificate_object(der: bytes, *, compressed: bool = False) -> bytes:
    body = gzip.compress(der, mtime=0) if compressed else der
    return tlv.encode(
        0x53, tlv.encode(0x70, body) + tlv.encode(0x71, bytes([1 if compressed else 0])) + tlv.encode(0xFE)
    )


def _other_objects(plan: CardPlan) -> dict[str, bytes]:
    fasc_n = bytes.fromhex("D4E739DA739CED39CE739D836858210842108421C84210C3EB")
    chuid = tlv.encode(0x30, fasc_n) + tlv.encode(0x34, bytes(range(16))) + tlv.encode(0x35, b"20270601")
    capabilities = tlv.encode(0xF0, bytes.fromhex("A000000308") + bytes(16)) + tlv.encode(0xF1, b"\x21")
    capabilities += tlv.encode(0xF2, b"\x21") + tlv.encode(0xF3) + tlv.encode(0xF4, b"\x00") + tlv.encode(0xF5, b"\x10")
    capabilities += b"".join(tlv.encode(tag) for tag in (0xF6, 0xF7, 0xFA, 0xFB, 0xFC, 0xFD, 0xFE))
    printed = (
        tlv.encode(0x01, plan.holder.encode())
        + tlv.encode(0x02, b"INSURED")
        + tlv.encode(0x04, b"2027JUN01")
        + tlv.encode(0x05, plan.number.encode())
        + tlv.encode(0xFE)
    )
    return {
        "5FC102": tlv.encode(0x53, chuid + tlv.encode(0x3E) + tlv.encode(0xFE)),
        "5FC107": tlv.encode(0x53, capabilities),
        "5FC109": tlv.encode(0x53, printed),
        "7E": tlv.encode(0x7E, tlv.encode(0x4F, bytes.fromhex(FULL_ID)) + tlv.encode(0x5F2F, b"\x40\x00")),
    }


class CardBench:
    """Two served slots and a private pcscd in a short temporary folder."""

    def __init__(self, folder: Path, features: tuple[Feature, ...] = REPORTING_PAD) -> None:
        self.visitor = SimulatedSlot(VISITOR_READER, features=features)
        self.staff = SimulatedSlot(STAFF_READER, features=features)
        self.readers = (
            SimulatedReader(folder / "v.sock", self.visitor),
            SimulatedReader(folder / "s.sock", self.staff),
        )
        lines = (ReaderLine(VISITOR_READER, folder / "v.sock"), ReaderLine(STAFF_READER, folder / "s.sock"))
        self.pcscd = Pcscd(folder, lines, driver=build_driver())

    def insert(self, card: ChipCard, slot: SimulatedSlot | None = None) -> None:
        """Put a card in and wait until pcscd has seen it, as a visit does that waits for its watcher."""
        into = slot or self.visitor
        into.insert(card)
        wait_until(lambda: _sees_card(into.name), what=f"pcscd sees a card in {into.name}")

    def remove(self, slot: SimulatedSlot | None = None) -> None:
        """Pull the card and wait until pcscd has seen that: no hand is quicker."""
        out_of = slot or self.visitor
        out_of.remove()
        wait_until(lambda: not _sees_card(out_of.name), what=f"pcscd sees {out_of.name} empty")

    def close(self) -> None:
        self.pcscd.stop()
        for reader in self.readers:
            reader.close()


def _sees_card(reader: str) -> bool:
    from devices.pcsc_reader import list_readers

    readers = list_readers()
    return isinstance(readers, tuple) and any(one.name.startswith(reader) and one.card_present for one in readers)


@contextmanager
def card_bench(features: tuple[Feature, ...] = REPORTING_PAD) -> Iterator[CardBench]:
    """A bench with its pcscd running; UNIX socket names are short, so not under pytest's folder."""
    with tempfile.TemporaryDirectory(prefix="guichet-") as folder:
        bench = CardBench(Path(folder), features)
        try:
            bench.pcscd.start()
            yield bench
        finally:
            bench.close()


_shared: list[CardBench] = []


def shared_bench(features: tuple[Feature, ...] = REPORTING_PAD) -> CardBench:
    """The bench of this test process, with empty slots: libpcsclite reads PCSCLITE_CSOCK_NAME only once in a process."""
    if not _shared:
        context = card_bench()
        _shared.append(context.__enter__())
        atexit.register(context.__exit__, None, None, None)
        os.environ[SOCKET_VARIABLE] = str(_shared[0].pcscd.socket_path)
    bench = _shared[0]
    if bench.pcscd.pid is None:
        bench.pcscd.start()
    for slot in (bench.visitor, bench.staff):
        slot.remove()
        slot.features = features
        wait_until(lambda slot=slot: not _sees_card(slot.name), what="pcscd sees an empty slot")  # type: ignore[misc]
    return bench


def wait_until(condition: Callable[[], bool], seconds: float = 20.0, *, what: str = "") -> None:
    """Poll a condition; fails with what was awaited."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        pause.wait(0.002)


def card_in(slot: SimulatedSlot) -> SimulatedCard:
    """The card in a slot."""
    assert isinstance(slot.card, SimulatedCard)
    return slot.card


@contextmanager
def typing(slot: SimulatedSlot, *keys: str) -> Iterator[list[int]]:
    """Press these keys at every entry that begins meanwhile; gives the list of how often."""
    asked: list[int] = []
    over = threading.Event()

    def run() -> None:
        while not over.is_set():
            if slot.pad.wait_entering(0.1) and not over.is_set():
                asked.append(1)
                slot.pad.press(*keys)
                slot.pad.wait_entering(1.0, entering=False)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield asked
    finally:
        over.set()
        thread.join()


def type_when_asked(slot: SimulatedSlot, *keys: str, seconds: float = 20.0) -> threading.Thread:
    """Press keys as soon as the pad asks."""

    def run() -> None:
        if slot.pad.wait_entering(seconds):
            slot.pad.press(*keys)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread
