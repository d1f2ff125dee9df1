"""How far the journal had come, kept outside the database: a journal that has lost its tail is found out.

SQLite reads a WAL up to the first frame that does not fit and forgets the rest without a word; a file put back
from a copy looks whole as well. The mark is a small mapped file, written after each durable append: it survives
a kill, and after a power cut it can only be behind the journal, never ahead.

Rules:
- Written after durability, so a mark ahead of its journal means that entries are missing.
- Damaged or missing marks prove nothing and are written anew; the back office keeps the other copy of the head.
"""

from __future__ import annotations

import mmap
import os
import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kiosk.terminal_folder import sync_folder

if TYPE_CHECKING:
    from pathlib import Path

_FORM = struct.Struct(">QQ32s")
_SIZE = _FORM.size + 4


@dataclass(frozen=True, slots=True)
class Head:
    """The newest entry of a journal: its epoch, sequence number (0: none yet) and hash."""

    epoch: int
    seq: int
    hash: bytes


def mark_path(journal: Path) -> Path:
    """Where the head mark of this journal is."""
    return journal.with_name(f"{journal.stem}.head")


def set_aside(journal: Path, label: str) -> None:
    """Keep the files of another journal under a name of their own, for sure. Raises `OSError`.

    The mark goes first: a journal without one is whole. The folder is synced before anybody makes a new journal there: a
    power cut may keep the new file and forget the renames, and the old file would have no name any more.
    """
    while any(journal.parent.glob(f"{journal.stem}-{label}.*")):
        label += "-again"
    for name in (
        mark_path(journal),
        journal,
        *(journal.with_name(f"{journal.name}{tail}") for tail in ("-wal", "-shm")),
    ):
        if name.exists():
            name.replace(name.with_name(name.name.replace(journal.stem, f"{journal.stem}-{label}", 1)))
    sync_folder(journal.parent)


def read_mark(path: Path) -> Head | None:
    """Return what the mark says, or None when there is none that can be read."""
    try:
        return _unpack(path.read_bytes())
    except OSError:
        return None


def _unpack(data: bytes) -> Head | None:
    if len(data) != _SIZE or zlib.crc32(data[:-4]) != int.from_bytes(data[-4:], "big"):
        return None
    return Head(*_FORM.unpack_from(data))


def _pack(head: Head) -> bytes:
    body = _FORM.pack(head.epoch, head.seq, head.hash)
    return body + zlib.crc32(body).to_bytes(4, "big")


class HeadMark:
    """The mark of an open journal; writing it is a copy of 52 bytes into shared memory, without a system call."""

    def __init__(self, path: Path, head: Head) -> None:
        descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            os.posix_fallocate(descriptor, 0, _SIZE)  # a hole on a full disk would be a SIGBUS later
            os.ftruncate(descriptor, _SIZE)
            self._map = mmap.mmap(descriptor, _SIZE)
        finally:
            os.close(descriptor)
        self.set(head)

    def set(self, head: Head) -> None:
        """Remember `head`, which is durable."""
        self._map[:] = _pack(head)

    def close(self) -> None:
        """Let go of the mapping; the file stays."""
        self._map.close()
