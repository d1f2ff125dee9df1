from __future__ import annotations

import contextlib
import socket
import threading
from typing import TYPE_CHECKING, Any

import pytest
from fakes.terminal import Inbox

from kiosk.link import (
    VERSION,
    Accepted,
    AgentLost,
    Answer,
    Append,
    Appended,
    Ask,
    CallStaff,
    Done,
    Durable,
    Environment,
    EnvironmentChanged,
    ExpectAppend,
    FrameReader,
    Hello,
    NoAnswer,
    Rejected,
    ReportDevices,
    VisitLink,
    encode_frame,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ID = "01999999-0000-7000-8000-000000000001"
ENVIRONMENT = Environment("online", "2026-03-04T12:00:00Z", 1, 1, 0, 1 << 30, "ok", False)
GREETING = Accepted(VERSION, "T0007", "prague-1", {}, b"", ENVIRONMENT)


class ScriptedAgent:
    """An agent that says only what the test tells it to."""

    def __init__(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen()
        self._listener.settimeout(10)
        self._connection: socket.socket | None = None
        self._reader = FrameReader.at_agent()
        self._waiting: list[Any] = []
        self.raw = b""

    def greet(self, answer: Any = GREETING) -> Hello:
        self.hang_up()
        self._connection, _ = self._listener.accept()
        self._connection.settimeout(10)
        self._reader = FrameReader.at_agent()
        hello = self.hear()
        assert isinstance(hello, Hello)
        self.say(answer)
        return hello

    def hear(self) -> Any:
        while not self._waiting:
            assert self._connection is not None
            data = self._connection.recv(1 << 16)
            assert data, "the visit hung up"
            self.raw += data
            self._waiting += self._reader.feed(data)
        return self._waiting.pop(0)

    def say(self, *messages: Any) -> None:
        assert self._connection is not None
        self._connection.sendall(b"".join(map(encode_frame, messages)))

    def hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._waiting.clear()

    def close(self) -> None:
        self.hang_up()
        self._listener.close()


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[ScriptedAgent]:
    with contextlib.closing(ScriptedAgent(tmp_path / "agent.sock")) as scripted:
        yield scripted


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def link(tmp_path: Path, inbox: Inbox) -> Iterator[VisitLink]:
    with contextlib.closing(VisitLink(tmp_path / "agent.sock", "visit-1", inbox.post)) as made:
        yield made


def append(link: VisitLink, body: bytes = b"sealed") -> int:
    return link.append(ID, body, kind="transaction", schema=1, sealing_key_id="k1", service="bank_account.change")


def test_what_is_said_before_there_is_an_agent_is_sent_when_there_is_one(agent, link, inbox) -> None:
    n = append(link)
    link.start()
    assert agent.greet() == Hello(VERSION, "visit-1")
    assert agent.hear() == Append(n, ID, "transaction", 1, "k1", b"sealed", "bank_account.change")
    appended = Appended(n, ID, 1, 3, "0007300001X", "2026-03-04T12:00:00Z", "GR1:X")
    agent.say(Durable(n, ID, 1), appended)
    assert inbox.wait(Appended) == appended
    assert inbox.count(Durable) == 0


def test_durability_can_be_heard_of_before_the_statement(agent, tmp_path, inbox) -> None:
    durable = Inbox()
    with contextlib.closing(VisitLink(tmp_path / "agent.sock", "v", inbox.post, on_durable=durable.post)) as link:
        link.start()
        agent.greet()
        n = append(link)
        agent.hear()
        agent.say(Durable(n, ID, 1))
        assert durable.wait(Durable).seq == 1


def test_an_append_is_sent_again_byte_for_byte_until_it_is_answered(agent, link, inbox) -> None:
    link.start()
    agent.greet()
    agent.raw = b""
    n = append(link, bytes(range(256)) * 900)
    first = agent.hear()
    sent = agent.raw
    for lost in range(1, 4):
        agent.hang_up()
        inbox.wait(AgentLost, after=len(inbox.messages) - 1 if lost == 1 else 0)
        agent.raw = b""
        agent.greet()
        assert agent.hear() == first
        assert agent.raw.endswith(sent)
    agent.say(Appended(n, ID, 1, 3, "R", "2026-03-04T12:00:00Z", "GR1:X"))
    inbox.wait(Appended)
    agent.hang_up()
    agent.greet()
    m = link.call_staff("menu")
    assert agent.hear() == CallStaff(m, "menu")  # the append was not sent again


def test_the_loss_of_the_agent_is_told_once_each_time(agent, link, inbox) -> None:
    link.start()
    agent.greet()
    inbox.wait(Accepted)
    agent.hang_up()
    inbox.wait(AgentLost)
    agent.greet(Rejected("not_announced"))
    agent.greet()
    agent.say(EnvironmentChanged(ENVIRONMENT))
    inbox.wait(EnvironmentChanged)
    assert [type(message).__name__ for message in inbox.messages] == [
        "Accepted", "AgentLost", "Accepted", "EnvironmentChanged",
    ]  # fmt: skip


def test_a_visit_without_an_agent_is_told_so(tmp_path, inbox) -> None:
    with contextlib.closing(VisitLink(tmp_path / "nobody.sock", "visit-1", inbox.post)) as link:
        link.start()
        inbox.wait(AgentLost)
        n = link.ask(ID, b"question", wait_seconds=5)
        answer = inbox.wait(NoAnswer)
        assert (answer.n, answer.id, answer.reason) == (n, ID, "offline")


def test_a_question_ends_with_its_agent(agent, link, inbox) -> None:
    link.start()
    agent.greet()
    inbox.wait(Accepted)
    n = link.ask(ID, b"question", wait_seconds=5)
    assert agent.hear() == Ask(n, ID, b"question", 5)
    agent.hang_up()
    assert inbox.wait(NoAnswer).n == n
    agent.greet()
    m = link.ask(ID, b"again", wait_seconds=5)
    assert agent.hear() == Ask(m, ID, b"again", 5)
    agent.say(Answer(m, ID, b"sealed"))
    assert inbox.wait(Answer).sealed == b"sealed"


@pytest.mark.parametrize("reason", ["visit_closed", "version", "wrong_process"])
def test_a_final_rejection_ends_the_link(agent, link, inbox, reason) -> None:
    link.start()
    agent.greet(Rejected(reason))
    assert inbox.wait(Rejected).reason == reason
    link._thread.join(10)
    assert not link._thread.is_alive()


def test_a_terminal_that_is_not_enrolled_is_told_once_and_asked_again(agent, link, inbox) -> None:
    link.start()
    for _ in range(3):
        agent.greet(Rejected("not_enrolled"))
    agent.greet()
    inbox.wait(Accepted)
    assert inbox.count(Rejected) == 1


def test_only_the_newest_device_states_are_repeated(agent, link, inbox) -> None:
    link.report_devices({"printer": "HWERROR"})
    n = link.report_devices({"printer": "ONLINE"})
    link.start()
    agent.greet()
    assert agent.hear() == ReportDevices(n, {"printer": "ONLINE"})
    agent.say(Done(n))
    inbox.wait(Done)


def test_what_was_given_up_is_not_sent_again(agent, link, inbox) -> None:
    link.start()
    agent.greet()
    inbox.wait(Accepted)
    n = append(link)
    agent.hear()
    link.give_up(n)
    agent.hang_up()
    agent.greet()
    m = link.get_reference()
    assert agent.hear().n == m


def test_an_announced_append_is_said_once_and_only_to_an_agent_that_listens(agent, link, inbox) -> None:
    link.expect_append()
    link.start()
    agent.greet()
    inbox.wait(Accepted)
    n = link.get_reference()
    assert agent.hear().n == n, "nobody waited for it, so it was lost"
    link.expect_append()
    assert agent.hear() == ExpectAppend()
    agent.hang_up()
    agent.greet()
    assert agent.hear().n == n, "it has no number and is not repeated"


def test_an_agent_that_talks_nonsense_is_left(agent, link, inbox) -> None:
    link.start()
    agent.greet()
    inbox.wait(Accepted)
    agent._connection.sendall(b"\xff\xff\xff\xff")
    inbox.wait(AgentLost)
    agent.greet()


def test_an_agent_that_reads_slowly_blocks_nobody(agent, link, inbox) -> None:
    link.start()
    agent.greet()
    inbox.wait(Accepted)
    bodies = [bytes([number]) * 300_000 for number in range(12)]
    done = threading.Event()

    def say_all() -> None:
        for body in bodies:
            append(link, body)
        done.set()

    threading.Thread(target=say_all, daemon=True).start()
    assert done.wait(10), "a request blocked its caller"
    assert [agent.hear().body for _ in bodies] == bodies


def test_a_link_that_was_never_started_can_be_closed(tmp_path, inbox) -> None:
    VisitLink(tmp_path / "agent.sock", "visit-1", inbox.post).close()
