"""The database port, on SQLite and on PostgreSQL: numbered migrations, whole transactions, one order, the port's errors."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from back_office_bench import tables
from postgresql_cluster import empty_database

from back_office.database import (
    MIGRATIONS,
    Database,
    Migration,
    StorageFault,
    Taken,
    Unfit,
    migrate,
    open_database,
    read_migrations,
)
from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from back_office.database import Connection

WAIT_SECONDS = 20


@pytest.fixture
def opener(tmp_path: Path, database: str) -> Iterator[Callable[[], Database]]:
    """Opens the test's database, each time as another process would."""
    with ExitStack() as stack:
        where = stack.enter_context(empty_database()) if database == "postgresql" else tmp_path / "x.db"

        def opened() -> Database:
            made = open_database(where)
            stack.callback(made.close)
            return made

        yield opened


@pytest.fixture
def db(opener: Callable[[], Database]) -> Database:
    return opener()


@pytest.fixture
def number(db: Database) -> Database:
    """A database with one table of one number."""
    with db.write() as work:
        work.execute("CREATE TABLE a (x INTEGER PRIMARY KEY)")
    return db


def numbers(database: Database) -> list[int]:
    with database.read() as view:
        return [row["x"] for row in view.execute("SELECT x FROM a ORDER BY x")]


def together(*calls: Callable[[], object]) -> None:
    faults: list[BaseException] = []

    def guarded(call: Callable[[], object]) -> None:
        try:
            call()
        except BaseException as error:  # noqa: BLE001 - raised below
            faults.append(error)

    threads = [threading.Thread(target=guarded, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_SECONDS)
        assert not thread.is_alive()
    if faults:
        raise faults[0]


# --- migrations --------------------------------------------------------------------------------------------


def test_the_schema_is_applied_once(db: Database) -> None:
    assert migrate(db) == [migration.name for migration in read_migrations(MIGRATIONS / db.dialect)]
    assert migrate(db) == []


def test_two_processes_that_start_together_apply_it_once(opener: Callable[[], Database]) -> None:
    names: list[str] = []
    one, other = opener(), opener()
    together(lambda: names.extend(migrate(one)), lambda: names.extend(migrate(other)))
    assert sorted(names) == [migration.name for migration in read_migrations(MIGRATIONS / one.dialect)]


def test_a_migration_that_was_changed_stops_the_start(db: Database) -> None:
    one = Migration(1, "001_a.sql", "aa", "CREATE TABLE a (x INTEGER);")
    migrate(db, [one])
    with pytest.raises(EnvironmentFault, match=r"001_a\.sql differs"):
        migrate(db, [Migration(1, "001_a.sql", "bb", "CREATE TABLE a (x INTEGER, y INTEGER);")])


def test_a_newer_database_is_not_touched(db: Database) -> None:
    one, two = (Migration(n, f"{n}", "c", f"CREATE TABLE t{n} (x INTEGER);") for n in (1, 2))
    migrate(db, [one, two])
    with pytest.raises(EnvironmentFault, match="newer version"):
        migrate(db, [one])


def test_a_migration_that_fails_leaves_nothing(db: Database) -> None:
    broken = Migration(1, "001", "c", "CREATE TABLE a (x INTEGER);\nCREATE TABLE a (x INTEGER);")
    with pytest.raises(StorageFault):
        migrate(db, [broken])
    assert tables(db) == ["schema_migration"]
    assert migrate(db, [Migration(1, "001", "d", "CREATE TABLE a (x INTEGER);")]) == ["001"]


def test_numbers_without_a_gap(tmp_path: Path) -> None:
    (tmp_path / "001_a.sql").write_text("SELECT 1;")
    (tmp_path / "003_c.sql").write_text("SELECT 1;")
    with pytest.raises(EnvironmentFault, match="not numbered"):
        read_migrations(tmp_path)
    (tmp_path / "bad.sql").write_text("SELECT 1;")
    with pytest.raises(EnvironmentFault, match="has no number"):
        read_migrations(tmp_path)


# --- transactions ------------------------------------------------------------------------------------------


def test_a_transaction_is_whole_or_nothing(number: Database) -> None:
    for begin in (number.write, number.write_alongside):

        def fail(begin: Callable[[], AbstractContextManager[Connection]] = begin) -> None:
            with begin() as work:
                work.execute("INSERT INTO a VALUES (1)")
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fail()
    assert numbers(number) == []


def test_readers_cannot_write_and_do_not_wait_for_the_writer(number: Database) -> None:
    with number.write() as work:
        work.execute("INSERT INTO a VALUES (1)")
        assert numbers(number) == []
        with pytest.raises(StorageFault, match=r"readonly|read-only"), number.read() as view:
            view.execute("INSERT INTO a VALUES (2)")
    assert numbers(number) == [1]


def test_a_view_stays_as_it_began(number: Database) -> None:
    with number.read() as view:
        assert view.execute("SELECT count(*) FROM a").fetchone()[0] == 0
        with number.write() as work:
            work.execute("INSERT INTO a VALUES (1)")
        assert view.execute("SELECT count(*) FROM a").fetchone()[0] == 0
    assert numbers(number) == [1]


def test_writers_take_turns_in_one_process_and_in_several(opener: Callable[[], Database], number: Database) -> None:
    with number.write() as work:
        work.execute("INSERT INTO a VALUES (0)")

    def count(database: Database) -> None:
        for _ in range(40):
            with database.write() as work:
                value = work.execute("SELECT x FROM a").fetchone()[0]
                work.execute("UPDATE a SET x = ?", (value + 1,))

    other = opener()
    together(*(lambda one=one: count(one) for one in (number, number, other, other)))
    assert numbers(number) == [160]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_transaction_alongside_waits_for_no_writer(number: Database) -> None:
    with number.write() as work:
        work.execute("INSERT INTO a VALUES (1)")
        with number.write_alongside() as beside:
            beside.execute("INSERT INTO a VALUES (2)")
        assert numbers(number) == [2]
    assert numbers(number) == [1, 2]


def test_a_savepoint_undoes_its_part_alone(number: Database) -> None:
    def taken(work: Connection) -> None:
        with number.savepoint(work):
            work.execute("INSERT INTO a VALUES (2)")
            work.execute("INSERT INTO a VALUES (1)")

    def nested(work: Connection) -> None:
        with number.savepoint(work):
            work.execute("INSERT INTO a VALUES (3)")
            with number.savepoint(work):
                work.execute("INSERT INTO a VALUES (4)")
            raise ZeroDivisionError

    with number.write() as work:
        work.execute("INSERT INTO a VALUES (1)")
        with pytest.raises(Taken):
            taken(work)
        with pytest.raises(ZeroDivisionError):
            nested(work)
        with number.savepoint(work):
            work.execute("INSERT INTO a VALUES (5)")
    assert numbers(number) == [1, 5]


def test_the_counters_move_when_somebody_commits(opener: Callable[[], Database], number: Database) -> None:
    everybody, others = number.change_counter(), number.others_counter()
    assert (number.change_counter(), number.others_counter()) == (everybody, others)
    with number.write() as work:
        work.execute("INSERT INTO a VALUES (1)")
    assert number.change_counter() > everybody
    assert number.others_counter() == others, "own commits are known"
    everybody = number.change_counter()
    with opener().write() as work:
        work.execute("INSERT INTO a VALUES (2)")
    assert number.change_counter() > everybody
    assert number.others_counter() > others


# --- values, rows and errors -------------------------------------------------------------------------------


def test_rows_answer_by_name_and_place(db: Database) -> None:
    with db.read() as view:
        row = view.execute("SELECT ? AS one, 2 AS two, NULL AS three", (b"\x00x",)).fetchone()
        assert view.execute("SELECT 1 WHERE 1 = 2").fetchone() is None
    assert dict(row) == {"one": b"\x00x", "two": 2, "three": None}
    assert (row["two"], row[1], len(list(row.keys()))) == (2, 2, 3)


def test_text_is_sorted_and_compared_by_its_bytes(db: Database) -> None:
    words = ["Zebra", "a", "ba", "b a", "Ž", "z", "é", "e\u0301", "ß", "ss", "a-b", "ab", "a_b", "😀", "\uffee"]
    with db.write() as work:
        work.execute("CREATE TABLE w (t TEXT PRIMARY KEY)")
        work.executemany("INSERT INTO w VALUES (?)", [(word,) for word in words])
        got = [row["t"] for row in work.execute("SELECT t FROM w ORDER BY t")]
        after = [row["t"] for row in work.execute("SELECT t FROM w WHERE t > ? ORDER BY t", ("b a",))]
    assert got == sorted(words, key=str.encode)
    assert after == got[got.index("b a") + 1 :]


def test_errors_are_the_port_s_and_tell_no_value(db: Database) -> None:
    migrate(db)
    with db.write() as work:
        work.execute("INSERT INTO office (id, name) VALUES ('101', 'Praha')")
    for kind, sql, parameters in (
        (Taken, "INSERT INTO office (id, name) VALUES (?, ?)", ("101", "Secret")),
        (Unfit, "INSERT INTO office (id, name) VALUES (?, ?)", ("102", None)),
        (Unfit, "INSERT INTO staff_call (number, terminal) VALUES (?, ?)", (1, "Secret")),
        (Unfit, "INSERT INTO former_name VALUES (?, ?, ?)", ("nobody", "Secret", "x")),
        (StorageFault, "SELECT 1 FROM no_such_table WHERE x = ?", ("Secret",)),
    ):
        with pytest.raises(kind) as told, db.write() as work:
            work.execute(sql, parameters)
        assert (told.type is Taken) == (kind is Taken)
        assert "Secret" not in str(told.value)


def test_a_nul_is_asked_for_in_vain(db: Database) -> None:
    migrate(db)
    with db.write() as work:
        work.execute("INSERT INTO office (id, name) VALUES ('101', 'Praha')")
    with db.read() as view:
        assert view.execute("SELECT 1 FROM office WHERE id = ?", ("101\0",)).fetchone() is None


def kind_of(data_type: str) -> str:
    return "bigint" if data_type == "xid8" else data_type


def test_the_two_dialects_keep_the_same(tmp_path: Path) -> None:
    """Tables, columns, kinds, NOT NULL, primary keys, and the indexes that we named; a transaction's id counts as a number."""
    sqlite = open_database(tmp_path / "x.db")
    migrate(sqlite)
    with sqlite.read() as view:
        kinds = {"TEXT": "text", "INTEGER": "bigint", "BLOB": "bytea"}
        kept = {
            (table, row["name"]): (kinds[row["type"]], bool(row["notnull"] or row["pk"]), bool(row["pk"]))
            for table in tables(sqlite)
            for row in view.execute(f"PRAGMA table_info({table})")
        }
        indexes = {
            row["name"]
            for row in view.execute("SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
        }
    sqlite.close()
    with empty_database() as url:
        postgresql = open_database(url)
        migrate(postgresql)
        with postgresql.read() as view:
            other = {
                (row["table_name"], row["column_name"]): (
                    kind_of(row["data_type"]),
                    row["is_nullable"] == "NO",
                    bool(row["pk"]),
                )
                for row in view.execute(
                    "SELECT c.table_name, c.column_name, c.data_type, c.is_nullable, EXISTS ("
                    "SELECT 1 FROM information_schema.key_column_usage k JOIN information_schema.table_constraints t "
                    "USING (constraint_name, table_name) WHERE t.constraint_type = 'PRIMARY KEY' "
                    "AND k.table_name = c.table_name AND k.column_name = c.column_name) AS pk "
                    "FROM information_schema.columns c WHERE c.table_schema = current_schema()"
                )
            }
            other_indexes = {
                row["indexname"]
                for row in view.execute(
                    "SELECT indexname FROM pg_indexes WHERE schemaname = current_schema() "
                    "AND indexname NOT IN (SELECT conname FROM pg_constraint)"
                )
            }
        postgresql.close()
    assert kept == other
    assert indexes == other_indexes
    assert [one.name for one in read_migrations(MIGRATIONS / "sqlite")] == [
        one.name for one in read_migrations(MIGRATIONS / "postgresql")
    ]
