"""`feed_empty_poll_ms`, `feed_10m_vs_1m`: what the feed costs in PostgreSQL, with nothing new and with many rows around.

Both call the port that the server calls (`back_office.repository.feed`), over a UNIX socket, in a transaction that is open.
The rows are generated in the database, 2,000 offices: most rows were written before the 1,000 changes that are asked
for, a quarter after them.
"""

from __future__ import annotations

import statistics
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg

from back_office.database import migrate, open_database
from back_office.repository import feed
from back_office.repository.feed import Place
from benchmarks.figures import Figure, limited, spread_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from back_office.database import Connection, Database

EMPTY_LIMIT_MS = 0.3
GOAL = 1.1
ASKING = "0001"
OFFICES = 2_000
CHANGED = 1_000
HELD = 50_000
"""People of the office that asks, changed or not."""
SMALLER, LARGER = 1_000_000, 10_000_000
POLLS, READS = 400, 60
WARM_UP = 20
_SIZE = 2_000
"""Bytes of a sealed document; the same in both databases."""


def generate(url: str, rows: int, *, held: int = HELD, changed: int = CHANGED) -> Place:
    """Make a feed of `rows` rows; the place after which the office that asks finds `changed` of them.

    `scope_feed` alone has that many rows, for which no persons are needed; documents are there for the office that asks.
    """
    database = open_database(url)
    try:
        migrate(database)
    finally:
        database.close()
    with psycopg.connect(url, autocommit=True) as db:
        db.execute(f"INSERT INTO office (id, name) SELECT to_char(n, 'FM0000'), 'Office' FROM generate_series(1, {OFFICES}) n")
        db.execute(
            "INSERT INTO person (number, given_name, family_name, birth_date, office, language) "
            f"SELECT 'b' || n, 'A', 'B', '1950-01-01', '{ASKING}', 'cs' FROM generate_series(1, {held}) n"
        )
        db.execute("UPDATE person_record SET done = touched")
        db.execute(
            "INSERT INTO sealed_record (record, version, fingerprints, document, sealed_at) "
            "SELECT record_id, 1, decode(repeat('ab', 32), 'hex'), "
            f"decode(repeat(md5(person), {_SIZE // 16}), 'hex'), '2026-03-04T10:00:00.000000Z' FROM person_record"
        )
        others = rows - held
        with _without_indexes(db):
            _spread(db, 1, others // 2)
            _give(db, f"SELECT record_id FROM person_record ORDER BY record_id OFFSET {changed}")
            row = db.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text").fetchone()
            place = Place(int(row[0] if row else 0))
            _spread(db, others // 2 + 1, others * 3 // 4)
            _give(db, f"SELECT record_id FROM person_record ORDER BY record_id LIMIT {changed}")
            _spread(db, others * 3 // 4 + 1, others)
        for table in ("scope_feed", "sealed_record", "person_record"):
            db.execute(f"VACUUM (ANALYZE, FREEZE) {table}")
        db.execute("CHECKPOINT")
    return place


@contextmanager
def _without_indexes(db: psycopg.Connection[Any]) -> Iterator[None]:
    """Fill `scope_feed` as one does: indexes afterwards, and no look at the office of each row."""
    key = "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'scope_feed'::regclass AND contype = 'p'"
    constraints = db.execute(key).fetchall()
    for name, _ in constraints:
        db.execute(f"ALTER TABLE scope_feed DROP CONSTRAINT {name}")
    indexes = db.execute("SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'scope_feed'").fetchall()
    for name, _ in indexes:
        db.execute(f"DROP INDEX {name}")
    db.execute("SET session_replication_role = replica")
    yield
    db.execute("SET session_replication_role = origin")
    db.execute("SET maintenance_work_mem = '512MB'")
    for name, made in constraints:
        db.execute(f"ALTER TABLE scope_feed ADD CONSTRAINT {name} {made}")
    for _, made in indexes:
        db.execute(made)


def _spread(db: psycopg.Connection[Any], first: int, last: int) -> None:
    """Rows of all other offices, one after the other."""
    db.execute(
        "INSERT INTO scope_feed (office, record, op, reasons, expires_at, changed_at) "
        f"SELECT to_char(2 + n % {OFFICES - 1}, 'FM0000'), decode(md5(n::text), 'hex'), 'U', 1, 4102444800, "
        f"'2026-03-04T10:00:00.000000Z' FROM generate_series({first}, {last}) n"
    )


def _give(db: psycopg.Connection[Any], records: str) -> None:
    db.execute(
        "INSERT INTO scope_feed (office, record, op, reasons, expires_at, changed_at) "
        f"SELECT '{ASKING}', record_id, 'U', 1, 4102444800, '2026-03-04T10:00:00.000000Z' FROM ({records}) AS given"
    )


def empty_poll(database: Database, polls: int = POLLS) -> Figure:
    """The row: standing and page of a terminal that has everything."""
    times = []
    with database.read() as db:
        store = feed.store_of(db)
        newest = Place(store.standing(db, ASKING).newest)
        for number in range(polls + WARM_UP):
            began = time.perf_counter()
            store.standing(db, ASKING)
            rows = store.page(db, ASKING, newest, CHANGED)
            if number >= WARM_UP:
                times.append((time.perf_counter() - began) * 1000)
            assert not rows  # noqa: S101 - or something else was measured
    return limited("feed_empty_poll_ms", statistics.median(times), "ms", EMPTY_LIMIT_MS, polls, spread_of(times, 3))


def ten_to_one(larger: tuple[Database, Place], smaller: tuple[Database, Place], reads: int = READS) -> Figure:
    """The row: 1,000 changes out of many rows, beside the same out of a tenth of them, turn by turn."""
    times: dict[int, list[float]] = {0: [], 1: []}
    with larger[0].read() as many, smaller[0].read() as few:
        for number in range(reads + WARM_UP):
            for which, db, place in ((0, many, larger[1]), (1, few, smaller[1])):
                took = _read(db, place)
                if number >= WARM_UP:
                    times[which].append(took * 1000)
    return Figure(
        "feed_10m_vs_1m", statistics.median(times[0]), "ms", "a tenth of the rows", statistics.median(times[1]), reads,
        GOAL, spread_of(times[0], 2),
    )  # fmt: skip


def _read(db: Connection, place: Place) -> float:
    began = time.perf_counter()
    rows = feed.store_of(db).page(db, ASKING, place, 2 * CHANGED)
    took = time.perf_counter() - began
    assert len(rows) == CHANGED  # noqa: S101 - or something else was measured
    return took
