"""What every page about one's own record says: how old it is, and that it can be printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.domain.content import Action, Content, Doors, Paragraph, PrintContent, Said, Tone
from kiosk.domain.service import Channel, EvidenceKind

if TYPE_CHECKING:
    from kiosk.domain.record import Person

PRINT = Doors((Action("print", Said("own_record.print"), PrintContent(), "printer"),))
"""The way to paper, at the end of a page."""
READ = {Channel.TERMINAL: frozenset({EvidenceKind.SIGNED}), Channel.API: frozenset({EvidenceKind.SIGNED})}
"""By which ways one's own record is read."""


def as_of(person: Person) -> Paragraph:
    """Say as of when the record is; kept on a terminal, when the office last said that it is the newest."""
    if person.confirmed_at:
        words = Said("own_record.kept", {"as_of": person.as_of, "confirmed_at": person.confirmed_at})
        return Paragraph(words, Tone.NOTE)
    return Paragraph(Said("own_record.as_of", {"as_of": person.as_of}))


def not_here(title: str) -> Content:
    """Say that there is no record to show."""
    return Content(Said(title), (Paragraph(Said("service.refused.no_record"), Tone.NOTE),))
