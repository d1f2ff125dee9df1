"""A new PIN at the pad: from the check page to the card's yes, or back with what was wrong.

- The card's answer decides, never a removal that is seen meanwhile.
- What costs no try is asked again at once; before the last try the person decides, and staff can be called.
"""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from kiosk.domain.card import (
    NewPinRefused,
    NewPinsDiffer,
    PadFailed,
    PinAccepted,
    PinBlocked,
    PinCancelled,
    PinSetOutcome,
    PinTimedOut,
    PinWrong,
    PinWrongLength,
    Pulled,
)
from kiosk.domain.problem import Problem
from kiosk.domain.services.pin import ACTIVATE, CHANGE
from kiosk.domain.session.effects import SetPin, UnblockPin
from kiosk.domain.session.events import ContinuePressed, Event, PinDigitsCounted, PinWasSet
from kiosk.domain.session.identification import start_pad
from kiosk.domain.session.states import (
    AwaitingNewPin,
    AwaitingPin,
    Checking,
    Line,
    Menu,
    Noted,
    NothingRecorded,
    PinIsBlocked,
    Session,
    Visitor,
)
from kiosk.domain.session.turn import Turn, go, stay


def start(session: Session, checked: Checking, previous: PinSetOutcome | None = None) -> Turn:
    """Hand over to the pad; three numbers take longer than one."""
    seconds = 2 * session.limits.pin_seconds
    waiting = AwaitingNewPin(replace(checked, problem=None), previous, until=session.idle_at + seconds)
    return go(session, waiting, SetPin(int(seconds)))


def blocked(session: Session, phase: PinIsBlocked, event: Event) -> Turn:
    """With an officer at the side and a line, a blocked card gets a new PIN here and now, typed by its holder."""
    if isinstance(event, ContinuePressed) and phase.card is not None:
        service = ACTIVATE if phase.old_letter else CHANGE
        return _unblock(session, Checking(Visitor(phase.card), service.id, {}))
    return stay(session)


def can_unblock(session: Session, phase: PinIsBlocked) -> bool:
    """Tell whether an officer can unblock this card now."""
    return bool(session.joined) and phase.card is not None and session.environment.line is Line.ONLINE


def _unblock(session: Session, checked: Checking, previous: PinSetOutcome | None = None) -> Turn:
    seconds = 2 * session.limits.pin_seconds
    waiting = AwaitingNewPin(checked, previous, until=session.idle_at + seconds, unblocking=True)
    return go(session, waiting, UnblockPin(int(seconds), checked.visitor.card.number, session.joined))


def _was_unblocked(session: Session, checked: Checking, outcome: PinSetOutcome) -> Turn:
    """A yes lets the visit begin, with the new PIN; anything else leaves the card as it was."""
    card = checked.visitor.card
    match outcome:
        case PinAccepted():
            return start_pad(replace(session, own_pin=True), AwaitingPin(replace(card, pin_tries_left=None)))
        case NewPinsDiffer() | NewPinRefused() | PinWrongLength() if session.joined:
            return _unblock(session, checked, outcome)
        case Pulled():
            return go(session, NothingRecorded("pin_pulled"))
        case _:
            return go(session, PinIsBlocked(card, failed=True, old_letter=checked.service == ACTIVATE.id))


def awaiting_new_pin(session: Session, phase: AwaitingNewPin, event: Event) -> Turn:
    """Leave the pad in charge; the screen counts along."""
    match event:
        case PinDigitsCounted(digits):
            return go(session, replace(phase, digits=digits))
        case PinWasSet(outcome) if phase.unblocking:
            return _was_unblocked(session, phase.checked, outcome)
        case PinWasSet(outcome):
            return _was_set(session, phase.checked, outcome)
        case _:
            return stay(session)


def _is_set(session: Session, checked: Checking) -> Turn:
    """Say so; where the visit began with a letter's PIN, go on to what can be done."""
    visitor = checked.visitor
    if checked.service != ACTIVATE.id or visitor.person is None:
        return go(session, Noted(visitor, checked.service, origin=checked.origin))
    known = replace(visitor, person=replace(visitor.person, pin_letter_until=""))
    return go(replace(session, own_pin=True), Menu(known))


def _was_set(session: Session, checked: Checking, outcome: PinSetOutcome) -> Turn:  # noqa: PLR0911 - one line an outcome
    visitor = checked.visitor
    match outcome:
        case PinAccepted():
            return _is_set(session, checked)
        case PinWrong(1):
            known = replace(visitor, card=replace(visitor.card, pin_tries_left=1))
            return go(session, replace(checked, visitor=known, problem=Problem("pin_change.last_try")))
        case PinWrong(left) if left > 1:
            return start(session, checked, outcome)
        case PinWrong() | PinBlocked():
            return go(session, PinIsBlocked(visitor.card))
        case NewPinsDiffer() | NewPinRefused() | PinWrongLength():
            return start(session, checked, outcome)
        case PinCancelled():
            return go(session, replace(checked, problem=Problem("pin_change.cancelled")))
        case PinTimedOut():
            return go(session, replace(checked, problem=Problem("pin_change.timed_out")))
        case PadFailed():
            return go(session, replace(checked, problem=Problem("pin_change.pad_failed")))
        case Pulled():
            return go(session, NothingRecorded("pin_pulled"))
        case _ as unreachable:
            assert_never(unreachable)
