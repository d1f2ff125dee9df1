"""The back office is killed between any two steps: what was acknowledged is decided after the restart, nothing twice."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from back_office_bench import Bench, bench

from back_office import audit
from back_office.openers import WORTH_IT
from back_office.repository import changes
from kiosk.back_office_client import BackOfficeClient
from kiosk.back_office_client.api import Item, Pushed, Standing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SCRIPT = Path(__file__).with_name("back_office_mortal.py")
DEADLINE_SECONDS = 60.0
WAY = [
    "HolderSigned", "Received", "VerificationAsked", "VerificationAnswered", "ContactsNotified", "WaitBegan", "WaitOver",
]  # fmt: skip


@dataclass
class Server:
    process: subprocess.Popen[str]
    client: BackOfficeClient

    def push(self, entry: dict[str, Any]) -> bool:
        return isinstance(self.client.push([Item(**entry)], []), Pushed)


@contextmanager
def serving(office: Bench, step: str = "none", count: int = 1) -> Iterator[Server]:
    state = office.it.state
    process = subprocess.Popen(
        [sys.executable, str(SCRIPT), str(state), step, str(count)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        url = line.split()[-1] if "listening on" in line else "https://localhost:9"
        client = BackOfficeClient(
            url,
            state / "pki/root.pem",
            office.terminal.id,
            office.terminal.key,
            clock=office.it.clock,
            ids=office.it.ids,
        )
        yield Server(process, client)
        client.close()
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def told(office: Bench) -> list[dict[str, str]]:
    path = office.it.state / "told.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def until_decided(server: Server, id_: str) -> str:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < deadline:
        standing = server.client.standing(id_, wait_seconds=5)
        if isinstance(standing, Standing) and standing.decision is not None:
            return standing.decision
    raise AssertionError("not decided in time")


def until_quiet(office: Bench) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while office.rows("SELECT 1 FROM outbox WHERE done_at IS NULL"):
        assert time.monotonic() < deadline, "the outbox does not empty"


@pytest.fixture
def office(tmp_path: Path, database: str) -> Iterator[Bench]:
    with bench(tmp_path, database) as made:
        known = {made.account(name): "match" for name in ("marie_second", "karel_second", "ludmila_second")}
        (made.it.state / "partners.json").write_text(json.dumps(known))
        yield made


def check_exactly_once(office: Bench, ids: list[str], *, sent_twice: int) -> None:
    """One row, one way through the firewall, one account, one message a key; the audit log whole."""
    assert {row["id"] for row in office.rows("SELECT id FROM inbox")} == set(ids)
    for id_ in ids:
        events = [
            row["event"] for row in office.rows("SELECT event FROM bank_change_event WHERE change = ? ORDER BY n", id_)
        ]
        assert events == WAY
        assert len(office.rows("SELECT 1 FROM account WHERE change = ?", id_)) == 1
    assert all(
        row["n"] == 1 for row in office.rows("SELECT count(*) AS n FROM account WHERE valid_to IS NULL GROUP BY person")
    )
    counted = Counter(line["key"] for line in told(office))
    assert set(counted) == {row["key"] for row in office.rows("SELECT key FROM outbox")}
    assert sum(count - 1 for count in counted.values()) <= sent_twice, "sent again only when the answer was not booked"
    assert not office.rows("SELECT 1 FROM conflict")
    with office.it.database.read() as db:
        assert isinstance(audit.verify(db), audit.Intact)


@pytest.mark.parametrize(
    ("step", "count", "sent_twice"),
    [
        ("before_receiving", 1, 0),
        ("while_receiving", 1, 0),
        ("received_unanswered", 1, 0),
        ("before_deciding", 1, 0),
        ("while_deciding", 1, 0),
        ("decided", 1, 0),
        ("before_sending", 1, 0),
        ("sent_unbooked", 1, 1),
        ("while_booking", 1, 1),
        ("while_queueing_notices", 2, 1),
        ("sent_unbooked", 3, 4),
        ("account_open_uncommitted", 1, 4),
        ("booked", 2, 4),
    ],
)
def test_killed_at_a_step_it_goes_on_after_the_restart(office: Bench, step: str, count: int, sent_twice: int) -> None:
    entry = office.change_entry(office.holder("marie"), "marie_second")
    with serving(office, step, count) as server:
        acknowledged = server.push(entry)
        server.process.wait(DEADLINE_SECONDS)
        assert server.process.returncode == -signal.SIGKILL
    kept = {row["id"] for row in office.rows("SELECT id FROM inbox")}
    assert entry["id"] in kept or not acknowledged, "acknowledged means durable"
    with serving(office) as server:
        if not acknowledged:
            assert server.push(entry), "a terminal sends again what was not acknowledged"
        assert until_decided(server, entry["id"]) == "in_force"
        until_quiet(office)
    check_exactly_once(office, [entry["id"]], sent_twice=sent_twice)


def test_killed_again_and_again_at_any_moment(office: Bench) -> None:
    """Kills from outside at random moments, with duplicate deliveries in between."""
    chance = random.Random(7)
    entries = [office.change_entry(office.holder(name), f"{name}_second") for name in ("marie", "karel", "ludmila")]
    kills = 0
    for _ in range(4):
        with serving(office) as server:
            for entry in chance.sample(entries, len(entries)):
                server.push(entry)
            moment = time.monotonic() + chance.uniform(0, 0.15)
            while time.monotonic() < moment:
                pass
            os.kill(server.process.pid, signal.SIGKILL)
            server.process.wait(DEADLINE_SECONDS)
            kills += 1
    with serving(office) as server:
        for entry in entries + entries:
            assert server.push(entry)
        for entry in entries:
            assert until_decided(server, entry["id"]) == "in_force"
        until_quiet(office)
    check_exactly_once(office, [entry["id"] for entry in entries], sent_twice=4 * kills)


def test_a_stop_by_signal_loses_nothing_and_is_clean(office: Bench) -> None:
    entry = office.change_entry(office.holder("marie"), "marie_second")
    with serving(office) as server:
        assert server.push(entry)
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(DEADLINE_SECONDS) == 0
    with serving(office) as server:
        assert until_decided(server, entry["id"]) == "in_force"
        until_quiet(office)
    check_exactly_once(office, [entry["id"]], sent_twice=0)
    log = (office.it.state / "back-office/log").read_text()
    assert '"event": "stopped"' in log
    for secret in ("Novotn", office.account("marie_second"), "@mail.example"):
        assert secret not in log


# --- with the processes that open for it ----------------------------------------------------------------


def openers_of(office: Bench) -> set[int]:
    """Process ids of all that open for this back office, whoever is their parent now; what has ended counts no more."""
    words = [b"back_office.opener", os.fsencode(office.it.state)]
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended meanwhile
            line = (folder / "cmdline").read_bytes().split(b"\0")
            if all(word in line for word in words):
                found.add(int(folder.name))
    return found


def until(what: Callable[[], object], otherwise: str) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not what():
        assert time.monotonic() < deadline, otherwise


def many_at_once(office: Bench, server: Server) -> list[str]:
    """Push more than is opened in the server itself: ten changes of each of three people, of which one can be."""
    names = ("marie", "karel", "ludmila")
    entries = [office.change_entry(office.holder(name), f"{name}_second") for name in names for _ in range(WORTH_IT // 2)]
    assert isinstance(server.client.push([Item(**entry) for entry in entries], []), Pushed)
    return [entry["id"] for entry in entries]


def check_all_decided(office: Bench, ids: list[str]) -> None:
    until(lambda: not office.rows("SELECT 1 FROM inbox WHERE status = 'received'"), "not decided in time")
    until_quiet(office)
    assert {row["id"] for row in office.rows("SELECT id FROM inbox WHERE status = 'decided'")} == set(ids)
    became = Counter(row["decision"] for row in office.rows("SELECT decision FROM request"))
    assert became == {"in_force": 3, "refused": len(ids) - 3}
    taken = [row["id"] for row in office.rows("SELECT id FROM request WHERE decision = 'in_force'")]
    with office.it.database.read() as db:
        assert all([step.event for step in changes.events(db, id_)] == WAY for id_ in taken)
        assert isinstance(audit.verify(db), audit.Intact)
    assert not office.rows("SELECT 1 FROM conflict")


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="with one core nothing is opened beside the server")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_whoever_opens_for_it_goes_with_it_and_all_is_decided_after(office: Bench, how: signal.Signals) -> None:
    """Stopped or killed while others open for it: they leave no orphan, and nothing that was acknowledged is lost."""
    with serving(office) as server:
        ids = many_at_once(office, server)
        until(lambda: openers_of(office), "nobody opens beside the server")
        server.process.send_signal(how)
        assert server.process.wait(DEADLINE_SECONDS) == (0 if how is signal.SIGTERM else -how)
        until(lambda: not openers_of(office), "a process that opens outlives its server")
    with serving(office):
        check_all_decided(office, ids)


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="with one core nothing is opened beside the server")
def test_whoever_opens_for_it_may_die(office: Bench) -> None:
    """Killed again and again while they work: what they leave undone the server opens itself."""
    with serving(office) as server:
        ids = many_at_once(office, server)
        until(lambda: openers_of(office), "nobody opens beside the server")

        def decided_though_they_die() -> bool:
            for process in openers_of(office):
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            return not office.rows("SELECT 1 FROM inbox WHERE status = 'received'")

        until(decided_though_they_die, "not decided in time")
        check_all_decided(office, ids)
