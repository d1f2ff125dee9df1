"""Proof of life: card, PIN and signature, and an officer who has joined says that the person was there.

- Alone it only records a visit: the day by which the proof is due stays.
- A proof moves the day on; it never brings it nearer. A missed one never stops a payment by itself (ILO code of practice on
  workers' personal data, 1996: no decision by a machine alone): it is a question for an officer.
- Who cannot come, or has no card: a home visit, a doctor's form or an identity document, entered at the desk by one officer
  and approved by another.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from typing import TYPE_CHECKING

from kiosk.domain.card import Role
from kiosk.domain.edit_conflict import ConflictRule
from kiosk.domain.problem import Problem
from kiosk.domain.service import (
    BY_CARD,
    HOME_VISIT,
    IDENTITY_DOCUMENTS,
    Agency,
    Assurance,
    Channel,
    EvidenceKind,
    LifeEvent,
    Offline,
    Service,
)

if TYPE_CHECKING:
    from kiosk.domain.service import Standing

MONTHS_IN_YEAR = 12
DOCTORS_FORM = "doctors_form"
"""A doctor has seen somebody who cannot come."""


def is_asked(standing: Standing) -> Problem | None:
    """Refuse whom no proof is asked of; without a record nobody is refused."""
    if standing.record is None or standing.record.proof_of_life_due:
        return None
    return Problem("service.proof_of_life.give.not_asked")


def next_due(given_on: date, due_on: date | None, months: int) -> date:
    """Return the day by which the next proof is due: `months` after this one, and never before the day that stands."""
    whole = given_on.year * MONTHS_IN_YEAR + given_on.month - 1 + months
    year, month = divmod(whole, MONTHS_IN_YEAR)
    day = min(given_on.day, monthrange(year, month + 1)[1])
    moved = date(year, month + 1, day)
    return moved if due_on is None else max(moved, due_on)


GIVE = Service(
    id="proof_of_life.give",
    agency=Agency.PENSION,
    life_events=(LifeEvent.RETIRING, LifeEvent.MY_DATA),
    roles=frozenset({Role.INSURED}),
    assurance=Assurance.CARD_PIN_AND_SIGNATURE,
    channels=BY_CARD | {Channel.DESK: frozenset({EvidenceKind.ATTESTED})},
    rules=(is_asked,),
    offline=Offline.RECEIVED_PENDING,
    edits=ConflictRule.EDITS_NOTHING,
    desk_queue="proofs_of_life",
    only_noted=True,
    icon="heart-handshake",
    attested_by=(HOME_VISIT, DOCTORS_FORM, *IDENTITY_DOCUMENTS),
)
