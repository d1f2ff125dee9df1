"""Pension parameters and estimates as bytes: the same ones at the terminal and at the back office.

- RFC 8785 canonical JSON; amounts are text, days are ISO 8601.
- An estimate names the digest of the parameters it was made with, so that nobody compares figures of different rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kiosk.domain.pension.estimate import Estimate, FromRecord
from kiosk.domain.pension.trace import NotPossible, plain
from kiosk.domain.services import pension_estimate
from kiosk.schemes.pension import Unusable, parse_parameters
from kiosk.wire.canonical import canonical, digest
from kiosk.wire.problem import Problem, ProblemCode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kiosk.domain.pension.dated import Dated
    from kiosk.domain.service import Answers, Standing
    from kiosk.schemes.pension import AnyParameters


def parameters_digest(document: Mapping[str, Any]) -> str:
    """Compute the SHA-256 (hexadecimal) of the canonical form of a parameter file."""
    return digest(canonical(dict(document)))


def received_parameters(document: Mapping[str, Any]) -> Dated[AnyParameters] | Problem:
    """Check parameters that came in signed reference data."""
    read = parse_parameters(document)
    return Problem(ProblemCode.MALFORMED, f"pension parameters: {read.detail}") if isinstance(read, Unusable) else read


def written_estimate(answers: Answers, standing: Standing, scheme_document: Mapping[str, Any]) -> bytes | NotPossible:
    """Make the estimate that the service shows for these answers, and write it; `scheme_document` as it was signed."""
    one = pension_estimate.made(answers, standing)
    if isinstance(one, NotPossible):
        return one
    return estimate_bytes(one, parameters_digest(scheme_document["pension"]))


def estimate_bytes(estimate: Estimate, parameters_hash: str) -> bytes:
    """Write an estimate; `parameters_hash` is the `parameters_digest` of the file it was made with."""
    return canonical(estimate_document(estimate) | {"parameters": parameters_hash})


def estimate_document(estimate: Estimate) -> dict[str, Any]:
    """Return an estimate as JSON values, in the order in which people ask: how much, when, why."""
    result = estimate.result
    return {
        "rules": estimate.rules.value,
        "version": estimate.version,
        "as_of": estimate.as_of.isoformat(),
        "prices_of": estimate.prices_of,
        "inputs": _inputs(estimate),
        "retirement_age": estimate.retirement_age,
        "retirement_on": estimate.retirement_on.isoformat(),
        "whole_years": estimate.whole_years,
        "assessment_base": plain(result.assessment_base),
        "c": plain(result.c),
        "rate_percent": plain(result.rate_percent),
        "reduced_base": plain(result.reduced_base),
        "percentage_part": plain(result.percentage_part),
        "flat_amount": plain(result.flat_amount),
        "monthly_pension": plain(result.monthly_pension),
        "bars": [
            {
                "age": bar.age,
                "year": bar.year,
                "whole_years": bar.whole_years,
                "monthly_pension": plain(bar.monthly_pension),
            }
            for bar in estimate.bars
        ],
        "trace": [
            {
                "key": one.key,
                "parameters": dict(one.parameters),
                "amount": None if one.amount is None else plain(one.amount),
                "unit": one.unit.value,
            }
            for one in estimate.trace
        ],
    }


def _inputs(estimate: Estimate) -> dict[str, Any]:
    source, what_if = estimate.source, estimate.what_if
    given: dict[str, Any] = {
        "birth": source.birth.isoformat(),
        "retirement_age": what_if.retirement_age,
        "later_years": what_if.later_years,
        "more_years": what_if.more_years,
    }
    if isinstance(source, FromRecord):
        lines = [
            [one.year, one.first.isoformat(), one.last.isoformat(), one.kind.value, plain(one.pay), one.insured]
            for one in source.periods
        ]
        return given | {"record": digest(canonical(lines))}
    return given | {
        "monthly_pay": plain(source.monthly_pay),
        "whole_years": source.whole_years,
        "goes_on": source.goes_on,
    }
