"""Proof of life: the next day it is due, when an officer attended; otherwise only that the person was here.

Rules:
- Presence is the word of an officer's own card (`Standing.staff`), never of the holder's or the terminal.
- A proof counts from the day it was given, however late it arrives, and never brings the due day nearer.
- What the desk enters for somebody who cannot come takes two officers. Nothing here stops or releases a payment.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from back_office import audit
from back_office.repository import attended, moment, people, scope
from back_office.repository.attended import Proof
from back_office.services.effect import Effect, InForce, Outcome
from kiosk.domain.audit import Actor
from kiosk.domain.services.proof_of_life import DOCTORS_FORM, HOME_VISIT, next_due

if TYPE_CHECKING:
    from back_office.installation import Work
    from back_office.repository.desk import Officer
    from back_office.services.effect import Asked


def decide(work: Work, asked: Asked) -> Outcome:
    """Record the visit; attended, it is a proof."""
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


def _move(work: Work, person: str, given_on: date) -> str:
    """Set the next due day; returns it."""
    stands = scope.proof_of_life_due(work.db, person)
    due = next_due(given_on, date.fromisoformat(stands) if stands else None, work.it.scheme.proof_of_life_months)
    scope.put_proof_of_life(work.db, person, due.isoformat())
    return due.isoformat()


GIVE = Effect(decide)


# --- for those who cannot come: at the desk ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NotEntered:
    """Why nothing was entered or approved, in a sentence for the officer."""

    why: str


def enter(work: Work, officer: Officer, person: str, how: str, given_on: str) -> str | NotEntered:
    """Let an officer enter a home visit or a doctor's form; the id under which another one approves it."""
    known = people.person(work.db, person)
    if how not in {HOME_VISIT, DOCTORS_FORM}:
        return NotEntered(f"A proof is a {HOME_VISIT} or a {DOCTORS_FORM}.")
    if known is None or known.office != officer.office:
        return NotEntered("No such person belongs to the officer's office.")
    if not scope.proof_of_life_due(work.db, person):
        return NotEntered("No proof of life is asked of this person.")
    today = work.at.astimezone(work.it.scheme.bank_change.zone).date()
    if date.fromisoformat(given_on) > today:
        return NotEntered("The day has not come yet.")
    id_ = work.it.ids.new()
    attended.add_proof(work.db, Proof(id_, person, how, given_on, officer.office, officer.id, None, work.time))
    _note(work, officer, "proof_of_life.entered", id_, how)
    return id_


def approve(work: Work, officer: Officer, id_: str) -> str | NotEntered:
    """Let another officer approve what one has entered; the next due day."""
    proof = attended.proof(work.db, id_)
    if proof is None or proof.how == "card" or proof.office != officer.office:
        return NotEntered("Nothing under this number waits for an approval in the officer's office.")
    if not attended.approve_proof(work.db, id_, officer.id):
        return NotEntered("It is approved already, or this officer has entered it: another one must approve.")
    _note(work, officer, "proof_of_life.approved", id_, proof.how)
    return _move(work, proof.person, date.fromisoformat(proof.given_on))


def _note(work: Work, officer: Officer, action: str, subject: str, how: str) -> None:
    actor = Actor("officer", officer.id, officer.office)
    audit.record(work.db, work.at, actor, action, subject, purpose="proof_of_life.give", details={"kind": how})
