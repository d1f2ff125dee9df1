"""When an entry that can be guessed closes, as pure arithmetic over the times of the failures.

- Ten wrong codes close a terminal's code entry for an hour (design: the bank-change firewall).
- Closing is by place, never by person: nobody can lock somebody else's request by guessing at it.
- Failures that lie before the window are forgotten; a failure that the clock dates in the future still counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Throttle:
    """`limit` failures within `window` close the entry for `closed_for`, from the last of them."""

    limit: int
    window: timedelta
    closed_for: timedelta


CODE_ENTRY = Throttle(limit=10, window=timedelta(hours=1), closed_for=timedelta(hours=1))
"""The design's figures for codes typed at a terminal; a scheme pack may say otherwise."""


def closed_until(failures: Iterable[datetime], at: datetime, throttle: Throttle) -> datetime | None:
    """When the entry opens again, or None while it is open at `at`."""
    latest = sorted(failures)[-throttle.limit :]
    if len(latest) < throttle.limit or latest[-1] - latest[0] > throttle.window:
        return None
    opens = latest[-1] + throttle.closed_for
    return opens if opens > at else None


def tries_left(failures: Iterable[datetime], at: datetime, throttle: Throttle) -> int:
    """How many more wrong entries close it; 0 while it is closed."""
    times = list(failures)
    if closed_until(times, at, throttle) is not None:
        return 0
    recent = sum(1 for time in times if time > at - throttle.window)
    return max(throttle.limit - recent, 1)
