"""The `parameters` of each rule set's file, as msgspec checks them, and how they become the rules' own values."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

import msgspec

from kiosk.domain.pension import cn_urban_employees as cn
from kiosk.domain.pension import cz_old_age as cz
from kiosk.domain.pension import fr_agirc_arrco as fr
from kiosk.domain.pension import us_pia as us
from kiosk.domain.pension.cn_retirement import Category, Flexible, Month
from kiosk.domain.pension.rounding import Rounding, in_bounds

Year = Annotated[int, msgspec.Meta(ge=1900, le=2200)]
_Whole = Annotated[int, msgspec.Meta(ge=0, le=10_000)]
_Age = Annotated[int, msgspec.Meta(ge=14, le=120)]
_Month = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")]
_Text = Annotated[str, msgspec.Meta(min_length=1)]
_Decimals = Annotated[int, msgspec.Meta(ge=0, le=6)]


class _Strict(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """No field that nobody knows; every decimal one that the rules can calculate with."""

    def __post_init__(self) -> None:
        """Look at the decimals, also those in tables."""
        for name in self.__struct_fields__:
            value = getattr(self, name)
            for key, one in value.items() if isinstance(value, dict) else ((None, value),):
                if isinstance(one, Decimal) and not in_bounds(one):
                    place = name if key is None else f"{name}.{key}"
                    raise ValueError(f"{place} is not between 0 and 1e12 with at most eight decimals")


class UsParameters(_Strict):
    """Average wage index, rises in percent, taxable maximum."""

    awi: dict[Year, Decimal]
    cola: dict[Year, Decimal]
    max_taxable: dict[Year, Decimal]

    def value(self) -> us.Parameters:
        """Return them as the rules take them."""
        return us.Parameters(self.awi, self.cola, self.max_taxable)


class _CzYear(_Strict):
    first_threshold: Decimal
    second_threshold: Decimal
    flat_amount: Decimal
    c: Decimal | None = None
    rate_percent: Decimal | None = None


class _CzFall(_Strict):
    from_year: Year
    to_year: Year
    c_from: Decimal
    c_to: Decimal
    rate_from: Decimal
    rate_to: Decimal


class _CzRecord(_Strict):
    source: _Text
    first_year: Year
    least_age: _Age
    days_factor: Decimal
    days_a_year: Annotated[int, msgspec.Meta(ge=360, le=366)]
    least_years: _Whole
    usual_age: _Age
    earliest_age: _Age
    latest_age: _Age
    wages: dict[Year, Decimal]


class CzParameters(_Strict):
    """Thresholds and flat amounts by year, the fall of c and rate, and how a record becomes an assessment base."""

    years: Annotated[dict[Year, _CzYear], msgspec.Meta(min_length=1)]
    middle_percent: Decimal
    fall: _CzFall
    record: _CzRecord

    def value(self) -> cz.Parameters:
        """Return them as the rules take them."""
        return cz.Parameters(
            {year: cz.Year(*msgspec.structs.astuple(one)) for year, one in self.years.items()},
            self.middle_percent,
            cz.Fall(*msgspec.structs.astuple(self.fall)),
            cz.FromRecord(*msgspec.structs.astuple(self.record)[1:]),
        )


class _CnCategory(_Strict):
    original_age_months: _Whole
    first_birth: _Month
    step_months: _Whole
    max_delay_months: _Whole


class _CnFlexible(_Strict):
    early_max_months: _Whole
    late_max_months: _Whole


class _CnSettings(_Strict):
    years_decimals: _Decimals | None = None
    indexed_wage_decimals: _Decimals | None = None
    basic_rounding: Rounding = Rounding.HALF_UP
    account_rounding: Rounding = Rounding.HALF_UP
    transitional_rounding: Rounding = Rounding.HALF_UP


class CnParameters(_Strict):
    """Payout months by age, categories, least months by year, flexible retirement, regions' rates and roundings."""

    payout_months_table: dict[_Age, Decimal]
    retirement: dict[_Text, _CnCategory]
    min_contribution_months: dict[Year, _Whole]
    flexible: _CnFlexible
    transition_rates: dict[_Text, Decimal]
    settings: dict[_Text, _CnSettings]

    def value(self) -> cn.Parameters:
        """Return them as the rules take them."""
        return cn.Parameters(
            self.payout_months_table,
            {
                name: Category(one.original_age_months, month(one.first_birth), one.step_months, one.max_delay_months)
                for name, one in self.retirement.items()
            },
            self.min_contribution_months,
            Flexible(self.flexible.early_max_months, self.flexible.late_max_months),
            self.transition_rates,
            {name: cn.Settings(*msgspec.structs.astuple(one)) for name, one in self.settings.items()},
        )


class _FrSettings(_Strict):
    points_rounding: Rounding = Rounding.HALF_UP
    pension_rounding: Rounding = Rounding.HALF_UP


class FrParameters(_Strict):
    """Reference salaries by scheme and year, and the roundings."""

    reference_salary: dict[_Text, dict[Year, Decimal]]
    settings: _FrSettings

    def value(self) -> fr.Parameters:
        """Return them as the rules take them."""
        return fr.Parameters(self.reference_salary, fr.Settings(*msgspec.structs.astuple(self.settings)))


def month(text: str) -> Month:
    """Read 2025-02, which was checked before."""
    return Month.of(int(text[:4]), int(text[5:]))
