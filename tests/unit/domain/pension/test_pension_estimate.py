"""The estimate: what it rests on, what if, the bars, and when there is none."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.pension import NotPossible, RuleSet
from kiosk.domain.pension import cz_old_age as cz
from kiosk.domain.pension.career import Kind, Period
from kiosk.domain.pension.estimate import Estimate, FromRecord, Typed, WhatIf, age_on, birthday, estimate
from kiosk.schemes.pension import installed

DATED = installed(RuleSet.CZ_OLD_AGE)
TODAY = date(2026, 11, 22)
BORN = date(1970, 5, 1)
TYPED = Typed(BORN, Decimal(42500), 33)


def worked(first, last, pay=360_000, kind=Kind.WORKED, year=None):
    return Period(year or first.year, first, last, kind, Decimal(pay), insured=kind is Kind.WORKED)


def years(first, last, pay=360_000):
    return tuple(worked(date(year, 1, 1), min(date(year, 12, 31), TODAY), pay) for year in range(first, last + 1))


def made(source, what_if=WhatIf(), dated=DATED, today=TODAY):  # noqa: B008 - a value
    result = estimate(source, dated, what_if, today)
    assert isinstance(result, Estimate), result
    return result


def reason(source, what_if=WhatIf(), dated=DATED, today=TODAY):  # noqa: B008 - a value
    result = estimate(source, dated, what_if, today)
    assert isinstance(result, NotPossible)
    return result.reason


def keys(one):
    return [step.key for step in one.trace]


def test_typed_figures():
    one = made(TYPED)
    assert (one.retirement_age, one.retirement_on, one.prices_of, one.whole_years) == (65, date(2035, 5, 1), 2026, 41)
    assert (one.result.c, one.result.rate_percent, one.result.flat_amount) == (Decimal("0.9"), Decimal("1.45"), 4900)
    same = cz.with_shares(
        cz.Inputs(2035, Decimal(42500), 41), DATED.parameters.years[2026], Decimal(26), (Decimal("0.90"), Decimal("1.45"))
    )
    assert one.result == same
    assert [bar.age for bar in one.bars] == list(range(60, 71))
    assert next(bar for bar in one.bars if bar.age == 65).monthly_pension == one.result.monthly_pension
    assert keys(one)[:4] == ["cz.prices", "cz.typed_years", "cz.goes_on", "cz.typed_base"]
    assert keys(one)[-1] == "cz.not_counted"


def test_what_if():
    assert made(TYPED, WhatIf(later_years=3)) == replace(
        made(TYPED, WhatIf(retirement_age=68)), what_if=WhatIf(later_years=3)
    )
    more = made(TYPED, WhatIf(more_years=4))
    assert (more.whole_years, keys(more)[3]) == (45, "cz.more_years")
    assert more.result.monthly_pension > made(TYPED).result.monthly_pension
    stays = made(replace(TYPED, goes_on=False))
    assert (stays.whole_years, keys(stays)[2]) == (33, "cz.typed_base")
    assert keys(stays)[-2] == "cz.too_few_years"


def test_who_is_past_the_usual_age_retires_today():
    one = made(Typed(date(1955, 1, 1), Decimal(30000), 45))
    assert (one.retirement_age, one.retirement_on, [bar.age for bar in one.bars]) == (71, TODAY, [71])
    assert "cz.goes_on" not in keys(one)
    one = made(Typed(date(1960, 1, 1), Decimal(30000), 45))
    assert [(bar.age, bar.year) for bar in one.bars][:2] == [(66, 2026), (67, 2027)]


def test_a_record_goes_on_at_the_last_whole_years_pay():
    one = made(FromRecord(BORN, years(1990, 2026)))
    assert "cz.goes_on" in keys(one)
    assert "cz.base" in keys(one)
    assert one.whole_years == 45
    stopped = made(FromRecord(BORN, years(1990, 2020)))
    assert (stopped.whole_years, "cz.goes_on" in keys(stopped)) == (31, False)
    assert stopped.result.assessment_base < one.result.assessment_base


def test_the_assessment_base_by_hand():
    """Two whole years at 2024's and 2025's wages, nothing before: 30.4167 x sum / days, rounded up."""
    person = FromRecord(date(1961, 11, 22), (*years(2024, 2025),))
    one = made(person, today=date(2026, 11, 22))
    rules = DATED.parameters.record
    worth = [360_000 * rules.coefficient(year, 2026) for year in (2024, 2025)]
    total = sum(amount.quantize(Decimal(1), "ROUND_UP") for amount in worth)
    days = (date(2025, 12, 31) - date(1986, 1, 1)).days + 1
    assert one.result.assessment_base == (Decimal("30.4167") * total / days).quantize(Decimal(1), "ROUND_UP")
    assert one.retirement_on == date(2026, 11, 22)


def test_assimilated_time_lowers_no_average():
    gap = FromRecord(BORN, (*years(1990, 2010), *years(2015, 2026)))
    care = replace(gap, periods=(*gap.periods, worked(date(2011, 1, 1), date(2014, 12, 31), 0, Kind.ASSIMILATED)))
    assert made(care).result.assessment_base > made(gap).result.assessment_base
    assert made(care).whole_years == made(gap).whole_years + 4


def test_who_began_this_year_goes_on_at_this_years_pay():
    one = made(FromRecord(date(1990, 1, 1), (worked(date(2026, 8, 1), TODAY, 120_000),)))
    assert "cz.goes_on" in keys(one)


def test_pay_that_names_another_year_goes_nowhere_on():
    odd = FromRecord(BORN, (*years(1990, 2020), worked(date(2026, 8, 1), TODAY, 120_000, year=2020)))
    assert "cz.goes_on" not in keys(made(odd))


def test_employments_side_by_side_add_pay_and_never_time():
    once = made(FromRecord(BORN, years(1990, 2026)))
    twice = made(FromRecord(BORN, years(1990, 2026) * 2))
    assert twice.whole_years == once.whole_years
    assert twice.result.monthly_pension > once.result.monthly_pension


@given(st.integers(1, 500_000), st.integers(1, 500_000), st.integers(0, 40), st.integers(0, 10))
def test_more_pay_or_years_never_give_less(one, other, has, more):
    low, high = (made(Typed(BORN, Decimal(pay), has)).result.monthly_pension for pay in sorted((one, other)))
    assert low <= high
    assert made(TYPED).result.monthly_pension <= made(TYPED, WhatIf(more_years=more)).result.monthly_pension


@pytest.mark.parametrize(
    ("source", "what_if", "expected"),
    [
        (replace(TYPED, birth=date(2010, 1, 1)), WhatIf(), "birth_out_of_range"),
        (replace(TYPED, birth=date(2030, 1, 1)), WhatIf(), "birth_out_of_range"),
        (TYPED, WhatIf(retirement_age=59), "retirement_age"),
        (TYPED, WhatIf(retirement_age=71), "retirement_age"),
        (TYPED, WhatIf(later_years=6), "retirement_age"),
        (TYPED, WhatIf(later_years=-1), "retirement_age"),
        (TYPED, WhatIf(more_years=41), "more_years"),
        (replace(TYPED, whole_years=57), WhatIf(), "years_out_of_range"),
        (replace(TYPED, monthly_pay=Decimal(0)), WhatIf(), "no_pay"),
        (replace(TYPED, monthly_pay=Decimal(-1)), WhatIf(), "no_pay"),
        (replace(TYPED, whole_years=0, goes_on=False), WhatIf(), "no_years"),
        (FromRecord(BORN, ()), WhatIf(), "no_years"),
        (FromRecord(BORN, years(1990, 2000, 0)), WhatIf(), "no_pay"),
        (FromRecord(date(2007, 1, 1), years(2020, 2025)), WhatIf(more_years=40, retirement_age=60), "years_out_of_range"),
        (replace(TYPED, birth=date(1910, 1, 1), whole_years=90), WhatIf(), "years_out_of_range"),
    ],
)
def test_when_there_is_none(source, what_if, expected):
    result = estimate(source, DATED, what_if, TODAY)
    assert isinstance(result, NotPossible)
    assert result.reason == expected


def test_parameters_that_do_not_reach():
    late = replace(DATED, parameters=replace(DATED.parameters, years={2030: DATED.parameters.years[2026]}))
    assert reason(TYPED, dated=late) == "no_thresholds"
    far = replace(DATED.parameters.fall, from_year=2090, to_year=2099)
    assert reason(TYPED, dated=replace(DATED, parameters=replace(DATED.parameters, fall=far))) == "no_shares"


def test_pay_before_the_first_year_that_counts_is_no_pay():
    rules = replace(DATED.parameters.record, first_year=2030)
    dated = replace(DATED, parameters=replace(DATED.parameters, record=rules))
    old = FromRecord(date(1961, 1, 1), years(1990, 2020))
    assert reason(old, dated=dated) == "no_pay"


def test_ages_and_birthdays():
    assert age_on(date(1970, 11, 23), TODAY) == 55
    assert age_on(date(1970, 11, 22), TODAY) == 56
    assert birthday(date(1960, 2, 29), 65) == date(2025, 3, 1)
    assert birthday(date(1960, 2, 29), 64) == date(2024, 2, 29)
