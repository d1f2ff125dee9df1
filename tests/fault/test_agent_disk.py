"""The agent on a disk that is full, or has changed what it was given."""

from __future__ import annotations

import resource
from typing import TYPE_CHECKING

import pytest
from fakes.back_office import CODE, FakeBackOffice
from fakes.terminal import Terminal, until
from fakes.verb import command

from kiosk.link import Accepted, Appended, AppendRefused, EnvironmentChanged
from kiosk.system import SystemClock
from provisioning.enrolment import enrol

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def office(tmp_path: Path) -> Iterator[FakeBackOffice]:
    made = FakeBackOffice(tmp_path)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def terminal(tmp_path: Path, office: FakeBackOffice) -> Iterator[Terminal]:
    made = Terminal(tmp_path, office)
    yield made
    made.close()


def test_a_full_disk_is_said_and_delivery_goes_on(terminal: Terminal, office: FakeBackOffice) -> None:
    office.stop()
    terminal.start()
    link, inbox = terminal.visit()
    ids = [terminal.append(link, b"x" * 20_000) for _ in range(20)]
    inbox.wait(Appended, id=ids[-1])
    assert terminal.process is not None
    limit = resource.prlimit(terminal.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(terminal.process.pid, resource.RLIMIT_FSIZE, (900_000, limit[1]))
    refused: list[str] = []
    while not refused:
        id_ = terminal.append(link, b"y" * 100_000)
        until(lambda id_=id_: any(getattr(m, "id", "") == id_ for m in inbox.messages))
        refused = [message.id for message in inbox.messages if isinstance(message, AppendRefused)]
        ids += [] if refused else [id_]
    assert inbox.wait(AppendRefused).reason == "disk_full"
    until(lambda: any(isinstance(m, EnvironmentChanged) and m.environment.journal == "full" for m in inbox.messages))
    office.start()
    office.wait_for(lambda: set(ids) <= set(office.entries), 20)
    resource.prlimit(terminal.process.pid, resource.RLIMIT_FSIZE, limit)
    again = terminal.append(link, b"z" * 1000)
    inbox.wait(Appended, id=again)
    assert not set(refused) & set(office.entries)


def test_a_corrupt_journal_takes_the_terminal_out_of_service_until_it_is_enrolled_again(
    terminal: Terminal, office: FakeBackOffice, tmp_path: Path
) -> None:
    office.stop()
    terminal.start()
    link, inbox = terminal.visit()
    for _ in range(30):
        terminal.append(link)
    until(lambda: inbox.count(Appended) == 30)
    terminal.stop()
    path = terminal.folder.journal
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 64
    path.write_bytes(data)

    terminal.start()
    link, inbox = terminal.visit("visit-2")
    assert inbox.wait(Accepted).environment.journal == "corrupt"
    terminal.append(link)
    assert inbox.wait(AppendRefused).reason == "journal_corrupt"
    terminal.stop()
    assert path.read_bytes() == bytes(data)

    import subprocess

    done = subprocess.run(
        command("offline_cache.cli", "journal", "export", "--state", str(tmp_path), "--to", str(tmp_path / "out")),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert len((tmp_path / "out" / "entries.jsonl").read_text().splitlines()) >= 25

    office.epoch = 2
    office.start()
    enrol(terminal.folder, office.url, CODE, office.root, clock=SystemClock(), ids=terminal.ids)
    terminal.start()
    link, inbox = terminal.visit("visit-3")
    terminal.append(link)
    appended = inbox.wait(Appended)
    assert (appended.epoch, appended.seq) == (2, 1)
    assert terminal.folder.path.joinpath("journal-1.db").read_bytes() == bytes(data)


def test_an_agent_that_is_not_enrolled_says_so_and_notices_the_enrolment(
    tmp_path: Path, office: FakeBackOffice
) -> None:
    from kiosk.link import Rejected

    terminal = Terminal(tmp_path, office)
    enrolment = terminal.folder.enrolment.read_bytes()
    terminal.folder.enrolment.unlink()
    terminal.start()
    try:
        assert terminal.supervisor is not None
        terminal.supervisor.open("visit-1")
        from fakes.terminal import Inbox

        from kiosk.link import VisitLink

        inbox = Inbox()
        link = VisitLink(terminal.folder.socket, "visit-1", inbox.post)
        link.start()
        assert inbox.wait(Rejected).reason == "not_enrolled"
        terminal.folder.enrolment.write_bytes(enrolment)
        inbox.wait(Accepted)
        link.close()
    finally:
        terminal.close()


@pytest.mark.parametrize(
    ("break_it", "words"),
    [
        (lambda t: t.folder.configuration.write_text("demonstration = 7"), "terminal.toml, line 1"),
        (lambda t: t.folder.receipt_key.unlink(), "receipt.key is missing"),
        (lambda t: t.folder.enrolment.write_text("{"), "enrolment.json is damaged"),
        (lambda t: t.folder.terminal_key.chmod(0o644), "can be read by others"),
        (lambda t: t.folder.root.write_text(""), "no root certificate"),
        (lambda t: t.folder.receipt_certificate.unlink(), "receipt.certificate cannot be read"),
    ],
)
def test_an_agent_that_cannot_serve_ends_with_one_line(terminal: Terminal, break_it, words: str) -> None:
    import subprocess

    break_it(terminal)
    done = subprocess.run(
        command("kiosk.agent.cli", "agent", "--state", str(terminal.state)), capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    last = done.stderr.splitlines()[-1]
    assert words in last
    assert "Traceback" not in done.stderr
