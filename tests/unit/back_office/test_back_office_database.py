"""The database: numbered migrations, whole transactions, durable settings."""

from __future__ import annotations

import sqlite3
import threading
from typing import TYPE_CHECKING

import pytest

from back_office.database import MIGRATIONS, Migration, StorageFault, migrate, read_migrations
from back_office.database.sqlite import SqliteDatabase as Database
from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(tmp_path / "x.db")
    yield made
    made.close()


def test_the_schema_is_applied_once(database: Database) -> None:
    assert migrate(database) == [migration.name for migration in read_migrations(MIGRATIONS / "sqlite")]
    assert migrate(database) == []


def test_two_processes_that_start_together_apply_it_once(database: Database, tmp_path: Path) -> None:
    other = Database(tmp_path / "x.db")
    names: list[str] = []
    threads = [threading.Thread(target=lambda one=one: names.extend(migrate(one))) for one in (database, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    assert names == [migration.name for migration in read_migrations(MIGRATIONS / "sqlite")]


def test_it_survives_a_power_cut(database: Database) -> None:
    with database.write() as db:
        assert db.execute("PRAGMA synchronous").fetchone()[0] == 2, "FULL"
        assert db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        assert db.execute("PRAGMA foreign_keys").fetchone()[0] == 1


def test_a_migration_that_was_changed_stops_the_start(database: Database) -> None:
    one = Migration(1, "001_a.sql", "aa", "CREATE TABLE a (x);")
    migrate(database, [one])
    with pytest.raises(EnvironmentFault, match=r"001_a\.sql differs"):
        migrate(database, [Migration(1, "001_a.sql", "bb", "CREATE TABLE a (x, y);")])


def test_a_newer_database_is_not_touched(database: Database) -> None:
    one, two = (Migration(number, f"{number}", "c", f"CREATE TABLE t{number} (x);") for number in (1, 2))
    migrate(database, [one, two])
    with pytest.raises(EnvironmentFault, match="newer version"):
        migrate(database, [one])


def test_a_migration_that_fails_leaves_nothing(database: Database) -> None:
    broken = Migration(1, "001", "c", "CREATE TABLE a (x);\nCREATE TABLE a (x);")
    with pytest.raises(StorageFault):
        migrate(database, [broken])
    with database.read() as db:
        assert db.execute("SELECT count(*) FROM sqlite_master WHERE name = 'a'").fetchone()[0] == 0
    assert migrate(database, [Migration(1, "001", "d", "CREATE TABLE a (x);")]) == ["001"]


def test_numbers_without_a_gap(tmp_path: Path) -> None:
    (tmp_path / "001_a.sql").write_text("SELECT 1;")
    (tmp_path / "003_c.sql").write_text("SELECT 1;")
    with pytest.raises(EnvironmentFault, match="not numbered"):
        read_migrations(tmp_path)
    (tmp_path / "bad.sql").write_text("SELECT 1;")
    with pytest.raises(EnvironmentFault, match="has no number"):
        read_migrations(tmp_path)


def test_a_transaction_is_whole_or_nothing(database: Database) -> None:
    with database.write() as db:
        db.execute("CREATE TABLE a (x)")

    def fail() -> None:
        with database.write() as db:
            db.execute("INSERT INTO a VALUES (1)")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with database.read() as db:
        assert db.execute("SELECT count(*) FROM a").fetchone()[0] == 0


def test_readers_cannot_write_and_do_not_wait_for_the_writer(database: Database) -> None:
    with database.write() as db:
        db.execute("CREATE TABLE a (x)")
    with database.write() as db:
        db.execute("INSERT INTO a VALUES (1)")
        with database.read() as reader:
            assert reader.execute("SELECT count(*) FROM a").fetchone()[0] == 0
            with pytest.raises(StorageFault, match="readonly"):
                reader.execute("INSERT INTO a VALUES (2)")


def test_writers_take_turns(database: Database) -> None:
    with database.write() as db:
        db.execute("CREATE TABLE a (x)")
        db.execute("INSERT INTO a VALUES (0)")

    def count() -> None:
        for _ in range(50):
            with database.write() as db:
                value = db.execute("SELECT x FROM a").fetchone()[0]
                db.execute("UPDATE a SET x = ?", (value + 1,))

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as db:
        assert db.execute("SELECT x FROM a").fetchone()[0] == 200


def test_the_counter_moves_when_another_process_commits(database: Database, tmp_path: Path) -> None:
    before = database.change_counter()
    with database.write() as db:
        db.execute("CREATE TABLE a (x)")
    assert database.change_counter() > before
    before, others = database.change_counter(), database.others_counter()
    with database.write() as db:
        db.execute("INSERT INTO a VALUES (0)")
    assert database.others_counter() == others, "own commits are known"
    other = sqlite3.connect(tmp_path / "x.db")
    other.execute("INSERT INTO a VALUES (1)")
    other.commit()
    other.close()
    assert database.change_counter() > before
    assert database.others_counter() > others


def test_the_files_are_for_their_owner_alone(database: Database) -> None:
    migrate(database)
    for tail in ("", "-wal", "-shm"):
        assert database.path.with_name(f"x.db{tail}").stat().st_mode & 0o777 == 0o600


def test_a_full_disk_leaves_nothing_half_done_and_is_got_over(database: Database) -> None:
    with database.write() as db:
        db.execute("CREATE TABLE a (x)")
        pages = db.execute("PRAGMA page_count").fetchone()[0]
        db.execute(f"PRAGMA max_page_count = {pages + 2}")

    def fill() -> None:
        with database.write() as db:
            db.execute("INSERT INTO a VALUES (1)")
            db.execute("INSERT INTO a VALUES (zeroblob(100000))")

    with pytest.raises(StorageFault, match="full"):
        fill()
    with database.read() as db:
        assert db.execute("SELECT count(*) FROM a").fetchone()[0] == 0
    with database.write() as db:
        db.execute("PRAGMA max_page_count = 1000000")
    fill()
    with database.read() as db:
        assert db.execute("SELECT count(*) FROM a").fetchone()[0] == 2


def test_a_database_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"this is no database, it is a letter to my aunt" * 50)
    with pytest.raises(EnvironmentFault, match=r"x\.db cannot be opened"):
        Database(tmp_path / "x.db")
