"""Entry of codes: open, closed, open again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.lockout import CODE_ENTRY, Throttle, closed_until, tries_left

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def failures(count, every=MINUTE):
    return [NOW + every * number for number in range(count)]


def test_nine_wrong_codes_leave_it_open():
    assert closed_until(failures(9), NOW + 10 * MINUTE, CODE_ENTRY) is None
    assert tries_left(failures(9), NOW + 10 * MINUTE, CODE_ENTRY) == 1


def test_the_tenth_closes_it_for_an_hour():
    last = NOW + 9 * MINUTE
    assert closed_until(failures(10), last, CODE_ENTRY) == last + timedelta(hours=1)
    assert tries_left(failures(10), last, CODE_ENTRY) == 0
    assert closed_until(failures(10), last + timedelta(hours=1), CODE_ENTRY) is None


def test_ten_over_a_long_time_do_not():
    assert closed_until(failures(10, 10 * MINUTE), NOW + 100 * MINUTE, CODE_ENTRY) is None


def test_where_it_closes_more_briefly_than_it_remembers_one_try_is_left_afterwards():
    strict = Throttle(limit=3, window=timedelta(hours=1), closed_for=timedelta(minutes=5))
    assert tries_left(failures(3), NOW + 8 * MINUTE, strict) == 1


def test_nobody_failed():
    assert tries_left([], NOW, CODE_ENTRY) == 10


@given(st.lists(st.integers(-5000, 5000)), st.integers(-5000, 5000))
def test_closed_means_no_tries(offsets, at):
    times = [NOW + MINUTE * offset for offset in offsets]
    moment = NOW + MINUTE * at
    assert (closed_until(times, moment, CODE_ENTRY) is not None) == (tries_left(times, moment, CODE_ENTRY) == 0)
