"""Serves simulated slots to the reader driver in pcscd, one UNIX socket a slot.

Rules:
- Frames: request op(1) length(2, big endian) payload; answer status(1) length(2) payload. Status 0: fine, 1: not
  supported, 2: no card.
- A connection says first what it is: C for commands, E for events (one byte at each insertion or removal).
- A card swapped between two questions of pcscd's event thread is absent until that thread was told so, for a hand cannot
  swap unseen. Its other threads ask too (before each reset), and must not take that answer away from it.
- The socket is the owner's alone (0600); whoever can reach it is the reader.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from typing import TYPE_CHECKING, Self

from devices.simulators.slot import SimulatedSlot, Trouble
from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

VISITOR_READER = "Guichet Visitor"
STAFF_READER = "Guichet Staff"

_HEAD = struct.Struct(">cH")
_ANSWER = struct.Struct(">BH")
_SOCKET_PATH_LIMIT_BYTES = 107
_NO_LINGER = 1.0


class SimulatedReader:
    """A slot behind a socket, from construction until `close`; a context manager."""

    def __init__(self, socket_path: Path, slot: SimulatedSlot) -> None:
        self.socket_path = socket_path
        self.slot = slot
        self._lock = threading.Lock()
        self._connections: set[socket.socket] = set()
        self._event_channels: set[socket.socket] = set()
        self._reported: int | None = None  # the insertion that pcscd's event thread was last told to be present
        self._listener = _listen(socket_path)
        slot.listen(self._announce)
        self._thread = threading.Thread(target=self._accept, name=f"reader {slot.name}", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Hang up on the driver (which then reports an empty slot) and remove the socket."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.slot.pad.interrupt()
        with self._lock:
            open_now = tuple(self._connections)
        for connection in open_now:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._thread.join(_NO_LINGER)
        self.socket_path.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        self.close()

    def _announce(self) -> None:
        with self._lock:
            channels = tuple(self._event_channels)
        for channel in channels:
            with contextlib.suppress(OSError):  # its own thread notices and removes it
                channel.send(b"!", socket.MSG_DONTWAIT)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self._connections.add(connection)
            threading.Thread(target=self._serve, args=(connection,), name="driver", daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection, connection.makefile("rb") as frames, contextlib.suppress(OSError):
                while head := frames.read(_HEAD.size):
                    if len(head) < _HEAD.size:
                        return
                    op, size = _HEAD.unpack(head)
                    self._reply(connection, op, frames.read(size))
        finally:
            with self._lock:
                self._connections.discard(connection)
                self._event_channels.discard(connection)

    def _reply(self, connection: socket.socket, op: bytes, payload: bytes) -> None:
        if op == b"H":
            if payload == b"E":
                with self._lock:
                    self._event_channels.add(connection)
            connection.sendall(b"+")
            return
        answer = self._perform(op, payload)
        if isinstance(answer, Trouble):
            connection.sendall(_ANSWER.pack(answer.value, 0))
            return
        connection.sendall(_ANSWER.pack(0, len(answer)) + answer)
        if op == b"T":
            self.slot.delivered()

    def _is_present(self, *, to_watcher: bool) -> bool:
        insertion = self.slot.insertion
        there = self.slot.holds(insertion)
        swapped = there and self._reported not in (None, insertion)
        if to_watcher:
            self._reported = insertion if there and not swapped else None
            if swapped:
                self._announce()  # it shall ask again at once
        return there and not swapped

    def _perform(self, op: bytes, payload: bytes) -> bytes | Trouble:  # noqa: PLR0911 - one line an operation
        match op:
            case b"P":
                return b"\x01" if self._is_present(to_watcher=payload != b"\x00") else b"\x00"
            case b"U":
                return self.slot.power_up()
            case b"D":
                self.slot.power_down()
                return b""
            case b"T":
                return self.slot.transmit(payload)
            case b"F":
                return bytes(self.slot.features)
            case b"X" if payload:
                return self.slot.control(payload[0], payload[1:])
            case _:
                return Trouble.UNKNOWN_REQUEST


def _listen(path: Path) -> socket.socket:
    name = str(path)
    if len(name.encode()) > _SOCKET_PATH_LIMIT_BYTES:
        raise EnvironmentFault(
            f"The socket name {name} is longer than {_SOCKET_PATH_LIMIT_BYTES} bytes.", "Use a shorter state folder."
        )
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    try:
        listener.bind(name)
        path.chmod(0o600)
        listener.listen(8)
    except OSError as error:
        listener.close()
        raise EnvironmentFault(f"Cannot listen at {name}: {error.strerror}.", "Check the state folder.") from error
    return listener
