"""The back office's word that somebody has shown in one visit who they are, without a card; that visit's acts carry it.

    NumberPass, StaffPass --canonical JSON--> back office's signing key --> JWS, bound to the visit, carried inside its acts

Rules:
- It names the terminal and the visit (the thumbprint of the visit's key): in another visit it says nothing.
- It holds for so long as a visit can last; an act told later, or before, is not covered by it.
- It says who, never what may be done: that is the catalogue's (`EvidenceKind`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Protocol, TypeVar

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

LIMIT = 8 * 1024


class Act(Protocol):
    """What a pass is judged by: an act of a visit, as told (Transaction, Report)."""

    @property
    def terminal(self) -> str:
        """Where."""

    @property
    def answer_key(self) -> Mapping[str, str]:
        """Return the visit's public key."""

    @property
    def signed_at(self) -> str:
        """When it was told for good."""


class VisitPass(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where, in which visit, and from when on."""

    TYPE: ClassVar[str]
    """The JWS header's `typ`: one kind of pass is never read as the other."""
    HOLDS: ClassVar[timedelta]

    terminal: Terminal
    visit: str
    at: Timestamp


class NumberPass(VisitPass, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose number and PIN were shown."""

    TYPE = "guichet-number-pass+jws"
    HOLDS = timedelta(minutes=30)

    kind: Literal["number_pass"] = "number_pass"
    person: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]


class StaffPass(VisitPass, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which officer takes part by a code confirmed at the desk, instead of by a staff card.

    The card is the officer's own, so that clerk and officer are known to be one person everywhere.
    """

    TYPE = "guichet-staff-pass+jws"
    HOLDS = timedelta(hours=1)

    kind: Literal["staff_pass"] = "staff_pass"
    card: Card


_Pass = TypeVar("_Pass", bound=VisitPass)


def write_pass(shown: VisitPass, signer: Signer, at: datetime) -> str:
    """Sign it with the back office's key."""
    return sign(shown.TYPE, msgspec.to_builtins(shown), signer, at).decode("ascii")


def read_pass(kind: type[_Pass], carried: str, act: Act, anchors: Anchors, at: datetime) -> _Pass | Problem:
    """Return what was shown in the visit of this act, if it held when the act was told."""
    judgement = Judgement(kind.TYPE, Usage.BACK_OFFICE_SIGNING, anchors, at, LIMIT, when_signed=True)
    document = verify(carried.encode("ascii"), judgement)
    if isinstance(document, Problem):
        return document
    shown = read_message(document.value, kind)
    if isinstance(shown, Problem):
        return shown
    times = read_times(shown.at, act.signed_at)
    if isinstance(times, Problem):
        return times
    if (shown.terminal, shown.visit) != (act.terminal, thumbprint(act.answer_key)):
        return Problem(ProblemCode.MISMATCH, "the pass is for another visit")
    if not -CLOCK_STEP <= times[1] - times[0] <= kind.HOLDS + CLOCK_STEP:
        return Problem(ProblemCode.EXPIRED, "the pass did not hold when the act was told")
    return shown
