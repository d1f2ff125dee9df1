"""The Czech old-age pension of the year it is granted in: reduced base, percentage part, flat amount.

Source: act 155/1995 Coll. sections 4, 15, 33, 34 and the government's decrees with each year's amounts.

- Reduced base: c of the assessment base up to the first threshold and 26 % of the part between the thresholds, rounded
  up to the crown; what is above the second threshold does not count.
- Percentage part: reduced base x rate x whole years, rounded up to the crown.
- From 2026 to 2035 c and the rate fall in equal yearly steps; thresholds of a year that nobody has published are not
  guessed.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from kiosk.domain.pension.rounding import UNIT, Rounding, divided, exact
from kiosk.domain.pension.trace import NotPossible, Step, Unit, not_possible, step

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_YEARS = 80
_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Year:
    """The amounts of one year; `c` and `rate_percent` where the year has them published itself."""

    first_threshold: Decimal
    second_threshold: Decimal
    flat_amount: Decimal
    c: Decimal | None = None
    rate_percent: Decimal | None = None

    def __post_init__(self) -> None:
        """Refuse thresholds in the wrong order."""
        if not 0 < self.first_threshold < self.second_threshold:
            raise ValueError("the first threshold is not between 0 and the second")


@dataclass(frozen=True, slots=True)
class Fall:
    """Two values that fall in equal yearly steps from one year to another, and stay there."""

    from_year: int
    to_year: int
    c_from: Decimal
    c_to: Decimal
    rate_from: Decimal
    rate_to: Decimal

    def __post_init__(self) -> None:
        """Refuse a fall whose yearly step is not a plain decimal."""
        if self.from_year >= self.to_year:
            raise ValueError("from_year is not before to_year")
        years = Decimal(self.to_year - self.from_year)
        with exact():
            drops = (self.c_from - self.c_to, self.rate_from - self.rate_to)
            if any(drop < 0 or drop % (years * Decimal("0.0001")) for drop in drops):
                raise ValueError("the yearly steps are not equal steps of four decimals downwards")

    def at(self, year: int) -> tuple[Decimal, Decimal] | None:
        """Return c and rate of a year from `from_year` on; None before."""
        if year < self.from_year:
            return None
        gone = min(year, self.to_year) - self.from_year
        span = self.to_year - self.from_year
        with exact():
            c = self.c_from - (self.c_from - self.c_to) / span * gone
            rate = self.rate_from - (self.rate_from - self.rate_to) / span * gone
            return c.normalize() if c % 1 else c.quantize(UNIT), rate.normalize()


@dataclass(frozen=True, slots=True)
class FromRecord:
    """How a record becomes an assessment base, and the ages that an estimate draws (`docs/pension.md` says what is simplified).

    `wages` are wage levels of some years; between two of them a straight line, beyond them the nearest.
    """

    first_year: int
    least_age: int
    days_factor: Decimal
    days_a_year: int
    least_years: int
    usual_age: int
    earliest_age: int
    latest_age: int
    wages: Mapping[int, Decimal]

    def __post_init__(self) -> None:
        """Refuse ages in the wrong order, and wages that cannot be divided by."""
        if not self.earliest_age <= self.usual_age <= self.latest_age:
            raise ValueError("record: usual_age is not between earliest_age and latest_age")
        if not self.wages or any(wage <= 0 for wage in self.wages.values()):
            raise ValueError("record.wages is empty or has a year with no positive wage")

    def coefficient(self, year: int, prices_of: int) -> Decimal:
        """Return what a crown of pay of `year` is worth at the wages of `prices_of`, to four decimals; 1 from then on."""
        if year >= prices_of:
            return Decimal("1.0000")
        with exact():
            (now, span_now), (then, span) = self._level(prices_of), self._level(year)
            return divided(now * span, then * span_now, Decimal("0.0001"), Rounding.HALF_UP)

    def _level(self, year: int) -> tuple[Decimal, int]:
        """Return the wage level of a year as numerator and denominator, so that nothing is rounded."""
        known = self.wages.get(year)
        if known is not None:
            return known, 1
        years = sorted(self.wages)
        place = bisect_left(years, year)
        if place in {0, len(years)}:
            return self.wages[years[max(place - 1, 0)]], 1
        before, after = years[place - 1], years[place]
        low, high = self.wages[before], self.wages[after]
        return low * (after - before) + (high - low) * (year - before), after - before


@dataclass(frozen=True, slots=True)
class Parameters:
    """Amounts by year, the share of the middle part in percent, the fall of c and rate, and what an estimate needs."""

    years: Mapping[int, Year]
    middle_percent: Decimal
    fall: Fall
    record: FromRecord


@dataclass(frozen=True, slots=True)
class Inputs:
    """`assessment_base` None means: at or above the second threshold."""

    year: int
    assessment_base: Decimal | None
    whole_years: int


@dataclass(frozen=True, slots=True)
class Result:
    """Every amount on the way, in crowns a month."""

    year: int
    c: Decimal
    rate_percent: Decimal
    assessment_base: Decimal
    reduced_base: Decimal
    percentage_part: Decimal
    flat_amount: Decimal
    monthly_pension: Decimal
    trace: tuple[Step, ...]


def compute(inputs: Inputs, parameters: Parameters) -> Result | NotPossible:
    """Calculate the monthly pension that is granted in `inputs.year`."""
    year = parameters.years.get(inputs.year)
    if year is None:
        return not_possible("no_thresholds", year=inputs.year, first=min(parameters.years), last=max(parameters.years))
    shares = shares_of(inputs.year, parameters)
    if shares is None:
        return not_possible("no_shares", year=inputs.year)
    return with_shares(inputs, year, parameters.middle_percent, shares)


def shares_of(year: int, parameters: Parameters) -> tuple[Decimal, Decimal] | None:
    """Return c and rate of a year: its own where they are published, else from the fall; None where neither is known."""
    own = parameters.years.get(year)
    falling = parameters.fall.at(year)
    c = None if own is None else own.c
    rate = None if own is None else own.rate_percent
    if falling is not None:
        c, rate = falling[0] if c is None else c, falling[1] if rate is None else rate
    return None if c is None or rate is None else (c, rate)


def with_shares(
    inputs: Inputs, year: Year, middle_percent: Decimal, shares: tuple[Decimal, Decimal]
) -> Result | NotPossible:
    """Calculate with the amounts of `year` and these shares, which an estimate may take from different years."""
    if not 0 <= inputs.whole_years <= MOST_YEARS:
        return not_possible("years_out_of_range", years=inputs.whole_years, most=MOST_YEARS)
    c, rate = shares
    with exact():
        base = year.second_threshold if inputs.assessment_base is None else inputs.assessment_base
        low = min(base, year.first_threshold)
        middle = max(min(base, year.second_threshold) - year.first_threshold, Decimal(0))
        reduced = divided(_HUNDRED * c * low + middle_percent * middle, _HUNDRED, UNIT, Rounding.UP)
        part = divided(reduced * rate * inputs.whole_years, _HUNDRED, UNIT, Rounding.UP)
        pension = year.flat_amount + part
        trace = (
            step(
                "cz.reduced",
                reduced,
                base=base,
                first=year.first_threshold,
                second=year.second_threshold,
                c=(c * _HUNDRED).normalize(),
                middle=middle_percent,
            ),
            step("cz.years", inputs.whole_years, Unit.YEARS, years=inputs.whole_years),
            step("cz.percentage", part, reduced=reduced, rate=rate, years=inputs.whole_years),
            step("cz.pension", pension, flat=year.flat_amount, part=part),
        )
        return Result(inputs.year, c, rate, base, reduced, part, year.flat_amount, pension, trace)
