"""The simulation is the same every time, and says what its rules say."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from kiosk.__main__ import main
from simulation.country import BEGIN, END, Habits, make_country
from simulation.scope_year import run

if TYPE_CHECKING:
    from collections.abc import Mapping


def figures(**habits: Any) -> Mapping[str, Mapping[str, Any]]:
    return run(3, offices=6, people=1_500, habits=Habits(**habits))["policies"]  # type: ignore[return-value]


def test_the_same_seed_gives_the_same_result_and_another_another() -> None:
    assert run(3, 6, 800) == run(3, 6, 800)
    assert run(3, 6, 800) != run(4, 6, 800)


def test_what_happens_is_in_order_and_within_the_years() -> None:
    events = make_country(1, 6, 800, Habits()).events
    assert len(events) > 500
    assert events == sorted(events)
    assert all(BEGIN <= event.at < END for event in events)


def test_everybody_everywhere_misses_only_who_has_no_key() -> None:
    assert figures(without_key=0.0)["everybody everywhere"]["hit_rate"] == 1.0
    assert figures(without_key=1.0)["everybody everywhere"]["hit_rate"] == 0.0
    assert figures(without_key=1.0)["rules"]["rows_an_office"] == 0


def test_the_whole_office_knows_nobody_from_elsewhere() -> None:
    found = figures(without_key=0.0)["whole office"]
    assert (found["hit_rate_at_home"], found["hit_rate_elsewhere"]) == (1.0, 0.0)
    assert found["rows_an_office"] == pytest.approx(250, rel=0.02)


def test_the_rules_hold_fewer_than_the_whole_office_and_find_some_from_elsewhere() -> None:
    found = figures()
    rules, whole = found["rules"], found["whole office"]
    assert 0 < rules["rows_an_office"] < 0.8 * whole["rows_an_office"]
    assert rules["hit_rate_elsewhere"] > 0.2
    assert rules["hits_a_row"] > whole["hits_a_row"]


def test_beneficiaries_alone_are_all_found_at_home() -> None:
    found = figures(beneficiaries=1.0, at_home=1.0, without_key=0.0)
    assert found["rules"]["hit_rate"] == pytest.approx(1.0, abs=0.03), "only who moved is missed elsewhere"


def test_the_verb_prints_a_table_and_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "scope", "--seed", "5", "--offices", "4", "--people", "400"]) == 0
    table, _, data = capsys.readouterr().out.partition("\n\n")
    assert "whole office" in table
    assert json.loads(data)["seed"] == 5
    assert main(["simulate", "scope", "--offices", "4", "--people", "400", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["people"] == 400


def test_too_small_a_country_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "scope", "--offices", "1"]) == 2
    assert "--offices 2" in capsys.readouterr().err
