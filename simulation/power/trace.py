"""The trace of file calls: the records that file_calls.c wrote, as values.

Rules:
- Records stand in the order in which the calls ended; a mark stands behind everything that happened before it.
- A call that cannot be replayed ends the reading: a wrong replay would prove nothing.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_HEAD = struct.Struct("=cBQQI")

Kind = Literal["c", "o", "w", "t", "f", "s", "d", "r", "u", "a", "m"]


@dataclass(frozen=True, slots=True)
class Call:
    """One record; which fields mean something depends on `kind` (see file_calls.c)."""

    kind: Kind
    inode: int
    number: int
    name: str
    data: bytes


def read_trace(path: Path) -> list[Call]:
    """Read a whole trace. Raises EnvironmentFault when it is cut short or holds a call that cannot be replayed."""
    return list(_calls(path.read_bytes()))


def _calls(data: bytes) -> Iterator[Call]:
    at = 0
    while at < len(data):
        if len(data) - at < _HEAD.size:
            raise _unusable("it ends in the middle of a record")
        kind, name_length, inode, number, length = _HEAD.unpack_from(data, at)
        at += _HEAD.size
        name = data[at : at + name_length].decode()
        at += name_length
        if len(data) - at < length:
            raise _unusable("it ends in the middle of a record")
        if kind == b"!":
            raise _unusable(f"the program used {name}, which cannot be replayed")
        yield Call(cast("Kind", kind.decode()), inode, number, name, data[at : at + length])
        at += length


def _unusable(why: str) -> EnvironmentFault:
    return EnvironmentFault(f"The recorded trace cannot be replayed: {why}.", "Add the call to file_calls.c.")
