"""A simulated encrypting PIN pad: the keys of the workbench's visitor pad, whose digits leave this process only sealed.

Rules:
- The root certificate is the pad's own, installed at commissioning; what a host says to trust counts for nothing.
- One entry a connection (`devices.encrypting_pad`); who hangs up ends it, and what was typed is gone.
- The socket is the owner's alone (0600), as a cable inside the housing would be.
"""

from __future__ import annotations

import contextlib
import json
import select
import socket
import threading
from typing import TYPE_CHECKING, Any

from devices.simulators.pin_pad import (
    CANCELLED,
    NEW_PINS_DIFFER,
    TIMED_OUT,
    WRONG_LENGTH,
    Echo,
    EntryRules,
    Prompt,
    Typed,
)
from kiosk.domain.errors import EnvironmentFault
from kiosk.wire.encrypted_pin import LONGEST_PIN, seal_pins
from kiosk.wire.problem import Problem
from kiosk.wire.trust import Anchors

if TYPE_CHECKING:
    from pathlib import Path

    from devices.simulators.pin_pad import PinPad
    from kiosk.system import Clock

_ENDINGS = {CANCELLED: "cancelled", TIMED_OUT: "timed_out", NEW_PINS_DIFFER: "differ", WRONG_LENGTH: "length"}
_LAST = (Echo.DONE, Echo.TIMED_OUT, Echo.CANCELLED, Echo.ABORTED)
_PATIENCE_SECONDS = 0.05
_REQUEST_LIMIT = 8192


class SimulatedEncryptingPad:
    """From construction until `close`. `root`: the file of the certificate that was installed."""

    def __init__(self, path: Path, pad: PinPad, root: Path, clock: Clock) -> None:
        self._path, self._pad, self._root, self._clock = path, pad, root, clock
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            path.unlink(missing_ok=True)
            self._listener.bind(str(path))
            path.chmod(0o600)
            self._listener.listen(1)
        except OSError as error:
            self._listener.close()
            raise EnvironmentFault(f"Cannot listen at {path} ({error}).", "Use a shorter state folder.") from error
        self._thread = threading.Thread(target=self._serve, name="encrypting pad", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Unplug it."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._pad.interrupt()
        self._thread.join(1.0)
        self._path.unlink(missing_ok=True)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                connection.settimeout(5.0)
                self._entry(connection)

    def _entry(self, connection: socket.socket) -> None:
        with connection.makefile("rb") as lines:
            asked = _read(lines.readline(_REQUEST_LIMIT))
        if asked is None:
            _say(connection, fault="that is no request")
            return
        rules, bound, certificate = asked
        self._pad.begin(rules)
        try:
            self._echo(connection)
        except OSError:  # the host hung up while it was told of a key
            self._pad.interrupt()
        typed = self._pad.wait()
        if not isinstance(typed, Typed):
            _say(connection, ended=_ENDINGS.get(typed.sw, "cancelled"))
            return
        sealed = seal_pins(typed.pins[:2], bound, certificate, self._anchors(), self._clock.now())
        if isinstance(sealed, Problem):
            _say(connection, fault=sealed.code.value)
        else:
            _say(connection, sealed=sealed.decode("ascii"))

    def _echo(self, connection: socket.socket) -> None:
        """Tell how many digits stand there, until the entry ends or the host hangs up."""
        digits, echo = 0, Echo.NONE
        while echo not in _LAST:
            if select.select([connection], [], [], 0)[0]:
                self._pad.interrupt()
            echo = self._pad.echo(_PATIENCE_SECONDS)
            count = {Echo.DIGIT: digits + 1, Echo.BACK: max(0, digits - 1), Echo.CLEARED: 0}.get(echo, digits)
            if count != digits:
                digits = count
                _say(connection, digits=digits)

    def _anchors(self) -> Anchors:
        found = Anchors.from_pem(self._root.read_bytes())
        if isinstance(found, Problem):
            raise EnvironmentFault(f"{self._root} is no root certificate.", "Install the root in the pad again.")
        return found


def _read(line: bytes) -> tuple[EntryRules, str, bytes] | None:
    """Read a request; None when it is none."""
    try:
        asked: dict[str, Any] = json.loads(line)
        prompts = tuple(Prompt(name) for name in asked["prompts"])
        least, most, seconds = int(asked["minimum"]), int(asked["maximum"]), int(asked["seconds"])
        bound, certificate = str(asked["bound"]), str(asked["certificate"]).encode("ascii")
    except (ValueError, KeyError, TypeError):
        return None
    if not 1 <= least <= most <= LONGEST_PIN or prompts not in {(Prompt.PIN,), (Prompt.PIN, Prompt.NEW, Prompt.REPEAT)}:
        return None
    return EntryRules(least, most, timeout_seconds=seconds, prompts=prompts), bound, certificate


def _say(connection: socket.socket, **words: str | int) -> None:
    connection.sendall(json.dumps(words).encode() + b"\n")
