"""Ask for the desk: a number on a slip, from any page, with or without a card; what was typed so far goes along.

- The number is the terminal's own: it follows from the reference of the journal's entry, so that it works without a line,
  and the desk finds the entry by it. It says nothing about who drew it.
- The draft travels sealed, opens at the desk after identification, and is gone after seven days.
"""

from __future__ import annotations

from kiosk.domain import reference as references
from kiosk.domain.card import Role
from kiosk.domain.edit_conflict import ConflictRule
from kiosk.domain.service import (
    Agency,
    Assurance,
    Channel,
    Entry,
    EvidenceKind,
    LifeEvent,
    Offline,
    Question,
    QuestionType,
    Service,
)

ID = "ticket.draw"
DRAFT_DAYS = 7
"""For so long a draft waits for its number to be called."""
_NUMBERS = 1000
"""A number has three digits behind the terminal's; it comes round after so many entries of a journal."""
ABOUT = ("pension", "money", "record", "benefit", "card", "other")

DRAW = Service(
    id=ID,
    agency=Agency.PENSION,
    life_events=tuple(LifeEvent),
    roles=frozenset({Role.NONE, Role.NUMBER, Role.INSURED, Role.EMPLOYER}),
    assurance=Assurance.NONE,
    channels={Channel.TERMINAL: frozenset({EvidenceKind.NONE})},
    questions=(Question("about", QuestionType.CHOICE, choices=ABOUT),),
    offline=Offline.WORKS,
    edits=ConflictRule.EDITS_NOTHING,
    desk_queue="tickets",
    icon="ticket",
    entry=Entry.TICKET,
)


def number_of(reference: str) -> str:
    """Return the number of the ticket whose entry has this reference: the terminal's, a hyphen, three digits."""
    found = references.parts(reference)
    return f"{found.terminal}-{found.sequence % _NUMBERS:03d}"
