"""The one door to the encrypted database (SQLCipher): key, pragmas, and its errors as values.

Rules:
- A raw 256-bit key, so no key derivation; `cipher_log_level=NONE` before the key, or SQLCipher writes to stderr.
- Every page is authenticated (HMAC-SHA-256): a flipped bit is an error, or zeros at the end of a long row (the engine reads
  the last page of one without asking); so what is read goes on only with a hash or a signature of its own.
- What differs between databases is their `Form`: page size, how a commit reaches the disk.
- Whatever the disk does arrives as `DatabaseFault` with one of four kinds; no other exception leaves here.
"""

from __future__ import annotations

import contextlib
import errno
import os
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlcipher3 import dbapi2 as engine

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

KEY_BYTES = 32
BUSY_MILLISECONDS = 5000
PROBE_BYTES = 64 * 1024

Row = tuple[Any, ...]

engine.register_adapter(bytes, memoryview)
"""Bytes are bound as they are. Without a word on them the engine asks each value in vain whether it can adapt itself,
which costs 1.3 us a value (CPython's sqlite3 does the same) and was a fifth of the time of filling a cache."""


class FaultKind(StrEnum):
    """What a disk can do to a database."""

    FULL = "full"  # no space, or no more space for us (quota, file size limit)
    CORRUPT = "corrupt"  # a page that is not what was written, or another key
    CONSTRAINT = "constraint"  # the row contradicts one that is there
    UNUSABLE = "unusable"  # read-only, gone, locked, input/output error


@dataclass(frozen=True, slots=True)
class Form:
    """How a database lies on the disk. `page_bytes` must be what the file was made with."""

    page_bytes: int
    journal_mode: str
    synchronous: str
    checkpoint_pages: int
    """The WAL is moved into the file by a commit that finds it this long; 0: only when asked (`checkpoint`)."""
    cache_kibibytes: int = 2048


JOURNAL_FORM = Form(page_bytes=1024, journal_mode="WAL", synchronous="FULL", checkpoint_pages=0)
"""WAL and FULL: with NORMAL, acknowledged transactions were lost in power cuts. Pages of 1 KiB: a commit of one
envelope encrypts a third of the bytes that 4 KiB pages make it encrypt. Checkpoints come after the answer, not before."""


class DatabaseFault(Exception):  # noqa: N818 - what the disk did; caught by the journal and turned into a value
    """The statement did not happen."""

    def __init__(self, kind: FaultKind, detail: str) -> None:
        super().__init__(f"{kind.value}: {detail}")
        self.kind = kind
        self.detail = detail


_KINDS: dict[int, FaultKind] = {
    engine.SQLITE_FULL: FaultKind.FULL,
    engine.SQLITE_CORRUPT: FaultKind.CORRUPT,
    engine.SQLITE_NOTADB: FaultKind.CORRUPT,
    engine.SQLITE_CONSTRAINT: FaultKind.CONSTRAINT,
}
_NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_IOERR_CORRUPTFS = 8458
"""SQLITE_IOERR_CORRUPTFS: the file system itself says that the data are damaged."""


def translate(error: Exception, path: Path) -> DatabaseFault:
    """Return the engine's exception as a fault. An I/O error on a disk without space is `FULL`: EFBIG and EDQUOT look so."""
    code = getattr(error, "sqlite_errorcode", engine.SQLITE_ERROR)
    kind = FaultKind.CORRUPT if code == _IOERR_CORRUPTFS else _KINDS.get(code & 0xFF, FaultKind.UNUSABLE)
    if code & 0xFF == engine.SQLITE_IOERR and not room_to_write(path):
        kind = FaultKind.FULL
    return DatabaseFault(kind, f"{error} ({getattr(error, 'sqlite_errorname', type(error).__name__)})")


def disk_fault(error: OSError) -> DatabaseFault:
    """Return what the operating system said, as a fault."""
    kind = FaultKind.FULL if error.errno in _NO_SPACE else FaultKind.UNUSABLE
    return DatabaseFault(kind, f"{error.filename or 'the disk'}: {error.strerror}")


def room_to_write(path: Path, length: int = PROBE_BYTES) -> bool:
    """Can a file beside `path` take `length` more bytes? Asked of the disk itself, by trying."""
    probe = path.with_name(f"{path.name}.probe")
    try:
        descriptor = os.open(probe, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    except OSError:
        return False
    try:
        os.posix_fallocate(descriptor, _end_of(path), length)
    except OSError:
        return False
    else:
        return True
    finally:
        os.close(descriptor)
        with contextlib.suppress(OSError):
            probe.unlink()


def _end_of(path: Path) -> int:
    """Length of the longest file that the database writes: a file size limit counts from there."""
    sizes = [0]
    for name in (path, path.with_name(f"{path.name}-wal")):
        with contextlib.suppress(OSError):
            sizes.append(name.stat().st_size)
    return max(sizes)


@dataclass(slots=True)
class Database:
    """One open connection; used by one thread."""

    path: Path
    connection: Any
    form: Form = JOURNAL_FORM

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> Any:
        """One statement, a transaction of its own unless `transaction` is around it. Raises `DatabaseFault`."""
        try:
            return self.connection.execute(sql, parameters)
        except engine.Error as error:
            raise translate(error, self.path) from error

    def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> int:
        """One statement for many rows, inside a `transaction`; how many rows changed. Raises `DatabaseFault`."""
        try:
            return int(self.connection.executemany(sql, rows).rowcount)
        except engine.Error as error:
            raise translate(error, self.path) from error

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """All rows of a query. Raises `DatabaseFault`."""
        try:
            found: list[Row] = self.connection.execute(sql, parameters).fetchall()
        except engine.Error as error:
            raise translate(error, self.path) from error
        return found

    def each(self, sql: str, parameters: Sequence[Any] = ()) -> Iterator[Row]:
        """Yield the rows of a query one by one. Raises `DatabaseFault`, also in the middle."""
        try:
            yield from self.connection.execute(sql, parameters)
        except engine.Error as error:
            raise translate(error, self.path) from error

    def row(self, sql: str, parameters: Sequence[Any] = ()) -> Row | None:
        """Return the first row, if there is one. Raises `DatabaseFault`."""
        return next(iter(self.rows(sql, parameters)), None)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing. Raises `DatabaseFault` when it is nothing."""
        self.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(engine.Error):  # SQLITE_FULL may have rolled back already
                self.connection.execute("ROLLBACK")
            raise

    def checkpoint(self) -> int:
        """Move what is in the WAL into the file, as far as readers allow; the number of frames in the WAL."""
        row = self.row("PRAGMA wal_checkpoint(PASSIVE)")
        return int(row[1]) if row else 0

    def restart_wal(self) -> None:
        """Move the WAL into the file and begin it anew, which costs two syncs: the next commit pays for one, not for both.

        Begun by writing a number that nobody reads; a reader in another process that keeps the WAL from being moved
        keeps it from beginning anew, too, and then this was a commit like any other.
        """
        self.checkpoint()
        row = self.row("PRAGMA application_id")
        self.rows(f"PRAGMA application_id = {1 - int(row[0]) % 2 if row else 1}")

    def lengthen_wal(self, length: int) -> None:
        """Make the WAL `length` bytes long by writing a number that nobody reads, then begin it anew.

        A commit into space that is there already needs no change of the file's size, which halves its sync.
        The first commit is synced: it makes what stands in the WAL invalid before anything is written over it.
        Otherwise a power cut may leave the first old commits intact, and they would be applied once more, to newer
        pages. The other commits need no sync: a power cut loses nothing of them that anybody knows of.
        """
        frame = self.form.page_bytes + 24
        self.rows("PRAGMA application_id = 0")
        self.rows("PRAGMA synchronous = OFF")
        try:
            for number in range(1, 1 + length // frame):
                self.rows(f"PRAGMA application_id = {number}")
        finally:
            self.rows(f"PRAGMA synchronous = {self.form.synchronous}")
        self.restart_wal()

    def flaws(self) -> list[str]:
        """Name what is wrong with the file: pages that do not authenticate, structures that contradict each other.

        The engine's check of pages looks at the file alone. A power cut during a checkpoint leaves torn pages there
        that are whole in the WAL; so what looks torn is looked at again when the WAL has been moved into the file.
        """
        try:
            found = self._torn_pages()
            if found:
                self.checkpoint()
                found = self._torn_pages()
            checked = [str(row[0]) for row in self.rows("PRAGMA quick_check")]
        except DatabaseFault as fault:
            return [str(fault)]
        return found + [line for line in checked if line != "ok"]

    def _torn_pages(self) -> list[str]:
        return [str(row[0]) for row in self.rows("PRAGMA cipher_integrity_check")]

    def close(self) -> None:
        """Close; the last one to close moves the WAL into the file."""
        with contextlib.suppress(engine.Error):
            self.connection.close()


def open_database(path: Path, key: bytes, *, form: Form = JOURNAL_FORM, read_only: bool = False) -> Database:
    """Open (or, unless `read_only`, create with mode 0600) the database in `path`.

    Raises `DatabaseFault`: `CORRUPT` also when the key does not fit, because the two cannot be told apart.
    """
    if len(key) != KEY_BYTES:
        raise DatabaseFault(FaultKind.CORRUPT, f"the database key has {len(key)} bytes, not {KEY_BYTES}")
    try:
        if not read_only:
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        elif not path.exists():
            raise DatabaseFault(FaultKind.UNUSABLE, f"there is no {path}")
    except OSError as error:
        raise disk_fault(error) from error
    try:
        connection = engine.connect(str(path), isolation_level=None, check_same_thread=True)
    except engine.Error as error:
        raise translate(error, path) from error
    database = Database(path, connection, form)
    try:
        _prepare(database, key, read_only=read_only)
    except BaseException:
        database.close()
        raise
    return database


def _prepare(database: Database, key: bytes, *, read_only: bool) -> None:
    form = database.form
    pragmas = [
        "PRAGMA cipher_log_level = NONE",
        f"PRAGMA key = \"x'{key.hex()}'\"",
        "PRAGMA cipher_hmac_algorithm = HMAC_SHA256",
        f"PRAGMA cipher_page_size = {form.page_bytes}",
        f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}",
        "PRAGMA temp_store = MEMORY",
        f"PRAGMA cache_size = -{form.cache_kibibytes}",
    ]
    if read_only:
        pragmas.append("PRAGMA query_only = ON")
    else:
        pragmas += [
            f"PRAGMA journal_mode = {form.journal_mode}",
            f"PRAGMA synchronous = {form.synchronous}",
            "PRAGMA foreign_keys = ON",
            f"PRAGMA wal_autocheckpoint = {form.checkpoint_pages}",
        ]
    for pragma in pragmas:
        database.rows(pragma)
    database.rows("SELECT count(*) FROM sqlite_schema")  # the first page tells whether the key fits
