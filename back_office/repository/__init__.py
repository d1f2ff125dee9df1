"""All SQL of the back office: functions over one open transaction, values out, one module a part of the record.

Rules:
- The first argument is the connection of `Database.write()` or `Database.read()`; nothing here begins or ends a transaction.
- Times go in and come out as text of `timestamp()`: RFC 3339 UTC, six decimals, so that text order is time order.
- No rule lives here: what may happen is decided by the domain and by the modules that call.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import msgspec

_JSON = msgspec.json.Encoder(order="sorted")


def written(value: Any) -> str:
    """Write JSON values (a text for each key) as the database keeps them: compact, the keys in order."""
    return _JSON.encode(value).decode()


@lru_cache(maxsize=64)  # a unit of work writes its one moment many times
def timestamp(moment: datetime) -> str:
    """Write a moment (aware) as the database keeps it."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def moment(text: str) -> datetime:
    """Read a kept time (or any RFC 3339 text with a zone) as an aware datetime. Raises ValueError."""
    parsed = datetime.fromisoformat(text)
    if parsed.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    return parsed.astimezone(UTC)
