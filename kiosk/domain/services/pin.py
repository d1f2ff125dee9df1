"""A new PIN: old, new and new again on the pad; the card changes it, with or without a line.

- The terminal never has a digit. That the two new ones differ, the pad knows; that a new one is too simple, only the card can
  know, where its issuer gave it such a rule. Neither uses up a try.
- What the back office learns is that the PIN was set, when, and on which card: a fresh PIN is a flag of the bank-change
  firewall. The terminal says so; no card signs it, so that a card that is pulled right after cannot hide it.
- A PIN from a letter opens the record and nothing else until it was replaced: the visit begins with choosing another one.
- A letter that is too old opens nothing; an officer at the side leads to a new PIN at once, the desk to another letter.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.card import Role
from kiosk.domain.edit_conflict import ConflictRule
from kiosk.domain.problem import Problem
from kiosk.domain.service import (
    Agency,
    Assurance,
    Channel,
    Entry,
    LifeEvent,
    Offline,
    Service,
    Standing,
)

ID = "pin.change"


def letter_too_old(until: str, today: str) -> bool:
    """Tell whether the days of a letter with a first PIN are over; both ISO days, no letter is an empty one."""
    return bool(until) and today > until


def not_with_an_old_letter(standing: Standing) -> Problem | None:
    """Refuse to replace a PIN whose letter is over its days."""
    until = "" if standing.record is None else standing.record.pin_letter_until
    return Problem("service.refused.letter_old") if letter_too_old(until, standing.today) else None


def only_with_a_letter(standing: Standing) -> Problem | None:
    """Refuse to activate what is active already."""
    letter = standing.record is not None and standing.record.pin_letter_until
    return None if letter else Problem("service.refused.no_letter")


CHANGE = Service(
    id=ID,
    agency=Agency.PENSION,
    life_events=(LifeEvent.MY_DATA,),
    roles=frozenset({Role.INSURED, Role.EMPLOYER}),
    assurance=Assurance.CARD_AND_PIN,
    channels={Channel.TERMINAL: frozenset()},
    offline=Offline.WORKS,
    edits=ConflictRule.EDITS_NOTHING,
    rules=(not_with_an_old_letter,),
    icon="lock",
    entry=Entry.PIN,
)

ACTIVATE = replace(CHANGE, id="pin.activate", rules=(only_with_a_letter, not_with_an_old_letter), in_menu=False)
"""The same at the pad, the letter's digits for the old PIN; the visit leads here by itself."""
