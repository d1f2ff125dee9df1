"""What follows from a step of a bank change: account, outbox, desk cases, payment holds and the word to the person.

Rules:
- Everything here is derived from (before, after); it is written in the transaction that moved the change.
- Messages to partners go into the outbox under keys made of the change's id: the same effect twice is one message.
- The bank and the payment run learn of a new account at the moment it comes into force, never earlier.
"""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING

from back_office import notices, verdicts
from back_office.repository import changes, desk, outbox, people, written
from kiosk.domain.bank_change import FINAL, Change, State, decision_code, events, missing
from kiosk.domain.bank_change.guards import FOR_AN_OFFICER
from kiosk.domain.errors import Bug

if TYPE_CHECKING:
    from back_office.installation import Work


@dataclass(frozen=True, slots=True)
class Occasion:
    """What moved the change, by whom, and which office it belongs to."""

    event: events.Event
    actor: str
    office: str


_told = attrgetter("verification", "confirmed_at", "bank_proof", "wait_until")
"""What the person's word depends on, beside the decision; a new verdict is due when it differs."""


def carry_out(work: Work, before: Change, after: Change, why: Occasion) -> None:
    """Write everything that follows from the step."""
    if after.asked_at is not None and before.asked_at is None:
        _ask_bank(work, after)
    station = after.held_from if after.state is State.HELD else after.state
    if station is State.ACCOUNT_VERIFIED:
        notices.announce_receipt(work, after)
    if after.state is not before.state:
        _entered(work, before, after, why)
    if _told(before) != _told(after) or decision_code(before) != decision_code(after):
        request = changes.request(work.db, after.id)
        if request is None:
            raise Bug(f"the request of change {after.id} is gone")
        verdicts.give(work, request, verdicts.of_change(after, work.it.scheme))


def _entered(work: Work, before: Change, after: Change, why: Occasion) -> None:
    if before.state is State.HELD:
        desk.close_cases_of(work.db, "held_change", after.id, by=why.actor, outcome=decision_code(after), at=work.time)
    if after.state is State.HELD:
        desk.open_case(
            work.db,
            kind="held_change",
            subject=after.id,
            office=why.office,
            reason=_why_held(work, after),
            at=work.time,
        )
    elif after.state is State.IN_FORCE:
        _in_force(work, before, after, why)
    elif after.state is State.DISPUTED:
        changes.hold_payments(work.db, after.id, after.person, work.time)
        desk.open_case(
            work.db, kind="dispute", subject=after.id, office=why.office, reason=_how_stopped(why), at=work.time
        )
        notices.tell_of_change(work, after, "stopped")
    elif after.state in FINAL:
        _ended(work, before, after, why)


def _in_force(work: Work, before: Change, after: Change, why: Occasion) -> None:
    if before.state is State.DISPUTED:  # the dispute was dismissed: the account was in force all the time
        changes.release_payments(work.db, after.id, work.time)
        desk.close_cases_of(work.db, "dispute", after.id, by=why.actor, outcome="dismissed", at=work.time)
        return
    current = people.account_in_force(work.db, after.person)
    people.open_account(work.db, after.person, after.account, work.time, after.id)
    _announce(work, after, key="announce", iban=after.account, old="" if current is None else current.iban)
    notices.tell_of_change(work, after, "in_force")


def _ended(work: Work, before: Change, after: Change, why: Occasion) -> None:
    if before.state is State.DISPUTED:  # the dispute was upheld: payments go back to the account before
        changes.release_payments(work.db, after.id, work.time)
        desk.close_cases_of(work.db, "dispute", after.id, by=why.actor, outcome="upheld", at=work.time)
        restored = people.revert_account(work.db, after.person, after.id, work.time)
        if restored is not None:
            _announce(work, after, key="revert", iban=restored, old=after.account)
        return
    stopped = after.state is State.CANCELLED
    if stopped:
        desk.open_case(
            work.db, kind="stop", subject=after.id, office=why.office, reason=_how_stopped(why), at=work.time
        )
    notices.tell_of_change(work, after, "stopped" if stopped else "refused")


def _ask_bank(work: Work, change: Change) -> None:
    person = people.person(work.db, change.person)
    if person is None:
        raise Bug(f"the person of change {change.id} is not on file")
    question = {
        "iban": change.account,
        "name": person.name,
        "former_names": list(people.former_names(work.db, change.person)),
    }
    outbox.put(
        work.db,
        key=f"{change.id}:verify",
        kind="verify_account",
        change=change.id,
        payload=written(question),
        at=work.time,
    )


def _announce(work: Work, change: Change, *, key: str, iban: str, old: str) -> None:
    person = people.person(work.db, change.person)
    if person is None:
        raise Bug(f"the person of change {change.id} is not on file")
    notice = {
        "iban": iban,
        "old_iban": old,
        "name": person.name,
        "valid_from": work.at.astimezone(work.it.scheme.bank_change.zone).date().isoformat(),
    }
    outbox.put(
        work.db,
        key=f"{change.id}:{key}",
        kind="announce_account",
        change=change.id,
        payload=written(notice),
        at=work.time,
    )


def _why_held(work: Work, change: Change) -> str:
    """Give the officer's reason as a code: the flags, the missing guards, or an officer's own hold."""
    flags = [f"flag:{flag.value}" for flag in sorted(change.flags, key=lambda flag: flag.value)]
    guards = [guard.value for guard in missing(change, work.it.scheme.bank_change, work.at) if guard in FOR_AN_OFFICER]
    return " ".join([*flags, *guards, *(["hold"] if change.hold else [])]) or "confirmation"


def _how_stopped(why: Occasion) -> str:
    if isinstance(why.event, events.StoppedByCode):
        return "by_code"
    entered = isinstance(why.event, events.StoppedByHolder) and why.event.by_officer
    return "by_word" if entered else "by_holder"
