"""Points and what they are worth."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.pension import NotPossible, RuleSet
from kiosk.domain.pension.fr_agirc_arrco import Inputs, Result, Settings, compute
from kiosk.domain.pension.rounding import Rounding
from kiosk.schemes.pension import installed

P = installed(RuleSet.FR_AGIRC_ARRCO).parameters
AGIRC = Inputs(contribution=Decimal("3767.06"), reference_salary=Decimal("5.4455"))


def test_the_brochures_agirc_points_are_rounded_up_and_the_exact_division_is_not():
    assert compute(AGIRC, P).points == Decimal("691.77")
    assert compute(AGIRC, P, Settings(points_rounding=Rounding.UP)).points == Decimal("691.78")


def test_from_a_contribution_to_a_pension_with_a_reference_salary_that_we_know():
    made = compute(Inputs(Decimal("1393.45"), scheme="ARRCO", year=2015, point_value=Decimal("1.2513")), P)
    assert isinstance(made, Result)
    assert (made.points, made.pension) == (Decimal("91.32"), Decimal("114.27"))
    assert [one.key for one in made.trace] == ["fr.points", "fr.pension"]


@pytest.mark.parametrize(
    ("inputs", "reason"),
    [
        (Inputs(), "no_points"),
        (Inputs(Decimal(1)), "no_reference_salary"),
        (Inputs(Decimal(1), Decimal(0)), "no_reference_salary"),
        (Inputs(Decimal(1), scheme="ARRCO", year=1990), "no_reference_salary"),
        (Inputs(Decimal(1), scheme="X", year=2015), "no_reference_salary"),
    ],
)
def test_what_cannot_be_calculated(inputs, reason):
    assert compute(inputs, P) == NotPossible(reason)


@given(st.decimals(0, 10**6, places=2), st.decimals(0, 10**6, places=2))
def test_more_points_are_worth_no_less(one, other):
    low, high = (compute(Inputs(points=points, point_value=Decimal("1.2513")), P).pension for points in sorted((one, other)))
    assert low <= high
