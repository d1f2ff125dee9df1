"""The file of the cache: its form, its schema, how a new one takes the place of an old one, how one is thrown away.

Rules:
- Disposable: a file of another schema, with a flipped bit or under another key is thrown away, never mended.
- A whole new file is built beside the old one, synced, renamed over it, the folder synced; the old one serves until then.
- The draft commits in steps and keeps a rollback journal, so that a cut at any moment leaves the last step whole.
- A WAL belongs to its file: it goes before another file takes the name.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from offline_cache.database import Database, DatabaseFault, FaultKind, Form, disk_fault, open_database

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = 1
LIVE_FORM = Form(page_bytes=4096, journal_mode="WAL", synchronous="NORMAL", checkpoint_pages=1000, cache_kibibytes=8192)
"""NORMAL may lose the newest rows in a power cut, with the cursor that came with them: they are sent again."""
DRAFT_FORM = Form(
    page_bytes=LIVE_FORM.page_bytes, journal_mode="DELETE", synchronous="NORMAL", checkpoint_pages=0, cache_kibibytes=65_536
)  # fmt: skip
"""Rows are appended, and a rollback journal holds only pages that were there before: next to nothing."""

_SCHEMA = (
    """CREATE TABLE cache (
        only        INTEGER PRIMARY KEY CHECK (only = 1),
        cursor      TEXT NOT NULL,          -- where the feed goes on; '' at its beginning
        synced_at   INTEGER NOT NULL,       -- unix seconds of the last answer: the lease
        owner       TEXT NOT NULL           -- the terminal and office that these records were lent to
    ) STRICT""",
    """CREATE TABLE record (
        record_id   BLOB NOT NULL UNIQUE,
        version     INTEGER NOT NULL,
        reasons     INTEGER NOT NULL,
        expires_at  INTEGER NOT NULL,       -- unix seconds
        document    BLOB NOT NULL           -- sealed to the person's cards
    ) STRICT""",
    # HMACs of the fingerprints of the cards that open a record; the fingerprints themselves are forgotten.
    "CREATE TABLE lookup (hmac BLOB NOT NULL, record_id BLOB NOT NULL) STRICT",
    "CREATE INDEX lookup_by_hmac ON lookup (hmac)",
    "CREATE INDEX lookup_by_record ON lookup (record_id)",
    "CREATE INDEX record_by_expiry ON record (expires_at)",
    f"PRAGMA user_version = {SCHEMA}",
)
TAILS = ("-wal", "-shm", "-journal")


def create_draft(path: Path, key: bytes, owner: str, now: int) -> Database:
    """Make an empty cache to be filled; `now` in unix seconds. Raises `DatabaseFault`."""
    throw_away(path)
    database = open_database(path, key, form=DRAFT_FORM)
    try:
        with database.transaction():
            for statement in _SCHEMA:
                database.execute(statement)
            database.execute("INSERT INTO cache (only, cursor, synced_at, owner) VALUES (1, '', ?, ?)", (now, owner))
    except BaseException:
        database.close()
        raise
    return database


def open_checked(path: Path, key: bytes, form: Form, owner: str) -> Database:
    """Open a cache that is there.

    Raises `DatabaseFault`: `CORRUPT` for another schema, another key, a flipped bit, another owner.
    """
    if not path.exists():
        raise DatabaseFault(FaultKind.UNUSABLE, f"there is no {path.name}")
    database = open_database(path, key, form=form)
    try:
        check(database, owner)
    except BaseException:
        database.close()
        raise
    return database


def open_live(path: Path, key: bytes) -> Database:
    """Open a cache that this process has just made whole: nothing to check. Raises `DatabaseFault`."""
    return open_database(path, key, form=LIVE_FORM)


def open_reader(path: Path, key: bytes) -> Database:
    """Open for looking up while another connection writes; checked by whoever opened the writer. Raises `DatabaseFault`."""
    return open_database(path, key, form=LIVE_FORM, read_only=True)


def check(database: Database, owner: str) -> None:
    """Raise `DatabaseFault(CORRUPT)` unless this is a whole cache of this release, lent to this terminal."""
    row = database.row("PRAGMA user_version")
    if row is None or row[0] != SCHEMA:
        raise DatabaseFault(FaultKind.CORRUPT, f"schema {row[0] if row else 0}, this release has {SCHEMA}")
    flaws = database.flaws()
    if flaws:
        raise DatabaseFault(FaultKind.CORRUPT, "; ".join(flaws[:3]))
    lent_to = database.row("SELECT owner FROM cache")
    if lent_to is None or lent_to[0] != owner:
        raise DatabaseFault(FaultKind.CORRUPT, f"lent to {lent_to[0] if lent_to else 'nobody'}, not to {owner}")


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
