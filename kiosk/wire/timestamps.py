"""Times on the wire: RFC 3339, UTC, whole seconds, `2026-03-04T10:20:30Z`; one spelling, so that bytes compare.

Rules:
- Written and read here only; fractions and offsets are cut when written, refused when read.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

_FORM = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", re.ASCII)


def timestamp(at: datetime) -> str:
    """Write `at` (aware) as RFC 3339 in UTC, cut to whole seconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_timestamp(text: str) -> datetime | None:
    """Read the aware UTC time that `text` says; None when it is not in the one accepted form."""
    if not _FORM.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
