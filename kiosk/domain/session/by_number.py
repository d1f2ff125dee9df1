"""Number and PIN without a card: from the checked number to the menu of what they open, or back with what was wrong.

- The pad seals what is typed; here is only how many digits, and how it ended.
- What the back office says of a wrong number and of a wrong PIN is the same word.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

from kiosk.domain.card import BY_NUMBER
from kiosk.domain.number_pin import NotOpened, Opened, PadEnded, PadEnding, Word
from kiosk.domain.problem import Problem
from kiosk.domain.session.effects import OpenByNumber
from kiosk.domain.session.events import Event, NumberAnswered, NumberPinSealed, PinDigitsCounted
from kiosk.domain.session.states import AskingByNumber, AwaitingNumberPin, Checking, Line, Menu, Session, Visitor
from kiosk.domain.session.turn import Turn, go, stay

if TYPE_CHECKING:
    from kiosk.domain.number_pin import NumberOutcome

QUESTION = "number"


def start(
    session: Session, checked: Checking, previous: PadEnding | Word | None = None, *, choosing: bool = False
) -> Turn:
    """Hand over to the pad, while there is a line; three numbers take longer than one."""
    if session.environment.line is not Line.ONLINE:
        return _back(session, checked, "service.refused.needs_line")
    seconds = session.limits.pin_seconds * (2 if choosing else 1)
    checked = replace(checked, problem=None)
    waiting = AwaitingNumberPin(checked, previous, until=session.idle_at + seconds, choosing=choosing)
    return go(session, waiting, OpenByNumber(int(seconds), checked.answers[QUESTION], choosing))


def awaiting_number_pin(session: Session, phase: AwaitingNumberPin, event: Event) -> Turn:
    """Leave the pad in charge; the screen counts along."""
    match event:
        case PinDigitsCounted(digits):
            return go(session, replace(phase, digits=digits))
        case NumberPinSealed():
            return go(session, AskingByNumber(phase.checked, phase.choosing))
        case NumberAnswered(outcome):
            return _answered(session, phase, outcome)
        case _:
            return stay(session)


def asking_by_number(session: Session, phase: AskingByNumber, event: Event) -> Turn:
    """Wait for the back office's word."""
    return _answered(session, phase, event.outcome) if isinstance(event, NumberAnswered) else stay(session)


def _answered(
    session: Session, phase: AwaitingNumberPin | AskingByNumber, outcome: NumberOutcome | PadEnded
) -> Turn:
    match outcome:
        case Opened(person):
            return go(session, Menu(Visitor(BY_NUMBER, person.name, person)))
        case PadEnded(PadEnding.LENGTH | PadEnding.DIFFER as why):
            return start(session, phase.checked, why, choosing=phase.choosing)
        case NotOpened(Word.CHOOSE | Word.COMMON as word):
            return start(session, phase.checked, word, choosing=True)
        case NotOpened(Word.WAIT, minutes):
            return _back(session, phase.checked, "number_pin.wait", minutes=str(minutes))
        case PadEnded(why):
            return _back(session, phase.checked, f"number_pin.{why.value}")
        case NotOpened(word):
            return _back(session, phase.checked, f"number_pin.{word.value}")
        case _ as unreachable:
            assert_never(unreachable)


def _back(session: Session, checked: Checking, key: str, **parameters: str) -> Turn:
    return go(session, replace(checked, problem=Problem(key, parameters)))
