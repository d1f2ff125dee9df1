"""`delta_1k`: 1,000 changed people into a cache of 50,000 that serves, beside plain SQLite taking the same rows.

Ours: from the worker's request to the feed until the rows and their cursor are committed; the terminal starts anew before
each, so that it asks at once. The peer: `executemany` of the same sealed bytes over the rows that are there, in one
transaction. Other people change each time.
"""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

from benchmarks import sealed_people
from benchmarks.cache_runs import PlainCache, TerminalCache, newest, rows_of
from benchmarks.figures import Figure, spread_of
from benchmarks.served_office import OFFICE

if TYPE_CHECKING:
    from benchmarks.sealed_people import Kind
    from benchmarks.served_office import ServedOffice

GOAL = 3.0
CHANGED = 1_000
ROUNDS = 7


def figure(office: ServedOffice, kind: Kind, changed: int = CHANGED, rounds: int = ROUNDS) -> Figure:
    """The row; the office's feed has been filled (`hydrate_50k`)."""
    terminal, plain = TerminalCache(office.it.state / "followed", office), PlainCache(office.it.state / "followed.db")
    terminal.fill()
    plain.fill(rows_of(office))
    ours, theirs = [], []
    for number in range(rounds):
        before = newest(office)
        sealed_people.change(office.database_url, OFFICE, kind, changed, seed=number)
        ours.append(terminal.follow() * 1000)
        theirs.append(plain.follow(rows_of(office, before)) * 1000)
    plain.close()
    return Figure(
        "delta_1k", statistics.median(ours), "ms", "plain SQLite, FULL", statistics.median(theirs), rounds, GOAL,
        spread_of(ours),
    )  # fmt: skip
