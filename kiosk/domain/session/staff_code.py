"""A member of staff takes part without coming: the code that they were given at the desk is typed on the terminal.

- Only where staff were called from a page that is read at leisure, and only with a line: the back office confirms the code.
- The call's number is on the screen; a code is good for that call only, once, for minutes. Whose it was is said by name.
- Whatever comes of it, the person is back on the page from which staff were called.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.problem import Problem
from kiosk.domain.session import aside
from kiosk.domain.session.effects import AskStaffCode
from kiosk.domain.session.events import BackPressed, ContinuePressed, Event, StaffCodeAnswered, Typed
from kiosk.domain.session.states import (
    Answering,
    AskingStaffCode,
    Checking,
    EnteringStaffCode,
    Line,
    Menu,
    Session,
    Showing,
    StaffCalled,
    StaffDoor,
)
from kiosk.domain.session.turn import Turn, go, stay

DIGITS = 6
JOINED = "joined"
_PAGES = (Menu, Answering, Showing, Checking)
"""Pages that are read or filled in at leisure, after the PIN or without a card."""
_WHY_NOT = {"offline", "too_many"}
"""Outcomes that have a sentence of their own; any other says that the code is none."""


def can_join_by_code(session: Session) -> bool:
    """Tell whether the call that is on the screen may lead on to a code."""
    called = session.overlay
    if not isinstance(called, StaffCalled) or not called.delivered or session.practice:
        return False
    door_free = session.staff_door in {StaffDoor.CLOSED, StaffDoor.REFUSED}
    return door_free and session.environment.line is Line.ONLINE and isinstance(session.phase, _PAGES)


def pressed(session: Session) -> Turn:
    """Open the page for the code over the one from which staff were called."""
    called = session.overlay
    if not can_join_by_code(session) or not isinstance(called, StaffCalled):
        return stay(session)
    return go(replace(session, overlay=None), EnteringStaffCode(session.phase, called.number))


def entering(session: Session, phase: EnteringStaffCode, event: Event) -> Turn:
    """Type the code."""
    match event:
        case Typed(text):
            return go(session, replace(phase, typed=text, problem=None))
        case ContinuePressed():
            code = "".join(phase.typed.split())
            if len(code) != DIGITS or not (code.isascii() and code.isdigit()):
                return go(session, replace(phase, problem=Problem("staff_code.form")))
            return go(session, AskingStaffCode(phase.origin, phase.number), AskStaffCode(phase.number, code))
        case BackPressed():
            return aside.resume(session, phase.origin)
        case _:
            return stay(session)


def asking(session: Session, phase: AskingStaffCode, event: Event) -> Turn:
    """Wait for the back office's word."""
    match event:
        case StaffCodeAnswered(outcome, card, name) if outcome == JOINED:
            joined = replace(session, joined=card, staff_name=name, staff_door=StaffDoor.OPEN)
            return aside.resume(joined, phase.origin)
        case StaffCodeAnswered(outcome):
            why = outcome if outcome in _WHY_NOT else "wrong"
            return go(session, EnteringStaffCode(phase.origin, phase.number, problem=Problem(f"staff_code.{why}")))
        case _:
            return stay(session)
