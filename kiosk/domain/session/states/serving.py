"""At the menu and in a service: one question a page, what it shows, the answers to check, what was done aside."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kiosk.domain.problem import Problem
    from kiosk.domain.session.states import Phase
    from kiosk.domain.session.states.arriving import Visitor
    from kiosk.domain.session.states.outcome import Printing, Recorded


@dataclass(frozen=True, slots=True)
class Menu:
    """What can be done here, with what works now. `typed` keeps what was typed in a service left by Back."""

    visitor: Visitor
    typed: Mapping[str, str] = field(default_factory=dict)
    problem: Problem | None = None
    life_event: str = ""
    """Read by what happened: only the services of this event; empty: all of them."""


@dataclass(frozen=True, slots=True)
class Answering:
    """One question of a service on the screen. `answers` are accepted ones, `typed` what is in each field."""

    visitor: Visitor
    service: str
    question: int
    answers: Mapping[str, str] = field(default_factory=dict)
    typed: Mapping[str, str] = field(default_factory=dict)
    problem: Problem | None = None
    changing: bool = False
    origin: Phase | None = None
    """What was on the screen when this service was opened from there; Back leads to it again."""


@dataclass(frozen=True, slots=True)
class Showing:
    """What a service shows, made from the record and the answers so far."""

    visitor: Visitor
    service: str
    answers: Mapping[str, str] = field(default_factory=dict)
    typed: Mapping[str, str] = field(default_factory=dict)
    problem: Problem | None = None
    printing: Printing | None = None
    origin: Phase | None = None


@dataclass(frozen=True, slots=True)
class Checking:
    """All answers side by side with what stands now, each with Change; the button names the act."""

    visitor: Visitor
    service: str
    answers: Mapping[str, str]
    typed: Mapping[str, str] = field(default_factory=dict)
    problem: Problem | None = None
    entered_by: Mapping[str, str] = field(default_factory=dict)
    """Helpers who typed an answer, fixed when the button that names the act was pressed."""
    staff: str = ""
    """Card of the officer who took part then; empty for none."""
    origin: Phase | None = None


@dataclass(frozen=True, slots=True)
class Noted:
    """What was done aside of a request: a ticket's number, thanks for a word, a new PIN. Continue leads to `origin`."""

    visitor: Visitor
    service: str
    recorded: Recorded | None = None
    printing: Printing | None = None
    origin: Phase | None = None
