"""The one spelling of a JSON value that is signed and hashed: RFC 8785, without numbers that need rounding.

Rules:
- str, int, bool, None, list, tuple and dict with str keys; a float is a `Bug`, amounts travel as text.
- Integers stay within what every JSON reader keeps exactly (|n| < 2**53, RFC 8785 3.2.2.3).
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from kiosk.domain.errors import Bug

LARGEST_INTEGER = 2**53 - 1
"""The largest integer that an IEEE 754 double holds exactly."""

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def canonical(value: Any) -> bytes:
    """Write `value` as RFC 8785 JSON in UTF-8.

    Raises `Bug` for a float, an integer beyond 2**53, a key that is no text, a lone surrogate or a foreign type:
    a program wrote those, not a peer.
    """
    try:
        return _ENCODER.encode(_ordered(value)).encode("utf-8")
    except (UnicodeEncodeError, RecursionError) as error:
        raise Bug(f"This value has no canonical form ({type(error).__name__}).") from error


def _ordered(value: Any) -> Any:
    """Check every part, and put the members of objects in the order of RFC 8785 3.2.3 (UTF-16 code units)."""
    if isinstance(value, str) or value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        if abs(value) > LARGEST_INTEGER:
            raise Bug("An integer beyond 2**53 is not exact in every JSON reader; send it as text.")
        return value
    if isinstance(value, (list, tuple)):
        return [_ordered(item) for item in value]
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise Bug("A key of a canonical object is not text.")
        return {key: _ordered(value[key]) for key in sorted(value, key=_utf16)}
    raise Bug(f"A {type(value).__name__} has no canonical form.")


def _utf16(key: str) -> bytes:
    return key.encode("utf-16-be")


def digest(data: bytes) -> str:
    """Compute the SHA-256 of `data` in lower-case hexadecimal (64 characters)."""
    return hashlib.sha256(data).hexdigest()
