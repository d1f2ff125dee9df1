"""Who may speak to the agent, and about what."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import pytest
from fakes.terminal import Inbox, Supervising, Terminal, until

from kiosk.link import (
    VERSION,
    Accepted,
    AgentLost,
    Appended,
    AppendRefused,
    Done,
    FrameReader,
    Hello,
    OpenVisit,
    Reference,
    Rejected,
    VisitLink,
    encode_frame,
)


@pytest.fixture
def running(terminal: Terminal) -> Terminal:
    terminal.start_inside()
    return terminal


def speak(terminal: Terminal, *messages: object) -> list[object]:
    """Say this on a connection of one's own; everything that is answered until the agent hangs up or falls silent."""
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(5)
    connection.connect(str(terminal.folder.socket))
    connection.sendall(b"".join(map(encode_frame, messages)))  # type: ignore[arg-type]
    reader, answers = FrameReader.at_visit(), []
    try:
        while data := connection.recv(65536):
            answers += reader.feed(data)
    except (TimeoutError, ConnectionResetError):
        answers.append("silence")
    connection.close()
    return answers


def test_the_socket_is_for_its_user_only(running: Terminal) -> None:
    assert running.folder.socket.stat().st_mode & 0o777 == 0o600
    assert running.folder.path.stat().st_mode & 0o777 == 0o700


def test_a_visit_learns_what_it_must_know(running: Terminal) -> None:
    _, inbox = running.visit()
    greeting = inbox.wait(Accepted)
    assert (greeting.terminal, greeting.office) == ("T0007", "prague-1")
    assert set(greeting.configuration) == {"demonstration", "visit", "devices", "limits"}
    assert greeting.configuration["visit"]["languages"] == ["en", "cs", "ar"]
    assert "back_office" not in greeting.configuration
    assert greeting.environment.journal == "ok"


def test_a_hello_waits_for_its_announcement(running: Terminal) -> None:
    inbox = Inbox()
    link = VisitLink(running.folder.socket, "early", inbox.post)
    link.start()
    assert running.supervisor is not None
    running.supervisor.open("other")
    running.supervisor.open("early")
    inbox.wait(Accepted)
    assert inbox.count(AgentLost) == 0
    link.close()


def test_a_visit_that_nobody_announced_is_not_served(running: Terminal) -> None:
    assert speak(running, Hello(VERSION, "nobody")) == [Rejected("not_announced")]


def test_another_version_is_told_so(running: Terminal) -> None:
    assert speak(running, Hello(99, "v")) == [Rejected("version")]


def test_a_closed_visit_is_never_served_again(running: Terminal) -> None:
    link, inbox = running.visit("one")
    assert running.supervisor is not None
    running.supervisor.close_visit("one")
    running.append(link)
    assert inbox.wait(AppendRefused).reason == "visit_closed"
    assert inbox.wait(Rejected).reason == "visit_closed"
    running.supervisor.open("one")
    assert speak(running, Hello(VERSION, "one")) == [Rejected("visit_closed")]


def test_the_next_visit_closes_the_one_before(running: Terminal) -> None:
    first, first_inbox = running.visit("one")
    second, second_inbox = running.visit("two")
    running.append(first)
    assert first_inbox.wait(AppendRefused).reason == "visit_closed"
    running.append(second)
    second_inbox.wait(Appended)


def test_a_closed_visit_may_still_say_how_its_paper_came_out(running: Terminal) -> None:
    running.office.stop()
    link, inbox = running.visit("one")
    id_ = running.append(link)
    inbox.wait(Appended)
    running.visit("two")
    n = link.report_print(id_, stage="received", outcome="printed")
    inbox.wait(Done, n=n)
    running.office.start()
    running.office.wait_for(lambda: running.office.prints)
    assert running.office.prints == [{"id": id_, "stage": "received", "outcome": "printed"}]


def test_only_the_announced_process_speaks_for_a_visit(running: Terminal) -> None:
    assert running.supervisor is not None
    running.supervisor.open("theirs", pid=1)
    assert speak(running, Hello(VERSION, "theirs")) == [Rejected("wrong_process")]


def test_only_the_supervisor_announces(terminal: Terminal) -> None:
    terminal.start_inside()
    code = (
        "import sys; sys.path[:0] = sys.argv[2:]\n"
        "from pathlib import Path\n"
        "from fakes.terminal import Supervising\n"
        "try: Supervising(Path(sys.argv[1])).open('mine')\n"
        "except (AssertionError, OSError): print('hung up')\n"
    )
    root = str(terminal.folder.socket), *sys.path
    done = subprocess.run(
        [sys.executable, "-c", code, *root], capture_output=True, text=True, check=False, env={**os.environ}
    )
    assert "hung up" in done.stdout, done.stderr
    assert speak(terminal, Hello(VERSION, "mine")) == [Rejected("not_announced")]


def test_whoever_breaks_the_protocol_is_left_alone(running: Terminal) -> None:
    link, inbox = running.visit("one")
    assert speak(running, OpenVisit(1, "x", 1)) == []
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(5)
    connection.connect(str(running.folder.socket))
    connection.sendall(b"\xff" * 64)
    assert connection.recv(10) == b""
    connection.close()
    running.append(link)
    inbox.wait(Appended)


def test_a_silent_connection_is_ended(running: Terminal) -> None:
    assert speak(running) == []


def test_reference_data_come_as_they_are(running: Terminal) -> None:
    link, inbox = running.visit()
    until(lambda: '"version": 1' in running.log())
    running.office.bundle_version = 2
    before = running.log().count('"line": "offline"')
    running.office.stop()
    until(lambda: running.log().count('"line": "offline"') > before)
    running.office.start()
    until(lambda: '"version": 2' in running.log())
    newest = inbox.wait(Reference, n=link.get_reference()).bundle
    until(lambda: newest in [m.bundle for m in inbox.messages if isinstance(m, Reference) and not m.n])


def test_a_second_agent_is_refused(running: Terminal, tmp_path) -> None:
    from kiosk.agent.process import only_agent
    from kiosk.domain.errors import EnvironmentFault

    with (
        only_agent(tmp_path / "lock"),
        pytest.raises(EnvironmentFault, match="Another agent"),
        only_agent(tmp_path / "lock"),
    ):
        pass


def test_supervising_twice_is_no_fault(running: Terminal) -> None:
    second = Supervising(running.folder.socket)
    second.open("again")
    second.close()
