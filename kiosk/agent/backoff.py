"""Exponential backoff with full jitter: a fleet that comes back together does not come back at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kiosk.system import Ids


class Backoff:
    """Waits between attempts: evenly distributed between nothing and a bound that doubles up to `most_seconds`."""

    def __init__(self, ids: Ids, *, first_seconds: float, most_seconds: float) -> None:
        self._ids = ids
        self._first = first_seconds
        self._most = most_seconds
        self._failures = 0

    def reset(self) -> None:
        """Begin anew: an attempt succeeded, or there is reason to hope."""
        self._failures = 0

    def next_seconds(self, at_least: float = 0.0) -> float:
        """Return how long to wait after one more failure; `at_least` comes first, and the jitter after it."""
        bound = min(self._most, self._first * 2.0 ** min(self._failures, 32))
        self._failures += 1
        return at_least + bound * int.from_bytes(self._ids.token(4), "big") / 2**32
