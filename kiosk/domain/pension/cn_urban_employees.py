"""The basic pension of urban employees in China: basic part, personal account, transitional part.

Source: State Council document 38 of 2005; provinces' determination sheets as published.

- Basic: (pension base + indexed wage) / 2 x contribution years x 1 %; indexed wage = base x index; deemed years included.
- Account: balance / payout months. Transitional: indexed wage x deemed years x the province's rate.
- Each part is rounded to 0.01 from its exact value; the total is the sum of the rounded parts.
- How years and the indexed wage are rounded, and the parts, is each province's setting (`Settings`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from kiosk.domain.pension.cn_retirement import YEAR, Category, Flexible, Month, Retirement, payout_months, retirement
from kiosk.domain.pension.rounding import CENT, Rounding, decimals, divided, exact, rounded
from kiosk.domain.pension.trace import NotPossible, Step, Unit, not_possible, step

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_YEARS = 80
_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Settings:
    """A province's roundings. `..._decimals` None: exact, nothing is rounded on the way."""

    years_decimals: int | None = None
    indexed_wage_decimals: int | None = None
    basic_rounding: Rounding = Rounding.HALF_UP
    account_rounding: Rounding = Rounding.HALF_UP
    transitional_rounding: Rounding = Rounding.HALF_UP

    def __post_init__(self) -> None:
        """Refuse roundings that are none."""
        for places in (self.years_decimals, self.indexed_wage_decimals):
            if places is not None and not 0 <= places <= 6:  # noqa: PLR2004 - more decimals than any office writes
                raise ValueError("a rounding to decimals has 0 to 6 of them")


@dataclass(frozen=True, slots=True)
class Parameters:
    """Payout months by age, categories, least contribution months by year, transition rates and settings by region."""

    payout_months_table: Mapping[int, Decimal]
    retirement: Mapping[str, Category]
    min_contribution_months: Mapping[int, int]
    flexible: Flexible
    transition_rates: Mapping[str, Decimal] = field(default_factory=dict)
    settings: Mapping[str, Settings] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse tables that are empty or hold what cannot be divided by."""
        if not self.payout_months_table or not self.min_contribution_months:
            raise ValueError("payout_months_table or min_contribution_months is empty")
        if any(value <= 0 for value in self.payout_months_table.values()):
            raise ValueError("payout_months_table has an age with no months")


@dataclass(frozen=True, slots=True)
class Inputs:
    """A person's figures. `years` (decimal) or `months` of contributions, deemed ones included, and of deemed ones.

    The payout months are given, or follow from `age_in_months`, or from `category` and `birth` with `early` or `late`.
    """

    base: Decimal | None = None
    index: Decimal | None = None
    years: Decimal | None = None
    months: int | None = None
    deemed_years: Decimal | None = None
    deemed_months: int | None = None
    transition_rate: Decimal | None = None
    region: str = ""
    account: Decimal | None = None
    payout: Decimal | None = None
    age_in_months: int | None = None
    category: str = ""
    birth: Month | None = None
    early: int = 0
    late: int = 0


@dataclass(frozen=True, slots=True)
class Result:
    """Every amount on the way, a month's in yuan; a part that the inputs do not reach is None."""

    retirement: Retirement | None
    payout_months: Decimal | None
    years: Decimal | None
    indexed_wage: Decimal | None
    basic: Decimal | None
    account: Decimal | None
    transitional: Decimal | None
    total: Decimal | None
    trace: tuple[Step, ...]


def compute(inputs: Inputs, parameters: Parameters, settings: Settings | None = None) -> Result | NotPossible:
    """Calculate the parts that the inputs reach, and their total."""
    chosen = settings or parameters.settings.get(inputs.region, Settings())
    with exact():
        retiring = _retirement(inputs, parameters)
        if isinstance(retiring, NotPossible):
            return retiring
        payout = _payout(inputs, retiring, parameters)
        if isinstance(payout, NotPossible):
            return payout
        shares = _shares(inputs, chosen, parameters)
        if isinstance(shares, NotPossible):
            return shares
        account = None
        told = shares.trace
        if inputs.account is not None:
            if payout is None:
                return not_possible("no_payout_months")
            account = divided(inputs.account, payout, CENT, chosen.account_rounding)
            told = (*told, step("cn.account", account, balance=inputs.account, months=payout))
        parts = [part for part in (shares.basic, account, shares.transitional) if part is not None]
        total = sum(parts, Decimal(0)) if parts else None
        if total is not None:
            told = (*told, step("cn.total", total))
        if retiring is not None:
            age = step(
                "cn.retirement",
                retiring.age_in_months,
                Unit.MONTHS,
                years=retiring.age_years,
                months=retiring.age_months,
                month=str(retiring.month),
            )
            told = (age, *told)
        return Result(
            retiring, payout, shares.years, shares.wage, shares.basic, account, shares.transitional, total, told
        )


@dataclass(frozen=True, slots=True)
class _Shares:
    """The parts that come from years and wages."""

    years: Decimal | None = None
    wage: Decimal | None = None
    basic: Decimal | None = None
    transitional: Decimal | None = None
    trace: tuple[Step, ...] = ()


def _retirement(inputs: Inputs, parameters: Parameters) -> Retirement | NotPossible | None:
    if not inputs.category or inputs.birth is None:
        return None
    category = parameters.retirement.get(inputs.category)
    if category is None:
        return not_possible("no_category", category=inputs.category, known=", ".join(sorted(parameters.retirement)))
    return retirement(category, inputs.birth, parameters.flexible, early=inputs.early, late=inputs.late)


def _payout(inputs: Inputs, retiring: Retirement | None, parameters: Parameters) -> Decimal | NotPossible | None:
    if inputs.payout is not None:
        return inputs.payout if inputs.payout > 0 else not_possible("no_payout_months")
    age = inputs.age_in_months
    if age is None and retiring is not None:
        age = retiring.age_in_months
        if inputs.account is None and age // YEAR not in parameters.payout_months_table:
            return None
    return None if age is None else payout_months(age, parameters.payout_months_table)


def _shares(inputs: Inputs, settings: Settings, parameters: Parameters) -> _Shares | NotPossible:
    """Calculate basic and transitional part, each from its exact value: years are counted in twelfths until the end."""
    twelfths = _twelfths(inputs.years, inputs.months, settings)
    deemed = _twelfths(inputs.deemed_years, inputs.deemed_months, settings)
    if inputs.base is None and inputs.index is None and twelfths is None and deemed is None:
        return _Shares()
    if inputs.base is None or inputs.index is None or twelfths is None:
        return not_possible("cn_incomplete")
    if not 0 <= twelfths <= MOST_YEARS * YEAR or not 0 <= (deemed or 0) <= twelfths:
        return not_possible(
            "years_out_of_range", years=divided(twelfths, Decimal(YEAR), CENT, Rounding.HALF_UP), most=MOST_YEARS
        )
    wage = inputs.base * inputs.index
    if settings.indexed_wage_decimals is not None:
        wage = rounded(wage, decimals(settings.indexed_wage_decimals), Rounding.HALF_UP)
    basic = divided((inputs.base + wage) * twelfths, 2 * YEAR * _HUNDRED, CENT, settings.basic_rounding)
    years = divided(twelfths, Decimal(YEAR), Decimal("0.0001"), Rounding.HALF_UP)
    told: tuple[Step, ...] = (
        step("cn.wage", wage, base=inputs.base, index=inputs.index),
        step("cn.basic", basic, base=inputs.base, wage=wage, years=years),
    )
    if deemed is None:
        return _Shares(years, wage, basic, Decimal("0.00"), told)
    rate = inputs.transition_rate
    if rate is None:
        rate = parameters.transition_rates.get(inputs.region)
    if rate is None and deemed > 0:
        return not_possible("no_transition_rate", region=inputs.region or "-")
    transitional = divided(wage * deemed * (rate or Decimal(0)), Decimal(YEAR), CENT, settings.transitional_rounding)
    if rate is not None and deemed > 0:
        deemed_years = divided(deemed, Decimal(YEAR), Decimal("0.0001"), Rounding.HALF_UP)
        told = (*told, step("cn.transitional", transitional, wage=wage, years=deemed_years, rate=rate * _HUNDRED))
    return _Shares(years, wage, basic, transitional, told)


def _twelfths(years: Decimal | None, months: int | None, settings: Settings) -> Decimal | None:
    """Count a time in months, rounded as years where the setting says so; given years are taken as they are."""
    if years is not None:
        return years * YEAR
    if months is None:
        return None
    if settings.years_decimals is None:
        return Decimal(months)
    return divided(Decimal(months), Decimal(YEAR), decimals(settings.years_decimals), Rounding.HALF_UP) * YEAR


def contribution(base: Decimal, rate: Decimal) -> Decimal:
    """Return the contribution of a base at a rate, to 0.01, half up."""
    with exact():
        return rounded(base * rate, CENT, Rounding.HALF_UP)


def resident_pension(basic: Decimal, account: Decimal, payout: Decimal) -> tuple[Decimal, Decimal] | NotPossible:
    """Return account pension and total of a resident whose basic pension is a given amount."""
    with exact():
        if payout <= 0:
            return not_possible("no_payout_months")
        paid = divided(account, payout, CENT, Rounding.HALF_UP)
        return paid, rounded(basic + paid, CENT, Rounding.HALF_UP)
