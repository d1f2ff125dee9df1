"""Rows of the cache: what the feed says is written, a record is found by its card, what expired is swept.

Rules:
- Rows and the cursor that follows them are one transaction: everything before a MARK or nothing of it. It is open while
  the answer comes: what stands before a MARK is written while the rest is on its way.
- An UPSERT replaces all lookups of its record; a DELETE removes by record id. The last word on a record counts.
- A draft only grows: every word of the feed is a row, and the last word is found when it is made whole.
- What has expired is not found, swept or not.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kiosk.wire.feed import Delete, Mark, Upsert
from offline_cache.cache_database import TAKEN_BACK
from offline_cache.cache_key import HMAC_BYTES
from offline_cache.database import DatabaseFault, FaultKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from offline_cache.cache_key import CacheKeys
    from offline_cache.database import Database

FOR_EVER = 2**62
"""An expiry beyond what the database counts; nobody lives that long."""
COMMIT_BYTES = 8 << 20
"""So many bytes of documents go into one transaction, if the marks allow."""

_INSERT_RECORD = "INSERT INTO record (id, record_id, expires_at) VALUES (?, ?, ?)"
_INSERT_SEALED = "INSERT INTO sealed (id, version, reasons, cards, document) VALUES (?, ?, ?, ?, ?)"
_INSERT_LOOKUP = "INSERT INTO lookup (hmac, id) VALUES (?, ?)"
_NEWEST = "SELECT coalesce(max(id), 0) FROM record"
_CHANGE_DOCUMENT = (
    "UPDATE sealed SET version = ?, reasons = ?, document = ?"
    " WHERE id = (SELECT id FROM record WHERE record_id = ? AND expires_at = ?) AND cards = ?"
)
_CHANGE_EXPIRY = "UPDATE record SET expires_at = ? WHERE record_id = ?"


class _Abandoned(Exception):  # noqa: N818 - ends a transaction from inside
    """What is written is not wanted."""


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
        self._pending: list[Upsert | Delete] = []
        self._whole: list[Upsert | Delete] = []
        self._written = 0
        self._open: contextlib.ExitStack | None = None
        """The transaction, while there is one."""
        self.mark: Mark | None = None
        """The last whole mark, committed or about to be."""
        self.people = 0
        """How many records came."""

    @property
    def unmarked(self) -> bool:
        """Tell whether rows came after the last mark: the answer is not whole."""
        return bool(self._pending)

    def take(self, frame: Upsert | Delete | Mark, now: int) -> None:
        """Take one frame; `now` (unix seconds) is the time of the answer that it came in."""
        if isinstance(frame, Mark):
            self.mark = frame
            self._whole += self._pending
            self._pending.clear()
            self._write_ahead()
            if self._written >= self._commit_bytes:
                self.commit(now)
            return
        self._pending.append(frame)

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
        documents = [len(frame.document) for frame in self._whole if isinstance(frame, Upsert)]
        self._make_room(sum(documents))
        with self._transaction():
            if self._is_draft:
                self._append(self._whole)
            else:
                self._change(self._whole)
        self._whole.clear()
        self._written += sum(documents)
        self.people += len(documents)

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

    def _append(self, frames: Sequence[Upsert | Delete]) -> None:
        """To a draft: bulk statements are quickest, and nothing that is there is looked at."""
        row = self._database.row(_NEWEST)
        first = 1 + (int(row[0]) if row else 0)
        records: list[tuple[int, bytes, int]] = []
        sealed: list[tuple[int, int, int, bytes, bytes]] = []
        lookups: list[tuple[bytes, int]] = []
        cards_of = self._keys.lookups_of
        for number, frame in enumerate(frames, first):
            if isinstance(frame, Delete):
                records.append((number, frame.record_id, TAKEN_BACK))
                continue
            record_id, version, reasons, expires_at, fingerprints, document = frame
            cards = cards_of(fingerprints)
            records.append((number, record_id, min(expires_at, FOR_EVER)))
            sealed.append((number, version, reasons, cards, document))
            lookups += _lookups(cards, number)
        self._database.many(_INSERT_SEALED, sealed)
        self._database.many(_INSERT_RECORD, records)
        self._database.many(_INSERT_LOOKUP, lookups)

    def _change(self, frames: Sequence[Upsert | Delete]) -> None:
        """To what serves: nearly always all are there, with the same cards, and one statement has done it.

        Otherwise each is looked at, in order; what the statement has changed already is then changed to the same again.
        """
        cards_of = self._keys.lookups_of
        changes = [
            (frame.version, frame.reasons, frame.document, frame.record_id, min(frame.expires_at, FOR_EVER),
             cards_of(frame.fingerprints))
            for frame in frames
            if isinstance(frame, Upsert)
        ]  # fmt: skip
        if self._database.many(_CHANGE_DOCUMENT, changes) < len(frames):
            for frame in frames:
                self._apply(frame)

    def _apply(self, frame: Upsert | Delete) -> None:
        """One of them. What need not change is not touched."""
        database = self._database
        if isinstance(frame, Delete):
            self._forget(frame.record_id)
            return
        record_id, version, reasons, expires_at, fingerprints, document = frame
        cards, expires_at = self._keys.lookups_of(fingerprints), min(expires_at, FOR_EVER)
        change = (version, reasons, document, record_id, expires_at, cards)
        if database.execute(_CHANGE_DOCUMENT, change).rowcount:
            return
        if database.execute(_CHANGE_EXPIRY, (expires_at, record_id)).rowcount:
            if database.execute(_CHANGE_DOCUMENT, change).rowcount:
                return
            self._forget(record_id)
        number = int(database.execute(_INSERT_RECORD, (None, record_id, expires_at)).lastrowid)
        database.execute(_INSERT_SEALED, (number, version, reasons, cards, document))
        database.many(_INSERT_LOOKUP, _lookups(cards, number))

    def _forget(self, record_id: bytes) -> None:
        """Remove a record with its lookups, if it is there."""
        database = self._database
        row = database.row("SELECT id, cards FROM record JOIN sealed USING (id) WHERE record_id = ?", (record_id,))
        if row is None:
            return
        number, cards = int(row[0]), bytes(row[1])
        database.many("DELETE FROM lookup WHERE hmac = ? AND id = ?", _lookups(cards, number))
        database.execute("DELETE FROM sealed WHERE id = ?", (number,))
        database.execute("DELETE FROM record WHERE id = ?", (number,))


def _lookups(cards: bytes, number: int) -> list[tuple[bytes, int]]:
    if len(cards) == HMAC_BYTES:  # nearly everybody has one card
        return [(cards, number)]
    return [(cards[at : at + HMAC_BYTES], number) for at in range(0, len(cards), HMAC_BYTES)]


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
        "SELECT version, expires_at, document FROM lookup JOIN record USING (id) JOIN sealed USING (id)"
        " WHERE hmac = ? AND expires_at > ? ORDER BY version DESC LIMIT 1",
        (keys.lookup_of(fingerprint), now),
    )
    return None if row is None else CachedRecord(int(row[0]), int(row[1]), bytes(row[2]))


def sweep(database: Database, now: int) -> int:
    """Remove what has expired; how many records. Raises `DatabaseFault`."""
    gone = database.rows("SELECT id FROM record WHERE expires_at <= ?", (now,))
    if gone:
        with database.transaction():
            database.many("DELETE FROM sealed WHERE id = ?", gone)
            database.many("DELETE FROM record WHERE id = ?", gone)
            database.execute("DELETE FROM lookup WHERE id NOT IN (SELECT id FROM record)")
    return len(gone)
