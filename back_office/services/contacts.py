"""What a change of address, e-mail or telephone does: the old one ends, the new one begins, and both are told.

Rules:
- Everybody who could be reached in the scheme's window is told, the new contact too: who is robbed reads it at the old one.
- The flags of the bank-change firewall follow from the contacts' own dates (`back_office.history`); nothing is set here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from back_office import notices
from back_office.repository import people
from back_office.services.effect import Effect, InForce
from kiosk.domain.errors import Bug
from kiosk.domain.services.contacts import LETTER, letter_to

if TYPE_CHECKING:
    from back_office.installation import Work
    from back_office.repository.people import PersonRow
    from back_office.services.effect import Asked, Outcome


def change_address(work: Work, asked: Asked) -> Outcome:
    """Write to the new address from now on."""
    person = holder(asked)
    return _replace(work, asked, person, LETTER, letter_to(person.name, asked.answers["address"]))


def change_contact(work: Work, asked: Asked) -> Outcome:
    """Use the new e-mail address or telephone number from now on, or none."""
    channel = asked.answers["channel"]
    return _replace(work, asked, holder(asked), channel, asked.answers.get(channel, ""))


def holder(asked: Asked) -> PersonRow:
    """Return whose request it is, for services that need a card; somebody always is."""
    if asked.person is None:
        raise Bug(f"{asked.service.id} was let through without a person")
    return asked.person


def _replace(work: Work, asked: Asked, person: PersonRow, channel: str, destination: str) -> Outcome:
    people.replace_contact(work.db, person.number, channel=channel, destination=destination, at=work.time)
    notices.tell(work, asked.row, person, "contacts_changed", {}, notices.contacts_lately(work, person.number))
    return InForce()


ADDRESS = Effect(change_address)
CONTACTS = Effect(change_contact)
