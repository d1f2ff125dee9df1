"""The terminal's end of the sync figures: the product's own worker in this process, and plain SQLite beside it.

Rules:
- `CacheKeeper` does what it does in the agent; here it also notes when it asks and what happened.
- Plain SQLite has the schema of the cache word for word, the same rows in memory before the clock starts, one transaction
  in WAL with synchronous=FULL, and its indexes made after the rows.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import shutil
import sqlite3
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import psycopg

from kiosk.agent import sync
from kiosk.agent.backoff import Backoff
from kiosk.agent.cache_keeper import CacheKeeper, Settings
from kiosk.agent.heartbeat import boot_id
from kiosk.agent.line import Line
from kiosk.back_office_client import BackOfficeClient
from kiosk.domain.errors import EnvironmentFault
from kiosk.terminal_folder import TerminalFolder
from offline_cache.cache import Cache, CacheReader
from offline_cache.cache_database import INDEXES, TABLES, TAILS, Lent
from offline_cache.cache_key import CacheKeyFile
from provisioning.configuration import CacheSection

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from benchmarks.served_office import ServedOffice
    from kiosk.back_office_client import Failure, FeedEnd, NotModified

PATIENCE_SECONDS = 300.0
_INSERT_RECORD = "INSERT INTO record (id, record_id, expires_at) VALUES (?, ?, ?)"
_INSERT_SEALED = "INSERT INTO sealed (id, version, reasons, cards, document) VALUES (?, ?, ?, ?, ?)"
_CHANGE = (
    "UPDATE sealed SET version = ?, reasons = ?, cards = ?, document = ?"
    " WHERE id = (SELECT id FROM record WHERE record_id = ?)"
)


class _Asking(BackOfficeClient):
    """Notes when it asked the feed last."""

    asked_at = 0.0

    def feed(
        self, cursor: str, *, limit: int, wait_seconds: float, take: Callable[[bytes], bool]
    ) -> FeedEnd | NotModified | Failure:
        """Ask, as ever."""
        self.asked_at = time.monotonic()
        return super().feed(cursor, limit=limit, wait_seconds=wait_seconds, take=take)


class TimedKeeper(CacheKeeper):
    """Notes when each event came; `happened` is called for it."""

    def __init__(self, *arguments: Any, happened: Callable[[sync.Event], None], **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._note_event = happened

    def _happened(self, event: sync.Event) -> None:
        super()._happened(event)
        self._note_event(event)


class TerminalCache:
    """One terminal's cache folder, synced when asked to."""

    def __init__(self, folder: Path, office: ServedOffice) -> None:
        self._office = office
        self.folder = TerminalFolder(folder)
        self.asked_at = 0.0

    def fill(self) -> float:
        """Seconds from an empty terminal to a durable cache; what was there goes first."""
        shutil.rmtree(self.folder.state, ignore_errors=True)
        began, ended = asyncio.run(self._until(lambda event: isinstance(event, sync.Published)))
        return ended - began

    def follow(self) -> float:
        """Seconds from asking for the changes to having committed all of them."""
        def whole(event: sync.Event) -> bool:
            return isinstance(event, sync.Received) and event.into == "live" and not event.more

        _, ended = asyncio.run(self._until(whole))
        return ended - self.asked_at

    async def _until(self, wanted: Callable[[sync.Event], bool]) -> tuple[float, float]:
        done = asyncio.Event()
        at = 0.0

        def happened(event: sync.Event) -> None:
            nonlocal at
            if wanted(event) and not done.is_set():
                at = time.monotonic()
                done.set()

        self.folder.create()
        office = self._office
        client = _Asking(
            office.url, office.root, office.terminal.terminal, office.terminal.private, clock=office.it.clock,
            ids=office.it.ids,
        )  # fmt: skip
        keeper, line = self._keeper(client, happened)
        await line.call(lambda one: one.ping())
        if not line.online:
            raise EnvironmentFault("The back office does not answer.", f"See its log in {self._office.it.state}.")
        began = time.monotonic()
        running = asyncio.ensure_future(keeper.run())
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await done.wait()
        except TimeoutError:
            raise EnvironmentFault(
                f"The cache was not whole after {PATIENCE_SECONDS:g} s.", f"See {self.folder.cache_report}."
            ) from None
        finally:
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running
            keeper.close()
            client.close()
            self.asked_at = client.asked_at
        return began, at

    def _keeper(self, client: BackOfficeClient, happened: Callable[[sync.Event], None]) -> tuple[TimedKeeper, Line]:
        it, section = self._office.it, CacheSection()
        lease = timedelta(days=section.lease_days)
        cache = Cache(
            self.folder, CacheKeyFile(self.folder, it.ids.token), it.clock, lent=Lent("bench", boot_id()), lease=lease,
            reserve_bytes=section.reserve_mebibytes << 20,
        )  # fmt: skip
        line = Line(client, it.clock, it.ids, ping_seconds=60, probe_seconds=1)
        settings = Settings(lease, section.page_people, section.poll_seconds, section.gap_seconds, self.folder.cache_report)
        backoff = Backoff(it.ids, first_seconds=1, most_seconds=2)
        keeper = TimedKeeper(
            cache, CacheReader(self.folder, it.clock), line, clock=it.clock, ids=it.ids, backoff=backoff,
            settings=settings, happened=happened,
        )  # fmt: skip
        return keeper, line


@dataclass(frozen=True, slots=True)
class Row:
    """One person as the cache keeps it."""

    record: tuple[int, bytes, int]
    sealed: tuple[int, int, int, bytes, bytes]

    @property
    def lookup(self) -> tuple[bytes, int]:
        """By the one card."""
        return self.sealed[3], self.sealed[0]

    @property
    def change(self) -> tuple[int, int, bytes, bytes, bytes]:
        """What is written over what is there."""
        return *self.sealed[1:], self.record[1]


def rows_of(office: ServedOffice, after: int = 0) -> list[Row]:
    """What the feed holds, in its order; `after` a position, only what came later."""
    key = bytes(32)
    with psycopg.connect(office.database_url) as db:
        found = db.execute(
            "SELECT record, version, reasons, expires_at, document, fingerprints FROM scope_feed "
            "JOIN sealed_record USING (record) WHERE position > %s::xid8 ORDER BY position, record",
            (str(after),),
        )
        rows = []
        for number, (record, version, reasons, expires_at, document, fingerprint) in enumerate(found, 1):
            card = hmac.digest(key, fingerprint, "sha256")
            rows.append(Row((number, record, expires_at), (number, version, reasons, card, document)))
        return rows


def newest(office: ServedOffice) -> int:
    """The newest position of the feed."""
    with psycopg.connect(office.database_url) as db:
        row = db.execute("SELECT max(position::text::bigint) FROM scope_feed").fetchone()
    return 0 if row is None else int(row[0] or 0)


class PlainCache:
    """The same rows in plain SQLite."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._db = self._open()

    def _open(self) -> sqlite3.Connection:
        for tail in ("", *TAILS):
            self._path.with_name(self._path.name + tail).unlink(missing_ok=True)
        db = sqlite3.connect(self._path, isolation_level=None)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        return db

    def fill(self, rows: Sequence[Row]) -> float:
        """Seconds to write all of them into a new file."""
        self.close()
        self._db = self._open()
        records, sealed, lookups = ([getattr(row, name) for row in rows] for name in ("record", "sealed", "lookup"))
        began = time.monotonic()
        self._db.execute("BEGIN")
        for statement in TABLES:
            self._db.execute(statement)
        self._db.executemany(_INSERT_RECORD, records)
        self._db.executemany(_INSERT_SEALED, sealed)
        self._db.executemany("INSERT INTO lookup (hmac, id) VALUES (?, ?)", lookups)
        for statement in INDEXES:
            self._db.execute(statement)
        self._db.execute("COMMIT")
        return time.monotonic() - began

    def follow(self, rows: Sequence[Row]) -> float:
        """Seconds to write changed ones over those that are there."""
        changes = [row.change for row in rows]
        began = time.monotonic()
        self._db.execute("BEGIN")
        self._db.executemany(_CHANGE, changes)
        self._db.execute("COMMIT")
        return time.monotonic() - began

    def close(self) -> None:
        """Close it."""
        self._db.close()
