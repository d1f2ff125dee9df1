"""Cases of the United States' primary insurance amount.

birth, eval                     years; `eval` is the year looked at
earnings                        {"1986": 16196, ...}, a year's pay or "max"; or "max 1986-2025"
aime, pia                       results; inputs where nothing before them is given
months_early, drc_months        claimed so many months before or after the full retirement age
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from kiosk.domain.pension import NotPossible
from kiosk.domain.pension import us_pia as us
from kiosk.domain.pension.rounding import CENT
from kiosk.pension_cases.fields import CaseFault, Fields, Refused, amount, year

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from kiosk.domain.pension import Step

RESULTS = ("aime", "bend", "pia", "benefit", "benefit_exact")
_RANGE = re.compile(r"\s*max\s+([12][0-9]{3})\s*-\s*([12][0-9]{3})\s*")


def calculate(
    fields: Fields, parameters: us.Parameters, _settings: Mapping[str, Any]
) -> tuple[dict[str, Any], tuple[Step, ...]]:
    """Return the case's amounts by name, and the steps."""
    birth = fields.raw("birth")
    evaluation = fields.raw("eval")
    earnings = _earnings(fields.raw("earnings"))
    aime = fields.amount("aime") if earnings is None and birth is not None else None
    pia = fields.amount("pia") if earnings is None and aime is None else None
    inputs = us.Inputs(
        birth=None if birth is None else year(birth, "birth"),
        earnings=earnings,
        evaluation=None if evaluation is None else year(evaluation, "eval"),
        aime=aime,
        pia=pia,
        months_early=fields.whole("months_early") or 0,
        drc_months=fields.whole("drc_months") or 0,
    )
    result = us.compute(inputs, parameters)
    if isinstance(result, NotPossible):
        raise Refused(result)
    return _written(result), result.trace


def _earnings(value: Any) -> Mapping[int, Decimal | None] | None:
    if value is None:
        return None
    if isinstance(value, str):
        found = _RANGE.fullmatch(value)
        if found is None or int(found[1]) > int(found[2]):
            raise CaseFault("wrong_field", f'earnings is {value[:40]!r}. Write years with pay, or "max 1986-2025".')
        return dict.fromkeys(range(int(found[1]), int(found[2]) + 1))
    if not isinstance(value, dict):
        raise CaseFault("wrong_field", 'earnings is neither years with pay nor "max 1986-2025". Write one of them.')
    return {
        year(key, "earnings"): None if pay == "max" else amount(pay, f"earnings.{key}") for key, pay in value.items()
    }


def _written(result: us.Result) -> dict[str, Any]:
    """Write as the format does: dollars as whole numbers, amounts with cents as text with two decimals."""
    amounts: dict[str, Any] = {}
    if result.years:
        amounts["indexed_earnings"] = {str(one.year): str(one.indexed.quantize(CENT)) for one in result.years}
        amounts["counted_years"] = [one.year for one in result.years if one.counted]
        amounts["computation_years"] = result.computation_years
    if result.aime is not None:
        amounts["aime"] = int(result.aime)
    if result.bend is not None:
        amounts["bend"] = [int(point) for point in result.bend]
    if result.pia_at_eligibility is not None:
        amounts["pia_at_eligibility"] = str(result.pia_at_eligibility.quantize(CENT))
        amounts["pia_after_rise"] = {str(one): str(value.quantize(CENT)) for one, value in result.rises}
    if result.pia is not None and result.benefit is not None and result.benefit_exact is not None:
        amounts["pia"] = str(result.pia.quantize(CENT))
        amounts["benefit_exact"] = str(result.benefit_exact.quantize(CENT))
        amounts["benefit"] = int(result.benefit)
    return amounts
