"""How many tickets one terminal gives out: more than so many in so short a time are somebody playing, not people waiting.

Rules:
- The same ticket handed over again is not another one.
- Only what this agent has seen counts; a new start begins anew.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kiosk.system import Clock

MOST, WITHIN_SECONDS = 20, 600.0
"""Two a minute over ten minutes: more than any terminal serves people."""


class TicketLimit:
    """Counts the tickets of one terminal."""

    def __init__(self, clock: Clock, most: int = MOST, within: float = WITHIN_SECONDS) -> None:
        self._clock = clock
        self._most, self._within = most, within
        self._given: OrderedDict[str, float] = OrderedDict()

    def take(self, id_: str) -> bool:
        """Tell whether this ticket may be given now, and count it if so."""
        now = self._clock.monotonic()
        while self._given and now - next(iter(self._given.values())) >= self._within:
            self._given.popitem(last=False)
        if id_ in self._given:
            return True
        if len(self._given) >= self._most:
            return False
        self._given[id_] = now
        return True
