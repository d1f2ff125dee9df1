"""What a report of a death does: an urgent case, and nothing else; what an officer's yes does, and how it is taken back.

Rules:
- Before an officer has seen the certificate no record changes and every payment is made.
- Confirmed, payments after the month of death are held (`back_office.payment_run`), no terminal keeps the record, and
  what the person's card asks for goes to an officer first: perhaps the person is alive (`identity` cases).
- The person at the terminal sees the neutral screen of a record that cannot be shown, never why.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from back_office import audit
from back_office.repository import people, reports
from back_office.services.effect import Effect, InForce, No, always_to_desk
from kiosk.domain.audit import Actor
from kiosk.domain.identifiers import same_name
from kiosk.domain.services.death import NUMBER

if TYPE_CHECKING:
    from back_office.installation import Work
    from back_office.repository.people import PersonRow
    from back_office.services.effect import Asked


def confirmed(work: Work, asked: Asked) -> InForce | No:
    """Record the death."""
    found = _meant(work, asked)
    if len(found) != 1:
        return No("several" if found else "nobody")
    number = found[0].number
    reports.confirm_death(work.db, number, died_on=asked.answers["died_on"], request=asked.id, at=work.time)
    actor = Actor("system", "back office", asked.row.office)
    audit.record(work.db, work.at, actor, "death.confirmed", number, purpose=asked.service.id)
    return InForce()


def _meant(work: Work, asked: Asked) -> list[PersonRow]:
    """Find who is meant: by number, or by day of birth and a name that is spelt alike, former names too."""
    answers = asked.answers
    if answers["known_by"] == NUMBER:
        person = people.person(work.db, answers["number"])
        return [] if person is None else [person]
    born = people.born_on(work.db, answers["birth_date"])
    return [
        person
        for person in born
        if any(same_name(name, answers["name"]) for name in (person.name, *people.former_names(work.db, person.number)))
    ]


REPORT = Effect(always_to_desk("urgent"), confirmed)
