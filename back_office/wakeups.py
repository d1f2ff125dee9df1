"""Wakes who waits: long polls when a transaction moved, the background rounds when there is work.

Rules:
- Any thread may tell; waiting is done on the server's event loop (`Wakeups`) or in the rounds' own thread (`Bell`).
- Subscribe, look, then wait: a change between looking and waiting is never missed.
"""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Wakeups:
    """Long polls, by the transaction they follow."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: dict[str, set[asyncio.Event]] = {}
        self.closing = False

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """Name the loop on which polls wait."""
        self._loop = loop

    @contextmanager
    def subscribe(self, transaction_id: str) -> Iterator[asyncio.Event]:
        """Hear of a transaction while the block runs (on the loop)."""
        event = asyncio.Event()
        self._waiting.setdefault(transaction_id, set()).add(event)
        try:
            yield event
        finally:
            waiting = self._waiting[transaction_id]
            waiting.discard(event)
            if not waiting:
                del self._waiting[transaction_id]

    def tell(self, transaction_ids: Iterable[str] | None) -> None:
        """Wake who follows these transactions, or everybody (None); from any thread."""
        if self._loop is None or self._loop.is_closed():
            return
        ids = None if transaction_ids is None else tuple(transaction_ids)
        self._loop.call_soon_threadsafe(self._wake, ids)

    def close(self) -> None:
        """Let every poll answer now, and none wait any more: the server stops."""
        self.closing = True
        self.tell(None)

    def _wake(self, ids: tuple[str, ...] | None) -> None:
        for transaction_id in list(self._waiting) if ids is None else ids:
            for event in self._waiting.get(transaction_id, ()):
                event.set()


class Bell:
    """Tells the rounds that there is something to do."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def ring(self) -> None:
        """There is work; from any thread."""
        self._event.set()

    def wait(self, seconds: float) -> bool:
        """Wait for the bell at most so long; True when it rang. What rang meanwhile is forgotten: look at everything."""
        rang = self._event.wait(seconds)
        self._event.clear()
        return rang
