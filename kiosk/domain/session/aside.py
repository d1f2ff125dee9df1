"""What is done aside of a visit, from any page: a number for the desk, and a word on how it went.

- Neither is signed and neither is a request; both work without a line, and lead back to the page they came from.
- A ticket takes along what was typed on that page; a word on how it went takes along nothing but which service it is about.
- Where a pad waits, a card computes or the journal has the word, there is no way aside.
"""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from kiosk.domain import practice
from kiosk.domain.card import NO_CARD
from kiosk.domain.catalogue import service_named
from kiosk.domain.service import Entry
from kiosk.domain.services.feedback import GIVE
from kiosk.domain.services.practice import START
from kiosk.domain.services.ticket import DRAW, number_of
from kiosk.domain.session.effects import Effect, PrintTicket, SealFeedback, SealTicket
from kiosk.domain.session.events import BackPressed, ContinuePressed, Event, PrintEnded
from kiosk.domain.session.states import (
    Answering,
    AwaitingCard,
    CardRefusedPhase,
    Checking,
    CodeAnswered,
    EndReason,
    EnteringCode,
    LastPinTry,
    Menu,
    Noted,
    NothingRecorded,
    Phase,
    PinIsBlocked,
    PinPaused,
    Printing,
    Recorded,
    Session,
    Showing,
    ShowingReceipt,
    Visitor,
)
from kiosk.domain.session.turn import Turn, go, leave, printing_of, stay

_OPEN = (
    AwaitingCard, CardRefusedPhase, PinPaused, LastPinTry, PinIsBlocked, Menu, Answering, Showing,
    Checking, NothingRecorded, EnteringCode, CodeAnswered,
)  # fmt: skip
"""Pages that are read or filled in at leisure, from which a way aside may lead."""
PRACTICE = "practice"
"""As the service of `Noted`: nothing was done."""
_ASIDE = frozenset({DRAW.id, GIVE.id})


def can_ask_for_desk(session: Session) -> bool:
    """Tell whether this page has a way to the desk, where the office offers it."""
    phase = session.phase
    aside = isinstance(phase, Answering | Checking) and phase.service in _ASIDE
    return isinstance(phase, _OPEN) and not aside and DRAW.id in session.services


def ask_for_desk(session: Session) -> Turn:
    """Open the ticket's page over this one."""
    if not can_ask_for_desk(session):
        return stay(session)
    return go(replace(session, overlay=None), Answering(_visitor(session.phase), DRAW.id, 0, origin=session.phase))


def can_say_how_it_went(session: Session) -> bool:
    """Tell whether a receipt may lead on to a word on how it went."""
    return GIVE.id in session.services


def ask_how_it_went(session: Session, receipt: ShowingReceipt) -> Turn:
    """Open the page with the faces over the receipt; nobody's visitor is taken along."""
    if not can_say_how_it_went(session):
        return stay(session)
    return go(session, Answering(Visitor(NO_CARD), GIVE.id, 0, origin=receipt))


def seal(checked: Checking) -> Effect | None:
    """Ask for what is told aside to be sealed; None for a request."""
    match service_named(checked.service).entry:
        case Entry.REQUEST | Entry.PIN | Entry.NUMBER | Entry.NOTHING:
            return None
        case Entry.FEEDBACK:
            origin = checked.origin
            about = origin.checked.service if isinstance(origin, ShowingReceipt) else ""
            return SealFeedback(about, checked.answers)
        case Entry.TICKET:
            service, draft = _draft(checked.origin)
            step = type(checked.origin or Menu(checked.visitor)).__name__
            return SealTicket(checked.answers["about"], step, service, draft, checked.visitor.card.number)
        case _ as unreachable:
            assert_never(unreachable)


def recorded_now(session: Session, checked: Checking, recorded: Recorded) -> Turn:
    """Durable: a ticket is printed, a word is thanked for."""
    noted_ = Noted(checked.visitor, checked.service, recorded, origin=checked.origin)  # what leads back is kept
    if checked.service != DRAW.id:
        return go(session, noted_)
    paper = PrintTicket(number_of(recorded.reference), recorded)
    return go(session, replace(noted_, printing=Printing.PRINTING), paper)


def practise(session: Session, checked: Checking) -> Turn:
    """Begin to try things out as an invented person; or say, at the end of an act, that it was practice and nothing more."""
    if checked.service == START.id:
        invented = practice.person(checked.answers["who"])
        return go(replace(session, practice=True), Menu(Visitor(practice.CARD, invented.name, invented)))
    return go(session, Noted(checked.visitor, PRACTICE, origin=checked.origin if _is_aside(checked) else None))


def _is_aside(checked: Checking) -> bool:
    return checked.service in _ASIDE


def noted(session: Session, phase: Noted, event: Event, now: float) -> Turn:
    """Read, and back to where it came from."""
    match event:
        case PrintEnded(outcome) if phase.printing is Printing.PRINTING:
            return go(session, replace(phase, printing=printing_of(outcome)))
        case ContinuePressed() | BackPressed() if phase.origin is not None:
            return resume(session, phase.origin)
        case ContinuePressed() | BackPressed() if _is_still_here(session, phase.visitor):
            return go(session, Menu(phase.visitor))
        case ContinuePressed() | BackPressed():
            return leave(session, EndReason.CARD_TAKEN, now)
        case _:
            return stay(session)


def resume(session: Session, origin: Phase) -> Turn:
    """Go back to a page; one that a card had opened, and the card is gone meanwhile, is over."""
    if _card_opened(origin) and not (session.card_present or session.practice):
        return leave(session, EndReason.CARD_TAKEN, session.idle_at)
    if isinstance(origin, ShowingReceipt) and origin.printing is Printing.PRINTING:
        origin = replace(origin, printing=Printing.UNKNOWN)  # its printer's word came while another page was open
    return go(session, origin)


def _card_opened(phase: Phase) -> bool:
    match phase:
        case CardRefusedPhase() | PinPaused() | LastPinTry() | PinIsBlocked():
            return True
        case ShowingReceipt() | NothingRecorded():  # read to the end whatever becomes of the card
            return False
        case _:
            return _visitor(phase).card.shown


def _is_still_here(session: Session, visitor: Visitor) -> bool:
    return not visitor.card.shown or session.card_present or session.practice


def _visitor(phase: Phase) -> Visitor:
    """Return who is here, as the page knows it."""
    found = getattr(phase, "visitor", None)
    return found if isinstance(found, Visitor) else Visitor(NO_CARD)


def _draft(phase: Phase | None) -> tuple[str, dict[str, str]]:
    """Return which service was being filled in, and what was typed so far."""
    match phase:
        case Answering(service=service, answers=answers, typed=typed) | Checking(
            service=service, answers=answers, typed=typed
        ):
            return service, {**answers, **typed}
        case Showing(service=service):
            return service, {}
        case _:
            return "", {}
