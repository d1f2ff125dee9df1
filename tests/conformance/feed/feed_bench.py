"""What the feed's conformance suite works with: writers with open transactions, a model of the truth, terminals that read.

Everything goes through the port (`FeedStore`) and the pages terminals get (`back_office.feed.read`), so that another
adapter, or a wrong one, is judged by the same tests.
"""

from __future__ import annotations

import random
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from postgresql_cluster import empty_database

from back_office import feed
from back_office.database import migrate, open_database
from back_office.feed import Page
from back_office.repository.feed import store_of
from back_office.scope import Held
from kiosk.wire.feed import MARK_EVERY, Delete, FrameSplitter, Mark, Upsert

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from back_office.database import Connection, Database
    from kiosk.wire.feed import Frame

AT = datetime(2026, 3, 4, 10, tzinfo=UTC)
NOW = "2026-03-04T10:00:00.000000Z"
OFFICES = ("101", "102", "103")
HELD = Held(1, AT + timedelta(days=100))


class Missed(AssertionError):  # noqa: N818 - as the tests speak
    """A reader does not know what it must know, or knows what it must not."""


@contextmanager
def opened(kind: str, folder: Path) -> Iterator[Database]:
    """A migrated, empty database with three offices."""
    if kind == "sqlite":
        yield from _filled(open_database(folder / "feed.db"))
        return
    with empty_database() as url:
        yield from _filled(open_database(url))


def _filled(database: Database) -> Iterator[Database]:
    try:
        migrate(database)
        with database.write() as db:
            for office in OFFICES:
                db.execute("INSERT INTO office (id, name) VALUES (?, ?) ON CONFLICT DO NOTHING", (office, office))
        yield database
    finally:
        database.close()


def record_id(n: int) -> bytes:
    """An id whose order says nothing about the order of writing."""
    return random.Random(n).randbytes(16)


def add_people(database: Database, count: int, first: int = 0) -> None:
    """Persons that no office holds yet."""
    with database.write() as db:
        for n in range(first, first + count):
            db.execute(
                "INSERT INTO person (number, given_name, family_name, birth_date, office, language) "
                "VALUES (?, 'A', 'B', '1950-01-01', '101', 'cs')",
                (f"p{n}",),
            )
            db.execute(
                "UPDATE person_record SET record_id = ?, done = touched WHERE person = ?", (record_id(n), f"p{n}")
            )


State = dict[str, dict[bytes, int]]
"""What each office holds: record and version."""


def empty_state() -> State:
    return {office: {} for office in OFFICES}


@dataclass
class Writer:
    """One open transaction and what it would change."""

    context: AbstractContextManager[Connection]
    db: Connection
    changes: list[tuple[str, bytes, int | None]] = field(default_factory=list)
    records: set[int] = field(default_factory=set)

    def put(self, n: int, version: int, offices: tuple[str, ...]) -> None:
        """Seal a new version and give it to offices; whoever else holds it loses it."""
        store, record = store_of(self.db), record_id(n)
        self.records.add(n)
        self.db.execute(
            "INSERT INTO sealed_record (record, version, fingerprints, document, sealed_at) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (record) DO UPDATE SET version = excluded.version, document = excluded.document",
            (record, version, bytes([n % 251]) * 32, f"{n}/{version}".encode(), NOW),
        )
        for office in store.held(self.db, record):
            if office not in offices:
                store.remove(self.db, office, record, NOW)
                self.changes.append((office, record, None))
        for office in offices:
            store.put(self.db, office, record, HELD, NOW)
            self.changes.append((office, record, version))

    def commit(self, truth: State) -> None:
        """End it well."""
        self.context.__exit__(None, None, None)
        for office, record, version in self.changes:
            if version is None:
                truth[office].pop(record, None)
            else:
                truth[office][record] = version

    def rollback(self) -> None:
        """End it as if it had never been."""
        error = RuntimeError("rolled back")
        with suppress(RuntimeError):
            self.context.__exit__(RuntimeError, error, None)


def begin(database: Database, *, alone: bool = False) -> Writer:
    """Open a transaction beside others (`alone`: an ordered one)."""
    context: Any = database.write() if alone else database.write_alongside()
    return Writer(context, context.__enter__())


@dataclass
class Terminal:
    """A reader of one office's feed that keeps what it is told, as a terminal does."""

    database: Database
    office: str
    cursor: str = ""
    known: dict[bytes, int] = field(default_factory=dict)
    seen: set[bytes] = field(default_factory=set)
    """Every record it was ever given."""

    def page(self, limit: int = 7) -> Page:
        page = feed.read(self.database, self.office, self.cursor, limit)
        if not isinstance(page, Page):
            raise Missed(f"{self.office}: {page.code}")
        return page

    def poll(self, limit: int = 7) -> bool:
        """Read one page; True when more follows."""
        return self.take(self.page(limit).body)

    def take(self, body: bytes) -> bool:
        """Keep what came, up to the last whole MARK."""
        splitter = FrameSplitter()
        frames = splitter.feed(body)
        assert isinstance(frames, list), frames
        pending: list[Frame] = []
        more = True
        for frame in frames:
            pending.append(frame)
            if isinstance(frame, Mark):
                assert len(pending) <= MARK_EVERY + 1
                self._apply(pending)
                self.cursor, more, pending = frame.cursor, frame.more, []
        return more

    def _apply(self, frames: list[Frame]) -> None:
        for frame in frames:
            if isinstance(frame, Upsert):
                n, version = frame.document.split(b"/")
                assert record_id(int(n)) == frame.record_id
                assert frame.fingerprints == (bytes([int(n) % 251]) * 32,)
                assert int(version) == frame.version, "row and document are of one version"
                self.known[frame.record_id] = frame.version
                self.seen.add(frame.record_id)
            elif isinstance(frame, Delete):
                self.known.pop(frame.record_id, None)

    def catch_up(self, limit: int = 7) -> None:
        """Read until nothing follows."""
        while self.poll(limit):
            pass

    def check(self, truth: State) -> None:
        """Compare with the truth."""
        if self.known != truth[self.office]:
            missing = truth[self.office].items() - self.known.items()
            extra = self.known.items() - truth[self.office].items()
            raise Missed(f"{self.office}: {len(missing)} not known, {len(extra)} known wrongly")


def run_schedule(database: Database, seed: int, people: int = 12, steps: int = 60) -> None:
    """Play one random interleaving of writers, long ones and rolled-back ones among them, and readers; then compare.

    On SQLite one transaction is open at a time: that is its promise, and the suite does not break it.
    """
    draw = random.Random(seed)
    add_people(database, people, first=seed * people)
    base = seed * people
    most = 1 if database.dialect == "sqlite" else 3
    truth, writers, version = empty_state(), [], 1
    granted: dict[str, set[bytes]] = {office: set() for office in OFFICES}
    terminals = {office: Terminal(database, office) for office in OFFICES}
    for terminal in terminals.values():
        terminal.catch_up()
        terminal.known.clear()  # what earlier schedules left
    for _ in range(steps):
        act = draw.random()
        if act < 0.2 and len(writers) < most:
            writers.append(begin(database))
        elif act < 0.55 and writers:
            writer = draw.choice(writers)
            busy = set[int]().union(*(one.records for one in writers if one is not writer))
            free = [n for n in range(base, base + people) if n not in busy]
            version += 1
            offices = tuple(draw.sample(OFFICES, draw.randint(0, 2)))
            n = draw.choice(free)
            writer.put(n, version, offices)
            for office in offices:
                granted[office].add(record_id(n))
        elif act < 0.75 and writers:
            writer = writers.pop(draw.randrange(len(writers)))
            if draw.random() < 0.25:
                writer.rollback()
            else:
                writer.commit(truth)
        else:
            terminals[draw.choice(OFFICES)].poll(draw.choice((1, 2, 5, 50)))
    for writer in writers:
        writer.commit(truth)
    for office, terminal in terminals.items():
        terminal.catch_up()
        terminal.check(truth)
        leaked = {record for record in terminal.seen if record in {record_id(n) for n in range(base, base + people)}}
        if not leaked <= granted[office]:
            raise Missed(f"{office} was given a record that was never its own")
