"""What a change of name does: nothing until an officer has seen the paper; then the new name stands, and the former is kept.

Rules:
- The officer writes which paper it was; that is the reason of the decision, kept with the case.
- Letters are addressed to the new name from then on. Everybody who can be reached is told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from back_office import notices
from back_office.by_officer import seen_by_two
from back_office.repository import people
from back_office.services.contacts import holder
from back_office.services.effect import Effect, InForce, No, Outcome, ToDesk
from kiosk.domain.services.contacts import LETTER, letter_to, present
from kiosk.domain.services.names import check_name, full_name

if TYPE_CHECKING:
    from back_office.installation import Work
    from back_office.services.effect import Asked


def change(work: Work, asked: Asked) -> Outcome:
    """Leave it to an officer; where two have entered it from what they saw, it is done."""
    return accepted(work, asked) if seen_by_two(asked.transaction) else ToDesk("evidence")


def accepted(work: Work, asked: Asked) -> InForce | No:
    """Give the person the new name."""
    person = holder(asked)
    if check_name(asked.answers, asked.standing) is not None:
        return No("same")  # the record has moved while the case lay at the desk
    reached = notices.contacts_now(work, person.number)
    given, family = asked.answers["given_name"], asked.answers["family_name"]
    people.rename(work.db, person.number, given_name=given, family_name=family, at=work.time)
    record = asked.standing.record
    kept = None if record is None else present(record, LETTER)
    if kept is not None:
        address = kept.destination.removeprefix(f"{person.name}\n")
        destination = letter_to(full_name(asked.answers), address)
        people.replace_contact(work.db, person.number, channel=LETTER, destination=destination, at=work.time)
    notices.tell(work, asked.row, person, "name_changed", {}, reached)
    return InForce()


CHANGE = Effect(change, accepted)
