"""The menu and what is read from it: own requests, who holds the record; and how a service is opened.

- What cannot be done now is said here, before anything is typed.
- A service that shows opens its page at once, or asks first; one that acts asks, and is checked before it is signed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kiosk.domain.catalogue import SERVICES
from kiosk.domain.problem import Problem
from kiosk.domain.service import (
    Availability,
    Kind,
    QuestionType,
    Service,
    Standing,
    availability,
    pages,
    refusal,
    standing_of,
)
from kiosk.domain.services.bank_account import CONFIRM_HOLDER, STOP
from kiosk.domain.services.mandates import covers
from kiosk.domain.session.effects import ExamineCard
from kiosk.domain.session.events import (
    BackPressed,
    CardInserted,
    ConfirmPressed,
    ContinuePressed,
    Event,
    HoldersPressed,
    LifeEventChosen,
    RequestsPressed,
    ServiceChosen,
    StopPressed,
)
from kiosk.domain.session.states import (
    Answering,
    Checking,
    ExaminingCard,
    Line,
    Menu,
    MyRequests,
    Phase,
    Session,
    Showing,
    Visitor,
    WhoHolds,
)
from kiosk.domain.session.turn import Turn, go, stay

if TYPE_CHECKING:
    from collections.abc import Mapping


OWN_REQUESTS, ACCESSES = "requests.show", "access.show"
"""The services behind "My requests" and "Who holds my data", where an office offers them."""


def standing_in(session: Session, visitor: Visitor) -> Standing:
    """Say what is known of this visitor; a record that is not here refuses nobody."""
    standing = standing_of(
        visitor.card.role,
        visitor.person,
        visitor.absence,
        today=session.today,
        staff=session.joined,
        scheme=session.scheme,
    )
    return replace(standing, mandate=visitor.mandate) if visitor.mandate else standing


def menu(session: Session, phase: Menu, event: Event) -> Turn:  # noqa: PLR0911 - one line an event
    """Choose what to do."""
    match event:
        case ServiceChosen(name) if name in session.services and name in SERVICES:
            opened = open_service(session, phase.visitor, SERVICES[name], phase.typed)
            if isinstance(opened, Problem):
                return go(session, replace(phase, problem=opened))
            return opened
        case LifeEventChosen(life_event):
            return go(session, replace(phase, life_event=life_event, problem=None))
        case RequestsPressed():
            return _shown(session, phase, OWN_REQUESTS) or go(session, MyRequests(phase.visitor))
        case HoldersPressed() if phase.visitor.person is not None:
            return _shown(session, phase, ACCESSES) or go(session, WhoHolds(phase.visitor))
        case BackPressed() if phase.life_event:
            return go(session, replace(phase, life_event="", problem=None))
        case CardInserted() if not phase.visitor.card.shown:
            return go(session, ExaminingCard(), ExamineCard())
        case _:
            return stay(session)


def _shown(session: Session, phase: Menu, service: str) -> Turn | None:
    """Open the service that shows this, where the office offers it and the record is here."""
    if service not in session.services or phase.visitor.person is None:
        return None
    opened = open_service(session, phase.visitor, SERVICES[service], phase.typed)
    return None if isinstance(opened, Problem) else opened


def why_not(session: Session, visitor: Visitor, service: Service) -> Problem | None:
    """Return why the service cannot be opened now, for this visitor on this terminal, or None."""
    problem = refusal(service, standing_in(session, visitor))
    if problem is None and visitor.mandate is not None and not covers(visitor.mandate, service):
        problem = Problem("service.refused.not_in_mandate")
    if problem is not None:
        return problem
    match availability_in(session, visitor, service):
        case Availability.CLOSED if session.closed is not None:
            return Problem(f"service.refused.closed.{session.closed.value}")
        case Availability.NEEDS_LINE if service.kind is Kind.SHOW and session.environment.line is Line.ONLINE:
            return Problem("service.refused.no_record")
        case Availability.NEEDS_LINE:
            return Problem("service.refused.needs_line")
        case _:
            return None


def availability_in(session: Session, visitor: Visitor, service: Service) -> Availability:
    """Return what the menu says of the service, for this visitor on this terminal now."""
    return availability(
        service,
        online=session.environment.line is Line.ONLINE,
        closed=session.closed is not None,
        record_here=visitor.person is not None,
    )


def open_service(
    session: Session, visitor: Visitor, service: Service, typed: Mapping[str, str], origin: Phase | None = None
) -> Turn | Problem:
    """Open a service with what is typed already: its first question, or what it shows; or say why not.

    A request is chosen from a list, never typed: what leads here has chosen it, so that it is not asked for.
    """
    problem = why_not(session, visitor, service)
    if problem is not None:
        return problem
    asked = pages(service, {}, standing_in(session, visitor))
    if asked and all(question.type is QuestionType.REQUEST and question.id in typed for question in asked):
        chosen = {question.id: typed[question.id] for question in asked}
        return go(session, Checking(visitor, service.id, chosen, origin=origin))
    if asked:
        return go(session, Answering(visitor, service.id, 0, typed=typed, origin=origin))
    if service.kind is Kind.SHOW:
        return go(session, Showing(visitor, service.id, typed=typed, origin=origin))
    return go(session, Checking(visitor, service.id, {}, typed, origin=origin))


def who_holds(session: Session, visitor: Visitor, event: Event) -> Turn:
    """Which offices hold the record, and why; there is nothing to do here but to read."""
    return go(session, Menu(visitor)) if isinstance(event, BackPressed | ContinuePressed) else stay(session)


def my_requests(session: Session, phase: MyRequests, event: Event) -> Turn:
    """Where each request stands; a pending change can be stopped, or the holder of its account confirmed."""
    person = phase.visitor.person
    match event:
        case BackPressed() | ContinuePressed():
            return go(session, Menu(phase.visitor))
        case StopPressed() | ConfirmPressed() if phase.visitor.mandate is not None:
            return stay(session)  # only the holder's own card stops a change, or confirms its account
        case StopPressed(wanted) if person and any(r.stoppable and r.transaction_id == wanted for r in person.requests):
            return go(session, Checking(phase.visitor, STOP.id, {"change": wanted}))
        case ConfirmPressed(wanted) if person and any(
            r.to_confirm and r.transaction_id == wanted for r in person.requests
        ):
            return go(session, Checking(phase.visitor, CONFIRM_HOLDER.id, {"change": wanted}))
        case _:
            return stay(session)
