"""The line between terminal and back office: a TCP forwarder on the loopback interface that can be cut and restored.

Rules:
- Cut means cut: established connections are reset at once, new ones are refused, as with a pulled cable and a dead
  router.
- While it is cut the port stays taken, so that no other program gets it by chance.
- It moves bytes and never looks at them.
"""

from __future__ import annotations

import contextlib
import ctypes
import socket
import struct
import threading
from typing import TYPE_CHECKING

from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    from collections.abc import Callable

_CHUNK = 65_536
_BACKLOG = 64
_CONNECT_SECONDS = 5.0
_UNSPECIFIED = struct.pack("H14x", socket.AF_UNSPEC)
_libc = ctypes.CDLL(None, use_errno=True)


class _Connection:
    """One connection through the line: two sockets, a thread each way."""

    def __init__(self, near: socket.socket, far: socket.socket) -> None:
        self._ends = (near, far)
        self._cut = False

    def carry(self) -> None:
        """Move bytes both ways until both sides have ended, or the line is cut."""
        near, far = self._ends
        back = threading.Thread(target=self._move, args=(far, near), name="connection back", daemon=True)
        back.start()
        self._move(near, far)
        back.join()
        for end in self._ends:
            end.close()

    def cut(self) -> None:
        """Reset both sides."""
        self._cut = True
        for end in self._ends:
            _reset(end)

    def _move(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while (data := source.recv(_CHUNK)) and not self._cut:
                sink.sendall(data)
            if not self._cut:
                sink.shutdown(socket.SHUT_WR)
        except OSError:  # reset by one side: the other shall see the same
            self.cut()


class Line:
    """Forwards a loopback port to another one from construction until `close`; listen port 0 chooses a free one."""

    def __init__(self, listen_port: int, target_port: int, changed: Callable[[], None] = lambda: None) -> None:
        self._target = ("127.0.0.1", target_port)
        self._changed = changed
        self._lock = threading.Lock()
        self._listener: socket.socket | None = None
        self._connections: set[_Connection] = set()
        self._placeholder = _bound(listen_port)
        self.port: int = self._placeholder.getsockname()[1]
        self.switch(up=True)

    @property
    def up(self) -> bool:
        """Whether the line carries anything."""
        return self._listener is not None

    @property
    def connections(self) -> int:
        """How many connections stand now."""
        return len(self._connections)

    def switch(self, *, up: bool) -> None:
        """Cut or restore; done when it returns."""
        with self._lock:
            if up == self.up:
                return
            if up:
                self._listener = _bound(self.port)
                self._listener.listen(_BACKLOG)
                threading.Thread(target=self._accept, args=(self._listener,), name="line", daemon=True).start()
            else:
                self._hang_up()
        self._changed()

    def close(self) -> None:
        """End it."""
        self.switch(up=False)
        self._placeholder.close()

    def _hang_up(self) -> None:
        """Under the lock."""
        if self._listener is not None:
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        for connection in self._connections:
            connection.cut()
        self._connections.clear()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._connect, args=(listener, near), name="connection", daemon=True).start()

    def _connect(self, listener: socket.socket, near: socket.socket) -> None:
        try:
            far = socket.create_connection(self._target, _CONNECT_SECONDS)
        except OSError:
            _reset(near)
            near.close()
            return
        far.settimeout(None)
        for end in (near, far):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = _Connection(near, far)
        with self._lock:
            if self._listener is listener:
                self._connections.add(connection)
            else:
                connection.cut()
        connection.carry()
        with self._lock:
            self._connections.discard(connection)


def _bound(port: int) -> socket.socket:
    """Take a port. Several sockets may take the same one as long as only one listens (SO_REUSEADDR)."""
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind(("127.0.0.1", port))
    except OSError as error:
        bound.close()
        raise EnvironmentFault(
            f"Port {port} cannot be used for the line ({error.strerror}).", "Choose another with --forward."
        ) from error
    return bound


def _reset(end: socket.socket) -> None:
    """Reset a connection at once and wake whoever waits on it; the socket is still to be closed.

    connect(2) with AF_UNSPEC dissolves the association; Python's own `connect` does not offer it.
    """
    _libc.connect(end.fileno(), _UNSPECIFIED, len(_UNSPECIFIED))
