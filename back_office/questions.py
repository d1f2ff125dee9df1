"""Answers the questions of a visit: the person's record, own requests, stopping by code, the status behind a receipt.

Rules:
- Whose record it is follows from the card that signed the question; answers are signed and sealed to the visit's key.
- Where a request stands is said in words too, in the language it was made in (or the one the question names).
- The record is the one that is sealed for terminals as well (`record_document`); asking for it is a visit to the office.
- Officers' flags are never in an answer. A receipt's code shows only *received* or *decided*.
- Wrong codes are counted by terminal; enough of them close that terminal's code entry, never anybody's request.
- Every opening of a record leaves an audit line: who, which terminal, when.
- A PIN that goes with a number is compared between two transactions, for hashing it takes long.
- How old a question may be is the terminal's clock's affair (as for transactions): only the visit that asked can read
  the answer, so a question that is sent again gives nothing away.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from back_office import audit, firewall, number_pins, puks, staff_codes, verdicts
from back_office.api_types import Refused, SealedAnswer, SealedQuestion
from back_office.record_document import compose, request_lines
from back_office.repository import (
    changes,
    desk,
    feed,
    inbox,
    mandates,
    moment,
    people,
    records,
    reports,
    scope,
    timestamp,
)
from kiosk.domain import reference
from kiosk.domain.audit import Actor
from kiosk.domain.bank_change import Change, State, events
from kiosk.domain.bank_change.notice import digest, is_code
from kiosk.domain.lockout import closed_until
from kiosk.wire.answer import seal_answer
from kiosk.wire.envelope import open_sealed
from kiosk.wire.problem import Problem, ProblemCode
from kiosk.wire.question import read_question
from kiosk.wire.trust import Revocations

if TYPE_CHECKING:
    from back_office.database import Connection
    from back_office.installation import Installation, Work
    from back_office.repository.changes import ChangeRow
    from back_office.repository.people import PersonRow
    from back_office.repository.terminals import Terminal
    from kiosk.wire.question import VerifiedQuestion

OLDEST = timedelta(days=60)


def answer(it: Installation, terminal: Terminal, asked: SealedQuestion) -> SealedAnswer | Refused:
    """Open, verify, answer, sign and seal."""
    keys = it.keyring.keys()
    opened = open_sealed(asked.sealed.encode("ascii"), keys.sealing)
    if isinstance(opened, Problem):
        return _unreadable(opened)
    with it.work() as work:
        question = read_question(
            opened,
            keys.anchors,
            Revocations(people.revoked_serials(work.db), work.at),
            work.at,
            expected_id=asked.id,
            expected_terminal=terminal.id,
            tolerance=OLDEST,
        )
        if isinstance(question, Problem):
            if question.code is ProblemCode.REVOKED:
                return Refused(403, "card_revoked", "The card is revoked.", "The holder gets a new one at the desk.")
            return _unreadable(question)
        by_number = question.question.kind == number_pins.KIND
        body = number_pins.begin(work, terminal, question.question) if by_number else _body(work, terminal, question)
        at = work.at
    if isinstance(body, number_pins.Try):
        compared = number_pins.compare(it, body)
        with it.work() as work:
            body = number_pins.conclude(work, terminal, question.question, body, compared)
            at = work.at
    sealed = seal_answer(question.question.kind, asked.id, question.question.answer_key, body, at, keys.signer)
    if isinstance(sealed, Problem):
        return _unreadable(sealed)
    return SealedAnswer(asked.id, sealed.decode("ascii"))


def _unreadable(problem: Problem) -> Refused:
    return Refused(
        422, f"question_{problem.code.value}", f"The question was not accepted: {problem.detail}.", "Ask again."
    )


def _body(work: Work, terminal: Terminal, asked: VerifiedQuestion) -> dict[str, Any]:
    question = asked.question
    match question.kind:
        case "request_status":
            return _status(work, terminal, question.parameters.get("reference", ""))
        case "stop_change":
            return _stop_by_code(work, terminal, question.parameters.get("code", ""))
        case staff_codes.KIND:
            return dict(staff_codes.check(work, terminal, question))
        case puks.KIND:
            return dict(puks.release(work, terminal, question.card, question.parameters.get("card", "")))
        case _:
            return _for_holder(work, terminal, asked)


# --- with a card -------------------------------------------------------------------------------------


def _for_holder(  # noqa: PLR0911 - one line an answer
    work: Work, terminal: Terminal, asked: VerifiedQuestion
) -> dict[str, Any]:
    question = asked.question
    card = people.card(work.db, question.card)
    person = None if card is None or card.person is None else people.person(work.db, card.person)
    if card is not None and card.revoked_at is not None:
        return {"absent": "refused"}
    if person is None:
        return {"absent": "not_on_file"}
    other = question.parameters.get("person", "")
    if other and question.kind == "person_record":
        return _represented(work, terminal, asked, other)
    report = reports.death_report(work.db, person.number)
    if report:  # perhaps wrongly: the person stands there with card and PIN, and sees a record that cannot be shown
        urgent = "identity:urgent"
        desk.open_case(work.db, kind="identity", subject=report, office=terminal.office, reason=urgent, at=work.time)
        return {"absent": "refused"}
    actor = Actor("holder", question.card, terminal.office)
    details = {"kind": question.kind, "terminal": terminal.id}
    audit.record(work.db, work.at, actor, "record.opened", person.number, purpose="own record", details=details)
    if question.kind == "person_record":
        return _record(work, terminal, person, question.parameters.get("language", ""))
    if question.kind == "my_requests":
        language = question.parameters.get("language", "")
        return {"requests": request_lines(work.db, work.it.scheme, person, work.at, language)}
    return _holder_to_confirm(work, person, question.parameters.get("change", ""))


def _represented(work: Work, terminal: Terminal, asked: VerifiedQuestion, number: str) -> dict[str, Any]:
    """Build the record of the person whom the card's holder acts for, if a mandate holds now; that it was opened is kept."""
    question = asked.question
    held = any(one.holds(work.time) for one in mandates.between(work.db, question.card, number))
    person = people.person(work.db, number) if held else None
    if person is None or reports.died_on(work.db, number):
        return {"absent": "refused"}
    actor = Actor("representative", question.card, terminal.office)
    details = {"kind": question.kind, "terminal": terminal.id}
    audit.record(work.db, work.at, actor, "record.opened", number, purpose="mandate", details=details)
    return _record(work, terminal, person, question.parameters.get("language", ""))


def _record(work: Work, terminal: Terminal, person: PersonRow, language: str) -> dict[str, Any]:
    """Build the record. Being here is a visit: from now on this office's terminals may hold the record."""
    scope.visited(work.db, person.number, terminal.office, work.time)
    row = records.record(work.db, person.number)
    held = {} if row is None else feed.store_of(work.db).held(work.db, row.record_id)
    return compose(work.db, work.it.scheme, person, work.at, held, language).document


def _holder_to_confirm(work: Work, person: PersonRow, change_id: str) -> dict[str, Any]:
    """Show the name that the bank knows, to the person whose change it is; confirming is a signed transaction."""
    row = changes.change(work.db, change_id)
    if row is None or row.person != person.number:
        return {"absent": "not_on_file"}
    word = verdicts.of_change(firewall.read(row), work.it.scheme)
    return {"change": row.id, "holder_name": word.holder_name, "account_verification": word.account_verification}


# --- with a code -------------------------------------------------------------------------------------


def _status(work: Work, terminal: Terminal, typed: str) -> dict[str, Any]:
    """Say *received* or *decided*, and nothing else, about the request behind a receipt."""
    number = reference.validate(typed)
    if not isinstance(number, str):
        return {"outcome": "unknown", "reference": ""}
    row = inbox.by_reference(work.db, number)
    if row is None:
        return {"outcome": "unknown", "reference": number}
    request = changes.request(work.db, row.id)
    undecided = row.status not in {"decided", "refused"} or (request is not None and request.decision == "received")
    actor = Actor("terminal", terminal.id, terminal.office)
    audit.record(
        work.db, work.at, actor, "request.status_shown", row.id, purpose="receipt", details={"reference": number}
    )
    return {"outcome": "received" if undecided else "decided", "reference": number}


def _stop_by_code(work: Work, terminal: Terminal, typed: str) -> dict[str, Any]:
    throttle = work.it.scheme.code_entry
    since = timestamp(work.at - throttle.window - throttle.closed_for)
    failures = [moment(time) for time in changes.code_failures(work.db, terminal.id, since)]
    opens = closed_until(failures, work.at, throttle)
    if opens is not None:
        return {"outcome": "too_many", "detail": opens.strftime("%Y-%m-%dT%H:%M:%SZ")}
    hashed = digest(typed, work.it.keyring.code_key()) if is_code(typed) else ""
    change_id = changes.change_by_code(work.db, hashed) if hashed else None
    if change_id is None:
        changes.add_code_failure(work.db, terminal.id, work.time)
        actor = Actor("terminal", terminal.id, terminal.office)
        audit.record(work.db, work.at, actor, "code.wrong", terminal.id, purpose="stop")
        return {"outcome": "unknown"}
    event = events.StoppedByCode(work.at, hashed)
    actor = Actor("holder", "by code", terminal.office)
    outcome = firewall.happen(work, change_id, event, actor=actor, purpose="bank_account.stop")
    return _stopped(work.db, change_id, outcome)


def _stopped(db: Connection, change_id: str, outcome: firewall.Outcome) -> dict[str, Any]:
    """Say what the code did; typed a second time it says the same again."""
    row: ChangeRow | None = changes.change(db, change_id)
    kept = inbox.by_id(db, change_id)
    change = outcome if isinstance(outcome, Change) else None if row is None else firewall.read(row)
    names = {State.CANCELLED: "stopped", State.DISPUTED: "disputed"}
    told = "decided" if change is None else names.get(change.state, "decided")
    return {"outcome": told, "reference": "" if kept is None else kept.reference}
