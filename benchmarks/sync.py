"""The rows of the sync engine that this folder has: filling and following a cache, sealing, the feed, waiting, coming back."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from back_office.database import open_database
from benchmarks import (
    decide,
    delta_1k,
    feed_rows,
    fleet_return,
    hydrate_50k,
    long_poll_kb,
    receive,
    seal,
    sealed_people,
)
from benchmarks.figures import say
from benchmarks.post_office import post_office
from benchmarks.served_office import cluster, prepared, served
from kiosk.agent import log

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from back_office.database import Database
    from back_office.database.private_cluster import PrivateCluster
    from back_office.repository.feed import Place
    from benchmarks.figures import Figure

POLLED_ROWS = 100_000
"""Feed rows around the empty poll: its cost does not hang on them (`feed_10m_vs_1m`)."""
POLLED_HELD = 5_000


def measure(folder: Path, people: int) -> list[Figure]:
    """What fits into a short run, one thing at a time."""
    log.configure(folder / "agent.log")
    figures: list[Figure] = []
    with cluster(folder) as database:
        with prepared(folder, database, "small") as it, served(it) as office:
            signer = it.keyring.keys().signer
            say("sealing")
            figures.append(seal.figure(signer))
            kind = sealed_people.small(signer)
            say(f"the first sync of {people} people, {kind.name}")
            figures.append(hydrate_50k.figure(office, kind, "hydrate_50k", people))
            say("changes")
            figures.append(delta_1k.figure(office, kind, min(delta_1k.CHANGED, people)))
        database.drop_database("small")
        with prepared(folder, database, "mix") as it, served(it) as office:
            kind = sealed_people.mix(it.keyring.keys().signer)
            say(f"the first sync of {people} people, {kind.name}")
            figures.append(hydrate_50k.figure(office, kind, "hydrate_50k_mix", people))
        database.drop_database("mix")
        say("a poll that finds nothing")
        with _generated(database, "polled", POLLED_ROWS, POLLED_HELD) as (opened, _):
            figures.append(feed_rows.empty_poll(opened))
    return figures


def measure_delivery(folder: Path, rounds: int) -> list[Figure]:
    """Receiving and deciding, each in a back office of its own."""
    say("receiving")
    received, decided = folder / "receive", folder / "decide"
    for place in (received, decided):
        place.mkdir(parents=True)
    with post_office(received) as office:
        figures = receive.figures(office, rounds)
    say("deciding")
    with post_office(decided) as office:
        return [*figures, decide.figure(office, max(3, rounds // 3))]


def measure_feed(folder: Path, rows: int) -> list[Figure]:
    """The feed among many rows and among a tenth of them."""
    held = min(feed_rows.HELD, rows // 20)
    with cluster(folder) as database, contextlib.ExitStack() as stack:
        say(f"{rows // 10} feed rows")
        few = stack.enter_context(_generated(database, "few", rows // 10, held))
        say(f"{rows} feed rows")
        many = stack.enter_context(_generated(database, "many", rows, held))
        return [feed_rows.ten_to_one(many, few)]


@contextlib.contextmanager
def _generated(database: PrivateCluster, name: str, rows: int, held: int) -> Iterator[tuple[Database, Place]]:
    url = database.create_database(name)
    place = feed_rows.generate(url, rows, held=held)
    opened = open_database(url)
    try:
        yield opened, place
    finally:
        opened.close()


def measure_polls(folder: Path, polls: int) -> list[Figure]:
    """Terminals that wait."""
    with cluster(folder) as database, prepared(folder, database, "polls") as it, served(it) as office:
        say(f"{polls} terminals wait")
        return [long_poll_kb.figure(office, polls)]


def measure_fleet(folder: Path, terminals: int, entries: int) -> list[Figure]:
    """A fleet that comes back, with a cell for each 9,000 terminals."""
    with cluster(folder) as database, contextlib.ExitStack() as stack:
        cells = []
        for number, share in enumerate(fleet_return.shares(terminals)):
            it = stack.enter_context(prepared(folder, database, f"cell{number}", as_shipped=True))
            cells.append(fleet_return.cell(stack.enter_context(served(it)), share))
        say(f"{terminals} terminals come back with {entries} entries each, {len(cells)} back offices")
        return [fleet_return.figure(cells, entries)]
