"""From nobody being here to the menu: who comes, with a card, or with a code and no card."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kiosk.domain.card import CardIdentity, CardRefusal
    from kiosk.domain.problem import Problem
    from kiosk.domain.record import Mandate, Person, RecordAbsence


class OutOfServiceReason(Enum):
    """Why the terminal serves nobody now."""

    STARTING = "starting"
    NO_AGENT = "no_agent"
    NO_READER = "no_reader"
    JOURNAL = "journal"
    SUSPENDED = "suspended"
    NOT_ENROLLED = "not_enrolled"


@dataclass(frozen=True, slots=True)
class OutOfService:
    """Says so, and where to go."""

    reason: OutOfServiceReason


@dataclass(frozen=True, slots=True)
class Welcome:
    """Nobody is here. A touch, a card or a key begins a visit."""


@dataclass(frozen=True, slots=True)
class ChoosingLanguage:
    """First question of a visit that began with a touch."""


@dataclass(frozen=True, slots=True)
class AwaitingCard:
    """Shows how to insert the card; offers "I have a code from a letter"."""


@dataclass(frozen=True, slots=True)
class ExaminingCard:
    """The card is being proved genuine; nothing of its holder is known yet."""


@dataclass(frozen=True, slots=True)
class CardRefusedPhase:
    """The visit cannot begin with this card; it waits until the card is taken."""

    reason: CardRefusal


@dataclass(frozen=True, slots=True)
class Visitor:
    """A holder who has shown the PIN.

    `person` is whose record is open. Who acts for somebody else does so under `mandate`, and has the `own` record aside.
    """

    card: CardIdentity
    name: str = ""
    person: Person | None = None
    absence: RecordAbsence | None = None
    own: Person | None = None
    mandate: Mandate | None = None


@dataclass(frozen=True, slots=True)
class OpeningRecord:
    """The record is being asked for and opened."""

    visitor: Visitor


@dataclass(frozen=True, slots=True)
class EnteringCode:
    """A code from a notice (stops a change) or from a receipt (shows where the request stands)."""

    typed: str = ""
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class AskingByCode:
    """The back office is being asked about a code."""

    typed: str


@dataclass(frozen=True, slots=True)
class CodeAnswered:
    """What the code led to: `stopped`, `disputed`, `received`, `decided`, `unknown`, `offline`, `too_many`."""

    outcome: str
    reference: str = ""
    detail: str = ""
