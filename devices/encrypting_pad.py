"""An encrypting PIN pad (EPP): keys whose digits leave it only sealed to the back office, for who has no card here.

    host -> pad   {"certificate", "bound", "prompts", "minimum", "maximum", "seconds"}
    pad -> host   {"digits": n} ...  then  {"sealed": "JWE"} | {"ended": "cancelled"|"timed_out"|"length"|"differ"} | {"fault": "..."}

Rules:
- The host learns how many digits were typed and never which; it cannot ask the pad for them in any other form.
- The pad, not the host, decides to which key it seals: the certificate must chain to the root installed in it.
- One driver here speaks JSON lines over a UNIX socket (the workbench's pad, or a vendor's service beside an XFS pad).
"""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from kiosk.domain.number_pin import PadEnded, PadEnding, SealedPin
from kiosk.domain.pin_rules import LEAST_DIGITS, MOST_DIGITS

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO

    from kiosk.domain.number_pin import PadOutcome

WORKBENCH = "workbench"
"""The name in the configuration for the pad of the workbench."""
_GRACE_SECONDS = 3.0
_LINE_LIMIT = 8192


class EncryptingPad(Protocol):
    """What every encrypting pad can do."""

    def read_encrypted(
        self, certificate: str, bound: str, prompts: tuple[str, ...], seconds: int, on_digits: Callable[[int], None]
    ) -> PadOutcome:
        """Ask for the PINs of `prompts`, to be sealed for `certificate` (PEM) and `bound`; blocks until that, or the end without."""

    def cancel(self) -> None:
        """End the entry that is on, from any thread."""


class SocketPad:
    """A pad behind a UNIX socket; a connection is one entry."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._open: socket.socket | None = None

    def read_encrypted(
        self, certificate: str, bound: str, prompts: tuple[str, ...], seconds: int, on_digits: Callable[[int], None]
    ) -> PadOutcome:
        """Ask, and read what the pad tells."""
        request = {
            "certificate": certificate, "bound": bound, "prompts": prompts, "minimum": LEAST_DIGITS, "maximum": MOST_DIGITS,
            "seconds": seconds,
        }  # fmt: skip
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                connection.settimeout(seconds + _GRACE_SECONDS)
                connection.connect(str(self._path))
                with self._lock:
                    self._open = connection
                connection.sendall(json.dumps(request).encode() + b"\n")
                with connection.makefile("rb") as lines:
                    return _listen(lines, on_digits)
        except (OSError, ValueError, TypeError):
            return PadEnded(PadEnding.FAULT)
        finally:
            with self._lock:
                self._open = None

    def cancel(self) -> None:
        """Hang up: the pad forgets what was typed."""
        with self._lock, contextlib.suppress(OSError):
            if self._open is not None:
                self._open.shutdown(socket.SHUT_RDWR)


def _listen(lines: BinaryIO, on_digits: Callable[[int], None]) -> PadOutcome:
    while line := lines.readline(_LINE_LIMIT):
        told = json.loads(line)
        if "digits" in told:
            on_digits(int(told["digits"]))
        elif "sealed" in told:
            return SealedPin(str(told["sealed"]))
        else:
            known = {ending.value: ending for ending in PadEnding}
            return PadEnded(known.get(str(told.get("ended", "")), PadEnding.FAULT))
    return PadEnded(PadEnding.CANCELLED)


def pad_at(configured: str, bench: Path) -> EncryptingPad | None:
    """Return the pad that the configuration names (`workbench`, or the path of a socket); None: this terminal has none."""
    if not configured:
        return None
    return SocketPad(bench if configured == WORKBENCH else Path(configured))
