"""Child processes: started, spoken to in lines, ended with their parent.

Rules:
- The kernel ends a child when the supervisor dies (PR_SET_PDEATHSIG), however that happens.
- What a child writes is a JSON object a line; anything else is counted and never looked at, for it may be personal.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import json
import os
import signal
from typing import TYPE_CHECKING, Any

from kiosk.agent.log import logger

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PR_SET_PDEATHSIG = 1
LONGEST_LINE = 1 << 16
_prctl = ctypes.CDLL(None, use_errno=True).prctl


def _die_with(parent: int, number: signal.Signals) -> Callable[[], None]:
    def prepare() -> None:
        _prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)
        if os.getppid() != parent:  # it died between fork and prctl
            os._exit(1)

    return prepare


class Child:
    """One process; `on_line` gets each object it writes, `on_exit` its exit code (negative: the signal)."""

    def __init__(
        self, name: str, process: asyncio.subprocess.Process, on_line: Callable[[dict[str, Any]], None] | None
    ) -> None:
        self.name = name
        self._process = process
        self._on_line = on_line
        self.pid = process.pid

    @classmethod
    async def start(
        cls,
        name: str,
        command: Sequence[str],
        *,
        on_line: Callable[[Child, dict[str, Any]], None] | None,
        on_exit: Callable[[Child, int], None],
    ) -> Child:
        """Start `command`. Without `on_line` the child has no pipes."""
        pipe = asyncio.subprocess.PIPE if on_line else asyncio.subprocess.DEVNULL
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=pipe,
            stdout=pipe if on_line else None,
            limit=LONGEST_LINE,
            start_new_session=True,  # Ctrl-C is for the supervisor, which ends its children in order
            preexec_fn=_die_with(os.getpid(), signal.SIGTERM),
        )
        child = cls(name, process, None)
        if on_line is not None:
            child._on_line = lambda line: on_line(child, line)
        child._task = asyncio.get_running_loop().create_task(child._attend(on_exit))
        return child

    _task: asyncio.Task[None]

    @property
    def running(self) -> bool:
        """Has it not ended yet."""
        return self._process.returncode is None

    def say(self, message: dict[str, Any]) -> None:
        """Write one line to the child; one that does not read any more is noticed by its exit."""
        stdin = self._process.stdin
        if stdin is not None and not stdin.is_closing():
            stdin.write(json.dumps(message).encode() + b"\n")

    def signal(self, number: signal.Signals) -> None:
        """Send a signal, if it still runs."""
        if self.running:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)

    async def end(self, seconds: float) -> None:
        """Ask it to end; kill it after `seconds`."""
        self.signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(seconds):
                await self._process.wait()
        except TimeoutError:
            self.signal(signal.SIGKILL)
            await self._process.wait()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _attend(self, on_exit: Callable[[Child, int], None]) -> None:
        if self._process.stdout is not None:
            await self._read(self._process.stdout)
        code = await self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()
            with contextlib.suppress(OSError):
                await self._process.stdin.wait_closed()
        on_exit(self, code)

    async def _read(self, stdout: asyncio.StreamReader) -> None:
        noise = 0
        while True:
            try:
                line = await stdout.readline()
            except ValueError:  # longer than any line of the protocol
                noise += 1
                continue
            if not line:
                break
            try:
                message = json.loads(line)
            except ValueError:
                message = None
            if isinstance(message, dict) and self._on_line is not None:
                self._on_line(message)
            else:
                noise += 1
        if noise:
            logger().warning("lines_not_understood", process=self.name, pid=self.pid, count=noise)
