"""Awake for an append that was announced: it finds the agent running, and its code and pages in the processor's caches.

Measured: from a sleep of 40 ms the way to the disk and back costs 0.7 ms beside the commit, of which two thirds are waking
up and memory that has cooled down. The visit announces the append when the card has signed, and seals meanwhile.

Rules:
- Only where another processor is left for the visit, and never longer than `MOST_SECONDS`: then the append did not come.
- Nothing hangs on it: an append that nobody announced is taken just so.
"""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_SECONDS = 0.005
"""Sealing takes about one millisecond, the way through the visit's threads another."""


class Alert:
    """Keeps the loop from sleeping between `begin` and `end`; `rehearse` is done once at the beginning."""

    def __init__(self, rehearse: Callable[[], None]) -> None:
        self._rehearse = rehearse
        self._until = 0.0
        self.is_on = False
        self.is_possible = len(os.sched_getaffinity(0)) > 1

    def begin(self) -> None:
        """An append was announced."""
        if not self.is_possible:
            return
        loop = asyncio.get_running_loop()
        self._until = loop.time() + MOST_SECONDS
        if not self.is_on:
            self.is_on = True
            self._rehearse()
            loop.call_soon(self._turn)

    def end(self) -> None:
        """It is here."""
        self.is_on = False

    def _turn(self) -> None:
        loop = asyncio.get_running_loop()
        if self.is_on and loop.time() < self._until:
            loop.call_soon(self._turn)
        else:
            self.is_on = False
