"""A barcode scanner on a pty: what is held under it comes as one line, as from a scanner on a serial cable."""

from __future__ import annotations

import contextlib
import os
import tty
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class SimulatedScanner:
    """From construction until `close`; `device` is a symbolic link to the pty."""

    def __init__(self, device: Path) -> None:
        self._device = device
        self._master, self._slave = os.openpty()
        os.set_blocking(self._master, False)
        tty.setraw(self._slave)
        device.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):
            device.unlink()
        device.symlink_to(os.ttyname(self._slave))

    def scan(self, text: str) -> bool:
        """Hold a code under it; line ends become spaces. False when nobody has read for so long that no more fits."""
        line = " ".join(text.splitlines()).encode() + b"\r\n"
        try:
            return os.write(self._master, line) == len(line)
        except BlockingIOError:
            return False

    def close(self) -> None:
        """Unplug it."""
        for descriptor in (self._master, self._slave):
            with contextlib.suppress(OSError):
                os.close(descriptor)
        with contextlib.suppress(OSError):
            self._device.unlink()
