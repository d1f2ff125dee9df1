"""Cases of the Czech old-age pension.

year                    the year the pension is granted in
assessment_base         crowns a month, or "cap": at or above the second threshold
whole_years             whole years of insurance
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kiosk.domain.pension import NotPossible
from kiosk.domain.pension import cz_old_age as cz
from kiosk.pension_cases.fields import Fields, Refused, year

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kiosk.domain.pension import Step

RESULTS = ("c", "rate_percent", "reduced_base", "percentage_part", "flat_amount", "monthly_pension")


def calculate(
    fields: Fields, parameters: cz.Parameters, _settings: Mapping[str, Any]
) -> tuple[dict[str, Any], tuple[Step, ...]]:
    """Return the case's amounts by name, and the steps."""
    base = None if fields.raw("assessment_base") == "cap" else fields.needed_amount("assessment_base")
    inputs = cz.Inputs(year(fields.needed_whole("year"), "year"), base, fields.needed_whole("whole_years"))
    result = cz.compute(inputs, parameters)
    if isinstance(result, NotPossible):
        raise Refused(result)
    amounts = {
        "c": result.c,
        "rate_percent": result.rate_percent,
        "reduced_base": int(result.reduced_base),
        "percentage_part": int(result.percentage_part),
        "flat_amount": _plain(result.flat_amount),
        "monthly_pension": _plain(result.monthly_pension),
    }
    return amounts, result.trace


def _plain(value: Any) -> Any:
    """Write whole crowns as an integer."""
    return int(value) if value == value.to_integral_value() else value
