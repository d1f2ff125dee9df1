"""What somebody's Czech old-age pension may be: from the record or from typed figures, and what if.

- In today's money: thresholds and flat amount of the newest published year, c and rate of the year of retirement, which
  are law until 2035. Thresholds to come are not guessed.
- Who works now is taken to go on at the pay of the last whole year until the day of retirement; who does not, not.
- The same inputs give the same value everywhere; `kiosk.wire.pension` writes it to the same bytes.
- It is an estimate: the statute's raises and cuts for going late or early are not in it, and it says so.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from kiosk.domain.pension import cz_old_age as cz
from kiosk.domain.pension.career import Career, Period, career
from kiosk.domain.pension.rounding import CENT, UNIT, Rounding, divided, exact, in_bounds, rounded
from kiosk.domain.pension.trace import NotPossible, RuleSet, Step, Unit, not_possible, step

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kiosk.domain.pension.dated import Dated

MOST_MORE_YEARS = 40
_OLDEST = 120
_WORKS_WITHIN = timedelta(days=365)
"""Who had insured work within so many days is taken to go on."""


@dataclass(frozen=True, slots=True)
class FromRecord:
    """A person's record: born on, and its lines."""

    birth: date
    periods: tuple[Period, ...]


@dataclass(frozen=True, slots=True)
class Typed:
    """Figures that anybody typed: born on, gross pay a month in today's money, whole years of insurance so far."""

    birth: date
    monthly_pay: Decimal
    whole_years: int
    goes_on: bool = True


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What the person would like to see: retiring at an age, so many years later, with more years than are known."""

    retirement_age: int | None = None
    later_years: int = 0
    more_years: int = 0


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of the picture: retiring at this age, in this year, with so many years, gives this much a month."""

    age: int
    year: int
    whole_years: int
    monthly_pension: Decimal


@dataclass(frozen=True, slots=True)
class Estimate:
    """The estimate for one age, and the bars for the others."""

    rules: RuleSet
    version: str
    as_of: date
    prices_of: int
    source: FromRecord | Typed
    what_if: WhatIf
    retirement_age: int
    retirement_on: date
    whole_years: int
    result: cz.Result
    bars: tuple[Bar, ...]
    trace: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class _Past:
    """What is known up to today: days of insurance, what was earned (a record's years, or a typed pay a month), what goes on.

    `worth`: each year's pay of the record in today's money; `daily_pay`: a day's, of who goes on; None otherwise.
    """

    counted_days: int
    earned: Career | Decimal
    goes_on: bool
    worth: Mapping[int, Decimal] = field(default_factory=dict)
    daily_pay: Decimal | None = None


@dataclass(frozen=True, slots=True)
class _Basis:
    """Everything that does not depend on the age of retirement."""

    source: FromRecord | Typed
    past: _Past
    parameters: cz.Parameters
    prices_of: int
    more_years: int
    as_of: date


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What comes out for one age. `goes_on_days`: from today to the day of retirement, for who works on."""

    on: date
    goes_on_days: int
    whole_years: int
    base: Decimal
    result: cz.Result


def estimate(
    source: FromRecord | Typed, dated: Dated[cz.Parameters], what_if: WhatIf, as_of: date
) -> Estimate | NotPossible:
    """Estimate the pension as of the day `as_of`."""
    parameters = dated.parameters
    rules = parameters.record
    possible = ages(source.birth, rules, as_of)
    if isinstance(possible, NotPossible):
        return possible
    wanted = (what_if.retirement_age or max(rules.usual_age, possible.start)) + what_if.later_years
    wrong = _wrong(source, what_if, wanted, possible, age_on(source.birth, as_of))
    if wrong is not None:
        return wrong
    published = [year for year in parameters.years if year <= as_of.year]
    if not published:
        known = parameters.years
        return not_possible("no_thresholds", year=as_of.year, first=min(known), last=max(known))
    with exact():
        past = _past(source, rules, max(published), as_of)
        basis = _Basis(source, past, parameters, max(published), what_if.more_years, as_of)
        main = _retiring_at(basis, wanted)
        if isinstance(main, NotPossible):
            return main
        bars = tuple(
            Bar(age, one.on.year, one.whole_years, one.result.monthly_pension)
            for age in possible
            if isinstance(one := main if age == wanted else _retiring_at(basis, age), _Outcome)
        )
    return Estimate(
        rules=dated.rules,
        version=dated.version,
        as_of=as_of,
        prices_of=basis.prices_of,
        source=source,
        what_if=what_if,
        retirement_age=wanted,
        retirement_on=main.on,
        whole_years=main.whole_years,
        result=main.result,
        bars=bars,
        trace=(*_opening(basis, main), *main.result.trace, *_closing(main.whole_years, rules)),
    )


def age_on(birth: date, day: date) -> int:
    """Tell somebody's age in whole years."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def ages(birth: date, rules: cz.FromRecord, as_of: date) -> range | NotPossible:
    """Return the ages at which somebody can still retire, as the picture shows them; who is past all of them: today's."""
    now = age_on(birth, as_of)
    if not rules.least_age <= now <= _OLDEST:
        return not_possible("birth_out_of_range", least=rules.least_age)
    return range(max(rules.earliest_age, now), max(rules.latest_age, now) + 1)


def birthday(birth: date, age: int) -> date:
    """Tell the day somebody reaches an age; who was born on 29 February reaches it on 1 March in other years."""
    year = birth.year + age
    try:
        return birth.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


def _wrong(source: FromRecord | Typed, what_if: WhatIf, wanted: int, possible: range, now: int) -> NotPossible | None:
    """Refuse figures that nobody can have."""
    if wanted not in possible or what_if.later_years < 0:
        return not_possible("retirement_age", age=wanted, first=possible.start, last=possible.stop - 1)
    if not 0 <= what_if.more_years <= MOST_MORE_YEARS:
        return not_possible("more_years", years=what_if.more_years, most=MOST_MORE_YEARS)
    if isinstance(source, Typed):
        if not 0 <= source.whole_years <= now:
            return not_possible("years_out_of_range", years=source.whole_years, most=now)
        if not in_bounds(source.monthly_pay) or source.monthly_pay == 0:
            return not_possible("no_pay")
    return None


def _past(source: FromRecord | Typed, rules: cz.FromRecord, prices_of: int, as_of: date) -> _Past:
    if isinstance(source, Typed):
        return _Past(source.whole_years * rules.days_a_year, source.monthly_pay, source.goes_on)
    known = career(source.periods, as_of)
    counted = known.counted_days(date.min, as_of)
    daily = None
    if known.worked_days(as_of - _WORKS_WITHIN, as_of):
        daily = _daily_pay(known, rules, prices_of, as_of)
    worth = {
        year: divided(pay * rules.coefficient(year, prices_of), UNIT, UNIT, Rounding.UP)
        for year, pay in known.pay.items()
    }
    return _Past(counted, known, daily is not None, worth, daily)


def _daily_pay(known: Career, rules: cz.FromRecord, prices_of: int, as_of: date) -> Decimal | None:
    """Return the pay a day of the last whole year with work, or of this year where there is no such; today's money."""
    for year in (as_of.year - 1, as_of.year):
        days = known.worked_days(date(year, 1, 1), date(year, 12, 31))
        if days and year in known.pay:
            worth = known.pay[year] * rules.coefficient(year, prices_of)
            return divided(worth, Decimal(days), CENT, Rounding.HALF_UP)
    return None


def _retiring_at(basis: _Basis, age: int) -> _Outcome | NotPossible:
    """Calculate for retirement at an age, or today where that day is past."""
    rules, past = basis.parameters.record, basis.past
    on = max(birthday(basis.source.birth, age), basis.as_of)
    to_come = (on - basis.as_of).days if past.goes_on else 0
    whole_years = (past.counted_days + to_come) // rules.days_a_year + basis.more_years
    if whole_years == 0:
        return not_possible("no_years")
    base = _assessment_base(basis, on)
    if isinstance(base, NotPossible):
        return base
    shares = cz.shares_of(on.year, basis.parameters)
    if shares is None:
        return not_possible("no_shares", year=on.year)
    amounts = basis.parameters.years[basis.prices_of]
    inputs = cz.Inputs(on.year, base, whole_years)
    result = cz.with_shares(inputs, amounts, basis.parameters.middle_percent, shares)
    if isinstance(result, NotPossible):
        return result
    return _Outcome(on, to_come, whole_years, base, result)


def _assessment_base(basis: _Basis, on: date) -> Decimal | NotPossible:
    """Return the monthly average, in today's money, of the pay from the first year that counts to the year before `on`."""
    past, earned, rules = basis.past, basis.past.earned, basis.parameters.record
    if isinstance(earned, Decimal):
        return rounded(earned, UNIT, Rounding.UP)
    first = date(max(rules.first_year, basis.source.birth.year + rules.least_age + 1), 1, 1)
    last = date(on.year - 1, 12, 31)
    known = min(last, basis.as_of)
    total = sum((worth for year, worth in past.worth.items() if first.year <= year <= known.year), Decimal(0))
    if past.daily_pay is not None:
        total += past.daily_pay * max((last - max(known, first)).days, 0)
    days = (last - first).days + 1 - earned.excluded_days(first, known)
    if days <= 0 or total == 0:
        return not_possible("no_pay")
    return divided(rules.days_factor * total, Decimal(days), UNIT, Rounding.UP)


def _opening(basis: _Basis, main: _Outcome) -> tuple[Step, ...]:
    """Say what the figures rest on."""
    rules = basis.parameters.record
    known = basis.past.counted_days // rules.days_a_year
    if isinstance(basis.source, Typed):
        so_far = step("cz.typed_years", known, Unit.YEARS, years=known)
    else:
        so_far = step("cz.known", known, Unit.YEARS, years=known, day=basis.as_of.isoformat())
    steps = [step("cz.prices", None, year=basis.prices_of), so_far]
    if main.goes_on_days:
        goes_on = main.goes_on_days // rules.days_a_year
        steps.append(step("cz.goes_on", goes_on, Unit.YEARS, day=main.on.isoformat()))
    if basis.more_years:
        steps.append(step("cz.more_years", basis.more_years, Unit.YEARS, years=basis.more_years))
    base = main.base
    return (*steps, step("cz.typed_base" if isinstance(basis.source, Typed) else "cz.base", base, base=base))


def _closing(whole_years: int, rules: cz.FromRecord) -> tuple[Step, ...]:
    """Say what is not in it."""
    not_in_it = step("cz.not_counted", None)
    if whole_years >= rules.least_years:
        return (not_in_it,)
    return (
        step("cz.too_few_years", None, years=whole_years, least=rules.least_years),
        not_in_it,
    )
