"""What lies over whatever is on the screen, and where an officer stands who wants to take part."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class LanguagePicker:
    """All languages, over whatever is on the screen."""


@dataclass(frozen=True, slots=True)
class HelpShown:
    """Help for the phase below."""


@dataclass(frozen=True, slots=True)
class StaffCalled:
    """Staff have been called; `number` is what the screen shows (empty while offline)."""

    number: str = ""
    delivered: bool | None = None


@dataclass(frozen=True, slots=True)
class IdleWarning:
    """Nobody has touched anything: one touch goes on, otherwise the visit ends at `until`."""

    until: float


Overlay = LanguagePicker | HelpShown | StaffCalled | IdleWarning


class StaffDoor(Enum):
    """Where a member of staff stands who wants to take part, by a card in the second reader."""

    CLOSED = "closed"
    PIN_ASKED = "pin_asked"
    OPEN = "open"
    REFUSED = "refused"
