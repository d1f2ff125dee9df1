"""The journal's file: opened, checked, kept tidy; and what the disk did to it becomes the journal's condition.

Rules:
- Full disk: free the ballast, keep reading and delivering. Corrupt: refuse everything, keep the file.
- What is opened is checked against the head that was remembered; a journal of its own is made only where none ever was.
- A journal that another one replaces is set aside, never removed; it can be read on (`earlier`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from kiosk.wire.journal_chain import GENESIS
from kiosk.wire.timestamps import timestamp
from offline_cache.ballast import Ballast
from offline_cache.database import Database, DatabaseFault, FaultKind, disk_fault, open_database, room_to_write
from offline_cache.earlier_journals import EarlierJournals
from offline_cache.entries import JournalStatus
from offline_cache.head_mark import Head, HeadMark, mark_path, read_mark, set_aside
from offline_cache.inspection import inspect
from offline_cache.migrations import migrate

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from kiosk.system import Clock
    from offline_cache.database import Row

BALLAST_BYTES = 4 << 20
WAL_BYTES = 1 << 19
"""Room for about fifty appends before the WAL has to grow or be emptied."""
TIDY_AFTER = 16
"""So many writes make it worth while to empty the WAL in a quiet moment; each emptying costs four syncs."""
OVERDUE_AFTER = 40


class JournalFile:
    """The open file of a terminal's journal and its condition; used by one thread."""

    def __init__(self, path: Path, key: bytes, terminal: str, clock: Clock, *, ballast_bytes: int) -> None:
        self._path = path
        self._key = key
        self._clock = clock
        self.terminal = terminal
        self._ballast = Ballast(path.with_name(f"{path.stem}.ballast"), ballast_bytes)
        self._ballast_bytes = ballast_bytes
        self._database: Database | None = None
        self._mark: HeadMark | None = None
        self._epoch = 0
        self._owner = ""
        self._settled = 0  # every entry up to this one has been answered by the back office
        self._untidied = 0
        self.head = Head(0, 0, GENESIS)
        self.earlier = EarlierJournals(path, key, terminal)
        self.backlog = 0
        self.status = JournalStatus.UNUSABLE
        self.detail = "not opened"

    def recover(self) -> None:
        """Take entries again when the disk has room again; costs nothing while the journal is well.

        Room means twice the ballast: the space of the ballast itself, just freed, is no reason to go on.
        """
        if self.status is JournalStatus.UNUSABLE:
            self._reopen()
        if self.status is JournalStatus.FULL and room_to_write(self._path, 2 * self._ballast_bytes):
            self._reopen()
            self._take_ballast()

    def remember_head(self) -> None:
        """Set the head mark; to be called once the append is acknowledged (a mark may be late, never early)."""
        if self._mark is not None:
            self._mark.set(self.head)

    def tidy(self) -> None:
        """Move the WAL into the file when something was written since; to be called when nobody waits for an answer."""
        if self._untidied and self._database is not None:
            self._empty_wal(self._database)
            self._untidied = 0
            self.remember_head()

    @property
    def wants_tidying(self) -> bool:
        """So much was written that the next quiet moment should be used."""
        return self._untidied >= TIDY_AFTER

    @property
    def is_overdue(self) -> bool:
        """So much was written that tidying should not wait for a quiet moment."""
        return self._untidied >= OVERDUE_AFTER

    def close(self) -> None:
        """Close the file; the mark stays."""
        if self._database is not None:
            self._database.close()
            self._database = None
        if self._mark is not None:
            self._mark.close()
            self._mark = None

    def _open_database(self) -> Database:
        if self._database is None:
            raise DatabaseFault(FaultKind.UNUSABLE, self.detail)
        return self._database

    def _reopen(self) -> None:
        self.close()
        self._open()

    def _open(self) -> None:
        mark = read_mark(mark_path(self._path))
        self.head = mark or Head(0, 0, GENESIS)
        self._owner = ""
        self._settled = 0
        if mark is not None and mark.seq and not self._path.exists():
            self.status, self.detail = JournalStatus.CORRUPT, f"{self._path} is gone; it had {mark.seq} entries"
            return
        self.status, self.detail = JournalStatus.OK, ""
        try:
            self._database = open_database(self._path, self._key)
            migrate(self._database)
            self._begin()
            found = inspect(self._database, mark)
        except DatabaseFault as fault:
            self._note(fault)
            return
        if found.flaws:
            self.status, self.detail = JournalStatus.CORRUPT, "; ".join(found.flaws[:3])
            return
        self.head, self._owner = found.head, found.terminal
        self._count()
        try:
            self._mark = HeadMark(mark_path(self._path), self.head)
        except OSError as error:
            self._note(disk_fault(error))
            return
        self._empty_wal(self._database, lengthen=room_to_write(self._path, 2 * self._ballast_bytes + 4 * WAL_BYTES))

    def _begin_anew(self) -> None:
        """Set this journal aside, and make another in its place."""
        self.close()
        try:
            set_aside(self._path, f"{self._owner}-{self.head.epoch}".removeprefix("-"))
        except OSError as error:
            self.status, self.detail = JournalStatus.CORRUPT, f"it cannot be set aside: {disk_fault(error).detail}"
            return  # nothing is taken, and the next start tries again
        self._open()

    def _empty_wal(self, database: Database, *, lengthen: bool = False) -> None:
        """Move the WAL into the file; no room for that is no reason to refuse entries, as long as they fit the WAL."""
        try:
            if lengthen:
                database.checkpoint()
                database.lengthen_wal(WAL_BYTES)
            else:
                database.restart_wal()
        except DatabaseFault as fault:
            if fault.kind is not FaultKind.FULL:
                self._note(fault)

    def _begin(self) -> None:
        database = self._open_database()
        if database.row("SELECT 1 FROM journal") is None:
            at = timestamp(self._clock.now())
            database.execute(
                "INSERT INTO journal (epoch, terminal, created_at) VALUES (?, ?, ?)", (self._epoch, self.terminal, at)
            )

    def _take_ballast(self) -> None:
        if self.status is JournalStatus.OK and not self._ballast.take():
            self.status, self.detail = JournalStatus.FULL, "the disk has no room for the ballast"

    def _note(self, fault: DatabaseFault) -> None:
        """Let what the disk did change what the journal can do; a contradiction in one row changes nothing."""
        match fault.kind:
            case FaultKind.FULL:
                self.status = JournalStatus.FULL
                self._ballast.free()
            case FaultKind.CORRUPT:
                self.status = JournalStatus.CORRUPT
            case FaultKind.UNUSABLE:
                self.status = JournalStatus.UNUSABLE
            case FaultKind.CONSTRAINT:
                return
            case _:
                assert_never(fault.kind)
        self.detail = fault.detail

    def _read(self, sql: str, parameters: Sequence[object]) -> list[Row]:
        try:
            return self._open_database().rows(sql, parameters)
        except DatabaseFault as fault:
            self._note(fault)
            return []

    def _write(self, sql: str, rows: Sequence[tuple[object, ...]]) -> bool:
        try:
            database = self._open_database()
            with database.transaction():
                for row in rows:
                    database.execute(sql, row)
        except DatabaseFault as fault:
            self._note(fault)
            return False
        self._untidied += 1
        return True

    def _count(self) -> None:
        """How many wait, and from where to look for them."""
        found = self._read(
            "SELECT count(*), min(e.seq) FROM entry e LEFT JOIN delivery d ON d.seq = e.seq"
            " WHERE e.seq > ? AND state IS NULL",
            (self._settled,),
        )
        if found:
            self.backlog = int(found[0][0])
            self._settled = self.head.seq if found[0][1] is None else int(found[0][1]) - 1
