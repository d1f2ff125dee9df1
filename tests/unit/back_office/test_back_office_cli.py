"""The verbs of `guichet back-office`: what they do, and one clear line where they cannot."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from back_office_bench import enrolled, fresh_state, open_audit_log
from fakes.verb import main

from back_office.installation import open_installation
from back_office.repository import people, terminals

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def state(tmp_path: Path, database: str) -> Iterator[Path]:
    with fresh_state(tmp_path, database) as made:
        yield made


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    capsys.readouterr()
    try:
        code = main("back_office.cli", ["back-office", *map(str, arguments)])
    except SystemExit as left:
        code = int(left.code or 0)
    out, err = capsys.readouterr()
    assert "Traceback" not in out + err
    return code, out, err


def test_init_makes_what_is_missing_and_keeps_what_is_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "init", "--state", tmp_path, "--port", 9999, "--terminal-setting", "idle_seconds=30")
    assert code == 0
    assert str(tmp_path) in out
    text = (tmp_path / "back-office/settings.toml").read_text()
    assert "port = 9999" in text
    assert "idle_seconds = 30" in text
    root = (tmp_path / "pki/root.pem").read_bytes()
    assert run(capsys, "init", "--state", tmp_path, "--port", 1)[0] == 0
    assert (tmp_path / "pki/root.pem").read_bytes() == root
    assert (tmp_path / "back-office/settings.toml").read_text() == text
    for secret in [*(tmp_path / "pki").glob("*.key"), tmp_path / "back-office/back_office.db"]:
        assert secret.stat().st_mode & 0o077 == 0, secret


def test_wrong_settings_on_the_command_line_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "init", "--state", tmp_path, "--port", 70000)
    assert code == 2
    assert "server.port is 70000" in err
    assert not (tmp_path / "back-office").exists()
    code, _, err = run(capsys, "init", "--state", tmp_path, "--terminal-setting", "=x")
    assert code == 2


def test_seed_adds_people_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "init", "--state", tmp_path)
    assert run(capsys, "seed", "--state", tmp_path, "--persons", 5)[0] == 2
    assert run(capsys, "seed", "--state", tmp_path, "--persons", 8)[1] == "8 persons added\n"
    assert "there already" in run(capsys, "seed", "--state", tmp_path)[1]
    assert run(capsys, "audit", "verify", "--state", tmp_path)[0] == 0


@pytest.mark.parametrize(
    "act",
    [
        ["serve"],
        ["seed"],
        ["terminal", "list"],
        ["audit", "verify"],
        ["revoke-card", "1000000001", "--reason", "lost"],
        ["rotate-sealing-key"],
    ],
)
def test_without_a_back_office_the_remedy_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], act: list[str]
) -> None:
    code, _, err = run(capsys, *act, "--state", tmp_path)
    assert code == 2
    assert f"back-office init --state {tmp_path}" in err


def test_a_code_for_a_technician(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["enrolment-code", "--state", state, "--office", "101", "--technician", "tom", "--terminal"]
    code, out, _ = run(capsys, *arguments, "T0042")
    assert code == 0
    assert len(out.strip()) == 10
    code, _, err = run(capsys, *arguments, "42")
    assert code == 2
    assert "write T and four digits" in err
    code, _, err = run(capsys, *arguments[:4], "999", *arguments[5:], "T0042")
    assert code == 2
    assert "no office '999'" in err


def test_terminals_are_listed_suspended_and_resumed(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with open_installation(state) as it:
        enrolled(it)
    assert "T0007  101    in_service" in run(capsys, "terminal", "list", "--state", state)[1]
    assert run(capsys, "terminal", "suspend", "T0007", "--state", state, "--reason", "tamper", "--by", "olga")[0] == 0
    listed = json.loads(run(capsys, "terminal", "list", "--json", "--state", state)[1])
    assert listed[0]["state"] == "suspended"
    code, _, err = run(capsys, "terminal", "suspend", "T0007", "--state", state, "--reason", "again")
    assert code == 2
    assert "is suspended" in err
    assert run(capsys, "terminal", "resume", "T0007", "--state", state, "--reason", "checked")[0] == 0
    assert run(capsys, "terminal", "retire", "T0007", "--state", state, "--reason", " ")[0] == 2
    assert run(capsys, "terminal", "retire", "T0009", "--state", state, "--reason", "x")[0] == 2
    with open_installation(state) as it, it.database.read() as db:
        terminal = terminals.terminal(db, "T0007")
    assert terminal is not None
    assert terminal.state == "in_service"
    lines = [
        json.loads(line)
        for line in run(capsys, "audit", "show", "--subject", "T0007", "--state", state)[1].splitlines()
    ]
    assert [(line["action"], line["actor"]) for line in lines][2] == ("terminal.state_changed", "olga")
    assert lines[2]["purpose"] == "tamper"


def test_a_card_is_revoked_once(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "revoke-card", "1000000001", "--state", state, "--reason", "lost")[0] == 0
    assert "revoked before" in run(capsys, "revoke-card", "1000000001", "--state", state, "--reason", "lost")[2]
    assert "no card '1'" in run(capsys, "revoke-card", "1", "--state", state, "--reason", "lost")[2]
    with open_installation(state) as it, it.database.read() as db:
        card = people.card(db, "1000000001")
    assert card is not None
    assert card.revoked_because == "lost"


def test_the_sealing_key_is_rotated(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kid = run(capsys, "rotate-sealing-key", "--state", state)[1].split()[-1]
    with open_installation(state) as it:
        assert kid in it.keyring.keys().sealing
        assert len(it.keyring.keys().sealing) == 2


def test_the_clock_is_moved_and_shown(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "moved by 15 days, 12:00:00" in run(capsys, "clock", "--add", "15d12h", "--state", state)[1]
    assert "moved by 15 days, 10:00:00" in run(capsys, "clock", "--add=-2h", "--state", state)[1]
    assert "moved by 15 days, 10:00:00" in run(capsys, "clock", "--show", "--state", state)[1]
    for wrong in ("14", "", "d", "1w", "99999d"):
        assert run(capsys, "clock", f"--add={wrong}", "--state", state)[0] == 2
    (state / "clock").write_text("soon")
    code, _, err = run(capsys, "clock", "--show", "--state", state)
    assert code == 2
    assert "not a number of seconds" in err


def test_a_broken_log_has_another_exit_code(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with open_installation(state) as it, it.work() as work:
        open_audit_log(work.db)
        work.db.execute("UPDATE audit SET actor = 'nobody' WHERE n = 1")
    code, out, _ = run(capsys, "audit", "verify", "--state", state)
    assert code == 1
    assert "line 1" in out


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_damaged_database_is_named(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = state / "back-office/back_office.db"
    content = bytearray(path.read_bytes())
    content[4096 : 4096 * 60] = b"\xa5" * (4096 * 59)
    path.write_bytes(content)
    code, _, err = run(capsys, "audit", "verify", "--state", state)
    assert code == 2
    assert str(path) in err
    assert "malformed" in err


def test_the_default_state_folder_is_the_environment_s(
    state: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUICHET_STATE", str(state))
    assert run(capsys, "audit", "verify")[0] == 0
