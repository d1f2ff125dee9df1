"""The back office's word that an officer takes part in one visit, by a code confirmed at the desk instead of a staff card.

    StaffPass --canonical JSON--> back office's signing key --> JWS, given to the visit and carried inside its acts

Rules:
- It names the terminal and the visit (the thumbprint of the visit's key): in another visit it says nothing.
- It holds for so long as a visit can last; an act signed later, or before, is not attended.
- The card it names is the officer's own staff card, so that clerk and officer are known to be one person everywhere.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Literal

import msgspec

from kiosk.wire.envelope import CLOCK_STEP
from kiosk.wire.fields import Card, Terminal, Timestamp, read_message, read_times
from kiosk.wire.keys import thumbprint
from kiosk.wire.problem import Problem, ProblemCode
from kiosk.wire.signed import Judgement, Signer, sign, verify
from kiosk.wire.trust import Anchors, Usage

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

TYPE = "guichet-staff-pass+jws"
LIMIT = 8 * 1024
HOLDS = timedelta(hours=1)


class StaffPass(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who takes part, where, in which visit, from when on."""

    kind: Literal["staff_pass"] = "staff_pass"
    terminal: Terminal
    visit: str
    card: Card
    at: Timestamp


def write_pass(staff: StaffPass, signer: Signer, at: datetime) -> str:
    """Sign it with the back office's key."""
    return sign(TYPE, msgspec.to_builtins(staff), signer, at).decode("ascii")


def officer_by_pass(
    carried: str, anchors: Anchors, at: datetime, *, terminal: str, answer_key: Mapping[str, str], signed_at: str
) -> str | Problem:
    """Return the staff card of the officer who took part in the visit with this key, when an act of it was signed."""
    judgement = Judgement(TYPE, Usage.BACK_OFFICE_SIGNING, anchors, at, LIMIT, when_signed=True)
    document = verify(carried.encode("ascii"), judgement)
    if isinstance(document, Problem):
        return document
    staff = read_message(document.value, StaffPass)
    if isinstance(staff, Problem):
        return staff
    times = read_times(staff.at, signed_at)
    if isinstance(times, Problem):
        return times
    if (staff.terminal, staff.visit) != (terminal, thumbprint(answer_key)):
        return Problem(ProblemCode.MISMATCH, "the pass is for another visit")
    if not -CLOCK_STEP <= times[1] - times[0] <= HOLDS + CLOCK_STEP:
        return Problem(ProblemCode.EXPIRED, "the pass did not hold when the act was signed")
    return staff.card
