"""A whole office whose readers, printer and line are in this process, so that what they see can be timed first-hand.

Rules:
- Back office, partners, agent, supervisor and visits are the programs that `guichet demo` starts, started the same way.
- Every time is of one clock (CLOCK_MONOTONIC). The supervisor's log has wall time: `Log` translates it.
"""

from __future__ import annotations

import contextlib
import json
import statistics
import sys
import threading
import time
from datetime import datetime
from typing import TYPE_CHECKING, Any

from devices.simulators.pcscd import Pcscd, ReaderLine, build_driver
from devices.simulators.printer import SimulatedPrinter
from devices.simulators.reader import STAFF_READER, VISITOR_READER, SimulatedReader
from devices.simulators.slot import SimulatedSlot
from kiosk.demo.office import Office
from kiosk.domain.errors import EnvironmentFault
from kiosk.system import SystemClock
from workbench.line import Line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from benchmarks.screen import WatchedScreen

WIDTH, HEIGHT = 1080, 1920
PATIENT_TIMES = {"idle_seconds": 120.0, "warning_seconds": 30.0, "pin_seconds": 60.0, "card_left_seconds": 60.0}
POLL_SECONDS = 0.002
SWITCH_SECONDS = 0.0005
"""Readers, cards and line live in the process that looks at the screen: none of them shall wait for a look."""


class Hardware:
    """Two readers with pads, a printer and the line; `first_line` is set when the printer prints something."""

    def __init__(self, folder: Path, forward: tuple[int, int]) -> None:
        build_driver()
        sys.setswitchinterval(SWITCH_SECONDS)
        folder.mkdir(parents=True, exist_ok=True)
        self.printed_at = 0.0
        self.printed = threading.Event()
        with contextlib.ExitStack() as started:
            self.visitor, self.staff = SimulatedSlot(VISITOR_READER), SimulatedSlot(STAFF_READER)
            lines = []
            for slot in (self.visitor, self.staff):
                socket = folder / f"{slot.name.split()[-1].lower()}.sock"
                started.callback(SimulatedReader(socket, slot).close)
                lines.append(ReaderLine(slot.name, socket))
            self.printer = SimulatedPrinter(folder / "printer", folder / "paper", self._prints)
            started.callback(self.printer.close)
            self.line = Line(*forward)
            started.callback(self.line.close)
            self.pcscd = Pcscd(folder, tuple(lines))
            self.pcscd.start()
            started.callback(self.pcscd.stop)
            self._started = started.pop_all()

    def _prints(self) -> None:
        if not self.printed.is_set():
            self.printed_at = time.monotonic()
            self.printed.set()

    def close(self) -> None:
        """Clear everything away."""
        self._started.close()


class World(Office):
    """An office on a watched screen."""

    def __init__(self, state: Path, screen: WatchedScreen) -> None:
        super().__init__(
            state, window=False, times=PATIENT_TIMES, screen=screen.environment,
            visit_arguments=(f"--size={WIDTH}x{HEIGHT}",),
        )  # fmt: skip
        self.screen = screen
        self._hardware: Hardware | None = None

    def start_workbench(self) -> None:
        """Readers, printer and line, here instead of in a process of their own."""
        self._hardware = Hardware(self.state / "workbench", (self.ports.line, self.ports.back_office))
        self.processes.environment["PCSCLITE_CSOCK_NAME"] = str(self._hardware.pcscd.socket_path)

    @property
    def hardware(self) -> Hardware:
        """What stands on the bench."""
        if self._hardware is None:
            raise EnvironmentFault("The readers are not there.", "Start the office first.")
        return self._hardware

    @property
    def facts(self) -> dict[str, Any]:
        """Who the demonstration's people are."""
        found: dict[str, Any] = json.loads((self.state / "demo.json").read_text("utf-8"))
        return found

    def stop(self) -> None:
        """End everything."""
        super().stop()
        if self._hardware is not None:
            self._hardware.close()


class Log:
    """The terminal's log from its beginning: one entry after the other, each with its monotonic time in `at`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = wall_offset()
        self._lines = self._follow()
        self.seen: list[dict[str, Any]] = []

    def _follow(self) -> Iterator[dict[str, Any] | None]:
        with self._path.open("rb") as stream:
            rest = b""
            while True:
                rest += stream.read()
                *whole, rest = rest.split(b"\n")
                for line in whole:
                    entry = _entry(line)
                    if entry is not None:
                        entry["at"] = datetime.fromisoformat(entry["timestamp"]).timestamp() - self._offset
                        yield entry
                yield None

    def read(self) -> list[dict[str, Any]]:
        """What has come since the last look."""
        new = []
        while (entry := next(self._lines)) is not None:
            new.append(entry)
        self.seen += new
        return new

    def wait(self, wanted: Callable[[dict[str, Any]], bool], what: str, seconds: float = 15) -> dict[str, Any]:
        """The next entry like this; what came before it is passed over."""
        deadline = time.monotonic() + seconds
        while True:
            entry = next(self._lines)
            if entry is None:
                if time.monotonic() > deadline:
                    raise EnvironmentFault(f"The terminal did not reach {what} in {seconds:g} s.", f"See {self._path}.")
                time.sleep(POLL_SECONDS)
                continue
            self.seen.append(entry)
            if wanted(entry):
                return entry

    def step(self, name: str, seconds: float = 15) -> dict[str, Any]:
        """Wait until a visit reaches this step."""
        return self.wait(lambda entry: entry.get("step") == name, name, seconds)


def _entry(line: bytes) -> dict[str, Any] | None:
    if not line.startswith(b"{"):
        return None
    try:
        found: dict[str, Any] = json.loads(line)
    except ValueError:
        return None
    return found if "timestamp" in found else None


def wall_offset() -> float:
    """Wall time minus monotonic time, in seconds."""
    clock = SystemClock()
    return statistics.median(clock.now().timestamp() - time.monotonic() for _ in range(9))


def memory_mb(pid: int) -> float:
    """What this process occupies (VmRSS), in MB of 2**20 bytes."""
    from pathlib import Path  # noqa: PLC0415

    for line in Path(f"/proc/{pid}/status").read_text("ascii", "replace").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise EnvironmentFault(f"The kernel says nothing of the memory of {pid}.", "Is the process still there?")
