"""JSON as a peer sends it, read without surprises.

Rules:
- A key that stands twice, a float, NaN, a lone surrogate or a nesting too deep is refused, not interpreted (RFC 8259 4, RFC 8785 3.1).
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

import msgspec

from kiosk.wire.problem import Problem, ProblemCode

_LARGE: Final = re.compile(rb"[:,\[]-?[0-9]{16}")
"""Perhaps an integer that is not exact everywhere; perhaps only text."""


def read_canonical(data: bytes) -> dict[str, Any] | None:
    """Read a JSON object that is written as `canonical` would, in a tenth of the time; None leaves it to the long way.

    Whatever this reads, `read_object` reads the same and `canonical` writes back byte for byte: it has no escape, no
    character beyond the BMP (so that keys sort alike in UTF-8 and UTF-16), no float, no integer that might be too large,
    and comes out the same when it is written with its keys sorted; so no key stands twice.
    """
    if b"\\" in data or _LARGE.search(data) or (not data.isascii() and max(data) >= _FOUR_BYTES):
        return None
    try:
        value = _DECODER.decode(data)
        same = _ENCODER.encode(value) == data
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    return value if same and isinstance(value, dict) else None


def read_object(data: bytes, what: str) -> dict[str, Any] | Problem:
    """Read the JSON object in `data` (UTF-8), or say why it is none; `what` names it in the problem."""
    plain = _read_plain(data)
    if plain is not None:
        return plain
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=_unique, parse_float=_refuse, parse_constant=_refuse)
        if b"\\u" in data:  # the only way to write a lone surrogate
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError) as error:
        return Problem(ProblemCode.MALFORMED, f"{what}: {type(error).__name__}")
    if not isinstance(value, dict):
        return Problem(ProblemCode.MALFORMED, f"{what} is no JSON object")
    return value


def _read_plain(data: bytes) -> dict[str, Any] | None:
    """Read an object that comes out the same when it is written again, in a tenth of the time; None leaves it to the long way.

    So it has no key twice, no float (they are refused), no lone surrogate, and no spelling but the one of its value.
    """
    try:
        value = _DECODER.decode(data)
        same = _AS_READ.encode(value) == data
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    return value if same and isinstance(value, dict) else None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a key stands twice")
    return value


def _refuse(text: str) -> Any:
    raise ValueError(f"{text[:20]} is no integer")


_FOUR_BYTES: Final = 0xF0
"""The first byte of a character beyond the BMP in UTF-8 (RFC 3629 3)."""
_DECODER: Final = msgspec.json.Decoder(float_hook=_refuse)
_ENCODER: Final = msgspec.json.Encoder(order="sorted")
_AS_READ: Final = msgspec.json.Encoder()
