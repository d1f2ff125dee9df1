"""JSON as a peer sends it, read without surprises.

Rules:
- A key that stands twice, a float, NaN, a lone surrogate or a nesting too deep is refused, not interpreted (RFC 8259 4, RFC 8785 3.1).
"""

from __future__ import annotations

import json
from typing import Any

from kiosk.wire.problem import Problem, ProblemCode


def read_object(data: bytes, what: str) -> dict[str, Any] | Problem:
    """Read the JSON object in `data` (UTF-8), or say why it is none; `what` names it in the problem."""
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=_unique, parse_float=_refuse, parse_constant=_refuse)
        if b"\\u" in data:  # the only way to write a lone surrogate
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError) as error:
        return Problem(ProblemCode.MALFORMED, f"{what}: {type(error).__name__}")
    if not isinstance(value, dict):
        return Problem(ProblemCode.MALFORMED, f"{what} is no JSON object")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a key stands twice")
    return value


def _refuse(text: str) -> Any:
    raise ValueError(f"{text[:20]} is no integer")
