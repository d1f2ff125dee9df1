"""The pension parameters of a visit: those that the back office signed, never merely those that are installed.

Rules:
- A bundle without them, or with ones that this program cannot use, leaves a scheme that offers no estimate: figures of other
  rules than the back office's would be worse than none.
- A visit keeps the parameters that it began with.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

import structlog

from kiosk.schemes.pension import parameters_document
from kiosk.wire.pension import received_parameters
from kiosk.wire.problem import Problem

if TYPE_CHECKING:
    from kiosk.domain.pension import RuleSet
    from kiosk.domain.scheme import Scheme
    from kiosk.wire.reference_data import Bundle

log = structlog.get_logger("visit")


def with_signed_parameters(scheme: Scheme, bundle: Bundle | None) -> Scheme:
    """Return the installed scheme with the bundle's pension parameters; without a bundle as it is."""
    if bundle is None:
        return scheme
    signed = bundle.scheme_pack.get("pension")
    if scheme.pension is not None and signed == installed(scheme.pension.rules):
        return scheme  # checked already, when the program started
    if signed is None:
        return replace(scheme, pension=None)
    checked = received_parameters(signed) if isinstance(signed, dict) else None
    if checked is None or isinstance(checked, Problem):
        log.error("pension_parameters_refused", why=checked.detail if checked else "no table")
        return replace(scheme, pension=None)
    return replace(scheme, pension=checked)


@cache
def installed(rules: RuleSet) -> dict[str, Any]:
    """Return the installed file of a rule set, read once."""
    return parameters_document(rules)
