"""A record as long as records get: 45 years, twelve employers, every third year two of them side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from back_office.installation import open_installation
from back_office.repository import records
from back_office.repository.records import Contribution

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FIRST, LAST, EMPLOYERS = 1981, 2025, 12
BORN = "1966-09-30"
"""Sixty years old: an estimate has all bars from 60 to 70."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What the record has, for whoever reads the figure."""

    years: int
    employers: int
    lines: int


def give(state: Path, number: str) -> Shape:
    """Give the person with this number such a record; before the server of this state folder starts."""
    lines = list(contributions(number))
    with open_installation(state) as it, it.work() as work:
        work.db.execute("DELETE FROM contribution WHERE person = ?", (number,))
        work.db.execute("UPDATE person SET birth_date = ? WHERE number = ?", (BORN, number))
        records.add_contributions(work.db, lines)
    return Shape(len({one.year for one in lines}), len({one.employer for one in lines}), len(lines))


def contributions(number: str) -> Iterator[Contribution]:
    """Give the lines, oldest first."""
    for n, year in enumerate(range(FIRST, LAST + 1)):
        main = n * EMPLOYERS // (LAST - FIRST + 1)
        yield _line(number, year, main, 24_000_000 + 900_000 * n)
        if n % 3 == 0:
            yield _line(number, year, (main + 1) % EMPLOYERS, 3_000_000)


def _line(number: str, year: int, employer: int, pay: int) -> Contribution:
    return Contribution(
        person=number,
        year=year,
        employer=f"{45270000 + employer:08d}",
        valid_from=f"{year}-01-01",
        valid_to=f"{year}-12-31",
        kind="worked",
        employer_name=f"Zaměstnavatel číslo {employer + 1}, a.s.",
        pay=pay,
        old_age=pay * 28 // 100,
        accident=pay // 200,
        health=pay * 135 // 1000,
        unemployment=pay * 12 // 1000,
    )
