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

SCHEMA = 3
LIVE_FORM = Form(page_bytes=8192, journal_mode="WAL", synchronous="NORMAL", checkpoint_pages=0, cache_kibibytes=32_768)
"""NORMAL may lose the newest rows in a power cut, with the cursor that came with them: they are sent again.

Pages of 8 KiB: sealed records have 1.5 to 20 KB, most of them two or three to a page. A thousand scattered changes read,
verify, encrypt and log a thousand pages: with 16 KiB that is twice the work. Filling with records of 3 KB costs a tenth
more than with 16 KiB, and less than with 4 KiB. The keeper moves the WAL into the file when idle. A page cache that the
changed pages do not fit into spills them, which costs a fifth of the work again.
"""
READER_FORM = replace(LIVE_FORM, cache_kibibytes=4096)
"""One record at a time."""
DRAFT_FORM = Form(
    page_bytes=LIVE_FORM.page_bytes, journal_mode="DELETE", synchronous="OFF", checkpoint_pages=0, cache_kibibytes=16_384
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
    # What is small is apart from what is long: indexes are made, and records looked for, without reading the documents.
    """CREATE TABLE record (
        id          INTEGER PRIMARY KEY,    -- in the order in which they came
        record_id   BLOB NOT NULL,
        expires_at  INTEGER NOT NULL        -- unix seconds; 0 in a draft: the feed took it back
    ) STRICT""",
    """CREATE TABLE sealed (
        id          INTEGER PRIMARY KEY,    -- of the record
        version     INTEGER NOT NULL,
        reasons     INTEGER NOT NULL,
        cards       BLOB NOT NULL,          -- the HMACs of its lookups, one after the other
        document    BLOB NOT NULL           -- sealed to the person's cards
    ) STRICT""",
    # HMACs of the fingerprints of the cards that open a record (its id); the fingerprints themselves are forgotten.
    "CREATE TABLE lookup (hmac BLOB NOT NULL, id INTEGER NOT NULL) STRICT",
    f"PRAGMA user_version = {SCHEMA}",
)
INDEXES = (
    "CREATE UNIQUE INDEX record_by_record_id ON record (record_id)",
    "CREATE INDEX lookup_by_hmac ON lookup (hmac)",
)
"""Made when the draft is whole: sorted once, instead of every commit encrypting pages all over them again."""
INDEXED_BYTES = 256
"""What the indexes take for one person, at most: two cards."""
TAKEN_BACK = 0
"""Expiry of a record of a draft that the feed took back."""
_SUPERSEDED = (
    "SELECT id FROM record WHERE expires_at = ? OR id NOT IN (SELECT max(id) FROM record GROUP BY record_id)"
)


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
        if form is DRAFT_FORM:
            _let_it_grow(database)
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


def _let_it_grow(draft: Database) -> None:
    """Undo `make_indexes` of a draft that was whole and did not come to serve: a record may come once more."""
    with draft.transaction():
        for (name,) in draft.rows("SELECT name FROM sqlite_schema WHERE type = 'index'"):
            draft.execute(f'DROP INDEX "{name}"')


def make_indexes(draft: Database) -> None:
    """Make what lookups and changes need of a draft that is whole. Raises `DatabaseFault`.

    Of a record that came more than once the last word is kept; nearly always none did.
    """
    with draft.transaction():
        if draft.row("SELECT 1 FROM record WHERE expires_at = ? LIMIT 1", (TAKEN_BACK,)) is not None:
            _keep_the_last_word(draft)
        for statement in INDEXES:
            try:
                draft.execute(statement)
            except DatabaseFault as fault:
                if fault.kind is not FaultKind.CONSTRAINT:
                    raise
                _keep_the_last_word(draft)
                draft.execute(statement)


def _keep_the_last_word(draft: Database) -> None:
    superseded = draft.rows(_SUPERSEDED, (TAKEN_BACK,))
    draft.many("DELETE FROM sealed WHERE id = ?", superseded)
    draft.many("DELETE FROM record WHERE id = ?", superseded)
    draft.execute("DELETE FROM lookup WHERE id NOT IN (SELECT id FROM record)")


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
