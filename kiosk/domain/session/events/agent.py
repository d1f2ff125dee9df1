"""What the agent brings from the terminal and the back office, and that time has passed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kiosk.domain.session.states import Environment, Person, RecordAbsence, Recorded, Verdict


@dataclass(frozen=True, slots=True)
class EnvironmentChanged:
    """What works now has changed."""

    environment: Environment


@dataclass(frozen=True, slots=True)
class ServicesOffered:
    """What this office offers from now on; what is open already goes on."""

    services: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecordOpened:
    """The person's record is here, verified and opened."""

    person: Person


@dataclass(frozen=True, slots=True)
class RecordAbsent:
    """There is no record to show, for this reason."""

    reason: RecordAbsence
    name: str = ""


@dataclass(frozen=True, slots=True)
class TransactionRecorded:
    """The journal has it, durably."""

    recorded: Recorded


@dataclass(frozen=True, slots=True)
class RecordingRefused:
    """The journal will not take it: `disk_full`, `journal_corrupt`, `out_of_service`, `id_conflict`."""

    why: str


@dataclass(frozen=True, slots=True)
class TransactionSent:
    """The back office has acknowledged it."""

    transaction_id: str


@dataclass(frozen=True, slots=True)
class VerdictArrived:
    """The back office has decided, and the visit could open its word."""

    transaction_id: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class CodeWasAnswered:
    """The back office's answer about a code."""

    outcome: str
    reference: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class StaffCallAnswered:
    """The call reached the office (`number`), or could not (empty)."""

    number: str


@dataclass(frozen=True, slots=True)
class FaultCaught:
    """The terminal caught an exception; the visit ends safely, what is journaled is kept."""


@dataclass(frozen=True, slots=True)
class Ticked:
    """Time has passed."""


AgentEvent = (
    EnvironmentChanged
    | ServicesOffered
    | RecordOpened
    | RecordAbsent
    | TransactionRecorded
    | RecordingRefused
    | TransactionSent
    | VerdictArrived
    | CodeWasAnswered
    | StaffCallAnswered
    | FaultCaught
    | Ticked
)
