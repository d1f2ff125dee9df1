"""What the long simulations take, refuse and print; what they find is in tests/fault."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from kiosk.__main__ import main

if TYPE_CHECKING:
    from pathlib import Path


def test_a_small_world_is_played_and_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result, work = tmp_path / "result.json", tmp_path / "not yet there" / "work"
    words = ["--terminals", "2", "--transactions", "12", "--seed", "small", "--processes", "0", "--calm"]
    assert main(["simulate", "sync", *words, "--work", str(work), "--json", str(result)]) == 0
    assert "not as the oracle says                       0" in capsys.readouterr().out
    found = json.loads(result.read_text())
    assert (found["seed"], found["transactions"], found["good"], found["acknowledged"]) == ("small", 12, True, 12)
    assert not list(work.iterdir()), "nothing is left"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["sync", "--terminals", "0"], "1 to 9,000 terminals"),
        (["sync", "--transactions", "0"], "at least one transaction"),
        (["sync", "--restore-server", "-1"], "--restore-server 0"),
        (["sync", "--json", "no such folder/x.json"], "a folder that is there"),
        (["power-cuts", "--cuts", "0"], "--cuts 1"),
        (["power-cuts", "--json", "."], "a folder that is there"),
    ],
)
def test_what_cannot_be_played_is_said_before_the_work(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["simulate", *words]) == 2
    assert said in capsys.readouterr().err
