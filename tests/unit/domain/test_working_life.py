"""A working life: no day counts twice, and what is worth asking about."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from contribution_records import BAKERY, EVERY_BRANCH, MINE, line
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.working_life import (
    Gap,
    LowPay,
    MissingBranch,
    NoEmployer,
    Oddities,
    Period,
    end_of_last_year,
    line_id,
    merged,
    oddities,
    working_life,
)

BRANCHES = tuple(EVERY_BRANCH)
RULES = Oddities(gap_days=31, lowest_pay={2000: 4000, 2005: 7000})
END_2009 = date(2009, 12, 31)


def days(start: str, end: str) -> Period:
    return Period(date.fromisoformat(start), date.fromisoformat(end))


def asked(*lines, until: date | None = None):
    return oddities(working_life(lines), RULES, BRANCHES, until)


# --- periods -----------------------------------------------------------------------------------------


def test_periods_that_touch_or_overlap_are_one():
    found = merged(
        [days("2001-01-01", "2001-03-31"), days("2001-04-01", "2001-05-01"), days("2001-02-01", "2001-02-02")]
    )
    assert found == (days("2001-01-01", "2001-05-01"),)
    apart = (days("2001-01-01", "2001-01-01"), days("2001-01-03", "2001-01-03"))
    assert merged(reversed(apart)) == apart
    assert merged([]) == ()
    assert days("2004-01-01", "2004-12-31").days == 366


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 60)), max_size=12))
def test_every_day_counts_once(drawn):
    first = date(2001, 1, 1)
    periods = [Period(first + timedelta(start), first + timedelta(start + length)) for start, length in drawn]
    covered = {start + day for start, length in drawn for day in range(length + 1)}
    found = merged(periods)
    assert sum(period.days for period in found) == len(covered)
    assert all(after.start - before.end > timedelta(1) for before, after in pairwise(found))


def test_concurrent_employments_add_up_in_pay_and_count_once_in_days():
    life = working_life([line(2004, pay="100.50"), line(2004, MINE, "20.25", end="2004-06-30")])
    (year,) = life.years
    assert year.pay == Decimal("120.75")
    assert (year.worked_days, year.insured_days, life.insured_days) == (366, 366, 366)
    assert [one.employer for one in year.lines] == [BAKERY[0], MINE[0]] or year.lines[0].end == "2004-06-30"
    assert life.employers == 2


def test_a_period_without_pay_is_insured_and_not_worked():
    care = line(2005, ("", "péče"), "0.00", kind="assimilated", branches={})
    life = working_life([line(2006, pay="10.00"), care])
    assert [year.year for year in life.years] == [2006, 2005]
    assert (life.years[1].pay, life.years[1].worked_days, life.years[1].insured_days) == (0, 0, 365)
    assert life.employers == 1
    assert life.insured_days == 730


def test_employments_are_told_apart_by_number_and_stand_in_order_of_time():
    life = working_life([line(2006), line(2004, MINE), line(2003), line(2005, ("45270007", "Pekárna a.s."))])
    assert [(one.employer, one.name, len(one.periods)) for one in life.employments] == [
        (BAKERY[0], "Pekárna", 2),
        (MINE[0], "Důl", 1),
    ]
    assert life.employments[0].days == 365 + 730
    nameless = working_life([line(2003, ("", "a")), line(2004, ("", "b"))])
    assert len(nameless.employments) == 2


def test_nothing_comes_of_nothing():
    life = working_life([])
    assert (life.years, life.employments, life.insured_days, life.employers) == ((), (), 0, 0)
    assert asked(until=END_2009) == ()


def test_a_line_is_named_by_year_employer_and_first_day():
    assert line_id(line(2004)) == "2004:45270007:2004-01-01"
    assert line_id(line(2004, ("", "péče"))) == "2004::2004-01-01"


# --- what is worth asking about ----------------------------------------------------------------------


def test_nothing_is_asked_about_a_whole_record():
    assert asked(line(2008), line(2009), until=END_2009) == ()


def test_a_gap_is_asked_about_from_its_least_length_on():
    before = line(2001, end="2001-01-31")
    just = asked(before, line(2001, start="2001-03-04"))
    assert just == (Gap(days("2001-02-01", "2001-03-03")),)
    assert asked(before, line(2001, start="2001-03-03")) == ()


def test_the_years_until_now_are_asked_about_only_where_more_was_expected():
    assert asked(line(2007), until=END_2009) == (Gap(days("2008-01-01", "2009-12-31")),)
    assert asked(line(2007), until=None) == ()
    assert asked(line(2010), until=END_2009) == ()
    assert end_of_last_year("2010-05-01") == END_2009


def test_work_without_an_employer_is_asked_about_and_care_is_not():
    nobody = line(2004, ("", ""))
    assert asked(nobody) == (NoEmployer(nobody),)
    assert asked(line(2004, ("", "péče"), kind="assimilated", branches={})) == ()


def test_low_pay_is_that_of_all_employers_together_for_the_days_in_work():
    low = line(2004, pay="30000.00")
    assert asked(low) == (LowPay(2004, Decimal("30000.00"), 48000, low),)
    assert asked(low, line(2004, MINE, "18000.00")) == ()
    both = asked(line(2004, MINE, "5000.00"), low)
    assert both == (LowPay(2004, Decimal("35000.00"), 48000, low),), "the highest pay is the line to ask about"
    half = line(2001, pay="24000.00", end="2001-06-30")
    assert asked(half) == (), "half a year of work earns half"
    (less,) = asked(line(2001, pay="23000.00", end="2001-06-30"))
    assert isinstance(less, LowPay)
    assert less.lowest == 23802, "181 days of 365 at 4000 a month, rounded down"
    assert asked(line(1999, pay="1.00")) == (), "no lowest pay is known of then"
    assert asked(line(2005, pay="50000.00"))[0] == LowPay(2005, Decimal("50000.00"), 84000, line(2005, pay="50000.00"))


def test_the_lowest_pay_of_a_leap_year_is_that_of_a_year():
    assert asked(line(2004, pay="48000.00")) == ()


def test_missing_branches_of_years_in_a_row_are_one_question():
    some = {"old_age": "1.00", "health": "1.00", "unemployment": "1.00"}
    lines = [line(year, branches=some) for year in (2002, 2003, 2004, 2007)]
    filled = [line(2005), line(2006)]
    assert asked(*lines, *filled) == (
        MissingBranch("accident", 2007, 2007, lines[3]),
        MissingBranch("accident", 2002, 2004, lines[2]),
    )


def test_two_lines_of_a_year_and_several_branches():
    poor = line(2004, MINE, branches={"old_age": "1.00", "health": "1.00"})
    again = line(2004, MINE, start="2004-07-01", branches={"old_age": "1.00", "health": "1.00"})
    assert {(one.branch, one.first_year, one.last_year) for one in asked(line(2004), poor, again)} == {
        ("accident", 2004, 2004),
        ("unemployment", 2004, 2004),
    }


def test_the_newest_is_asked_about_first():
    nobody = line(2006, ("", ""))
    found = asked(line(2002), line(2004, pay="1.00"), nobody)
    assert [type(one) for one in found] == [NoEmployer, Gap, LowPay, Gap]
