"""What waits for the officers of an office, and everything they need to see of one case.

Rules:
- The list shows names and stages; a person's file is read only when a case is opened, and that is in the audit log.
- Calls for staff tell terminal, step and waiting time, nothing of a person.
- For an officer there are the cases of the own office, and no others.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from back_office import audit, firewall
from back_office.desk import examined, wording
from back_office.repository import changes, desk, desk_views, inbox, moment, outbox, papers, people, terminals
from kiosk.domain.accounts import grouped
from kiosk.domain.audit import Actor
from kiosk.domain.bank_change import Change, State, Verification, missing
from kiosk.domain.bank_change.guards import barred_officers
from kiosk.domain.reference import format as write_reference

if TYPE_CHECKING:
    from datetime import datetime

    from back_office.database import Connection
    from back_office.desk.examined import Item
    from back_office.installation import Installation, Work
    from back_office.repository.changes import ChangeEvent, ChangeRow
    from back_office.repository.desk import DeskCase, Officer
    from back_office.repository.outbox import OutboxRow
    from kiosk.domain.scheme import Scheme


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A case in the list."""

    number: int
    kind: str
    title: str
    subject: str
    reference: str
    name: str
    stage: str
    reasons: tuple[str, ...]
    waited: str


@dataclass(frozen=True, slots=True)
class CallLine:
    """A call for staff in the list."""

    number: int
    terminal: str
    step: str
    waited: str
    minutes: int


@dataclass(frozen=True, slots=True)
class Queue:
    """Everything that waits in one office."""

    office: str
    office_name: str
    cases: tuple[CaseLine, ...]
    calls: tuple[CallLine, ...]


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One step of a change, as an officer reads it."""

    at: str
    what: str
    who: str
    reason: str
    stage: str


@dataclass(frozen=True, slots=True)
class MessageLine:
    """One message to a partner."""

    what: str
    state: str


@dataclass(frozen=True, slots=True)
class ChangeFile:
    """A bank change with the person's part of the record; accounts in groups of four."""

    name: str
    number: str
    birth_date: str
    former_names: tuple[str, ...]
    stage: str
    new_account: str
    as_typed: str
    old_account: str
    verification: str
    holder_at_bank: str
    flags: tuple[str, ...]
    missing: tuple[str, ...]
    barred: tuple[str, ...]
    bank_proof: str
    wait_until: str
    history: tuple[HistoryLine, ...]
    messages: tuple[MessageLine, ...]


@dataclass(frozen=True, slots=True)
class PaperLine:
    """A paper that was brought and scanned: its number, and what there is to say of it."""

    number: int
    name: str
    said: str


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case whole. `revision` is what an officer's act must name; `change` only where it is about one.

    `item` is what was set aside or is in conflict.
    """

    number: int | None
    kind: str
    title: str
    subject: str
    office: str
    reference: str
    terminal: str
    opened_at: str
    reasons: tuple[str, ...]
    closed: str
    revision: int
    state: State | None
    proof_needed: bool
    change: ChangeFile | None
    item: Item | None = None
    papers: tuple[PaperLine, ...] = ()


@dataclass(frozen=True, slots=True)
class NoSuchCase:
    """There is no such case or change in this office."""


def queue(it: Installation, office: str) -> Queue:
    """Read what waits in an office."""
    now = it.clock.now()
    with it.database.read() as db:
        cases = desk_views.listed_cases(db, office)
        calls = desk.open_calls(db, office)
        name = terminals.office_name(db, office) or office
    return Queue(
        office,
        name,
        tuple(_line(case, now) for case in cases),
        tuple(
            CallLine(
                call.number,
                call.terminal,
                call.step.replace("_", " "),
                wording.waited(now - moment(call.called_at)),
                max(int((now - moment(call.called_at)).total_seconds()) // 60, 0),
            )
            for call in calls
        ),
    )


def _line(case: desk_views.ListedCase, now: datetime) -> CaseLine:
    return CaseLine(
        number=case.n,
        kind=case.kind,
        title=wording.KINDS.get(case.kind, case.kind),
        subject=case.subject,
        reference=write_reference(case.reference),
        name=case.name,
        stage=wording.STATES[State(case.state)] if case.state else "",
        reasons=tuple(wording.reasons(case.reason)),
        waited=wording.waited(now - moment(case.opened_at)),
    )


def find(db: Connection, identifier: str) -> tuple[DeskCase | None, str]:
    """Find a case by its number, or the newest case about a transaction by its id or reference.

    Returns the case (None where there is none) and the transaction's id (empty where nothing is known by that name).
    """
    if identifier.isdigit() and len(identifier) < 10:  # noqa: PLR2004 - a reference has 12 characters
        case = desk.case(db, int(identifier))
        return case, "" if case is None else case.subject
    row = inbox.by_reference(db, identifier.replace("-", "").upper())
    subject = identifier if row is None else row.id
    cases = desk.cases_of(db, subject)
    if cases:
        return max(cases, key=lambda case: (case.closed_at is None, case.n)), subject
    return None, subject if changes.change(db, subject) is not None or row is not None else ""


def open_file(work: Work, identifier: str, officer: Officer | None) -> CaseFile | NoSuchCase:
    """Read a case whole; whose file was opened by whom is noted. Without an officer it is the operator who looks."""
    case, subject = find(work.db, identifier)
    row = changes.change(work.db, subject) if subject else None
    received = inbox.by_id(work.db, subject) if subject else None
    owner = case or row or received
    if owner is None or (officer is not None and owner.office != officer.office):
        return NoSuchCase()
    change = None if row is None else firewall.read(row)
    item = None if case is None or case.closed_at is not None else examined.look(work, case)
    actor = Actor("operator", "desk") if officer is None else Actor("officer", officer.id, officer.office)
    seen = change.person if change is not None else item.number if item is not None and item.number else subject
    audit.record(work.db, work.at, actor, "desk.file.opened", seen, purpose="desk case", details={"change": subject})
    return CaseFile(
        number=None if case is None else case.n,
        kind="change" if case is None else case.kind,
        title="Bank change" if case is None else wording.KINDS.get(case.kind, case.kind),
        subject=subject,
        office=owner.office,
        reference="" if received is None else write_reference(received.reference),
        terminal="" if received is None else received.terminal,
        opened_at="" if case is None else _written(case.opened_at, work.it.scheme),
        reasons=() if case is None else tuple(wording.reasons(case.reason)),
        closed=_closed(case),
        revision=_revision(case, row),
        state=None if change is None else change.state,
        proof_needed=change is not None and _proof_needed(change),
        change=None if change is None or row is None else _file(work, change, row.as_typed),
        item=item,
        papers=tuple(_paper(paper, work.it.scheme) for paper in papers.of(work.db, subject)),
    )


def _paper(paper: papers.Paper, scheme: Scheme) -> PaperLine:
    size = max(paper.size // 1024, 1)
    written = _written(paper.attached_at, scheme)
    said = f"{paper.media_type}, {size} KB, attached by {paper.officer} on {written}, SHA-256 {paper.digest}"
    return PaperLine(paper.n, paper.name, said)


def _revision(case: DeskCase | None, row: ChangeRow | None) -> int:
    """Give the revision of what an act would move: the case, where it is settled as such, or the change."""
    if case is not None and (row is None or case.kind in examined.KINDS):
        return case.revision
    return 0 if row is None else row.revision


def is_barred(file: CaseFile, officer: str) -> bool:
    """Tell whether this officer had a hand in it, so that the next step is another's."""
    if file.item is not None:
        return file.item.first_officer == officer
    return file.change is not None and officer in file.change.barred


def _closed(case: DeskCase | None) -> str:
    if case is None or case.closed_at is None:
        return ""
    return f"closed by {case.closed_by}: {case.outcome}" + (f" ({case.remark})" if case.remark else "")


def _proof_needed(change: Change) -> bool:
    doubtful = change.verified_at is not None and change.verification is not Verification.MATCH
    return doubtful and change.bank_proof is None


def _file(work: Work, change: Change, as_typed: str) -> ChangeFile:
    db, scheme = work.db, work.it.scheme
    person = people.person(db, change.person)
    lacking = () if change.closed_at or change.in_force_at else missing(change, scheme.bank_change, work.at)
    proof = change.bank_proof
    return ChangeFile(
        name="" if person is None else person.name,
        number=change.person,
        birth_date="" if person is None else person.birth_date,
        former_names=people.former_names(db, change.person),
        stage=wording.STATES[change.state],
        new_account=grouped(change.account),
        as_typed=as_typed,
        old_account=grouped(change.previous_account),
        verification=wording.VERIFICATIONS[change.verification],
        holder_at_bank=change.holder_name_at_bank,
        flags=tuple(wording.FLAGS[flag] for flag in sorted(change.flags, key=lambda flag: flag.value)),
        missing=tuple(wording.GUARDS[guard] for guard in lacking),
        barred=tuple(sorted(_barred(change))),
        bank_proof="" if proof is None else f"{proof.document} (seen by {proof.officer})",
        wait_until=_moment(change.wait_until, scheme) if change.state is State.WAITING and change.wait_until else "",
        history=tuple(_history(event, scheme) for event in changes.events(db, change.id)),
        messages=tuple(_message(row) for row in outbox.of_change(db, change.id)),
    )


def _barred(change: Change) -> frozenset[str]:
    """Name who cannot take the deciding step: after a first finding on a dispute, who found it."""
    if change.state is State.DISPUTED:
        return frozenset({change.dismissed_by} - {""})
    return barred_officers(change)


def _history(event: ChangeEvent, scheme: Scheme) -> HistoryLine:
    return HistoryLine(
        at=_written(event.at, scheme),
        what=wording.OUTCOMES.get(event.event, event.event),
        who=event.actor,
        reason=event.reason,
        stage=wording.STATES[State(event.after)],
    )


def _message(row: OutboxRow) -> MessageLine:
    payload = json.loads(row.payload)
    what = {"verify_account": "question to the bank", "announce_account": "advice to the bank"}.get(row.kind, "notice")
    if row.kind == "notice":
        what = f"notice ({payload['purpose'].replace('_', ' ')}) by {payload['channel']}"
    if row.done_at is not None:
        return MessageLine(what, str(json.loads(row.result or "{}").get("outcome", "done")).replace("_", " "))
    return MessageLine(what, f"tried {row.attempts} times, goes on" if row.attempts else "on its way")


def _written(at: str, scheme: Scheme) -> str:
    return _moment(moment(at), scheme)


def _moment(at: datetime, scheme: Scheme) -> str:
    return f"{at.astimezone(scheme.bank_change.zone):%Y-%m-%d %H:%M}"
