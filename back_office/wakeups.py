"""Wakes who waits: long polls when a transaction moved, the background rounds when there is work.

Rules:
- Any thread may tell; waiting is done on the server's event loop (`Wakeups`) or in the rounds' own thread (`Bell`).
- Subscribe, look, then wait: a change between looking and waiting is never missed.
"""

from __future__ import annotations

import asyncio
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from contextlib import AbstractContextManager


LULL_SECONDS = 0.05
"""As long as a terminal takes from an answer to its next push, and more."""


class Wakeups:
    """Long polls, by the transaction they follow, or by the office whose feed they read."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: dict[str, set[asyncio.Event]] = {}
        self._readers: dict[str, set[asyncio.Event]] = {}
        self.closing = False

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """Name the loop on which polls wait."""
        self._loop = loop

    def subscribe(self, transaction_id: str) -> AbstractContextManager[asyncio.Event]:
        """Hear of a transaction while the block runs (on the loop)."""
        return _listed(self._waiting, transaction_id)

    def subscribe_feed(self, office: str) -> AbstractContextManager[asyncio.Event]:
        """Hear of an office's feed while the block runs (on the loop)."""
        return _listed(self._readers, office)

    def tell(self, transaction_ids: Iterable[str] | None) -> None:
        """Wake who follows these transactions, or everybody (None); from any thread."""
        if self._loop is None or self._loop.is_closed():
            return
        ids = None if transaction_ids is None else tuple(transaction_ids)
        self._loop.call_soon_threadsafe(_wake, self._waiting, ids)

    def tell_feed(self, offices: Iterable[str] | None) -> None:
        """Wake who reads these offices' feeds, or everybody's (None); from any thread."""
        if self._loop is None or self._loop.is_closed():
            return
        named = None if offices is None else tuple(offices)
        self._loop.call_soon_threadsafe(_wake, self._readers, named)

    def close(self) -> None:
        """Let every poll answer now, and none wait any more: the server stops."""
        self.closing = True
        self.tell(None)
        self.tell_feed(None)


@contextmanager
def _listed(waiting: dict[str, set[asyncio.Event]], key: str) -> Iterator[asyncio.Event]:
    event = asyncio.Event()
    waiting.setdefault(key, set()).add(event)
    try:
        yield event
    finally:
        waiting[key].discard(event)
        if not waiting[key]:
            del waiting[key]


def _wake(waiting: dict[str, set[asyncio.Event]], keys: tuple[str, ...] | None) -> None:
    for key in list(waiting) if keys is None else keys:
        for event in waiting.get(key, ()):
            event.set()


class Bell:
    """Tells the rounds that there is something to do, and how much is being received meanwhile."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._receiving = 0
        self._quiet, self._busy = threading.Event(), threading.Event()
        self._quiet.set()
        self._ended = float("-inf")

    @contextmanager
    def receiving(self) -> Iterator[None]:
        """Say that a push is under way while the block runs; from any thread."""
        with self._lock:
            self._receiving += 1
            self._quiet.clear()
            self._busy.set()
        try:
            yield
        finally:
            with self._lock:
                self._receiving -= 1
                if not self._receiving:
                    self._ended = time.monotonic()
                    self._busy.clear()
                    self._quiet.set()

    def wait_for_quiet(self, seconds: float) -> None:
        """Wait until no push has been under way for a moment, at most so long: who is acknowledged goes before who is decided later.

        Between two pushes of one terminal there is none under way, though the next is on the line already.
        """
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0 and self._quiet.wait(left):
            now = time.monotonic()
            lull = min(self._ended + LULL_SECONDS, until) - now
            if lull <= 0 or not self._busy.wait(lull):
                return

    def ring(self) -> None:
        """There is work; from any thread."""
        self._event.set()

    def wait(self, seconds: float) -> bool:
        """Wait for the bell at most so long; True when it rang. What rang meanwhile is forgotten: look at everything."""
        rang = self._event.wait(seconds)
        self._event.clear()
        return rang
