"""Opens envelopes in processes beside this one: in one process one thread at a time opens, however many cores there are.

Rules:
- A process a core; they are started by the first group worth it, and end with us, however we end (`back_office.opener`).
- What a process does not open, because it died or failed, is opened here: nothing is lost by losing one.
- Only transactions travel; what nobody signed is opened faster than it is sent.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING

import structlog

from back_office import logs, opener, opening
from back_office.opening import Opened
from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from concurrent.futures import Future
    from datetime import datetime
    from pathlib import Path

    from back_office.keyring import Keyring
    from back_office.repository.inbox import InboxRow

WORTH_IT = 20
"""So many entries repay the way to another process."""
_TOGETHER = 50
"""In one message: a few hundredths of a second, so that no process waits long for another."""
_STOP_SECONDS = 5.0


class Openers:
    """Processes that open; close it when nothing is opened any more."""

    def __init__(self, state: Path, keyring: Keyring, count: int | None = None) -> None:
        self._state = state
        self._keyring = keyring
        self._threads = ThreadPoolExecutor(count or os.cpu_count() or 2, thread_name_prefix="open")
        self._own = threading.local()
        self._lock = threading.Lock()
        self._started: list[subprocess.Popen[bytes]] = []

    def open(self, rows: Sequence[InboxRow], at: datetime, waived: Iterable[str] = ()) -> Opening:
        """Begin to open entries; `waived` are ids that count however old."""
        old = frozenset(waived)
        parts: list[tuple[Sequence[InboxRow], Future[list[Opened]] | None]] = []
        if len(rows) < WORTH_IT:
            parts.append((rows, None))
        else:
            for start in range(0, len(rows), _TOGETHER):
                part = rows[start : start + _TOGETHER]
                parts.append((part, self._threads.submit(self._beside, part, at, old)))
        return Opening(self._keyring, parts, at, old)

    def close(self) -> None:
        """End the processes."""
        self._threads.shutdown(wait=True, cancel_futures=True)
        with self._lock:
            for process in self._started:
                with suppress(OSError):
                    process.stdin.close()  # type: ignore[union-attr]
            for process in self._started:
                try:
                    process.wait(_STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
                process.stdout.close()  # type: ignore[union-attr]
            self._started.clear()

    def _beside(self, rows: Sequence[InboxRow], at: datetime, old: frozenset[str]) -> list[Opened]:
        """Have the transactions among these opened by the process of this thread, in their order."""
        signed = [row for row in rows if row.kind == opening.TRANSACTION]
        sealed = [opener.Sealed(row.id, row.terminal, row.body, row.id in old) for row in signed]
        answer = self._answer(opener.encode(opener.Asked(at, sealed))) if sealed else b"\x90"
        found = iter(opener.read_found(answer))
        keys = self._keyring.keys()
        return [
            Opened(row, next(found).content()) if row.kind == opening.TRANSACTION else opening.open_entry(row, keys, at)
            for row in rows
        ]

    def _answer(self, question: bytes) -> bytes:
        process: subprocess.Popen[bytes] | None = getattr(self._own, "process", None)
        if process is None:
            process = self._own.process = self._start()
        assert process.stdin is not None  # noqa: S101 - asked for
        assert process.stdout is not None  # noqa: S101
        try:
            opener.send(process.stdin, question)
            answer = opener.receive(process.stdout)
        except OSError:
            answer = None
        if answer is None:
            self._own.process = None
            raise ProcessLookupError("the process that opens ended")
        return answer

    def _start(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(  # noqa: S603 - ourselves
            [sys.executable, "-m", opener.__name__, str(self._state)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        with self._lock:
            self._started.append(process)
        return process


class Opening:
    """Entries that are being opened."""

    def __init__(
        self,
        keyring: Keyring,
        parts: Sequence[tuple[Sequence[InboxRow], Future[list[Opened]] | None]],
        at: datetime,
        old: frozenset[str],
    ) -> None:
        self._keyring = keyring
        self._parts = parts
        self._at = at
        self._old = old

    def result(self) -> list[Opened]:
        """Wait for them; what no other process opened is opened now."""
        return [one for rows, beside in self._parts for one in self._part(rows, beside)]

    def _part(self, rows: Sequence[InboxRow], beside: Future[list[Opened]] | None) -> list[Opened]:
        if beside is not None:
            try:
                return beside.result()
            except EnvironmentFault:
                raise
            except Exception as error:  # noqa: BLE001 - whatever became of that process, its work is done here
                structlog.get_logger().warning("opened_here", count=len(rows), **logs.describe(error))
        return opening.open_entries(rows, self._keyring.keys(), self._at, self._old)
