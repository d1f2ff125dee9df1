"""The line between terminal and back office: a TCP forwarder that can be cut and restored.

Rules:
- Cut means cut: established connections end at once, new ones are refused, as with a pulled cable and a dead router.
- It moves bytes and never looks at them.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
from collections import deque

from kiosk.domain.errors import EnvironmentFault

CHUNK = 65_536


class Line:
    """Forwards a loopback port to another one, on its own thread, until `close`."""

    def __init__(self, listen_port: int, target_port: int) -> None:
        self._address = ("127.0.0.1", listen_port)
        self._target = ("127.0.0.1", target_port)
        self._selector = selectors.DefaultSelector()
        self._listener: socket.socket | None = None
        self._pairs: dict[socket.socket, socket.socket] = {}
        self._jobs: deque[tuple[bool, threading.Event]] = deque()
        self._wake_reader, self._wake_writer = socket.socketpair()
        self._wake_reader.setblocking(False)  # noqa: FBT003 - the socket API
        self._selector.register(self._wake_reader, selectors.EVENT_READ)
        self._up = False
        self._closing = False
        self._open()
        self._thread = threading.Thread(target=self._run, name="line", daemon=True)
        self._thread.start()

    @property
    def up(self) -> bool:
        """Whether the line carries anything."""
        return self._up

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self._address[1]

    def switch(self, *, up: bool) -> None:
        """Cut or restore; done when it returns."""
        done = threading.Event()
        self._jobs.append((up, done))
        self._wake()
        done.wait(5)

    def close(self) -> None:
        """End it."""
        self._closing = True
        self._wake()
        self._thread.join(5)

    def _wake(self) -> None:
        with contextlib.suppress(OSError):
            self._wake_writer.send(b"\0")

    def _open(self) -> None:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(self._address)
        except OSError as error:
            listener.close()
            raise EnvironmentFault(
                f"Port {self._address[1]} cannot be used for the line ({error.strerror}).", "Choose another with --forward."
            ) from error
        listener.listen(64)
        self._address = listener.getsockname()
        self._listener = listener
        self._selector.register(listener, selectors.EVENT_READ)
        self._up = True

    def _cut(self) -> None:
        if self._listener is not None:
            self._selector.unregister(self._listener)
            self._listener.close()
            self._listener = None
        for end in list(self._pairs):
            self._hang_up(end)
        self._up = False

    def _run(self) -> None:
        while not self._closing:
            for key, _ in self._selector.select(1.0):
                end = key.fileobj
                if end is self._wake_reader:
                    with contextlib.suppress(BlockingIOError):
                        self._wake_reader.recv(1024)
                elif end is self._listener:
                    self._accept()
                elif isinstance(end, socket.socket) and end in self._pairs:
                    self._move(end)
            while self._jobs:
                up, done = self._jobs.popleft()
                if up and self._listener is None:
                    self._open()
                elif not up:
                    self._cut()
                done.set()
        self._cut()
        self._selector.close()

    def _accept(self) -> None:
        if self._listener is None:
            return
        near, _ = self._listener.accept()
        try:
            far = socket.create_connection(self._target, 5)
        except OSError:
            near.close()
            return
        for end, other in ((near, far), (far, near)):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._pairs[end] = other
            self._selector.register(end, selectors.EVENT_READ)

    def _move(self, end: socket.socket) -> None:
        try:
            data = end.recv(CHUNK)
            if data:
                self._pairs[end].sendall(data)
                return
        except OSError:
            pass
        self._hang_up(end)

    def _hang_up(self, end: socket.socket) -> None:
        other = self._pairs.pop(end, None)
        for each in (end, other):
            if each is None:
                continue
            self._pairs.pop(each, None)
            with contextlib.suppress(KeyError, ValueError):
                self._selector.unregister(each)
            with contextlib.suppress(OSError):  # reset, not a polite end: that is what a cut is like
                each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            each.close()
