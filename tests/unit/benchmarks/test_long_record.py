"""The record that the catalogue's figures are about is as long as they say."""

from __future__ import annotations

from datetime import date

from benchmarks.long_record import BORN, EMPLOYERS, contributions
from kiosk.domain.pension.career import read_periods
from kiosk.domain.pension.estimate import Estimate, FromRecord, WhatIf, estimate
from kiosk.schemes import load_scheme


def test_it_has_forty_five_years_and_twelve_employers_some_side_by_side() -> None:
    lines = list(contributions("1"))
    assert {line.year for line in lines} == set(range(1981, 2026))
    assert len({line.employer for line in lines}) == EMPLOYERS
    assert len({(line.employer, line.year) for line in lines}) == len(lines) > 45


def test_an_estimate_from_it_has_every_bar() -> None:
    rows = [
        {"year": line.year, "from": line.valid_from, "to": line.valid_to, "kind": line.kind, "pay": str(line.pay // 100),
         "branches": {"old_age": "1"}}
        for line in contributions("1")
    ]  # fmt: skip
    periods = read_periods(rows)
    parameters = load_scheme("cz").pension
    assert isinstance(periods, tuple)
    assert parameters is not None
    made = estimate(FromRecord(date.fromisoformat(BORN), periods), parameters, WhatIf(), date(2026, 11, 22))
    assert isinstance(made, Estimate)
    assert [bar.age for bar in made.bars] == list(range(60, 71))
