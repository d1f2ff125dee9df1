"""What an officer enters for somebody without a card: any service that the catalogue lets come by the desk or the telephone.

Rules:
- The catalogue says what is offered, asked and checked; nothing here knows a single service. The same rules decide as for
  everything else: the entry goes into the inbox, with a reference.
- At the desk what one officer entered waits for another (a case); on the telephone it is decided at once.
- A person's record is read only when an officer has named the person and the service, and that is in the audit log. At the
  desk it is a person of the own office; on the telephone, where an entry only asks, stops or blocks, anybody.
- The form's id is the entry's: sent twice, it is entered once.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from back_office import audit, by_officer, decisions
from back_office.desk.acts import NotDone
from back_office.desk.entering import Entered, Wish, append
from back_office.record_document import compose
from back_office.repository import changes, inbox, people
from kiosk.domain import by_officer as rules
from kiosk.domain import form, reference
from kiosk.domain.audit import Actor
from kiosk.domain.card import Role
from kiosk.domain.catalogue import SERVICES, find
from kiosk.domain.errors import Bug
from kiosk.domain.identifiers import parse_identifier
from kiosk.domain.problem import Problem
from kiosk.domain.service import Channel, EvidenceKind, QuestionType, pages, refusal
from kiosk.schemes import load_texts
from kiosk.wire.person_record import person_of
from kiosk.wire.problem import Problem as Malformed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from back_office.installation import Installation, Work
    from back_office.repository.desk import Officer
    from back_office.repository.people import PersonRow
    from kiosk.domain.record import Person
    from kiosk.domain.service import Question, Service, Standing
    from kiosk.schemes import Texts

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_LANGUAGE = "en"
"""The desk's own."""
_SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Offer:
    """A service that can be entered: where to, what it is called, and whether another officer must approve it."""

    service: str
    title: str
    officers: int


@dataclass(frozen=True, slots=True)
class Typed:
    """A form as the officer sent it; `answers` by question, as typed. `id` "" on the first page."""

    channel: Channel
    service: str
    id: str = ""
    person: str = ""
    document: str = ""
    seen_on: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Field:
    """One question on the page. `kind`: choice, date, long or line; `choices`: value and words."""

    id: str
    label: str
    hint: str
    kind: str
    value: str
    choices: tuple[tuple[str, str], ...] = ()
    problem: str = ""
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """The page of one entry as far as it is filled in.

    `ready`: everything is answered and fits, so that it can be entered. `closed`: why this person cannot have it.
    """

    typed: Typed
    title: str
    consequences: str
    officers: int
    asks_person: bool
    documents: tuple[tuple[str, str], ...]
    person: str = ""
    person_problem: str = ""
    seen_problem: str = ""
    closed: str = ""
    fields: tuple[Field, ...] = ()
    problem: str = ""
    ready: bool = False
    checked: tuple[tuple[str, str], ...] = ()


def offers(it: Installation, channel: Channel) -> tuple[Offer, ...]:
    """List what an officer may enter on this channel."""
    texts = load_texts(it.scheme.code)
    known = [SERVICES[name] for name in it.scheme.services if name in SERVICES]
    return tuple(
        Offer(service.id, texts.text(_LANGUAGE, service.title_key), rules.officers(_kind(service, channel)))
        for service in rules.offered(known, channel)
    )


def look(it: Installation, officer: Officer, typed: Typed) -> Sheet | None:
    """Show the page as far as it goes; None when the service does not come by this channel."""
    with it.work() as work:
        found = _fill(work, officer, typed)
    return None if found is None else found.sheet


def enter(it: Installation, officer: Officer, typed: Typed) -> Entered | Sheet | NotDone:
    """Enter it; the page again where something does not fit."""
    with it.work() as work:
        filled = _fill(work, officer, typed)
        if filled is None:
            return NotDone("This cannot be entered in this way.", "Choose a service from the list.")
        if not filled.sheet.ready:
            return filled.sheet
        if inbox.by_id(work.db, typed.id) is not None:
            return NotDone("This was entered already.", "Look for it in the list.")
        entered = append(work, officer, wish_of(filled))
    if entered.case is not None:
        return entered
    decisions.decide(it, entered.id)
    with it.database.read() as db:
        request = changes.request(db, entered.id)
    return entered if request is None else _with_word(it, entered, request.text_key, request.parameters)


def _with_word(it: Installation, entered: Entered, key: str, parameters: str) -> Entered:
    said = load_texts(it.scheme.code).fill(_LANGUAGE, key, json.loads(parameters))
    return Entered(entered.id, entered.reference, said)


def wish_of(filled: _Filled) -> Wish:
    """Say what a page that is filled in comes to."""
    typed = filled.sheet.typed
    return Wish(
        typed.id, filled.service, typed.channel, filled.kind, typed.document, typed.seen_on, filled.person, filled.answers
    )


# --- the page -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Filled:
    """A page, and what stands behind it."""

    sheet: Sheet
    service: Service
    kind: EvidenceKind
    person: PersonRow | None
    answers: Mapping[str, str]


def _fill(work: Work, officer: Officer, typed: Typed) -> _Filled | None:
    service = find(typed.service)
    if service is None or service.id not in work.it.scheme.services:
        return None
    kind = rules.evidence(service, typed.channel)
    if kind is None:
        return None
    texts = load_texts(work.it.scheme.code)
    begun = bool(typed.id)
    named = Role.NONE not in service.roles
    person, person_problem = _person(work, officer, typed) if named and begun else (None, "")
    documents = rules.documents(service, kind)
    typed = _with_the_only_document(work, typed, documents)
    unseen = rules.check_seen(service, kind, typed.document, typed.seen_on, _today(work)) if begun else None
    sheet = Sheet(
        typed=typed if begun else replace(typed, id=work.it.ids.new()),
        title=texts.text(_LANGUAGE, service.title_key),
        consequences=texts.text(_LANGUAGE, service.consequences_key),
        officers=rules.officers(kind),
        asks_person=named,
        documents=tuple((name, texts.text(_LANGUAGE, f"by_officer.document.{name}")) for name in documents),
        person="" if person is None else f"{person.name}, born {person.birth_date}, number {person.number}",
        person_problem=person_problem,
        seen_problem="" if unseen is None else _say(texts, unseen),
    )
    if not begun or (named and person is None):
        return _Filled(sheet, service, kind, person, {})
    standing = by_officer.standing(work, _record(work, officer, person, service), officer.id, typed.id)
    refused = refusal(service, standing)
    if refused is not None:
        return _Filled(replace(sheet, closed=_say(texts, refused)), service, kind, person, {})
    asked = _ask(work, service, typed, standing, texts)
    ready = asked.complete and unseen is None and bool(_ID.fullmatch(typed.id))
    filled = replace(sheet, fields=asked.fields, problem=asked.problem, ready=ready, checked=asked.checked)
    return _Filled(filled, service, kind, person, asked.answers)


def _with_the_only_document(work: Work, typed: Typed, documents: tuple[str, ...]) -> Typed:
    """Nothing was seen of who calls: the only document there is, and today, are not asked for."""
    if len(documents) > 1:
        return typed
    return replace(typed, document=documents[0], seen_on=_today(work))


def _person(work: Work, officer: Officer, typed: Typed) -> tuple[PersonRow | None, str]:
    number = parse_identifier(work.it.scheme.person_number, typed.person)
    if isinstance(number, Problem):
        return None, _say(load_texts(work.it.scheme.code), number)
    person = people.person(work.db, number.value)
    if person is None or (typed.channel is Channel.DESK and person.office != officer.office):
        return None, "No such person belongs to your office."
    return person, ""


def _record(work: Work, officer: Officer, person: PersonRow | None, service: Service) -> Person | None:
    """Read the record of whom it is about; that it was opened is noted."""
    if person is None:
        return None
    actor = Actor("officer", officer.id, officer.office)
    details = {"kind": service.id}
    audit.record(work.db, work.at, actor, "desk.file.opened", person.number, purpose="desk entry", details=details)
    record = person_of(compose(work.db, work.it.scheme, person, work.at, {}, _LANGUAGE).document)
    if isinstance(record, Malformed):
        raise Bug(f"the record that we composed cannot be read: {record.detail}")
    return record


@dataclass(frozen=True, slots=True)
class _Asked:
    """The questions as far as they are answered, and what the answers come to."""

    fields: tuple[Field, ...]
    answers: Mapping[str, str]
    checked: tuple[tuple[str, str], ...]
    problem: str
    complete: bool


def _ask(work: Work, service: Service, typed: Typed, standing: Standing, texts: Texts) -> _Asked:
    """Ask every question that the answers so far call for; an earlier answer may call for more."""
    answers: dict[str, str] = {}
    fields: dict[str, Field] = {}
    while True:
        open_ = [question for question in pages(service, answers, standing) if question.id not in fields]
        if not open_:
            break
        for question in open_:
            fields[question.id] = _field(work, service, question, typed, standing, answers, texts)
    asked = {question.id for question in pages(service, answers, standing)}
    shown = tuple(one for name, one in fields.items() if name in asked)
    problem, complete = "", all(not one.problem and (one.optional or one.id in answers) for one in shown)
    if complete:
        wrong = form.recheck(service, answers, work.it.scheme, standing)
        problem = "" if wrong is None else _say(texts, wrong)
    checked = tuple((one.label, dict(one.choices).get(one.value, one.value)) for one in shown)
    return _Asked(shown, answers, checked, problem, complete and not problem)


def _field(  # noqa: PLR0917 - the question, and all that is known
    work: Work,
    service: Service,
    question: Question,
    typed: Typed,
    standing: Standing,
    answers: dict[str, str],
    texts: Texts,
) -> Field:
    """Show one question; its answer, where it fits, is added to the answers."""
    key = f"question.{service.id}.{question.id}"
    label = texts.text(_LANGUAGE, f"{key}.label" if texts.has(f"{key}.label") else key)
    hint = texts.template(_LANGUAGE, f"{key}.hint") if texts.has(f"{key}.hint") else ""
    sent = question.id in typed.answers
    value = typed.answers.get(question.id, "")
    if not sent and question.prefill is not None:
        value = question.prefill(answers, standing)
    choices = _choices(service, question, standing, answers, texts)
    problem = ""
    if sent:
        outcome = form.check_answer(question, value, work.it.scheme, answers, standing)
        if isinstance(outcome, Problem):
            problem = _say(texts, outcome)
        else:
            answers |= form.answers_of(question, value, outcome)
    kind = _KINDS.get(question.type, "line")
    return Field(question.id, label, hint, kind, value, choices, problem, question.optional)


_KINDS = {
    QuestionType.CHOICE: "choice",
    QuestionType.REQUEST: "choice",
    QuestionType.DATE: "date",
    QuestionType.FREE_TEXT: "long",
    QuestionType.ADDRESS: "long",
}


def _choices(
    service: Service, question: Question, standing: Standing, answers: Mapping[str, str], texts: Texts
) -> tuple[tuple[str, str], ...]:
    if question.type is QuestionType.REQUEST:
        requests = () if standing.record is None else standing.record.requests
        return tuple(
            (line.transaction_id, f"{reference.format(line.reference)} ({line.recorded_on})")
            for line in requests
            if line.stoppable
        )
    key = f"question.{service.id}.{question.id}.choice"
    fixed = tuple((value, texts.text(_LANGUAGE, f"{key}.{value}")) for value in question.choices)
    found = question.choices_from(answers, standing) if question.choices_from else ()
    return fixed + tuple((choice.value, choice.label) for choice in found)


def _say(texts: Texts, problem: Problem) -> str:
    return texts.fill(_LANGUAGE, problem.key, problem.parameters)


def _kind(service: Service, channel: Channel) -> EvidenceKind:
    kind = rules.evidence(service, channel)
    if kind is None:
        raise Bug(f"{service.id} is offered on a channel that it does not come by")
    return kind


def _today(work: Work) -> str:
    return work.at.astimezone(work.it.scheme.bank_change.zone).date().isoformat()
