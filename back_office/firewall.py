"""Carries the bank-change firewall of the domain: one event in, the next state and all its effects out, in one transaction.

Rules:
- `kiosk.domain.bank_change.step` alone decides; effects follow from (before, after) and from nothing else.
- Whatever takes no person (asking the bank, the notice, the wait) is done at once, in the same transaction.
- The caller opens the transaction: state, account, outbox, case, verdict and audit line commit together or not at all.
- A caller that read a revision first (an officer's page) gives it; a stale one changes nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from back_office import audit, effects
from back_office.repository import changes, outbox, people, timestamp, written
from back_office.repository.changes import ChangeEvent, ChangeRow
from kiosk.domain.audit import Actor, bank_change_line
from kiosk.domain.bank_change import (
    Change,
    Refusal,
    State,
    events,
    from_document,
    step,
    to_document,
    verification_code,
)
from kiosk.domain.errors import Bug

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, tzinfo

    from back_office.installation import Work

OWN = Actor("system", "back office")
"""The actor of what happens by rule."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """There is no such change."""


@dataclass(frozen=True, slots=True)
class Stale:
    """Someone else moved the change meanwhile."""

    revision: int


Outcome = Change | Refusal | Unknown | Stale


def read(row: ChangeRow) -> Change:
    """Read the domain's value from its row."""
    return from_document(json.loads(row.document))


def begin(  # noqa: PLR0917 - the change, where it is from, and what happens to it
    work: Work, change: Change, office: str, as_typed: str, first: Sequence[events.Event], actor: Actor, purpose: str
) -> None:
    """Keep a change that was entered, with its first events and everything that follows from them.

    The same as if they happened one by one, written once. Its request row stands already.
    """
    steps: list[tuple[Change, events.Event, Change, Actor]] = []
    current = change

    def take(event: events.Event, by: Actor, why: str) -> bool:
        nonlocal current
        after = step(current, event, work.it.scheme.bank_change)
        audit.add(work.db, bank_change_line(current, event, after, by, why))
        if isinstance(after, Refusal):
            return False
        steps.append((current, event, after, by))
        current = after
        return True

    for event in first:
        take(event, actor, purpose)
    while (own := _own_event(work, current)) is not None and take(own, OWN, "rule"):
        pass
    changes.add_change(work.db, _row(current, office, as_typed, work.time, 1 + len(steps)))
    changes.add_events(
        work.db,
        [
            ChangeEvent(
                change.id,
                number,
                timestamp(event.at),
                type(event).__name__,
                f"{by.role} {by.number}",
                "",
                before.state.value,
                after.state.value,
            )
            for number, (before, event, after, by) in enumerate(steps, 1)
        ],
    )
    for before, event, after, by in steps:
        effects.carry_out(work, before, after, effects.Occasion(event, by.number, office))


def _row(change: Change, office: str, as_typed: str, received_at: str, revision: int) -> ChangeRow:
    return ChangeRow(
        id=change.id,
        person=change.person,
        office=office,
        iban=change.account,
        as_typed=as_typed,
        state=change.state.value,
        document=_document(change),
        verification=verification_code(change),
        holder_name=change.holder_name_at_bank,
        due_at=_due(change),
        received_at=received_at,
        in_force_at=None if change.in_force_at is None else timestamp(change.in_force_at),
        revision=revision,
    )


def happen(
    work: Work,
    change_id: str,
    event: events.Event,
    *,
    actor: Actor,
    purpose: str,
    reason: str = "",
    revision: int | None = None,
) -> Outcome:
    """Let `event` happen to a change, and everything that follows from it by rule.

    `actor` is who did it, `purpose` on which ground (for the audit log), `reason` an officer's words.
    """
    row = changes.change(work.db, change_id)
    if row is None:
        return Unknown()
    if revision is not None and row.revision != revision:
        return Stale(row.revision)
    outcome = _take(work, row, event, actor=actor, purpose=purpose, reason=reason)
    if isinstance(outcome, Refusal):
        return outcome
    _go_on(work, change_id)
    return _current(work, change_id)[1]


def wait_is_over(work: Work, change_id: str) -> None:
    """Ask the gate: the clock has reached a change's day."""
    row, change = _current(work, change_id)
    if change.state is State.WAITING:
        _go_on(work, change_id)
        row, change = _current(work, change_id)
    if change.state is State.WAITING and row.due_at is not None and row.due_at <= work.time:
        raise Bug(f"the change {change_id} is due and does not move")


def _take(
    work: Work, row: ChangeRow, event: events.Event, *, actor: Actor, purpose: str, reason: str
) -> Change | Refusal:
    before = read(row)
    after = step(before, event, work.it.scheme.bank_change)
    audit.add(work.db, bank_change_line(before, event, after, actor, purpose))
    if isinstance(after, Refusal):
        return after
    saved = changes.save_change(work.db, _row(after, row.office, row.as_typed, row.received_at, row.revision))
    if not saved:
        raise Bug(f"the change {row.id} moved inside our own transaction")
    changes.add_event(
        work.db,
        row.id,
        at=timestamp(event.at),
        event=type(event).__name__,
        actor=f"{actor.role} {actor.number}",
        reason=reason,
        before=before.state.value,
        after=after.state.value,
    )
    effects.carry_out(work, before, after, effects.Occasion(event, actor.number, row.office))
    return after


def _go_on(work: Work, change_id: str) -> None:
    """Do what takes no person, until nothing is left to do."""
    while True:
        row, change = _current(work, change_id)
        event = _own_event(work, change)
        if event is None or isinstance(_take(work, row, event, actor=OWN, purpose="rule", reason=""), Refusal):
            return


def _own_event(work: Work, change: Change) -> events.Event | None:
    station = change.held_from if change.state is State.HELD else change.state
    if station is State.RECEIVED and change.asked_at is None:
        return events.VerificationAsked(work.at, _asked_today(work, change.person))
    if change.state is State.CONTACTS_NOTIFIED:
        return events.WaitBegan(work.at)
    if change.state is State.WAITING and change.wait_until is not None and change.wait_until <= work.at:
        person = people.person(work.db, change.person)
        return events.WaitOver(work.at, blocked=person is not None and person.changes_blocked)
    return None


def _asked_today(work: Work, person: str) -> int:
    return outbox.verifications_since(work.db, person, midnight(work))


def midnight(work: Work) -> str:
    """Tell when the day of this moment began, by the scheme's clock."""
    return _midnight(work.at, work.it.scheme.bank_change.zone)


@lru_cache(maxsize=4)  # a group is decided at one moment
def _midnight(at: datetime, zone: tzinfo) -> str:
    return timestamp(at.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0))


def _current(work: Work, change_id: str) -> tuple[ChangeRow, Change]:
    row = changes.change(work.db, change_id)
    if row is None:
        raise Bug(f"the change {change_id} is gone")
    return row, read(row)


def _document(change: Change) -> str:
    return written(to_document(change))


def _due(change: Change) -> str | None:
    return timestamp(change.wait_until) if change.state is State.WAITING and change.wait_until is not None else None
