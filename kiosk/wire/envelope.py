"""A transaction: what the card signs, how it is sealed to the back office, and how both are checked.

    Transaction --canonical JSON--> signing_input --card 9C--> JWS --seal--> JWE --> journal --> back office

Rules:
- The act is signed by the card's signature key (9C), whose certificate travels in `x5c`; the algorithm follows from it.
- The certificate must have been valid when the act was signed, even if it runs out on the way; revocation counts as it
  stands when the back office looks.
- What stands inside must agree with what stood outside: id, terminal and card.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec

from kiosk.domain.errors import Bug
from kiosk.wire.card_check import CardCertificate, card_certificate
from kiosk.wire.certificates import common_name, load_certificate
from kiosk.wire.fields import (
    Answers,
    Attendance,
    Card,
    Code,
    Id,
    Jwk,
    Language,
    Office,
    PersonNumber,
    Terminal,
    Timestamp,
    Version,
    read_message,
    read_times,
)
from kiosk.wire.keys import check_jwk
from kiosk.wire.problem import Problem, ProblemCode
from kiosk.wire.sealed import SEALED_LIMIT as SEALED_LIMIT  # noqa: PLC0414 - part of this module's offer
from kiosk.wire.sealed import key_id, open_with, seal_to
from kiosk.wire.signed import Document, Judgement, for_card, verify
from kiosk.wire.signed import ToBeSigned as ToBeSigned  # noqa: PLC0414
from kiosk.wire.trust import SEALING_NAME_PREFIX, Anchors, Revocations, Usage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cryptography import x509

TRANSACTION_TYPE = "guichet+jws"
TRANSACTION_LIMIT = 64 * 1024
"""Bytes of a transaction's JWS; a bank change has about 2,300."""
LONGEST_DELAY = timedelta(days=60)
"""How long an act may be on its way: the longest a line was ever down, and a margin."""
CLOCK_STEP = timedelta(minutes=5)
"""How far `signed_at` and the header's `iat` may differ: both come from one clock."""


class Transaction(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One act of a person, as it is signed. All times RFC 3339 UTC; `answer_key` is the visit's public JWK."""

    id: Id
    kind: Literal["transaction"] = "transaction"
    service: Code
    scheme: Code
    office: Office
    terminal: Terminal
    person: PersonNumber
    card: Card
    base_version: Version | None
    answers: Answers
    entered_by: dict[Code, Code]
    evidence: dict[Code, Code]
    started_at: Timestamp
    signed_at: Timestamp
    language: Language
    answer_key: Jwk
    attendance: Attendance | msgspec.UnsetType = msgspec.UNSET
    """The word of an officer who took part (kiosk.wire.attendance); absent where nobody did."""


@dataclass(frozen=True, slots=True)
class VerifiedTransaction:
    """A transaction that the holder of `card` signed, at `signed_at` by the terminal's clock."""

    transaction: Transaction
    card: CardCertificate
    signed_at: datetime


def signing_input(transaction: Transaction, certificate_der: bytes, at: datetime) -> ToBeSigned | Problem:
    """Prepare a transaction for the card's 9C, whose certificate this is; `at` (aware) is the signing time.

    A `Problem` when the certificate cannot be used, or the transaction breaks its own shape or another card's number
    stands in it: the same checks as at the other end, before the holder signs.
    """
    value = msgspec.to_builtins(transaction)
    shape = read_message(value, Transaction)
    if isinstance(shape, Problem):
        return shape
    certificate = load_certificate(certificate_der)
    if isinstance(certificate, Problem):
        return certificate
    if common_name(certificate) != transaction.card:
        return Problem(ProblemCode.MISMATCH, "the transaction names another card than the certificate")
    return for_card(TRANSACTION_TYPE, value, certificate_der, at)


def seal(jws: bytes, sealing_certificate: x509.Certificate) -> bytes:
    """Seal to the back office's key; its certificate comes from a verified bundle (`Bundle.sealing_key`)."""
    return seal_to(jws, _sealing_public(sealing_certificate), _sealing_kid(sealing_certificate))


def _sealing_kid(certificate: x509.Certificate) -> str:
    name = common_name(certificate)
    if not name.startswith(SEALING_NAME_PREFIX):
        raise Bug("A certificate that is no sealing certificate was used for sealing.")
    return name.removeprefix(SEALING_NAME_PREFIX)


def _sealing_public(certificate: x509.Certificate) -> ec.EllipticCurvePublicKey:
    key = certificate.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise Bug("A sealing certificate without an elliptic curve key was used.")
    return key


def sealing_key_id(jwe: bytes) -> str | Problem:
    """Read to which sealing key an envelope is sealed: it stands in the journal's clear header."""
    return key_id(jwe)


def open_sealed(jwe: bytes, keys: Mapping[str, ec.EllipticCurvePrivateKey]) -> bytes | Problem:
    """Open an envelope with the back office's keys (by kid), old ones included; what comes out proves nothing yet."""
    return open_with(jwe, keys)


def verify_transaction(
    jws: bytes,
    anchors: Anchors,
    revocations: Revocations,
    at: datetime,
    *,
    expected_id: str | None = None,
    expected_terminal: str | None = None,
    longest_delay: timedelta = LONGEST_DELAY,
) -> VerifiedTransaction | Problem:
    """Verify a transaction at `at` (now, aware) against what stood outside the envelope.

    Problems: CLOCK (signed in the future, or more than `longest_delay` ago), UNTRUSTED, EXPIRED, REVOKED, SIGNATURE,
    ALGORITHM, WRONG_TYPE, NOT_CANONICAL, MALFORMED, TOO_LARGE, MISMATCH.
    """
    document = verify(
        jws,
        Judgement(
            TRANSACTION_TYPE,
            Usage.CARD_SIGNATURE,
            anchors,
            at,
            TRANSACTION_LIMIT,
            when_signed=True,
            longest_delay=longest_delay,
        ),
    )
    if isinstance(document, Problem):
        return document
    transaction = read_message(document.value, Transaction)
    card = holder(document, revocations)
    if isinstance(transaction, Problem):
        return transaction
    if isinstance(card, Problem):
        return card
    if transaction.card != card.number:
        return Problem(ProblemCode.MISMATCH, "the transaction names another card than the certificate")
    problem = _agrees(transaction, document, expected_id, expected_terminal)
    return problem or VerifiedTransaction(transaction, card, document.signed_at)


def holder(document: Document, revocations: Revocations) -> CardCertificate | Problem:
    """Read whose card signed a document, unless that card is revoked."""
    if document.signer.serial in revocations.serials:
        return Problem(ProblemCode.REVOKED, "the card's certificate is revoked")
    return card_certificate(document.signer.certificate)


def _agrees(
    transaction: Transaction, document: Document, expected_id: str | None, expected_terminal: str | None
) -> Problem | None:
    if expected_id is not None and transaction.id != expected_id:
        return Problem(ProblemCode.MISMATCH, "inner and outer id differ")
    if expected_terminal is not None and transaction.terminal != expected_terminal:
        return Problem(ProblemCode.MISMATCH, "inner and outer terminal differ")
    times = read_times(transaction.started_at, transaction.signed_at)
    if isinstance(times, Problem):
        return times
    if abs(times[1] - document.signed_at) > CLOCK_STEP:
        return Problem(ProblemCode.CLOCK, "signed_at and the header's iat differ")
    return check_jwk(transaction.answer_key)
