"""How much one terminal may ask: a token bucket each, so that one that has gone wild delays nobody else.

Rules:
- Only calls whose signature was verified count: nobody can use up another's share.
- Who is turned away is told when to come back, in whole seconds.
"""

from __future__ import annotations

import math
import threading
from typing import TYPE_CHECKING

from back_office.api_types import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

TOO_MANY_REQUESTS = 429
ENTRIES_A_TOKEN = 50
"""So many entries of a push cost as much as one request."""


class Limits:
    """One bucket a terminal: `a_second` tokens flow in, at most `burst` lie in it. `now` is a monotonic clock, in seconds."""

    def __init__(self, a_second: float, burst: float, now: Callable[[], float]) -> None:
        self._rate = a_second
        self._burst = burst
        self._now = now
        self._buckets: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def take(self, terminal: str, tokens: float = 1.0) -> Refused | None:
        """Take tokens, or say when there will be enough. What is larger than the bucket takes a full one."""
        wanted = min(tokens, self._burst)
        now = self._now()
        with self._lock:
            left, at = self._buckets.get(terminal, (self._burst, now))
            left = min(self._burst, left + (now - at) * self._rate)
            if left >= wanted:
                self._buckets[terminal] = (left - wanted, now)
                return None
            self._buckets[terminal] = (left, now)
        seconds = max(1, math.ceil((wanted - left) / self._rate))
        return Refused(
            TOO_MANY_REQUESTS,
            "too_many_requests",
            f"The terminal {terminal} asks too often.",
            f"Wait {seconds} s, then send it again; send more entries at a time.",
            retry_after=seconds,
        )
