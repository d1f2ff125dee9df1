"""`hydrate_50k`, `hydrate_50k_mix`: from an empty terminal to a durable encrypted cache, beside plain SQLite.

Ours: the sync worker of the agent in this process, from its start on an empty folder until the new cache has its name
(synced, renamed, the folder synced, opened for lookups); the pages come over loopback HTTPS, signed requests, from a served
back office on PostgreSQL. The peer: `executemany` of the same sealed bytes into plain SQLite, from memory. Turn by turn.
"""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

from benchmarks import sealed_people
from benchmarks.cache_runs import PlainCache, TerminalCache, rows_of
from benchmarks.figures import Figure, spread_of
from benchmarks.served_office import OFFICE

if TYPE_CHECKING:
    from benchmarks.sealed_people import Kind
    from benchmarks.served_office import ServedOffice

GOAL = 2.0
PEOPLE = 50_000
ROUNDS = 3


def figure(office: ServedOffice, kind: Kind, name: str, people: int = PEOPLE, rounds: int = ROUNDS) -> Figure:
    """One row; fills the office's feed, which must be empty, and leaves the last cache in `STATE/hydrated`."""
    sealed_people.fill(office.database_url, OFFICE, kind, people)
    rows = rows_of(office)
    terminal, plain = TerminalCache(office.it.state / "hydrated", office), PlainCache(office.it.state / "plain.db")
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(terminal.fill())
        theirs.append(plain.fill(rows))
    plain.close()
    return Figure(
        name, statistics.median(ours), "s", "plain SQLite, FULL", statistics.median(theirs), rounds, GOAL,
        f"{spread_of(ours, 2)}; {kind.mean_plain / 1000:.1f} KB, {kind.mean_sealed / 1000:.1f} sealed",
    )  # fmt: skip
