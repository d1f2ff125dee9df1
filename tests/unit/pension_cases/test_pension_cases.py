"""`guichet pension`: every published case to the unit, cases from outside, and what is said of wrong ones."""

from __future__ import annotations

import io
import json
import random
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from kiosk.__main__ import main
from kiosk.domain.pension import RuleSet
from kiosk.pension_cases.running import run, same

ROOT = Path(__file__).parents[3]
PUBLISHED = {rules: ROOT / "tests" / "data" / "pension" / f"{rules.value}.json" for rules in RuleSet}
DOUBTS = {
    (RuleSet.CN_URBAN_EMPLOYEES, "CN-UE-HLJ-2025-07M"): {"transitional": ("2380.99", "2380.98")},
    (RuleSet.FR_AGIRC_ARRCO, "AGIRC points 2016"): {"points": ("691.78", "691.77")},
}
"""Published figures that the published rules do not give (docs/pension.md, "Doubts"), and what they give."""


def reasons(reason):
    return reason.reason


def outcomes(rules, *cases, **more):
    return run(rules, json.dumps({"cases": cases} | more).encode(), reasons)


def amounts(rules, case, **more):
    (one,) = outcomes(rules, case, **more)
    assert one.error is None, one.error
    return one.amounts


def code(rules, case, **more):
    (one,) = outcomes(rules, case, **more)
    assert one.error is not None
    return one.error["code"]


def published():
    for rules, file in PUBLISHED.items():
        for number, outcome in enumerate(run(rules, file.read_bytes(), reasons)):
            label = str(outcome.label.get("id", outcome.label.get("what", number)))
            yield pytest.param(rules, label, outcome, id=f"{rules.value}-{label}")


@pytest.mark.parametrize(("rules", "label", "outcome"), list(published()))
def test_every_published_case_to_the_unit(rules, label, outcome):
    assert outcome.error is None
    assert outcome.ignored == ()
    doubt = DOUBTS.get((rules, label), {})
    assert {
        name: (str(one["expected"]), str(one["got"])) for name, one in outcome.differences.items()
    } == doubt
    assert outcome.agrees is not bool(doubt)


def test_a_documented_rounding_gives_the_doubtful_figures():
    fr, cn = (json.loads(PUBLISHED[rules].read_bytes())["cases"] for rules in (RuleSet.FR_AGIRC_ARRCO, RuleSet.CN_URBAN_EMPLOYEES))
    assert amounts(RuleSet.FR_AGIRC_ARRCO, fr[1], settings={"points_rounding": "up"})["points"] == Decimal("691.78")
    assert amounts(RuleSet.CN_URBAN_EMPLOYEES, cn[6] | {"settings": {"transitional_rounding": "up"}})["transitional"] == "2380.99"


@pytest.mark.parametrize("rules", RuleSet)
def test_cases_without_expected_results_and_in_any_order_give_the_same(rules):
    document = json.loads(PUBLISHED[rules].read_bytes())
    cases = document["cases"]
    usual = [one.amounts for one in outcomes(rules, *cases)]
    bare = [{name: value for name, value in case.items() if name != "expected"} for case in cases]
    order = list(range(len(cases)))
    random.Random(7).shuffle(order)
    mixed = outcomes(rules, *(bare[number] for number in order))
    assert [one.amounts for one in mixed] == [usual[number] for number in order]


# --- the United States ------------------------------------------------------------------------------


def test_us_cases_from_outside():
    us = RuleSet.US_PIA
    made = amounts(us, {"birth": 1960, "earnings": "max 1982-2021", "eval": 2026, "months_early": 13})
    assert (made["pia"], made["benefit_exact"], made["benefit"]) == ("3968.50", "3681.80", 3681)
    assert amounts(us, {"birth": 1964, "aime": 5825})["pia"] == "2609.80"
    assert amounts(us, {"birth": 1964, "earnings": {"2025": "max", "2024": 20000.555}})["indexed_earnings"] == {
        "2024": "20000.56", "2025": "176100.00",
    }  # fmt: skip
    assert amounts(us, {"birth": "1964"})["bend"] == [1286, 7749]
    (one,) = outcomes(us, {"pia": 1000, "benefit": 1000, "months_erly": 3})
    assert (one.agrees, one.ignored) == (True, ("months_erly",))


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ({"birth": 1964, "earnings": "max 2025-1986"}, "wrong_field"),
        ({"birth": 1964, "earnings": "all"}, "wrong_field"),
        ({"birth": 1964, "earnings": [1]}, "wrong_field"),
        ({"birth": 1964, "earnings": {"86": 1}}, "wrong_field"),
        ({"birth": 1964, "earnings": {"1986": -1}}, "wrong_field"),
        ({"birth": 1964, "earnings": {"1986": True}}, "wrong_field"),
        ({"birth": 64}, "wrong_field"),
        ({"pia": "1e5"}, "wrong_field"),
        ({"pia": "1000", "months_early": 1.5}, "wrong_field"),
        ({"pia": "1000", "months_early": 61}, "months_out_of_range"),
        ({"birth": 1970}, "no_wage_index"),
        ({}, "no_birth_year"),
        (5, "wrong_case"),
        ({"pia": 1, "settings": 5}, "wrong_field"),
        ({"pia": 1, "parameters": {"AWI": {"1990": "x"}}}, "wrong_parameters"),
    ],
)
def test_us_cases_that_are_wrong(case, expected):
    assert code(RuleSet.US_PIA, case) == expected


def test_a_files_own_parameters_win_where_they_are_given_and_a_cases_over_them():
    case = {"birth": 1960, "aime": 5000, "eval": 2024}
    usual = amounts(RuleSet.US_PIA, case)["pia_after_rise"]
    own = {"COLA": {"2023": 10.0}, "remark": "not used"}
    changed = amounts(RuleSet.US_PIA, case, parameters=own)["pia_after_rise"]
    assert changed["2022"] == usual["2022"]
    assert changed["2023"] != usual["2023"]
    assert amounts(RuleSet.US_PIA, case | {"parameters": {"COLA": {"2023": "3.2"}}}, parameters=own)["pia_after_rise"] == usual
    assert amounts(RuleSet.US_PIA, case | {"eval": 2028}, parameters={"COLA": {"2026": "0.0", "2027": 0}})["pia"]


# --- the Czech Republic -----------------------------------------------------------------------------


def test_cz_cases_from_outside():
    cz = RuleSet.CZ_OLD_AGE
    made = amounts(cz, {"year": 2026, "assessment_base": "50000.50", "whole_years": "40"})
    assert (made["reduced_base"], made["percentage_part"], made["monthly_pension"]) == (28729, 17180, 22080)
    assert (made["c"], made["rate_percent"]) == (Decimal("0.99"), Decimal("1.495"))
    assert amounts(cz, {"year": 2019, "assessment_base": "cap", "whole_years": 0})["monthly_pension"] == 3270
    later = {"2030": {"first_threshold": 24000, "second_threshold": 220000, "flat_amount": 5500, "note": "x"}}
    made = amounts(cz, {"year": 2030, "assessment_base": 50000, "whole_years": 40}, parameters=later)
    assert (made["c"], made["monthly_pension"]) == (Decimal("0.95"), 22941)
    assert amounts(cz, {"year": 2030, "assessment_base": 50000, "whole_years": 40}, parameters={"years": later}) == made
    assert amounts(cz, {"year": 2025, "assessment_base": 0, "whole_years": 0}, parameters={"2025": {"flat_amount": 1.5}})[
        "monthly_pension"
    ] == Decimal("1.5")


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ({"year": 2027, "assessment_base": 1, "whole_years": 1}, "no_thresholds"),
        ({"year": 2026, "assessment_base": 1}, "missing_field"),
        ({"year": 2026, "whole_years": 1}, "missing_field"),
        ({"year": 2026, "assessment_base": "much", "whole_years": 1}, "wrong_field"),
        ({"year": 2026, "assessment_base": 1, "whole_years": 40.5}, "wrong_field"),
        ({"year": 2026, "assessment_base": 1, "whole_years": 81}, "years_out_of_range"),
        ({"year": 26, "assessment_base": 1, "whole_years": 1}, "wrong_field"),
    ],
)
def test_cz_cases_that_are_wrong(case, expected):
    assert code(RuleSet.CZ_OLD_AGE, case) == expected


# --- China ------------------------------------------------------------------------------------------


def test_cn_cases_from_outside():
    cn = RuleSet.CN_URBAN_EMPLOYEES
    one = {"base": 8000, "index": 1.2, "months": 401, "deemed_months": 37, "region": "AH", "account": 100000}
    made = amounts(cn, {"inputs": one | {"category": "male", "birth": "1970-03", "early_months": 6}})
    assert (made["retire"], made["payout_months"], made["min_months"]) == ("2031-01", "133.2", 192)
    assert made["basic"] == "2940.67"
    assert Decimal(made["total"]) == sum(Decimal(made[part]) for part in ("basic", "account", "transitional"))
    two = amounts(cn, {"inputs": one | {"years_decimals": 2, "age": "60y10m"}})
    assert two["basic"] == "2940.96"
    assert two == amounts(cn, {"inputs": one | {"age_years": 60, "age_months": 10, "settings": {"years_decimals": 2}}})
    own = {"settings": {"AH": {"years_decimals": 2}}, "transition_rates": {"AH": "0.013 (sheet)"}, "flexible": {"early_max_months": 1}}
    assert amounts(cn, {"inputs": one | {"age": "60y10m"}}, parameters=own) == two
    assert amounts(cn, {"inputs": one | {"age": "60y10m", "years_decimals": None}}, parameters=own)["basic"] == "2940.67"
    assert amounts(cn, {"inputs": {"age": 63}})["payout_months"] == "117.0"
    assert amounts(cn, {"inputs": {"age": "65y"}})["payout_months"] == "101.0"
    assert amounts(cn, {"inputs": {"basic": 961, "account": 46350, "age": "60y"}})["account_pension"] == "333.45"
    both = {"base": "7000", "index": 1, "years": 20, "pension_rate": "0.08"}
    assert {"pension", "basic"} <= amounts(cn, {"inputs": both}).keys()
    assert amounts(cn, {"category": "female50", "birth": "1990-01"})["retire"] == "2045-01"


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        ({}, "cn_incomplete"),
        ({"base": 1, "index": 1, "years": 1, "months": 12}, "contradiction"),
        ({"base": 1, "index": 1, "years": 20, "deemed_years": 2}, "no_transition_rate"),
        ({"age": "75y1m"}, "age_out_of_range"),
        ({"age": "60y12m"}, "wrong_field"),
        ({"age": "old"}, "wrong_field"),
        ({"age_years": 60, "age": "60y"}, "contradiction"),
        ({"category": "x", "birth": "1970-01"}, "no_category"),
        ({"category": "male", "birth": "1970"}, "wrong_field"),
        ({"category": 5, "birth": "1970-01"}, "wrong_field"),
        ({"basic": 1, "account": 1}, "no_payout_months"),
        ({"basic": 1, "account": 1, "payout_months": 0}, "no_payout_months"),
        ({"basic": 1, "account": 1, "age": 20}, "age_out_of_range"),
        ({"basic": 1, "payout_months": 1}, "missing_field"),
        ({"pension_rate": "0.2"}, "missing_field"),
        ({"base": 1, "index": 1, "years": 1, "settings": {"basic_rounding": "about"}}, "wrong_field"),
        ({"base": 1, "index": 1, "years": 1, "settings": {"years_decimals": 9}}, "wrong_field"),
    ],
)
def test_cn_cases_that_are_wrong(inputs, expected):
    assert code(RuleSet.CN_URBAN_EMPLOYEES, {"inputs": inputs}) == expected


# --- France -----------------------------------------------------------------------------------------


def test_fr_cases_from_outside():
    fr = RuleSet.FR_AGIRC_ARRCO
    made = amounts(fr, {"contribution": 1393.45, "scheme": "ARRCO", "year": 2015, "point_value": "1.2513"})
    assert made == {"points": Decimal("91.32"), "pension": Decimal("114.27")}
    assert amounts(fr, {"contribution": 10, "reference_salary": 3}, parameters={"settings": {"points_rounding": "up"}})[
        "points"
    ] == Decimal("3.34")
    assert code(fr, {"contribution": 10}) == "no_reference_salary"
    assert code(fr, {}) == "no_points"
    assert code(fr, {"points": 1, "point_value": 1, "settings": {"pension_rounding": 5}}) == "wrong_field"


# --- the command line -------------------------------------------------------------------------------


def cli(*arguments, stdin=None):
    return subprocess.run(
        [sys.executable, "-m", "kiosk", "pension", *arguments], cwd=ROOT, capture_output=True, text=True, check=False, input=stdin
    )


def test_the_command_writes_every_case_in_order_with_exact_numbers(tmp_path):
    file = tmp_path / "cases.json"
    file.write_text('{"cases": [{"contribution": 1393.45, "reference_salary": 15.2589, "id": "a"}, {}, {"points": 3.10, "point_value": 1, "pension": 3.1}]}')
    done = cli("--rules", "fr_agirc_arrco", "--cases", str(file), "--json")
    assert (done.returncode, done.stderr) == (1, "")
    one, two, three = json.loads(done.stdout, parse_float=Decimal)["cases"]
    assert one == {"id": "a", "points": Decimal("91.32")}
    assert two["error"]["code"] == "no_points"
    assert two["error"]["message"].startswith("There are no points.")
    assert three["agrees"] is True
    assert '"points": 3.10' in done.stdout
    assert cli("--rules", "fr_agirc_arrco", "--cases", "-", "--json", stdin=file.read_text()).stdout == done.stdout


@pytest.mark.parametrize("rules", RuleSet)
@pytest.mark.parametrize("language", ["en", "cs", "ar"])
def test_the_table_has_every_case_and_its_steps(rules, language, capsys):
    assert main(["pension", "--rules", rules, "--cases", str(PUBLISHED[rules]), "--trace", "--language", language]) == 0
    lines = capsys.readouterr().out.splitlines()
    count = len(json.loads(PUBLISHED[rules].read_bytes())["cases"])
    assert lines[-1].startswith(f"{count} cases: {count} calculated, 0 not;")
    assert any(line.lstrip().startswith("1. ") for line in lines)


def test_check_makes_a_difference_count_and_the_table_shows_it(capsys):
    arguments = ["pension", "--rules", "fr_agirc_arrco", "--cases", str(PUBLISHED[RuleSet.FR_AGIRC_ARRCO])]
    assert main(arguments) == 0
    assert "expected 691.78" in capsys.readouterr().out
    assert main([*arguments, "--check", "--json", "--trace"]) == 1
    assert json.loads(capsys.readouterr().out)["cases"][1]["differences"]["points"]["got"] == 691.77


def test_the_table_says_what_is_wrong_missing_and_not_used(capsys, monkeypatch):
    cases = {"cases": [{}, {"points": 1, "point_value": 1, "hint": 2, "expected": {"pension": 1, "bonus": 2}}]}
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(cases).encode())))
    assert main(["pension", "--rules", "fr_agirc_arrco", "--cases", "-"]) == 1
    told = capsys.readouterr().out
    assert "cannot be calculated (no_points)" in told
    assert "bonus" in told
    assert "DOES NOT AGREE" in told
    assert "not used: hint" in told


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "not JSON"),
        ("[]", "object with `cases`"),
        ("{}", "no list of `cases`"),
        ('{"cases": [{"a": 1, "a": 2}]}', "'a' stands twice"),
        ('{"cases": [{"a": NaN}]}', "NaN is no number"),
        ('{"cases": [], "parameters": 5}', "`parameters` is not an object"),
        ('{"cases": [], "parameters": {"2026": 5}}', "$.parameters.years"),
    ],
)
def test_a_file_that_cannot_be_used_ends_with_one_line(content, said, tmp_path, capsys):
    (tmp_path / "cases.json").write_text(content)
    assert main(["pension", "--rules", "cz_old_age", "--cases", str(tmp_path / "cases.json")]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1


def test_a_file_that_is_not_there_and_a_language_that_is_not(capsys):
    assert main(["pension", "--rules", "cz_old_age", "--cases", "/no/such/file"]) == 2
    assert main(["pension", "--rules", "cz_old_age", "--cases", "x", "--language", "xx"]) == 2
    assert "en, cs, ar" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [("1.50", Decimal("1.5"), True), (1, "1.0", True), ([1, 2], ["1", 2], True), ([1], [1, 2], False), ("a", "a", True),
     ("2025-02", "2025-03", False), (1, None, False), (True, 1, False)],
)  # fmt: skip
def test_numbers_are_compared_by_value(one, other, alike):
    assert same(one, other) is alike
