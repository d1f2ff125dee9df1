"""Outcomes as JSON (decimals as numbers with exactly their digits) and as a table to read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from kiosk.domain.pension import Step
    from kiosk.pension_cases.running import Outcome

_ENCODER = msgspec.json.Encoder(decimal_format="number")
_NOT_IN_TABLE = {"indexed_earnings", "counted_years", "pia_after_rise"}


def as_json(outcomes: Sequence[Outcome], sentence: Callable[[Step], str] | None) -> str:
    """Write {"cases": [...]}; with `sentence`, each case's steps in words too."""
    document = {"cases": [_case(one, sentence) for one in outcomes]}
    return msgspec.json.format(_ENCODER.encode(document), indent=1).decode("utf-8")


def as_table(outcomes: Sequence[Outcome], sentence: Callable[[Step], str] | None) -> Iterator[str]:
    """Give the lines of the table: a case with its amounts, whether it agrees, and its steps when wanted."""
    for one in outcomes:
        yield " ".join(_label(one))
        if one.error is not None:
            yield f"    cannot be calculated ({one.error['code']}): {one.error['message']}"
            continue
        for name, value in one.amounts.items():
            if name not in _NOT_IN_TABLE:
                yield f"    {name:<20} {_plain(value):>16}{_difference(one, name)}"
        for name in one.differences.keys() - one.amounts.keys():
            yield f"    {name:<20} {'-':>16}{_difference(one, name)}"
        if one.agrees is not None:
            yield "    agrees with what was expected" if one.agrees else "    DOES NOT AGREE with what was expected"
        if one.ignored:
            yield f"    not used: {', '.join(one.ignored)}"
        if sentence is not None:
            yield from (f"      {number}. {_step(step, sentence)}" for number, step in enumerate(one.trace, start=1))
    wrong = sum(one.error is not None for one in outcomes)
    judged = [one.agrees for one in outcomes if one.agrees is not None]
    yield f"{len(outcomes)} cases: {len(outcomes) - wrong} calculated, {wrong} not; {sum(judged)} of {len(judged)} agree"


def _case(one: Outcome, sentence: Callable[[Step], str] | None) -> dict[str, Any]:
    written: dict[str, Any] = {name: value for name, value in one.label.items() if name != "case"}
    if one.error is not None:
        return written | {"error": dict(one.error)}
    written |= dict(one.amounts)
    if one.agrees is not None:
        written["agrees"] = one.agrees
    if one.differences:
        written["differences"] = dict(one.differences)
    if one.ignored:
        written["ignored"] = list(one.ignored)
    if sentence is not None:
        written["trace"] = [_step(step, sentence) for step in one.trace]
    return written


def _step(step: Step, sentence: Callable[[Step], str]) -> str:
    return sentence(step) if step.amount is None else f"{sentence(step)} = {format(step.amount, 'f')}"


def _label(one: Outcome) -> Iterator[str]:
    yield f"case {one.label['case']}"
    yield from (str(value) for name, value in one.label.items() if name != "case")


def _difference(one: Outcome, name: str) -> str:
    return f"  expected {_plain(one.differences[name]['expected'])}" if name in one.differences else ""


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_plain(part) for part in value)
    return str(value)
