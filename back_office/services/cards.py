"""What a lost card comes to: stopped at once by who proves to be the holder, an urgent case where nobody can.

Rules:
- A stopped card is revoked: no request that it signs counts any more, and terminals learn of it with their reference data.
- A report without a card stops nothing. While its case is open, officers look at every change of the account: those under
  way are held, new ones are flagged. The person is told at every contact, once while a case is open.
- A report that fits nobody is a case too: perhaps a digit was mistyped. Whoever told it cannot see the difference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from back_office import audit, firewall, notices
from back_office.repository import changes, people, reports
from back_office.services.contacts import holder
from back_office.services.effect import Effect, InForce, No, Outcome, ToDesk
from kiosk.domain.audit import Actor
from kiosk.domain.bank_change import PENDING, Flag, events

if TYPE_CHECKING:
    from back_office.installation import Work
    from back_office.repository.people import PersonRow
    from back_office.services.effect import Asked

BECAUSE = "reported lost"


def stop(work: Work, asked: Asked) -> Outcome:
    """Revoke the card that was chosen."""
    person, card = holder(asked), asked.answers["card"]
    _revoke(work, asked, card)
    notices.tell(work, asked.row, person, "card_stopped", {"card_end": card[-4:]}, notices.contacts_lately(work, person.number))
    return InForce({"card_end": card[-4:]})


def report(work: Work, asked: Asked) -> Outcome:
    """Let an officer look at it now; hold what could send money elsewhere meanwhile."""
    person = people.person(work.db, asked.answers["number"])
    if person is not None and person.birth_date == asked.answers["birth_date"]:
        told = reports.loss_is_open(work.db, person.number)
        reports.add_loss(work.db, asked.id, person.number, work.time)
        _flag_changes(work, person)
        if not told:
            reached = notices.contacts_lately(work, person.number)
            notices.tell(work, asked.row, person, "card_reported", {}, reached)
    return ToDesk("urgent")


def confirmed(work: Work, asked: Asked) -> InForce | No:
    """Revoke every card of the person: an officer has made sure of who told it."""
    person = people.person(work.db, reports.lost_of(work.db, asked.id))
    if person is None:
        return No("no_person")
    for card in people.cards_of(work.db, person.number):
        if card.revoked_at is None:
            _revoke(work, asked, card.number)
    notices.tell(work, asked.row, person, "cards_stopped", {}, notices.contacts_lately(work, person.number))
    return InForce()


def _revoke(work: Work, asked: Asked, card: str) -> None:
    people.revoke_card(work.db, card, work.time, BECAUSE)
    actor = Actor("system", "back office", asked.row.office)
    audit.record(work.db, work.at, actor, "card.revoked", card, purpose=asked.service.id)


def _flag_changes(work: Work, person: PersonRow) -> None:
    for row in changes.changes_of(work.db, person.number):
        if firewall.read(row).state in PENDING:
            event = events.FlagRaised(work.at, Flag.CARD_REPORTED_LOST)
            firewall.happen(work, row.id, event, actor=firewall.OWN, purpose="card.lost")


STOP = Effect(stop)
LOST = Effect(report, confirmed)
