"""A database that was put back to an older state ends every cursor, so that nobody keeps what never happened."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from feed_bench import OFFICES, Terminal, add_people, begin, empty_state, opened, record_id
from postgresql_cluster import cluster

from back_office import feed
from back_office.api_types import Refused
from back_office.database import migrate, open_database
from back_office.installation import Work
from back_office.repository import ledger
from kiosk.system import SystemClock, SystemIds

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from back_office.database import Connection, Database


class Office:
    """As much of an installation as the watch over history looks at."""

    def __init__(self, database: Database, state: Path) -> None:
        self.database = database
        self.state = state
        self.clock = SystemClock()
        self.ids = SystemIds(self.clock)
        (state / "back-office").mkdir(exist_ok=True)

    @contextmanager
    def work(self) -> Iterator[Work]:
        with self.database.write() as db:
            yield Work(db, self, self.clock.now())  # type: ignore[arg-type]

    def check(self, *, starting: bool = False) -> bool:
        return feed.check_history(self, starting=starting)  # type: ignore[arg-type]


def put(database: Database, n: int, version: int, *offices: str) -> None:
    writer = begin(database, alone=True)
    writer.put(n, version, offices)
    writer.commit(empty_state())


def lived(database: Database) -> None:
    """A little history: three records at one office."""
    add_people(database, 6)
    for n in range(3):
        put(database, n, 1, "101")


def went_on(database: Database, terminal: Terminal) -> None:
    """What the copy does not know: a record more, one gone; the terminal saw it."""
    put(database, 3, 1, "101")
    put(database, 0, 2)
    terminal.catch_up()
    assert set(terminal.known) == {record_id(1), record_id(2), record_id(3)}


def begins_again(database: Database, terminal: Terminal) -> None:
    page = feed.read(database, "101", terminal.cursor, 10)
    assert isinstance(page, Refused)
    assert (page.status, page.code) == (410, "epoch_changed")
    again = Terminal(database, "101")
    again.catch_up()
    assert again.known == {record_id(n): 1 for n in range(3)}
    put(database, 4, 1, "101")
    again.catch_up()
    assert record_id(4) in again.known


def test_a_copied_file_put_back_is_noticed(tmp_path: Path) -> None:
    with opened("sqlite", tmp_path) as database:
        office = Office(database, tmp_path)
        lived(database)
        assert not office.check()
    shutil.copy(tmp_path / "feed.db", tmp_path / "copy.db")
    database = open_database(tmp_path / "feed.db")
    office = Office(database, tmp_path)
    terminal = Terminal(database, "101")
    went_on(database, terminal)
    assert not office.check()
    database.close()
    for left in tmp_path.glob("feed.db*"):
        left.unlink()
    shutil.copy(tmp_path / "copy.db", tmp_path / "feed.db")
    database = open_database(tmp_path / "feed.db")
    office = Office(database, tmp_path)
    assert office.check()
    begins_again(database, terminal)
    assert not office.check(), "once is enough"
    database.close()


def test_a_copy_that_has_caught_up_again_is_noticed(tmp_path: Path) -> None:
    """What the mark knows of positions is not newer: the copy knows of fewer starts of a server."""
    with opened("sqlite", tmp_path) as database:
        lived(database)
        assert not Office(database, tmp_path).check(starting=True)
    shutil.copy(tmp_path / "feed.db", tmp_path / "copy.db")
    database = open_database(tmp_path / "feed.db")
    terminal = Terminal(database, "101")
    assert not Office(database, tmp_path).check(starting=True)
    went_on(database, terminal)  # and the server dies before it has kept how far that is
    database.close()
    for left in tmp_path.glob("feed.db*"):
        left.unlink()
    shutil.copy(tmp_path / "copy.db", tmp_path / "feed.db")
    database = open_database(tmp_path / "feed.db")
    office = Office(database, tmp_path)
    assert office.check(starting=True)
    begins_again(database, terminal)
    assert not office.check(starting=True), "once is enough"
    database.close()


def test_what_another_server_of_the_folder_does_meanwhile_is_no_restore(tmp_path: Path) -> None:
    """Right after the look at the database another server starts, goes on and keeps how far it has come."""
    with opened("postgresql", tmp_path) as database:
        lived(database)
        other = Office(database, tmp_path)
        assert not other.check(starting=True)

        class Overtaken(Office):
            @contextmanager
            def read(self) -> Iterator[Connection]:
                with database.read() as db:
                    yield db
                if not overtaken:
                    overtaken.append(True)
                    assert not other.check(starting=True)
                    went_on(database, Terminal(database, "101"))
                    assert not other.check()

        overtaken: list[bool] = []
        slow = Overtaken(database, tmp_path)
        slow.write = database.write  # type: ignore[attr-defined]
        slow.database = slow  # type: ignore[assignment]
        assert not slow.check()
        assert overtaken
        assert not other.check()


def test_a_mark_that_cannot_be_kept_stops_nobody(tmp_path: Path) -> None:
    with opened("sqlite", tmp_path) as database:
        lived(database)
        office = Office(database, tmp_path)
        assert not office.check(starting=True)
        mark = tmp_path / feed.MARK_FILE
        mark.unlink()
        mark.mkdir()  # nothing can be put in its place
        assert not office.check(starting=True)
        mark.rmdir()
        assert not office.check()
        assert mark.is_file()


def test_a_backup_restored_beside_it_is_noticed(tmp_path: Path) -> None:
    """Under another name in the same cluster: what it says of positions is another history."""
    url = cluster().create_database("feed_before")
    database = open_database(url)
    migrate(database)
    with database.write() as db:
        for office_id in OFFICES:
            db.execute("INSERT INTO office (id, name) VALUES (?, ?)", (office_id, office_id))
    lived(database)
    assert not Office(database, tmp_path).check()
    database.close()
    copy = cluster().create_database("feed_copy", "feed_before")
    try:
        database = open_database(url)
        terminal = Terminal(database, "101")
        went_on(database, terminal)
        assert not Office(database, tmp_path).check()
        database.close()
        database = open_database(copy)
        office = Office(database, tmp_path)
        assert office.check()
        begins_again(database, terminal)
        assert not office.check(), "once is enough"
        database.close()
    finally:
        cluster().drop_database("feed_before")
        cluster().drop_database("feed_copy")


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_an_operator_can_say_so(kind: str, tmp_path: Path) -> None:
    with opened(kind, tmp_path) as database:
        office = Office(database, tmp_path)
        lived(database)
        terminal = Terminal(database, "101")
        terminal.catch_up()
        with office.work() as work:
            feed.restart(work, "olga", "restored from the backup of Monday")
        begins_again(database, terminal)
        with database.read() as db:
            (line,) = ledger.audit_lines(db, "feed")
        assert (line.action, line.actor, line.purpose) == (
            "feed.restarted",
            "olga",
            "restored from the backup of Monday",
        )


def test_the_mark_on_disk_may_be_gone_or_torn(tmp_path: Path) -> None:
    with opened("sqlite", tmp_path) as database:
        office = Office(database, tmp_path)
        lived(database)
        assert not office.check()
        (tmp_path / feed.MARK_FILE).write_text('{"epoch": ')
        assert not office.check()
        (tmp_path / feed.MARK_FILE).unlink()
        assert not office.check()
        assert (tmp_path / feed.MARK_FILE).is_file()
