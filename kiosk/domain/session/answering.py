"""The menu, one question a page, and the check page.

- What was typed stays, whichever way the person goes.
- An answer is checked on Continue, never while typing.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.catalogue import SERVICES, service_named
from kiosk.domain.errors import Bug
from kiosk.domain.form import Accepted, answers_of, check_answer
from kiosk.domain.problem import Problem
from kiosk.domain.service import Availability, Question, Service, Standing, availability, pages, refusal
from kiosk.domain.services.bank_account import CONFIRM_HOLDER, STOP
from kiosk.domain.session.events import (
    BackPressed,
    ChangePressed,
    ConfirmPressed,
    ContinuePressed,
    Event,
    HoldersPressed,
    RequestsPressed,
    ServiceChosen,
    SignPressed,
    StopPressed,
    Typed,
)
from kiosk.domain.session.signing import start_signature
from kiosk.domain.session.states import (
    Answering,
    Checking,
    Line,
    Menu,
    MyRequests,
    RecordAbsence,
    Session,
    Visitor,
    WhoHolds,
)
from kiosk.domain.session.turn import Turn, go, stay

_FROM_REQUESTS = frozenset({STOP.id, CONFIRM_HOLDER.id})
"""Services that are reached from "My requests" and ask nothing more."""


_PENDING = frozenset({"received", "waiting", "held"})
"""Stages in which a request is under way; one that is in force can still be disputed, but no longer waits."""


def standing_of(visitor: Visitor) -> Standing:
    """Say what is known of the person; a record that is not here refuses nobody."""
    person = visitor.person
    if person is None:
        on_file = False if visitor.absence is RecordAbsence.NOT_ON_FILE else None
        return Standing(visitor.card.role, on_file=on_file)
    return Standing(
        visitor.card.role,
        on_file=True,
        beneficiary=person.account is not None,
        account=person.account.iban if person.account else "",
        changes_blocked=person.changes_blocked,
        pending=frozenset(line.service for line in person.requests if line.stage in _PENDING),
    )


def menu(session: Session, phase: Menu, event: Event) -> Turn:
    """Choose what to do; what cannot be done now is said here, before anything is typed."""
    match event:
        case ServiceChosen(name) if name in session.services and name in SERVICES:
            return _open_service(session, phase, SERVICES[name])
        case RequestsPressed():
            return go(session, MyRequests(phase.visitor))
        case HoldersPressed() if phase.visitor.person is not None:
            return go(session, WhoHolds(phase.visitor))
        case _:
            return stay(session)


def who_holds(session: Session, visitor: Visitor, event: Event) -> Turn:
    """Which offices hold the record, and why; there is nothing to do here but to read."""
    return go(session, Menu(visitor)) if isinstance(event, BackPressed | ContinuePressed) else stay(session)


def _open_service(session: Session, phase: Menu, service: Service) -> Turn:
    online = session.environment.line is Line.ONLINE
    closed = session.closed
    problem = refusal(service, standing_of(phase.visitor))
    if problem is None and closed is not None:
        problem = Problem(f"service.refused.closed.{closed.value}")
    if problem is None and availability(service, online=online) is Availability.NEEDS_LINE:
        problem = Problem("service.refused.needs_line")
    if problem is not None:
        return go(session, replace(phase, problem=problem))
    return go(session, Answering(phase.visitor, service.id, 0, typed=phase.typed))


def my_requests(session: Session, phase: MyRequests, event: Event) -> Turn:
    """Where each request stands; a pending change can be stopped, or the holder of its account confirmed."""
    person = phase.visitor.person
    match event:
        case BackPressed() | ContinuePressed():
            return go(session, Menu(phase.visitor))
        case StopPressed(wanted) if person and any(r.stoppable and r.transaction_id == wanted for r in person.requests):
            return go(session, Checking(phase.visitor, STOP.id, {"change": wanted}))
        case ConfirmPressed(wanted) if person and any(
            r.to_confirm and r.transaction_id == wanted for r in person.requests
        ):
            return go(session, Checking(phase.visitor, CONFIRM_HOLDER.id, {"change": wanted}))
        case _:
            return stay(session)


def _question(phase: Answering) -> Question:
    return pages(service_named(phase.service), phase.answers)[phase.question]


def answering(session: Session, phase: Answering, event: Event) -> Turn:
    """One question."""
    match event:
        case Typed(text):
            return go(session, replace(phase, typed={**phase.typed, _question(phase).id: text}, problem=None))
        case ContinuePressed():
            return _next_page(session, phase)
        case BackPressed() if phase.changing:
            return go(session, Checking(phase.visitor, phase.service, phase.answers, phase.typed))
        case BackPressed() if phase.question > 0:
            return go(session, replace(phase, question=phase.question - 1, problem=None))
        case BackPressed():
            return go(session, Menu(phase.visitor, typed=phase.typed))
        case _:
            return stay(session)


def _next_page(session: Session, phase: Answering) -> Turn:
    """Check the answer; on to the next question, or to the check page."""
    service, question = service_named(phase.service), _question(phase)
    typed = phase.typed.get(question.id, "")
    if session.scheme is None:
        raise Bug("a question is open without a scheme pack")
    checked = check_answer(question, typed, session.scheme)
    if not isinstance(checked, Accepted):
        return go(session, replace(phase, problem=checked))
    answers = {**phase.answers, **answers_of(question, typed, checked)}
    problem = service.check(answers, standing_of(phase.visitor))
    if problem is not None:
        return go(session, replace(phase, problem=problem))
    if not phase.changing and phase.question + 1 < len(pages(service, answers)):
        return go(session, replace(phase, question=phase.question + 1, answers=answers, problem=None))
    return go(session, Checking(phase.visitor, phase.service, answers, phase.typed))


def checking(session: Session, phase: Checking, event: Event) -> Turn:  # noqa: PLR0911 - one line an event
    """Everything side by side; sign, change, or go back."""
    asked = pages(service_named(phase.service), phase.answers)
    match event:
        case SignPressed():
            return start_signature(session, phase)
        case StopPressed(wanted) if phase.service == CONFIRM_HOLDER.id and phase.answers.get("change") == wanted:
            return go(session, Checking(phase.visitor, STOP.id, {"change": wanted}))
        case BackPressed() if phase.service in _FROM_REQUESTS:
            return go(session, MyRequests(phase.visitor))
        case BackPressed():
            back = Answering(phase.visitor, phase.service, len(asked) - 1, phase.answers, phase.typed)
            return go(session, back)
        case ChangePressed(wanted) if phase.service not in _FROM_REQUESTS:
            index = next((i for i, question in enumerate(asked) if question.id == wanted), None)
            if index is None:
                return stay(session)
            page = Answering(phase.visitor, phase.service, index, phase.answers, phase.typed, changing=True)
            return go(session, page)
        case _:
            return stay(session)
