"""Parameter files: dated, sourced, refused with the place; the texts of every step and reason."""

from __future__ import annotations

import ast
import copy
import json
import re
from decimal import Decimal
from pathlib import Path

import pytest

import kiosk.domain
from kiosk.domain.errors import EnvironmentFault
from kiosk.domain.pension import RuleSet
from kiosk.schemes import load_scheme, load_texts, parse_scheme, scheme_document
from kiosk.schemes.pension import Unusable, installed, load_parameters, parameters_document, parse_parameters
from kiosk.schemes.pension import parameters as module

PUBLISHED = Path(__file__).parents[2] / "data" / "pension"


def broken(rules, path, value):
    """An installed file with one value replaced; None takes it out."""
    document = copy.deepcopy(parameters_document(rules))
    *folders, name = path.split("/")
    place = document
    for folder in folders:
        place = place[folder]
    if value is None:
        del place[name]
    else:
        place[name] = value
    return document


@pytest.mark.parametrize("rules", RuleSet)
def test_the_installed_files_are_whole_dated_and_sourced(rules):
    dated = installed(rules)
    assert dated.rules is rules
    assert dated.version
    assert dated.source
    assert dated.valid_from <= dated.as_of
    assert load_parameters(json.dumps(parameters_document(rules)).encode()) == dated


@pytest.mark.parametrize(
    ("rules", "path", "value", "place"),
    [
        (RuleSet.US_PIA, "rules", "us_soon", r"\$\.rules"),
        (RuleSet.US_PIA, "valid_from", None, "valid_from"),
        (RuleSet.US_PIA, "as_of", "yesterday", r"\$\.as_of"),
        (RuleSet.US_PIA, "source", "", r"\$\.source"),
        (RuleSet.US_PIA, "more", 1, "more"),
        (RuleSet.US_PIA, "parameters/awi/1977", None, "1977"),
        (RuleSet.US_PIA, "parameters/awi/1990", "much", r"\$\.parameters\.awi\[1990\]"),
        (RuleSet.US_PIA, "parameters/awi/1990", "-1", r"awi\.1990.*\$\.parameters"),
        (RuleSet.US_PIA, "parameters/awi/90", "1", r"key. in .\$\.parameters\.awi"),
        (RuleSet.US_PIA, "parameters/more", {}, "more"),
        (RuleSet.CZ_OLD_AGE, "parameters/years/2026/flat_amount", None, r"flat_amount.*\$\.parameters\.years\[2026\]"),
        (RuleSet.CZ_OLD_AGE, "parameters/years/2026/second_threshold", "1", r"threshold.*\$\.parameters"),
        (RuleSet.CZ_OLD_AGE, "parameters/years", {}, r"\$\.parameters\.years"),
        (RuleSet.CZ_OLD_AGE, "parameters/middle_percent", "1e300", r"middle_percent.*\$\.parameters"),
        (RuleSet.CZ_OLD_AGE, "parameters/record/source", "", r"\$\.parameters\.record\.source"),
        (RuleSet.CZ_OLD_AGE, "parameters/fall/to_year", 2025, r"from_year.*\$\.parameters"),
        (RuleSet.CN_URBAN_EMPLOYEES, "parameters/retirement/male/first_birth", "1965-13", r"first_birth"),
        (RuleSet.CN_URBAN_EMPLOYEES, "parameters/settings/BJ", {"basic_rounding": "about"}, "settings"),
        (RuleSet.CN_URBAN_EMPLOYEES, "parameters/payout_months_table/200", "1", "payout_months_table"),
        (RuleSet.FR_AGIRC_ARRCO, "parameters/settings/points_rounding", "about", "points_rounding"),
    ],
)
def test_a_wrong_file_is_refused_with_its_place(rules, path, value, place):
    made = parse_parameters(broken(rules, path, value))
    assert isinstance(made, Unusable)
    assert re.search(place, made.detail), made.detail


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\xff", "JSON"),
        (b"{", "JSON"),
        (b"[]", "object"),
        (b'{"a": 0.5}', "write it as text"),
        (b'{"a": NaN}', "write it as text"),
        (b'{"a": 1, "a": 2}', "a stands twice"),
    ],
)
def test_bytes_that_are_no_parameter_file(data, said):
    made = load_parameters(data)
    assert isinstance(made, Unusable)
    assert said in made.detail


@pytest.mark.parametrize("content", [b"{", b"{}", json.dumps(parameters_document(RuleSet.US_PIA)).encode()])
def test_a_wrong_installation_is_named(tmp_path, monkeypatch, content):
    (tmp_path / "cz_old_age.json").write_bytes(content)
    monkeypatch.setattr(module.resources, "files", lambda _package: tmp_path)
    with pytest.raises(EnvironmentFault, match=r"schemes/pension/cz_old_age\.json"):
        installed.__wrapped__(RuleSet.CZ_OLD_AGE)


def test_the_installed_numbers_are_the_published_ones():
    us, cn, cz = (
        json.loads((PUBLISHED / f"{name}.json").read_text(), parse_float=str)["parameters"]
        for name in ("us_pia", "cn_urban_employees", "cz_old_age")
    )
    mine = parameters_document(RuleSet.US_PIA)["parameters"]
    assert (mine["awi"], mine["cola"], mine["max_taxable"]) == (us["AWI"], us["COLA"], us["max_taxable"])
    mine = parameters_document(RuleSet.CN_URBAN_EMPLOYEES)["parameters"]
    assert {age: int(months) for age, months in mine["payout_months_table"].items()} == cn["payout_months_table"]
    assert mine["retirement"] == cn["retirement"]
    assert mine["min_contribution_months"] == cn["min_contribution_months"]
    mine = parameters_document(RuleSet.CZ_OLD_AGE)["parameters"]["years"]
    for year, published in cz.items():
        assert {name: Decimal(value) for name, value in published.items()} == {
            name: Decimal(value) for name, value in mine[year].items()
        }


def test_the_scheme_pack_carries_its_rule_sets_parameters():
    assert load_scheme("cz").pension == installed(RuleSet.CZ_OLD_AGE)
    document = scheme_document("cz")
    assert document["pension"] == parameters_document(RuleSet.CZ_OLD_AGE)
    assert parse_scheme({name: value for name, value in document.items() if name != "pension"}).pension is None
    with pytest.raises(EnvironmentFault, match=r"pension: .*years"):
        parse_scheme(document | {"pension": broken(RuleSet.CZ_OLD_AGE, "parameters/years", {})})


def test_every_step_and_reason_has_a_text_with_its_parameters():
    texts = load_texts("cz")
    written = set()
    for file in Path(kiosk.domain.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or getattr(node.func, "id", "") not in {"step", "not_possible"}:
                continue
            kind = {"step": "pension.step", "not_possible": "pension.not_possible"}[node.func.id]
            values = {word.arg: "1" for word in node.keywords}
            for part in ast.walk(node.args[0]):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    key = f"{kind}.{part.value}"
                    written.add(key)
                    day = {name: "2026-01-01" for name in values if name == "day"}
                    assert all(texts.text(language, key, **(values | day)) for language in texts.languages)
    unused = {key for key in texts.keys() if key.startswith(("pension.step.", "pension.not_possible."))} - written  # noqa: SIM118 - no mapping
    assert not unused
    assert len(written) > 50
