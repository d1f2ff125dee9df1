"""`guichet journal`: says what is there, changes nothing, and refuses in one line."""

from __future__ import annotations

import hashlib
import json
import subprocess
from typing import TYPE_CHECKING

import pytest
from fakes.journals import KEY, append, entry, open_journal
from fakes.verb import ROOT, command

from kiosk.domain import reference
from kiosk.terminal_folder import TerminalFolder, write_whole
from offline_cache.entries import Settled

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def state(tmp_path: Path) -> Path:
    folder = TerminalFolder(tmp_path)
    folder.create()
    write_whole(folder.journal_key, KEY.hex().encode())
    journal = open_journal(folder.path)
    places = [append(journal, entry(b"sealed %d" % number)) for number in range(3)]
    journal.settle(
        [Settled(places[0].id, "received", "in_force"), Settled(places[1].id, "refused", detail="422 body: no")]
    )
    journal.report_print(places[0].id, "received", "printed")
    journal.close()
    return tmp_path


def verb(state: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*command("offline_cache.cli", "journal", *arguments), "--state", str(state)],
        capture_output=True, text=True, cwd=ROOT, check=False,
    )  # fmt: skip


def test_list_says_how_each_entry_stands(state: Path) -> None:
    done = verb(state, "list")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 3
    assert "received in_force" in lines[0]
    assert "refused  422 body: no" in lines[1]
    assert lines[2].endswith("waiting")
    assert done.stderr == "3 entries, 1 waiting.\n"
    entries = json.loads(verb(state, "list", "--json", "--only", "refused").stdout)
    assert [found["seq"] for found in entries] == [2]
    assert reference.is_valid(entries[0]["reference"])


def test_show_finds_an_entry_by_number_id_and_reference(state: Path) -> None:
    first = json.loads(verb(state, "list", "--json").stdout)[0]
    shown = [
        json.loads(verb(state, "show", wanted, "--json").stdout)
        for wanted in ("1", first["id"], reference.format(first["reference"]).lower())
    ]
    assert shown[0] == shown[1] == shown[2]
    assert shown[0]["body_sha256"] == hashlib.sha256(b"sealed 0").hexdigest()
    assert shown[0]["prints"][0]["outcome"] == "printed"
    assert "sealed 0" not in json.dumps(shown[0])


def test_reading_changes_nothing(state: Path) -> None:
    path = TerminalFolder(state).journal
    before = path.read_bytes()
    for act in (["list"], ["show", "1"], ["verify"], ["export", "--to", str(state / "out")]):
        assert verb(state, *act).returncode == 0
    assert path.read_bytes() == before


def test_verify_finds_what_was_changed(state: Path) -> None:
    assert "3 entries, every page" in verb(state, "verify").stdout
    path = TerminalFolder(state).journal
    data = bytearray(path.read_bytes())
    data[-700] ^= 8
    path.write_bytes(data)
    done = verb(state, "verify", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["flaws"]
    assert "export" in verb(state, "verify").stdout


def test_export_writes_entries_as_they_travel(state: Path) -> None:
    out = state / "out"
    assert verb(state, "export", "--to", str(out)).returncode == 0
    header, *entries = map(json.loads, (out / "entries.jsonl").read_text().splitlines())
    assert (header["terminal"], header["epoch"], len(entries)) == ("T0007", 3, 3)
    assert entries[1]["body"] == "sealed 1"
    assert entries[1]["delivery"]["state"] == "refused"
    again = verb(state, "export", "--to", str(out))
    assert again.returncode == 2
    assert "holds an export already" in again.stderr


def test_export_reads_a_journal_that_was_set_aside(state: Path) -> None:
    in_use = TerminalFolder(state).journal
    aside = in_use.rename(in_use.with_name("journal-T0007-3.db"))
    out = state / "out"
    assert verb(state, "export", "--journal", str(aside), "--to", str(out)).returncode == 0
    header, *entries = map(json.loads, (out / "entries.jsonl").read_text().splitlines())
    assert (header["epoch"], [entry["seq"] for entry in entries]) == (3, [1, 2, 3])


@pytest.mark.parametrize(
    ("act", "words"),
    [(["show", "99"], "no entry '99'"), (["show", "0007-0000-0000"], "no entry"), (["show", "x" * 500], "no entry")],
)
def test_what_is_not_there_is_said_in_one_line(state: Path, act: list[str], words: str) -> None:
    done = verb(state, *act)
    assert done.returncode == 2
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_without_a_journal_or_its_key_it_says_what_to_do(state: Path, tmp_path: Path) -> None:
    for act in (["list"], ["show", "1"], ["verify"], ["export", "--to", str(tmp_path / "o")]):
        done = verb(tmp_path / "empty", *act)
        assert done.returncode == 2, act
        assert len(done.stderr.splitlines()) == 1
        assert "nrol this terminal" in done.stderr or "Give --state" in done.stderr
    TerminalFolder(state).journal_key.chmod(0o644)
    assert "can be read by others" in verb(state, "list").stderr
    write_whole(TerminalFolder(state).journal_key, bytes(32).hex().encode())
    wrong = verb(state, "list")
    assert wrong.returncode == 2
    assert "journal export" in wrong.stderr
    assert "ERROR CORE" not in wrong.stderr
