"""Parameters with what makes them evidence: which rules, which version, since when, and where they come from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from datetime import date

    from kiosk.domain.pension.trace import RuleSet

P = TypeVar("P")


@dataclass(frozen=True, slots=True)
class Dated(Generic[P]):
    """One version of a rule set's parameters, in force from `valid_from`."""

    rules: RuleSet
    version: str
    valid_from: date
    as_of: date
    source: str
    parameters: P
