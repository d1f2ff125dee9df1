"""How far the terminal goes without the back office, and what closes beyond each limit: pure rules.

- Revocation data that are too old close the cached record and nothing else: the back office checks every card before
  any effect (design: offline).
- Reference data that are too old close new requests: sealing keys and parameters may have changed.
- Too many undelivered requests, or too little disk, close new requests while everything there is kept and delivered.
- What is not known closes nothing by itself, except where the age of data is what the limit is about.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

HOUR = 3600


@dataclass(frozen=True, slots=True)
class OfflineLimits:
    """The terminal's configuration, `[limits]`."""

    revocation_hours: int = 72
    reference_hours: int = 720
    backlog: int = 5000
    disk_mebibytes: int = 32


DEFAULT_LIMITS = OfflineLimits()


class Closure(Enum):
    """Why no new request is taken now."""

    REFERENCE_OLD = "reference_old"
    BACKLOG_FULL = "backlog_full"
    DISK_LOW = "disk_low"


def closure(
    limits: OfflineLimits, *, reference_age_seconds: int | None, backlog: int, disk_free_bytes: int | None
) -> Closure | None:
    """Say why new requests are closed, or None. `disk_free_bytes` None: nobody could ask."""
    if reference_age_seconds is None or reference_age_seconds > limits.reference_hours * HOUR:
        return Closure.REFERENCE_OLD
    if backlog > limits.backlog:
        return Closure.BACKLOG_FULL
    if disk_free_bytes is not None and disk_free_bytes < limits.disk_mebibytes << 20:
        return Closure.DISK_LOW
    return None


def record_is_closed(limits: OfflineLimits, revocation_age_seconds: int | None) -> bool:
    """Tell whether no cached record may be opened: the list of revoked cards is too old, or there is none."""
    return revocation_age_seconds is None or revocation_age_seconds > limits.revocation_hours * HOUR
