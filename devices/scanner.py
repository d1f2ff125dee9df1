"""A barcode scanner that sends lines over a serial device: its own thread, one call a code.

Rules:
- A line longer than any code of ours is dropped: a hostile barcode floods nothing (security, promise 8).
"""

from __future__ import annotations

import contextlib
import os
import select
import threading
import tty
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST_CODE = 2048
RETRY_SECONDS = 1.0


class BarcodeScanner:
    """Reads from `start` to `stop`; a device that is not there, or goes away, is tried again each second."""

    def __init__(self, device: str, scanned: Callable[[str], None]) -> None:
        self._device = device
        self._scanned = scanned
        self._wake_reader, self._wake_writer = os.pipe()
        self._thread = threading.Thread(target=self._run, name="scanner", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End; harmless when it never began."""
        with contextlib.suppress(OSError):
            os.write(self._wake_writer, b"\0")

    def _run(self) -> None:
        while True:
            try:
                descriptor = os.open(self._device, os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK)
            except OSError:
                if select.select([self._wake_reader], [], [], RETRY_SECONDS)[0]:
                    return
                continue
            with contextlib.suppress(OSError):
                tty.setraw(descriptor)
            stopped = self._read(descriptor)
            os.close(descriptor)
            if stopped or select.select([self._wake_reader], [], [], RETRY_SECONDS)[0]:
                return

    def _read(self, descriptor: int) -> bool:
        """Until the device goes away; True when it is to stop."""
        line = bytearray()
        while True:
            ready, _, _ = select.select([descriptor, self._wake_reader], [], [])
            if self._wake_reader in ready:
                return True
            try:
                data = os.read(descriptor, 4096)
            except OSError:
                return False
            if not data:
                return False
            for byte in data:
                if byte in b"\r\n":
                    text, line = bytes(line), bytearray()
                    if 0 < len(text) <= LONGEST_CODE:
                        self._scanned(text.decode("utf-8", "replace").strip())
                elif len(line) <= LONGEST_CODE:
                    line.append(byte)
