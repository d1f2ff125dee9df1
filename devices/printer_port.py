"""The two-way line to a receipt printer: bytes down, status bytes up, nothing without a deadline.

Rules:
- Status comes in real time (DLE EOT n), also while the printer is stopped. Answers are told apart by their fixed bits:
  DLE EOT has bits 1 and 4 set, bits 0 and 7 clear; GS r has bits 4 and 7 clear (Epson, ESC/POS application programming
  guide).
- GS r waits in the printer's buffer behind the data: its answer means that everything before it has been worked off.
- One job at a time: the device is locked (flock) while it is open, and the lock ends with the process.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import termios
import time
import tty
from typing import TYPE_CHECKING, Self

from kiosk.domain.session.states import PrinterState

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

ANSWER_SECONDS = 0.5
"""How long a printer that is switched on takes for a status byte, at most."""

_LOCK_POLL_SECONDS = 0.02
_STATUS_MASK, _STATUS_BITS = 0x93, 0x12
_WORKED_OFF_MASK, _WORKED_OFF_BITS = 0x90, 0x00
_OFFLINE, _COVER, _PAPER_END, _ERROR, _NO_PAPER = 0x08, 0x04, 0x20, 0x40, 0x60
_CLEAR_BUFFERS = bytes.fromhex("10140801031401060208")
"""DLE DC4, function 8: drop what is in the receive and print buffers, in real time."""
_ASK_WORKED_OFF = b"\x1dr\x01"
_INITIALISE = b"\x1b@"


class PortLost(Exception):  # noqa: N818 - caught inside `devices.receipt_printer`, where it becomes an outcome
    """The device went away in the middle."""


class PrinterPort:
    """An open, locked device; a context manager."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.worked_off = False
        """Whether the printer has answered the question of `ask_worked_off`."""

    @classmethod
    def open(cls, device: Path, deadline: float) -> Self | None:
        """Open and lock; None when the device is not there or is in use until `deadline` (monotonic seconds)."""
        try:
            descriptor = os.open(device, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return None
        while not _locked(descriptor):
            if time.monotonic() >= deadline:
                os.close(descriptor)
                return None
            select.select([], [], [], _LOCK_POLL_SECONDS)
        with contextlib.suppress(termios.error, OSError):  # a USB printer device is no terminal
            tty.setraw(descriptor)
        return cls(descriptor)

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close, which unlocks."""
        os.close(self._descriptor)

    def state(self) -> PrinterState:
        """Ask what is the matter; OFFLINE when nothing answers. Raises `PortLost`."""
        general = self._ask(1)
        if general is None:
            return PrinterState.OFFLINE
        paper = self._ask(4)
        if general & _OFFLINE:
            cause = self._ask(2) or 0
            if cause & _COVER:
                return PrinterState.COVER_OPEN
            if cause & _PAPER_END or (paper or 0) & _NO_PAPER:
                return PrinterState.PAPER_OUT
            return PrinterState.JAMMED if cause & _ERROR else PrinterState.OFFLINE
        return PrinterState.PAPER_OUT if (paper or 0) & _NO_PAPER else PrinterState.READY

    def write(self, data: bytes, deadline: float) -> int:
        """Hand bytes over; gives how many were taken until `deadline`. Raises `PortLost`."""
        at = 0
        while at < len(data):
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([], [self._descriptor], [], left)[1]:
                break
            try:
                at += os.write(self._descriptor, data[at:])
            except BlockingIOError:
                continue
            except OSError as error:
                raise PortLost from error
        return at

    def ask_worked_off(self, deadline: float) -> None:
        """Put the question behind the job; the answer shows in `worked_off`. Raises `PortLost`."""
        self.worked_off = False
        self.write(_ASK_WORKED_OFF, deadline)

    def listen(self, seconds: float) -> int | None:
        """Wait for a status byte; None when none came, or when the job is worked off meanwhile. Raises `PortLost`."""
        deadline = time.monotonic() + seconds
        status = None
        while status is None and not self.worked_off:
            if not select.select([self._descriptor], [], [], max(0.0, deadline - time.monotonic()))[0]:
                return None
            status = self._take()
        return status

    def discard(self) -> None:
        """Drop what is on the way to the printer and in it. What cannot be reached any more is gone already."""
        with contextlib.suppress(termios.error, OSError):
            termios.tcflush(self._descriptor, termios.TCOFLUSH)
        with contextlib.suppress(PortLost):
            self.write(_CLEAR_BUFFERS + _INITIALISE, time.monotonic() + ANSWER_SECONDS)

    def _ask(self, kind: int) -> int | None:
        """Ask for one real-time status byte (DLE EOT `kind`)."""
        while select.select([self._descriptor], [], [], 0)[0]:
            self._take()  # an answer to an earlier question says nothing about now
        deadline = time.monotonic() + ANSWER_SECONDS
        if self.write(bytes([0x10, 0x04, kind]), deadline) < 3:  # noqa: PLR2004 - the three bytes of the question
            return None
        while (left := deadline - time.monotonic()) > 0:
            if select.select([self._descriptor], [], [], left)[0] and (status := self._take()) is not None:
                return status
        return None

    def _take(self) -> int | None:
        """Read what is there; gives the last status byte of it."""
        try:
            data = os.read(self._descriptor, 64)
        except BlockingIOError:
            return None
        except OSError as error:
            raise PortLost from error
        if not data:
            raise PortLost
        status = None
        for byte in data:
            if byte & _STATUS_MASK == _STATUS_BITS:
                status = byte
            elif byte & _WORKED_OFF_MASK == _WORKED_OFF_BITS:
                self.worked_off = True
        return status


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a device file that cannot be locked has one user
        return True
    return True
