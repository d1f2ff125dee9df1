"""The same estimate, the same bytes, everywhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from kiosk.domain.pension import RuleSet
from kiosk.domain.pension.career import read_periods
from kiosk.domain.pension.estimate import Estimate, FromRecord, Typed, WhatIf, estimate
from kiosk.schemes import load_scheme
from kiosk.schemes.pension import installed, parameters_document
from kiosk.wire.canonical import canonical
from kiosk.wire.pension import estimate_bytes, parameters_digest, received_parameters
from kiosk.wire.problem import Problem

TODAY = date(2026, 11, 22)
DOCUMENT = parameters_document(RuleSet.CZ_OLD_AGE)
DIGEST = parameters_digest(DOCUMENT)
ROWS = [
    {"year": year, "from": f"{year}-01-01", "to": f"{year}-12-31", "kind": "worked", "pay": "361234.56", "branches": {"old_age": "1"}}
    for year in range(1990, 2026)
]
AGAIN = """
import sys
from tests.unit.wire.test_wire_pension import DIGEST, made
from kiosk.wire.pension import estimate_bytes
sys.stdout.buffer.write(estimate_bytes(made(), DIGEST))
"""


def made(**what_if):
    one = estimate(FromRecord(date(1970, 5, 1), read_periods(ROWS)), installed(RuleSet.CZ_OLD_AGE), WhatIf(**what_if), TODAY)
    assert isinstance(one, Estimate)
    return one


def test_parameters_that_came_signed_give_the_same_bytes_as_the_installed_ones():
    came = received_parameters(json.loads(canonical(DOCUMENT)))
    one = estimate(FromRecord(date(1970, 5, 1), read_periods(ROWS)), came, WhatIf(), TODAY)
    assert came == load_scheme("cz").pension
    assert estimate_bytes(one, DIGEST) == estimate_bytes(made(), DIGEST)


@pytest.mark.parametrize("seed", ["1", "2"])
def test_another_process_writes_the_same_bytes(seed):
    done = subprocess.run(
        [sys.executable, "-c", AGAIN], capture_output=True, check=True, env=os.environ | {"PYTHONHASHSEED": seed}
    )
    assert done.stdout == estimate_bytes(made(), DIGEST)


def test_the_bytes_say_what_they_rest_on():
    one = made(more_years=1)
    written = json.loads(estimate_bytes(one, DIGEST))
    assert written["parameters"] == DIGEST
    assert (written["rules"], written["version"], written["inputs"]["more_years"]) == ("cz_old_age", "cz-2026-1", 1)
    assert Decimal(written["monthly_pension"]) == one.result.monthly_pension
    assert len(written["bars"]) == 11
    assert written["trace"][0] == {"key": "cz.prices", "parameters": {"year": "2026"}, "amount": None, "unit": "money"}
    typed = estimate(Typed(date(1970, 5, 1), Decimal("42500.50"), 33), installed(RuleSet.CZ_OLD_AGE), WhatIf(), TODAY)
    assert json.loads(estimate_bytes(typed, DIGEST))["inputs"]["monthly_pay"] == "42500.50"


def test_another_record_or_other_parameters_are_seen():
    one = made()
    other = replace(one, source=replace(one.source, periods=one.source.periods[1:]))
    assert estimate_bytes(one, DIGEST) != estimate_bytes(other, DIGEST)
    assert parameters_digest(DOCUMENT | {"version": "cz-2026-2"}) != DIGEST


def test_parameters_of_a_peer_that_are_wrong_are_a_problem():
    made = received_parameters({"rules": "cz_old_age"})
    assert isinstance(made, Problem)
    assert "pension parameters" in made.detail
