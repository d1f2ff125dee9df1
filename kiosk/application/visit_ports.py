"""All that one visit works with: its ports, its three threads, who and where it is, and where events go.

Rules:
- The visitor's card, the staff card and the printer have one thread each; a job that fails there ends the visit safely.
- Card work happens only in jobs of the card's thread; so does all work with the visit's secrets that takes a while.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from kiosk.domain.receipt import Place as PrintedPlace
from kiosk.domain.session import events as ev
from kiosk.wire.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiosk.application.ports import AgentPort, CardPort, DocumentPort, PrinterPort, StaffPort, Worker
    from kiosk.application.submit import Place
    from kiosk.application.trust import Trust
    from kiosk.application.visit_secrets import VisitSecrets
    from kiosk.system import Clock, Ids

log = structlog.get_logger("visit")
ANSWER_WAIT_SECONDS = 8.0
"""How long the back office is waited for, when it is asked something while a person looks on."""


@dataclass(frozen=True, slots=True)
class VisitPorts:
    """`post` may be called on any thread."""

    card: CardPort
    agent: AgentPort
    printer: PrinterPort
    card_worker: Worker
    print_worker: Worker
    trust: Trust
    secrets: VisitSecrets
    place: Place
    clock: Clock
    ids: Ids
    post: Callable[[ev.Event], None]
    staff: StaffPort | None = None
    documents: DocumentPort | None = None

    @property
    def printed_place(self) -> PrintedPlace:
        """Where this is, as paper says it."""
        return PrintedPlace(self.place.office_name or self.place.office, self.place.terminal, self.place.demonstration)

    def on_card(self, job: Callable[[], None]) -> None:
        """Do this on the card's thread, after what is under way there."""
        self.card_worker.submit(lambda: self._guarded(job))

    def on_printer(self, job: Callable[[], None]) -> None:
        """Do this on the printers' thread."""
        self.print_worker.submit(lambda: self._guarded(job))

    def with_staff(self, job: Callable[[CardPort], None]) -> None:
        """Do this on the staff card's thread; without a reader for staff nobody joins."""
        staff = self.staff
        if staff is None:
            self.post(ev.StaffNotJoined())
            return
        staff.worker.submit(lambda: self._guarded(lambda: job(staff.card)))

    def _guarded(self, job: Callable[[], None]) -> None:
        try:
            job()
        except Exception:
            log.exception("fault_caught", event_type="worker")
            self.post(ev.FaultCaught())


def code_of(problem: object) -> str:
    """Name a problem as a log may: by its code."""
    return problem.code.value if isinstance(problem, Problem) else "no card or no key"
