"""What a scripted visit works with, and what it says must be true of the records afterwards."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kiosk.demo.evidence import Evidence
    from kiosk.demo.office import Office
    from kiosk.demo.person import Person


@dataclass(frozen=True, slots=True)
class Expected:
    """What the records must say; `records` is how many transactions the visit may leave."""

    records: int = 1
    decision: str = ""
    verification: str = ""
    bank_notified: bool | None = None
    papers: int | None = None
    checks: dict[str, bool] = field(default_factory=dict)


@dataclass(slots=True)
class Stage:
    """What a scripted visit works with."""

    office: Office
    person: Person
    evidence: Evidence
    facts: dict[str, Any]

    def account(self, name: str) -> str:
        """Look up an account of the demonstration's bank."""
        return str(self.facts["accounts"][name])

    def card_number(self, name: str) -> str:
        """Look up the number of a demonstration card."""
        return str(self.facts["persons"][name]["card"])

    def step_seen(self, step: str, after: int) -> bool:
        """Whether the terminal's log has reached a step since this size of the log."""
        with self.office.processes.log("supervisor").open("rb") as log:
            log.seek(after)
            return f'"step": "{step}"'.encode() in log.read()

    def log_size(self) -> int:
        """How much the terminal has logged."""
        return self.office.processes.log("supervisor").stat().st_size

    def cache(self) -> dict[str, Any]:
        """Read what the agent last said of the terminal's cache."""
        path = self.office.state / "terminal" / "cache.json"
        told: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.exists() else {}
        return told

    def cache_holds_the_newest(self, *cards: str) -> bool:
        """Whether the terminal was lent the holders' records as they stand now, and everything else besides."""
        told = json.loads(self.office.processes.run("cache", "status", "--json", "--state", str(self.office.state)))
        return self.evidence.is_published(*map(self.card_number, cards)) and self.evidence.is_newest(told.get("cursor", ""))

    def last_record(self) -> dict[str, Any]:
        """Read the newest row of the journal."""
        return self.office.journal()[-1]

    def wait_decided(self, seconds: float = 30) -> str:
        """Wait until the newest record is decided; its id."""
        id_ = str(self.last_record()["id"])
        self.person.until(lambda: self.evidence.decision(id_) not in {"", "received"}, "a decision", seconds)
        return id_

    def desk(self, *arguments: str) -> str:
        """One verb of the desk."""
        return self.office.processes.run("desk", *arguments, "--state", str(self.office.state))
