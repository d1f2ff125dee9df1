"""Cases of AGIRC-ARRCO points.

contribution, reference_salary      give the points; instead of the salary, scheme ("ARRCO") and year may be given
points, point_value                 give the pension; with a contribution, `points` is a result
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kiosk.domain.pension import NotPossible
from kiosk.domain.pension import fr_agirc_arrco as fr
from kiosk.domain.pension.rounding import Rounding
from kiosk.pension_cases.fields import CaseFault, Fields, Refused, year

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kiosk.domain.pension import Step

RESULTS = ("points", "pension")


def calculate(
    fields: Fields, parameters: fr.Parameters, settings: Mapping[str, Any]
) -> tuple[dict[str, Any], tuple[Step, ...]]:
    """Return the case's amounts by name, and the steps."""
    contribution = fields.amount("contribution")
    of = fields.raw("year")
    inputs = fr.Inputs(
        contribution=contribution,
        reference_salary=fields.amount("reference_salary"),
        scheme=fields.text("scheme"),
        year=None if of is None else year(of, "year"),
        points=fields.amount("points") if contribution is None else None,
        point_value=fields.amount("point_value"),
    )
    result = fr.compute(inputs, parameters, _settings(settings, parameters.settings))
    if isinstance(result, NotPossible):
        raise Refused(result)
    amounts: dict[str, Any] = {"points": result.points}
    if result.pension is not None:
        amounts["pension"] = result.pension
    return amounts, result.trace


def _settings(values: Mapping[str, Any], usual: fr.Settings) -> fr.Settings:
    return fr.Settings(
        rounding(values, "points_rounding", usual.points_rounding),
        rounding(values, "pension_rounding", usual.pension_rounding),
    )


def rounding(values: Mapping[str, Any], name: str, usual: Rounding) -> Rounding:
    """Read a rounding of a case's settings."""
    try:
        return usual if values.get(name) is None else Rounding(values[name])
    except ValueError as error:
        known = ", ".join(Rounding)
        raise CaseFault("wrong_field", f"settings.{name} is {values[name]!r}. Write one of {known}.") from error
