"""Time that passes when nothing else is to be done: an event loop that skips to the next moment, and clocks that jump.

Rules:
- One thread, one order: with the same seed everything happens in the same order at the same moments.
- Work takes no time; only waiting does. A loop that waits for nothing is a deadlock, and says so.
- A machine's clock is the world's time and an offset that changes at planned moments; its monotonic clock never jumps.
"""

from __future__ import annotations

import asyncio
import bisect
import selectors
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from kiosk.domain.errors import Bug
from kiosk.system import CROCKFORD

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from kiosk.system import Clock

START = datetime(2027, 3, 1, 7, 0, tzinfo=UTC)
"""When every world begins."""


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose time is its own."""

    def __init__(self) -> None:
        self._skipper = _Skipper()
        super().__init__(self._skipper)

    def time(self) -> float:
        """Seconds since the world began."""
        return self._skipper.now


class _Skipper(selectors.SelectSelector):
    """Instead of waiting, lets the time pass."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Return what is ready; nothing ever is, for there are no sockets here."""
        if timeout is None:
            raise Bug("the simulated world waits for something that cannot happen")
        self.now += max(0.0, timeout)
        return []


class WorldClock:
    """The clock of one machine; `jumps` are (second of the world, offset in seconds from then on), in order."""

    def __init__(self, loop: asyncio.AbstractEventLoop, jumps: Sequence[tuple[float, float]] = ()) -> None:
        self._loop = loop
        self._moments = [moment for moment, _ in jumps]
        self._offsets = [0.0, *(offset for _, offset in jumps)]
        self.extra = timedelta()

    def now(self) -> datetime:
        """Wall time, aware, UTC."""
        return at_second(self._loop.time() + self.offset(self._loop.time())) + self.extra

    def offset(self, second: float) -> float:
        """Tell by how much the clock is wrong at a second of the world."""
        return self._offsets[bisect.bisect_right(self._moments, second)]

    def monotonic(self) -> float:
        """Seconds of the world."""
        return self._loop.time()


def at_second(second: float) -> datetime:
    """Tell the wall time of a second of the world."""
    return START + timedelta(seconds=round(second, 3))


class SeededIds:
    """Names and secrets of a world: from its seed, so that it can be played again."""

    def __init__(self, chance: Random, clock: Clock) -> None:
        self._chance = chance
        self._clock = clock
        self._last = 0

    def new(self) -> str:
        """Make a UUIDv7, later ones greater than earlier ones."""
        millis = int(self._clock.now().timestamp() * 1000)
        stamp = self._last = max(millis << 12, self._last + 1)
        value = (stamp >> 12) << 80 | 7 << 76 | (stamp & 0xFFF) << 64 | 2 << 62 | self._chance.getrandbits(62)
        return str(uuid.UUID(int=value))

    def token(self, n_bytes: int) -> bytes:
        """`n_bytes` bytes."""
        return self._chance.randbytes(n_bytes)

    def digits(self, n: int) -> str:
        """`n` decimal digits."""
        return "".join(self._chance.choices("0123456789", k=n))

    def crockford(self, n: int) -> str:
        """`n` characters of Crockford's base 32."""
        return "".join(self._chance.choices(CROCKFORD, k=n))


def run(loop: VirtualLoop, coroutine: Any) -> Any:
    """Run a world's main task to its end, and cancel whatever it left."""
    asyncio.set_event_loop(loop)
    try:
        return loop.run_until_complete(coroutine)
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.close()
        asyncio.set_event_loop(None)
