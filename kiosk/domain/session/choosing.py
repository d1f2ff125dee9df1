"""The menu, and how a service is opened.

- What cannot be done now is said here, before anything is typed.
- A service that shows opens its page at once, or asks first; one that acts asks, and is checked before it is signed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kiosk.domain.availability import Availability, availability
from kiosk.domain.catalogue import SERVICES
from kiosk.domain.problem import Problem
from kiosk.domain.service import (
    Kind,
    QuestionType,
    Service,
    Standing,
    pages,
    refusal,
    standing_of,
)
from kiosk.domain.services.mandates import ACT, covers
from kiosk.domain.services.practice import START
from kiosk.domain.session.effects import ExamineCard
from kiosk.domain.session.events import (
    BackPressed,
    CardInserted,
    Event,
    LifeEventChosen,
    ServiceChosen,
)
from kiosk.domain.session.states import (
    Answering,
    Checking,
    ExaminingCard,
    Line,
    Menu,
    Phase,
    Session,
    Showing,
    Visitor,
)
from kiosk.domain.session.turn import Turn, go, stay

if TYPE_CHECKING:
    from collections.abc import Mapping


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


def services_in(session: Session) -> tuple[str, ...]:
    """Return what is offered here now: an officer who has joined can always show it with an invented person."""
    if session.joined and START.id not in session.services:
        return (*session.services, START.id)
    return session.services


def menu(session: Session, phase: Menu, event: Event) -> Turn:
    """Choose what to do."""
    match event:
        case ServiceChosen(name) if name in services_in(session) and name in SERVICES:
            opened = open_service(session, phase.visitor, SERVICES[name], phase.typed)
            if isinstance(opened, Problem):
                return go(session, replace(phase, problem=opened))
            return opened
        case LifeEventChosen(life_event):
            return go(session, replace(phase, life_event=life_event, problem=None))
        case BackPressed() if phase.life_event:
            return go(session, replace(phase, life_event="", problem=None))
        case CardInserted() if not phase.visitor.card.shown:
            return go(session, ExaminingCard(), ExamineCard())
        case _:
            return stay(session)


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
    """Return what the menu says of the service, for this visitor on this terminal now.

    The way back to oneself needs no record of the other person.
    """
    return availability(
        service,
        online=session.environment.line is Line.ONLINE,
        closed=session.closed is not None,
        record_here=visitor.person is not None or (visitor.mandate is not None and service.id == ACT.id),
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
