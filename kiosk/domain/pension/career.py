"""From the contribution record, as the person's document has it, to insured time and pay by year.

Source: act 155/1995 Coll. sections 11-13 (time), 16 (assessment base, excluded time); the lines are a record's
`Contribution`s, or the rows of the document that they come from.

- Employments side by side add up in pay and count once in time: periods are merged as everywhere (`working_life.merged`).
- Pay counts where it was insured for old age; assimilated time counts as time and is taken out of the average.
- Time in another scheme is the other institution's to pay for; it is not counted here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from kiosk.domain.pension.rounding import exact, in_bounds
from kiosk.domain.pension.trace import NotPossible, not_possible
from kiosk.domain.working_life import Period as Days
from kiosk.domain.working_life import merged

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kiosk.domain.record import Contribution

BRANCH = "old_age"


class Kind(StrEnum):
    """What a period was."""

    WORKED = "worked"
    ASSIMILATED = "assimilated"
    OTHER_SCHEME = "other_scheme"


@dataclass(frozen=True, slots=True)
class Period:
    """One line of the record; both days belong to it. `pay` is what was earned in `year`; `insured` for old age."""

    year: int
    first: date
    last: date
    kind: Kind
    pay: Decimal
    insured: bool


@dataclass(frozen=True, slots=True)
class Career:
    """Pay by year, and the days that count, as periods that never overlap."""

    pay: Mapping[int, Decimal]
    worked: tuple[Days, ...]
    counted: tuple[Days, ...]

    def worked_days(self, first: date, last: date) -> int:
        """Count the days with insured work from `first` to `last`."""
        return _days(self.worked, first, last)

    def counted_days(self, first: date, last: date) -> int:
        """Count the days of insurance, assimilated ones included."""
        return _days(self.counted, first, last)

    def excluded_days(self, first: date, last: date) -> int:
        """Count the days that are assimilated and not worked: they lower no average."""
        return self.counted_days(first, last) - self.worked_days(first, last)


def periods_of(record: Iterable[Contribution]) -> tuple[Period, ...] | NotPossible:
    """Return the periods of a record as the rules have it; a line that cannot be read stops the estimate, by number."""
    return _numbered((one.year, one.start, one.end, one.kind, one.pay, one.branches) for one in record)


def read_periods(rows: Iterable[Mapping[str, Any]]) -> tuple[Period, ...] | NotPossible:
    """Return the periods of `contributions` as a record's document carries them; as `periods_of`."""
    names = ("year", "from", "to", "kind", "pay", "branches")
    return _numbered(tuple(row.get(name) for name in names) for row in rows)


def _numbered(lines: Iterable[tuple[Any, ...]]) -> tuple[Period, ...] | NotPossible:
    periods = []
    for number, line in enumerate(lines, start=1):
        try:
            periods.append(_period(*line))
        except (TypeError, ValueError, InvalidOperation):
            return not_possible("record_unreadable", line=number)
    return tuple(periods)


def career(periods: Iterable[Period], until: date) -> Career:
    """Sum up a record as it is on the day `until`; what lies later is left out."""
    known = [one for one in periods if one.first <= until]
    worked = [one for one in known if one.kind is Kind.WORKED and one.insured]
    assimilated = [one for one in known if one.kind is Kind.ASSIMILATED]
    pay: dict[int, Decimal] = {}
    with exact():
        for one in worked:
            pay[one.year] = pay.get(one.year, Decimal(0)) + one.pay
    at_work = merged(Days(one.first, min(one.last, until)) for one in worked)
    cared = (Days(one.first, min(one.last, until)) for one in assimilated)
    return Career(dict(sorted(pay.items())), at_work, merged((*at_work, *cared)))


def _period(year: int, start: str, end: str, kind: str, pay: str, branches: Mapping[str, str]) -> Period:  # noqa: PLR0917 - one line, as it is written
    first, last = date.fromisoformat(start), date.fromisoformat(end)
    earned = Decimal(pay)
    if last < first or not in_bounds(earned):
        raise ValueError
    return Period(int(year), first, last, Kind(kind), earned, BRANCH in branches)


def _days(periods: tuple[Days, ...], first: date, last: date) -> int:
    return sum(
        Days(max(one.start, first), min(one.end, last)).days
        for one in periods
        if one.start <= last and first <= one.end
    )
