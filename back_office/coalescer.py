"""Group commit: what several callers want written at the same moment becomes one transaction, and each gets its own answer.

Rules:
- Nobody waits on purpose: a group is whatever came while the one before was being committed.
- An answer is given after the commit, never before. A group that fails is tried again one by one, so that one bad
  batch costs nobody else anything.
- At the end (`close`) everything that was submitted is still done.
"""

from __future__ import annotations

import threading
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_Job = TypeVar("_Job")
_Done = TypeVar("_Done")


class Coalescer(Generic[_Job, _Done]):
    """Gathers jobs; `do` takes a group and answers in its order, `size` says how large a job is."""

    def __init__(
        self,
        do: Callable[[Sequence[_Job]], Sequence[_Done]],
        *,
        workers: int,
        most: int,
        size: Callable[[_Job], int],
    ) -> None:
        self._do = do
        self._most = most
        self._size = size
        self._workers = workers
        self._waiting: deque[tuple[_Job, Future[_Done]]] = deque()
        self._running = 0
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="receive")

    def submit(self, job: _Job) -> Future[_Done]:
        """Have a job done with whatever comes with it; from any thread. Raises RuntimeError after `close`."""
        future: Future[_Done] = Future()
        with self._lock:
            self._waiting.append((job, future))
            start = self._running < self._workers
            if start:
                self._running += 1
        if start:
            try:
                self._pool.submit(self._drain)
            except RuntimeError:
                with self._lock:
                    self._running -= 1
                raise
        return future

    def close(self) -> None:
        """Finish what was submitted."""
        self._pool.shutdown(wait=True)

    def _drain(self) -> None:
        while group := self._next():
            self._settle(group)

    def _next(self) -> list[tuple[_Job, Future[_Done]]]:
        with self._lock:
            group: list[tuple[_Job, Future[_Done]]] = []
            size = 0
            while self._waiting:
                size += self._size(self._waiting[0][0])
                if group and size > self._most:
                    break
                group.append(self._waiting.popleft())
            if not group:
                self._running -= 1
            return group

    def _settle(self, group: list[tuple[_Job, Future[_Done]]]) -> None:
        try:
            done = self._do([job for job, _ in group])
        except Exception as error:  # noqa: BLE001 - handed to whoever waits, or found out one by one
            if len(group) == 1:
                group[0][1].set_exception(error)
                return
            for one in group:
                self._settle([one])
            return
        for (_, future), answer in zip(group, done, strict=True):
            future.set_result(answer)
