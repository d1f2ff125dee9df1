"""From the record to insured time and pay: side by side adds pay, never time."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.pension import NotPossible
from kiosk.domain.pension.career import Kind, Period, career, periods_of, read_periods
from kiosk.domain.record import Contribution

TODAY = date(2026, 11, 22)
FIRST, LAST = date(2000, 1, 1), date(2003, 12, 31)


def period(first, last, pay="1000", kind=Kind.WORKED, insured=True):
    return Period(first.year, first, last, kind, Decimal(pay), insured)


def row(**changes):
    return {
        "year": 2001, "from": "2001-01-01", "to": "2001-12-31", "kind": "worked", "pay": "1000.00", "employer": "1",
        "branches": {"old_age": "280.00"},
    } | changes  # fmt: skip


def test_side_by_side_adds_pay_and_counts_once():
    made = career([period(FIRST, date(2000, 6, 30)), period(date(2000, 4, 1), date(2000, 12, 31), "500")], TODAY)
    assert made.pay == {2000: Decimal(1500)}
    assert made.worked_days(FIRST, LAST) == made.counted_days(FIRST, LAST) == 366


def test_assimilated_time_counts_and_is_excluded_where_nobody_worked():
    care = period(date(2000, 7, 1), date(2001, 6, 30), "0", Kind.ASSIMILATED)
    made = career([period(FIRST, date(2000, 12, 31)), care], TODAY)
    assert made.counted_days(FIRST, LAST) == 366 + 181
    assert made.excluded_days(FIRST, LAST) == 181
    assert made.excluded_days(FIRST, date(2000, 12, 31)) == 0


def test_what_was_not_insured_or_is_elsewhere_or_later_does_not_count():
    made = career(
        [
            period(FIRST, LAST, insured=False),
            period(FIRST, LAST, kind=Kind.OTHER_SCHEME),
            period(date(2027, 1, 1), date(2027, 12, 31)),
        ],
        TODAY,
    )
    assert (made.pay, made.counted) == ({}, ())


def test_a_period_that_goes_on_is_known_until_today():
    made = career([period(date(2026, 1, 1), date(2026, 12, 31))], TODAY)
    assert made.counted_days(date(2026, 1, 1), date(2026, 12, 31)) == 326


spans = st.tuples(st.dates(FIRST, LAST), st.dates(FIRST, LAST)).map(sorted)


@given(st.lists(spans, max_size=8))
def test_time_is_a_union_of_days(drawn):
    made = career([period(*one) for one in drawn], TODAY)
    days = {day for first, last in drawn for day in range(first.toordinal(), last.toordinal() + 1)}
    assert made.counted_days(FIRST, LAST) == len(days)
    middle = date(2001, 7, 1)
    assert made.counted_days(FIRST, middle) == len([day for day in days if day <= middle.toordinal()])


def test_the_document_and_the_record_are_read_alike():
    line = Contribution(2001, "2001-01-01", "2001-12-31", "1", "", "worked", "1000.00", {"old_age": "280.00"})
    assert read_periods([row()]) == periods_of([line]) == (period(date(2001, 1, 1), date(2001, 12, 31), "1000.00"),)
    assert not read_periods([row(branches={"health": "1.00"})])[0].insured


@pytest.mark.parametrize(
    "changes",
    [{"pay": "much"}, {"pay": "-1"}, {"pay": None}, {"from": "2001-13-01"}, {"to": "2000-12-31"}, {"kind": "slept"},
     {"branches": None}, {"year": "x"}],
)  # fmt: skip
def test_a_line_that_cannot_be_read_is_named(changes):
    assert read_periods([row(), row(**changes)]) == NotPossible("record_unreadable", {"line": "2"})
