"""Brings a database's schema to the newest migration: numbered SQL files, one folder a dialect, the same numbers in both.

Rules:
- A migration that was applied once is never edited: its SHA-256 stands beside its number, a difference stops the start.
- Each is applied in its own transaction, whole or not at all; of two processes that start together one applies it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    from back_office.database.port import Database

MIGRATIONS = Path(__file__).parents[1] / "migrations"

_BOOKKEEPING = {
    "sqlite": "CREATE TABLE IF NOT EXISTS schema_migration "
    "(number INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL) STRICT",
    "postgresql": "CREATE TABLE IF NOT EXISTS schema_migration "
    "(number BIGINT PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL)",
}


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered SQL file and its checksum."""

    number: int
    name: str
    checksum: str
    sql: str


def read_migrations(folder: Path) -> list[Migration]:
    """All migrations of a folder in order. Raises EnvironmentFault when numbers are doubled, missing or unreadable."""
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


def migrate(database: Database, migrations: list[Migration] | None = None) -> list[str]:
    """Bring the schema up to date; returns the names applied now. Raises EnvironmentFault when it cannot be."""
    wanted = read_migrations(MIGRATIONS / database.dialect) if migrations is None else migrations
    with database.write() as db:
        db.execute(_BOOKKEEPING[database.dialect])
        rows = db.execute("SELECT number, name, checksum FROM schema_migration").fetchall()
    known = {row["number"]: row["checksum"] for row in rows}
    if len(known) > len(wanted):
        raise EnvironmentFault(
            f"The database {database.name} is of a newer version ({len(known)} migrations, known {len(wanted)}).",
            "Install the version that wrote it.",
        )
    applied_now = []
    for migration in wanted:
        checksum = known.get(migration.number)
        if checksum is None:
            if _apply(database, migration):
                applied_now.append(migration.name)
        elif checksum != migration.checksum:
            raise EnvironmentFault(
                f"The migration {migration.name} differs from the one applied to {database.name}.",
                "Restore the file as it was released; changes go into a new migration.",
            )
    return applied_now


def _apply(database: Database, migration: Migration) -> bool:
    """Apply a migration; False when another process did meanwhile."""
    with database.write() as db:
        if db.execute("SELECT 1 FROM schema_migration WHERE number = ?", (migration.number,)).fetchone() is not None:
            return False
        db.run_script(migration.sql)
        db.execute(
            "INSERT INTO schema_migration (number, name, checksum) VALUES (?, ?, ?)",
            (migration.number, migration.name, migration.checksum),
        )
    return True
