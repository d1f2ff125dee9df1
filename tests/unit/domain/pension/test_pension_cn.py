"""China: retirement by month of birth, payout months, the three parts, and each province's roundings."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.pension import NotPossible, RuleSet
from kiosk.domain.pension.cn_retirement import Category, Month, Retirement, least_months, payout_months, retirement
from kiosk.domain.pension.cn_urban_employees import (
    Inputs,
    Parameters,
    Result,
    Settings,
    compute,
    contribution,
    resident_pension,
)
from kiosk.domain.pension.rounding import Rounding
from kiosk.schemes.pension import installed

P = installed(RuleSet.CN_URBAN_EMPLOYEES).parameters
MEN = P.retirement["male"]
SHARES = {"base": Decimal(7570), "index": Decimal("2.2307"), "months": 496}


def result(settings=None, parameters=P, **inputs):
    made = compute(Inputs(**inputs), parameters, settings)
    assert isinstance(made, Result), made
    return made


def reason(parameters=P, **inputs):
    made = compute(Inputs(**inputs), parameters)
    assert isinstance(made, NotPossible)
    return made.reason


@given(st.sampled_from(sorted(P.retirement)), st.integers(1940, 2010), st.integers(1, 12))
def test_a_month_later_born_retires_no_earlier_and_at_most_a_step_later(category, year, month):
    group = P.retirement[category]
    one, next_one = (retirement(group, Month(Month.of(year, month).number + later), P.flexible) for later in (0, 1))
    assert 0 <= one.delay_months <= next_one.delay_months <= one.delay_months + 1
    assert one.month < next_one.month
    assert next_one.delay_months <= group.max_delay_months


def test_early_and_late_are_chosen_within_bounds():
    born = Month.of(1976, 9)
    law, early, late = (retirement(MEN, born, P.flexible, **choice) for choice in ({}, {"early": 36}, {"late": 36}))
    assert (law.age_years, early.age_years, late.age_years) == (63, 60, 66)
    assert (str(early.month), str(late.month)) == ("2036-09", "2042-09")
    assert retirement(MEN, Month.of(1965, 1), P.flexible, early=2) == NotPossible("too_early", {"months": "2", "most": "1"})
    assert retirement(MEN, Month.of(1964, 1), P.flexible, late=37) == NotPossible("too_late", {"months": "37", "most": "36"})
    assert retirement(MEN, born, P.flexible, early=1, late=1) == NotPossible("early_and_late")
    assert isinstance(retirement(MEN, Month.of(1964, 1), P.flexible, early=1), NotPossible)
    assert isinstance(law, Retirement)
    assert (law.month.year, str(law.month)) == (2039, "2039-09")


@pytest.mark.parametrize(
    ("years", "months", "expected"), [(60, 0, "139.0"), (62, 6, "121.0"), (70, 0, "56.0"), (40, 11, "230.3"), (69, 11, "56.8")]
)
def test_payout_months_are_linear_between_ages(years, months, expected):
    assert payout_months(12 * years + months, P.payout_months_table) == Decimal(expected)


@pytest.mark.parametrize("age", [12 * 39 + 11, 12 * 70 + 1, 12 * 75])
def test_ages_beyond_the_table(age):
    assert isinstance(payout_months(age, P.payout_months_table), NotPossible)


@pytest.mark.parametrize(("year", "months"), [(2010, 180), (2025, 180), (2034, 210), (2039, 240), (2060, 240)])
def test_least_contribution_months(year, months):
    assert least_months(year, P.min_contribution_months) == months


def test_a_months_parts():
    made = result(**SHARES, deemed_months=141, transition_rate=Decimal("0.012"), account=Decimal("279086.12"), payout=Decimal("137.8"))
    assert (made.basic, made.account, made.transitional, made.total) == tuple(
        Decimal(one) for one in ("5054.32", "2025.30", "2380.98", "9460.60")
    )
    assert [one.key for one in made.trace] == ["cn.wage", "cn.basic", "cn.transitional", "cn.account", "cn.total"]


def test_roundings_are_settings():
    exact, two, one = (result(Settings(years_decimals=places), **SHARES).basic for places in (None, 2, 1))
    assert len({exact, two, one}) == 3
    assert result(Settings(indexed_wage_decimals=0), **SHARES).indexed_wage == 16886
    up = Settings(None, None, Rounding.DOWN, Rounding.HALF_UP, Rounding.UP)
    made = result(up, **SHARES, deemed_months=141, transition_rate=Decimal("0.012"))
    assert (made.basic, made.transitional) == (Decimal("5054.32"), Decimal("2380.99"))
    regional = replace(P, settings={"XX": Settings(years_decimals=1)})
    assert result(parameters=regional, region="XX", **SHARES).basic == one
    assert result(parameters=regional, region="YY", **SHARES).basic == exact


def test_a_region_brings_its_transition_rate():
    made = result(**SHARES, deemed_years=Decimal(10), region="AH")
    assert made.transitional == result(**SHARES, deemed_years=Decimal(10), transition_rate=Decimal("0.013")).transitional
    assert result(**SHARES, deemed_months=0).transitional == 0
    assert result(**SHARES, deemed_months=0, region="AH").transitional == 0
    assert reason(**SHARES, deemed_months=1) == "no_transition_rate"


def test_payout_months_follow_from_age_or_birth():
    assert result(account=Decimal(1390), age_in_months=720).account == 10
    made = result(account=Decimal(1390), category="male", birth=Month.of(1965, 5))
    assert (made.payout_months, made.trace[0].key) == (Decimal("137.8"), "cn.retirement")
    assert result(category="male", birth=Month.of(1965, 5)).total is None
    late = replace(P, retirement={"late": Category(12 * 75, Month.of(1990, 1), 1, 0)})
    assert result(parameters=late, category="late", birth=Month.of(1960, 1)).payout_months is None
    assert reason(parameters=late, category="late", birth=Month.of(1960, 1), account=Decimal(1)) == "age_out_of_range"
    assert result(category="male").retirement is None


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        ({"base": Decimal(1)}, "cn_incomplete"),
        ({"base": Decimal(1), "index": Decimal(1)}, "cn_incomplete"),
        ({"base": Decimal(1), "index": Decimal(1), "years": Decimal(81)}, "years_out_of_range"),
        ({"base": Decimal(1), "index": Decimal(1), "years": Decimal(1), "deemed_years": Decimal(2)}, "years_out_of_range"),
        ({"account": Decimal(1)}, "no_payout_months"),
        ({"account": Decimal(1), "payout": Decimal(0)}, "no_payout_months"),
        ({"category": "x", "birth": Month.of(1970, 1)}, "no_category"),
        ({"category": "male", "birth": Month.of(1970, 1), "early": 40}, "too_early"),
    ],
)
def test_what_cannot_be_calculated(inputs, expected):
    assert reason(**inputs) == expected


@given(st.decimals(0, 50000, places=2), st.decimals(0, 50000, places=2), st.integers(1, 600))
def test_more_pay_never_gives_less(one, other, months):
    low, high = (result(base=base, index=Decimal("1.2"), months=months).total for base in sorted((one, other)))
    assert low <= high


def test_contributions_and_a_residents_pension():
    assert contribution(Decimal(6015), Decimal("0.0875")) == Decimal("526.31")
    assert resident_pension(Decimal(961), Decimal(46350), Decimal(139)) == (Decimal("333.45"), Decimal("1294.45"))
    assert resident_pension(Decimal(961), Decimal(46350), Decimal(0)) == NotPossible("no_payout_months")


def test_parameters_that_do_not_fit():
    for wrong in ({"step_months": 0}, {"max_delay_months": -1}):
        with pytest.raises(ValueError, match="step_months"):
            replace(MEN, **wrong)
    for wrong in ({"years_decimals": 7}, {"indexed_wage_decimals": -1}):
        with pytest.raises(ValueError, match="decimals"):
            Settings(**wrong)
    for wrong in ({"payout_months_table": {}}, {"min_contribution_months": {}}, {"payout_months_table": {60: Decimal(0)}}):
        with pytest.raises(ValueError, match=r"table|empty"):
            Parameters(**{name: getattr(P, name) for name in Parameters.__slots__} | wrong)
