"""A small world of certificates, keys and messages in memory, and the tools to forge them."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from back_office.certificates import Authority, Plan, authority_plan, card_plan, certify, new_key, new_rsa_key
from kiosk.domain.card import ROLE_POLICIES, Role
from kiosk.wire.envelope import Transaction, signing_input
from kiosk.wire.question import AnswerKey, Question
from kiosk.wire.reference_data import Bundle, SealingKey
from kiosk.wire.signed import Signer, ToBeSigned
from kiosk.wire.trust import (
    BACK_OFFICE_SIGNING_POLICY,
    CLIENT_AUTHENTICATION,
    PIN_NAME_PREFIX,
    PIN_POLICY,
    SEALING_NAME_PREFIX,
    SEALING_POLICY,
    SIGNING_NAME,
    TERMINAL_POLICY,
    Anchors,
    Revocations,
)

if TYPE_CHECKING:
    from cryptography import x509

AT = datetime(2026, 3, 4, 10, 20, 30, tzinfo=UTC)
STAMP = "2026-03-04T10:20:30Z"
YEARS = timedelta(days=3650)
YEAR = timedelta(days=365)
CARD_NUMBER = "1000000017"
ID = "0195601a-2b3c-7d4e-8f50-112233445566"
OTHER_ID = "0195601a-2b3c-7d4e-8f50-112233445567"
POLICY_OF = {role: oid for oid, role in ROLE_POLICIES.items()}

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)


@dataclass(frozen=True)
class TestCard:
    """A card's keys and certificates by slot."""

    __test__ = False
    number: str
    keys: dict[str, PrivateKey]
    certificates: dict[str, x509.Certificate]

    def ders(self, *slots: str) -> dict[str, bytes]:
        return {slot: der(self.certificates[slot]) for slot in slots or self.certificates}

    def sign(self, slot: str, message: bytes) -> bytes:
        """As the card answers: DER for ECDSA, PKCS#1 v1.5 for RSA."""
        return raw_sign(self.keys[slot], message)


@dataclass(frozen=True)
class World:
    root: Authority
    card_ca: Authority
    terminal_ca: Authority
    signer: Signer
    sealing: dict[str, ec.EllipticCurvePrivateKey]
    sealing_certificate: x509.Certificate
    pin_certificate: x509.Certificate
    terminal_key: ec.EllipticCurvePrivateKey
    terminal_certificate: x509.Certificate
    anchors: Anchors = field(init=False)
    revocations: Revocations = field(init=False)

    def __post_init__(self) -> None:
        anchors = Anchors(self.root.certificate, (self.card_ca.certificate, self.terminal_ca.certificate))
        object.__setattr__(self, "anchors", anchors)
        object.__setattr__(self, "revocations", Revocations(frozenset(), AT - timedelta(hours=2)))


def authority(name: str, parent: Authority | None, policies: tuple[str, ...] = (), issues: int = 0) -> Authority:
    key = new_key()
    return Authority(certify(authority_plan(name, YEARS, policies, issues), key.public_key(), parent or key, AT), key)


def world(name: str = "Guichet") -> World:
    return _world(name)


@cache
def _world(name: str) -> World:
    root = authority(f"{name} demonstration root", None, issues=1)
    card_ca = authority(f"{name} card CA", root, tuple(sorted(ROLE_POLICIES)))
    terminal_ca = authority(f"{name} terminal CA", root, (TERMINAL_POLICY,))
    signing, sealing, terminal = new_key(), new_key(), new_key()
    signs, agrees = frozenset({"digital_signature"}), frozenset({"key_agreement"})
    signing_plan = Plan(SIGNING_NAME, YEAR, signs, (BACK_OFFICE_SIGNING_POLICY,))
    sealing_plan = Plan(f"{SEALING_NAME_PREFIX}k1", YEAR, agrees, (SEALING_POLICY,))
    pin_plan = Plan(f"{PIN_NAME_PREFIX}p1", YEAR, agrees, (PIN_POLICY,))
    terminal_plan = Plan("T0007", YEAR, signs, (TERMINAL_POLICY,), (CLIENT_AUTHENTICATION,))
    return World(
        root=root,
        card_ca=card_ca,
        terminal_ca=terminal_ca,
        signer=Signer(signing, certify(signing_plan, signing.public_key(), root, AT)),
        sealing={"k1": sealing},
        sealing_certificate=certify(sealing_plan, sealing.public_key(), root, AT),
        pin_certificate=certify(pin_plan, new_key().public_key(), root, AT),
        terminal_key=terminal,
        terminal_certificate=certify(terminal_plan, terminal.public_key(), terminal_ca, AT),
    )


def card(
    kind: str = "P-256",
    number: str = CARD_NUMBER,
    role: Role = Role.INSURED,
    issuer: str = "Guichet",
    valid: timedelta = YEAR,
) -> TestCard:
    return _card(kind, number, role, issuer, valid)


@cache
def _card(kind: str, number: str, role: Role, issuer: str, valid: timedelta) -> TestCard:
    keys: dict[str, PrivateKey] = {slot: new_key() for slot in ("9A", "9C", "9D", "9E")}
    if kind == "RSA-2048":
        keys |= {"9A": new_rsa_key(), "9C": new_rsa_key()}
    signer = world(issuer).card_ca
    certificates = {
        slot: certify(card_plan(slot, number, POLICY_OF[role], valid), key.public_key(), signer, AT)
        for slot, key in keys.items()
    }
    return TestCard(number, keys, certificates)


@cache
def answer_key() -> AnswerKey:
    return AnswerKey.generate()


def transaction(**changes: Any) -> Transaction:
    fields: dict[str, Any] = {
        "id": ID,
        "service": "bank_account.change",
        "scheme": "cz",
        "office": "BRNO1",
        "terminal": "T0007",
        "person": "",
        "card": CARD_NUMBER,
        "base_version": 3,
        "answers": {"account": "CZ6508000000192000145399", "account_as_typed": "19-2000145399/0800"},
        "entered_by": {"account": "holder"},
        "evidence": {"kind": "signed"},
        "started_at": "2026-03-04T10:18:02Z",
        "signed_at": STAMP,
        "language": "cs",
        "answer_key": answer_key().jwk,
    }
    return Transaction(**(fields | changes))


def question(**changes: Any) -> Question:
    fields: dict[str, Any] = {
        "id": ID,
        "kind": "person_record",
        "terminal": "T0007",
        "office": "BRNO1",
        "at": STAMP,
        "answer_key": answer_key().jwk,
        "parameters": {},
        "card": CARD_NUMBER,
    }
    return Question(**(fields | changes))


def signed_transaction(holder: TestCard | None = None, slot: str = "9C", **changes: Any) -> bytes:
    holder = holder or card()
    prepared = signing_input(transaction(card=holder.number, **changes), der(holder.certificates[slot]), AT)
    assert isinstance(prepared, ToBeSigned), prepared
    finished = prepared.finish(holder.sign(slot, prepared.signing_input))
    assert isinstance(finished, bytes), finished
    return finished


def bundle(**changes: Any) -> Bundle:
    here = world()
    fields: dict[str, Any] = {
        "version": 4,
        "issued_at": AT,
        "revocations": Revocations(frozenset({2**159 - 1, 77}), AT),
        "sealing": (SealingKey("k1", here.sealing_certificate, here.sealing_certificate.not_valid_after_utc),),
        "issuers": here.anchors.issuers,
        "denied_terminals": frozenset({"T0099"}),
        "scheme_pack": {"currency": "CZK", "numbers": ["cz.rc"]},
        "configuration": {"idle_seconds": 90, "languages": ["en", "cs", "ar"]},
    }
    return Bundle(**(fields | changes))


# --- forging ----------------------------------------------------------------------------------------


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str | bytes) -> bytes:
    data = text.encode() if isinstance(text, str) else text
    return base64.urlsafe_b64decode(data + b"=" * (-len(data) % 4))


def raw_sign(key: PrivateKey, message: bytes) -> bytes:
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(message, padding.PKCS1v15(), SHA256())
    return key.sign(message, ec.ECDSA(SHA256()))


def jose_signature(key: PrivateKey, message: bytes) -> bytes:
    signature = raw_sign(key, message)
    if isinstance(key, rsa.RSAPrivateKey):
        return signature
    r, s = decode_dss_signature(signature)
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def header_of(jws: bytes) -> dict[str, Any]:
    value = json.loads(unb64(jws.split(b".")[0]))
    assert isinstance(value, dict)
    return value


def payload_of(jws: bytes) -> bytes:
    return unb64(jws.split(b".")[1])


def forge(header: dict[str, Any] | bytes, payload: bytes, key: PrivateKey) -> bytes:
    """A JWS with any header and payload, properly signed by `key`."""
    head = header if isinstance(header, bytes) else json.dumps(header).encode()
    message = f"{b64(head)}.{b64(payload)}".encode()
    return message + b"." + b64(jose_signature(key, message)).encode()


def reforge(jws: bytes, key: PrivateKey, payload: bytes | None = None, **header: Any) -> bytes:
    """The same JWS with parts of its header (None: removed) or its payload exchanged, signed again."""
    changed = {name: value for name, value in (header_of(jws) | header).items() if value is not None}
    return forge(changed, payload_of(jws) if payload is None else payload, key)


def x5c(*certificates: x509.Certificate) -> list[str]:
    return [base64.b64encode(der(one)).decode() for one in certificates]
