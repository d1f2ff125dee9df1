"""A person at the terminal, for scripts and tests: looks at the accessibility tree, points, and takes pictures.

Rules:
- Everything goes the way a person's would: through the X server and the accessibility bus, never into the program.
- A request that cannot be met raises `NotSeen`, which names what was on the screen instead.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import time
from pathlib import Path
from typing import Any

EYES = Path(__file__).with_name("eyes.py")
SYSTEM_PYTHON = "/usr/bin/python3"
STRIKE_SECONDS = 0.6
KEY_SECONDS = 0.2


class NotSeen(AssertionError):  # noqa: N818 - reads as a sentence in a script
    """What should have been on the screen was not."""


class Hands:
    """Eyes and a pointer on one display; `pid` is the visit process that is looked at."""

    def __init__(self, environment: dict[str, str] | None = None) -> None:
        self.pid = 0
        self._last, self._last_at = "", 0.0
        self._display = (environment or dict(os.environ)).get("DISPLAY", "")
        self._eyes = subprocess.Popen(  # noqa: S603
            [SYSTEM_PYTHON, str(EYES)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )

    def _ask(self, do: str, **fields: Any) -> dict[str, Any]:
        assert self._eyes.stdin is not None  # noqa: S101
        assert self._eyes.stdout is not None  # noqa: S101
        self._eyes.stdin.write(json.dumps({"do": do, "pid": self.pid, **fields}) + "\n")
        self._eyes.stdin.flush()
        line = self._eyes.stdout.readline()
        if not line:
            raise NotSeen("the accessibility bus went away")
        reply: dict[str, Any] = json.loads(line)
        if not reply.get("ok"):
            raise NotSeen(reply.get("error", "not seen"))
        return reply

    def see(self, control: str, seconds: float = 10) -> dict[str, Any]:
        """Wait until a control shows; its name, text and place."""
        return self._ask("wait", id=control, seconds=seconds)

    def see_gone(self, control: str, seconds: float = 10) -> None:
        """Wait until a control shows no more."""
        self._ask("gone", id=control, seconds=seconds)

    def touch(self, control: str, seconds: float = 10) -> None:
        """Point at the middle of a control and press.

        The kiosk takes a second strike on one control within half a second for a trembling hand, and one on a key that
        the finger has hardly left; so no hand of ours strikes that fast.
        """
        if control == self._last:
            pause = KEY_SECONDS if control.startswith("key-") else STRIKE_SECONDS
            select.select([], [], [], max(0.0, self._last_at + pause - time.monotonic()))
        self._ask("click", id=control, seconds=seconds)
        self._last, self._last_at = control, time.monotonic()

    def everything(self) -> list[dict[str, Any]]:
        """Every control that shows."""
        nodes: list[dict[str, Any]] = self._ask("list")["nodes"]
        return nodes

    def picture(self, path: Path) -> None:
        """Save the screen as a PNG."""
        from PIL import ImageGrab  # noqa: PLC0415 - only scripts need it

        ImageGrab.grab(xdisplay=self._display).save(path)

    def close(self) -> None:
        """End the eyes."""
        if self._eyes.stdin:
            self._eyes.stdin.close()
        self._eyes.terminate()
        self._eyes.wait(5)
        if self._eyes.stdout:
            self._eyes.stdout.close()
