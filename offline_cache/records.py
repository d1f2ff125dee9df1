"""Rows of the cache: what the feed says is written, a record is found by its card, what expired is swept.

Rules:
- Rows and the cursor that follows them are one transaction: everything before a MARK or nothing of it. In a cache that
  serves it is open while the answer comes: what stands before a MARK is written while the rest is on its way.
- An UPSERT replaces all lookups of its record; a DELETE removes by record id. The last word on a record counts.
- What has expired is not found, swept or not.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kiosk.wire.feed import Delete, Mark, Upsert
from offline_cache.cache_database import INDEX_BY_RECORD
from offline_cache.cache_key import HMAC_BYTES
from offline_cache.database import DatabaseFault, FaultKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from offline_cache.cache_key import CacheKeys
    from offline_cache.database import Database

FOR_EVER = 2**62
"""An expiry beyond what the database counts; nobody lives that long."""
COMMIT_BYTES = 8 << 20
"""So many bytes of documents go into one transaction, if the marks allow."""

_INSERT_RECORD = (
    "INSERT INTO record (record_id, version, reasons, expires_at, cards, document) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
)
_CHANGE_RECORD = (
    "UPDATE record SET version = ?2, reasons = ?3, expires_at = ?4, cards = ?5, document = ?6 WHERE record_id = ?1"
)
_CHANGE_DOCUMENT = (
    "UPDATE record SET version = ?2, reasons = ?3, document = ?6 WHERE record_id = ?1 AND expires_at = ?4 AND cards = ?5"
)
_INSERT_LOOKUP = "INSERT INTO lookup (hmac, record_id) VALUES (?, ?)"


class _Abandoned(Exception):  # noqa: N818 - ends a transaction from inside
    """What is written is not wanted."""


_Values = tuple[bytes, int, int, int, bytes, bytes]
"""Record id, version, reasons, expiry, cards, document."""


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
    """Takes the frames of a feed one by one, and commits at marks. Raises `DatabaseFault` as the disk does.

    Whoever made one ends it with `commit` or `abandon`.
    """

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
        self._written = 0
        self._open: contextlib.ExitStack | None = None
        """The transaction, while there is one."""
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
            if not self._is_draft:
                self._write_ahead()
            if self._size + self._written >= self._commit_bytes:
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
        renews = self._is_draft or not self.mark.more
        self._write_ahead()
        with self._transaction() as transaction:
            self._database.execute(
                "UPDATE cache SET cursor = ?, synced_at = CASE WHEN ? THEN ? ELSE synced_at END",
                (self.mark.cursor, renews, now),
            )
            self._open = None
            transaction.close()
        self._written = 0

    def abandon(self) -> None:
        """Undo what is written and not committed; harmless when nothing is."""
        transaction, self._open = self._open, None
        if transaction is not None:
            with contextlib.suppress(_Abandoned):
                transaction.__exit__(_Abandoned, _Abandoned(), None)

    def _write_ahead(self) -> None:
        """Write what stands before the mark; it is there when it is committed."""
        if not self._whole:
            return
        self._make_room(self._size)
        with self._transaction():
            if self._is_draft:
                self._write_many()
            else:
                self._write_each()
        self._whole.clear()
        self._written += self._size
        self._size = 0

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[contextlib.ExitStack]:
        """Be in the transaction, which goes on afterwards; whatever goes wrong undoes all of it."""
        if self._open is None:
            opened = contextlib.ExitStack()
            opened.enter_context(self._database.transaction())
            self._open = opened
        try:
            yield self._open
        except BaseException:
            self.abandon()
            raise

    def _write_many(self) -> None:
        """Into a draft: bulk statements are quickest, and nearly all rows are new, so that nothing need be removed first."""
        database = self._database
        rows = [self._values(each) for each in self._whole.values() if isinstance(each, Upsert)]
        gone = [(each.record_id,) for each in self._whole.values() if isinstance(each, Delete)]
        new = database.many(f"{_INSERT_RECORD} ON CONFLICT (record_id) DO NOTHING", rows) if rows else 0
        removed = database.many("DELETE FROM record WHERE record_id = ?", gone) if gone else 0
        if new != len(rows) or removed:
            database.execute(INDEX_BY_RECORD)
            database.many("DELETE FROM lookup WHERE record_id = ?", [(record_id,) for record_id in self._whole])
            database.many(_CHANGE_RECORD, rows)
        database.many(_INSERT_LOOKUP, (lookup for row in rows for lookup in _lookups(row)))

    def _write_each(self) -> None:
        """Into what serves: most rows are there, with the same cards. An index that need not change is not touched."""
        database = self._database
        for frame in self._whole.values():
            key = (frame.record_id,)
            if isinstance(frame, Delete):
                database.execute("DELETE FROM lookup WHERE record_id = ?", key)
                database.execute("DELETE FROM record WHERE record_id = ?", key)
                continue
            row = self._values(frame)
            if database.execute(_CHANGE_DOCUMENT, row).rowcount:
                continue
            if not database.execute(_CHANGE_RECORD, row).rowcount:
                database.execute(_INSERT_RECORD, row)
            database.execute("DELETE FROM lookup WHERE record_id = ?", key)
            database.many(_INSERT_LOOKUP, _lookups(row))

    def _values(self, row: Upsert) -> _Values:
        cards = b"".join(map(self._keys.lookup_of, row.fingerprints))
        return row.record_id, row.version, row.reasons, min(row.expires_at, FOR_EVER), cards, row.document


def _lookups(row: _Values) -> Iterator[tuple[bytes, bytes]]:
    record_id, cards = row[0], row[4]
    return ((cards[at : at + HMAC_BYTES], record_id) for at in range(0, len(cards), HMAC_BYTES))


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
