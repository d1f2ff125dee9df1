"""The primary insurance amount: steps, reductions, births before 1929, and what cannot be calculated."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.pension import NotPossible, RuleSet
from kiosk.domain.pension.us_pia import (
    Inputs,
    Parameters,
    Result,
    bend_points,
    computation_years,
    compute,
    primary_amount,
)
from kiosk.schemes.pension import installed

P = installed(RuleSet.US_PIA).parameters
EVERY_YEAR = dict.fromkeys(range(1986, 2026))


def result(**inputs):
    made = compute(Inputs(**inputs), P)
    assert isinstance(made, Result), made
    return made


def reason(parameters=P, **inputs):
    made = compute(Inputs(**inputs), parameters)
    assert isinstance(made, NotPossible)
    return made.reason


def test_the_highest_years_count_and_earlier_ones_win_a_tie():
    flat = result(birth=1964, earnings={year: Decimal(100) for year in range(2024, 2026)}, evaluation=2026)
    assert [row.counted for row in flat.years] == [True, True]
    made = result(birth=1964, earnings=EVERY_YEAR)
    assert made.computation_years == sum(row.counted for row in made.years) == 35
    left_out = {row.indexed for row in made.years if not row.counted}
    assert max(left_out) <= min(row.indexed for row in made.years if row.counted)
    old = result(birth=1928, earnings=dict.fromkeys(range(1988, 1990), Decimal(7)) | dict.fromkeys(range(1951, 1985)))
    assert sum(row.counted for row in old.years) == computation_years(1928) == 34
    tied = result(birth=1922, earnings={year: Decimal(100) for year in range(1982, 1985)} | dict.fromkeys(range(1951, 1978)))
    assert [row.year for row in tied.years if not row.counted] == [1983, 1984]


def test_pay_above_the_maximum_does_not_count():
    high, maximum = (result(birth=1964, earnings={2020: pay}, evaluation=2026) for pay in (Decimal(10**9), None))
    assert high.years == maximum.years
    assert high.years[0].capped == P.max_taxable[2020]


def test_pay_from_the_year_of_60_is_not_indexed():
    made = result(birth=1964, earnings={2023: Decimal(100), 2024: Decimal(100), 2025: Decimal(100)})
    assert [row.indexed for row in made.years] == [Decimal("104.84"), Decimal("100.00"), Decimal("100.00")]


@pytest.mark.parametrize(("birth", "years"), [(1917, 23), (1922, 28), (1925, 31), (1928, 34), (1929, 35), (1964, 35)])
def test_fewer_years_count_for_births_before_1929(birth, years):
    """42 USC 415(b)(2)."""
    assert computation_years(birth) == years


@pytest.mark.parametrize(("birth", "last", "evaluation", "pia"), [(1925, 1989, 1990, "975.00"), (1922, 1986, 1987, "789.20")])
def test_the_largest_benefits_at_65_as_published(birth, last, evaluation, pia):
    made = result(birth=birth, earnings=dict.fromkeys(range(1951, last + 1)), evaluation=evaluation)
    assert made.pia == Decimal(pia)


def test_rises_begin_with_the_year_of_62_and_end_before_the_year_looked_at():
    made = result(birth=1957, earnings=dict.fromkeys(range(1983, 2023)), evaluation=2023)
    assert [year for year, _ in made.rises] == [2019, 2020, 2021, 2022]
    assert made.pia == made.rises[-1][1] == Decimal("3627.1")
    assert result(birth=1957, aime=made.aime, evaluation=2019).pia == made.pia_at_eligibility
    assert result(birth=1957, aime=made.aime).rises == ()


def test_reductions_are_exact_fractions():
    """20 CFR 404.410(a), and the same for late months."""
    assert result(pia=Decimal("980.50"), months_early=44).benefit_exact == Decimal("751.70")
    assert result(pia=Decimal(1000), months_early=36).benefit == 800
    assert result(pia=Decimal(1000), drc_months=36).benefit == 1240
    assert [one.key for one in result(pia=Decimal(1000), drc_months=1).trace] == ["us.late", "us.benefit"]
    assert [one.key for one in result(pia=Decimal(1000)).trace] == ["us.benefit"]


def test_a_known_amount_is_as_of_the_year_looked_at():
    assert result(birth=1950, pia=Decimal("1000.00"), evaluation=2020).benefit == 1000


def test_only_a_birth_gives_the_bend_points():
    made = result(birth=1964)
    assert made.bend == (1286, 7749)
    assert (made.aime, made.pia, made.benefit) == (None, None, None)


@given(st.integers(0, 20000), st.integers(0, 20000))
def test_more_pay_never_gives_less(one, other):
    low, high = sorted((one, other))
    bend = bend_points(2026, P.awi)
    assert primary_amount(Decimal(low), bend) <= primary_amount(Decimal(high), bend)


@given(st.integers(0, 59), st.decimals(0, 5000, places=1))
def test_every_month_of_waiting_is_worth_something_or_nothing(months, pia):
    sooner, later = result(pia=pia, months_early=months + 1), result(pia=pia, months_early=months)
    assert sooner.benefit_exact <= later.benefit_exact
    assert result(pia=pia, drc_months=months).benefit_exact <= result(pia=pia, drc_months=months + 1).benefit_exact


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        ({}, "no_birth_year"),
        ({"birth": 1916, "aime": Decimal(1)}, "born_too_early"),
        ({"birth": 1964, "evaluation": 2025}, "before_eligibility"),
        ({"birth": 1970}, "no_wage_index"),
        ({"birth": 1964, "earnings": {1950: None}}, "no_taxable_maximum"),
        ({"birth": 1964, "earnings": {2026: None}, "evaluation": 2026}, ""),
        ({"birth": 1963, "earnings": {2026: None}, "evaluation": 2025}, "pay_after_evaluation"),
        ({"birth": 1960, "aime": Decimal(1), "evaluation": 2030}, "no_rise"),
        ({"pia": Decimal(1), "months_early": 1, "drc_months": 1}, "early_and_late"),
        ({"pia": Decimal(1), "months_early": 61}, "months_out_of_range"),
        ({"pia": Decimal(1), "drc_months": -1}, "months_out_of_range"),
    ],
)
def test_what_cannot_be_calculated(inputs, expected):
    assert (reason(**inputs) if expected else result(**inputs).pia is not None and "") == expected


def test_a_year_without_its_average_wage():
    holed = replace(P, awi={year: wage for year, wage in P.awi.items() if year != 1990})
    assert reason(holed, birth=1964, earnings={1990: Decimal(1)}) == "no_wage_index"


@pytest.mark.parametrize("awi", [{1978: Decimal(1)}, {1977: Decimal(1), 1978: Decimal(0)}])
def test_an_index_that_cannot_be_divided_by_is_refused(awi):
    with pytest.raises(ValueError, match="awi"):
        Parameters(awi, {}, {})
