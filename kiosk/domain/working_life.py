"""A working life out of a contribution record: periods that count once, sums by year and employer, and what is worth asking about.

- Concurrent employments add up in pay; a day counts once, however many periods cover it.
- What looks odd is a question to the record, never a finding against anybody: part-time work, studies and care are lawful.
- Days are inclusive at both ends; amounts are exact decimals in the scheme's currency.
- The year under way is not complete yet, so nothing missing in it is asked about.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from operator import attrgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kiosk.domain.record import Contribution

WORKED = "worked"
"""Kind of a period in work; every other kind is without pay of its own."""
_DAY = timedelta(days=1)
_DAYS_A_YEAR, _MONTHS_A_YEAR = 365, 12


@dataclass(frozen=True, slots=True)
class Oddities:
    """From when on something is asked about, as the scheme pack has it.

    `gap_days`: the shortest gap. `lowest_pay`: monthly, by the year from which it holds; before the first none is known.
    """

    gap_days: int
    lowest_pay: Mapping[int, int]

    def lowest_in(self, year: int) -> int | None:
        """Return the lowest monthly pay at the beginning of a year, where there was one."""
        known = [since for since in self.lowest_pay if since <= year]
        return self.lowest_pay[max(known)] if known else None


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Some days, the first and the last included."""

    start: date
    end: date

    @property
    def days(self) -> int:
        """How many days."""
        return (self.end - self.start).days + 1


@dataclass(frozen=True, slots=True)
class Year:
    """One year: what was earned in work, days in work and days insured at all (each day once), and its lines in order of time."""

    year: int
    pay: Decimal
    worked_days: int
    insured_days: int
    lines: tuple[Contribution, ...]


@dataclass(frozen=True, slots=True)
class Employment:
    """All periods with one employer, or of one kind without an employer; the days of overlapping ones once."""

    employer: str
    name: str
    kind: str
    periods: tuple[Period, ...]

    @property
    def days(self) -> int:
        """How many days."""
        return sum(period.days for period in self.periods)


@dataclass(frozen=True, slots=True)
class WorkingLife:
    """The whole. `years` newest first, `employments` in order of their first day, `periods` insured in any way, oldest first."""

    years: tuple[Year, ...]
    employments: tuple[Employment, ...]
    periods: tuple[Period, ...]

    @property
    def insured_days(self) -> int:
        """Days insured in any way, each once."""
        return sum(period.days for period in self.periods)

    @property
    def employers(self) -> int:
        """How many employers there were."""
        return sum(1 for one in self.employments if one.kind == WORKED)


@dataclass(frozen=True, slots=True)
class Gap:
    """Nothing is on record for these days."""

    period: Period


@dataclass(frozen=True, slots=True)
class NoEmployer:
    """A period in work does not say with whom."""

    line: Contribution


@dataclass(frozen=True, slots=True)
class LowPay:
    """All pay of a year together is less than the lowest pay of the days in work came to.

    `lowest`: what it came to, in whole units of the currency, rounded down. `line`: the one with the highest pay.
    """

    year: int
    pay: Decimal
    lowest: int
    line: Contribution


@dataclass(frozen=True, slots=True)
class MissingBranch:
    """Work that was not insured for a branch, years in a row. `line`: the newest of it."""

    branch: str
    first_year: int
    last_year: int
    line: Contribution


Oddity = Gap | NoEmployer | LowPay | MissingBranch


def line_id(line: Contribution) -> str:
    """Name a line of the record, as a query about it does: year, employer's number (may be empty), first day."""
    return f"{line.year}:{line.employer}:{line.start}"


def period_of(line: Contribution) -> Period:
    """Return the days of a line."""
    return Period(date.fromisoformat(line.start), date.fromisoformat(line.end))


_in_time = attrgetter("start", "end")


def merged(periods: Iterable[Period]) -> tuple[Period, ...]:
    """Join what overlaps or follows the day after, oldest first, so that no day counts twice."""
    joined: list[Period] = []
    for period in sorted(periods, key=_in_time):  # a key is much quicker than the order of dataclasses
        if joined and period.start <= joined[-1].end + _DAY:
            joined[-1] = Period(joined[-1].start, max(joined[-1].end, period.end))
        else:
            joined.append(period)
    return tuple(joined)


def working_life(contributions: Sequence[Contribution]) -> WorkingLife:
    """Put a record together."""
    by_year: dict[int, list[tuple[Period, Contribution]]] = {}
    by_employer: dict[tuple[str, str, str], list[Period]] = {}
    names: dict[tuple[str, str, str], str] = {}
    for line in contributions:
        period = period_of(line)
        by_year.setdefault(line.year, []).append((period, line))
        key = _employment_of(line)
        by_employer.setdefault(key, []).append(period)
        names.setdefault(key, line.employer_name)
    years = tuple(_year(year, by_year[year]) for year in sorted(by_year, reverse=True))
    employments = [
        Employment(employer, names[employer, kind, name], kind, merged(periods))
        for (employer, kind, name), periods in by_employer.items()
    ]
    everything = merged(period for lines in by_year.values() for period, _ in lines)
    return WorkingLife(years, tuple(sorted(employments, key=lambda one: (one.periods[0], one.name))), everything)


def _employment_of(line: Contribution) -> tuple[str, str, str]:
    """Tell employments apart by the employer's number; without one, by what the record calls it."""
    return (line.employer, line.kind, "" if line.employer else line.employer_name)


def _year(year: int, lines: list[tuple[Period, Contribution]]) -> Year:
    ordered = sorted(lines, key=lambda one: (one[0], one[1].employer))
    worked = [(period, line) for period, line in ordered if line.kind == WORKED]
    return Year(
        year=year,
        pay=sum((Decimal(line.pay) for _, line in worked), Decimal(0)),
        worked_days=_days(period for period, _ in worked),
        insured_days=_days(period for period, _ in ordered),
        lines=tuple(line for _, line in ordered),
    )


def _days(periods: Iterable[Period]) -> int:
    return sum(period.days for period in merged(periods))


# --- what is worth asking about ----------------------------------------------------------------------


def oddities(life: WorkingLife, rules: Oddities, branches: Sequence[str], until: date | None) -> tuple[Oddity, ...]:
    """Return what is worth asking about, newest first.

    `until`: the day by which the record should reach; None for who is not expected to work any more.
    """
    found = [(gap.period.end.year, gap) for gap in _gaps(life, rules.gap_days, until)]
    others: list[tuple[int, Oddity]] = []
    for year in life.years:
        others += [(year.year, NoEmployer(line)) for line in year.lines if line.kind == WORKED and not line.employer]
        low = _low_pay(year, rules)
        if low is not None:
            others.append((year.year, low))
    others += [(one.last_year, one) for one in _missing_branches(life, branches)]
    return tuple(one for _, one in sorted([*found, *others], key=lambda pair: -pair[0]))


def _gaps(life: WorkingLife, least: int, until: date | None) -> Iterator[Gap]:
    for before, after in pairwise(life.periods):
        gap = Period(before.end + _DAY, after.start - _DAY)
        if gap.days >= least:
            yield Gap(gap)
    if life.periods and until is not None:
        last = Period(life.periods[-1].end + _DAY, until)
        if last.days >= least:
            yield Gap(last)


def _low_pay(year: Year, rules: Oddities) -> LowPay | None:
    lowest = rules.lowest_in(year.year)
    if lowest is None or not year.worked_days:
        return None
    least = lowest * _MONTHS_A_YEAR * min(year.worked_days, _DAYS_A_YEAR)
    if year.pay * _DAYS_A_YEAR >= least:
        return None
    line = max((line for line in year.lines if line.kind == WORKED), key=lambda line: Decimal(line.pay))
    return LowPay(year.year, year.pay, least // _DAYS_A_YEAR, line)


def _missing_branches(life: WorkingLife, branches: Sequence[str]) -> Iterator[MissingBranch]:
    """Find work that lacks a branch; years in a row with the same employer are one question."""
    running: dict[tuple[str, str, str], MissingBranch] = {}
    for year in life.years:
        for line in year.lines:
            for branch in branches if line.kind == WORKED else ():
                if branch in line.branches:
                    continue
                key = (line.employer, line.employer_name, branch)
                newer = running.get(key)
                if newer is not None and newer.first_year <= line.year + 1:
                    running[key] = MissingBranch(branch, line.year, newer.last_year, newer.line)
                    continue
                if newer is not None:
                    yield newer
                running[key] = MissingBranch(branch, line.year, line.year, line)
    yield from running.values()


def end_of_last_year(today: str) -> date:
    """Return the last day that a record is complete up to: the end of the year before."""
    return date(date.fromisoformat(today).year - 1, 12, 31)
