"""The cache of one terminal: what the back office lent, whether it may be used, and how it is filled anew.

Rules:
- One writer, on one thread; whoever looks records up has a `CacheReader` of his own, closed while files change places.
- Anything wrong with a file costs the file: it is thrown away and filled anew, and the journal never hears of it.
- While a new one is being filled the old one serves; a full disk stops the filling, never the reading.
- When the lease runs out the keys are destroyed first, then the files removed.
"""

from __future__ import annotations

import contextlib
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from kiosk.domain.errors import EnvironmentFault
from kiosk.terminal_folder import write_whole
from kiosk.wire.timestamps import timestamp
from offline_cache import cache_database as files
from offline_cache import records
from offline_cache.database import Database, DatabaseFault, FaultKind
from offline_cache.lease import has_lapsed

if TYPE_CHECKING:
    from pathlib import Path

    from kiosk.system import Clock
    from kiosk.terminal_folder import TerminalFolder
    from offline_cache.cache_key import CacheKeyFile, CacheKeys
    from offline_cache.database import Form
    from offline_cache.records import CachedRecord, Reached, RowWriter

Into = Literal["live", "draft"]
RESERVE_BYTES = 64 << 20
"""The cache leaves so much of the disk to the journal."""


@dataclass(frozen=True, slots=True)
class Found:
    """What opening found: how far the files go (None: there is none), and what was thrown away, in words."""

    live: Reached | None
    draft: Reached | None
    lapsed: bool
    thrown_away: tuple[str, ...] = ()


class Cache:
    """The writer's end; used by one thread. Methods raise `DatabaseFault` as the disk does, unless they say otherwise."""

    def __init__(
        self,
        folder: TerminalFolder,
        keys: CacheKeyFile,
        clock: Clock,
        *,
        lent: files.Lent,
        lease: timedelta,
        reserve_bytes: int = RESERVE_BYTES,
    ) -> None:
        self._folder = folder
        self._lent = lent
        self._key_file = keys
        self._clock = clock
        self._lease = lease
        self._reserve = reserve_bytes
        self._live: Database | None = None
        self._draft: Database | None = None
        self.keys: CacheKeys | None = None

    # --- opening ---------------------------------------------------------------------------------------

    def open(self) -> Found:
        """Look at what is there; throw away what cannot be used. Never raises."""
        self.close()
        flaws: list[str] = []
        lapsed = self._folder.cache_lapsed.exists()
        self.keys = self._key_file.load()
        if self.keys is None:
            if self._folder.cache.exists():
                flaws.append("its keys are gone or damaged")
            self.throw_away_all()
            return Found(None, None, lapsed, tuple(flaws))
        self._live = self._open(self._folder.cache, files.LIVE_FORM, flaws)
        self._draft = self._open(self._folder.cache_draft, files.DRAFT_FORM, flaws)
        live = None if self._live is None else self._reached(self._live)
        draft = None if self._draft is None else self._reached(self._draft)
        if live is not None and self.lapses(live):
            self.lapse()
            return Found(None, None, lapsed=True, thrown_away=tuple(flaws))
        if draft is not None and self.lapses(draft):
            self.drop_draft()
            draft = None
        return Found(live, draft, lapsed and live is None, tuple(flaws))

    def _open(self, path: Path, form: Form, flaws: list[str]) -> Database | None:
        if self.keys is None or not path.exists():
            return None
        try:
            return files.open_checked(path, self.keys.database, form, self._lent)
        except DatabaseFault as fault:
            flaws.append(f"{path.name}: {fault.detail}")
            files.throw_away(path)
            return None

    def _now(self) -> int:
        return int(self._clock.now().timestamp())

    @staticmethod
    def _reached(database: Database) -> Reached | None:
        try:
            return records.reached(database)
        except DatabaseFault:
            return None

    # --- the lease -------------------------------------------------------------------------------------

    def lapses(self, reached: Reached) -> bool:
        """Tell whether these records have been kept too long without word from the back office."""
        return has_lapsed(datetime.fromtimestamp(reached.synced_at, UTC), self._clock.now(), self._lease)

    def lapse(self) -> None:
        """Destroy the keys, then remove the files; remembered until a cache is whole again. Never raises."""
        self.close()
        with contextlib.suppress(EnvironmentFault):  # a disk that takes nothing: the files go, or the next look tries again
            self._key_file.destroy()
        self.keys = None
        self.throw_away_all()
        with contextlib.suppress(EnvironmentFault):
            write_whole(self._folder.cache_lapsed, timestamp(self._clock.now()).encode() + b"\n")

    def keys_are_gone(self) -> bool:
        """Tell whether somebody destroyed the keys while they were in use here (`guichet cache forget`)."""
        return self.keys is not None and not self._folder.cache_key.exists()

    # --- filling ---------------------------------------------------------------------------------------

    def begin_draft(self) -> None:
        """Begin a new cache beside the one that serves. Raises `EnvironmentFault` when no key can be kept."""
        self.drop_draft()
        if self.keys is None:
            self.keys = self._key_file.make()
        self._draft = files.create_draft(self._folder.cache_draft, self.keys.database, self._lent, self._now())

    def writer(self, into: Into) -> RowWriter:
        """Begin to take an answer of the feed."""
        database = self._live if into == "live" else self._draft
        if database is None or self.keys is None:
            raise DatabaseFault(FaultKind.UNUSABLE, f"there is no {into} cache")
        return records.RowWriter(database, self.keys, make_room=self.make_room, is_draft=into == "draft")

    def make_room(self, length: int) -> None:
        """Raise `DatabaseFault(FULL)` when `length` more bytes would take what is reserved for the journal."""
        try:
            free = shutil.disk_usage(self._folder.path).free
        except OSError:
            return
        if free < self._reserve + length:
            raise DatabaseFault(FaultKind.FULL, f"{free >> 20} MiB are free, {(self._reserve + length) >> 20} are needed")

    def reached(self, into: Into) -> Reached | None:
        """How far this one goes; None when there is none that can be read."""
        database = self._live if into == "live" else self._draft
        return None if database is None else self._reached(database)

    def renew(self) -> None:
        """Write that the back office answered now, and had nothing new."""
        if self._live is not None:
            records.renew(self._live, self._now())

    def publish(self) -> None:
        """Let the draft, which is whole, take the place of the old one. No reader may be open."""
        if self._draft is None or self.keys is None:
            raise DatabaseFault(FaultKind.UNUSABLE, "there is no draft")
        self.make_room(files.INDEXED_BYTES * records.reached(self._draft).people)
        files.make_indexes(self._draft)
        self._draft.close()
        self._draft = None
        if self._live is not None:
            self._live.close()
            self._live = None
        files.put_in_place(self._folder.cache_draft, self._folder.cache)
        self._live = files.open_live(self._folder.cache, self.keys.database)
        with contextlib.suppress(OSError):
            self._folder.cache_lapsed.unlink()

    def drop_draft(self) -> None:
        """Give the half-filled one up."""
        if self._draft is not None:
            self._draft.close()
            self._draft = None
        files.throw_away(self._folder.cache_draft)

    def drop_live(self) -> None:
        """Give the one that serves up: it is not what was written. No reader may be open."""
        if self._live is not None:
            self._live.close()
            self._live = None
        files.throw_away(self._folder.cache)

    def throw_away_all(self) -> None:
        """Remove every file of the cache but its keys."""
        self.drop_draft()
        self.drop_live()

    # --- upkeep ----------------------------------------------------------------------------------------

    def sweep(self) -> int:
        """Remove what has expired; how many records."""
        return 0 if self._live is None else records.sweep(self._live, self._now())

    def tidy(self) -> None:
        """Move what was written into the file itself; to be called when nobody waits."""
        if self._live is not None:
            self._live.checkpoint()

    def close(self) -> None:
        """Close the files."""
        for database in (self._live, self._draft):
            if database is not None:
                database.close()
        self._live = self._draft = None


class CacheReader:
    """Looks records up, on a thread of its own choice, while the writer writes."""

    def __init__(self, folder: TerminalFolder, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock
        self._database: Database | None = None
        self._keys: CacheKeys | None = None

    def open(self, keys: CacheKeys | None) -> None:
        """Open what the writer has checked. Raises `DatabaseFault`."""
        self.close()
        if keys is not None:
            self._database = files.open_reader(self._folder.cache, keys.database)
            self._keys = keys

    @property
    def is_open(self) -> bool:
        """Tell whether there is anything to look into."""
        return self._database is not None

    def find(self, fingerprint: bytes) -> CachedRecord | None:
        """Find the record that the card with this 9D key opens. Raises `DatabaseFault`."""
        if self._database is None or self._keys is None:
            return None
        return records.find(self._database, self._keys, fingerprint, int(self._clock.now().timestamp()))

    def close(self) -> None:
        """Close; forget the keys."""
        if self._database is not None:
            self._database.close()
        self._database = self._keys = None
