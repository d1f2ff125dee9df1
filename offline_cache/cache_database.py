"""The file of the cache: its form, its schema, how a new one takes the place of an old one, how one is thrown away.

Rules:
- Disposable: a file of another schema, with a flipped bit or under another key is thrown away, never mended.
- A whole new file is built beside the old one, synced, renamed over it, the folder synced; the old one serves until then.
- The draft commits in steps and keeps a rollback journal, so that a kill at any moment leaves the last step whole. It is
  not synced before it is whole: after a power cut (another boot) nobody knows what of it is there, and it is thrown away.
- A WAL belongs to its file: it goes before another file takes the name.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from offline_cache.database import Database, DatabaseFault, FaultKind, Form, disk_fault, open_database

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = 2
LIVE_FORM = Form(page_bytes=16_384, journal_mode="WAL", synchronous="NORMAL", checkpoint_pages=0, cache_kibibytes=32_768)
"""NORMAL may lose the newest rows in a power cut, with the cursor that came with them: they are sent again.

Pages of 16 KiB: sealed records have 2 to 40 KB, and a page holds whole ones. With 8 KiB a file of 4 KB records is half as
large again and takes a third longer to fill and to check; with 4 KiB twice as long. Scattered changes cost a fifth more
than with 8 KiB. The keeper moves the WAL into the file when idle. A thousand scattered changes touch 16 MB of pages: a
smaller page cache spills them, which costs a fifth of the work again.
"""
READER_FORM = replace(LIVE_FORM, cache_kibibytes=4096)
"""One record at a time."""
DRAFT_FORM = Form(
    page_bytes=LIVE_FORM.page_bytes, journal_mode="DELETE", synchronous="OFF", checkpoint_pages=0, cache_kibibytes=65_536
)  # fmt: skip
"""A rollback journal holds only pages that were there before: next to nothing, when rows are appended. Syncing every
step would cost two thirds more time."""

TABLES = (
    """CREATE TABLE cache (
        only        INTEGER PRIMARY KEY CHECK (only = 1),
        cursor      TEXT NOT NULL,          -- where the feed goes on; '' at its beginning
        synced_at   INTEGER NOT NULL,       -- unix seconds of the last answer: the lease
        owner       TEXT NOT NULL,          -- the terminal and office that these records were lent to
        boot        TEXT NOT NULL           -- of the machine, when it was begun
    ) STRICT""",
    """CREATE TABLE record (
        record_id   BLOB NOT NULL UNIQUE,
        version     INTEGER NOT NULL,
        reasons     INTEGER NOT NULL,
        expires_at  INTEGER NOT NULL,       -- unix seconds
        cards       BLOB NOT NULL,          -- the HMACs of its lookups, one after the other
        document    BLOB NOT NULL           -- sealed to the person's cards
    ) STRICT""",
    # HMACs of the fingerprints of the cards that open a record; the fingerprints themselves are forgotten.
    "CREATE TABLE lookup (hmac BLOB NOT NULL, record_id BLOB NOT NULL) STRICT",
    f"PRAGMA user_version = {SCHEMA}",
)
INDEX_BY_RECORD = "CREATE INDEX IF NOT EXISTS lookup_by_record ON lookup (record_id)"
INDEXES = (
    "CREATE INDEX IF NOT EXISTS lookup_by_hmac ON lookup (hmac)",
    INDEX_BY_RECORD,
    "CREATE INDEX IF NOT EXISTS record_by_expiry ON record (expires_at)",
)
"""Made when the draft is whole: sorted once, instead of every commit encrypting pages all over them again."""
INDEXED_BYTES = 256
"""What the indexes take for one person, at most: two cards."""


@dataclass(frozen=True, slots=True)
class Lent:
    """To whom the records are lent (terminal and office), and which boot of the machine this is."""

    owner: str
    boot: str


TAILS = ("-wal", "-shm", "-journal")


def create_draft(path: Path, key: bytes, lent: Lent, now: int) -> Database:
    """Make an empty cache to be filled; `now` in unix seconds. Raises `DatabaseFault`."""
    throw_away(path)
    database = open_database(path, key, form=DRAFT_FORM)
    try:
        with database.transaction():
            for statement in TABLES:
                database.execute(statement)
            database.execute(
                "INSERT INTO cache (only, cursor, synced_at, owner, boot) VALUES (1, '', ?, ?, ?)",
                (now, lent.owner, lent.boot),
            )
    except BaseException:
        database.close()
        raise
    return database


def open_checked(path: Path, key: bytes, form: Form, lent: Lent) -> Database:
    """Open a cache that is there.

    Raises `DatabaseFault`: `CORRUPT` for another schema, another key, a flipped bit, another owner.
    """
    if not path.exists():
        raise DatabaseFault(FaultKind.UNUSABLE, f"there is no {path.name}")
    database = open_database(path, key, form=form)
    try:
        check(database, lent, is_draft=form is DRAFT_FORM)
    except BaseException:
        database.close()
        raise
    return database


def open_live(path: Path, key: bytes) -> Database:
    """Open a cache that this process has just made whole: nothing to check. Raises `DatabaseFault`."""
    return open_database(path, key, form=LIVE_FORM)


def open_reader(path: Path, key: bytes) -> Database:
    """Open for looking up while another connection writes; checked by whoever opened the writer. Raises `DatabaseFault`."""
    return open_database(path, key, form=READER_FORM, read_only=True)


def check(database: Database, lent: Lent, *, is_draft: bool) -> None:
    """Raise `DatabaseFault(CORRUPT)` unless this is a whole cache of this release, lent to this terminal."""
    row = database.row("PRAGMA user_version")
    if row is None or row[0] != SCHEMA:
        raise DatabaseFault(FaultKind.CORRUPT, f"schema {row[0] if row else 0}, this release has {SCHEMA}")
    flaws = database.flaws()
    if flaws:
        raise DatabaseFault(FaultKind.CORRUPT, "; ".join(flaws[:3]))
    found = database.row("SELECT owner, boot FROM cache")
    if found is None or found[0] != lent.owner:
        raise DatabaseFault(FaultKind.CORRUPT, f"lent to {found[0] if found else 'nobody'}, not to {lent.owner}")
    if is_draft and found[1] != lent.boot:
        raise DatabaseFault(FaultKind.CORRUPT, "the machine was started again before it was whole")


def make_indexes(draft: Database) -> None:
    """Make what lookups and changes need of a draft that is whole; what is there stays. Raises `DatabaseFault`."""
    with draft.transaction():
        for statement in INDEXES:
            draft.execute(statement)


def put_in_place(draft: Path, live: Path) -> None:
    """Give a closed, whole draft the live name, durably; nobody may have the old file open. Raises `DatabaseFault`."""
    try:
        descriptor = os.open(draft, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        for tail in TAILS:
            live.with_name(live.name + tail).unlink(missing_ok=True)
        draft.replace(live)
        folder = os.open(live.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise disk_fault(error) from error


def throw_away(path: Path) -> None:
    """Remove a cache and what belongs to it; the file first, so that nothing of it is taken for whole."""
    for tail in ("", *TAILS):
        with contextlib.suppress(OSError):
            path.with_name(path.name + tail).unlink()
