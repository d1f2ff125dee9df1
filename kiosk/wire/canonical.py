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


def canonical(value: Any) -> bytes:
    """`value` as RFC 8785 JSON in UTF-8.

    Raises `Bug` for a float, an integer beyond 2**53, a key that is no text, a lone surrogate or a foreign type:
    a program wrote those, not a peer.
    """
    try:
        return "".join(_write(value)).encode("utf-8")
    except (UnicodeEncodeError, RecursionError) as error:
        raise Bug(f"This value has no canonical form: {error}") from error


def _write(value: Any) -> list[str]:
    if isinstance(value, str):
        return [json.dumps(value, ensure_ascii=False)]
    if value is None or isinstance(value, bool):
        return [{None: "null", True: "true", False: "false"}[value]]
    if isinstance(value, int):
        if abs(value) > LARGEST_INTEGER:
            raise Bug(f"The integer {value} is not exact in every JSON reader; send it as text.")
        return [str(int(value))]
    if isinstance(value, (list, tuple)):
        inner = [part for index, item in enumerate(value) for part in ([","] if index else []) + _write(item)]
        return ["[", *inner, "]"]
    if isinstance(value, dict):
        return ["{", *_members(value), "}"]
    raise Bug(f"A {type(value).__name__} has no canonical form.")


def _members(value: dict[Any, Any]) -> list[str]:
    parts: list[str] = []
    if not all(isinstance(key, str) for key in value):
        raise Bug("A key of a canonical object is not text.")
    for key in sorted(value, key=lambda name: name.encode("utf-16-be")):
        parts += [",", json.dumps(key, ensure_ascii=False), ":", *_write(value[key])]
    return parts[1:]


def digest(data: bytes) -> str:
    """SHA-256 of `data` in lower-case hexadecimal (64 characters)."""
    return hashlib.sha256(data).hexdigest()
