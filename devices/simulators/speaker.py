"""A speaker that is heard by the workbench: each sound comes as one datagram with its name."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import TYPE_CHECKING

from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LONGEST_NAME = 64


class SimulatedSpeaker:
    """From construction until `close`; `heard` is called on its own thread after each sound."""

    def __init__(self, path: Path, heard: Callable[[], None] = lambda: None) -> None:
        self._path = path
        self._heard = heard
        self._lock = threading.Lock()
        self._last = ""
        self._count = 0
        self._closing = False
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            path.unlink(missing_ok=True)
            self._socket.bind(str(path))
            path.chmod(0o600)
        except OSError as error:
            self._socket.close()
            raise EnvironmentFault(f"Cannot listen at {path} ({error}).", "Use a shorter state folder.") from error
        self._thread = threading.Thread(target=self._listen, name="speaker", daemon=True)
        self._thread.start()

    @property
    def last(self) -> str:
        """Name of the last sound, empty before the first."""
        with self._lock:
            return self._last

    @property
    def count(self) -> int:
        """How many sounds there were."""
        with self._lock:
            return self._count

    def _listen(self) -> None:
        while name := self._next():
            with self._lock:
                self._last, self._count = name, self._count + 1
            self._heard()

    def _next(self) -> str:
        """Wait for a name; empty at the end."""
        while True:
            try:
                name = self._socket.recv(LONGEST_NAME)
            except OSError:
                return ""
            if self._closing:
                return ""
            if name.isascii() and name.decode("ascii").isidentifier():
                return name.decode("ascii")

    def close(self) -> None:
        """Unplug it."""
        self._closing = True
        with contextlib.suppress(OSError):
            self._path.unlink()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(2)
        self._socket.close()
