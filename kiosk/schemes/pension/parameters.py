"""Reading parameter files: bytes or JSON values in, dated parameters or the place that is wrong out."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date  # noqa: TC003 - msgspec reads the annotation
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from kiosk.domain.errors import EnvironmentFault
from kiosk.domain.pension import RuleSet, cn_urban_employees, cz_old_age, fr_agirc_arrco, us_pia
from kiosk.domain.pension.dated import Dated
from kiosk.schemes.pension.file_format import CnParameters, CzParameters, FrParameters, UsParameters

if TYPE_CHECKING:
    from collections.abc import Mapping

AnyParameters = us_pia.Parameters | cz_old_age.Parameters | cn_urban_employees.Parameters | fr_agirc_arrco.Parameters
_FORMATS: Mapping[RuleSet, type[UsParameters | CzParameters | CnParameters | FrParameters]] = {
    RuleSet.US_PIA: UsParameters,
    RuleSet.CZ_OLD_AGE: CzParameters,
    RuleSet.CN_URBAN_EMPLOYEES: CnParameters,
    RuleSet.FR_AGIRC_ARRCO: FrParameters,
}
_Text = Annotated[str, msgspec.Meta(min_length=1)]


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    rules: RuleSet
    version: _Text
    valid_from: date
    as_of: date
    source: _Text
    parameters: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Unusable:
    """Why parameters cannot be used: the place in them and what is wrong there."""

    detail: str


def load_parameters(data: bytes) -> Dated[AnyParameters] | Unusable:
    """Read a parameter file (UTF-8 JSON, no float, no key twice)."""
    document = _read_json(data)
    return document if isinstance(document, Unusable) else parse_parameters(document)


def parse_parameters(document: Mapping[str, Any]) -> Dated[AnyParameters] | Unusable:
    """Check parameters that are JSON values already, as signed reference data carry them."""
    try:
        file = msgspec.convert(dict(document), _File)
    except msgspec.ValidationError as error:
        return Unusable(str(error))
    parameters = read_parameters(file.rules, file.parameters)
    if isinstance(parameters, Unusable):
        return parameters
    return Dated(file.rules, file.version, file.valid_from, file.as_of, file.source, parameters)


def read_parameters(rules: RuleSet, values: Mapping[str, Any]) -> AnyParameters | Unusable:
    """Check the `parameters` of a rule set alone; the place in an `Unusable` begins at `$.parameters`."""
    kind = _FORMATS[rules]
    try:
        return msgspec.convert(dict(values), kind, str_keys=True).value()
    except msgspec.ValidationError as error:
        return Unusable(_placed(str(error), values, kind))
    except ValueError as error:  # the rules' own values refuse what does not fit together
        return Unusable(f"{error} - at `$.parameters`")


def _placed(said: str, values: Mapping[str, Any], kind: type[msgspec.Struct]) -> str:
    """Give the place from `$.parameters` on, with the entry's name where the message has only `[...]` for a table's."""
    found = re.search(r"`(?:key in )?\$\.([a-z_]+)\[\.\.\.\]", said)
    table = values.get(found[1]) if found else None
    if found and isinstance(table, dict):
        for name, value in table.items():
            try:
                msgspec.convert(dict(values) | {found[1]: {name: value}}, kind, str_keys=True)
            except msgspec.ValidationError as error:
                if str(error) == said:
                    said = said.replace("[...]", f"[{name}]", 1)
                    break
    return said.replace("$", "$.parameters", 1) if "`" in said else f"{said} - at `$.parameters`"


@cache
def installed(rules: RuleSet) -> Dated[AnyParameters]:
    """Return the parameters of this installation; a wrong file is an EnvironmentFault with place and remedy."""
    loaded = parse_parameters(parameters_document(rules))
    if isinstance(loaded, Unusable):
        raise _fault(rules, loaded.detail)
    if loaded.rules is not rules:
        raise _fault(rules, f"it is for {loaded.rules.value}")
    return loaded


def parameters_document(rules: RuleSet) -> dict[str, Any]:
    """Return the installed file of a rule set as JSON values (no floats), as it is signed."""
    document = _read_json(resources.files(__package__).joinpath(f"{rules.value}.json").read_bytes())
    if isinstance(document, Unusable):
        raise _fault(rules, document.detail)
    return document


def _read_json(data: bytes) -> dict[str, Any] | Unusable:
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=_unique, parse_float=_refuse, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        return Unusable(f"this is not the JSON of a parameter file: {error}")
    return value if isinstance(value, dict) else Unusable("a parameter file is one JSON object")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        twice = sorted({name for name, _ in pairs if sum(name == other for other, _ in pairs) > 1})
        raise ValueError(f"{', '.join(twice)} stands twice")
    return value


def _refuse(text: str) -> Any:
    raise ValueError(f"{text[:20]} is a number with a point; write it as text")


def _fault(rules: RuleSet, what: str) -> EnvironmentFault:
    where = f"schemes/pension/{rules.value}.json"
    return EnvironmentFault(f"{where} cannot be used: {what}.", "Correct it or install the program again.")
