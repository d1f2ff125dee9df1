"""Promise 4: acknowledged means durable. (Kills are in test_agent_killed.py; here the power is cut.)

The attack: a killed process loses nothing that it has written, a cut power supply loses all that was not synced. The real
agent runs over a disk that forgets: a copy of its folder is brought up to date only when a file is synced. The moment an
acknowledgement arrives, that copy is what a power cut would have left, and the record must stand in it. The same copy
without the database shows that the test would notice.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fakes.back_office import FakeBackOffice
from fakes.terminal import Terminal, sealed_body

from kiosk.link import Appended
from kiosk.terminal_folder import read_journal_key
from offline_cache.database import DatabaseFault, open_database
from offline_cache.head_mark import mark_path, read_mark
from offline_cache.inspection import SELECT_ENTRY, entry_of, inspect

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE = Path(__file__).with_name("only_synced.c")


@pytest.fixture(scope="session")
def forgetful(tmp_path_factory: pytest.TempPathFactory) -> Path:
    library = tmp_path_factory.mktemp("disk") / "only_synced.so"
    subprocess.run(
        ["gcc", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", str(library), str(SOURCE), "-ldl"], check=True
    )
    return library


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    office = FakeBackOffice(tmp_path)
    office.start()
    made = Terminal(tmp_path, office)
    yield made
    made.close()
    office.stop()


def _start(terminal: Terminal, forgetful: Path, durable: Path) -> None:
    durable.mkdir(exist_ok=True)
    terminal.start(wrap=(
        "env", f"LD_PRELOAD={forgetful}", f"ONLY_SYNCED_FROM={terminal.folder.path}", f"ONLY_SYNCED_TO={durable}",
    ))  # fmt: skip


def _cut(durable: Path, to: Path) -> None:
    """What is on the disk at this moment, between two syncs."""
    lock = os.open(durable, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        shutil.copytree(durable, to)
    finally:
        os.close(lock)


def _after_power_cut(terminal: Terminal, durable: Path, to: Path) -> dict[str, bytes]:
    """What an agent finds that is started on the copy: bodies by id, and nothing wrong with the chain."""
    _cut(durable, to)
    database = open_database(to / "journal.db", read_journal_key(terminal.folder))
    try:
        found = inspect(database, read_mark(mark_path(to / "journal.db")))
        assert found.flaws == ()
        return {row[1]: entry_of(row).body for row in database.rows(SELECT_ENTRY)}
    finally:
        database.close()


def test_every_acknowledged_record_survives_a_power_cut_at_that_moment(
    terminal: Terminal, forgetful: Path, tmp_path: Path
) -> None:
    durable = tmp_path / "durable"
    _start(terminal, forgetful, durable)
    link, inbox = terminal.visit()
    bodies: dict[str, bytes] = {}
    for number in range(12):
        body = sealed_body(terminal.ids, 200 + 1700 * number)
        id_ = terminal.append(link, body)
        bodies[id_] = body
        inbox.wait(Appended, id=id_)
        found = _after_power_cut(terminal, durable, tmp_path / f"cut-{number}")
        assert {one: found.get(one) for one in bodies} == bodies, f"record {number + 1} was acknowledged and lost"


def test_a_disk_that_did_not_sync_the_log_is_noticed(terminal: Terminal, forgetful: Path, tmp_path: Path) -> None:
    durable = tmp_path / "durable"
    _start(terminal, forgetful, durable)
    link, inbox = terminal.visit()
    id_ = terminal.append(link)
    inbox.wait(Appended, id=id_)
    terminal.kill()
    (durable / "journal.db").unlink()
    with pytest.raises((AssertionError, DatabaseFault)):
        assert id_ in _after_power_cut(terminal, durable, tmp_path / "cut")


def test_the_power_comes_back_and_the_agent_goes_on_where_it_was(
    terminal: Terminal, forgetful: Path, tmp_path: Path
) -> None:
    """A cut right after an acknowledgement: the same id gets the same answer, and the next one the next number."""
    durable = tmp_path / "durable"
    _start(terminal, forgetful, durable)
    link, inbox = terminal.visit()
    body = sealed_body(terminal.ids)
    id_ = terminal.append(link, body)
    first = inbox.wait(Appended, id=id_)
    _cut(durable, tmp_path / "cut")
    terminal.kill()
    for name in ("journal.db", "journal.db-wal", "journal.db-shm"):
        (terminal.folder.path / name).unlink(missing_ok=True)
    for kept in (tmp_path / "cut").glob("journal*"):
        shutil.copy(kept, terminal.folder.path / kept.name)
    terminal.start()
    link, inbox = terminal.visit("visit-2")
    terminal.append(link, body, id_=id_)
    again = inbox.wait(Appended, id=id_)
    assert (again.seq, again.reference, again.recorded_at) == (first.seq, first.reference, first.recorded_at)
    following = terminal.append(link)
    assert inbox.wait(Appended, id=following).seq == first.seq + 1
