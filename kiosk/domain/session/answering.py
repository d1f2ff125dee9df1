"""One question a page, what a service shows, and the check page.

- What was typed stays, whichever way the person goes.
- An answer is checked on Continue, never while typing.
- Answers to questions that are no longer asked are left out of what is signed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from kiosk.domain.carrying import carried_by
from kiosk.domain.catalogue import service_named
from kiosk.domain.content import ActFor, Action, Answer, OpenService, PrintContent
from kiosk.domain.errors import Bug
from kiosk.domain.form import AS_TYPED, Accepted, answers_of, check_answer
from kiosk.domain.problem import Problem
from kiosk.domain.service import Entry, EvidenceKind, Kind, Question, Service, Standing, pages
from kiosk.domain.services.bank_account import CONFIRM_HOLDER, STOP
from kiosk.domain.session import by_number
from kiosk.domain.session.aside import practise, resume
from kiosk.domain.session.choosing import open_service, standing_in
from kiosk.domain.session.effects import PrintShown
from kiosk.domain.session.events import (
    ActionPressed,
    BackPressed,
    ChangePressed,
    ContinuePressed,
    Event,
    PrintEnded,
    SignPressed,
    StopPressed,
    Typed,
)
from kiosk.domain.session.identification import for_oneself
from kiosk.domain.session.signing import reopened, start_new_pin, start_report, start_signature
from kiosk.domain.session.staff import noted
from kiosk.domain.session.states import Answering, Checking, Menu, Printing, Session, Showing, ShowingReceipt
from kiosk.domain.session.turn import Turn, go, printing_of, stay

_FROM_REQUESTS = frozenset({STOP.id, CONFIRM_HOLDER.id})
"""Services that are reached from "My requests" or a receipt, and ask nothing more."""


def question_of(session: Session, phase: Answering) -> Question:
    """Return the question that is on the screen."""
    return pages(service_named(phase.service), phase.answers, standing_in(session, phase.visitor))[phase.question]


def text_of(session: Session, phase: Answering) -> str:
    """Return what stands in the field: what was typed, or what the service puts there at first."""
    question = question_of(session, phase)
    if question.id in phase.typed or question.prefill is None:
        return phase.typed.get(question.id, "")
    return question.prefill(phase.answers, standing_in(session, phase.visitor))


def answering(session: Session, phase: Answering, event: Event) -> Turn:  # noqa: PLR0911 - one line an event
    """One question."""
    match event:
        case Typed(text):
            question = question_of(session, phase)
            if question.staff_only and not session.joined:
                return go(session, replace(phase, problem=Problem("service.refused.needs_staff")))
            known = noted(session, phase.service, question, text, text_of(session, phase))
            return go(known, replace(phase, typed={**phase.typed, question.id: text}, problem=None))
        case ContinuePressed():
            return _next_page(session, phase)
        case BackPressed() if phase.changing:
            return go(session, Checking(phase.visitor, phase.service, phase.answers, phase.typed, origin=phase.origin))
        case BackPressed() if phase.question > 0:
            return go(session, replace(phase, question=phase.question - 1, problem=None))
        case BackPressed() if phase.origin is not None:
            return resume(session, phase.origin)
        case BackPressed():
            return go(session, Menu(phase.visitor, typed=phase.typed))
        case _:
            return stay(session)


def _next_page(session: Session, phase: Answering) -> Turn:
    """Check the answer; on to the next question, or to the check page, or to what is shown."""
    service, question = service_named(phase.service), question_of(session, phase)
    standing = standing_in(session, phase.visitor)
    typed = text_of(session, phase)
    if session.scheme is None:
        raise Bug("a question is open without a scheme pack")
    checked = check_answer(question, typed, session.scheme, phase.answers, standing)
    if not isinstance(checked, Accepted):
        return go(session, replace(phase, problem=checked))
    answers = _only_asked(service, {**phase.answers, **answers_of(question, typed, checked)}, standing)
    problem = service.check(answers, standing)
    if problem is not None:
        return go(session, replace(phase, problem=problem))
    asked = pages(service, answers, standing)
    kept = {**phase.typed, question.id: typed}
    following = phase.question + 1
    if phase.changing:  # another answer may have opened pages that were not asked before
        following = next((i for i, page in enumerate(asked) if page.id not in answers), len(asked))
    if following < len(asked):
        on = replace(phase, question=following, answers=answers, typed=kept, problem=None)
        return go(session, on)
    if service.kind is Kind.SHOW:
        return go(session, Showing(phase.visitor, phase.service, answers, kept, origin=phase.origin))
    return go(session, Checking(phase.visitor, phase.service, answers, kept, origin=phase.origin))


def _only_asked(service: Service, answers: dict[str, str], standing: Standing) -> dict[str, str]:
    """Drop answers to pages that another answer has closed."""
    asked = {question.id for question in pages(service, answers, standing)}
    return {name: value for name, value in answers.items() if name.removesuffix(AS_TYPED) in asked}


# --- what a service shows ---------------------------------------------------------------------------


def showing(session: Session, phase: Showing, event: Event) -> Turn:
    """Read, press what leads on, print."""
    match event:
        case ActionPressed(id_):
            return _pressed(session, phase, id_)
        case PrintEnded(outcome) if phase.printing is Printing.PRINTING:
            return go(session, replace(phase, printing=printing_of(outcome)))
        case BackPressed():
            return _back_from(session, phase)
        case ContinuePressed():
            return go(session, phase.origin or Menu(phase.visitor))
        case _:
            return stay(session)


def _back_from(session: Session, phase: Showing) -> Turn:
    asked = pages(service_named(phase.service), phase.answers, standing_in(session, phase.visitor))
    if asked:
        page = Answering(
            phase.visitor, phase.service, len(asked) - 1, phase.answers, phase.typed, origin=phase.origin
        )
        return go(session, page)
    return go(session, phase.origin or Menu(phase.visitor))


def actions_of(session: Session, phase: Showing) -> dict[str, Action]:
    """Return everything that can be pressed in what is shown, by id."""
    content = service_named(phase.service).content
    if content is None:
        return {}
    return content(phase.answers, standing_in(session, phase.visitor)).actions()


def _pressed(session: Session, phase: Showing, id_: str) -> Turn:
    action = actions_of(session, phase).get(id_)
    if action is None:
        return stay(session)
    match action.target:
        case OpenService(name, typed):
            shown = replace(phase, problem=None)
            opened = open_service(session, phase.visitor, service_named(name), typed, origin=shown)
            return go(session, replace(phase, problem=opened)) if isinstance(opened, Problem) else opened
        case Answer(question, value):
            answers = {name: kept for name, kept in phase.answers.items() if name != question}
            answers |= {question: value} if value else {}
            return go(session, replace(phase, answers=answers, problem=None))
        case ActFor(mandate):
            return _act_for(session, phase, mandate)
        case PrintContent():
            if phase.printing is Printing.PRINTING or session.practice:
                return stay(session)
            paper = PrintShown(phase.service, phase.answers, standing_in(session, phase.visitor))
            return go(session, replace(phase, printing=Printing.PRINTING), paper)
        case _ as unreachable:
            assert_never(unreachable)


def _act_for(session: Session, phase: Showing, mandate_id: str) -> Turn:
    """Go on for somebody else, or for oneself again; the record of whom it is for is opened."""
    visitor = phase.visitor
    if not mandate_id:
        return reopened(session, for_oneself(visitor))
    held = visitor.person.mandates_held if visitor.person else ()
    mandate = next((one for one in held if one.id == mandate_id), None)
    if mandate is None:
        return stay(session)
    return reopened(session, replace(visitor, own=visitor.person, mandate=mandate))


# --- before signing ---------------------------------------------------------------------------------


def _where_it_came_from(session: Session, phase: Checking) -> Turn:
    if isinstance(phase.origin, ShowingReceipt):
        return resume(session, phase.origin)
    return go(session, phase.origin or Menu(phase.visitor))


def _act(session: Session, phase: Checking, service: Service) -> Turn:
    """Do what the button names, as the service is done."""
    if session.practice or service.entry is Entry.NOTHING:
        return practise(session, phase)
    if service.entry is Entry.NUMBER:
        return by_number.start(session, phase)
    if carried_by(service, phase.visitor.card.role) is not EvidenceKind.SIGNED:
        return start_report(session, phase)
    return start_new_pin(session, phase) if service.entry is Entry.PIN else start_signature(session, phase)


def checking(session: Session, phase: Checking, event: Event) -> Turn:  # noqa: PLR0911 - one line an event
    """Everything side by side; sign, change, or go back."""
    service = service_named(phase.service)
    asked = pages(service, phase.answers, standing_in(session, phase.visitor))
    match event:
        case SignPressed():
            return _act(session, phase, service)
        case StopPressed(wanted) if phase.service == CONFIRM_HOLDER.id and phase.answers.get("change") == wanted:
            return go(session, Checking(phase.visitor, STOP.id, {"change": wanted}, origin=phase.origin))
        case BackPressed() if not asked or phase.service in _FROM_REQUESTS:
            return _where_it_came_from(session, phase)
        case BackPressed():
            back = Answering(
                phase.visitor, phase.service, len(asked) - 1, phase.answers, phase.typed, origin=phase.origin
            )
            return go(session, back)
        case ChangePressed(wanted) if phase.service not in _FROM_REQUESTS:
            index = next((i for i, question in enumerate(asked) if question.id == wanted), None)
            if index is None:
                return stay(session)
            page = Answering(
                phase.visitor, phase.service, index, phase.answers, phase.typed, changing=True, origin=phase.origin
            )
            return go(session, page)
        case _:
            return stay(session)
