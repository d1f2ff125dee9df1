"""The line that says who opened a record at a terminal, where and when: signed by the card, sealed to the back office.

    Access --9A--> JWS (guichet-access+jws) --seal--> JWE --journal, kind "access"--> back office

Rules:
- It is durable before the terminal's agent hands out the record; without it there is no record (`kiosk.agent.replies`).
- The card's authentication key (9A) signs, which it does only after the PIN: an access that nobody made cannot be entered.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

import msgspec

from kiosk.wire.certificates import common_name, load_certificate
from kiosk.wire.envelope import LONGEST_DELAY, holder
from kiosk.wire.fields import Card, Code, Id, Office, PersonNumber, Terminal, Timestamp, read_message, read_times
from kiosk.wire.problem import Problem, ProblemCode
from kiosk.wire.signed import Judgement, ToBeSigned, for_card, verify
from kiosk.wire.trust import Usage

if TYPE_CHECKING:
    from datetime import datetime

    from kiosk.wire.card_check import CardCertificate
    from kiosk.wire.trust import Anchors, Revocations

ACCESS_TYPE = "guichet-access+jws"
ACCESS_LIMIT = 16 * 1024
KIND = "access"
"""The kind of the journal's entry."""
CLOCK_STEP = timedelta(minutes=5)


class Access(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One opening of a record that a terminal held. `purpose` is the ground of it: `own_record`, `mandate`.

    `person`: the number of whom the holder acts for; empty for the own record, whose number the card does not say.
    """

    id: Id
    kind: Literal["access"] = "access"
    terminal: Terminal
    office: Office
    card: Card
    purpose: Code
    person: PersonNumber = ""
    at: Timestamp


@dataclass(frozen=True, slots=True)
class VerifiedAccess:
    """An access that the holder of `card` signed."""

    access: Access
    card: CardCertificate


def access_signing_input(access: Access, certificate_der: bytes, at: datetime) -> ToBeSigned | Problem:
    """Prepare an access line for the card's 9A, whose certificate this is; then seal what `finish` gives."""
    value = msgspec.to_builtins(access)
    shape = read_message(value, Access)
    certificate = load_certificate(certificate_der)
    if isinstance(shape, Problem):
        return shape
    if isinstance(certificate, Problem):
        return certificate
    if common_name(certificate) != access.card:
        return Problem(ProblemCode.MISMATCH, "the access names another card than the certificate")
    return for_card(ACCESS_TYPE, value, certificate_der, at)


def read_access(
    opened: bytes, anchors: Anchors, revocations: Revocations, at: datetime, *, expected_id: str, expected_terminal: str
) -> VerifiedAccess | Problem:  # fmt: skip
    """Verify an access line as it came out of its seal, at `at` (now, aware), against what stood outside."""
    judgement = Judgement(
        ACCESS_TYPE, Usage.CARD_AUTHENTICATION, anchors, at, ACCESS_LIMIT, when_signed=True, longest_delay=LONGEST_DELAY
    )
    document = verify(opened, judgement)
    if isinstance(document, Problem):
        return document
    access, card = read_message(document.value, Access), holder(document, revocations)
    if isinstance(access, Problem):
        return access
    if isinstance(card, Problem):
        return card
    if (access.id, access.terminal, access.card) != (expected_id, expected_terminal, card.number):
        return Problem(ProblemCode.MISMATCH, "inner and outer id or terminal differ, or the access names another card")
    times = read_times(access.at)
    if isinstance(times, Problem) or abs(times[0] - document.signed_at) > CLOCK_STEP:
        return Problem(ProblemCode.CLOCK, "the access's two times differ")
    return VerifiedAccess(access, card)
