"""An enrolled terminal in a folder of the test, its agent as a real process, and the two peers that speak to it."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import threading
import time
from typing import TYPE_CHECKING, Any, TypeVar

from fakes.back_office import CODE, FakeBackOffice
from fakes.verb import ROOT, command

from kiosk.agent import log
from kiosk.agent.process import serve
from kiosk.link import VERSION, Accepted, CloseVisit, FrameReader, OpenVisit, SuperviseHello, VisitLink, encode_frame
from kiosk.system import SystemClock, SystemIds
from kiosk.terminal_folder import TerminalFolder
from provisioning.configuration import (
    BackOfficeSection,
    CacheSection,
    Configuration,
    JournalSection,
    write_configuration,
)
from provisioning.enrolment import enrol

if TYPE_CHECKING:
    from pathlib import Path

_T = TypeVar("_T")
SEALING_KEY = "20260101-abcdef"


class Inbox:
    """What a link posted, in order; tests wait for a kind of message, never for a time."""

    def __init__(self) -> None:
        self.messages: list[Any] = []
        self._condition = threading.Condition()

    def post(self, message: Any) -> None:
        with self._condition:
            self.messages.append(message)
            self._condition.notify_all()

    def wait(self, kind: type[_T], *, seconds: float = 20, after: int = 0, **fields: Any) -> _T:
        """The first message of this kind (from index `after` on) whose fields fit."""

        def found() -> Any:
            for message in self.messages[after:]:
                if isinstance(message, kind) and all(getattr(message, k) == v for k, v in fields.items()):
                    return message
            return None

        with self._condition:
            message = self._condition.wait_for(found, seconds)
        assert message is not None, f"no {kind.__name__} {fields} in {seconds} s; got {self.messages[after:]}"
        return message  # type: ignore[no-any-return]

    def count(self, kind: type) -> int:
        return sum(isinstance(message, kind) for message in self.messages)


class Supervising:
    """The supervisor's end of the link, as a test plays it."""

    def __init__(self, path: Path) -> None:
        self.connection = socket.socket(socket.AF_UNIX)
        self.connection.settimeout(10)
        try:
            self.connection.connect(str(path))
        except OSError:
            self.connection.close()
            raise
        self._reader = FrameReader.at_visit()
        self._n = 0
        self._exchange(SuperviseHello(VERSION))

    def open(self, visit_id: str, pid: int | None = None) -> None:
        self._n += 1
        self._exchange(OpenVisit(self._n, visit_id, os.getpid() if pid is None else pid))

    def close_visit(self, visit_id: str) -> None:
        self._n += 1
        self._exchange(CloseVisit(self._n, visit_id))

    def _exchange(self, message: Any) -> Any:
        self.connection.sendall(encode_frame(message))
        while True:
            data = self.connection.recv(65536)
            assert data, "the agent hung up on its supervisor"
            if answers := self._reader.feed(data):
                return answers[0]

    def close(self) -> None:
        self.connection.close()


class Terminal:
    """`state` is enrolled at `office`; `start` runs the agent."""

    def __init__(
        self, state: Path, office: FakeBackOffice, *, cache: dict[str, Any] | None = None, **settings: Any
    ) -> None:
        self.state = state
        self.office = office
        self.folder = TerminalFolder(state)
        self.ids = SystemIds()
        quick = {
            "ping_seconds": 0.3, "probe_seconds": 0.2, "reference_seconds": 30.0, "heartbeat_seconds": 30.0,
            "retry_first_seconds": 0.1, "retry_most_seconds": 0.4,
        }  # fmt: skip
        self.folder.create()
        configuration = Configuration(
            demonstration=True,
            back_office=BackOfficeSection(url=office.url, **(quick | settings)),
            journal=JournalSection(ballast_mebibytes=1),
            cache=CacheSection(
                **({"gap_seconds": 0.05, "poll_seconds": 2.0, "retry_first_seconds": 0.1, "retry_most_seconds": 0.4,
                    "page_people": 20, "reserve_mebibytes": 1} | (cache or {})),
            ),
        )
        self.folder.configuration.write_text(write_configuration(configuration))
        self.enrolment = enrol(self.folder, office.url, CODE, office.root, clock=SystemClock(), ids=self.ids)
        self.process: subprocess.Popen[bytes] | None = None
        self.supervisor: Supervising | None = None
        self._links: list[VisitLink] = []
        self._thread: threading.Thread | None = None
        self._stop: asyncio.Event
        self._loop: asyncio.AbstractEventLoop

    def start(self, *, wrap: tuple[str, ...] = ()) -> None:
        with (self.state / "agent.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*wrap, *command("kiosk.agent.cli", "agent", "--state", str(self.state), "--supervisor-pid", str(os.getpid()))],
                stderr=log, stdin=subprocess.DEVNULL, cwd=ROOT,
            )  # fmt: skip
        self.supervisor = _until(lambda: Supervising(self.folder.socket), self)

    def start_inside(self) -> None:
        """Run the agent on a thread of this process: as real, and quicker to start."""
        log.configure(self.state / "agent.log")
        started = threading.Event()

        async def run() -> None:
            self._stop = asyncio.Event()
            self._loop = asyncio.get_running_loop()
            started.set()
            await serve(self.folder, frozenset({os.getpid()}), self._stop)

        self._thread = threading.Thread(target=lambda: asyncio.run(run()), name="agent")
        self._thread.start()
        assert started.wait(10)
        self.supervisor = _until(lambda: Supervising(self.folder.socket), self)

    def stop_inside(self) -> None:
        if self._thread is not None:
            if self._thread.is_alive():
                self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(10)
            assert not self._thread.is_alive(), "the agent did not stop"
            self._thread = None
            log.configure()
        self._forget_supervisor()

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        self._forget_supervisor()

    def stop(self) -> int:
        assert self.process is not None
        self.process.terminate()
        code = self.process.wait(10)
        self._forget_supervisor()
        return code

    def _forget_supervisor(self) -> None:
        if self.supervisor is not None:
            self.supervisor.close()
        self.supervisor = None

    def log(self) -> str:
        return (self.state / "agent.log").read_text()

    def visit(self, visit_id: str = "visit-1") -> tuple[VisitLink, Inbox]:
        """Announce a visit in this process and connect it."""
        assert self.supervisor is not None
        self.supervisor.open(visit_id)
        inbox = Inbox()
        link = VisitLink(self.folder.socket, visit_id, inbox.post)
        link.start()
        self._links.append(link)
        inbox.wait(Accepted)
        return link, inbox

    def append(self, link: VisitLink, body: bytes | None = None, *, id_: str | None = None) -> str:
        id_ = id_ or self.ids.new()
        link.append(
            id_,
            body or sealed_body(self.ids),
            kind="transaction",
            schema=1,
            sealing_key_id=SEALING_KEY,
            service="bank_account.change",
        )
        return id_

    def close(self) -> None:
        for link in self._links:
            link.close()
        self.stop_inside()
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def until(holds: Any, seconds: float = 20) -> None:
    """Wait until a condition holds that nobody tells about."""
    deadline, pause = time.monotonic() + seconds, threading.Event()
    while not holds():
        assert time.monotonic() < deadline, f"not so after {seconds} s"
        pause.wait(0.01)


def sealed_body(ids: SystemIds, length: int = 2400) -> bytes:
    """As long as a real sealed envelope; the agent never looks inside."""
    return ids.token(length // 2).hex().encode()


def _until(act: Any, terminal: Terminal, seconds: float = 15) -> Any:
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while True:
        try:
            return act()
        except OSError as error:
            said = str(error)
        alive = terminal.process.poll() is None if terminal.process else terminal._thread is not None
        assert alive, f"the agent ended: {terminal.log()}"
        assert time.monotonic() < deadline, f"no agent after {seconds} s ({said}): {terminal.log()}"
        pause.wait(0.01)
