"""How long lent records may stay without word from the back office: pure rules.

A person who leaves the office's scope is removed by the feed; a terminal that stays dark never hears of it. So the
whole cache is on a lease, renewed by every answer of the feed, and its key is destroyed when the lease runs out.

Rules:
- The lease counts wall time since the last answer. A last answer that lies in the future (a clock put back) counts as
  run out as well: whoever can set the clock must not be able to keep the records.
"""

from __future__ import annotations

from datetime import datetime, timedelta

CLOCK_STEP = timedelta(days=1)
"""How far the last answer may lie ahead of the clock: a clock that was corrected, not one that was put back."""
RENEW_EVERY = timedelta(minutes=10)
"""How often a renewal that changes nothing else is written."""


def has_lapsed(synced_at: datetime, now: datetime, lease: timedelta) -> bool:
    """Tell whether records last confirmed at `synced_at` may no longer be kept."""
    return now - synced_at > lease or synced_at - now > CLOCK_STEP


def age_seconds(synced_at: datetime, now: datetime) -> int:
    """Seconds since the last answer of the feed, never less than 0."""
    return max(0, int((now - synced_at).total_seconds()))
