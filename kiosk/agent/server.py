"""The agent's end of the link: who may speak, and who is told what changes.

Rules:
- Only processes of the same user (SO_PEERCRED). A visit must be the announced process with the announced id;
  announcing is for the supervisor, which is known by its process id.
- The supervisor's word may come a moment after the visit's hello: the hello waits for it, then is rejected.
- A visit that is closed may still say how its paper came out, on the connection it has; nothing else.
- Whoever says what the protocol does not allow is disconnected; nobody else notices.
"""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from kiosk.agent.log import logger
from kiosk.agent.visits import Visits
from kiosk.domain.errors import EnvironmentFault
from kiosk.link import (
    VERSION,
    Append,
    AppendRefused,
    CloseVisit,
    Done,
    FrameReader,
    Hello,
    LinkViolation,
    OpenVisit,
    Rejected,
    ReportPrint,
    SuperviseHello,
    encode_frame,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kiosk.link import Accepted, FromAgent

HELLO_SECONDS = 2.0
"""How long a hello waits for its announcement, and a connection may stay silent before its hello."""
_CREDENTIALS = struct.Struct("3i")

Replying: TypeAlias = "Callable[[Any, Callable[[FromAgent], None]], asyncio.Task[None] | None]"


class Attendant(Protocol):
    """What stands behind the link: `Replies` when the terminal is enrolled."""

    def accepted(self) -> Accepted | Rejected:
        """Greet a visit: what it must know first, or why there is no service."""

    def reply(self, request: Any, send: Callable[[FromAgent], None]) -> asyncio.Task[None] | None:
        """Answer a request, or return the task that will."""


class AgentServer:
    """Listens on the socket of the terminal."""

    def __init__(self, path: Path, attendant: Attendant, *, supervisors: frozenset[int]) -> None:
        self._path = path
        self.attendant = attendant
        self.supervisors = supervisors
        self.visits = Visits()
        self._connections: set[_Connection] = set()
        self._server: asyncio.AbstractServer | None = None

    async def start(self) -> None:
        """Listen. Raises `EnvironmentFault` when the socket cannot be made."""
        loop = asyncio.get_running_loop()
        try:
            self._path.unlink(missing_ok=True)
            before = os.umask(0o177)
            try:
                self._server = await loop.create_unix_server(lambda: _Connection(self), str(self._path))
            finally:
                os.umask(before)
        except OSError as error:
            raise EnvironmentFault(
                f"The agent cannot listen on {self._path} ({error.strerror}).",
                "Give --state a folder you may write to, with a path of less than 100 characters.",
            ) from error

    async def close(self) -> None:
        """Stop listening, end every connection."""
        if self._server is not None:
            self._server.close()
        for connection in list(self._connections):
            connection.end()
        self._path.unlink(missing_ok=True)

    def tell(self, message: FromAgent) -> None:
        """Send a notification to the visit that is served."""
        for connection in self._connections:
            if connection.is_open:
                connection.send(message)

    def reconsider(self) -> None:
        """Let waiting hellos try again: something was announced, or the terminal was enrolled."""
        for connection in list(self._connections):
            connection.consider()

    def joined(self, connection: _Connection) -> None:
        """Note a new connection."""
        self._connections.add(connection)

    def left(self, connection: _Connection) -> None:
        """Forget a connection."""
        self._connections.discard(connection)


class _Connection(asyncio.Protocol):
    def __init__(self, server: AgentServer) -> None:
        self._server = server
        self._transport: asyncio.Transport | None = None
        self._reader = FrameReader.at_agent()
        self._pid = 0
        self._hello: Hello | None = None
        self._supervising = False
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.serving = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - a stream socket
        self._transport = transport
        peer: socket.socket = transport.get_extra_info("socket")
        self._pid, uid, _ = _CREDENTIALS.unpack(
            peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
        )
        if uid != os.geteuid():
            logger().warning("foreign_user", pid=self._pid)
            transport.abort()
            return
        self._server.joined(self)
        self._timer = asyncio.get_running_loop().call_later(HELLO_SECONDS, self._no_hello)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the end is the end, whatever the reason
        if self._timer is not None:
            self._timer.cancel()
        for task in self._tasks:
            task.cancel()
        self.serving = False
        self._server.left(self)

    def data_received(self, data: bytes) -> None:
        try:
            for message in self._reader.feed(data):
                self._receive(message)
        except LinkViolation as violation:
            logger().warning("link_violation", pid=self._pid, detail=str(violation))
            self.end()

    @property
    def is_open(self) -> bool:
        """Is the visit at the other end the one that is served."""
        hello = self._hello
        return self.serving and hello is not None and self._server.visits.open_id == hello.visit_id

    def send(self, message: FromAgent) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(encode_frame(message))

    def end(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def consider(self) -> None:
        """Accept the waiting hello if it fits now, reject it if it never will."""
        if self._hello is None:
            return
        standing = self._server.visits.standing(self._hello.visit_id, self._pid)
        if self.serving:
            return
        greeting = self._server.attendant.accepted()
        if isinstance(greeting, Rejected):
            self._reject(greeting)
        elif standing == "open":
            self._settle_timer()
            self.serving = True
            self.send(greeting)
        elif standing != "not_announced":
            self._reject(Rejected(standing))

    def _receive(self, message: Any) -> None:
        if self.serving:
            self._serve(message)
        elif self._supervising:
            self._supervise(message)
        else:
            self._greet(message)

    def _greet(self, message: Any) -> None:
        if self._hello is not None or not isinstance(message, Hello | SuperviseHello):
            raise LinkViolation(f"a {type(message).__name__} before the hello was accepted")
        if message.version != VERSION:
            self._reject(Rejected("version"))
        elif isinstance(message, Hello):
            self._hello = message
            self.consider()
        elif self._pid in self._server.supervisors:
            self._settle_timer()
            self._supervising = True
            self.send(Done(0))
        else:
            logger().warning("no_supervisor", pid=self._pid)
            self._reject(Rejected("wrong_process"))

    def _supervise(self, message: Any) -> None:
        match message:
            case OpenVisit(n=n, visit_id=visit_id, pid=pid):
                self._server.visits.announce(visit_id, pid)
                logger().info("visit_open", visit=visit_id, pid=pid)
            case CloseVisit(n=n, visit_id=visit_id):
                self._server.visits.close(visit_id)
                logger().info("visit_closed", visit=visit_id)
            case _:
                raise LinkViolation(f"a {type(message).__name__} from the supervisor")
        self.send(Done(n))
        self._server.reconsider()

    def _serve(self, message: Any) -> None:
        if isinstance(message, Hello | SuperviseHello | OpenVisit | CloseVisit):
            raise LinkViolation(f"a {type(message).__name__} from a visit that is served")
        hello = self._hello
        closed = hello is None or self._server.visits.standing(hello.visit_id, self._pid) != "open"
        if closed and not isinstance(message, ReportPrint):
            if isinstance(message, Append):
                self.send(AppendRefused(message.n, message.id, "visit_closed"))
            self.end()
            return
        task = self._server.attendant.reply(message, self.send)
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            logger().error("request_failed", error=type(task.exception()).__name__)
            self.end()

    def _reject(self, rejected: Rejected) -> None:
        self.send(rejected)
        self.end()

    def _no_hello(self) -> None:
        self._timer = None
        if self._hello is not None:
            self._reject(Rejected("not_announced"))
        else:
            self.end()

    def _settle_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
