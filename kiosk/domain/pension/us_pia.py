"""The primary insurance amount of the United States and what is paid of it before or after the full retirement age.

Source: 42 USC 415(a), (b), (i), 402(q), (w); 20 CFR 404.210-212, 404.410; the Office of the Chief Actuary's examples.

- Each year's pay up to the taxable maximum is indexed by AWI(year of age 60) / AWI(year), to the cent, half up; from the
  year of age 60 on it counts as it is.
- AIME: the highest 35 years (fewer for births before 1929) over their months, floored to the dollar.
- PIA: 90, 32 and 15 % between bend points, floored to a dime; each cost-of-living rise from the year of age 62 on is
  floored to a dime again.
- What is paid: reduced or raised by months, floored to a dime, then to the dollar. The fractions are exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from kiosk.domain.pension.rounding import CENT, DIME, UNIT, Rounding, divided, exact, rounded
from kiosk.domain.pension.trace import NotPossible, Step, Unit, not_possible, step

if TYPE_CHECKING:
    from collections.abc import Mapping

FIRST_ELIGIBILITY = 1979
"""The formula with indexed pay is for those who reach 62 in 1979 or later (42 USC 415(a)(4))."""
MOST_MONTHS = 60
_INDEXING_AGE, _ELIGIBILITY_AGE, _AGE_21 = 60, 62, 21
_BEND_BASE_YEAR, _BEND_LAG = 1977, 2
_FIRST_BEND, _SECOND_BEND = Decimal(180), Decimal(1085)
_RATES = (Decimal("0.90"), Decimal("0.32"), Decimal("0.15"))
_FIRST_BASE_YEAR, _MOST_YEARS, _DROPPED, _LEAST_YEARS, _MONTHS = 1951, 35, 5, 2, 12
_FULL = 3600
"""The factor is counted in 3600ths: 5/9 % is 20 of them, 5/12 % 15, 2/3 % 24."""
_EARLY, _EARLY_AFTER, _LATE, _FIRST_EARLY_MONTHS = 20, 15, 24, 36


@dataclass(frozen=True, slots=True)
class Parameters:
    """Average wage index, cost-of-living rises in percent, and taxable maximum, each by year."""

    awi: Mapping[int, Decimal]
    cola: Mapping[int, Decimal]
    max_taxable: Mapping[int, Decimal]

    def __post_init__(self) -> None:
        """Refuse what the formula cannot divide by or begin with."""
        if _BEND_BASE_YEAR not in self.awi:
            raise ValueError(f"awi lacks {_BEND_BASE_YEAR}, which the bend points are measured by")
        if any(value <= 0 for value in self.awi.values()):
            raise ValueError("awi has a year with no positive average wage")


@dataclass(frozen=True, slots=True)
class Inputs:
    """A working life, or a part that is known already: `earnings` before `aime` before `pia`.

    `earnings` None in a year means the taxable maximum. `evaluation` is the year in which the benefit is looked at (the
    rises of the years before it are in); without it, the year of age 62. `pia` is the amount as of that year.
    """

    birth: int | None = None
    earnings: Mapping[int, Decimal | None] | None = None
    evaluation: int | None = None
    aime: Decimal | None = None
    pia: Decimal | None = None
    months_early: int = 0
    drc_months: int = 0


@dataclass(frozen=True, slots=True)
class Indexed:
    """One year: what counts of the pay, and what it is worth at the wages of the year of age 60."""

    year: int
    capped: Decimal
    indexed: Decimal
    counted: bool


@dataclass(frozen=True, slots=True)
class Result:
    """Every amount on the way; what the inputs do not reach is None."""

    years: tuple[Indexed, ...]
    computation_years: int | None
    aime: Decimal | None
    bend: tuple[Decimal, Decimal] | None
    pia_at_eligibility: Decimal | None
    rises: tuple[tuple[int, Decimal], ...]
    pia: Decimal | None
    benefit_exact: Decimal | None
    benefit: Decimal | None
    trace: tuple[Step, ...]


def compute(inputs: Inputs, parameters: Parameters) -> Result | NotPossible:
    """Calculate as far as the inputs reach: earnings, AIME, PIA, benefit."""
    wrong = _wrong_months(inputs)
    if wrong is not None:
        return wrong
    with exact():
        if inputs.birth is None:
            return not_possible("no_birth_year") if inputs.pia is None else _paid(inputs, inputs.pia)
        if inputs.birth + _ELIGIBILITY_AGE < FIRST_ELIGIBILITY:
            return not_possible("born_too_early", first=FIRST_ELIGIBILITY - _ELIGIBILITY_AGE)
        if inputs.earnings is None and inputs.aime is None and inputs.pia is not None:
            return _paid(inputs, inputs.pia)
        return _from_birth(inputs, inputs.birth, parameters)


def computation_years(birth: int) -> int:
    """Tell how many of the highest years count (42 USC 415(b)(2)): 35, or fewer for births before 1929."""
    first = max(birth + _AGE_21 + 1, _FIRST_BASE_YEAR)
    return min(max(birth + _ELIGIBILITY_AGE - first - _DROPPED, _LEAST_YEARS), _MOST_YEARS)


def bend_points(eligibility: int, awi: Mapping[int, Decimal]) -> tuple[Decimal, Decimal] | NotPossible:
    """Return the two bend points of an eligibility year, to the dollar."""
    wage = awi.get(eligibility - _BEND_LAG)
    if wage is None:
        return not_possible("no_wage_index", year=eligibility - _BEND_LAG)
    base = awi[_BEND_BASE_YEAR]
    return (
        divided(_FIRST_BEND * wage, base, UNIT, Rounding.HALF_UP),
        divided(_SECOND_BEND * wage, base, UNIT, Rounding.HALF_UP),
    )


def _wrong_months(inputs: Inputs) -> NotPossible | None:
    if inputs.months_early and inputs.drc_months:
        return not_possible("early_and_late")
    for months in (inputs.months_early, inputs.drc_months):
        if not 0 <= months <= MOST_MONTHS:
            return not_possible("months_out_of_range", months=months, most=MOST_MONTHS)
    return None


def _from_birth(inputs: Inputs, birth: int, parameters: Parameters) -> Result | NotPossible:
    eligibility = birth + _ELIGIBILITY_AGE
    evaluation = eligibility if inputs.evaluation is None else inputs.evaluation
    if evaluation < eligibility:
        return not_possible("before_eligibility", year=evaluation, eligibility=eligibility)
    bend = bend_points(eligibility, parameters.awi)
    if isinstance(bend, NotPossible):
        return bend
    bends: tuple[Step, ...] = (bend_step(eligibility, bend),)
    years: tuple[Indexed, ...] = ()
    aime, steps = inputs.aime, bends
    if inputs.earnings is not None:
        indexed = _indexed(birth, inputs.earnings, evaluation, parameters)
        if isinstance(indexed, NotPossible):
            return indexed
        years = indexed
        aime, told = _average(birth, years)
        steps = (*told, *bends)
    if aime is None:
        return Result((), None, None, bend, None, (), None, None, None, steps)
    first = primary_amount(aime, bend)
    rises = _rises(first, eligibility, evaluation, parameters.cola)
    if isinstance(rises, NotPossible):
        return rises
    pia = rises[-1][1] if rises else first
    told = tuple(step("us.rise", amount, year=year, percent=parameters.cola[year]) for year, amount in rises)
    paid = _paid(inputs, pia)
    return Result(
        years,
        computation_years(birth) if years else None,
        aime,
        bend,
        first,
        rises,
        pia,
        paid.benefit_exact,
        paid.benefit,
        (*steps, step("us.pia", first, aime=aime, first=bend[0], second=bend[1]), *told, *paid.trace),
    )


def bend_step(eligibility: int, bend: tuple[Decimal, Decimal]) -> Step:
    """Say where the bend points are."""
    return step("us.bend", None, year=eligibility, first=bend[0], second=bend[1])


def _indexed(
    birth: int, earnings: Mapping[int, Decimal | None], evaluation: int, parameters: Parameters
) -> tuple[Indexed, ...] | NotPossible:
    """Cap and index each year, the highest `computation_years` marked; earlier years win a tie."""
    base = birth + _INDEXING_AGE
    rows = []
    for year, pay in sorted(earnings.items()):
        maximum = parameters.max_taxable.get(year)
        if maximum is None:
            return not_possible("no_taxable_maximum", year=year)
        if year > evaluation:
            return not_possible("pay_after_evaluation", year=year, evaluation=evaluation)
        capped = maximum if pay is None else min(pay, maximum)
        if year >= base:
            rows.append((year, capped, rounded(capped, CENT, Rounding.HALF_UP)))
            continue
        for needed in (base, year):
            if needed not in parameters.awi:
                return not_possible("no_wage_index", year=needed)
        indexed = divided(capped * parameters.awi[base], parameters.awi[year], CENT, Rounding.HALF_UP)
        rows.append((year, capped, indexed))
    highest = sorted(rows, key=lambda row: (-row[2], row[0]))[: computation_years(birth)]
    counted = {year for year, _, _ in highest}
    return tuple(Indexed(year, capped, indexed, year in counted) for year, capped, indexed in rows)


def _average(birth: int, years: tuple[Indexed, ...]) -> tuple[Decimal, tuple[Step, ...]]:
    number = computation_years(birth)
    total = sum((row.indexed for row in years if row.counted), Decimal(0))
    aime = divided(total, Decimal(number * _MONTHS), UNIT, Rounding.DOWN)
    return aime, (
        step("us.indexed", total, year=birth + _INDEXING_AGE, years=number),
        step("us.aime", aime, total=total, months=number * _MONTHS),
    )


def primary_amount(aime: Decimal, bend: tuple[Decimal, Decimal]) -> Decimal:
    """Return the PIA of the eligibility year, floored to a dime."""
    first, second = bend
    parts = (min(aime, first), max(min(aime, second) - first, Decimal(0)), max(aime - second, Decimal(0)))
    return rounded(
        sum((part * rate for part, rate in zip(parts, _RATES, strict=True)), Decimal(0)), DIME, Rounding.DOWN
    )


def _rises(
    amount: Decimal, first: int, until: int, cola: Mapping[int, Decimal]
) -> tuple[tuple[int, Decimal], ...] | NotPossible:
    """Raise by each year's percentage from `first` to the year before `until`, floored to a dime each time."""
    rises = []
    for year in range(first, until):
        if year not in cola:
            return not_possible("no_rise", year=year)
        amount = divided(amount * (100 + cola[year]), Decimal(100), DIME, Rounding.DOWN)
        rises.append((year, amount))
    return tuple(rises)


def _paid(inputs: Inputs, pia: Decimal) -> Result:
    """Reduce or raise by months (20 CFR 404.410, 404.313)."""
    early, late = inputs.months_early, inputs.drc_months
    first = min(early, _FIRST_EARLY_MONTHS)
    factor = _FULL - _EARLY * first - _EARLY_AFTER * (early - first) + _LATE * late
    paid = divided(pia * factor, Decimal(_FULL), DIME, Rounding.DOWN)
    told: tuple[Step, ...] = ()
    if early:
        told = (step("us.early", paid, Unit.MONEY, pia=pia, months=early),)
    elif late:
        told = (step("us.late", paid, Unit.MONEY, pia=pia, months=late),)
    benefit = rounded(paid, UNIT, Rounding.DOWN)
    return Result((), None, None, None, None, (), pia, paid, benefit, (*told, step("us.benefit", benefit, paid=paid)))
