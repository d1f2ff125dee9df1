"""Proof of life: the next day it is due, when an officer attended; otherwise only that the person was here.

Rules:
- Presence is the word of an officer's own card (`Standing.staff`), never of the holder's or the terminal.
- A proof counts from the day it was given, however late it arrives, and never brings the due day nearer.
- What the desk enters for somebody who cannot come (`back_office.by_officer`) takes two officers. Nothing here stops or releases a payment.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from back_office.by_officer import approved_by, seen_by_two
from back_office.repository import attended, moment, scope
from back_office.repository.attended import Proof
from back_office.services.effect import Effect, InForce, Outcome
from kiosk.domain.services.proof_of_life import next_due
from kiosk.wire.officer_entry import OfficerEntry

if TYPE_CHECKING:
    from back_office.installation import Work
    from back_office.services.effect import Asked


def decide(work: Work, asked: Asked) -> Outcome:
    """Record the visit; attended, it is a proof. What two officers entered is one, for the day on which it was seen."""
    if seen_by_two(asked.transaction):
        return _entered(work, asked)
    zone = work.it.scheme.bank_change.zone
    given_on = moment(asked.transaction.signed_at).astimezone(zone).date()
    officer = asked.standing.staff
    attended.add_proof(
        work.db,
        Proof(asked.id, asked.number, "card", given_on.isoformat(), asked.row.office, officer, None, work.time),
    )
    scope.visited(work.db, asked.number, asked.row.office, work.time)
    if not officer:
        return InForce({"due_on": scope.proof_of_life_due(work.db, asked.number)}, text="visit_only")
    return InForce({"due_on": _move(work, asked.number, given_on)})


def _entered(work: Work, asked: Asked) -> Outcome:
    entry = asked.transaction
    assert isinstance(entry, OfficerEntry)  # noqa: S101 - the caller has asked
    proof = Proof(
        asked.id, asked.number, entry.document, entry.seen_on, asked.row.office, entry.officer,
        approved_by(work, asked.id), work.time,
    )  # fmt: skip
    attended.add_proof(work.db, proof)
    return InForce({"due_on": _move(work, asked.number, date.fromisoformat(entry.seen_on))})


def _move(work: Work, person: str, given_on: date) -> str:
    """Set the next due day; returns it."""
    stands = scope.proof_of_life_due(work.db, person)
    due = next_due(given_on, date.fromisoformat(stands) if stands else None, work.it.scheme.proof_of_life_months)
    scope.put_proof_of_life(work.db, person, due.isoformat())
    return due.isoformat()


GIVE = Effect(decide)
