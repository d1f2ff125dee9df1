"""Turns the one SQL text of the back office into what PostgreSQL's driver wants: `%s` for each `?`, `%%` for each `%`.

Rules:
- Question marks inside quotes and comments stay as they are.
- Each text is turned once (there are some hundred, all of them the program's own).
"""

from __future__ import annotations

import re
from functools import lru_cache

_PARTS = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/|\?|%", re.DOTALL)


@lru_cache(maxsize=4096)
def with_percent(sql: str) -> bytes:
    """Write the statement with `%s` placeholders."""
    return _PARTS.sub(_turned, sql).encode()


def _turned(found: re.Match[str]) -> str:
    text = found.group()
    return "%s" if text == "?" else text.replace("%", "%%")
