"""Exact arithmetic: one rounding, from the exact value, whatever the thread's context is."""

from __future__ import annotations

from decimal import Context, Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.pension.rounding import CENT, DIME, UNIT, Rounding, decimals, divided, in_bounds, rounded
from kiosk.domain.pension.trace import NotPossible, Step, Unit, not_possible, plain, step

amounts = st.decimals(0, 10**9, places=4)
divisors = st.decimals(Decimal("0.0001"), 10**6, places=4)


@given(amounts, divisors, st.sampled_from([CENT, DIME, UNIT]))
def test_the_laws_of_rounding(numerator, denominator, size):
    true = Fraction(numerator) / Fraction(denominator)
    down, near, up = (Fraction(divided(numerator, denominator, size, how)) for how in (Rounding.DOWN, Rounding.HALF_UP, Rounding.UP))
    assert down <= true <= up
    assert up - down in {0, Fraction(size)}
    assert (up == down) == (true % Fraction(size) == 0)
    assert near == (up if true - down >= Fraction(size) / 2 else down)


@given(amounts, divisors)
def test_a_multiple_of_a_step_has_its_decimals_and_rounds_to_itself(numerator, denominator):
    once = divided(numerator, denominator, CENT, Rounding.HALF_UP)
    assert once.as_tuple().exponent == -2
    assert all(rounded(once, CENT, how) == once for how in Rounding)


@given(amounts, divisors)
def test_a_threads_context_changes_nothing(numerator, denominator):
    with localcontext(Context(prec=3)):
        coarse = divided(numerator, denominator, CENT, Rounding.UP)
    assert coarse == divided(numerator, denominator, CENT, Rounding.UP)


def test_a_quotient_is_not_rounded_twice():
    assert divided(Decimal("0.00499999999999999999999999999999"), UNIT, CENT, Rounding.HALF_UP) == 0
    assert divided(Decimal(1), Decimal(3), UNIT, Rounding.UP) == 1


@pytest.mark.parametrize(
    ("text", "good"),
    [("0", True), ("999999999999.99999999", True), ("1e12", False), ("-1", False), ("-0", False), ("NaN", False),
     ("Infinity", False), ("0.000000001", False), ("1E+3", True)],
)  # fmt: skip
def test_amounts_have_bounds(text, good):
    assert in_bounds(Decimal(text)) is good


def test_decimals_are_steps():
    assert [decimals(places) for places in (0, 1, 2)] == [Decimal(1), Decimal("0.1"), Decimal("0.01")]


def test_steps_and_reasons_name_their_texts_and_write_plainly():
    assert step("cz.years", 3, Unit.YEARS, years=Decimal("1E+2")) == Step("cz.years", {"years": "100"}, Decimal(3), Unit.YEARS)
    assert step("cz.prices", None).amount is None
    assert step("cz.years", 3).text_key == "pension.step.cz.years"
    assert not_possible("no_years") == NotPossible("no_years", {})
    assert not_possible("no_pay").text_key == "pension.not_possible.no_pay"
    assert [plain(Decimal("0.90")), plain(5), plain("x")] == ["0.90", "5", "x"]
