"""AGIRC-ARRCO: points bought with contributions, and the pension that points are worth.

Source: rules of the complementary schemes as their brochures show them.

- Points: contribution / reference salary, to two decimals; pension: points x point value, to two decimals.
- Both roundings are settings; half up unless a case says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kiosk.domain.pension.rounding import CENT, Rounding, divided, exact, rounded
from kiosk.domain.pension.trace import NotPossible, Step, Unit, not_possible, step

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Settings:
    """How the two results are rounded to two decimals."""

    points_rounding: Rounding = Rounding.HALF_UP
    pension_rounding: Rounding = Rounding.HALF_UP


@dataclass(frozen=True, slots=True)
class Parameters:
    """Reference salaries by scheme ("ARRCO") and year, for who does not bring one; and the settings."""

    reference_salary: Mapping[str, Mapping[int, Decimal]] = field(default_factory=dict)
    settings: Settings = field(default_factory=Settings)


@dataclass(frozen=True, slots=True)
class Inputs:
    """Points come from `contribution` or are given; with a point value they become a pension."""

    contribution: Decimal | None = None
    reference_salary: Decimal | None = None
    scheme: str = ""
    year: int | None = None
    points: Decimal | None = None
    point_value: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """Points, and the pension (a year's, in euros) where a point value was given."""

    points: Decimal
    pension: Decimal | None
    trace: tuple[Step, ...]


def compute(inputs: Inputs, parameters: Parameters, settings: Settings | None = None) -> Result | NotPossible:
    """Calculate points from a contribution, and the pension from points."""
    chosen = parameters.settings if settings is None else settings
    with exact():
        told: tuple[Step, ...] = ()
        points = inputs.points
        if inputs.contribution is not None:
            salary = inputs.reference_salary
            if salary is None and inputs.year is not None:
                salary = parameters.reference_salary.get(inputs.scheme, {}).get(inputs.year)
            if salary is None or salary <= 0:
                return not_possible("no_reference_salary")
            points = divided(inputs.contribution, salary, CENT, chosen.points_rounding)
            told = (step("fr.points", points, Unit.POINTS, contribution=inputs.contribution, salary=salary),)
        if points is None:
            return not_possible("no_points")
        if inputs.point_value is None:
            return Result(points, None, told)
        pension = rounded(points * inputs.point_value, CENT, chosen.pension_rounding)
        return Result(points, pension, (*told, step("fr.pension", pension, points=points, value=inputs.point_value)))
