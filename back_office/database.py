"""Opens the back office's SQLite database, keeps its schema at the newest migration, and hands out transactions.

Rules:
- One writer at a time (a lock in this process, `BEGIN IMMEDIATE` between processes); readers never wait for it (WAL).
- `synchronous=FULL`: what was committed survives a power cut (https://sqlite.org/pragma.html#pragma_synchronous).
- A migration that was applied once is never edited: its SHA-256 stands beside its number, a difference stops the start.
- A transaction either commits whole or leaves nothing; the writer is rolled back whatever was raised.
"""

from __future__ import annotations

import hashlib
import os
import queue
import sqlite3
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    from collections.abc import Iterator

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_SECONDS = 10.0

_BOOKKEEPING = (
    "CREATE TABLE IF NOT EXISTS schema_migration "
    "(number INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL) STRICT"
)


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered SQL file and its checksum."""

    number: int
    name: str
    checksum: str
    sql: str


def read_migrations(folder: Path = MIGRATIONS) -> list[Migration]:
    """All migrations in order. Raises EnvironmentFault when numbers are doubled, missing or unreadable."""
    migrations = []
    for path in sorted(folder.glob("*.sql")):
        number = path.name.split("_", 1)[0]
        if not number.isdigit():
            raise EnvironmentFault(f"The migration {path} has no number.", "Name it NNN_what_it_does.sql.")
        text = path.read_text(encoding="utf-8")
        checksum = hashlib.sha256(text.encode()).hexdigest()
        migrations.append(Migration(int(number), path.name, checksum, text))
    if [migration.number for migration in migrations] != list(range(1, len(migrations) + 1)):
        raise EnvironmentFault(f"The migrations in {folder} are not numbered 1, 2, 3 ...", "Restore the installation.")
    return migrations


class Database:
    """One database file, its writer and its readers."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._readers: queue.SimpleQueue[sqlite3.Connection] = queue.SimpleQueue()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # the log beside it gets the same rights
            self._writer = self._connect()
            self._writer.execute("PRAGMA journal_mode=WAL")
        except (OSError, sqlite3.Error) as error:
            raise EnvironmentFault(
                f"The database {path} cannot be opened: {error}.",
                "Check the folder, its rights and the free space; restore a copy if it is damaged.",
            ) from error

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        return connection

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction that may change things; durable when the block has ended without an exception."""
        with self._lock:
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:  # a full disk may have ended it already
                    self._writer.execute("ROLLBACK")
                raise

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """One consistent view; any attempt to write in it fails."""
        try:
            connection = self._readers.get_nowait()
        except queue.Empty:
            connection = self._connect()
            connection.execute("PRAGMA query_only=ON")
        try:
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                connection.execute("ROLLBACK")
        finally:
            self._readers.put(connection)

    def change_counter(self) -> int:
        """Count commits of other processes: moves whenever one committed (PRAGMA data_version of the writer's connection)."""
        with self._lock:
            return int(self._writer.execute("PRAGMA data_version").fetchone()[0])

    def migrate(self, migrations: list[Migration] | None = None) -> list[str]:
        """Bring the schema up to date, each migration in its own transaction; returns the names applied now."""
        wanted = read_migrations() if migrations is None else migrations
        applied_now: list[str] = []
        with self._lock:
            self._writer.execute(_BOOKKEEPING)
            known = {
                row["number"]: row
                for row in self._writer.execute("SELECT number, name, checksum FROM schema_migration")
            }
            if len(known) > len(wanted):
                raise EnvironmentFault(
                    f"The database {self.path} is of a newer version ({len(known)} migrations, known {len(wanted)}).",
                    "Install the version that wrote it.",
                )
            for migration in wanted:
                row = known.get(migration.number)
                if row is None:
                    if self._apply(migration):
                        applied_now.append(migration.name)
                elif row["checksum"] != migration.checksum:
                    raise EnvironmentFault(
                        f"The migration {migration.name} differs from the one applied to {self.path}.",
                        "Restore the file as it was released; changes go into a new migration.",
                    )
        return applied_now

    def _apply(self, migration: Migration) -> bool:
        """Apply a migration; False when another process did meanwhile."""
        with self.write() as connection:
            known = connection.execute("SELECT 1 FROM schema_migration WHERE number = ?", (migration.number,))
            if known.fetchone() is not None:
                return False
            for statement in _statements(migration.sql):
                connection.execute(statement)
            connection.execute(
                "INSERT INTO schema_migration (number, name, checksum) VALUES (?, ?, ?)",
                (migration.number, migration.name, migration.checksum),
            )
        return True

    def close(self) -> None:
        """Close every connection; the last one folds the write-ahead log into the file."""
        while not self._readers.empty():
            self._readers.get_nowait().close()
        with self._lock:
            self._writer.close()


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
