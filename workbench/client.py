"""Talks to a running workbench over its control socket."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING, Any, Self

from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

_PATIENCE_SECONDS = 30.0


class Workbench:
    """One connection; each call is one verb. `EnvironmentFault` when the bench refuses, or is not there."""

    def __init__(self, state: Path) -> None:
        self._state = state
        path = state / "workbench" / "control.sock"
        self._socket = socket.socket(socket.AF_UNIX)
        try:
            self._socket.connect(str(path))
        except OSError as error:
            self._socket.close()
            raise EnvironmentFault(f"No workbench runs at {path}.", self._how_to_start()) from error
        self._stream = self._socket.makefile("rb")

    def do(self, verb: str, *arguments: str, **options: object) -> dict[str, Any]:
        """Do one verb; gives the answer when the effect is there. Options as on the command line (`timeout=5`)."""
        timeout = options.get("timeout")
        self._socket.settimeout(_PATIENCE_SECONDS + (timeout if isinstance(timeout, int | float) else 0))
        request = {"verb": verb, "arguments": list(arguments), "options": options}
        try:
            self._socket.sendall(json.dumps(request).encode() + b"\n")
            line = self._stream.readline()
        except OSError:
            line = b""
        if not line:
            raise EnvironmentFault("The workbench went away.", self._how_to_start())
        answer: dict[str, Any] = json.loads(line)
        if not answer.get("ok"):
            raise EnvironmentFault(str(answer.get("error")), str(answer.get("remedy", "")))
        return answer

    def close(self) -> None:
        """Hang up."""
        self._stream.close()
        self._socket.close()

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hang up."""
        self.close()

    def _how_to_start(self) -> str:
        return f"Start one: guichet workbench --state {self._state}"
