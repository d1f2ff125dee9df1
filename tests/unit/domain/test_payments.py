"""The account that is paid: old before, new after, never both, never neither."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.payments import (
    AccountInForce,
    HeldPayment,
    NoAccount,
    PaymentSchedule,
    PayTo,
    cut_off,
    first_payment_on,
    next_payment_on,
    payee,
    payment_day,
)

PRAGUE = ZoneInfo("Europe/Prague")
MONTHLY = PaymentSchedule(15, 3, time(18, 0), PRAGUE)
OLD = AccountInForce("OLD")
PAYDAY = date(2026, 12, 15)
LIMIT = datetime(2026, 12, 12, 17, 0, tzinfo=UTC)

EARLIEST, LATEST = datetime(2026, 1, 1), datetime(2029, 12, 31)  # noqa: DTZ001 - Hypothesis adds the zone
moments = st.datetimes(EARLIEST, LATEST, timezones=st.just(UTC))
days = st.dates(date(2026, 1, 1), date(2030, 2, 28))


def new(since, **more):
    return AccountInForce("NEW", since, "c1", **more)


def test_the_cut_off_is_local():
    assert cut_off(PAYDAY, MONTHLY) == LIMIT
    assert cut_off(date(2026, 7, 15), MONTHLY) == datetime(2026, 7, 12, 16, 0, tzinfo=UTC)


def test_in_force_at_the_cut_off_is_paid_and_a_moment_later_is_not():
    assert payee([OLD, new(LIMIT)], PAYDAY, MONTHLY) == PayTo("NEW")
    assert payee([OLD, new(LIMIT + timedelta(microseconds=1))], PAYDAY, MONTHLY) == PayTo("OLD")


def test_a_disputed_account_is_not_paid_and_the_earlier_payment_is():
    assert payee([OLD, new(LIMIT, disputed=True)], PAYDAY, MONTHLY) == HeldPayment("NEW", "c1")
    late = new(LIMIT + timedelta(days=1), disputed=True)
    assert payee([OLD, late], PAYDAY, MONTHLY) == PayTo("OLD")


def test_a_reverted_account_is_as_if_it_had_never_been():
    assert payee([OLD, new(LIMIT, reverted=True)], PAYDAY, MONTHLY) == PayTo("OLD")


def test_nobody_to_pay():
    assert payee([], PAYDAY, MONTHLY) == NoAccount()
    assert payee([new(LIMIT + timedelta(days=1))], PAYDAY, MONTHLY) == NoAccount()


def test_of_two_at_the_same_moment_the_later_in_the_history_counts():
    assert payee([OLD, new(LIMIT), AccountInForce("NEWER", LIMIT, "c2")], PAYDAY, MONTHLY) == PayTo("NEWER")


def test_the_31st_is_the_last_day_of_shorter_months():
    end = replace(MONTHLY, day_of_month=31)
    assert [payment_day(2028, month, end).day for month in (1, 2, 4)] == [31, 29, 30]


def test_the_next_payment_lies_after_the_day():
    assert next_payment_on(date(2026, 12, 14), MONTHLY) == PAYDAY
    assert next_payment_on(PAYDAY, MONTHLY) == date(2027, 1, 15)


def test_the_first_payment_to_a_new_account():
    assert first_payment_on(LIMIT, MONTHLY) == PAYDAY
    assert first_payment_on(LIMIT + timedelta(seconds=1), MONTHLY) == date(2027, 1, 15)
    assert first_payment_on(datetime(2026, 11, 30, 23, 30, tzinfo=UTC), MONTHLY) == PAYDAY


@given(moments, st.integers(1, 31), st.integers(0, 27))
def test_the_first_payment_is_the_first_that_is_paid_to_it(in_force_at, day, lead):
    schedule = PaymentSchedule(day, lead, time(18, 0), PRAGUE)
    history = [OLD, new(in_force_at)]
    first = first_payment_on(in_force_at, schedule)
    assert payee(history, first, schedule) == PayTo("NEW")
    before = first.replace(day=1) - timedelta(days=1)
    assert payee(history, payment_day(before.year, before.month, schedule), schedule) == PayTo("OLD")


@given(st.lists(st.tuples(moments, st.booleans(), st.booleans()), max_size=5), days)
def test_each_day_has_exactly_one_answer_whatever_the_order(entries, day):
    history = [OLD, *(AccountInForce(f"A{n}", at, f"c{n}", d, r) for n, (at, d, r) in enumerate(entries))]
    outcome = payee(history, day, MONTHLY)
    standing = [entry for entry in history if not entry.reverted]
    before = [entry for entry in standing if entry.since is None or entry.since <= cut_off(day, MONTHLY)]
    assert outcome.account in {entry.account for entry in before}
    newest = max((entry.since for entry in before if entry.since), default=None)
    paid = next(entry for entry in before if entry.account == outcome.account)
    assert paid.since == newest
    assert isinstance(outcome, HeldPayment) == paid.disputed


@given(st.lists(moments, max_size=5), days, days)
def test_later_payments_never_go_back_to_an_older_account(times, one, other):
    history = [OLD, *(AccountInForce(f"A{n}", at, f"c{n}") for n, at in enumerate(sorted(times)))]
    order = [entry.account for entry in history]
    first, second = sorted([one, other])
    assert order.index(payee(history, first, MONTHLY).account) <= order.index(payee(history, second, MONTHLY).account)
