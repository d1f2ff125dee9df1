"""What was set aside and what is in conflict, at the desk: what an officer sees of it, and what an officer decides.

Rules:
- Accepted as it is, an item is decided by the rules like any other: an officer lets it pass a gate, never past the firewall.
- What no signature proves cannot be accepted, by however many officers. What was signed too long ago takes two.
- A revision is counted up with every step, so that the second officer on the same case is told.
- Whatever lies under the same id besides opens its case again: nothing is in no queue, nothing in two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from back_office import by_officer, examination, opening
from back_office.examination import EDIT_CONFLICT
from back_office.repository import conflicts, desk, inbox, moment, people, reports
from back_office.services import deciding
from back_office.services.deciding import CASE
from back_office.services.registry import EFFECTS
from kiosk.domain.accounts import grouped
from kiosk.domain.catalogue import find
from kiosk.schemes import load_texts
from kiosk.wire.officer_entry import OfficerEntry
from kiosk.wire.report import Report

if TYPE_CHECKING:
    from back_office.installation import Work
    from back_office.repository.conflicts import ConflictRow
    from back_office.repository.desk import DeskCase
    from back_office.repository.inbox import InboxRow
    from back_office.repository.people import PersonRow
    from kiosk.wire.envelope import Transaction

IDENTITY = "identity"
"""Somebody holds the card of a person who is recorded as dead; a yes says that the person is alive."""
ENTERED, SECOND = "entered", "second_officer"
"""What one officer entered, and that it waits for another."""
KINDS = frozenset({"quarantine", "conflict", CASE, IDENTITY, ENTERED})
_TOO_OLD = "cannot_be_attributed:clock"
_CAN_ENTER = frozenset({"place_taken", "epoch_unknown"})


@dataclass(frozen=True, slots=True)
class Item:
    """What a case is about, as far as it can be opened. `officers`: how many it takes to accept it (0: nobody can)."""

    officers: int
    first_officer: str
    is_entry: bool
    can_retry: bool
    service: str = ""
    name: str = ""
    number: str = ""
    birth_date: str = ""
    signed_at: str = ""
    asked: tuple[tuple[str, str], ...] = ()
    now: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class _About:
    """Which of the things under a case's id it is about: an entry of the inbox, or one that could not enter."""

    row: InboxRow | None
    kept: ConflictRow | None
    waiver: str = ""
    officers: int = 0

    @property
    def entry(self) -> InboxRow | None:
        """The entry, wherever it is kept."""
        return self.row if self.kept is None else examination.as_entry(self.kept)


def look(work: Work, case: DeskCase) -> Item | None:
    """Open what a case is about; None for a case of another kind."""
    if case.kind not in KINDS:
        return None
    about = _about(work, case)
    entry = about.entry
    first = case.first_officer or ""
    if entry is None:
        return Item(0, first, is_entry=False, can_retry=False)
    found = examination.attributed(work, entry)
    retry = about.kept is None and case.kind == "quarantine"
    if found is None:
        return Item(about.officers, first, is_entry=True, can_retry=retry)
    transaction, person = found
    if case.kind == IDENTITY:
        person = people.person(work.db, reports.reported_dead_by(work.db, case.subject))
    return Item(
        about.officers,
        first,
        is_entry=True,
        can_retry=retry,
        service=_name(work, transaction.service),
        name="" if person is None else person.name,
        number="" if person is None else person.number,
        birth_date="" if person is None else person.birth_date,
        signed_at=transaction.signed_at,
        asked=_seen(work, transaction) + _asked(work, transaction),
        now=() if person is None else _now(work, person) + _attached(work, transaction, person),
    )


def accept(work: Work, officer: str, case: DeskCase) -> str | None:
    """Let one officer accept; what to say, or None when it cannot be accepted (by this officer)."""
    if case.kind == CASE:
        return "Accepted." if deciding.settle(work, case, officer, accept=True, reason="") else None
    if case.kind == IDENTITY:
        return _alive(work, case)
    about = _about(work, case)
    first = case.first_officer or ""
    if about.officers == 0 or officer == first:
        return None
    if about.officers > 1 and not first:
        desk.note_first(work.db, case.n, officer)
        return "Your acceptance is noted. Another officer must accept it too."
    if about.kept is not None:
        if not examination.admit(work, about.kept):
            return None
    elif about.row is not None:
        examination.accept(work, about.row, about.waiver, f"{first} {officer}".strip())
    return "Accepted: it is being decided by the rules like any other."


def _alive(work: Work, case: DeskCase) -> str | None:
    """Take back a death that was recorded wrongly; what was set aside meanwhile is decided again."""
    person = reports.reported_dead_by(work.db, case.subject)
    if not person:
        return None
    reports.withdraw_death(work.db, person, work.time)
    return "The person is alive again in the record. Have what was set aside meanwhile decided again."


def refuse(work: Work, officer: str, case: DeskCase, reason: str) -> bool:
    """End what a case is about; False when there is nothing to refuse."""
    if case.kind == CASE:
        return deciding.settle(work, case, officer, accept=False, reason=reason)
    if case.kind == IDENTITY:
        return True  # it stays as it is
    about = _about(work, case)
    if about.kept is not None:
        examination.refuse_conflict(work, about.kept, reason)
    elif about.row is not None:
        examination.refuse(work, about.row, reason)
    else:
        return False
    return True


def reopen_for_the_rest(work: Work, case: DeskCase) -> None:
    """Open the case again when something else lies under its id."""
    if case.kind == "conflict":
        left = _about(work, case)
        reason = EDIT_CONFLICT if left.kept is None else left.kept.reason
        if left.entry is not None:
            desk.open_case(
                work.db, kind="conflict", subject=case.subject, office=case.office, reason=reason, at=work.time
            )


def _about(work: Work, case: DeskCase) -> _About:
    row = inbox.by_id(work.db, case.subject)
    if case.kind in {CASE, IDENTITY}:
        return _About(row, None, "", 1)
    if case.kind in {"quarantine", ENTERED}:
        if row is None or row.status != "quarantined":
            return _About(None, None)
        return _set_aside(work, row)
    if row is not None and row.status == "received" and row.held == EDIT_CONFLICT:
        return _About(row, None, EDIT_CONFLICT, 1)
    kept = next((one for one in conflicts.of(work.db, case.subject) if not one.outcome), None)
    free = kept is not None and row is None and kept.reason in _CAN_ENTER
    return _About(None, kept, "", 1 if free else 0)


def _set_aside(work: Work, row: InboxRow) -> _About:
    if row.reason == SECOND:
        return _About(row, None, by_officer.ATTESTED, 2)
    if row.reason == _TOO_OLD and examination.attributed(work, row) is not None:
        return _About(row, None, opening.TOO_OLD, 2)
    return _About(row, None, "", 1 if row.reason == "terminal_retired" else 0)


def _name(work: Work, service: str) -> str:
    """Name a service in the words of the scheme; one that this version does not know by its id."""
    found = find(service)
    return service if found is None else load_texts(work.it.scheme.code).text("en", found.title_key)


def _seen(work: Work, transaction: Transaction | Report) -> tuple[tuple[str, str], ...]:
    """Say of what an officer entered: who, by which way, and what was seen."""
    if not isinstance(transaction, OfficerEntry):
        return ()
    texts = load_texts(work.it.scheme.code)
    document = texts.text("en", f"by_officer.document.{transaction.document}")
    way = "at the desk" if transaction.channel == "desk" else "on the telephone"
    return (("Entered by", f"{transaction.officer}, {way}"), ("Seen", f"{document}, {transaction.seen_on}"))


def _asked(work: Work, transaction: Transaction | Report) -> tuple[tuple[str, str], ...]:
    if isinstance(transaction, Report) or deciding.knows(transaction.service):
        return _answers(work, transaction)
    asked = {"New account": grouped(transaction.answers["account"])} if "account" in transaction.answers else {}
    asked |= {"About the change": transaction.answers["change"]} if "change" in transaction.answers else {}
    seen = transaction.base_version
    asked["Record that the person saw"] = "none" if seen is None else f"version {seen}"
    typed = sorted({author for author in transaction.entered_by.values() if author != "holder"})
    if typed:
        asked["Typed by"] = ", ".join(typed)
    return tuple(asked.items())


def _answers(work: Work, transaction: Transaction | Report) -> tuple[tuple[str, str], ...]:
    """Every answer beside its question, in the words of the scheme where it has them."""
    texts = load_texts(work.it.scheme.code)
    rows = []
    for name, value in transaction.answers.items():
        key = f"question.{transaction.service}.{name}"
        label = texts.text("en", f"{key}.label") if texts.has(f"{key}.label") else name
        choice = f"{key}.choice.{value}"
        author = transaction.entered_by.get(name, "holder")
        rows.append((label, texts.text("en", choice) if texts.has(choice) else value))
        if author != "holder":
            rows.append((f"{label}: typed by", author))
    return tuple(rows)


def _attached(work: Work, transaction: Transaction | Report, person: PersonRow) -> tuple[tuple[str, str], ...]:
    """Give what the service wants an officer to see beside the answers."""
    effect = EFFECTS.get(transaction.service)
    return () if effect is None or effect.attached is None else effect.attached(work, person, transaction.answers)


def _now(work: Work, person: PersonRow) -> tuple[tuple[str, str], ...]:
    account = people.account_in_force(work.db, person.number)
    zone = work.it.scheme.bank_change.zone
    if account is None:
        return (("Account now", "none"), ("Record now", f"version {person.version}"))
    since = moment(account.valid_from).astimezone(zone)
    return (
        ("Account now", grouped(account.iban)),
        ("In force since", f"{since:%Y-%m-%d %H:%M}"),
        ("Record now", f"version {person.version}"),
    )
