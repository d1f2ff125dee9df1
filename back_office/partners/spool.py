"""Folders that partners and clients leave finished files in: whole or not at all, once each.

Rules:
- A file appears under its name when it is complete and durable; nobody ever reads half of one.
- The same name with the same content is the same message; with another content it is refused, never overwritten.
- A name made of a peer's text cannot leave the folder.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,63}", re.ASCII)


class Kept(Enum):
    """What became of a file that was to be kept."""

    NEW = "new"
    SAME = "same"
    OTHER = "other"


def message_id(key: str) -> str:
    """Name a message by its idempotency key: 32 hexadecimal characters, for Max35Text has no place for the key itself."""
    return hashlib.sha256(key.encode()).hexdigest()[:32]


def file_name(identifier: str) -> str:
    """Return the identifier where it is a plain word, else one made from it."""
    return identifier if _PLAIN.fullmatch(identifier) else message_id(identifier)


def keep(path: Path, data: bytes, same: Callable[[bytes], bool] | None = None) -> Kept:
    """Keep `data` under `path` unless that exists; `same` tells whether what is there means the same (default: same bytes).

    Raises OSError when the disk does not take it; then nothing is there.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = _draft(path, data)
    try:
        os.link(draft, path)
    except FileExistsError:
        present = path.read_bytes()
        agrees = present == data if same is None else same(present)
        return Kept.SAME if agrees else Kept.OTHER
    finally:
        draft.unlink(missing_ok=True)
    _sync(path.parent)
    return Kept.NEW


def replace(path: Path, data: bytes) -> None:
    """Put `data` in the place of what is there, whole. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = _draft(path, data)
    try:
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    _sync(path.parent)


def _draft(path: Path, data: bytes) -> Path:
    number, name = tempfile.mkstemp(prefix=f".{path.name[:40]}.", dir=path.parent)
    try:
        with os.fdopen(number, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name)


def _sync(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
