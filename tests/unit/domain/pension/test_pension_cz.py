"""The Czech pension: thresholds, the fall from 2026 to 2035, and the statute's own relations between the amounts."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.pension import NotPossible, RuleSet
from kiosk.domain.pension.cz_old_age import Fall, FromRecord, Inputs, Result, Year, compute, shares_of
from kiosk.domain.pension.rounding import CENT, UNIT, Rounding, divided
from kiosk.schemes.pension import installed

P = installed(RuleSet.CZ_OLD_AGE).parameters


def pension(year, base, years):
    made = compute(Inputs(year, None if base is None else Decimal(base), years), P)
    assert isinstance(made, Result), made
    return made


@pytest.mark.parametrize(
    ("year", "c", "rate"),
    [(2016, "1.0", "1.5"), (2025, "1.0", "1.5"), (2026, "0.99", "1.495"), (2027, "0.98", "1.490"), (2030, "0.95", "1.475"),
     (2034, "0.91", "1.455"), (2035, "0.90", "1.45"), (2060, "0.90", "1.45")],
)  # fmt: skip
def test_c_and_the_rate_fall_in_equal_yearly_steps(year, c, rate):
    assert shares_of(year, P) == (Decimal(c), Decimal(rate))


def test_a_published_share_wins_over_the_fall():
    own = replace(P, years=P.years | {2028: Year(Decimal(1), Decimal(2), Decimal(3), c=Decimal("0.5"))})
    assert shares_of(2028, own) == (Decimal("0.5"), Decimal("1.485"))
    own = replace(P, years=P.years | {2028: Year(Decimal(1), Decimal(2), Decimal(3), rate_percent=Decimal("1.1"))})
    assert shares_of(2028, own) == (Decimal("0.97"), Decimal("1.1"))


def test_a_share_may_come_back_to_a_whole():
    assert Fall(2026, 2027, Decimal(2), Decimal(1), Decimal(2), Decimal(1)).at(2030) == (Decimal(1), Decimal(1))


@pytest.mark.parametrize("year", sorted(P.years))
def test_the_amounts_of_each_year_fit_the_statute(year):
    """Act 155/1995 sections 4 and 15: 44 and 400 % of the average wage; the flat amount 9 %, from 2019 10 % of it."""
    one = P.years[year]
    wage = one.second_threshold / 4
    assert wage == wage.to_integral_value()
    assert one.first_threshold == divided(44 * wage, Decimal(100), UNIT, Rounding.UP)
    assert one.flat_amount == divided((9 if year < 2019 else 10) * wage, Decimal(1000), UNIT, Rounding.UP) * 10


def test_above_the_second_threshold_nothing_counts_and_at_the_first_everything():
    assert pension(2025, 186228, 40).monthly_pension == pension(2025, None, 40).monthly_pension
    assert pension(2025, 10**9, 40).reduced_base == pension(2025, None, 40).reduced_base
    assert pension(2025, 20486, 40).reduced_base == 20486
    assert pension(2025, 20487, 40).reduced_base == 20487
    assert pension(2025, 0, 40).monthly_pension == 4660
    assert pension(2025, 50000, 0).monthly_pension == 4660


def test_both_roundings_go_up_to_the_crown():
    made = pension(2026, 21547, 1)
    assert made.reduced_base == 21331  # 0.99 * 21546 + 0.26 = 21330.80
    assert made.percentage_part == 319  # 1.495 % of it = 318.90


@given(st.sampled_from(sorted(P.years)), st.decimals(0, 300000, places=2), st.decimals(0, 300000, places=2), st.integers(0, 60))
def test_more_pay_and_more_years_never_give_less(year, one, other, years):
    low, high = sorted((one, other))
    assert pension(year, low, years).monthly_pension <= pension(year, high, years).monthly_pension
    assert pension(year, low, years).monthly_pension <= pension(year, low, years + 1).monthly_pension


@pytest.mark.parametrize("year", [2015, 2027, 2035])
def test_a_year_without_published_thresholds_is_refused(year):
    made = compute(Inputs(year, Decimal(1), 1), P)
    assert made == NotPossible("no_thresholds", {"year": str(year), "first": "2016", "last": "2026"})


@pytest.mark.parametrize("years", [-1, 81])
def test_years_that_nobody_has(years):
    made = compute(Inputs(2025, Decimal(1), years), P)
    assert isinstance(made, NotPossible)
    assert made.reason == "years_out_of_range"


def test_a_year_without_shares_before_the_fall():
    bare = replace(P, years={2020: replace(P.years[2020], c=None)})
    assert compute(Inputs(2020, Decimal(1), 1), bare) == NotPossible("no_shares", {"year": "2020"})


def test_parameters_that_do_not_fit_together():
    with pytest.raises(ValueError, match="threshold"):
        Year(Decimal(2), Decimal(1), Decimal(1))
    with pytest.raises(ValueError, match="from_year"):
        replace(P.fall, to_year=2026)
    for wrong in ({"c_to": Decimal(1)}, {"rate_to": Decimal("1.44999")}):
        with pytest.raises(ValueError, match="yearly steps"):
            replace(P.fall, **wrong)
    with pytest.raises(ValueError, match="usual_age"):
        replace(P.record, usual_age=59)
    for wages in ({}, {2000: Decimal(0)}):
        with pytest.raises(ValueError, match="wages"):
            replace(P.record, wages=wages)


def test_coefficients_follow_the_wages_with_straight_lines_between():
    rules = FromRecord(1986, 18, Decimal("30.4167"), 365, 35, 65, 60, 70, {2000: Decimal(100), 2010: Decimal(200), 2020: Decimal(400)})
    assert rules.coefficient(2000, 2010) == 2
    assert rules.coefficient(2005, 2010) == Decimal("1.3333")
    assert rules.coefficient(1990, 2020) == 4
    assert rules.coefficient(2015, 2030) == Decimal("1.3333")
    assert rules.coefficient(2020, 2020) == rules.coefficient(2021, 2020) == 1
    assert rules.coefficient(2005, 2015) == rules.coefficient(2005, 2015).quantize(CENT) == 2
