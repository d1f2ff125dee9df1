"""A card got a new PIN, and letters that carry one.

Rules:
- A fresh PIN is a flag of the bank-change firewall for its days; the holder is told at every contact of the last days.
- The terminal says it, no card signs it: at worst somebody waits longer for a change. The newest day stands.
- A letter's PIN is good for 21 days (30 abroad) and for one thing, to be replaced; whatever replaces it ends the letter.
- A letter that was printed elsewhere, where the cards are made, is only noted here, with the day on which it went out; for one
  that this office makes see `pin_letters`.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from back_office import audit, examination, notices
from back_office.pin_letters import DAYS, DAYS_ABROAD
from back_office.repository import inbox, people, pin_letters
from kiosk.domain.audit import Actor
from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    from back_office.installation import Work
    from back_office.repository.inbox import InboxRow
    from kiosk.wire.aside import PinSet


def note(work: Work, row: InboxRow, told: PinSet) -> frozenset[str]:
    """Keep that a card's PIN was set, and tell its holder."""
    card = people.card(work.db, told.card)
    if card is None:
        return examination.quarantine(work, row, "card_unknown")
    inbox.set_status(work.db, row.id, "decided")
    at = min(told.at, row.received_at)  # a terminal's clock may be ahead
    people.pin_changed(work.db, told.card, at)
    ended = pin_letters.end(work.db, told.card, at)
    actor = Actor("terminal", row.terminal, row.office)
    details = {"card": told.card, "kind": told.how, "outcome": "letter_replaced" if ended else ""}
    audit.record(work.db, work.at, actor, "card.pin_set", row.id, purpose="pin.change", details=details)
    person = None if card.person is None else people.person(work.db, card.person)
    if person is not None:
        notices.tell(work, row, person, "pin_changed", {}, notices.contacts_lately(work, person.number))
    return frozenset({row.id})


def letter_sent(work: Work, card: str, *, by: str, abroad: bool = False, sent: str = "") -> str:
    """Note that a letter with a first PIN goes out; the ISO day until which it can be used. Another one ends the one before.

    `sent`: the ISO day of the letter, where it was not today. Raises EnvironmentFault.
    """
    known = people.card(work.db, card)
    if known is None:
        raise EnvironmentFault(f"There is no card {card!r}.", "Give the ten digits of a card that was issued here.")
    try:
        day = date.fromisoformat(sent) if sent else work.at.date()
    except ValueError:
        raise EnvironmentFault(f"{sent!r} is no day.", "Write it like 2026-11-22.") from None
    until = (day + timedelta(days=DAYS_ABROAD if abroad else DAYS)).isoformat()
    pin_letters.end(work.db, card, work.time)
    pin_letters.add(work.db, card=card, person=known.person, sent_at=work.time, until=until)
    details = {"card": card, "to": until}
    audit.record(work.db, work.at, Actor("operator", by), "card.pin_letter", card, purpose="pin letter", details=details)
    return until


