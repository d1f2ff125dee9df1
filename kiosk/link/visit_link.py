"""The visit's end of the link.

Rules:
- A request that changes something is sent again, the same bytes, until it is answered: the agent answers the
  same id and bytes the same way twice. Whoever waits decides how long; the link never gives up by itself.
- No request blocks its caller. A frame leaves on the caller's thread when the socket takes it: no thread hop.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
from itertools import count
from typing import TYPE_CHECKING, Literal

from kiosk.link.frames import FrameReader, LinkViolation, encode_frame
from kiosk.link.messages import (
    VERSION,
    Accepted,
    AgentLost,
    Answer,
    Append,
    Appended,
    AppendRefused,
    Ask,
    CallStaff,
    Done,
    Durable,
    EnvironmentChanged,
    ExpectAppend,
    FetchRecord,
    Follow,
    FromAgent,
    GetReference,
    Hello,
    NoAnswer,
    NoRecord,
    Posted,
    Progress,
    Record,
    Reference,
    Rejected,
    ReportDevices,
    ReportPrint,
    StaffCalled,
    ToAgent,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RECONNECT_FIRST_SECONDS = 0.02
RECONNECT_MOST_SECONDS = 0.5
_EXPECT = encode_frame(ExpectAppend())


class VisitLink:
    """The visit's end: sends requests, and posts every message of the agent to one callable.

    `post` is called on the link's own thread. Every request method returns its number `n` at once and never
    blocks. While there is no agent the link posts `AgentLost` once and keeps trying; after `Accepted` it
    sends every unanswered request again, byte for byte, except questions, which end as `NoAnswer(offline)` or
    `NoRecord(no_cache)` because the person waiting is told sooner that way. `on_durable` hears of durability a
    moment before `Appended` is posted with the receipt statement.
    """

    def __init__(
        self,
        path: Path,
        visit_id: str,
        post: Callable[[Posted], None],
        *,
        on_durable: Callable[[Durable], None] | None = None,
    ) -> None:
        self._path = path
        self._on_durable = on_durable
        self._hello = encode_frame(Hello(VERSION, visit_id))
        self._post = post
        self._numbers = count(1)
        self._lock = threading.Lock()
        self._unanswered: dict[int, tuple[ToAgent, bytes]] = {}
        self._devices: int | None = None  # only the newest report of device states is worth repeating
        self._socket: socket.socket | None = None
        self._accepted = False
        self._unsent = bytearray()
        self._rejected: Rejected | None = None
        self._lost_told = False
        self._closing = False
        self._wake_reader, self._wake_writer = socket.socketpair()
        self._wake_reader.setblocking(False)  # noqa: FBT003 - the socket API
        self._wake_writer.setblocking(False)  # noqa: FBT003 - the socket API
        self._thread = threading.Thread(target=self._run, name="visit-link", daemon=True)

    def start(self) -> None:
        """Begin to connect."""
        self._thread.start()

    def close(self) -> None:
        """End the link; what is unanswered stays unanswered. Returns when its thread has ended."""
        self._closing = True
        self._wake()
        if self._thread.ident is None:
            self._wake_reader.close()
            self._wake_writer.close()
        elif threading.current_thread() is not self._thread:
            self._thread.join()

    def expect_append(self) -> None:
        """Say that an append follows in a moment, so that the agent is awake for it; lost when there is no agent."""
        with self._lock:
            if self._accepted:
                self._send(_EXPECT)

    def append(self, id_: str, body: bytes, *, kind: str, schema: int, sealing_key_id: str, service: str) -> int:
        """Ask for durability; answered by `Appended` or `AppendRefused`, however often the agent dies meanwhile."""
        return self._request(lambda n: Append(n, id_, kind, schema, sealing_key_id, body, service))

    def ask(self, id_: str, sealed: bytes, *, wait_seconds: float) -> int:
        """Ask the back office; answered by `Answer` or `NoAnswer`."""
        return self._request(lambda n: Ask(n, id_, sealed, wait_seconds))

    def follow(self, id_: str, *, wait_seconds: float) -> int:
        """Deliver this entry now; answered by `Done`, then `Progress` notifications."""
        return self._request(lambda n: Follow(n, id_, wait_seconds))

    def report_print(self, id_: str, *, stage: str, outcome: Literal["printed", "failed", "unknown"]) -> int:
        """Say how the receipt came out; answered by `Done` once it is kept."""
        return self._request(lambda n: ReportPrint(n, id_, stage, outcome))

    def report_devices(self, states: dict[str, str]) -> int:
        """Say how the devices are; answered by `Done`."""
        return self._request(lambda n: ReportDevices(n, states))

    def call_staff(self, step: str) -> int:
        """Call for help; answered by `StaffCalled`."""
        return self._request(lambda n: CallStaff(n, step))

    def fetch_record(self, access_id: str, fingerprint: bytes) -> int:
        """Ask for the record that a card opens, after its access entry is durable; answered by `Record` or `NoRecord`."""
        return self._request(lambda n: FetchRecord(n, access_id, fingerprint))

    def get_reference(self) -> int:
        """Ask for the newest reference data; answered by `Reference`."""
        return self._request(GetReference)

    def give_up(self, n: int) -> None:
        """Do not send request `n` again (its time is over); a late reply is still posted."""
        with self._lock:
            self._unanswered.pop(n, None)

    # --- the rest runs on the link's thread, except `_request` -----------------------------------------

    def _request(self, build: Callable[[int], ToAgent]) -> int:
        with self._lock:
            n = next(self._numbers)
            message = build(n)
            frame = encode_frame(message)
            if isinstance(message, ReportDevices):
                self._unanswered.pop(self._devices or 0, None)
                self._devices = n
            self._unanswered[n] = (message, frame)
            if self._accepted:
                self._send(frame)
            elif isinstance(message, Ask | FetchRecord) and self._lost_told:
                self._wake()
        return n

    def _send(self, frame: bytes) -> None:
        """Send at once on the caller's thread (no hop); what the socket does not take, the link's thread sends."""
        if self._unsent:
            self._unsent += frame
            return
        sent = 0
        with contextlib.suppress(OSError):  # a dead socket is noticed, and mended, by the link's thread
            sent = self._socket.send(frame, socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL) if self._socket else 0
        if sent < len(frame):
            self._unsent += frame[sent:]
            self._wake()

    def _wake(self) -> None:
        with contextlib.suppress(OSError):
            self._wake_writer.send(b"\0")

    def _run(self) -> None:
        wait = RECONNECT_FIRST_SECONDS
        with selectors.DefaultSelector() as selector:
            selector.register(self._wake_reader, selectors.EVENT_READ)
            while not self._closing:
                if self._connect():
                    served, retry = self._serve(selector)
                    self._lose(tell=retry)
                    if not retry:
                        break
                    wait = RECONNECT_FIRST_SECONDS if served else wait
                else:
                    self._lose(tell=True)
                if not self._closing:
                    selector.select(wait)
                    self._drain_wakes()
                    self._fail_questions()
                    wait = min(wait * 2, RECONNECT_MOST_SECONDS)
        self._wake_reader.close()
        self._wake_writer.close()

    def _connect(self) -> bool:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.connect(str(self._path))
            connection.sendall(self._hello)
        except OSError:
            connection.close()
            return False
        self._socket = connection
        return True

    def _serve(self, selector: selectors.BaseSelector) -> tuple[bool, bool]:
        """Read until the connection ends; (was it accepted, may it be tried again)."""
        connection = self._socket
        assert connection is not None  # noqa: S101 - `_connect` has just set it
        reader = FrameReader.at_visit()
        selector.register(connection, selectors.EVENT_READ)
        try:
            while not self._closing:
                with self._lock:
                    wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if self._unsent else 0)
                selector.modify(connection, wanted)
                for key, ready in selector.select():
                    if key.fileobj is self._wake_reader:
                        self._drain_wakes()
                        continue
                    if ready & selectors.EVENT_WRITE:
                        self._flush(connection)
                    if ready & selectors.EVENT_READ:
                        data = connection.recv(1 << 16)
                        if not data:
                            return self._accepted, True
                        for message in reader.feed(data):
                            if not self._receive(message):
                                return False, message.reason in {"not_announced", "not_enrolled"}
        except (OSError, LinkViolation):
            return self._accepted, True
        finally:
            selector.unregister(connection)
        return self._accepted, False

    def _flush(self, connection: socket.socket) -> None:
        with self._lock:
            if self._unsent:
                del self._unsent[: connection.send(self._unsent, socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)]

    def _receive(self, message: FromAgent) -> bool:
        """Post one message; False when the agent does not accept this visit."""
        match message:
            case Accepted():
                self._lost_told = False
                self._post(message)
                with self._lock:
                    self._accepted = True
                    for _, frame in self._unanswered.values():
                        self._send(frame)
            case Rejected():
                if message.reason != "not_announced" and message != self._rejected:
                    self._rejected = message
                    self._post(message)
                return False
            case Durable():
                if self._on_durable is not None:
                    self._on_durable(message)
            case (
                Appended()
                | AppendRefused()
                | Answer()
                | NoAnswer()
                | Record()
                | NoRecord()
                | StaffCalled()
                | Reference()
                | Done()
            ):
                with self._lock:
                    self._unanswered.pop(message.n, None)
                self._post(message)
            case Progress() | EnvironmentChanged():
                self._post(message)
        return True

    def _lose(self, *, tell: bool) -> None:
        with self._lock:
            connection, self._socket, self._accepted = self._socket, None, False
            self._unsent.clear()
        if connection is not None:
            connection.close()
        if tell and not self._lost_told and not self._closing:
            self._lost_told = True
            self._post(AgentLost())
        self._fail_questions()

    def _fail_questions(self) -> None:
        """While there is no agent, questions end at once instead of waiting for one."""
        with self._lock:
            waiting = [message for message, _ in self._unanswered.values()] if self._lost_told else []
            questions = [message for message in waiting if isinstance(message, Ask | FetchRecord)]
            for question in questions:
                del self._unanswered[question.n]
        for question in questions:
            if isinstance(question, Ask):
                self._post(NoAnswer(question.n, question.id, "offline", "the agent of this terminal is not there"))
            else:
                self._post(NoRecord(question.n, "no_cache"))

    def _drain_wakes(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while self._wake_reader.recv(4096):
                pass
