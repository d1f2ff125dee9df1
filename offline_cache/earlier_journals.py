"""Journals that a newer one replaced: still on this disk, and read once more when the back office has forgotten them.

Its database may be put back from a copy that is older than a new enrolment here. Then entries that it had acknowledged
lie in no other place than in a journal that was set aside as delivered.

Rules:
- They are only read: nothing is settled, moved or removed, and nothing is read before it is asked for.
- A file that does not hold the entry at which the back office knows the journal to end is another branch: an old copy of
  the disk was put back, and this came of it or was written over. All of it is wanted then.
- An entry goes again as it was written, or not at all: one that does not carry its own hash any more is the technician's
  (`guichet journal export`), and so is whatever lies on a page that cannot be read.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kiosk.wire.journal_chain import ClearHeader, chain_hash
from offline_cache.database import DatabaseFault, open_database
from offline_cache.inspection import SELECT_ENTRY, entry_of

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from offline_cache.database import Database
    from offline_cache.entries import Entry

_REFUSED = "refused"
"""What the back office could not take stays with the terminal: it was never acknowledged to be there."""


@dataclass(frozen=True, slots=True)
class _Aside:
    """A file that was set aside, and of which epoch it is."""

    path: Path
    epoch: int


class EarlierJournals:
    """What was set aside beside a terminal's journal; used by the thread of that journal."""

    def __init__(self, journal: Path, key: bytes, terminal: str) -> None:
        self._journal = journal
        self._key = key
        self._terminal = terminal
        self._found: tuple[_Aside, ...] | None = None

    def after(self, epoch: int, seq: int, hash_: str) -> Generator[Entry]:
        """Yield what was written in an earlier epoch beyond the entry with this number and hash (hex; 0: from the first on).

        File by file, each in its order, read as it is wanted: a journal may be of years. Copies of a file come twice.
        """
        if self._found is None:  # they come to be when the agent starts, and at no other time
            self._found = tuple(self._look())
        for aside in self._found:
            if aside.epoch == epoch:
                yield from self._read(aside, seq, hash_)

    def _look(self) -> list[_Aside]:
        found: list[_Aside] = []
        for path in sorted(self._journal.parent.glob(f"{self._journal.stem}-*{self._journal.suffix}")):
            with contextlib.suppress(DatabaseFault), contextlib.closing(self._open(path)) as database:
                owner = database.row("SELECT epoch, terminal FROM journal")
                if owner is not None and owner[1] == self._terminal:
                    found.append(_Aside(path, int(owner[0])))
        return found

    def _read(self, aside: _Aside, seq: int, hash_: str) -> Generator[Entry]:
        """Read what can be read; an unreadable page ends it."""
        with contextlib.suppress(DatabaseFault), contextlib.closing(self._open(aside.path)) as database:
            same = seq == 0 or database.row("SELECT lower(hex(hash)) FROM entry WHERE seq = ?", (seq,)) == (hash_,)
            for row in database.each(f"{SELECT_ENTRY} WHERE e.seq > ? ORDER BY e.seq", (seq if same else 0,)):
                entry = entry_of(row)
                if entry.state != _REFUSED and entry.hash == self._hash(entry, aside.epoch):
                    yield entry

    def _hash(self, entry: Entry, epoch: int) -> bytes:
        header = ClearHeader(
            entry.id, entry.kind, self._terminal, epoch, entry.seq, entry.schema, entry.sealing_key_id, entry.recorded_at
        )
        return chain_hash(entry.previous_hash, entry.body, header)

    def _open(self, path: Path) -> Database:
        return open_database(path, self._key, read_only=True)
