"""Which account a payment goes to: the old one before, the new one after, never both, never neither.

- A payment of day D goes to the account in force at D's cut-off; the same D always gives the same answer.
- While a change is disputed, payments that would go to its account are held; the day keeps its claim.
- An account whose dispute was upheld is as if it had never been in force: the one before it is paid.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import tzinfo

_DECEMBER = 12


@dataclass(frozen=True, slots=True)
class PaymentSchedule:
    """Payment on `day_of_month` (the month's last day where it is shorter); cut-off that many days before, local."""

    day_of_month: int
    cut_off_days: int
    cut_off_time: time
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class AccountInForce:
    """One account in a person's history; `since` None: from the beginning of the claim.

    `change` is the id of the change that brought it, empty for the first.
    """

    account: str
    since: datetime | None = None
    change: str = ""
    disputed: bool = False
    reverted: bool = False


@dataclass(frozen=True, slots=True)
class PayTo:
    """The payment goes to this account."""

    account: str


@dataclass(frozen=True, slots=True)
class HeldPayment:
    """The payment is held: the change that brought `account` is disputed."""

    account: str
    change: str


@dataclass(frozen=True, slots=True)
class NoAccount:
    """No account is on file that a payment could go to; the desk is asked."""


Payee = PayTo | HeldPayment | NoAccount


def cut_off(payment_on: date, schedule: PaymentSchedule) -> datetime:
    """Return the moment after which a change no longer reaches the payment of that day."""
    day = payment_on - timedelta(days=schedule.cut_off_days)
    return datetime.combine(day, schedule.cut_off_time, schedule.zone)


def payee(history: Iterable[AccountInForce], payment_on: date, schedule: PaymentSchedule) -> Payee:
    """Return where the payment of `payment_on` goes; in force at the very cut-off counts as in force."""
    limit = cut_off(payment_on, schedule)
    in_time = sorted(
        (entry for entry in history if not entry.reverted and (entry.since is None or entry.since <= limit)),
        key=_since,
    )
    if not in_time:
        return NoAccount()
    entry = in_time[-1]
    return HeldPayment(entry.account, entry.change) if entry.disputed else PayTo(entry.account)


def payment_day(year: int, month: int, schedule: PaymentSchedule) -> date:
    """Return the day on which the payments of that month are made."""
    return date(year, month, min(schedule.day_of_month, calendar.monthrange(year, month)[1]))


def next_payment_on(after: date, schedule: PaymentSchedule) -> date:
    """Return the first payment day that is later than `after`."""
    day = payment_day(after.year, after.month, schedule)
    return day if day > after else payment_day(*_next_month(after), schedule)


def first_payment_on(in_force_at: datetime, schedule: PaymentSchedule) -> date:
    """Return the first payment day whose cut-off a change in force at that moment still reaches."""
    local = in_force_at.astimezone(schedule.zone).date()
    day = payment_day(local.year, local.month, schedule)
    while cut_off(day, schedule) < in_force_at:
        day = payment_day(*_next_month(day), schedule)
    return day


def _next_month(day: date) -> tuple[int, int]:
    return (day.year + 1, 1) if day.month == _DECEMBER else (day.year, day.month + 1)


def _since(entry: AccountInForce) -> tuple[bool, float]:
    return (entry.since is not None, 0.0 if entry.since is None else entry.since.timestamp())
