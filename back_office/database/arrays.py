"""Many values as one: a column of rows, which travels to PostgreSQL as an array in its binary form.

Rules:
- A type is named, never guessed from the values; there are three. NULL may stand among texts and bytes.
- What the driver would do value by value is done here with one join: it costs a tenth (array_send, src/backend/utils/adt/
  arrayfuncs.c: dimensions, flags, element type, length and lower bound, then each value with its length before it).
"""

from __future__ import annotations

from itertools import repeat
from struct import Struct
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from collections.abc import Sequence

_HEADER: Final = Struct("!iiIii")
_LENGTH: Final = Struct("!i").pack
_NUMBER: Final = Struct("!iq").pack
_NULL: Final = _LENGTH(-1)


class Texts(list[str | None]):
    """Values of a text column."""


class Blobs(list[bytes | None]):
    """Values of a bytea column."""


class Numbers(list[int]):
    """Values of a bigint column."""


def binary_texts(values: Sequence[str | None]) -> bytes:
    """Write text[]."""
    if None in values:
        return _joined_with_null(25, [None if value is None else value.encode() for value in values])
    return _joined(25, list(map(str.encode, cast("Sequence[str]", values))))


def binary_blobs(values: Sequence[bytes | None]) -> bytes:
    """Write bytea[]."""
    return _joined_with_null(17, values) if None in values else _joined(17, cast("Sequence[bytes]", values))


def _joined(kind: int, values: Sequence[bytes]) -> bytes:
    parts = [b""] * (2 * len(values))
    parts[::2] = map(_LENGTH, map(len, values))
    parts[1::2] = values
    return _HEADER.pack(1, 0, kind, len(values), 1) + b"".join(parts)


def _joined_with_null(kind: int, values: Sequence[bytes | None]) -> bytes:
    parts = [_HEADER.pack(1, 1, kind, len(values), 1)]
    for value in values:
        parts += (_NULL,) if value is None else (_LENGTH(len(value)), value)
    return b"".join(parts)


def binary_numbers(values: Sequence[int]) -> bytes:
    """Write bigint[]."""
    return _HEADER.pack(1, 0, 20, len(values), 1) + b"".join(map(_NUMBER, repeat(8), values))
