"""That the workbench shall end: asked by a signal, by the verb stop, or by a test.

The main thread waits on a socket and not on a lock: a signal that comes just before a lock is taken is marked by the
interpreter and handled only when the wait is over, that is never. The interpreter's wake-up descriptor has no such gap.
"""

from __future__ import annotations

import select
import signal
import socket
from contextlib import suppress
from typing import Self


class Stop:
    """Asked once or often, from any thread; it stays asked."""

    def __init__(self) -> None:
        self._asked, self._asking = socket.socketpair()
        self._asking.settimeout(0)
        self._by_signals = False

    def on_signals(self, *numbers: signal.Signals) -> None:
        """Be asked by these signals from now on; for the main thread."""
        for number in numbers:
            signal.signal(number, lambda *_: None)  # the descriptor below says it
        self._by_signals = True
        signal.set_wakeup_fd(self._asking.fileno(), warn_on_full_buffer=False)

    def ask(self) -> None:
        """Say that it shall end."""
        with suppress(BlockingIOError):  # asked more often than fits: known by now
            self._asking.send(b"\0")

    @property
    def is_asked(self) -> bool:
        """Whether somebody has asked."""
        return bool(select.select([self._asked], [], [], 0)[0])

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, *_: object) -> None:
        """Listen no more."""
        if self._by_signals:
            signal.set_wakeup_fd(-1)
        self._asking.close()
        self._asked.close()

    def wait(self) -> None:
        """Wait until somebody asks."""
        self._asked.recv(1, socket.MSG_PEEK)
