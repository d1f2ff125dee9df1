"""How the screen is read, what the world around the terminal is like, and how long anything may take."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

TEXT_SCALES = (100, 130, 160, 200)
"""Per cent of the normal type size (WCAG 2.2 1.4.4: up to 200 without loss)."""


@dataclass(frozen=True, slots=True)
class Comfort:
    """How this person wants to read the screen; forgotten with the visit."""

    language: str = "en"
    text_scale: int = 100
    high_contrast: bool = False
    lowered: bool = False


class Line(Enum):
    """The connection to the back office as the agent sees it."""

    ONLINE = "online"
    OFFLINE = "offline"


class PrinterState(Enum):
    """The receipt printer as its status bytes tell."""

    READY = "ready"
    PAPER_OUT = "paper_out"
    COVER_OPEN = "cover_open"
    JAMMED = "jammed"
    OFFLINE = "offline"


@dataclass(frozen=True, slots=True)
class Environment:
    """What works now, and how old the data are (seconds; None: never had any)."""

    line: Line = Line.OFFLINE
    printer: PrinterState = PrinterState.READY
    reader_works: bool = True
    journal_works: bool = True
    agent_connected: bool = True
    suspended: bool = False
    reference_age_seconds: int | None = 0
    revocation_age_seconds: int | None = 0
    backlog: int = 0
    disk_free_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """Time-outs of a visit in seconds; configuration, shown as such where they are the demo's short ones."""

    idle_seconds: float = 90.0
    warning_seconds: float = 20.0
    pin_seconds: float = 60.0
    append_seconds: float = 10.0
    decision_seconds: float = 8.0
    card_left_seconds: float = 30.0
    farewell_seconds: float = 8.0
    card_sound_seconds: float = 4.0
