"""A receipt printer on a device file: asks before it prints, writes with a deadline, asks again, and says what it knows.

Rules:
- `printed`: the printer took everything and reports no fault afterwards. `failed`: it said before, or after, that it did not
  come out. `unknown`: it stopped answering in between.
- Nothing blocks longer than the deadline; what is left in the buffer of a failed job is thrown away.
"""

from __future__ import annotations

import contextlib
import os
import select
import termios
import time
import tty
from typing import TYPE_CHECKING, Literal

from devices.escpos import encode
from kiosk.domain.session.states import PrinterState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from devices.receipt_layout import LayoutLine

Outcome = Literal["printed", "failed", "unknown"]
STATUS_SECONDS = 0.5
WRITE_SECONDS = 20.0
CHUNK = 1024
_FIXED_BITS, _FIXED = 0x93, 0x12  # DLE EOT answers have bits 1 and 4 set, 0 and 7 clear


class ReceiptPrinter:
    """One printer; opened for each job, so that it may be unplugged in between."""

    def __init__(self, device: Path) -> None:
        self._device = device

    def state(self) -> PrinterState:
        """What its status bytes say now."""
        descriptor = self._open()
        if descriptor is None:
            return PrinterState.OFFLINE
        try:
            return _state(descriptor)
        finally:
            os.close(descriptor)

    def print(self, lines: Sequence[LayoutLine]) -> Outcome:
        """Print these lines; blocks until the outcome is known, at most some twenty seconds."""
        descriptor = self._open()
        if descriptor is None:
            return "failed"
        try:
            if _state(descriptor) is not PrinterState.READY:
                return "failed"
            if not _write(descriptor, encode(lines)):
                with contextlib.suppress(termios.error):
                    termios.tcflush(descriptor, termios.TCOFLUSH)
                return "unknown"
            after = _state(descriptor)
            if after is PrinterState.READY:
                return "printed"
            return "unknown" if after is PrinterState.OFFLINE else "failed"
        finally:
            os.close(descriptor)

    def _open(self) -> int | None:
        try:
            descriptor = os.open(self._device, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        except OSError:
            return None
        with contextlib.suppress(termios.error):
            tty.setraw(descriptor)
        return descriptor


def _state(descriptor: int) -> PrinterState:
    """Ask DLE EOT 1, and 2 and 4 when something is wrong."""
    first = _ask(descriptor, 1)
    if first is None:
        return PrinterState.OFFLINE
    cause = _ask(descriptor, 2)
    paper = _ask(descriptor, 4)
    if cause is None or paper is None:
        return PrinterState.OFFLINE
    if cause & 0x04:
        return PrinterState.COVER_OPEN
    if cause & 0x20 or paper & 0x60:
        return PrinterState.PAPER_OUT
    if cause & 0x40:
        return PrinterState.JAMMED
    return PrinterState.OFFLINE if first & 0x08 else PrinterState.READY


def _ask(descriptor: int, kind: int) -> int | None:
    """One real-time status byte, or None when none came in time."""
    deadline = time.monotonic() + STATUS_SECONDS
    try:
        os.write(descriptor, bytes([0x10, 0x04, kind]))
        while (left := deadline - time.monotonic()) > 0:
            if not select.select([descriptor], [], [], left)[0]:
                return None
            for byte in os.read(descriptor, 64):
                if byte & _FIXED_BITS == _FIXED:
                    return byte
    except OSError:
        return None
    return None


def _write(descriptor: int, data: bytes) -> bool:
    """Everything, within the deadline."""
    deadline = time.monotonic() + WRITE_SECONDS
    at = 0
    while at < len(data):
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([], [descriptor], [], left)[1]:
            return False
        try:
            at += os.write(descriptor, data[at : at + CHUNK])
        except BlockingIOError:
            continue
        except OSError:
            return False
    return True
