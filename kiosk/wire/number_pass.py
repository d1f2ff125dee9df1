"""The back office's word that somebody has shown a number and its PIN in one visit; an act of that visit carries it.

    NumberPass --canonical JSON--> back office's signing key --> JWS, sealed to the visit, carried inside its sealed report

Rules:
- It names the terminal and the visit (the thumbprint of the visit's key): in another visit it says nothing.
- It holds for so long as a visit can last; an act told later, or before, is nobody's.
- It says who, never what may be done: that is the catalogue's (`EvidenceKind.NUMBER_AND_PIN`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec

from kiosk.wire.envelope import CLOCK_STEP
from kiosk.wire.fields import Terminal, Timestamp, read_message, read_times
from kiosk.wire.keys import thumbprint
from kiosk.wire.problem import Problem, ProblemCode
from kiosk.wire.signed import Judgement, Signer, sign, verify
from kiosk.wire.trust import Anchors, Usage

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

TYPE = "guichet-number-pass+jws"
LIMIT = 8 * 1024
HOLDS = timedelta(minutes=30)


class NumberPass(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose number and PIN were shown, where, in which visit, and when."""

    kind: Literal["number_pass"] = "number_pass"
    terminal: Terminal
    visit: str
    person: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
    at: Timestamp


def write_pass(shown: NumberPass, signer: Signer, at: datetime) -> str:
    """Sign it with the back office's key."""
    return sign(TYPE, msgspec.to_builtins(shown), signer, at).decode("ascii")


def person_by_pass(
    carried: str, anchors: Anchors, at: datetime, *, terminal: str, answer_key: Mapping[str, str], told_at: str
) -> str | Problem:
    """Return the number of the person who had shown the PIN in the visit with this key, when an act of it was told."""
    judgement = Judgement(TYPE, Usage.BACK_OFFICE_SIGNING, anchors, at, LIMIT, when_signed=True)
    document = verify(carried.encode("ascii"), judgement)
    if isinstance(document, Problem):
        return document
    shown = read_message(document.value, NumberPass)
    if isinstance(shown, Problem):
        return shown
    times = read_times(shown.at, told_at)
    if isinstance(times, Problem):
        return times
    if (shown.terminal, shown.visit) != (terminal, thumbprint(answer_key)):
        return Problem(ProblemCode.MISMATCH, "the pass is for another visit")
    if not -CLOCK_STEP <= times[1] - times[0] <= HOLDS + CLOCK_STEP:
        return Problem(ProblemCode.EXPIRED, "the pass did not hold when the act was told")
    return shown.person
