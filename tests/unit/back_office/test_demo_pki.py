from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import ssl
import stat
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from hypothesis import given
from hypothesis import strategies as st

from back_office import pki
from back_office.demo import cards
from back_office.demo.cards import CardHolder
from kiosk.domain.card import CardRefusal, Role
from kiosk.domain.errors import EnvironmentFault
from kiosk.system import SystemIds
from kiosk.wire.card_check import CardVerdict, check_card
from kiosk.wire.envelope import open_sealed, seal, sealing_key_id
from kiosk.wire.problem import Problem, ProblemCode
from kiosk.wire.receipt import ShortCertificate, read_short_certificate
from kiosk.wire.trust import (
    Revocations,
    Trusted,
    Usage,
    load_certificate,
    terminal_issuers,
    verify_chain,
)

if TYPE_CHECKING:
    from collections.abc import Callable

AT = datetime(2026, 3, 4, 10, 20, 30, tzinfo=UTC)
IDS = SystemIds()
HOLDERS = {
    "marie": CardHolder("1000000017", "Marie Novotná", Role.INSURED, "Marie Novotná, pensioner"),
    "karel": CardHolder("1000000025", "Karel Dvořák", Role.INSURED),
    "ludmila": CardHolder("1000000033", "Ludmila Černá", Role.INSURED),
    "employer": CardHolder("2000000016", "Pekařství U Mostu", Role.EMPLOYER),
    "staff": CardHolder("3000000015", "Jana Malá", Role.STAFF),
    "technician": CardHolder("4000000014", "Petr Horák", Role.TECHNICIAN),
    "revoked": CardHolder("1000000041", "Anna Stará", Role.INSURED),
    "stranger": CardHolder("1000000058", "Cizí Karta", Role.INSURED),
    "broken": CardHolder("1000000066", "Vadná Karta", Role.INSURED),
}


class SetClock:
    def __init__(self, moment: datetime = AT) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return 0.0


CLOCK = SetClock()


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demonstration whose files the tests only read."""
    folder = tmp_path_factory.mktemp("state")
    pki.create_pki(folder, CLOCK, IDS)
    cards.issue_cards(folder, HOLDERS, CLOCK, IDS)
    return folder


@pytest.fixture
def own_state(state: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(state, tmp_path / "state"))


def snapshot(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() + oct(path.stat().st_mode)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


# --- the authorities --------------------------------------------------------------------------------------


def test_everything_is_there_and_keys_are_their_owners_alone(state: Path) -> None:
    folder = state / "pki"
    for name in ("root", "card-ca", "terminal-ca", "tls", "back-office-signing"):
        assert (folder / f"{name}.pem").is_file()
        assert (folder / f"{name}.key").is_file()
    assert len(list(folder.glob("sealing-*.pem"))) == len(list(folder.glob("sealing-*.key"))) == 1
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for key in (*folder.glob("*.key"), *(state / "cards").glob("*.json")):
        assert stat.S_IMODE(key.stat().st_mode) == 0o600, key
    assert not list(state.rglob("*.new"))


def test_a_second_start_changes_nothing(own_state: Path) -> None:
    before = snapshot(own_state)
    later = SetClock(AT + timedelta(days=3))
    pki.create_pki(own_state, later, IDS)
    cards.issue_cards(own_state, HOLDERS, later, IDS)
    assert snapshot(own_state) == before


@pytest.mark.parametrize("missing", ["card-ca.pem", "tls.pem", "back-office-signing.pem"])
def test_a_start_after_a_crash_completes_what_is_missing(own_state: Path, missing: str) -> None:
    before = snapshot(own_state)
    (own_state / "pki" / missing).unlink()
    pki.create_pki(own_state, CLOCK, IDS)
    after = snapshot(own_state)
    assert {name for name in after if after[name] != before[name]} == {f"pki/{missing}"}
    assert isinstance(verify_signing(own_state), Trusted)


def verify_signing(state: Path) -> object:
    signer = pki.answer_signer(state)
    return verify_chain(signer.certificate, (), pki.anchors(state), AT, usage=Usage.BACK_OFFICE_SIGNING)


def start(state: Path) -> None:
    pki.create_pki(state, CLOCK, IDS)
    pki.answer_signer(state)


@pytest.mark.parametrize(
    ("name", "content"),
    [("root.key", None), ("card-ca.pem", b"nonsense"), ("terminal-ca.key", b"nonsense"), ("back-office-signing.key", "other"),
     ("root.pem", "folder"), ("root.key", rsa.generate_private_key(65537, 2048))],
)  # fmt: skip
def test_what_is_wrong_is_named_with_the_remedy(own_state: Path, name: str, content: object) -> None:
    path = own_state / "pki" / name
    path.unlink()
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content == "folder":
        path.mkdir()
    elif content == "other":
        path.write_bytes(pki.private_pem(ec.generate_private_key(ec.SECP256R1())))
    elif isinstance(content, rsa.RSAPrivateKey):
        path.write_bytes(pki.private_pem(content))
    with pytest.raises(EnvironmentFault) as fault:
        start(own_state)
    assert str(own_state / "pki") in fault.value.what
    assert fault.value.remedy


def test_the_back_offices_certificates_are_for_their_use(state: Path) -> None:
    anchors = pki.anchors(state)
    assert isinstance(verify_signing(state), Trusted)
    for certificate in pki.sealing_certificates(state):
        assert isinstance(verify_chain(certificate, (), anchors, AT, usage=Usage.SEALING), Trusted)
    assert terminal_issuers(anchors) == (anchors.issuers[1],)


def test_openssl_accepts_every_chain(state: Path, tmp_path: Path) -> None:
    folder = state / "pki"
    leaves: dict[Path, list[str]] = {
        folder / f"{name}.pem": [] for name in ("card-ca", "terminal-ca", "tls", "back-office-signing")
    }
    for name in ("marie", "karel"):
        for slot in cards.SLOTS:
            path = tmp_path / f"{name}-{slot}.pem"
            certificate = x509.load_der_x509_certificate(certificate_bytes(state, name, slot))
            path.write_bytes(certificate.public_bytes(Encoding.PEM))
            leaves[path] = ["-untrusted", str(folder / "card-ca.pem")]
    moment = str(int(AT.timestamp()))
    for leaf, untrusted in leaves.items():
        command = ["openssl", "verify", "-x509_strict", "-attime", moment, "-CAfile", str(folder / "root.pem")]
        result = subprocess.run([*command, *untrusted, str(leaf)], capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stderr + result.stdout


def test_a_client_that_pins_the_root_reaches_the_server_by_name_and_by_number(tmp_path: Path) -> None:
    now = SetClock(datetime.now(UTC))  # noqa: TID251 - TLS asks the machine for the time
    pki.create_pki(tmp_path, now, IDS)
    folder = tmp_path / "pki"
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "tls.pem", folder / "tls.key")
    client = ssl.create_default_context(cafile=folder / "root.pem")
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    for name in ("localhost", "127.0.0.1", "::1"):
        assert handshake(server, client, name) is None
    assert isinstance(handshake(server, client, "example.org"), ssl.SSLCertVerificationError)


def handshake(server: ssl.SSLContext, client: ssl.SSLContext, name: str) -> Exception | None:
    """A handshake in memory."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = (
        server.wrap_bio(to_server, to_client, server_side=True),
        client.wrap_bio(to_client, to_server, server_hostname=name),
    )
    for _ in range(6):
        for end in ends:
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
            except ssl.SSLError as error:
                return error
    return None


# --- sealing keys -----------------------------------------------------------------------------------------


def test_after_a_rotation_new_envelopes_take_the_new_key_and_old_ones_still_open(own_state: Path) -> None:
    (first,) = pki.sealing_certificates(own_state)
    old = seal(b"old", first)
    kids = [pki.rotate_sealing_key(own_state, CLOCK, IDS) for _ in range(3)]
    certificates = pki.sealing_certificates(own_state)
    assert [one.subject.rfc4514_string() for one in certificates[:3]] == [
        f"CN=guichet-sealing-{kid}" for kid in reversed(kids)
    ]
    new = seal(b"new", certificates[0])
    assert sealing_key_id(new) == kids[-1]
    keys = pki.sealing_keys(own_state)
    assert set(kids) < set(keys)
    assert (open_sealed(old, keys), open_sealed(new, keys)) == (b"old", b"new")
    anchors = pki.anchors(own_state)
    for certificate in certificates:
        assert isinstance(verify_chain(certificate, (), anchors, AT, usage=Usage.SEALING), Trusted)


# --- enrolment --------------------------------------------------------------------------------------------


def request_for(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, name: str = "whatever") -> bytes:
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    return x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, SHA256()).public_bytes(Encoding.PEM)


KEY = ec.generate_private_key(ec.SECP256R1())


def test_a_terminal_gets_a_certificate_in_the_name_the_back_office_gave_it(state: Path) -> None:
    issued = pki.issue_terminal_certificate(state, request_for(KEY, "T9999"), "T0007", CLOCK)
    assert isinstance(issued, bytes)
    leaf = load_certificate(issued)
    assert isinstance(leaf, x509.Certificate)
    trusted = verify_chain(leaf, (), pki.anchors(state), AT, usage=Usage.TERMINAL)
    assert isinstance(trusted, Trusted)
    assert (trusted.common_name, trusted.public_key) == ("T0007", KEY.public_key())
    assert trusted.not_after == AT + timedelta(days=90)
    assert pki.terminal_chain(state) == [(state / "pki" / "terminal-ca.pem").read_bytes()]


def test_a_terminal_gets_a_short_certificate_for_its_receipts(state: Path) -> None:
    issued = pki.issue_receipt_certificate(state, request_for(KEY), "T0007", "BRNO1", CLOCK)
    assert isinstance(issued, bytes)
    assert len(issued) < 130
    read = read_short_certificate(issued, terminal_issuers(pki.anchors(state))[0])
    assert isinstance(read, ShortCertificate)
    assert (read.terminal, read.office, read.public_key) == ("T0007", "BRNO1", KEY.public_key())
    assert read.not_after == AT + timedelta(days=90)


def spoiled(request: bytes) -> bytes:
    der = bytearray(x509.load_pem_x509_csr(request).public_bytes(Encoding.DER))
    der[-1] ^= 1
    return x509.load_der_x509_csr(bytes(der)).public_bytes(Encoding.PEM)


ISSUERS: list[Callable[[Path, bytes], bytes | Problem]] = [
    lambda state, csr: pki.issue_terminal_certificate(state, csr, "T0007", CLOCK),
    lambda state, csr: pki.issue_receipt_certificate(state, csr, "T0007", "BRNO1", CLOCK),
]


@pytest.mark.parametrize("issue", ISSUERS)
@pytest.mark.parametrize(
    ("csr", "code"),
    [
        (b"", ProblemCode.MALFORMED),
        (b"-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n", ProblemCode.MALFORMED),
        (b"x" * 20_000, ProblemCode.TOO_LARGE),
        (request_for(rsa.generate_private_key(65537, 2048)), ProblemCode.ALGORITHM),
        (request_for(ec.generate_private_key(ec.SECP384R1())), ProblemCode.ALGORITHM),
        (spoiled(request_for(KEY)), ProblemCode.SIGNATURE),
    ],
)
def test_a_bad_request_is_a_problem(
    state: Path, issue: Callable[[Path, bytes], bytes | Problem], csr: bytes, code: ProblemCode
) -> None:
    found = issue(state, csr)
    assert isinstance(found, Problem)
    assert found.code is code


@given(st.binary(max_size=200))
def test_an_arbitrary_request_never_raises(data: bytes) -> None:
    assert isinstance(pki._requested_key(data), Problem)


# --- cards ------------------------------------------------------------------------------------------------


def document(state: Path, name: str) -> dict[str, Any]:
    value = json.loads((state / "cards" / f"{name}.json").read_text("utf-8"))
    assert isinstance(value, dict)
    return value


def tlvs(data: bytes) -> dict[str, bytes]:
    """Read BER-TLV as SP 800-73-4 uses it."""
    found: dict[str, bytes] = {}
    at = 0
    while at < len(data):
        end = at + 1
        if data[at] & 0x1F == 0x1F:
            while data[end] & 0x80:
                end += 1
            end += 1
        tag, length = data[at:end].hex().upper(), data[end]
        end += 1
        if length & 0x80:
            size = length & 0x7F
            length, end = int.from_bytes(data[end : end + size], "big"), end + size
        assert end + length <= len(data)
        found[tag] = data[end : end + length]
        at = end + length
    return found


def objects(state: Path, name: str) -> dict[str, dict[str, bytes]]:
    inner: dict[str, dict[str, bytes]] = {}
    for tag, text in document(state, name)["objects"].items():
        outer = tlvs(bytes.fromhex(text))
        assert list(outer) == ["7E" if tag == "7E" else "53"]
        inner[tag] = tlvs(next(iter(outer.values())))
    return inner


def certificate_bytes(state: Path, name: str, slot: str) -> bytes:
    stored = objects(state, name)[cards.CERTIFICATE_OBJECTS[slot]]
    return gzip.decompress(stored["70"]) if stored["71"] == b"\x01" else stored["70"]


def judged(state: Path, name: str) -> CardVerdict:
    certificates = {slot: certificate_bytes(state, name, slot) for slot in cards.SLOTS}
    return check_card(certificates, pki.anchors(state), Revocations(cards.revoked_serials(state), AT), AT)


@pytest.mark.parametrize("name", ["marie", "karel", "ludmila", "employer", "staff", "technician"])
def test_a_card_of_the_scheme_is_accepted(state: Path, name: str) -> None:
    verdict = judged(state, name)
    assert verdict.refusal is None, verdict.detail
    assert (verdict.number, verdict.role) == (HOLDERS[name].number, HOLDERS[name].role)


@pytest.mark.parametrize(
    ("name", "refusal"), [("revoked", CardRefusal.REVOKED), ("stranger", CardRefusal.UNKNOWN_ISSUER), ("broken", None)]
)
def test_the_special_cards_are_what_they_are_called(state: Path, name: str, refusal: CardRefusal | None) -> None:
    assert judged(state, name).refusal is refusal
    assert document(state, name)["fault"] == ("garbage" if name == "broken" else None)


def test_only_the_revoked_cards_certificates_are_revoked(state: Path) -> None:
    assert cards.revoked_serials(state) == {
        x509.load_der_x509_certificate(certificate_bytes(state, "revoked", slot)).serial_number for slot in cards.SLOTS
    }


@pytest.mark.parametrize("name", list(HOLDERS))
def test_each_key_is_the_one_in_its_certificate(state: Path, name: str) -> None:
    keys = document(state, name)["keys"]
    for slot in cards.SLOTS:
        private = load_pem_private_key(keys[slot]["private_key"].encode(), None)
        public = x509.load_der_x509_certificate(certificate_bytes(state, name, slot)).public_key()
        form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        assert private.public_key().public_bytes(*form) == public.public_bytes(*form)
        expected = "RSA-2048" if name == "karel" and slot in ("9A", "9C") else "P-256"
        assert keys[slot]["algorithm"] == expected


@pytest.mark.parametrize("name", list(HOLDERS))
def test_the_holders_name_is_behind_the_pin_and_nowhere_else(state: Path, name: str) -> None:
    card = document(state, name)
    holder = HOLDERS[name].name.encode()
    assert "5FC109" in card["pin_gated"]
    assert objects(state, name)["5FC109"]["01"] == holder
    assert objects(state, name)["5FC109"]["05"] == HOLDERS[name].number.encode()
    open_objects = {tag: bytes.fromhex(text) for tag, text in card["objects"].items() if tag not in card["pin_gated"]}
    for slot in cards.SLOTS:
        open_objects[slot] = certificate_bytes(state, name, slot)
    for word in (holder, *(part for part in holder.split() if len(part) > 3)):
        assert not [tag for tag, value in open_objects.items() if word in value]


def test_the_card_carries_the_objects_of_the_standard(state: Path) -> None:
    held = objects(state, "marie")
    assert set(held) == {"5FC101", "5FC102", "5FC105", "5FC106", "5FC107", "5FC109", "5FC10A", "5FC10B", "7E"}
    assert [len(held["5FC102"][tag]) for tag in ("30", "34", "35", "3E", "FE")] == [25, 16, 8, 0, 0]
    assert held["5FC102"]["35"] == b"20310303"
    assert list(held["5FC107"]) == ["F0", "F1", "F2", "F3", "F4", "F5", "F6", "F7", "FA", "FB", "FC", "FD", "FE"]
    assert len(held["5FC107"]["F0"]) == 21
    assert held["7E"] == {"4F": bytes.fromhex(cards.APPLICATION_ID), "5F2F": b"\x40\x00"}
    assert held["5FC109"]["04"] == b"2031MAR03"
    assert list(held["5FC106"]) == ["BA", "BB", "FE"]
    for tag in cards.CERTIFICATE_OBJECTS.values():
        assert list(held[tag]) == ["70", "71", "FE"]


def test_one_card_stores_its_certificates_compressed(state: Path) -> None:
    for name, information in (("ludmila", b"\x01"), ("marie", b"\x00")):
        assert {objects(state, name)[tag]["71"] for tag in cards.CERTIFICATE_OBJECTS.values()} == {information}


def test_pins_and_counters_are_as_the_bench_expects(state: Path) -> None:
    card = document(state, "marie")
    assert (card["format"], card["name"], card["label"]) == (1, "marie", "Marie Novotná, pensioner")
    assert (card["pin"], card["puk"], card["pin_tries"], card["puk_tries"]) == ("123456", "12345678", 3, 3)
    assert card["fresh_pin_for_9c"] is True


def test_a_card_in_use_keeps_its_counters_when_others_are_issued(own_state: Path) -> None:
    path = own_state / "cards" / "marie.json"
    used = document(own_state, "marie") | {"pin_tries": 1, "pin": "654321"}
    path.write_text(json.dumps(used), "utf-8")
    cards.issue_cards(
        own_state, HOLDERS | {"josef": CardHolder("1000000074", "Josef Veselý", Role.INSURED)}, CLOCK, IDS
    )
    assert document(own_state, "marie") == used
    assert judged(own_state, "josef").refusal is None


def test_without_keys_no_card_is_issued(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault):
        cards.issue_cards(tmp_path, HOLDERS, CLOCK, IDS)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"serials":[1]}', '{"serials":["xyz"]}', "\xff"])
def test_a_wrong_revocation_list_is_named(own_state: Path, text: str) -> None:
    (own_state / "pki" / "revoked.json").write_text(text, "latin-1")
    with pytest.raises(EnvironmentFault, match=r"revoked\.json"):
        cards.revoked_serials(own_state)


def test_without_a_revoked_card_nothing_is_revoked(tmp_path: Path) -> None:
    assert cards.revoked_serials(tmp_path) == frozenset()
