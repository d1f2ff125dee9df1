"""What an order of a health insurance card does: the order stands in the health insurance's list, and the person is told.

Rules:
- The order names the address as it is now; a card that was reported lost is not sent twice to it without a word.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from back_office import notices
from back_office.repository import orders
from back_office.services.contacts import holder
from back_office.services.effect import Effect, InForce
from kiosk.domain.services.contacts import LETTER, address_now, letter_to
from kiosk.domain.services.health_card import ID

if TYPE_CHECKING:
    from back_office.installation import Work
    from back_office.services.effect import Asked, Outcome


def order_card(work: Work, asked: Asked) -> Outcome:
    """Order a card to the address of the record."""
    person = holder(asked)
    destination = letter_to(person.name, address_now(asked.standing))
    orders.add(work.db, request=asked.id, what=ID, person=person.number, reason=asked.answers["reason"],
               destination=destination, at=work.time)  # fmt: skip
    written = [contact for contact in notices.contacts_now(work, person.number) if contact.channel == LETTER]
    notices.tell(work, asked.row, person, "health_card_ordered", {}, written)
    return InForce()


ORDER = Effect(order_card)
