"""Reads what can be read of a journal's file, one entry at a time, whatever happened to the rest of it.

Rules:
- One unreadable page costs the entries on it, not the rest: after an error the file is opened again and read on.
- Nothing is settled, changed or repaired.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from offline_cache.database import Database, DatabaseFault, open_database
from offline_cache.inspection import SELECT_ENTRY, entry_of, inspect

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from offline_cache.database import Row
    from offline_cache.entries import Entry
    from offline_cache.head_mark import Head

PROBE_BEYOND = 1000
"""How many numbers are tried where none is known: pages that say how far the journal goes may be the broken ones."""


class Salvage:
    """Reads on after an error, with a new connection. `fault`: what kept the last question from an answer."""

    def __init__(self, path: Path, key: bytes) -> None:
        self._path = path
        self._key = key
        self._database: Database | None = None
        self.fault: DatabaseFault | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()

    def opens(self) -> bool:
        """Tell whether the file can be opened with this key."""
        return self._row("SELECT 1") is not None

    def owner(self) -> tuple[int, str]:
        """Epoch and terminal, as far as they can be read."""
        row = self._row("SELECT epoch, terminal FROM journal")
        return (int(row[0]), str(row[1])) if row else (0, "")

    def last(self) -> int:
        """Return the highest sequence number that is known; 0: none."""
        known = [self._row("SELECT seq FROM sqlite_sequence"), self._row("SELECT max(seq) FROM entry")]
        return max([int(row[0] or 0) for row in known if row] or [0])

    def entry(self, seq: int) -> Entry | None:
        """Return one entry, if it is there and can be read."""
        row = self._row(f"{SELECT_ENTRY} WHERE e.seq = ?", (seq,))
        if row is None:  # the page of its delivery may be the broken one
            row = self._row(
                "SELECT seq, id, kind, schema, sealing_key_id, recorded_at, body, previous_hash, hash FROM entry"
                " WHERE seq = ?",
                (seq,),
            )
        return entry_of(row) if row else None

    def flaws(self, mark: Head | None) -> tuple[str, ...]:
        """Say what is wrong with the file."""
        try:
            return inspect(self._open(), mark).flaws
        except DatabaseFault as fault:
            return (str(fault),)

    def close(self) -> None:
        """Close the connection."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def _open(self) -> Database:
        if self._database is None:
            self._database = open_database(self._path, self._key, read_only=True)
        return self._database

    def _row(self, sql: str, parameters: tuple[object, ...] = ()) -> Row | None:
        self.fault = None
        try:
            return self._open().row(sql, parameters)
        except DatabaseFault as fault:
            self.fault = fault
            self.close()
            return None
