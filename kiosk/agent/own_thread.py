"""One thread that does one job after another: what belongs to a thread, such as a database connection, lives there."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

_T = TypeVar("_T")


class OwnThread:
    """A daemon: a process that must stop does not wait for a job that does not end."""

    def __init__(self, name: str) -> None:
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    async def do(self, job: Callable[[], _T]) -> _T:
        """Do `job` after those before it; what it raises is raised here."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[_T] = loop.create_future()

        def finish(result: _T | None, error: BaseException | None) -> None:
            if future.cancelled():
                return
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(result)  # type: ignore[arg-type]

        def run() -> None:
            result, error = None, None
            try:
                result = job()
            except Exception as caught:  # noqa: BLE001 - handed to whoever awaits
                error = caught
            if not loop.is_closed():
                loop.call_soon_threadsafe(finish, result, error)

        self._jobs.put(run)
        return await future

    def close(self, last: Callable[[], None], *, seconds: float = 5.0) -> None:
        """Do `last`, then end; wait for that at most `seconds`."""
        self._jobs.put(last)
        self._jobs.put(None)
        self._thread.join(seconds)

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()


class Flow:
    """Bytes from the thread that reads the line to the thread that writes the file; a slow disk slows the line."""

    def __init__(self, *, most_parts: int = 32) -> None:
        self._parts: queue.Queue[bytes | None] = queue.Queue(most_parts)
        self._stopped = threading.Event()

    def put(self, data: bytes | None) -> bool:
        """Hand bytes on; False when nobody takes any more. None is the end."""
        while not self._stopped.is_set():
            try:
                self._parts.put(data, timeout=0.1)
            except queue.Full:
                continue
            else:
                return True
        return False

    def stop(self) -> None:
        """Take no more; whoever waits for the next part goes on."""
        self._stopped.set()
        with contextlib.suppress(queue.Full):  # then there are parts, and nobody waits
            self._parts.put_nowait(None)

    def __iter__(self) -> Flow:
        return self

    def __next__(self) -> bytes:
        part = self._parts.get()
        if part is None or self._stopped.is_set():
            raise StopIteration
        return part
