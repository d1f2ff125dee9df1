"""The menu, one question a page, and the check page.

- What was typed stays, whichever way the person goes.
- An answer is checked on Continue, never while typing.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.catalogue import service_named
from kiosk.domain.form import Accepted, check_answer
from kiosk.domain.session.events import (
    BackPressed,
    ChangePressed,
    ContinuePressed,
    Event,
    RequestsPressed,
    ServiceChosen,
    SignPressed,
    StopPressed,
    Typed,
)
from kiosk.domain.session.signing import start_signature
from kiosk.domain.session.states import Answering, Checking, Menu, MyRequests, Session
from kiosk.domain.session.turn import Turn, go, stay

STOP_SERVICE = "bank_account.stop"


def menu(session: Session, phase: Menu, event: Event) -> Turn:
    """Choose what to do."""
    match event:
        case ServiceChosen(service) if service in session.services:
            return go(session, Answering(phase.visitor, service, 0, typed=phase.typed))
        case RequestsPressed():
            return go(session, MyRequests(phase.visitor))
        case _:
            return stay(session)


def my_requests(session: Session, phase: MyRequests, event: Event) -> Turn:
    """Where each request stands; a pending change can be stopped with card and PIN alone."""
    person = phase.visitor.person
    match event:
        case BackPressed() | ContinuePressed():
            return go(session, Menu(phase.visitor))
        case StopPressed(wanted) if person and any(r.stoppable and r.transaction_id == wanted for r in person.requests):
            return go(session, Checking(phase.visitor, STOP_SERVICE, {"change": wanted}))
        case _:
            return stay(session)


def answering(session: Session, phase: Answering, event: Event) -> Turn:
    """One question."""
    question = service_named(phase.service).questions[phase.question]
    match event:
        case Typed(text):
            return go(session, replace(phase, typed={**phase.typed, question.id: text}, problem=None))
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
    questions = service_named(phase.service).questions
    question = questions[phase.question]
    checked = check_answer(question, phase.typed.get(question.id, ""), session.scheme)
    if not isinstance(checked, Accepted):
        return go(session, replace(phase, problem=checked))
    answers = {**phase.answers, question.id: checked.value}
    if not phase.changing and phase.question + 1 < len(questions):
        return go(session, replace(phase, question=phase.question + 1, answers=answers, problem=None))
    return go(session, Checking(phase.visitor, phase.service, answers, phase.typed))


def checking(session: Session, phase: Checking, event: Event) -> Turn:
    """Everything side by side; sign, change, or go back."""
    match event:
        case SignPressed():
            return start_signature(session, phase)
        case BackPressed() if phase.service == STOP_SERVICE:
            return go(session, MyRequests(phase.visitor))
        case BackPressed():
            last = len(service_named(phase.service).questions) - 1
            return go(session, Answering(phase.visitor, phase.service, last, phase.answers, phase.typed))
        case ChangePressed(question_id):
            ids = [q.id for q in service_named(phase.service).questions]
            if question_id not in ids:
                return stay(session)
            index = ids.index(question_id)
            return go(
                session,
                Answering(phase.visitor, phase.service, index, phase.answers, phase.typed, changing=True),
            )
        case _:
            return stay(session)
