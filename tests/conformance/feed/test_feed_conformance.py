"""A reader of the feed never misses a change and never sees another office's person, whoever writes meanwhile."""

from __future__ import annotations

import random
import threading
from typing import TYPE_CHECKING, Any

import pytest
from feed_bench import (
    HELD,
    NOW,
    OFFICES,
    Missed,
    Terminal,
    add_people,
    begin,
    empty_state,
    opened,
    record_id,
    run_schedule,
)

from back_office import feed
from back_office.api_types import Refused
from back_office.feed import FeedWatch
from back_office.repository import feed as rows
from back_office.repository.feed import PostgresqlFeed, store_of
from kiosk.wire.feed import FrameSplitter, Mark

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from back_office.database import Database

SCHEDULES = 40


@pytest.fixture
def db_(database: str, tmp_path: Path) -> Iterator[Database]:
    with opened(database, tmp_path) as made:
        yield made


def put(database: Database, n: int, version: int, *offices: str) -> None:
    writer = begin(database, alone=True)
    writer.put(n, version, offices)
    writer.commit(empty_state())


# --- nothing is missed ----------------------------------------------------------------------------------


def test_any_interleaving_of_writers_and_readers_ends_in_the_truth(db_: Database) -> None:
    for seed in range(SCHEDULES):
        run_schedule(db_, seed)


def test_a_transaction_that_began_early_and_commits_late_is_not_missed(db_: Database) -> None:
    if db_.dialect == "sqlite":
        pytest.skip("one writer at a time: there is no other order than that of the commits")
    add_people(db_, 3)
    truth, terminal = empty_state(), Terminal(db_, "101")
    early, late = begin(db_), begin(db_)
    early.put(0, 1, ("101",))
    late.put(1, 1, ("101",))
    late.commit(truth)
    terminal.catch_up()
    assert terminal.known == {}, "beyond the horizon while the early one is under way"
    early.put(2, 1, ("101",))
    early.commit(truth)
    terminal.catch_up()
    terminal.check(truth)
    assert len(terminal.known) == 3


def test_a_reader_that_waits_is_told_again_when_the_horizon_moves(db_: Database) -> None:
    if db_.dialect == "sqlite":
        pytest.skip("what is committed is visible")
    add_people(db_, 2)
    watch = FeedWatch(Only(db_))  # type: ignore[arg-type]
    watch.moved()
    early = begin(db_)
    early.put(0, 1, ("102",))
    put(db_, 1, 1, "101")
    assert watch.moved() == ["101"]
    assert watch.moved() == ["101"], "committed, but hidden behind the early one"
    early.rollback()
    assert watch.moved() == ["101"]
    assert watch.moved() == []


class Only:
    """As much of an installation as a watch looks at."""

    def __init__(self, database: Database) -> None:
        self.database = database


def test_many_writers_at_once(db_: Database) -> None:
    """Real threads: each writes its own people in small transactions, some rolled back, while readers read."""
    writers, each, people = 5, 30, 8
    add_people(db_, writers * people)
    truths, done = [empty_state() for _ in range(writers)], threading.Event()
    failures: list[BaseException] = []

    def write(number: int) -> None:
        draw, mine = random.Random(number), truths[number]
        try:
            for version in range(1, each + 1):
                writer = begin(db_)
                for n in draw.sample(range(number * people, (number + 1) * people), 2):
                    writer.put(n, version, tuple(draw.sample(OFFICES, draw.randint(0, 2))))
                if draw.random() < 0.2:
                    writer.rollback()
                    continue
                writer.commit(mine)
        except BaseException as error:  # noqa: BLE001 - told by the test's own thread
            failures.append(error)

    terminals = [Terminal(db_, office) for office in OFFICES]

    def read(terminal: Terminal) -> None:
        try:
            while not done.is_set():
                terminal.poll(5)
        except BaseException as error:  # noqa: BLE001 - told by the test's own thread
            failures.append(error)

    readers = [threading.Thread(target=read, args=(terminal,)) for terminal in terminals]
    threads = [threading.Thread(target=write, args=(number,)) for number in range(writers)]
    for thread in [*readers, *threads]:
        thread.start()
    for thread in threads:
        thread.join()
    done.set()
    for thread in readers:
        thread.join()
    assert not failures, failures
    truth = {office: {record: kept for mine in truths for record, kept in mine[office].items()} for office in OFFICES}
    for terminal in terminals:
        terminal.catch_up()
        terminal.check(truth)


# --- the suite would catch it -----------------------------------------------------------------------------


class SerialFeed(PostgresqlFeed):
    """Wrong on purpose: a number drawn from a sequence when the row is written; everything committed is read at once."""

    _NEXT = "CAST(CAST(nextval('wrong_feed') AS TEXT) AS xid8)"
    _VISIBLE = "1 = 1"
    _NEWEST = "CAST(1 AS BIGINT) << 62"


class HalfFixedFeed(SerialFeed):
    """Wrong on purpose: the serial number, and only rows of transactions older than every one under way."""

    _VISIBLE = (
        "CAST(CAST(scope_feed.xmin AS TEXT) AS BIGINT) "
        "< CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS TEXT) AS BIGINT)"
    )


@pytest.mark.parametrize("wrong", [SerialFeed, HalfFixedFeed])
def test_a_serial_cursor_would_be_caught(wrong: type[PostgresqlFeed], tmp_path: Path, monkeypatch: Any) -> None:
    with opened("postgresql", tmp_path) as database:
        with database.write() as db:
            db.execute("CREATE SEQUENCE wrong_feed")
        monkeypatch.setattr(rows, "_STORES", {"postgresql": wrong()})
        caught = 0
        for seed in range(SCHEDULES):
            try:
                run_schedule(database, seed)
            except Missed:
                caught += 1
        assert caught >= 3, "the suite lets a serial cursor pass"


class LeakingFeed(PostgresqlFeed):
    """Wrong on purpose: a move takes nothing from the old office."""

    def remove(self, db: Any, office: str, record: bytes, at: str) -> None:
        pass


def test_a_move_that_leaves_the_record_behind_would_be_caught(tmp_path: Path, monkeypatch: Any) -> None:
    with opened("postgresql", tmp_path) as database:
        monkeypatch.setattr(rows, "_STORES", {"postgresql": LeakingFeed()})
        with pytest.raises(Missed):
            run_schedule(database, 1)


# --- moves, deletions, pages ------------------------------------------------------------------------------


def test_a_move_is_a_deletion_there_and_a_record_here(db_: Database) -> None:
    add_people(db_, 1)
    old, new = Terminal(db_, "101"), Terminal(db_, "102")
    put(db_, 0, 1, "101")
    old.catch_up()
    new.catch_up()
    put(db_, 0, 2, "102")
    old.catch_up()
    new.catch_up()
    assert (old.known, new.known) == ({}, {record_id(0): 2})
    put(db_, 0, 3, "102")
    old.catch_up()
    assert old.known == {}, "and later versions are none of its business"
    fresh = Terminal(db_, "101")
    fresh.catch_up()
    assert fresh.seen == set()


def test_a_record_without_a_document_is_gone_wherever_it_is(db_: Database) -> None:
    add_people(db_, 1)
    terminal = Terminal(db_, "101")
    put(db_, 0, 1, "101")
    terminal.catch_up()
    with db_.write() as db:
        db.execute("DELETE FROM sealed_record WHERE record = ?", (record_id(0),))
        store_of(db).put(db, "101", record_id(0), HELD, NOW)
    terminal.catch_up()
    assert terminal.known == {}


@pytest.mark.parametrize("limit", [1, 2, 255, 256, 257, 1000])
def test_pages_of_any_size_tell_the_same(db_: Database, limit: int) -> None:
    fill(db_, 300)
    terminal = Terminal(db_, "101")
    terminal.catch_up(limit)
    assert len(terminal.known) == 300


def fill(database: Database, count: int, *, together: int = 100) -> None:
    add_people(database, count)
    for first in range(0, count, together):
        writer = begin(database, alone=True)
        for n in range(first, min(first + together, count)):
            writer.put(n, 1, ("101",))
        writer.commit(empty_state())


def test_a_first_sync_cut_at_any_byte_goes_on_where_it_was(db_: Database) -> None:
    fill(db_, 600)
    draw = random.Random(5)
    terminal = Terminal(db_, "101")
    cuts = 0
    while True:
        body = terminal.page(550).body
        if cuts < 12:
            cuts += 1
            terminal.take(body[: draw.randrange(len(body))])
            continue
        if not terminal.take(body):
            break
    assert len(terminal.known) == 600


def test_a_first_sync_says_how_far_it_is(db_: Database) -> None:
    fill(db_, 600)
    terminal = Terminal(db_, "101")
    left: list[tuple[int, int]] = []
    more = True
    while more:
        body = terminal.page(250).body
        frames = FrameSplitter().feed(body)
        assert isinstance(frames, list)
        left += [(frame.people_left, frame.bytes_left) for frame in frames if isinstance(frame, Mark)]
        more = terminal.take(body)
    total = sum(len(f"{n}/1") for n in range(600))
    assert [people for people, _ in left] == [350, 100, 0]
    assert left[-1] == (0, 0)
    assert total > left[0][1] > left[1][1] > 0


def test_nothing_new_is_nothing_new(db_: Database) -> None:
    fill(db_, 3)
    terminal = Terminal(db_, "101")
    terminal.catch_up()
    page = terminal.page()
    assert (page.new, page.cursor) == (False, terminal.cursor)
    put(db_, 0, 2, "102")
    other = Terminal(db_, "103")
    other.catch_up()
    assert not other.page().new


def test_a_page_is_an_index_scan_whatever_the_size(db_: Database) -> None:
    """No sort, no scan of a table: the cost of a page is that of its rows."""
    fill(db_, 3000, together=1000)
    store = store_of_dialect(db_)
    given = ("101", "5" if db_.dialect == "postgresql" else 5, b"", 100)
    with db_.write() as db:
        db.execute("ANALYZE")
        explain = "EXPLAIN " if db_.dialect == "postgresql" else "EXPLAIN QUERY PLAN "
        plan = [str(row[-1]) for row in db.execute(explain + store.page_sql(), given).fetchall()]
    assert any("scope_feed_by_position" in line for line in plan), plan
    assert not [line for line in plan if "Sort" in line or "Seq Scan" in line or "TEMP B-TREE" in line], plan
    assert not [line for line in plan if line.startswith("SCAN")], plan


def store_of_dialect(database: Database) -> Any:
    return rows._STORES[database.dialect]


# --- when cursors end ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["x", "0" * 16, "0" * 16 + ".1.00", "0" * 16 + ".-1.", "g" * 16 + ".1.", "0" * 16 + ".99999999999999999999."],
)
def test_what_is_no_cursor_is_said_so(db_: Database, text: str) -> None:
    page = feed.read(db_, "101", text, 10)
    assert isinstance(page, Refused)
    assert (page.status, page.code) == (422, "cursor")


def test_a_cursor_of_another_history_or_from_the_future_ends(db_: Database) -> None:
    fill(db_, 1)
    terminal = Terminal(db_, "101")
    terminal.catch_up()
    epoch, position, _record = terminal.cursor.split(".")
    for text in ("f" * 16 + f".{position}.", f"{epoch}.{2**62}."):
        page = feed.read(db_, "101", text, 10)
        assert isinstance(page, Refused)
        assert (page.status, page.code) == (410, "epoch_changed")


def test_tombstones_are_forgotten_and_only_who_missed_them_begins_again(db_: Database) -> None:
    fill(db_, 3)
    away, there, elsewhere = Terminal(db_, "101"), Terminal(db_, "101"), Terminal(db_, "102")
    for terminal in (away, there, elsewhere):
        terminal.catch_up()
    put(db_, 0, 2)
    put(db_, 1, 2)
    there.catch_up()
    with db_.write() as db:
        assert store_of(db).forget(db, "2026-03-04T10:00:00.000000Z") == 0
        assert store_of(db).forget(db, "2026-03-04T10:00:00.000001Z") == 2
    page = feed.read(db_, "101", away.cursor, 10)
    assert isinstance(page, Refused)
    assert (page.status, page.code) == (410, "cursor_too_old")
    for terminal in (there, elsewhere):
        assert not terminal.page().new
    again = Terminal(db_, "101")
    again.catch_up()
    assert again.known == {record_id(2): 1}


def test_renumbered_history_gives_everything_again(db_: Database) -> None:
    fill(db_, 5)
    put(db_, 0, 2)
    with db_.write() as db:
        store_of(db).renumber(db)
    terminal = Terminal(db_, "101")
    terminal.catch_up()
    assert terminal.known == {record_id(n): 1 for n in range(1, 5)}
