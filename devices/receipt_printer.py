"""A receipt printer on a device file: asks before it prints, looks while it prints, and says how it came out.

Rules:
- `printed`: the printer has worked off everything and says so. `failed`: it said before or meanwhile that it does not
  print, or it did not take everything. `unknown`: it took everything and then said nothing more.
- Nothing blocks longer than the deadline. The rest of a job that failed is dropped at both ends, so that nothing of
  this visitor comes out before the next one.
- A process that dies leaves its job behind: `cancel`, called by whoever outlives it, drops the rest and cuts the paper
  off. Where it cannot, because the printer is not ready, the next job begins with the knife.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Literal

from devices.escpos import PIECE_BYTES, PROFILE, encode, encode_each
from devices.printer_port import PortLost, PrinterPort
from devices.receipt_layout import Cut, Space
from kiosk.domain.session.states import PrinterState

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from devices.receipt_layout import LayoutLine

PrintOutcome = Literal["printed", "failed", "unknown"]

PATIENCE_SECONDS = 20.0
_LOOK_SECONDS = 0.25
_SILENCES = 3
"""So many looks without any answer, and the printer is taken for gone."""
_CUT_OFF: tuple[LayoutLine, ...] = (Space(24), Cut())


class ReceiptPrinter:
    """One printer; opened for each job, so that it may be unplugged in between."""

    def __init__(self, device: Path, *, profile: str = PROFILE, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._device = device
        self._profile = profile
        self._patience = patience_seconds
        self._last = PrinterState.OFFLINE
        self._left = False
        encode((), profile)  # the printer's profile is read now, not before the first receipt

    @property
    def reason(self) -> PrinterState:
        """What was the matter when a job last ended otherwise than printed, or the last state seen."""
        return self._last

    @property
    def left(self) -> bool:
        """Whether a piece of a job that failed may hang in the printer."""
        return self._left

    def state(self) -> PrinterState:
        """Ask what the status bytes say; while a job is being printed, what it saw last."""
        if not self._device.exists():
            self._last = PrinterState.OFFLINE
            return self._last
        port = PrinterPort.open(self._device, 0)
        if port is None:
            return self._last
        with port:
            return self._look(port)

    def print(self, lines: Sequence[LayoutLine]) -> PrintOutcome:
        """Print these lines; blocks until the outcome is known, `patience_seconds` at most."""
        deadline = time.monotonic() + self._patience
        port = PrinterPort.open(self._device, deadline)
        if port is None:
            self._last = PrinterState.OFFLINE
            return "failed"
        with port:  # the knife first where a piece of a failed job may hang: it does not belong to what comes now
            return self._job(port, (*(_CUT_OFF if self._left else ()), *lines), deadline)

    def cancel(self, ending: Sequence[LayoutLine] = _CUT_OFF) -> bool:
        """Drop what a process that died has left in the printer, and cut its paper off; harmless when there is none.

        `ending` is printed below what stands there, and ends with the cut. False: not now, the next job will cut.
        """
        self._left = True
        deadline = time.monotonic() + self._patience
        port = PrinterPort.open(self._device, deadline)
        if port is None:
            return False
        with port:
            port.discard()
            return self._job(port, ending, deadline) == "printed"

    def _job(self, port: PrinterPort, lines: Sequence[LayoutLine], deadline: float) -> PrintOutcome:
        try:
            outcome = self._send(port, encode_each(lines, self._profile), deadline)
            if outcome is None:
                port.ask_worked_off(deadline)
                outcome = self._await_end(port, deadline)
        except PortLost:
            self._last = PrinterState.OFFLINE
            outcome = "unknown"
        if outcome != "printed":
            port.discard()
        return outcome

    def _send(self, port: PrinterPort, job: Iterable[bytes], deadline: float) -> PrintOutcome | None:
        """Hand the job over, looking at the status before every `PIECE_BYTES`; None when the printer has all of it."""
        unlooked = PIECE_BYTES
        for piece in job:
            if unlooked + len(piece) > PIECE_BYTES:
                unlooked = 0
                if self._look(port) is not PrinterState.READY:
                    return "failed"
            self._left = True
            try:
                taken = port.write(piece, deadline)
            except PortLost:
                self._last = PrinterState.OFFLINE
                return "failed"
            if taken < len(piece):
                self._look(port)
                return "failed"
            unlooked += taken
        return None

    def _await_end(self, port: PrinterPort, deadline: float) -> PrintOutcome:
        """Wait until the job is worked off, looking now and then why it is not."""
        silences = 0
        while not port.worked_off and time.monotonic() < deadline and silences < _SILENCES:
            port.listen(_LOOK_SECONDS)
            if port.worked_off:
                break
            state = self._look(port)
            if state not in {PrinterState.READY, PrinterState.OFFLINE} and not port.worked_off:
                return "failed"
            silences = silences + 1 if state is PrinterState.OFFLINE else 0
        if not port.worked_off:
            return "unknown"
        self._last, self._left = PrinterState.READY, False
        return "printed"

    def _look(self, port: PrinterPort) -> PrinterState:
        try:
            self._last = port.state()
        except PortLost:
            self._last = PrinterState.OFFLINE
        return self._last
