"""Rows of the cache: what the feed says is written, a record is found by its card, what expired is swept.

Rules:
- Rows and the cursor that follows them are one transaction: everything before a MARK or nothing of it.
- An UPSERT replaces all lookups of its record; a DELETE removes by record id. The last word on a record counts.
- What has expired is not found, swept or not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kiosk.wire.feed import Delete, Mark, Upsert
from offline_cache.database import DatabaseFault, FaultKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from offline_cache.cache_key import CacheKeys
    from offline_cache.database import Database

FOR_EVER = 2**62
"""An expiry beyond what the database counts; nobody lives that long."""
COMMIT_BYTES = 8 << 20
"""So many bytes of documents go into one transaction, if the marks allow."""


@dataclass(frozen=True, slots=True)
class CachedRecord:
    """A sealed document, as it came."""

    version: int
    expires_at: int
    document: bytes


@dataclass(frozen=True, slots=True)
class Reached:
    """How far the rows in the file go."""

    cursor: str
    synced_at: int
    people: int


class RowWriter:
    """Takes the frames of a feed one by one, and commits at marks. Raises `DatabaseFault` as the disk does."""

    def __init__(
        self,
        database: Database,
        keys: CacheKeys,
        *,
        make_room: Callable[[int], None],
        is_draft: bool,
        commit_bytes: int = COMMIT_BYTES,
    ) -> None:
        self._database = database
        self._keys = keys
        self._make_room = make_room
        self._is_draft = is_draft
        self._commit_bytes = commit_bytes
        self._pending: dict[bytes, Upsert | Delete] = {}
        self._whole: dict[bytes, Upsert | Delete] = {}
        self._size = 0
        self.mark: Mark | None = None
        """The last whole mark, committed or about to be."""
        self.people = 0
        """How many records came, the last word on each counted once a mark."""

    @property
    def unmarked(self) -> bool:
        """Tell whether rows came after the last mark: the answer is not whole."""
        return bool(self._pending)

    def take(self, frame: Upsert | Delete | Mark, now: int) -> None:
        """Take one frame; `now` (unix seconds) is the time of the answer that it came in."""
        if isinstance(frame, Mark):
            self.mark = frame
            self.people += sum(isinstance(each, Upsert) for each in self._pending.values())
            self._whole |= self._pending
            self._pending.clear()
            if self._size >= self._commit_bytes:
                self.commit(now)
            return
        self._pending[frame.record_id] = frame
        if isinstance(frame, Upsert):
            self._size += len(frame.document)

    def commit(self, now: int) -> None:
        """Write everything before the last whole mark, with its cursor; what came after it is not written.

        The lease is renewed by an answer that leaves nothing more to ask: only then every removal was heard of. A draft
        serves nobody yet, and notes when it last grew.
        """
        if self.mark is None:
            return
        self._make_room(self._size)
        renews = self._is_draft or not self.mark.more
        gone = [(record_id,) for record_id in self._whole]
        rows = [each for each in self._whole.values() if isinstance(each, Upsert)]
        database, lookup_of = self._database, self._keys.lookup_of
        with database.transaction():
            database.many("DELETE FROM lookup WHERE record_id = ?", gone)
            database.many(
                "DELETE FROM record WHERE record_id = ?",
                [(each.record_id,) for each in self._whole.values() if isinstance(each, Delete)],
            )
            database.many(
                "INSERT INTO record (record_id, version, reasons, expires_at, document) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (record_id) DO UPDATE SET version = excluded.version, reasons = excluded.reasons,"
                " expires_at = excluded.expires_at, document = excluded.document",
                [(each.record_id, each.version, each.reasons, min(each.expires_at, FOR_EVER), each.document) for each in rows],
            )
            database.many(
                "INSERT INTO lookup (hmac, record_id) VALUES (?, ?)",
                [(lookup_of(one), each.record_id) for each in rows for one in each.fingerprints],
            )
            database.execute(
                "UPDATE cache SET cursor = ?, synced_at = CASE WHEN ? THEN ? ELSE synced_at END",
                (self.mark.cursor, renews, now),
            )
        self._whole.clear()
        self._size = 0


def reached(database: Database) -> Reached:
    """Read how far the file goes. Raises `DatabaseFault`."""
    row = database.row("SELECT cursor, synced_at, (SELECT count(*) FROM record) FROM cache")
    if row is None:
        raise DatabaseFault(FaultKind.CORRUPT, "the cache does not say how far it goes")
    return Reached(str(row[0]), int(row[1]), int(row[2]))


def renew(database: Database, now: int) -> None:
    """Write that the back office answered at `now` and had nothing new. Raises `DatabaseFault`."""
    database.execute("UPDATE cache SET synced_at = ?", (now,))


def find(database: Database, keys: CacheKeys, fingerprint: bytes, now: int) -> CachedRecord | None:
    """Find the record that a card opens, by the fingerprint of its 9D key. Raises `DatabaseFault`."""
    row = database.row(
        "SELECT version, expires_at, document FROM lookup JOIN record USING (record_id)"
        " WHERE hmac = ? AND expires_at > ? ORDER BY version DESC LIMIT 1",
        (keys.lookup_of(fingerprint), now),
    )
    return None if row is None else CachedRecord(int(row[0]), int(row[1]), bytes(row[2]))


def sweep(database: Database, now: int) -> int:
    """Remove what has expired; how many records. Raises `DatabaseFault`."""
    if database.row("SELECT 1 FROM record WHERE expires_at <= ? LIMIT 1", (now,)) is None:
        return 0
    with database.transaction():
        database.execute(
            "DELETE FROM lookup WHERE record_id IN (SELECT record_id FROM record WHERE expires_at <= ?)", (now,)
        )
        return int(database.execute("DELETE FROM record WHERE expires_at <= ?", (now,)).rowcount)
