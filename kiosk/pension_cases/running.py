"""A file of cases: which parameters hold, each case in its order, and whether its expected results are met.

Which parameters: those of the installation; over them the file's own `parameters`, entry by entry (a year, an age, a
region); over them a case's own. What a rule set does not calculate with (notes, rates of other branches) is passed over.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from kiosk.domain.errors import EnvironmentFault
from kiosk.domain.pension import RuleSet
from kiosk.pension_cases import cn, cz, fr, us
from kiosk.pension_cases.fields import CaseFault, Fields, Refused
from kiosk.schemes.pension import Unusable, installed, parameters_document, read_parameters

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import ModuleType

    from kiosk.domain.pension import NotPossible, Step
    from kiosk.schemes.pension import AnyParameters

LARGEST_FILE = 32 * 1024 * 1024
LABELS = ("id", "what", "name")
_REMARKS = {*LABELS, "source", "note", "notes", "title", "comment", "description", "settings", "parameters"}
_FORMATS: Mapping[RuleSet, ModuleType] = {
    RuleSet.US_PIA: us,
    RuleSet.CZ_OLD_AGE: cz,
    RuleSet.CN_URBAN_EMPLOYEES: cn,
    RuleSet.FR_AGIRC_ARRCO: fr,
}
_OWN_NAMES = {"AWI": "awi", "COLA": "cola"}
_FLEXIBLE = ("early_max_months", "late_max_months")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one case. `agrees` is None without expected results; `error` has code and message."""

    label: Mapping[str, Any]
    amounts: Mapping[str, Any] = field(default_factory=dict)
    trace: tuple[Step, ...] = ()
    agrees: bool | None = None
    differences: Mapping[str, Any] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    error: Mapping[str, str] | None = None


def run(rules: RuleSet, data: bytes, say: Callable[[NotPossible], str]) -> list[Outcome]:
    """Run every case of a file; `say` words a reason. A file that cannot be read is an EnvironmentFault."""
    document = _read(data)
    cases = document.get("cases")
    if not isinstance(cases, list):
        raise EnvironmentFault("The file has no list of `cases`.", 'Write {"cases": [...]}.')
    usual = _over(parameters_document(rules)["parameters"], rules, document.get("parameters"))
    parameters: AnyParameters | Unusable = installed(rules).parameters
    if document.get("parameters") is not None:
        parameters = read_parameters(rules, usual)
    if isinstance(parameters, Unusable):
        raise EnvironmentFault(f"The file's parameters cannot be used: {parameters.detail}.", "Correct that place.")
    settings = document.get("settings")
    return [
        _case(rules, number, case, (usual, parameters, settings), say) for number, case in enumerate(cases, start=1)
    ]


def _case(
    rules: RuleSet,
    number: int,
    case: Any,
    known: tuple[Mapping[str, Any], AnyParameters, Any],
    say: Callable[[NotPossible], str],
) -> Outcome:
    label: dict[str, Any] = {"case": number}
    if isinstance(case, dict):
        label |= {name: case[name] for name in LABELS if isinstance(case.get(name), (str, int))}
    try:
        parameters, settings, inputs, expected = _parts(rules, case, known)
        fields = Fields({name: value for name, value in inputs.items() if name != "expected"})
        amounts, trace = _FORMATS[rules].calculate(fields, parameters, settings)
    except CaseFault as fault:
        return Outcome(label, error={"code": fault.code, "message": fault.message})
    except Refused as refused:
        return Outcome(label, error={"code": refused.reason.reason, "message": say(refused.reason)})
    unread = [name for name in fields.unread() if name not in _REMARKS]
    results = _FORMATS[rules].RESULTS
    wanted = {name: inputs[name] for name in unread if name in results} | expected
    differences = {
        name: {"expected": value, "got": amounts.get(name)}
        for name, value in wanted.items()
        if not same(value, amounts.get(name))
    }
    ignored = tuple(name for name in unread if name not in results)
    return Outcome(label, amounts, trace, not differences if wanted else None, differences, ignored)


def _parts(
    rules: RuleSet, case: Any, known: tuple[Mapping[str, Any], AnyParameters, Any]
) -> tuple[AnyParameters, Mapping[str, Any], dict[str, Any], dict[str, Any]]:
    """Return a case's parameters, settings, inputs and expected results; in the short form inputs are the case itself."""
    usual, parameters, common = known
    if not isinstance(case, dict):
        raise CaseFault("wrong_case", "A case is an object with fields in braces. Write it so.")
    inputs = _object("inputs", case.get("inputs", case))
    own = _object("parameters", case.get("parameters"))
    if own:
        read = read_parameters(rules, _over(usual, rules, own))
        if isinstance(read, Unusable):
            raise CaseFault("wrong_parameters", f"{read.detail}. Correct that place.")
        parameters = read
    settings = [_object("settings", given) for given in (common, case.get("settings"), inputs.get("settings"))]
    return parameters, settings[0] | settings[1] | settings[2], inputs, _object("expected", case.get("expected"))


def _object(name: str, value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise CaseFault("wrong_field", f"{name} is not an object. Write it with names and values in braces.")
    return value


def same(one: Any, other: Any) -> bool:
    """Tell whether an expected value and a result are one: numbers by value, however they are written."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(same(*pair) for pair in zip(one, other, strict=True))
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    numbers = (_number(one), _number(other))
    return numbers[0] == numbers[1] if None not in numbers else one == other


def _number(value: Any) -> Decimal | None:
    if isinstance(value, (int, Decimal)):
        return Decimal(value)
    return Decimal(value) if isinstance(value, str) and re.fullmatch(r"[0-9]{1,30}(\.[0-9]{1,30})?", value) else None


# --- parameters ----------------------------------------------------------------------------------------


def _over(usual: Mapping[str, Any], rules: RuleSet, given: Any) -> Mapping[str, Any]:
    """Lay a file's own parameters over the usual ones."""
    if given is None:
        return usual
    if not isinstance(given, dict):
        raise EnvironmentFault("`parameters` is not an object.", "Write it with names and values in braces.")
    merged: Mapping[str, Any] = _merged(usual, _adopted(rules, given))
    return merged


def _adopted(rules: RuleSet, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Bring a file's parameters into the names of ours, and leave out what the rule set does not calculate with."""
    values = {_OWN_NAMES.get(name, name): value for name, value in given.items()}
    match rules:
        case RuleSet.US_PIA:
            return _only(values, "awi", "cola", "max_taxable")
        case RuleSet.CZ_OLD_AGE:
            years = {name: value for name, value in values.items() if re.fullmatch(r"[12][0-9]{3}", name)}
            by_year = {
                name: _only(value, "first_threshold", "second_threshold", "flat_amount", "c", "rate_percent")
                if isinstance(value, dict)
                else value
                for name, value in (_table(values.get("years")) | years).items()
            }
            return _only(values, "middle_percent", "fall") | ({"years": by_year} if by_year else {})
        case RuleSet.CN_URBAN_EMPLOYEES:
            adopted = _only(values, "payout_months_table", "retirement", "min_contribution_months", "settings")
            if "flexible" in values:
                adopted["flexible"] = _only(_table(values["flexible"]), *_FLEXIBLE)
            if "transition_rates" in values:  # a file may add a remark: "0.014 (sheet)"
                rates = _table(values["transition_rates"])
                adopted["transition_rates"] = {
                    name: rate.split(maxsplit=1)[0] if isinstance(rate, str) and rate.strip() else rate
                    for name, rate in rates.items()
                }
            return adopted
        case RuleSet.FR_AGIRC_ARRCO:
            return _only(values, "reference_salary", "settings")


def _only(values: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: values[name] for name in names if name in values}


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _merged(usual: Any, given: Any) -> Any:
    if isinstance(usual, dict) and isinstance(given, dict):
        return {**usual, **{name: _merged(usual.get(name), value) for name, value in given.items()}}
    return given


# --- reading -------------------------------------------------------------------------------------------


def _read(data: bytes) -> Mapping[str, Any]:
    """Read the file's JSON: numbers with a point become decimals with exactly those digits."""
    if len(data) > LARGEST_FILE:
        raise EnvironmentFault(f"The file has {len(data)} bytes.", f"Split it: {LARGEST_FILE} are read at most.")
    try:
        value = json.loads(
            data.decode("utf-8-sig"), parse_float=Decimal, parse_constant=_refuse, object_pairs_hook=_unique
        )
    except (ValueError, RecursionError) as error:
        raise EnvironmentFault(f"The file is not JSON that can be read: {error}.", "Correct that place.") from error
    if not isinstance(value, dict):
        raise EnvironmentFault("The file is not an object with `cases`.", 'Write {"cases": [...]}.')
    return value


def _unique(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"{next(name for name in names if names.count(name) > 1)!r} stands twice in one object")
    return value


def _refuse(text: str) -> Any:
    raise ValueError(f"{text} is no number")
