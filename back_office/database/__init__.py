"""The back office's database: one port (`port`), SQLite embedded (`sqlite`) or a PostgreSQL server (`postgresql`).

Rules:
- Everybody outside works with the names given here; only this package knows a driver.
- A database is named by the path of a SQLite file or by the URL of a PostgreSQL database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from back_office.database.migrations import MIGRATIONS, Migration, migrate, read_migrations
from back_office.database.port import Connection, Cursor, Database, Dialect, Row, StorageFault, Taken, Unfit

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "MIGRATIONS",
    "Connection",
    "Cursor",
    "Database",
    "Dialect",
    "Migration",
    "Row",
    "StorageFault",
    "Taken",
    "Unfit",
    "migrate",
    "open_database",
    "read_migrations",
]


def open_database(where: Path) -> Database:
    """Open the SQLite file at a path. Raises EnvironmentFault saying what is wrong and what to do."""
    from back_office.database.sqlite import SqliteDatabase  # noqa: PLC0415 - only the driver that is used

    return SqliteDatabase(where)
