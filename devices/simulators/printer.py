"""A receipt printer on a pty: takes ESC/POS as a printer on a serial line does, and lays the paper into a folder.

Rules:
- Jammed, without paper, with an open cover or switched off it prints nothing; the bytes wait, as in a real buffer,
  and are lost when the fault is mended, as in a real jam.
- Status is answered in real time (DLE EOT 1 to 4) from the state, whatever is printed.
- Each cut paper appears whole: NNN.png, NNN.txt and NNN.bin, by rename.
"""

from __future__ import annotations

import contextlib
import os
import select
import threading
import tty
from enum import Enum
from typing import TYPE_CHECKING

from devices.simulators.escpos_stream import Code, Cut, Feed, Interpreter, Picture, StatusRequest, Text
from devices.simulators.paper import Paper

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from devices.simulators.escpos_stream import Command


class PrinterFault(Enum):
    """What is wrong with it."""

    OK = "ok"
    JAM = "jam"
    PAPER_OUT = "paper-out"
    COVER_OPEN = "cover-open"
    OFFLINE = "offline"


class SimulatedPrinter:
    """From construction until `close`; `device` is a symbolic link to the pty."""

    def __init__(self, device: Path, papers: Path, changed: Callable[[], None] = lambda: None) -> None:
        self.fault = PrinterFault.OK
        self._papers = papers
        self._papers.mkdir(parents=True, exist_ok=True)
        self._changed = changed
        self._device = device
        self._number = max((int(p.stem) for p in papers.glob("*.txt")), default=0)
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        device.parent.mkdir(parents=True, exist_ok=True)
        device.unlink(missing_ok=True)
        device.symlink_to(os.ttyname(self._slave))
        self._paper = Paper()
        self._raw = bytearray()
        self._interpreter = Interpreter()
        self._wake_reader, self._wake_writer = os.pipe()
        self._printed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="printer", daemon=True)
        self._thread.start()

    @property
    def papers(self) -> list[Path]:
        """The cut papers, oldest first (their texts)."""
        return sorted(self._papers.glob("*.txt"))

    @property
    def standing(self) -> str:
        """What is printed and not cut yet."""
        return "\n".join(self._paper.lines)

    def set_fault(self, fault: PrinterFault) -> None:
        """Break it or mend it. Mending drops what waited: paper that jammed is thrown away."""
        mended = fault is PrinterFault.OK and self.fault is not PrinterFault.OK
        self.fault = fault
        if mended and not self._paper.blank:
            self._finish(torn=True)
        self._changed()

    def wait_paper(self, more_than: int, seconds: float) -> bool:
        """Wait until there are more papers than that."""
        with self._printed:
            return self._printed.wait_for(lambda: len(self.papers) > more_than, seconds)

    def close(self) -> None:
        """Switch off."""
        os.write(self._wake_writer, b"\0")
        self._thread.join(5)
        for descriptor in (self._master, self._slave, self._wake_reader, self._wake_writer):
            with contextlib.suppress(OSError):
                os.close(descriptor)
        self._device.unlink(missing_ok=True)

    def _run(self) -> None:
        while True:
            ready, _, _ = select.select([self._master, self._wake_reader], [], [])
            if self._wake_reader in ready:
                return
            try:
                data = os.read(self._master, 65_536)
            except OSError:
                return
            self._raw += data
            for command in self._interpreter.feed(data):
                self._obey(command)

    def _obey(self, command: Command) -> None:
        if isinstance(command, StatusRequest):
            if self.fault is not PrinterFault.OFFLINE:
                os.write(self._master, bytes([self._status(command.kind)]))
            return
        if self.fault is not PrinterFault.OK:
            return
        match command:
            case Text():
                self._paper.text(
                    command.text, bold=command.bold, wide=command.wide, high=command.high, align=command.align
                )
            case Picture():
                self._paper.picture(command.picture, command.align)
            case Code():
                self._paper.code(command.data, command.size, command.align)
            case Feed():
                self._paper.feed(command.dots)
            case Cut():
                self._finish()
        with self._printed:
            self._printed.notify_all()
        self._changed()

    def _status(self, kind: int) -> int:
        """The status byte of DLE EOT `kind` (fixed bits 1 and 4 set)."""
        fixed = 0x12
        match kind:
            case 1:
                return fixed | (0x08 if self.fault is not PrinterFault.OK else 0)
            case 2:
                cover = 0x04 if self.fault is PrinterFault.COVER_OPEN else 0
                paper = 0x20 if self.fault is PrinterFault.PAPER_OUT else 0
                return fixed | cover | paper | (0x40 if self.fault is PrinterFault.JAM else 0)
            case 3:
                return fixed | (0x08 if self.fault is PrinterFault.JAM else 0)
            case 4:
                return fixed | (0x60 if self.fault is PrinterFault.PAPER_OUT else 0)
            case _:
                return fixed

    def _finish(self, *, torn: bool = False) -> None:
        """The paper up to here leaves the printer."""
        picture, text = self._paper.tear()
        paper, self._paper = self._paper, Paper()
        raw, self._raw = bytes(self._raw), bytearray()
        if paper.blank:
            return
        self._number += 1
        name = f"{self._number:03d}"
        if torn:
            text += "[torn off]\n"
        draft = self._papers / f".{name}.draft"
        for suffix, write in (("png", None), ("bin", raw), ("txt", text.encode())):
            if write is None:
                picture.save(draft, format="PNG")
            else:
                draft.write_bytes(write)
            draft.rename(self._papers / f"{name}.{suffix}")
        with self._printed:
            self._printed.notify_all()
