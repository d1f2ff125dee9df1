"""From the bytes of an answer to committed rows: the half of the sync that runs on the disk's thread.

Rules:
- Rows are committed at marks and only up to a mark; what follows the last one is dropped.
- Whatever the bytes or the disk do comes back as a value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kiosk.agent.sync import Progress, progress
from kiosk.wire.feed import FrameSplitter
from kiosk.wire.problem import Problem
from offline_cache.database import DatabaseFault

if TYPE_CHECKING:
    from kiosk.agent.own_thread import Flow
    from kiosk.agent.sync import Into
    from kiosk.system import Clock
    from kiosk.wire.feed import Mark
    from offline_cache.cache import Cache


@dataclass(frozen=True, slots=True)
class Written:
    """What became of an answer: committed up to `mark` (None: nothing was), whole or not, and what was wrong."""

    mark: Mark | None
    whole: bool
    fault: DatabaseFault | None = None
    problem: Problem | None = None


class FeedIntake:
    """Writes answers, and knows how far a full copy has come (read on the loop's thread, written on the disk's)."""

    def __init__(self, cache: Cache, clock: Clock) -> None:
        self._cache = cache
        self._clock = clock
        self._people = 0
        self._bytes = 0
        self._mark: Mark | None = None
        self._began = 0.0

    def begin(self, people: int) -> None:
        """Count from here on: a draft with so many people in it already."""
        self._people, self._bytes, self._mark = people, 0, None
        self._began = self._clock.monotonic()

    def write(self, into: Into, flow: Flow) -> Written:
        """Take the bytes of one answer until they end."""
        splitter = FrameSplitter()
        now = int(self._clock.now().timestamp())
        writer = None
        try:
            writer = self._cache.writer(into)
            for data in flow:
                frames = splitter.feed(data)
                if isinstance(frames, Problem):
                    writer.commit(now)
                    return Written(writer.mark, whole=False, problem=frames)
                before = writer.people
                for frame in frames:
                    writer.take(frame, now)
                if into == "draft":
                    self._people += writer.people - before
                    self._bytes += len(data)
                    self._mark = writer.mark or self._mark
            writer.commit(now)
        except DatabaseFault as fault:
            return Written(None, whole=False, fault=fault)
        finally:
            flow.stop()
            if writer is not None:
                writer.abandon()
        return Written(writer.mark, whole=writer.mark is not None and not splitter.pending and not writer.unmarked)

    def progress(self) -> Progress:
        """How far the draft has come, and how long it may take."""
        mark = self._mark
        return progress(
            people=self._people, taken_bytes=self._bytes, seconds=self._clock.monotonic() - self._began,
            people_left=mark.people_left if mark else 0, bytes_left=mark.bytes_left if mark else 0,
        )  # fmt: skip
