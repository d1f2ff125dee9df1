"""Who is here: from the first touch to the open record.

- A card is examined before anything is asked; a refused one is explained and given back.
- The PIN goes from the pad to the card; before the last try staff are offered.
- Whose PIN is a letter's chooses another one first; a letter that is too old opens nothing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from kiosk.domain.card import (
    NO_CARD,
    CardIdentity,
    Genuine,
    PadFailed,
    PinAccepted,
    PinBlocked,
    PinCancelled,
    PinOutcome,
    PinTimedOut,
    PinWrong,
    PinWrongLength,
    Pulled,
    RefusedCard,
)
from kiosk.domain.problem import Problem
from kiosk.domain.services.pin import ACTIVATE, letter_too_old
from kiosk.domain.services.practice import START
from kiosk.domain.session.codes import ask_by_code
from kiosk.domain.session.effects import AskPin, ExamineCard, OpenRecord
from kiosk.domain.session.events import (
    BackPressed,
    BarcodeScanned,
    CardInserted,
    CardWasExamined,
    CodePressed,
    ContinuePressed,
    Event,
    PinChecked,
    PinDigitsCounted,
    RecordAbsent,
    RecordOpened,
    ScreenTouched,
    WithoutCardPressed,
)
from kiosk.domain.session.states import (
    Answering,
    AwaitingCard,
    AwaitingPin,
    AwaitingSignature,
    CardRefusedPhase,
    Checking,
    ChoosingLanguage,
    EndReason,
    EnteringCode,
    ExaminingCard,
    LastPinTry,
    Mandate,
    Menu,
    OpeningRecord,
    Person,
    PinIsBlocked,
    PinPaused,
    RecordAbsence,
    Session,
    Visitor,
    Welcome,
)
from kiosk.domain.session.turn import Turn, go, leave, stay


def spoken_to(session: Session) -> Turn:
    """Go on once the language is chosen: to the card; in a training room to who is to be played."""
    if session.practice:
        return go(session, Answering(Visitor(NO_CARD), START.id, 0))
    return go(session, AwaitingCard())


def from_nobody(session: Session, phase: Welcome | ChoosingLanguage | AwaitingCard, event: Event) -> Turn:  # noqa: PLR0911 - one line an event
    """Nobody is known yet: touch, language, card or code lead on."""
    match event:
        case BarcodeScanned() if session.practice:  # a code is a real one
            return stay(session)
        case CardInserted():
            return go(session, ExaminingCard(), ExamineCard())
        case BarcodeScanned(text):
            return ask_by_code(session, text)
        case CodePressed() if isinstance(phase, AwaitingCard):
            return go(session, EnteringCode())
        case WithoutCardPressed() if isinstance(phase, AwaitingCard):
            return go(session, Menu(Visitor(NO_CARD)))
        case ScreenTouched() if isinstance(phase, Welcome):
            return go(session, ChoosingLanguage())
        case BackPressed() if isinstance(phase, AwaitingCard):
            return go(session, ChoosingLanguage())
        case _:
            return stay(session)


def examining(session: Session, event: Event) -> Turn:
    """Wait until the card has answered for itself, or not."""
    match event:
        case CardWasExamined(Genuine(identity)):
            return ask_pin(session, identity)
        case CardWasExamined(RefusedCard(reason)):
            return go(session, CardRefusedPhase(reason))
        case CardWasExamined(Pulled()):
            return go(session, AwaitingCard())
        case _:
            return stay(session)


def ask_pin(session: Session, card: CardIdentity) -> Turn:
    """Ask for the PIN, unless the card is blocked or has one try left."""
    if card.pin_tries_left == 0:
        return go(session, PinIsBlocked(card))
    if card.pin_tries_left == 1:
        return go(session, LastPinTry(card))
    return start_pad(session, AwaitingPin(card))


def start_pad(session: Session, waiting: AwaitingPin | AwaitingSignature) -> Turn:
    """Hand over to the pad; it gives up by itself after the configured time."""
    seconds = session.limits.pin_seconds
    return go(session, replace(waiting, until=session.idle_at + seconds), AskPin(int(seconds)))


def awaiting_pin(session: Session, phase: AwaitingPin, event: Event, now: float) -> Turn:
    """Leave the pad in charge; the screen counts along."""
    match event:
        case PinDigitsCounted(digits):
            return go(session, replace(phase, digits=digits))
        case PinChecked(outcome):
            return _pin_checked(session, phase.card, outcome, now)
        case _:
            return stay(session)


def _pin_checked(session: Session, card: CardIdentity, outcome: PinOutcome, now: float) -> Turn:  # noqa: PLR0911 - one line an outcome
    match outcome:
        case PinAccepted():
            return go(session, OpeningRecord(Visitor(card)), OpenRecord())
        case PinWrong(left):
            known = replace(card, pin_tries_left=left)
            if left <= 1:
                return ask_pin(session, known)
            return start_pad(session, AwaitingPin(known, previous=outcome))
        case PinWrongLength():
            return start_pad(session, AwaitingPin(card, previous=outcome))
        case PinBlocked():
            return go(session, PinIsBlocked(card))
        case PinCancelled() | PinTimedOut() | PadFailed():
            return go(session, PinPaused(card, outcome))
        case Pulled():
            return leave(session, EndReason.CARD_TAKEN, now)
        case _ as unreachable:
            assert_never(unreachable)


def pin_stopped(session: Session, phase: PinPaused | LastPinTry, event: Event) -> Turn:
    """Between two entries: the person decides to go on (or to end, which every phase knows)."""
    if not isinstance(event, ContinuePressed):
        return stay(session)
    if isinstance(phase, LastPinTry) and phase.resume is not None:
        return start_pad(session, AwaitingSignature(phase.resume))
    return start_pad(session, AwaitingPin(phase.card, previous=PinWrong(1) if isinstance(phase, LastPinTry) else None))


def opening_record(session: Session, phase: OpeningRecord, event: Event) -> Turn:
    """Open the menu: the record is here, or it is said why not."""
    match event:
        case RecordOpened(person) if phase.visitor.mandate and phase.visitor.mandate.person != person.number:
            return go(session, Menu(for_oneself(phase.visitor), problem=Problem("mandate.not_opened")))
        case RecordOpened(person) if person.pin_letter_until and phase.visitor.mandate is None:
            return _with_a_letter(session, phase.visitor, person)
        case RecordOpened(person):
            return go(session, Menu(replace(phase.visitor, name=person.name, person=person, absence=None)))
        case RecordAbsent(reason) if phase.visitor.mandate is not None:
            return _without_the_other_record(session, phase.visitor, phase.visitor.mandate, reason)
        case RecordAbsent(reason, name):
            visitor = replace(phase.visitor, name=name or phase.visitor.name, person=None, absence=reason)
            return go(session, Menu(visitor))
        case _:
            return stay(session)


_ONLY_NOT_HERE = frozenset({
    RecordAbsence.OFFLINE, RecordAbsence.NOT_CACHED, RecordAbsence.NO_CACHE, RecordAbsence.LAPSED, RecordAbsence.STALE,
    RecordAbsence.NO_KEY,
})  # fmt: skip
"""Nobody has refused it: there is no line, and the terminal cannot show what it may hold."""


def _without_the_other_record(session: Session, visitor: Visitor, mandate: Mandate, reason: RecordAbsence) -> Turn:
    """Take requests for the other person all the same where the record is only not here; otherwise back to oneself."""
    if reason not in _ONLY_NOT_HERE:
        return go(session, Menu(for_oneself(visitor), problem=Problem("mandate.not_opened")))
    acting = replace(visitor, name=mandate.name, person=None)
    return go(session, Menu(acting, problem=Problem("mandate.not_here", {"name": mandate.name})))


def _with_a_letter(session: Session, visitor: Visitor, person: Person) -> Turn:
    """Lead to a PIN of the holder's own; the record may not know yet that there is one since a moment ago."""
    if not session.own_pin and letter_too_old(person.pin_letter_until, session.today):
        return go(session, PinIsBlocked(visitor.card, old_letter=True))
    if session.own_pin:
        person = replace(person, pin_letter_until="")
    known = replace(visitor, name=person.name, person=person, absence=None)
    return go(session, Menu(known) if session.own_pin else Checking(known, ACTIVATE.id, {}))


def for_oneself(visitor: Visitor) -> Visitor:
    """Return the visitor with the own record again, acting for nobody."""
    name = visitor.own.name if visitor.own else visitor.name
    return replace(visitor, name=name, person=visitor.own, absence=None, own=None, mandate=None)
