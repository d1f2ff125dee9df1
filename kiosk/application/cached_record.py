"""The record without the line: an access line first, then the sealed document, opened by the card.

    access line (9A signs) -> journal, durable -> FetchRecord(lookup) -> Record -> key agreement (9D) -> Person

Rules:
- Only after the PIN: both keys work only then. The agent hands out sealed bytes and never opens one.
- What is shown was signed by the back office, sealed to this card, and is the version that the terminal was lent.
- The own record is found by the card's 9D key, that of somebody acted for by the key and that person's number; one access
  line, which says whose record it is, opens one record.
- A record that is not here refuses nobody: it is said why, and requests are taken all the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import ec

from kiosk.domain.card import Agreed, Signed
from kiosk.domain.session.states import Person, RecordAbsence
from kiosk.wire.access import Access, access_signing_input
from kiosk.wire.certificates import load_certificate
from kiosk.wire.envelope import seal
from kiosk.wire.person_record import person_of
from kiosk.wire.problem import Problem, ProblemCode
from kiosk.wire.sealed_record import fingerprint, lookup, open_record
from kiosk.wire.timestamps import timestamp

if TYPE_CHECKING:
    from datetime import datetime

    from kiosk.application.ports import CardPort
    from kiosk.application.submit import Place
    from kiosk.application.trust import Trust

OWN_RECORD, MANDATE = "own_record", "mandate"
SCHEMA = 1


@dataclass(frozen=True, slots=True)
class AccessEntry:
    """A signed, sealed access line, and what the record is found by that may be fetched once the line is durable."""

    body: bytes
    sealing_key_id: str
    lookup: bytes


def card_fingerprint(card: CardPort) -> bytes | None:
    """What the card's record is found by; None when the card has no P-256 key in 9D."""
    der = card.certificate("9D")
    certificate = None if der is None else load_certificate(der)
    if certificate is None or isinstance(certificate, Problem):
        return None
    key = certificate.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        return None
    return fingerprint(key)


def write_access(
    card: CardPort, card_number: str, trust: Trust, place: Place, *, id_: str, at: datetime, person: str = ""
) -> AccessEntry | RecordAbsence | Problem | None:
    """Sign and seal the access line; why there is none; None when the card was pulled or would not sign.

    `person`: the number of whom the holder acts for, whose record is wanted instead of the own one.
    """
    mark = card_fingerprint(card)
    if mark is None:
        return RecordAbsence.NO_KEY
    key = trust.sealing_key(at)
    certificate = card.certificate("9A")
    if key is None or certificate is None:
        return None
    access = Access(
        id=id_, terminal=place.terminal, office=place.office, card=card_number,
        purpose=MANDATE if person else OWN_RECORD, person=person, at=timestamp(at),
    )  # fmt: skip
    prepared = access_signing_input(access, certificate, at)
    if isinstance(prepared, Problem):
        return prepared
    outcome = card.sign("9A", prepared.signing_input)
    if not isinstance(outcome, Signed):
        return None
    signed = prepared.finish(outcome.signature)
    if isinstance(signed, Problem):
        return signed
    return AccessEntry(seal(signed, key.certificate), key.kid, lookup(mark, person))


def is_wanted(person: Person, card_number: str, acting_for: str = "") -> bool:
    """Tell whether it is the record that was asked for: the card holder's own, or that of the person acted for.

    A representative's card opens the records of others, too, and an agent may hand out any of them.
    """
    if acting_for:
        return person.number == acting_for
    return any(card.number == card_number for card in person.cards)


def read_cached(
    card: CardPort, sealed: bytes, *, version: int, synced_at: str, trust: Trust, at: datetime
) -> Person | Problem:
    """Open the record with the card, and believe it if the back office signed it and it is the version that was lent."""

    def agree(point: bytes) -> bytes | None:
        outcome = card.agree(point)
        return outcome.secret if isinstance(outcome, Agreed) else None

    opened = open_record(sealed, agree, anchors=trust.anchors, at=at)
    if isinstance(opened, Problem):
        return opened
    if opened.version != version:
        return Problem(ProblemCode.MISMATCH, "another version of the record than the terminal was lent")
    return person_of(opened.document, confirmed_at=synced_at)
