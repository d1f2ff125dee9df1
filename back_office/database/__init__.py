"""The back office's database: one port (`port`), SQLite embedded (`sqlite`) or a PostgreSQL server (`postgresql`).

Rules:
- Everybody outside works with the names given here; only this package knows a driver.
- A database is named by the path of a SQLite file or by the URL of a PostgreSQL database.
"""

from __future__ import annotations

from pathlib import Path

from back_office.database.migrations import MIGRATIONS, Migration, migrate, read_migrations
from back_office.database.port import Connection, Cursor, Database, Dialect, Row, StorageFault, Taken, Unfit

__all__ = [
    "CONNECTIONS",
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


CONNECTIONS = 48
"""To a PostgreSQL server, unless the settings say otherwise."""


def open_database(where: Path | str, *, connections: int = CONNECTIONS) -> Database:
    """Open the SQLite file at a path, or the PostgreSQL database of a URL with at most so many connections.

    Raises EnvironmentFault saying what is wrong and what to do.
    """
    if isinstance(where, Path):
        from back_office.database.sqlite import SqliteDatabase  # noqa: PLC0415 - only the driver that is used

        return SqliteDatabase(where)
    from back_office.database.postgresql import PostgresqlDatabase  # noqa: PLC0415 - as above

    return PostgresqlDatabase(where, connections=connections)
