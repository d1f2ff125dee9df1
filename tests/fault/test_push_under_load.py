"""Many terminals push; the server is stopped or killed in the middle: whatever was acknowledged is there."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from back_office_bench import Bench, TerminalKeys, bench, enrolled

from back_office import audit, evidence
from back_office.repository import terminals
from kiosk.back_office_client import BackOfficeClient
from kiosk.back_office_client.api import Item, Pushed
from kiosk.wire.timestamps import timestamp

if TYPE_CHECKING:
    from collections.abc import Iterator

SCRIPT = Path(__file__).with_name("back_office_mortal.py")
TERMINALS = 8
ENOUGH = 12
"""Acknowledged pushes of every terminal before the signal."""


@pytest.fixture
def office(tmp_path: Path, database: str) -> Iterator[Bench]:
    with bench(tmp_path, database) as made:
        (made.it.state / "partners.json").write_text("{}")
        yield made


class Pusher:
    """One terminal that pushes as fast as it is answered."""

    def __init__(self, office: Bench, terminal: TerminalKeys, url: str) -> None:
        self.office, self.terminal = office, terminal
        root = office.it.state / "pki/root.pem"
        self.client = BackOfficeClient(url, root, terminal.id, terminal.key, clock=office.it.clock, ids=office.it.ids)
        self.acknowledged: list[str] = []
        self.pushes = 0
        self.last: list[dict[str, Any]] = []
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self) -> None:
        while not self.stop.is_set():
            at = timestamp(self.office.it.clock.now())
            number = 1 + self.pushes % 4
            self.last = [
                self.terminal.entry(self.office.it.ids.new(), b"a.b.c.d." + b"e" * 900, at, kind="audit")
                for _ in range(number)
            ]
            answer = self.client.push([Item(**entry) for entry in self.last], [])
            if not isinstance(answer, Pushed):
                return
            assert [result.status for result in answer.results] == ["received"] * number
            self.acknowledged += [result.id for result in answer.results]
            self.pushes += 1


@contextmanager
def serving(office: Bench) -> Iterator[tuple[subprocess.Popen[str], str]]:
    command = [sys.executable, str(SCRIPT), str(office.it.state), "none"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process, process.stdout.readline().split()[-1]
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_nothing_acknowledged_is_lost(office: Bench, how: signal.Signals) -> None:
    fleet = [enrolled(office.it, f"T{number:04d}") for number in range(11, 11 + TERMINALS)]
    with serving(office) as (process, url):
        pushers = [Pusher(office, terminal, url) for terminal in fleet]
        for pusher in pushers:
            pusher.thread.start()
        deadline, pause = time.monotonic() + 60, threading.Event()
        while min(pusher.pushes for pusher in pushers) < ENOUGH:
            assert time.monotonic() < deadline, "too slow"
            assert process.poll() is None
            pause.wait(0.01)
        process.send_signal(how)
        code = process.wait(30)
        assert code == (0 if how is signal.SIGTERM else -signal.SIGKILL)
        for pusher in pushers:
            pusher.stop.set()
            pusher.thread.join(30)
            pusher.client.close()
    kept = {row["id"] for row in office.rows("SELECT id FROM inbox")}
    for pusher in pushers:
        assert set(pusher.acknowledged) <= kept
    batches = [row["id"] for row in office.rows("SELECT id FROM batch ORDER BY id DESC LIMIT 20")]
    with office.it.database.read() as db:
        assert all(evidence.verify(db, id_) in {terminal.id for terminal in fleet} for id_ in batches)
        assert isinstance(audit.verify(db), audit.Intact)

    with serving(office) as (process, url):  # sent again: once each, and nobody is suspected
        for pusher in pushers:
            again = Pusher(office, pusher.terminal, url)
            answer = again.client.push([Item(**entry) for entry in pusher.last], [])
            assert isinstance(answer, Pushed)
            assert {result.status for result in answer.results} <= {"received", "quarantined"}
            assert (answer.head.seq, answer.head.hash) == (pusher.terminal.seq, pusher.terminal.head.hex())
            again.client.close()
    assert not office.rows("SELECT 1 FROM conflict")
    with office.it.database.read() as db:
        states = [terminals.terminal(db, terminal.id) for terminal in fleet]
    assert {(row.state, row.anomaly) for row in states if row is not None} == {("in_service", None)}
