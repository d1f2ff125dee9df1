"""Pension rule sets: pure functions over inputs and dated parameters, each result with its steps in plain language.

    us_pia, cz_old_age, fr_agirc_arrco      one module a rule set: Parameters, Inputs, Result, compute
    cn_urban_employees, cn_retirement       the parts of the pension; when, and over how many months
    career, estimate                        from a person's record to the scheme's own rule set, and what if
    rounding, trace                         exact arithmetic; steps and reasons

- `Decimal` throughout, one exact context, every rounding the statute's, at its step.
- A result or a `NotPossible` comes back; nothing here reads a file or a clock.
"""

from __future__ import annotations

from kiosk.domain.pension.trace import NotPossible, RuleSet, Step, Unit, not_possible

__all__ = ["NotPossible", "RuleSet", "Step", "Unit", "not_possible"]
