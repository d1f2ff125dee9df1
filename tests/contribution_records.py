"""Contribution records for tests: one employment a line, written shortly."""

from __future__ import annotations

from typing import Any

from kiosk.domain.record import Contribution, Person

EVERY_BRANCH = {"old_age": "1.00", "accident": "1.00", "health": "1.00", "unemployment": "1.00"}
BAKERY, MINE = ("45270007", "Pekárna"), ("45372942", "Důl")


def line(year: int, employer: tuple[str, str] = BAKERY, pay: str = "1000000.00", **other: Any) -> Contribution:
    """A whole year of work, insured for everything, unless it says otherwise."""
    values: dict[str, Any] = {
        "year": year, "start": f"{year}-01-01", "end": f"{year}-12-31", "employer": employer[0],
        "employer_name": employer[1], "kind": "worked", "pay": pay, "branches": EVERY_BRANCH,
    }  # fmt: skip
    return Contribution(**(values | other))


def person(*lines: Contribution, **other: Any) -> Person:
    """Somebody who is paid no pension, with this record."""
    values: dict[str, Any] = {
        "name": "Jana Malá", "number": "7952155431", "account": None, "version": 3, "as_of": "2026-11-20T08:00:00Z",
        "birth_date": "1979-02-15", "contributions": lines,
    }  # fmt: skip
    return Person(**(values | other))
