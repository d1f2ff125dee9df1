"""Tell us how it went: one of three faces, and what the person came for that was not here.

- Counted by service, office and month; nobody's name, card or visit goes along, and no request comes of it.
- Which service it is about follows from where it was opened; from the menu it is about none.
"""

from __future__ import annotations

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

ID = "feedback.give"
FACES = ("good", "middling", "bad")
MISSING = ("nothing", "pension_claim", "employer", "tax", "family", "work", "other")
"""What somebody may have come for in vain; choices, because free words could name a person."""
SMALLEST = 5
"""Fewer than so many voices are not told as a number: they could be somebody's."""

GIVE = Service(
    id=ID,
    agency=Agency.PENSION,
    life_events=tuple(LifeEvent),
    roles=frozenset({Role.NONE, Role.NUMBER, Role.INSURED, Role.EMPLOYER}),
    assurance=Assurance.NONE,
    channels={Channel.TERMINAL: frozenset({EvidenceKind.NONE})},
    questions=(
        Question("face", QuestionType.CHOICE, choices=FACES),
        Question("missing", QuestionType.CHOICE, choices=MISSING),
    ),
    offline=Offline.WORKS,
    edits=ConflictRule.EDITS_NOTHING,
    icon="heart-handshake",
    entry=Entry.FEEDBACK,
)


def told(count: int) -> str:
    """Write a count as it may be shown."""
    return str(count) if count == 0 or count >= SMALLEST else f"<{SMALLEST}"
