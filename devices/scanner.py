"""A barcode scanner that sends lines over a serial device: its own thread, one call a code.

Rules:
- What was scanned before `start` is not read: it belongs to nobody who stands here now.
- A line longer than any code of ours, or with characters that no code of ours has, is dropped: a hostile barcode floods
  nothing.
- A device that is not there, or goes away, is tried again each second.
"""

from __future__ import annotations

import contextlib
import os
import select
import termios
import threading
import tty
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST_CODE = 2048
"""Bytes of a line; a receipt's statement has about 420."""

RETRY_SECONDS = 1.0
_STOP_SECONDS = 2.0


class BarcodeScanner:
    """Reads from `start` to `stop`, once; `scanned` is called on the scanner's thread with the text of each code."""

    def __init__(self, device: str, scanned: Callable[[str], None]) -> None:
        self._device = device
        self._scanned = scanned
        self._wake_reader, self._wake_writer = os.pipe()
        self._thread = threading.Thread(target=self._run, name="scanner", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End; harmless when it never began, and a second time."""
        with contextlib.suppress(OSError):
            os.write(self._wake_writer, b"\0")
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(_STOP_SECONDS)

    def _run(self) -> None:
        stopped = False
        while not stopped:
            try:
                descriptor = os.open(self._device, os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
            except OSError:
                stopped = self._pause()
                continue
            try:
                with contextlib.suppress(termios.error, OSError):
                    tty.setraw(descriptor)
                    termios.tcflush(descriptor, termios.TCIFLUSH)
                stopped = self._read(descriptor) or self._pause()
            finally:
                os.close(descriptor)

    def _pause(self) -> bool:
        """Wait a little before the next try; True when it is to stop."""
        return bool(select.select([self._wake_reader], [], [], RETRY_SECONDS)[0])

    def _read(self, descriptor: int) -> bool:
        """Read until the device goes away; True when it is to stop."""
        line = bytearray()
        while True:
            ready, _, _ = select.select([descriptor, self._wake_reader], [], [])
            if self._wake_reader in ready:
                return True
            try:
                data = os.read(descriptor, 4096)
            except BlockingIOError:
                continue
            except OSError:
                return False
            if not data:
                return False
            for byte in data:
                if byte in b"\r\n":
                    self._end(bytes(line))
                    line.clear()
                elif len(line) <= LONGEST_CODE:
                    line.append(byte)

    def _end(self, line: bytes) -> None:
        text = line.decode("utf-8", "replace").strip()
        if text and len(line) <= LONGEST_CODE and text.isprintable() and "\ufffd" not in text:
            self._scanned(text)
