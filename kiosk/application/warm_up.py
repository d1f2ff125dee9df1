"""Do once, with nobody's keys, what the first card makes a visit do: the code is then loaded before anybody waits for it.

Measured in a fresh process: the first question and the first answer cost 3 to 5 times what the second ones cost.

Rules:
- Keys and certificates are made here, signed by themselves and forgotten: nothing trusts them, and nothing leaves.
- The outcomes are of no interest (the chains end nowhere): it is the way there that is walked.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from kiosk.application.open_record import KIND, ask_for_record, read_record
from kiosk.application.submit import Place
from kiosk.application.visit_secrets import VisitSecrets
from kiosk.domain.card import Signed
from kiosk.domain.errors import Bug
from kiosk.wire.card_check import check_card
from kiosk.wire.person_record import person_of
from kiosk.wire.question import seal_answer
from kiosk.wire.reference_data import SealingKey
from kiosk.wire.signed import Signer
from kiosk.wire.trust import SEALING_NAME_PREFIX

if TYPE_CHECKING:
    from datetime import datetime

    from kiosk.application.trust import Trust

NOBODY = "0000000000"
_ID = "00000000-0000-7000-8000-000000000000"
_PLACE = Place("T0000", "0000", "cz")
_RECORD = {"name": "-", "number": "-", "version": 0, "as_of": "2000-01-01T00:00:00Z", "account": {"iban": "-"}}


class _Card:
    """As much of a card as a question needs."""

    def __init__(self, key: ec.EllipticCurvePrivateKey, der: bytes) -> None:
        self._key = key
        self._der = der

    def certificate(self, slot: str) -> bytes:
        """Give the certificate; it is the same in all slots."""
        del slot
        return self._der

    def sign(self, slot: str, message: bytes) -> Signed:
        """Sign, in the form that cards do."""
        del slot
        return Signed(self._key.sign(message, ec.ECDSA(hashes.SHA256())))


class _Trust:
    """As much of what a visit believes: one sealing key."""

    def __init__(self, certificate: x509.Certificate, at: datetime) -> None:
        self._key = SealingKey("nobody", certificate, at)

    def sealing_key(self, at: datetime) -> SealingKey:
        """Give it."""
        del at
        return self._key


def warm_up(trust: Trust, at: datetime) -> None:
    """Judge a card, ask for a record and read an answer, all of nobody; about 10 ms in a fresh process."""
    key = ec.generate_private_key(ec.SECP256R1())
    holder, office = (_certificate(name, key, at) for name in (NOBODY, f"{SEALING_NAME_PREFIX}nobody"))
    der = holder.public_bytes(Encoding.DER)
    trust.anchors.pem()
    check_card(dict.fromkeys(("9E", "9A", "9C", "9D"), der), trust.anchors, trust.revocations, at)
    secrets = VisitSecrets()
    asked = ask_for_record(
        _Card(key, der), NOBODY, secrets, _Trust(office, at), _PLACE, id_=_ID, at=at  # type: ignore[arg-type]
    )  # fmt: skip
    if not isinstance(asked, bytes):
        raise Bug(f"The question of nobody came to nothing: {asked}.")
    answer = seal_answer(KIND, _ID, secrets.answer_key.jwk, _RECORD, at, Signer(key, office))
    if isinstance(answer, bytes):
        read_record(answer, _ID, secrets, trust, at)
    person_of(_RECORD)


def _certificate(name: str, key: ec.EllipticCurvePrivateKey, at: datetime) -> x509.Certificate:
    subject = x509.Name([
        x509.NameAttribute(x509.NameOID.COMMON_NAME, name), x509.NameAttribute(x509.NameOID.SERIAL_NUMBER, name),
    ])  # fmt: skip
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(at - timedelta(days=1))
        .not_valid_after(at + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
