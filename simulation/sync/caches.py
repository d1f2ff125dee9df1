"""The cache of a terminal of the world: the agent's own keeper of it, over the simulated line, in the world's one thread.

Rules:
- What the keeper does on threads of its own is done here when its turn comes: a page is written when it has been read.
- A page that breaks off on the line is written as far as it came, as always.
- A kill closes the files and keeps nothing else; what a kill does to them in the middle is tried elsewhere.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from kiosk.agent import cache_keeper
from kiosk.agent.backoff import Backoff
from kiosk.agent.cache_keeper import CacheKeeper, Settings
from offline_cache.cache import Cache, CacheReader
from offline_cache.cache_database import Lent
from offline_cache.cache_key import CacheKeyFile
from simulation.sync.line import Asked
from simulation.sync.seams import swapped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kiosk.agent.line import Line
    from kiosk.system import Ids
    from kiosk.terminal_folder import TerminalFolder
    from simulation.sync.virtual_time import WorldClock

_T = TypeVar("_T")
LEASE = timedelta(days=7)
POLL_SECONDS, GAP_SECONDS = 45.0, 10.0
RESERVE_BYTES = 1 << 20
PAGE_PEOPLE = 500
_flow: ContextVar[_Flow | None] = ContextVar("flow", default=None)


class _Flow:
    """Bytes on their way from the line to the file; the file takes them when the line has no more."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self.ended = asyncio.Event()
        _flow.set(self)

    def put(self, data: bytes | None) -> bool:
        """Take a part; None is the end (not while the client still waits for its turn: then it is run again)."""
        if data is None:
            if not isinstance(sys.exc_info()[1], Asked):
                self.ended.set()
        else:
            self._parts.append(data)
        return True

    def stop(self) -> None:
        """There will be no more."""
        self.ended.set()

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._parts)


class _Turn:
    """Stands in for the disk's thread: does a job when the page that is being read has been read."""

    def __init__(self, _name: str) -> None:
        pass

    async def do(self, job: Callable[[], _T]) -> _T:
        """Do it."""
        flow = _flow.get()
        if flow is not None:
            await flow.ended.wait()
        return job()

    def close(self, last: Callable[[], None]) -> None:
        """Do the last thing."""
        last()


def keeper(folder: TerminalFolder, owner: str, line: Line, clock: WorldClock, ids: Ids) -> CacheKeeper:
    """Make the keeper of a terminal's cache, as the agent does."""
    cache = Cache(
        folder,
        CacheKeyFile(folder, ids.token),
        clock,
        lent=Lent(owner, "boot"),
        lease=LEASE,
        reserve_bytes=RESERVE_BYTES,
    )
    settings = Settings(LEASE, PAGE_PEOPLE, POLL_SECONDS, GAP_SECONDS, folder.cache_report)
    backoff = Backoff(ids, first_seconds=1.0, most_seconds=120.0)
    return CacheKeeper(
        cache, CacheReader(folder, clock), line, clock=clock, ids=ids, backoff=backoff, settings=settings
    )


@contextmanager
def cached() -> Iterator[None]:
    """Let the caches of this world's terminals be kept in its one thread, while the block runs."""
    with swapped(cache_keeper, OwnThread=_Turn, Flow=_Flow):
        yield
