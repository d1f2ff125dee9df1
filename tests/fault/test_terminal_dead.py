"""A terminal dies with entries that were never delivered: its journal, the key from the safe, a spare machine."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from back_office_bench import OFFICE, TERMINAL, bench
from fakes.journals import IDS
from fakes.verb import ROOT, command

from back_office import decisions
from back_office.repository import inbox
from back_office.take_in import take_in
from kiosk.domain.errors import EnvironmentFault
from kiosk.system import SystemClock
from kiosk.terminal_folder import TerminalFolder, write_whole
from offline_cache.entries import NewEntry, Settled
from offline_cache.journal import Journal
from provisioning.recovery import keep_recovery_key, make_recovery_key, seal_for_recovery

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from back_office_bench import Bench

PASSPHRASE = "correct horse battery staple"


def verb(module: str, *arguments: object, said: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(module, *map(str, arguments)), capture_output=True, text=True, cwd=ROOT, check=False, input=said
    )


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Bench]:
    with bench(tmp_path) as made:
        yield made


@pytest.fixture
def dead(tmp_path: Path, office: Bench) -> Path:
    """What is left of the terminal: journal and sealed key on a disk whose key store is gone."""
    folder = TerminalFolder(tmp_path / "dead")
    folder.create()
    key = IDS.token(32)
    write_whole(folder.journal_key, key.hex().encode())
    done = verb("provisioning.cli", "provision", "recovery-key", "--to", tmp_path / "safe", said=PASSPHRASE + "\n")
    assert done.returncode == 0, done.stderr
    keep_recovery_key(folder, tmp_path / "safe" / "recovery.pem")
    assert seal_for_recovery(folder, TERMINAL)
    journal = Journal.open(
        folder.journal, key, terminal=TERMINAL, epoch=office.terminal.epoch, clock=SystemClock(), ballast_bytes=1 << 16
    )
    for number, name in enumerate(("marie", "ludmila", "marie")):
        holder = office.holder(name)
        iban = office.account("marie_second")
        made = office.transaction(holder, "bank_account.change", {"account": iban, "account_as_typed": iban})
        sealed = office.sealed(holder, made)
        journal.append(NewEntry(made.id, "transaction", 1, "k", sealed))
        if number == 0:
            journal.settle([Settled(made.id, "received")])
            entry = journal.entry(made.id)
            sent = office.terminal.entry(made.id, sealed, entry.recorded_at)
            assert sent["hash"] == entry.hash.hex()
            office.receive(sent)
    journal.close()
    shutil.rmtree(folder.keys)
    return folder.path


def recover(dead: Path, safe: Path, to: Path, said: str = PASSPHRASE) -> subprocess.CompletedProcess[str]:
    return verb(
        "offline_cache.cli", "journal", "recover", "--journal", dead / "journal.db", "--recovery-key", safe / "recovery.key",
        "--to", to, said=said + "\n",
    )  # fmt: skip


def test_what_was_never_delivered_is_taken_in_and_decided(tmp_path: Path, dead: Path, office: Bench) -> None:
    done = recover(dead, tmp_path / "safe", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert "3 entries" in done.stdout
    assert "2 never delivered" in done.stdout
    lines = [json.loads(line) for line in (tmp_path / "out" / "entries.jsonl").read_text().splitlines()]
    assert (lines[0]["terminal"], [line["seq"] for line in lines[1:]]) == (TERMINAL, [1, 2, 3])
    taken = take_in(office.it, tmp_path / "out" / "entries.jsonl", by="test")
    assert (taken.terminal, taken.new, taken.statuses) == (TERMINAL, 2, {"received": 3})
    again = take_in(office.it, tmp_path / "out" / "entries.jsonl", by="test")
    assert (again.new, again.statuses) == (0, {"received": 3})
    for line in lines[1:]:
        decisions.decide(office.it, line["id"])
    with office.it.database.read() as db:
        rows = [inbox.by_id(db, line["id"]) for line in lines[1:]]
    assert [(row.status, row.office) for row in rows] == [("decided", OFFICE)] * 3


def test_the_disk_alone_opens_nothing(tmp_path: Path, dead: Path) -> None:
    make_recovery_key(tmp_path / "other", b"")
    done = recover(dead, tmp_path / "other", tmp_path / "out")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "does not open with this recovery key" in done.stderr
    wrong = recover(dead, tmp_path / "safe", tmp_path / "out", said="wrong")
    assert wrong.returncode == 2
    assert "passphrase" in wrong.stderr
    assert not (tmp_path / "out").exists()


def test_the_private_half_is_for_the_safe_only(tmp_path: Path, dead: Path) -> None:
    private = tmp_path / "safe" / "recovery.key"
    assert private.stat().st_mode & 0o777 == 0o600
    assert b"ENCRYPTED" in private.read_bytes()
    assert "PRIVATE" not in "".join(path.read_text("latin1") for path in dead.iterdir() if path.is_file())
    again = verb("provisioning.cli", "provision", "recovery-key", "--to", tmp_path / "safe", said="x\n")
    assert again.returncode == 2


def test_a_damaged_journal_gives_what_can_be_read(tmp_path: Path, dead: Path, office: Bench) -> None:
    journal = dead / "journal.db"
    data = bytearray(journal.read_bytes())
    data[-700] ^= 1
    journal.write_bytes(data)
    done = recover(dead, tmp_path / "safe", tmp_path / "out")
    assert done.returncode == 1
    assert (tmp_path / "out" / "raw" / "journal.db").read_bytes() == bytes(data)
    assert (tmp_path / "out" / "entries.jsonl").stat().st_size


@pytest.mark.parametrize("text", ["", "no json", '{"format": 9}', "[1]", '{"format": 1, "terminal": "T9999"}'])
def test_a_file_that_is_no_export_is_refused_in_words(tmp_path: Path, office: Bench, text: str) -> None:
    path = tmp_path / "entries.jsonl"
    path.write_text(text)
    with pytest.raises(EnvironmentFault):
        take_in(office.it, path, by="test")
