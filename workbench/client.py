"""Talks to a running bench over its control socket."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING, Any

from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    from pathlib import Path

PATIENCE_SECONDS = 120.0


class Workbench:
    """One connection; each call is one verb. `EnvironmentFault` when the bench says no, or is not there."""

    def __init__(self, state: Path) -> None:
        self.path = state / "workbench" / "control.sock"
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(PATIENCE_SECONDS)
        try:
            self._socket.connect(str(self.path))
        except OSError as error:
            self._socket.close()
            raise EnvironmentFault(
                f"No workbench answers at {self.path}.", "Start one: guichet workbench --headless --state DIR"
            ) from error
        self._stream = self._socket.makefile("rwb")

    def do(self, verb: str, *arguments: str, **options: object) -> dict[str, Any]:
        """One verb; the bench's answer when its effect is there."""
        request = {"verb": verb, "arguments": list(arguments), "options": options}
        self._stream.write(json.dumps(request).encode() + b"\n")
        self._stream.flush()
        line = self._stream.readline()
        if not line:
            raise EnvironmentFault("The workbench went away.", "Start it again: guichet workbench --headless")
        answer: dict[str, Any] = json.loads(line)
        if not answer.get("ok"):
            raise EnvironmentFault(f"workbench {verb}: {answer.get('error')}", str(answer.get("remedy", "")))
        return answer

    def close(self) -> None:
        """Hang up."""
        self._stream.close()
        self._socket.close()
