"""What is SQLite's own: durable settings, files for their owner alone, a full disk, a file that is no database."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import pytest

from back_office.database import StorageFault, migrate
from back_office.database.sqlite import SqliteDatabase
from back_office.repository import changes, desk, inbox, outbox, records, scope
from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from back_office.database import Connection


@pytest.fixture
def database(tmp_path: Path) -> Iterator[SqliteDatabase]:  # type: ignore[override]
    made = SqliteDatabase(tmp_path / "x.db")
    yield made
    made.close()


def test_it_survives_a_power_cut(database: SqliteDatabase) -> None:
    with database.write() as db:
        assert db.execute("PRAGMA synchronous").fetchone()[0] == 2, "FULL"
        assert db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        assert db.execute("PRAGMA foreign_keys").fetchone()[0] == 1


def test_the_files_are_for_their_owner_alone(database: SqliteDatabase) -> None:
    migrate(database)
    for tail in ("", "-wal", "-shm"):
        assert database.path.with_name(f"x.db{tail}").stat().st_mode & 0o777 == 0o600


def test_a_full_disk_leaves_nothing_half_done_and_is_got_over(database: SqliteDatabase) -> None:
    with database.write() as db:
        db.execute("CREATE TABLE a (x)")
        pages = db.execute("PRAGMA page_count").fetchone()[0]
        db.execute(f"PRAGMA max_page_count = {pages + 2}")

    def fill(*, item_by_item: bool = False) -> None:
        with database.write() as db:
            db.execute("INSERT INTO a VALUES (1)")
            if item_by_item:
                with database.savepoint(db):
                    db.execute("INSERT INTO a VALUES (zeroblob(100000))")
            else:
                db.execute("INSERT INTO a VALUES (zeroblob(100000))")

    for item_by_item in (False, True):
        with pytest.raises(StorageFault, match="full"):
            fill(item_by_item=item_by_item)
    with database.read() as db:
        assert db.execute("SELECT count(*) FROM a").fetchone()[0] == 0
    with database.write() as db:
        db.execute("PRAGMA max_page_count = 1000000")
    fill()
    with database.read() as db:
        assert db.execute("SELECT count(*) FROM a").fetchone()[0] == 2


def test_nobody_goes_on_after_the_transaction_was_lost_inside_a_savepoint(database: SqliteDatabase) -> None:
    with database.write() as db:
        db.execute("CREATE TABLE a (x)")

    def lose() -> None:
        with database.write() as db:
            with contextlib.suppress(ZeroDivisionError), database.savepoint(db):
                db.execute("ROLLBACK")  # as a full disk can do it
                raise ZeroDivisionError
            db.execute("INSERT INTO a VALUES (1)")

    with pytest.raises(StorageFault, match="lost"):
        lose()
    with database.read() as db:
        assert db.execute("SELECT count(*) FROM a").fetchone()[0] == 0


def test_a_database_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"this is no database, it is a letter to my aunt" * 50)
    with pytest.raises(EnvironmentFault, match=r"x\.db cannot be opened"):
        SqliteDatabase(tmp_path / "x.db")


class Explained:
    """A connection that notes how each query would be done, with its own parameters."""

    def __init__(self, real: Connection) -> None:
        self.real = real
        self.steps: list[str] = []

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> Any:
        self.steps += [row[3] for row in self.real.execute(f"EXPLAIN QUERY PLAN {sql}", parameters)]
        return self.real.execute(sql, parameters)


@pytest.mark.parametrize(
    "look",
    [
        lambda db: outbox.due(db, "2027-01-01T00:00:00Z"),
        lambda db: scope.facts(db, "1", "101"),
        lambda db: records.open_cases(db, "1"),
        lambda db: desk.cases_of(db, "1"),
        lambda db: inbox.undecided(db, 50),
        lambda db: changes.due_changes(db, "2027-01-01T00:00:00Z"),
    ],
)
def test_what_is_looked_up_all_the_time_costs_no_more_when_years_have_passed(
    database: SqliteDatabase, look: Callable[[Any], object]
) -> None:
    """No table is read from its beginning, messages that went out long ago are not looked at."""
    migrate(database)
    with database.write() as db:
        explained = Explained(db)
        look(explained)
    assert explained.steps
    scans = [step for step in explained.steps if step.startswith("SCAN") and "inbox_undecided" not in step]
    assert not scans, "an index of what is undecided is short, everything else is searched"
