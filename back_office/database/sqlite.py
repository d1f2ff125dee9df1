"""SQLite behind the database port: one file, its writer and its readers.

Rules:
- One writer at a time (a lock in this process, `BEGIN IMMEDIATE` between processes); readers never wait for it (WAL).
- `synchronous=FULL`: what was committed survives a power cut (https://sqlite.org/pragma.html#pragma_synchronous).
- A transaction either commits whole or leaves nothing; the writer is rolled back whatever was raised.
- The only module that imports sqlite3; its errors leave as the port's.
"""

from __future__ import annotations

import os
import queue
import sqlite3
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from back_office.database import port
from back_office.database.port import StorageFault, Taken, Unfit
from kiosk.domain.errors import EnvironmentFault, KioskError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from back_office.database.port import Dialect

BUSY_SECONDS = 10.0
_TAKEN = {sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_ROWID}
_REMEDY = "Check the disk and its free space; restore a copy if it is damaged."


class _Connection(sqlite3.Connection):
    """A connection of the standard library whose errors are the port's."""

    dialect: Dialect = "sqlite"

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        try:
            return super().execute(sql, parameters)
        except sqlite3.Error as error:
            raise _translated(error, self) from error

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> sqlite3.Cursor:
        try:
            return super().executemany(sql, parameters)
        except sqlite3.Error as error:
            raise _translated(error, self) from error

    def run_script(self, sql: str) -> None:
        for statement in _statements(sql):
            self.execute(statement)


class SqliteDatabase:
    """One database file. Raises EnvironmentFault when it cannot be opened."""

    dialect: Dialect = "sqlite"

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name: Final = str(path)
        self._lock = threading.RLock()
        self._readers: queue.SimpleQueue[_Connection] = queue.SimpleQueue()
        self._committed = 0
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # the log beside it gets the same rights
            self._writer = self._connect()
            self._writer.execute("PRAGMA journal_mode=WAL")
        except (OSError, sqlite3.Error, KioskError) as error:
            told = error.__cause__ if isinstance(error, KioskError) else error
            raise EnvironmentFault(
                f"The database {path} cannot be opened: {told}.",
                "Check the folder, its rights and the free space; restore a copy if it is damaged.",
            ) from error

    def _connect(self) -> _Connection:
        connection = sqlite3.connect(
            self.path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, factory=_Connection
        )
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        return connection

    @contextmanager
    def write(self) -> Iterator[_Connection]:
        """One transaction that may change things, as the port says."""
        with self._lock, _door(self._writer):
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:  # a full disk may have ended it already
                    self._writer.execute("ROLLBACK")
                raise
            self._committed += 1

    def write_alongside(self) -> AbstractContextManager[_Connection]:
        """Do the same as `write`: SQLite has one writer."""
        return self.write()

    @contextmanager
    def read(self) -> Iterator[_Connection]:
        """One consistent view, as the port says."""
        try:
            connection = self._readers.get_nowait()
        except queue.Empty:
            connection = self._connect()
            connection.execute("PRAGMA query_only=ON")
        try:
            with _door(connection):
                connection.execute("BEGIN")
                try:
                    yield connection
                finally:
                    connection.execute("ROLLBACK")
        finally:
            self._readers.put(connection)

    def savepoint(self, db: port.Connection) -> AbstractContextManager[None]:
        """Let a part be undone alone, as the port says."""
        return port.savepoint(db)

    def change_counter(self) -> int:
        """Count everybody's commits."""
        with self._lock:
            return self._committed + self.others_counter()

    def others_counter(self) -> int:
        """Count commits of other processes (PRAGMA data_version of the writer's connection)."""
        with self._lock:
            return int(self._writer.execute("PRAGMA data_version").fetchone()[0])

    def works_alone(self) -> bool:
        """Always: the server holds a lock on its state folder."""
        return True

    def close(self) -> None:
        """Close every connection; the last one folds the write-ahead log into the file."""
        while not self._readers.empty():
            self._readers.get_nowait().close()
        with self._lock:
            self._writer.close()


@contextmanager
def _door(connection: _Connection) -> Iterator[None]:
    """Translate what was raised while rows were fetched; statements translate their own."""
    try:
        yield
    except sqlite3.Error as error:
        raise _translated(error, connection) from error


def _translated(error: sqlite3.Error, connection: _Connection) -> KioskError:
    code = getattr(error, "sqlite_errorcode", None)
    if isinstance(error, sqlite3.IntegrityError):
        return Taken(str(error)) if code in _TAKEN else Unfit(str(error))
    if isinstance(error, sqlite3.DataError):
        return Unfit(str(error))
    path = _path(connection)
    return StorageFault(f"The database {path} failed: {error}.", _REMEDY)


def _path(connection: _Connection) -> str:
    try:
        rows: Sequence[Any] = sqlite3.Connection.execute(connection, "PRAGMA database_list").fetchall()
        return str(rows[0][2])
    except (sqlite3.Error, IndexError):  # too damaged to say
        return "of the back office"


def _statements(sql: str) -> Iterator[str]:
    """Split at the semicolons that end a statement (not those inside a trigger): executescript would commit."""
    pending = ""
    for line in sql.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""
    if pending.strip():
        yield pending
