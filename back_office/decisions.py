"""Decides what was received: envelope opened, card signature and chain verified, rule applied, effect and word written.

Rules:
- Opened and verified first, in processes beside this one; then one transaction a group, in which each item can be undone alone: decision,
  effect, outbox rows, verdict and audit line of an item are there together or not at all.
- What a group asks is read together and what it adds is written together (`repository.group`, `foresight`); if that
  fails, its items are taken one by one in the same transaction.
- Who stands in a group once is decided before those who stand in it twice: these come in the order of their arrival.
- An item is decided once: its inbox row leaves `received` in the same transaction.
- What cannot be opened or attributed is quarantined for an officer; what can is refused with a reason a citizen can read.
- Inner id and terminal must equal the outer ones; whose request it is follows from the card, never from what was typed.
"""

from __future__ import annotations

import gc
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING

import structlog

from back_office import (
    accesses,
    aside,
    audit,
    bank_changes,
    examination,
    firewall,
    foresight,
    logs,
    new_pins,
    opening,
    representation,
)
from back_office.installation import Work
from back_office.openers import Opening
from back_office.repository import inbox, people, reports, waivers
from back_office.repository.group import Group, NotWritten
from back_office.services import deciding
from kiosk.domain import transaction as authorship
from kiosk.domain.audit import Actor
from kiosk.domain.errors import EnvironmentFault
from kiosk.wire.access import VerifiedAccess
from kiosk.wire.aside import Feedback, PinSet, Ticket
from kiosk.wire.envelope import VerifiedTransaction
from kiosk.wire.officer_entry import OfficerEntry
from kiosk.wire.report import Report

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from back_office.installation import Installation
    from back_office.openers import Openers
    from back_office.opening import Opened
    from back_office.repository.inbox import InboxRow
    from back_office.repository.people import PersonRow
    from kiosk.wire.envelope import Transaction

_AHEAD = 2
"""So many groups are opened while one is decided."""


def decide(it: Installation, transaction_id: str) -> frozenset[str]:
    """Decide one received item, alone and now: somebody waits for it. The ids of the requests that moved."""
    return decide_group(it, [transaction_id])


def decide_group(it: Installation, ids: Sequence[str], opened: Opening | None = None) -> frozenset[str]:
    """Decide received items in one transaction, each of which can be undone alone; the ids of the requests that moved.

    `opened` is what `read_ahead` gave for them. What was decided before is left alone; an item that fails by a fault of
    ours is quarantined and delays nobody.
    """
    entries = (opened or _open(it, ids, None)).result()
    with _no_collection(), it.work() as outer:
        waiting = inbox.still_undecided(outer.db, ids)
        group = Group(outer.db, it.database)
        work = Work(group, it, outer.at)
        with audit.gathered(group) as lines:
            return frozenset(_decide_all(work, group, [one for one in entries if one.row.id in waiting], lines))


@contextmanager
def _no_collection() -> Iterator[None]:
    """Let the collector rest: it would walk through the rows of a group many times, and none of them is in a circle."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def read_ahead(it: Installation, groups: Sequence[Sequence[str]], openers: Openers) -> Iterator[Opening]:
    """Read groups and have them opened while the ones before are decided; one for each, in their order."""
    under_way: deque[Opening] = deque()
    for ids in groups:
        under_way.append(_open(it, ids, openers))
        if len(under_way) > _AHEAD:
            yield under_way.popleft()
    yield from under_way


def _open(it: Installation, ids: Sequence[str], openers: Openers | None) -> Opening:
    at = it.clock.now()
    with it.database.read() as db:
        rows = inbox.by_ids(db, ids)
        old = frozenset(id_ for id_, what in waivers.given(db, ids) if what == opening.TOO_OLD)
    return Opening(it.keyring, [(rows, None)], at, old) if openers is None else openers.open(rows, at, old)


def _decide_all(work: Work, group: Group, opened: Sequence[Opened], lines: audit.Gathered) -> set[str]:
    opened = _ordered(work, group, opened)
    if len(opened) > 1:
        try:
            with group.whole():
                return {id_ for one in opened for id_ in _decide_or_set_aside(work, group, one, lines)}
        except EnvironmentFault:
            raise
        except Exception as error:  # noqa: BLE001 - one of them cannot be written: it must not take the others along
            structlog.get_logger().warning("group_taken_apart", count=len(opened), **logs.describe(error))
            lines.forget_after(0)
    return {id_ for one in opened for id_ in _decide_or_set_aside(work, group, one, lines, at_once=True)}


def _ordered(work: Work, group: Group, opened: Sequence[Opened]) -> list[Opened]:
    """Read what will be asked; those whom it is foretold for come first, for nothing before them changes it."""
    verified = [one.content.transaction for one in opened if isinstance(one.content, VerifiedTransaction)]
    foreseen = foresight.foresee(group, verified, firewall.midnight(work))

    def later(one: Opened) -> bool:
        content = one.content
        if not isinstance(content, VerifiedTransaction):
            return content is not None
        return content.transaction.service != bank_changes.CHANGE or content.transaction.card not in foreseen

    return sorted(opened, key=later)


def set_aside(it: Installation, transaction_id: str, reason: str) -> frozenset[str]:
    """Quarantine an item whose transaction fails whatever is done in it, so that it delays nobody and is not lost."""
    with it.work() as work:
        row = inbox.by_id(work.db, transaction_id)
        if row is None or row.status != "received":
            return frozenset()
        return examination.quarantine(work, row, reason)


def _decide_or_set_aside(
    work: Work, group: Group, opened: Opened, lines: audit.Gathered, *, at_once: bool = False
) -> frozenset[str]:
    before = len(lines.rows)
    try:
        with group.item():
            moved = _decide(work, opened)
            if at_once:
                group.write_now()
            return moved
    except (EnvironmentFault, NotWritten):
        raise  # the disk, the keys or another item
    except Exception as error:  # noqa: BLE001 - whatever it is, this item must not delay the others
        structlog.get_logger().warning("decision_failed", id=opened.row.id, **logs.describe(error))
        lines.forget_after(before)
        return examination.quarantine(work, opened.row, f"fault:{type(error).__name__}")


def _decide(work: Work, opened: Opened) -> frozenset[str]:  # noqa: PLR0911 - one line a kind
    match opened.content:
        case str() as reason:
            return examination.quarantine(work, opened.row, reason)
        case None:
            return _note(work, opened.row)
        case Report() as report:
            return deciding.decide(work, opened.row, report, None)
        case Ticket() as ticket:
            return aside.keep_ticket(work, opened.row, ticket)
        case Feedback() as told:
            return aside.count(work, opened.row, told)
        case PinSet() as set_:
            return new_pins.note(work, opened.row, set_)
        case VerifiedAccess(access):
            return accesses.note(work, opened.row, access)
        case OfficerEntry() as entry:
            return _decide_transaction(work, opened.row, entry)
        case verified:
            return _decide_transaction(work, opened.row, verified.transaction)


def _decide_transaction(work: Work, row: InboxRow, transaction: Transaction) -> frozenset[str]:
    card = people.card(work.db, transaction.card)
    acting = representation.acting(work, transaction)
    person = acting.person if acting else representation.whose(work, transaction)
    unfit = _unfit(work, transaction, person)
    if unfit:
        examination.tell_held(work, row, transaction, person)
        return examination.quarantine(work, row, unfit)
    revoked = card is not None and card.revoked_at is not None  # with all its certificates
    if deciding.knows(transaction.service):
        return deciding.decide(work, row, transaction, person, revoked=revoked, acting=acting)
    return bank_changes.decide(work, row, transaction, person, revoked=revoked, acting=acting)


def _unfit(work: Work, transaction: Transaction, person: PersonRow | None) -> str:
    """Say why a genuine transaction is none that this version can decide; empty when it is."""
    general, represented = deciding.knows(transaction.service), representation.is_represented(transaction)
    checks = {
        "scheme_unknown": transaction.scheme != work.it.scheme.code,
        "service_unknown": not general and not bank_changes.knows(transaction.service),
        "evidence_unknown": not general and not bank_changes.is_evidence(work, transaction),
        "authors_unclear": authorship.check_entered_by(transaction.entered_by, transaction.answers) is not None,
        "answer_missing": not general and not bank_changes.says_what(transaction),
        "other_person": not represented and person is not None and transaction.person not in {"", person.number},
        "identity:urgent": person is not None and bool(reports.died_on(work.db, person.number)),
    }
    return next((name for name, unfit in checks.items() if unfit), "")


def _note(work: Work, row: InboxRow) -> frozenset[str]:
    """Keep what a terminal reports of itself (access, audit, feedback, ticket): it has no effect to decide."""
    inbox.set_status(work.db, row.id, "decided")
    actor = Actor("terminal", row.terminal, row.office)
    audit.record(work.db, work.at, actor, f"terminal.{row.kind}", row.id, purpose="report", details={"kind": row.kind})
    return frozenset({row.id})
