"""The parameters of the pension rule sets: dated JSON files, checked when they are read, the same in signed reference data.

    kiosk/schemes/pension/cz_old_age.json       one file a rule set: rules, version, valid_from, as_of, source, parameters
    kiosk/schemes/pension/texts/en.toml         what the steps of a result say, one file a language

- Amounts, rates and indices are text ("0.99"): a number that is no integer is refused, there is no float on the way.
- What is wrong is an `Unusable` that names the place; nothing here raises because of a file's content.
- `parameters_document` is the form that is signed: a scheme pack that names a rule set carries it as its group `pension`.
"""

from __future__ import annotations

from kiosk.schemes.pension.parameters import (
    AnyParameters,
    Unusable,
    installed,
    load_parameters,
    parameters_document,
    parse_parameters,
    read_parameters,
)

__all__ = [
    "AnyParameters",
    "Unusable",
    "installed",
    "load_parameters",
    "parameters_document",
    "parse_parameters",
    "read_parameters",
]
