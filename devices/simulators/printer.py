"""A receipt printer on a pty: takes ESC/POS as a printer on a serial line does, and lays the papers into a folder.

Rules:
- Status is answered in real time (DLE EOT 1 to 4), whatever is printed, as long as the printer has power.
- With a fault nothing is printed and the bytes wait in the receive buffer; when that is full, nothing more is taken off
  the line.
- Whoever mends it takes away what hangs out of it. After a jam or without power what waited is lost; after new paper,
  or with the cover closed, it goes on with what waits.
- Each cut paper appears whole: NNN.png, NNN.txt and NNN.bin, by rename, the text last.
"""

from __future__ import annotations

import contextlib
import os
import select
import threading
import tty
from collections import deque
from enum import Enum
from typing import TYPE_CHECKING

from devices.simulators import escpos_stream as esc
from devices.simulators.paper import Paper, Sheet

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BUFFER_BYTES = 4096
"""Receive buffer of the TM-T20II in its larger setting."""

_CLEAR_BUFFERS = bytes.fromhex("10140801031401060208")
"""DLE DC4, function 8, with its fixed parameters."""
_CLEARED = bytes.fromhex("372500")
"""What a printer answers when it has cleared its buffers."""
_RECOVER_AFTER_CLEARING = 2


class PrinterFault(Enum):
    """What is wrong with it."""

    OK = "ok"
    JAM = "jam"
    PAPER_OUT = "paper-out"
    COVER_OPEN = "cover-open"
    OFFLINE = "offline"


class SimulatedPrinter:
    """From construction until `close`; `device` becomes a link to the pty. `changed` is called after printing and faults."""

    def __init__(
        self,
        device: Path,
        papers: Path,
        changed: Callable[[], None] = lambda: None,
        *,
        buffer_bytes: int = BUFFER_BYTES,
    ) -> None:
        self._device, self._folder, self._changed, self._capacity = device, papers, changed, buffer_bytes
        papers.mkdir(parents=True, exist_ok=True)
        self._number = max((int(path.stem) for path in papers.glob("[0-9]*.txt")), default=0)
        self._fault = PrinterFault.OK
        self._planned: tuple[int, PrinterFault] | None = None
        self._paper = Paper()
        self._printed = bytearray()
        self._lock = threading.RLock()
        self._news = threading.Condition(self._lock)
        self._master, self._slave = os.openpty()
        self._orders: deque[PrinterFault] = deque()
        self._buffer = bytearray()
        self._started = bytearray()
        self._real_time = bytearray()
        os.set_blocking(self._master, False)
        tty.setraw(self._slave)
        _link(device, os.ttyname(self._slave))
        self._wake_reader, self._wake_writer = os.pipe()
        self._open = True
        self._thread = threading.Thread(target=self._run, name="printer", daemon=True)
        self._thread.start()

    # --- the bench's side ------------------------------------------------------------------------

    @property
    def fault(self) -> PrinterFault:
        """What is wrong with it now."""
        return self._fault

    @property
    def papers(self) -> list[Path]:
        """The cut papers, oldest first, by their texts."""
        return sorted(self._folder.glob("[0-9]*.txt"))

    def paper(self, number: int) -> Path:
        """Give the text of a paper by its number."""
        return self._folder / f"{number:03d}.txt"

    @property
    def count(self) -> int:
        """Number of the last paper."""
        return self._number

    @property
    def standing(self) -> str:
        """What is printed and not cut yet."""
        with self._lock:
            return self._paper.text

    @property
    def waiting_bytes(self) -> int:
        """Bytes in the receive buffer."""
        return len(self._buffer) + len(self._started)

    def set_fault(self, fault: PrinterFault, *, after_lines: int = 0) -> None:
        """Break it or mend it; with `after_lines`, break it as soon as so many more lines are printed."""
        with self._news:
            if after_lines and fault is not PrinterFault.OK:
                self._planned = (self._paper.lines_printed + after_lines, fault)
                return
            self._planned = None
            self._orders.append(fault)
            os.write(self._wake_writer, b"\0")
            self._news.wait_for(lambda: not self._orders or not self._open, 5)
        self._changed()

    def wait_paper(self, more_than: int, seconds: float) -> bool:
        """Wait until the last paper's number is higher than `more_than`."""
        with self._news:
            return self._news.wait_for(lambda: self._number > more_than, seconds)

    def close(self) -> None:
        """Take it away."""
        self._open = False
        os.write(self._wake_writer, b"\0")
        self._thread.join(5)
        for descriptor in (self._master, self._slave, self._wake_reader, self._wake_writer):
            with contextlib.suppress(OSError):
                os.close(descriptor)
        with contextlib.suppress(OSError):
            self._device.unlink()

    # --- the printer's own thread ----------------------------------------------------------------

    def _run(self) -> None:
        while self._open:
            room = self._capacity - len(self._buffer)
            wanted = [self._wake_reader, *([self._master] if room > 0 else [])]
            ready, _, _ = select.select(wanted, [], [])
            if self._wake_reader in ready:
                os.read(self._wake_reader, 64)
            with self._news:
                while self._orders:
                    self._become(self._orders[0])
                    self._orders.popleft()
                if self._master in ready:
                    self._receive(room)
                worked = self._work()
                self._news.notify_all()
            if worked:
                self._changed()

    def _receive(self, room: int) -> None:
        try:
            data = os.read(self._master, room)
        except OSError:
            return
        if self._fault is PrinterFault.OFFLINE:  # no power: what is sent is lost
            return
        self._buffer += data
        self._real_time += data
        self._answer_real_time()

    def _answer_real_time(self) -> None:
        """Look for real-time commands in what came in, also inside other data, as printers do."""
        stream = self._real_time
        while (at := stream.find(esc.DLE)) >= 0:
            del stream[:at]
            length = esc.real_time_length(stream)
            if length is None:
                return
            command = bytes(stream[:length])
            del stream[:length]
            if length > 1:
                self._real_time_command(command)
        stream.clear()

    def _real_time_command(self, command: bytes) -> None:
        kind, parameter = command[1], command[2]
        if kind == 0x04 and parameter in range(1, 5):  # noqa: PLR2004 - EOT
            self._answer(bytes([self._status(parameter)]))
        elif kind == 0x05 and parameter == _RECOVER_AFTER_CLEARING:  # noqa: PLR2004 - ENQ
            self._clear(command)
        elif command == _CLEAR_BUFFERS:
            self._clear(command)
            self._answer(_CLEARED)

    def _clear(self, command: bytes) -> None:
        """Drop everything that came in before the command, and the command."""
        self._started.clear()
        end = self._buffer.rfind(command)
        del self._buffer[: end + len(command) if end >= 0 else len(self._buffer)]
        self._paper.obey(esc.Initialise())

    def _answer(self, data: bytes) -> None:
        with contextlib.suppress(OSError):  # nobody reads: a full line loses bytes, as a real one
            os.write(self._master, data)

    def _work(self) -> bool:
        """Work off what is in the buffer, until a fault or the end; True when there was something that prints."""
        worked = False
        if self._fault is PrinterFault.OK:  # a picture may be longer than the buffer: it is worked off as it comes
            self._started += self._buffer
            self._buffer.clear()
        while self._fault is PrinterFault.OK and (step := esc.read_command(self._started)) is not None:
            length, command = step
            self._printed += self._started[:length]
            del self._started[:length]
            worked = worked or not isinstance(command, esc.Nothing)
            match command:
                case esc.Cut():
                    self._lay_out(self._paper.cut(command.feed))
                case esc.AskStatus():
                    self._answer(b"\0")
                case _:
                    self._paper.obey(command)
            if self._planned and self._paper.lines_printed >= self._planned[0]:
                fault, self._planned = self._planned[1], None
                self._become(fault)
        return worked

    def _become(self, fault: PrinterFault) -> None:
        before, self._fault = self._fault, fault
        if before is fault:
            return
        if before is not PrinterFault.OK and not self._paper.blank:
            sheet = self._paper.cut()
            self._lay_out(Sheet(sheet.image, sheet.text + "[torn off]\n"))
        if before in {PrinterFault.JAM, PrinterFault.OFFLINE}:
            self._forget()
        if fault is PrinterFault.OFFLINE:
            self._forget()

    def _forget(self) -> None:
        self._buffer.clear()
        self._started.clear()

    def _status(self, kind: int) -> int:
        """Give the byte of DLE EOT `kind`: bits 1 and 4 are always set."""
        fault = self._fault
        match kind:
            case 1:
                bits = 0x08 if fault is not PrinterFault.OK else 0
            case 2:
                bits = {PrinterFault.COVER_OPEN: 0x04, PrinterFault.PAPER_OUT: 0x20, PrinterFault.JAM: 0x40}.get(
                    fault, 0
                )
            case 3:
                bits = 0x08 if fault is PrinterFault.JAM else 0
            case _:
                bits = 0x60 if fault is PrinterFault.PAPER_OUT else 0
        return 0x12 | bits

    def _lay_out(self, sheet: Sheet) -> None:
        """Put a sheet into the folder; a bare one is only cut off."""
        raw, self._printed = bytes(self._printed), bytearray()
        if not sheet.text.strip():
            return
        name = f"{self._number + 1:03d}"
        draft = self._folder / f".{name}.draft"
        sheet.image.save(draft, format="PNG", compress_level=3)
        draft.rename(self._folder / f"{name}.png")
        for suffix, content in (("bin", raw), ("txt", sheet.text.encode())):
            draft.write_bytes(content)
            draft.rename(self._folder / f"{name}.{suffix}")
        self._number += 1


def _link(device: Path, target: str) -> None:
    device.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        device.unlink()
    device.symlink_to(target)
