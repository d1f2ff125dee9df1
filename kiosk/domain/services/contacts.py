"""Where a person is reached: the postal address, e-mail and telephone.

- A thief changes the contacts first and the account next. So the old ones are told of every change, and a fresh contact
  raises a flag on a change of the account (`back_office.history`); neither is told here.
- Of two changes the one that was signed last holds, however late its line was back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.domain.card import Role
from kiosk.domain.problem import Problem
from kiosk.domain.service import (
    Agency,
    AskedIf,
    Assurance,
    Channel,
    EvidenceKind,
    LifeEvent,
    Question,
    QuestionType,
    Service,
    Standing,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kiosk.domain.record import Contact, Person

LETTER, EMAIL, SMS = "letter", "email", "sms"
NEW, REMOVE = "new", "remove"

OWN_OR_REPRESENTED = {
    Channel.TERMINAL: frozenset({EvidenceKind.SIGNED, EvidenceKind.REPRESENTED}),
    Channel.DESK: frozenset({EvidenceKind.ATTESTED}),
    Channel.API: frozenset({EvidenceKind.SIGNED, EvidenceKind.REPRESENTED}),
}
"""By the holder's own card or by a representative's; at the desk attested."""


def present(person: Person, channel: str) -> Contact | None:
    """Return the contact that a person has on a channel, the newest where there are several."""
    found = [contact for contact in person.contacts if contact.channel == channel]
    return max(found, key=lambda contact: contact.since) if found else None


def letter_to(name: str, address: str) -> str:
    """Write a postal address as it stands on a letter: the name, then the address as it was answered."""
    return f"{name}\n{address}"


def address_now(standing: Standing) -> str:
    """Return the address of the record as a person would type it: without the name above it."""
    kept = present(standing.record, LETTER) if standing.record else None
    if kept is None or standing.record is None:
        return ""
    return kept.destination.removeprefix(f"{standing.record.name}\n")


def check_address(answers: Mapping[str, str], standing: Standing) -> Problem | None:
    """Refuse the address that stands already."""
    same = bool(answers.get("address")) and answers.get("address") == address_now(standing)
    return Problem("contacts.address_same") if same else None


def check_contact(answers: Mapping[str, str], standing: Standing) -> Problem | None:
    """Refuse a contact that stands already, and the removal of one that does not."""
    channel = answers.get("channel", "")
    if standing.record is None:
        return None
    kept = present(standing.record, channel)
    if answers.get("wish") == REMOVE and kept is None:
        return Problem("contacts.none")
    if kept is not None and answers.get(channel) == kept.destination:
        return Problem("contacts.same")
    return None


def _address_as_it_stands(standing: Standing) -> Mapping[str, str]:
    return {"address": address_now(standing)}


def _contacts_as_they_stand(standing: Standing) -> Mapping[str, str]:
    if standing.record is None:
        return {}
    kept = {channel: present(standing.record, channel) for channel in (EMAIL, SMS)}
    return {channel: contact.destination for channel, contact in kept.items() if contact is not None}


ADDRESS = Service(
    id="address.change",
    agency=Agency.PENSION,
    life_events=(LifeEvent.MOVED,),
    roles=frozenset({Role.INSURED}),
    assurance=Assurance.CARD_PIN_AND_SIGNATURE,
    channels=OWN_OR_REPRESENTED,
    questions=(Question("address", QuestionType.ADDRESS),),
    check=check_address,
    now=_address_as_it_stands,
    desk_queue="contacts",
    icon="map-pin",
)

CONTACTS = Service(
    id="contacts.change",
    agency=Agency.PENSION,
    life_events=(LifeEvent.MOVED, LifeEvent.MY_DATA),
    roles=frozenset({Role.INSURED}),
    assurance=Assurance.CARD_PIN_AND_SIGNATURE,
    channels=OWN_OR_REPRESENTED,
    questions=(
        Question("channel", QuestionType.CHOICE, choices=(EMAIL, SMS)),
        Question("wish", QuestionType.CHOICE, choices=(NEW, REMOVE)),
        Question(
            EMAIL,
            QuestionType.EMAIL,
            asked_if=AskedIf("channel", frozenset({EMAIL})),
            asked=lambda answers, _standing: answers.get("wish") == NEW,
        ),
        Question(
            SMS,
            QuestionType.PHONE,
            asked_if=AskedIf("channel", frozenset({SMS})),
            asked=lambda answers, _standing: answers.get("wish") == NEW,
        ),
    ),
    check=check_contact,
    now=_contacts_as_they_stand,
    desk_queue="contacts",
    icon="volume-2",
)
