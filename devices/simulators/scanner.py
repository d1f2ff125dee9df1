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
        tty.setraw(self._slave)
        device.parent.mkdir(parents=True, exist_ok=True)
        device.unlink(missing_ok=True)
        device.symlink_to(os.ttyname(self._slave))

    def scan(self, text: str) -> None:
        """Hold a code under it."""
        os.write(self._master, text.replace("\r", " ").replace("\n", " ").encode() + b"\r\n")

    def close(self) -> None:
        """Unplug it."""
        for descriptor in (self._master, self._slave):
            with contextlib.suppress(OSError):
                os.close(descriptor)
        self._device.unlink(missing_ok=True)
