"""How a result came about: steps that screen and paper say in plain language, and reasons why there is none.

- A step is a key of the texts, what to fill in, and the amount it ends with (None: it only says something); the sentence is data (`pension.step.*`).
- What is filled in is text as messages carry it: days in ISO 8601, amounts as decimals; how it is written for people
  is the placeholder's affair (`{amount:money}`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class RuleSet(StrEnum):
    """The rule sets that there are; each is a module of this package with the same name."""

    US_PIA = "us_pia"
    CZ_OLD_AGE = "cz_old_age"
    CN_URBAN_EMPLOYEES = "cn_urban_employees"
    FR_AGIRC_ARRCO = "fr_agirc_arrco"


class Unit(StrEnum):
    """What the amount of a step counts."""

    MONEY = "money"
    POINTS = "points"
    YEARS = "years"
    MONTHS = "months"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a calculation: `pension.step.{key}` with `parameters` is its sentence."""

    key: str
    parameters: Mapping[str, str]
    amount: Decimal | None
    unit: Unit = Unit.MONEY

    @property
    def text_key(self) -> str:
        """The key of its sentence."""
        return f"pension.step.{self.key}"


@dataclass(frozen=True, slots=True)
class NotPossible:
    """Why there is no result: `pension.not_possible.{reason}` with `parameters` says it, and what to do."""

    reason: str
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def text_key(self) -> str:
        """The key of its sentence."""
        return f"pension.not_possible.{self.reason}"


def step(key: str, amount: Decimal | int | None, unit: Unit = Unit.MONEY, **values: Decimal | int | str) -> Step:
    """Make a step; numbers are written plainly (no exponent)."""
    return Step(
        key, {name: plain(value) for name, value in values.items()}, None if amount is None else Decimal(amount), unit
    )


def not_possible(reason: str, **values: Decimal | int | str) -> NotPossible:
    """Make the reason why something cannot be calculated."""
    return NotPossible(reason, {name: plain(value) for name, value in values.items()})


def plain(value: Decimal | int | str) -> str:
    """Write a value as messages carry it."""
    return format(value, "f") if isinstance(value, Decimal) else str(value)
