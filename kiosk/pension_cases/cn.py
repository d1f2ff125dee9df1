"""Cases of China's urban employees. A case is what its fields say; several kinds in one case add up.

base, index, years | months                     basic part; deemed years included
deemed_years | deemed_months, transition_rate   transitional part; `region` ("HL") brings the rate and roundings
account, payout_months                          the personal account's part (`account` is the balance)
age "57y10m" | age_years, age_months            payout months by age
category, birth, early_months, late_months      retirement, and payout months from it
year                                            the least contribution months of that year
base, NAME_rate ...                             a contribution for each rate, under NAME
basic, account, payout_months                   a resident's pension: account_pension, total
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from kiosk.domain.pension import NotPossible, not_possible
from kiosk.domain.pension import cn_urban_employees as cn
from kiosk.domain.pension.cn_retirement import YEAR, least_months, payout_months
from kiosk.pension_cases.fields import CaseFault, Fields, Refused, whole, year
from kiosk.pension_cases.fr import rounding

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from kiosk.domain.pension import Step

RESULTS = (
    "basic", "account", "transitional", "total", "payout_months", "delay_months", "age_years", "age_months", "retire",
    "min_months", "account_pension", "pension", "unemployment", "supplement",
)  # fmt: skip
_AGE = re.compile(r"([0-9]{1,3})y(?:([0-9]{1,2})m)?")
_RATE = "_rate"


def calculate(
    fields: Fields, parameters: cn.Parameters, settings: Mapping[str, Any]
) -> tuple[dict[str, Any], tuple[Step, ...]]:
    """Return the case's amounts by name, and the steps."""
    if "basic" in fields and "base" not in fields:
        return _resident(fields, parameters), ()
    rates = [name for name in fields.names() if name.endswith(_RATE) and name != "transition_rate" and name in fields]
    amounts: dict[str, Any] = {}
    for name in rates:
        amounts[name.removesuffix(_RATE)] = str(
            cn.contribution(fields.needed_amount("base"), fields.needed_amount(name))
        )
    if rates and "index" not in fields:
        return amounts, ()
    inputs = _inputs(fields)
    result = cn.compute(inputs, parameters, _settings(settings, fields, parameters.settings.get(inputs.region)))
    if isinstance(result, NotPossible):
        raise Refused(result)
    amounts |= _written(result)
    at = fields.raw("year")
    if at is not None:
        amounts["min_months"] = least_months(year(at, "year"), parameters.min_contribution_months)
    elif result.retirement is not None:
        amounts["min_months"] = least_months(result.retirement.month.year, parameters.min_contribution_months)
    if not amounts:
        raise Refused(not_possible("cn_incomplete"))
    return amounts, result.trace


def _inputs(fields: Fields) -> cn.Inputs:
    years, months = fields.either("years", "months"), fields.either("deemed_years", "deemed_months")
    early, late = fields.either("early_months", "months_early"), fields.either("late_months", "months_late")
    return cn.Inputs(
        base=fields.amount("base"),
        index=fields.amount("index"),
        years=fields.amount("years") if years == "years" else None,
        months=fields.whole("months") if years == "months" else None,
        deemed_years=fields.amount("deemed_years") if months == "deemed_years" else None,
        deemed_months=fields.whole("deemed_months") if months == "deemed_months" else None,
        transition_rate=fields.amount("transition_rate"),
        region=fields.text(fields.either("region", "province")),
        account=fields.amount("account"),
        payout=fields.amount("payout_months"),
        age_in_months=_age(fields),
        category=fields.text("category"),
        birth=fields.month("birth"),
        early=fields.whole(early) or 0,
        late=fields.whole(late) or 0,
    )


def _age(fields: Fields) -> int | None:
    """Return the age in months."""
    if fields.either("age", "age_years") == "age" and "age" in fields:
        value = fields.raw("age")
        found = _AGE.fullmatch(value) if isinstance(value, str) else None
        years, months = (int(found[1]), int(found[2] or 0)) if found else (whole(value, "age"), 0)
    else:
        given = fields.whole("age_years")
        if given is None:
            return None
        years, months = given, fields.whole("age_months") or 0
    if months >= YEAR:
        raise CaseFault("wrong_field", f"{months} months are a year and more. Count them as years, as in 57y10m.")
    return years * YEAR + months


def _settings(values: Mapping[str, Any], fields: Fields, regional: cn.Settings | None) -> cn.Settings:
    """Read roundings: those of the case's settings, else the fields of the same name, else the region's."""
    usual = regional or cn.Settings()

    def places(name: str, of_region: int | None) -> int | None:
        there = name in values or name in fields.names()
        value = values[name] if name in values else fields.raw(name)
        return (None if value is None else whole(value, name)) if there else of_region

    try:
        return cn.Settings(
            places("years_decimals", usual.years_decimals),
            places("indexed_wage_decimals", usual.indexed_wage_decimals),
            rounding(values, "basic_rounding", usual.basic_rounding),
            rounding(values, "account_rounding", usual.account_rounding),
            rounding(values, "transitional_rounding", usual.transitional_rounding),
        )
    except ValueError as error:
        raise CaseFault("wrong_field", f"settings: {error}. Write 0 to 6, or leave it out.") from error


def _resident(fields: Fields, parameters: cn.Parameters) -> dict[str, Any]:
    payout = fields.amount("payout_months")
    age = _age(fields)
    if payout is None and age is not None:
        found = payout_months(age, parameters.payout_months_table)
        if isinstance(found, NotPossible):
            raise Refused(found)
        payout = found
    if payout is None:
        raise Refused(not_possible("no_payout_months"))
    paid = cn.resident_pension(fields.needed_amount("basic"), fields.needed_amount("account"), payout)
    if isinstance(paid, NotPossible):
        raise Refused(paid)
    return {"payout_months": _text(payout), "account_pension": str(paid[0]), "total": str(paid[1])}


def _written(result: cn.Result) -> dict[str, Any]:
    """Write as the format does: amounts as text with two decimals, months of an age as whole numbers."""
    amounts: dict[str, Any] = {}
    if result.retirement is not None:
        amounts |= {
            "delay_months": result.retirement.delay_months,
            "age_years": result.retirement.age_years,
            "age_months": result.retirement.age_months,
            "retire": str(result.retirement.month),
        }
    for name in ("payout_months", "years", "indexed_wage", "basic", "account", "transitional", "total"):
        value = getattr(result, name)
        if value is not None:
            amounts[name] = _text(value)
    return amounts


def _text(value: Decimal) -> str:
    return format(value, "f")
