"""Exact arithmetic of the pension rules: a quotient is rounded once, from its exact value, as the statute says.

- All amounts are `Decimal`; there is no float in this package.
- `exact()` is the one context that the rules calculate in: with its 60 digits every sum and product of the bounded
  inputs is exact, whatever context the calling thread has.
- A division is never rounded twice: `divided` compares the remainder itself with half of the step.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

CENT = Decimal("0.01")
DIME = Decimal("0.1")
UNIT = Decimal(1)
LARGEST_AMOUNT = Decimal("1e12")
"""Amounts of a case are smaller than this, and have at most `MOST_DECIMALS` digits after the point."""
MOST_DECIMALS = 8

_CONTEXT = Context(prec=60, rounding=ROUND_HALF_EVEN)


class Rounding(StrEnum):
    """What a rule does with the rest: half of a step and more goes up; every rest goes up; every rest falls away."""

    HALF_UP = "half_up"
    UP = "up"
    DOWN = "down"


def exact() -> AbstractContextManager[Context]:
    """Give the context that sums and products of the rules are exact in."""
    return localcontext(_CONTEXT)


def divided(numerator: Decimal, denominator: Decimal, step: Decimal, how: Rounding) -> Decimal:
    """Return numerator / denominator as a multiple of `step`, rounded once; both are not negative, the second not 0."""
    with exact():
        unit = denominator * step
        steps, rest = divmod(numerator, unit)
        up = rest > 0 if how is Rounding.UP else how is Rounding.HALF_UP and 2 * rest >= unit
        return ((steps + up) * step).quantize(step)


def rounded(amount: Decimal, step: Decimal, how: Rounding) -> Decimal:
    """Return an amount (not negative) as a multiple of `step`."""
    return divided(amount, UNIT, step, how)


def decimals(places: int) -> Decimal:
    """Return the step of a number with so many decimals: 2 is 0.01."""
    return Decimal(1).scaleb(-places)


def in_bounds(amount: Decimal) -> bool:
    """Tell whether the rules can calculate with it: finite, not negative, below 1e12, at most eight decimals."""
    if not amount.is_finite() or amount.is_signed() or amount >= LARGEST_AMOUNT:
        return False
    exponent = amount.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -MOST_DECIMALS
