"""Who is on the screen and who comes next: the rules of succession, without processes and without a clock.

Rules:
- At most one visit is open; a successor is prepared while it is shown, never while another is still starting up.
- Whatever ends a visit (its own word, a crash, a kill), its successor is opened as soon as it is ready.
- An id is given once, to one process.
- Paper that a visit left hanging in the printer, however it went, is handed to the visit on the screen, or to the next
  one before it is opened; until that one says "cut" it is answerable for it. What hung there before the first visit,
  nobody knows: it counts as spoiled.
- A visit that ends well clears the record of failures; one that fails before it was shown, or dies, adds to it, and
  the next start waits longer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

Stage: TypeAlias = Literal["starting", "ready", "opening", "shown", "ended"]
Paper: TypeAlias = Literal["cut", "open", "spoiled"]
"""As `kiosk.visit.printer` tells it: nothing hangs, a part to be followed by another, a job that failed."""
PAPERS: frozenset[Paper] = frozenset({"cut", "open", "spoiled"})


@dataclass(slots=True)
class Visit:
    """One visit process."""

    pid: int
    stage: Stage = "starting"
    visit_id: str = ""
    paper: Paper = "cut"


@dataclass(frozen=True, slots=True)
class StartVisit:
    """Start another visit process, after waiting as `failures` in a row ask for."""

    failures: int


@dataclass(frozen=True, slots=True)
class Open:
    """Show this visit and announce it."""

    pid: int
    visit_id: str


@dataclass(frozen=True, slots=True)
class HandOver:
    """Tell this visit to cut off the paper that another one left."""

    pid: int
    paper: Paper


@dataclass(frozen=True, slots=True)
class Close:
    """Close this id at the agent."""

    visit_id: str


@dataclass(frozen=True, slots=True)
class Finish:
    """This process has done its work: it exits by itself soon, or is ended."""

    pid: int


Order: TypeAlias = StartVisit | HandOver | Open | Close | Finish


@dataclass(slots=True)
class Shift:
    """The visits there are; every event answers with orders, to be carried out in their order."""

    new_id: Callable[[], str]
    visits: dict[int, Visit] = field(default_factory=dict)
    failures: int = 0
    _starting: bool = False
    _left: Paper = "spoiled"

    @property
    def current(self) -> Visit | None:
        """The visit that has the screen, or is about to."""
        return next((visit for visit in self.visits.values() if visit.stage in {"opening", "shown"}), None)

    @property
    def successor(self) -> Visit | None:
        """The visit that comes next."""
        return next((visit for visit in self.visits.values() if visit.stage in {"starting", "ready"}), None)

    def begin(self) -> list[Order]:
        """Begin the day."""
        return self._prepare()

    def started(self, pid: int) -> None:
        """Note that a process was started for `StartVisit`."""
        self._starting = False
        self.visits[pid] = Visit(pid)

    def not_started(self) -> list[Order]:
        """Note that the process for `StartVisit` could not even be started."""
        self._starting = False
        self.failures += 1
        return self._prepare()

    def told(self, pid: int, state: str) -> list[Order]:
        """Take a visit's word. What does not fit its stage is ignored."""
        visit = self.visits.get(pid)
        if visit is None:
            return []
        match (visit.stage, state):
            case ("starting", "ready"):
                visit.stage = "ready"
                return self._succeed()
            case ("opening", "shown"):
                visit.stage = "shown"
                return self._prepare()
            case ("opening" | "shown", "ended"):
                self.failures = 0
                return [*self._leave(visit), Finish(pid)]
            case _:
                return []

    def told_paper(self, pid: int, paper: Paper) -> None:
        """Take a visit's word on what hangs in the printer."""
        if pid in self.visits:
            self.visits[pid].paper = paper

    def exited(self, pid: int) -> list[Order]:
        """Take note that a process is gone."""
        visit = self.visits.pop(pid, None)
        if visit is not None and visit.paper != "cut":
            self._left = "open" if "open" in {visit.paper, self._left} else "spoiled"
        if visit is None or visit.stage == "ended":
            return [*self._hand_over(self.current), *self._prepare()]
        self.failures += 1
        return self._leave(visit)

    def _hand_over(self, heir: Visit | None) -> list[Order]:
        if heir is None or self._left == "cut":
            return []
        left, self._left = self._left, "cut"
        heir.paper = left if heir.paper == "cut" else heir.paper
        return [HandOver(heir.pid, left)]

    def _leave(self, visit: Visit) -> list[Order]:
        orders: list[Order] = []
        was_open = visit.stage in {"opening", "shown"}
        visit.stage = "ended"
        orders += self._succeed()  # the screen first
        if was_open:
            orders.append(Close(visit.visit_id))
        return orders + self._prepare()

    def _succeed(self) -> list[Order]:
        successor = self.successor
        if self.current is not None or successor is None or successor.stage != "ready":
            return []
        successor.stage, successor.visit_id = "opening", self.new_id()
        return [*self._hand_over(successor), Open(successor.pid, successor.visit_id)]

    def _prepare(self) -> list[Order]:
        """Start a successor when there is none; while a visit is opening it has the machine for itself."""
        current = self.current
        if self._starting or self.successor is not None or (current is not None and current.stage == "opening"):
            return []
        self._starting = True
        return [StartVisit(self.failures)]
