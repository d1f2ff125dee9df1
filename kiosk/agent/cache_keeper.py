"""Keeps the cache like the back office's feed, and hands sealed records out: the worker around `sync`.

Rules:
- Independent of delivery: neither waits for the other, and nothing that happens here touches the journal.
- Bytes flow from the thread that reads the line to the one thread that writes the file; commits at marks.
- Files change places while no reader is open; a request that comes then waits the few milliseconds.
- The lease is looked at before every step and at every request: what has lapsed is not handed out, then destroyed.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, assert_never

import msgspec

from kiosk.agent import sync
from kiosk.agent.feed_intake import FeedIntake, Written
from kiosk.agent.log import logger
from kiosk.agent.own_thread import Flow, OwnThread
from kiosk.agent.sync import Sync, after, next_step
from kiosk.back_office_client import FeedEnd, NotModified, Refused
from kiosk.domain.errors import EnvironmentFault
from kiosk.wire.timestamps import timestamp
from offline_cache.cache import Found
from offline_cache.database import DatabaseFault, FaultKind
from offline_cache.lease import RENEW_EVERY, age_seconds, has_lapsed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kiosk.agent.backoff import Backoff
    from kiosk.agent.line import Line
    from kiosk.back_office_client import BackOfficeClient, Failure
    from kiosk.system import Clock, Ids
    from offline_cache.cache import Cache, CacheReader
    from offline_cache.records import CachedRecord

GONE = 410
SWEEP_EVERY = timedelta(hours=1)
LOOK_SECONDS = 30.0
"""While the line is down: how often the lease is looked at."""
TELL_SECONDS = 2.0
Absent = Literal["not_cached", "no_cache", "lapsed"]


@dataclass(frozen=True, slots=True)
class Settings:
    """`lease` as the configuration says; `report` is the file that `guichet cache status` reads."""

    lease: timedelta
    page_people: int
    poll_seconds: float
    gap_seconds: float
    report: Path


class CacheKeeper:
    """The loop, and what visits, heartbeat and technician are told. Lives on the loop's thread."""

    def __init__(
        self, cache: Cache, reader: CacheReader, line: Line, *, clock: Clock, ids: Ids, backoff: Backoff, settings: Settings
    ) -> None:  # fmt: skip
        self._cache, self._reader, self._line = cache, reader, line
        self._clock, self._ids, self._backoff, self._settings = clock, ids, backoff, settings
        self._disk = OwnThread("cache")
        self._files = asyncio.Lock()
        self._woken = asyncio.Event()
        self._state = Sync()
        self._flow: Flow | None = None
        self._watchers: list[Callable[[], None]] = []
        self._synced_at: datetime | None = None
        self._renewed_at: datetime | None = None
        self._swept_at: datetime | None = None
        self._suspect = False
        self._problem = ""
        self._intake = FeedIntake(cache, clock)
        self.people = 0
        self.hits = self.misses = 0

    # --- what others are told --------------------------------------------------------------------------

    @property
    def status(self) -> Literal["ok", "filling", "empty", "lapsed"]:
        """Whether records are here, and why not."""
        return self._state.status

    @property
    def age_seconds(self) -> int | None:
        """Seconds since the back office last said that these are the newest; None while none are here."""
        return None if self._synced_at is None else age_seconds(self._synced_at, self._clock.now())

    def on_change(self, watcher: Callable[[], None]) -> None:
        """Call `watcher` whenever the status changes."""
        self._watchers.append(watcher)

    def report(self) -> dict[str, Any]:
        """States and counts for heartbeat and technician; nothing about who."""
        told: dict[str, Any] = {
            "status": self.status, "people": self.people, "age_seconds": self.age_seconds, "hits": self.hits,
            "misses": self.misses, "problem": self._problem,
        }  # fmt: skip
        if self._state.draft is not None:
            far = self._intake.progress()
            told["filling"] = {
                "people": far.people, "bytes": far.bytes, "people_left": far.people_left, "bytes_left": far.bytes_left,
                "seconds_left": far.seconds_left,
            }  # fmt: skip
        return told

    async def find(self, fingerprint: bytes) -> tuple[CachedRecord, datetime] | Absent:
        """Find the record that a card opens, and when the back office last confirmed it."""
        async with self._files:
            synced_at = self._synced_at
            if not self._reader.is_open or synced_at is None:
                return "lapsed" if self.status == "lapsed" else "no_cache"
            if has_lapsed(synced_at, self._clock.now(), self._settings.lease):
                self._woken.set()
                return "lapsed"
            try:
                found = self._reader.find(fingerprint)
            except DatabaseFault as fault:
                logger().error("cache_unreadable", detail=str(fault))
                self._suspect = self._suspect or fault.kind is FaultKind.CORRUPT
                self._woken.set()
                return "no_cache"
        self.hits, self.misses = self.hits + (found is not None), self.misses + (found is None)
        return "not_cached" if found is None else (found, synced_at)

    # --- the loop --------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Keep it like the feed, for ever."""
        self._line.on_return(self._woken.set)
        await self._open()
        while True:
            await self._look_after()
            if not self._line.online:
                await self._rest(LOOK_SECONDS)
                continue
            step = next_step(self._state)
            match step:
                case sync.Pause():
                    if step.failures == 1:
                        self._backoff.reset()
                    await self._rest(self._backoff.next_seconds())
                    self._happened(sync.Rested())
                case sync.BeginDraft():
                    await self._begin_draft()
                case sync.Fetch():
                    await self._fetch(step)
                case sync.Publish():
                    await self._publish()
                case _:
                    assert_never(step)

    def close(self) -> None:
        """End the work, close the files."""
        if self._flow is not None:
            self._flow.stop()
        self._reader.close()
        self._disk.close(self._cache.close)

    def _happened(self, event: sync.Event) -> None:
        before = self.status
        self._state = after(self._state, event)
        self._tell()
        if self.status != before:
            logger().info("cache", cache=self.status, people=self.people)
            for watcher in self._watchers:
                watcher()

    async def _rest(self, seconds: float) -> None:
        self._woken.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()

    async def _open(self) -> None:
        async with self._files:
            self._reader.close()
            found: Found = await self._disk.do(self._cache.open)
            self._take_stock(found)
        for flaw in found.thrown_away:
            logger().warning("cache_thrown_away", detail=flaw)
        live = None if found.live is None else found.live.cursor
        self._intake.begin(0 if found.draft is None else found.draft.people)
        self._happened(sync.Opened(live, None if found.draft is None else found.draft.cursor, found.lapsed))

    def _take_stock(self, found: Found) -> None:
        self._suspect = False
        if found.live is None:
            self.people, self._synced_at = 0, None
            return
        self.people = found.live.people
        self._synced_at = self._renewed_at = datetime.fromtimestamp(found.live.synced_at, UTC)
        with contextlib.suppress(DatabaseFault):
            self._reader.open(self._cache.keys)

    async def _look_after(self) -> None:
        """Lease, keys that somebody destroyed, a file that was found damaged, what has expired."""
        now = self._clock.now()
        if self._synced_at is not None and has_lapsed(self._synced_at, now, self._settings.lease):
            logger().warning("cache_lapsed", people=self.people)
            await self._without_reader(self._cache.lapse)
            self._happened(sync.Lapsed())
        elif await self._disk.do(self._cache.keys_are_gone):
            logger().warning("cache_forgotten", people=self.people)
            await self._open()
        elif self._suspect:
            await self._damaged("live")
        elif self._synced_at is not None and (self._swept_at is None or now - self._swept_at >= SWEEP_EVERY):
            self._swept_at = now
            with contextlib.suppress(DatabaseFault):
                gone = await self._disk.do(self._cache.sweep)
                self.people -= gone
                if gone:
                    logger().info("cache_swept", count=gone, people=self.people)

    async def _without_reader(self, job: Callable[[], None]) -> None:
        async with self._files:
            self._reader.close()
            self.people, self._synced_at, self._suspect = 0, None, False
            await self._disk.do(job)

    async def _begin_draft(self) -> None:
        try:
            await self._disk.do(self._cache.begin_draft)
        except (DatabaseFault, EnvironmentFault) as fault:
            self._note(fault.detail if isinstance(fault, DatabaseFault) else fault.what)
            self._happened(sync.DiskFull("draft"))
            return
        self._intake.begin(0)
        self._happened(sync.DraftBegun())

    async def _publish(self) -> None:
        try:
            async with self._files:
                self._reader.close()
                await self._disk.do(self._cache.publish)
                reached = await self._disk.do(lambda: self._cache.reached("live"))
                if reached is not None:
                    self._take_stock(Found(reached, None, lapsed=False))
        except DatabaseFault as fault:
            self._note(fault.detail)
            await self._open()
            self._happened(sync.Failed())
            return
        logger().info("cache_whole", people=self.people)
        self._happened(sync.Published())

    # --- one answer of the feed ------------------------------------------------------------------------

    async def _fetch(self, step: sync.Fetch) -> None:
        settings = self._settings
        if step.wait:
            await asyncio.sleep(settings.gap_seconds * int.from_bytes(self._ids.token(4), "big") / 2**32)
        flow = self._flow = Flow()

        def read(client: BackOfficeClient) -> FeedEnd | NotModified | Failure:
            try:
                return client.feed(
                    step.cursor, limit=settings.page_people, wait_seconds=settings.poll_seconds if step.wait else 0,
                    take=flow.put,
                )  # fmt: skip
            finally:
                flow.put(None)

        writing = asyncio.ensure_future(self._disk.do(lambda: self._intake.write(step.into, flow)))
        try:
            calling: asyncio.Task[FeedEnd | NotModified | Failure] = asyncio.ensure_future(self._line.call(read))
            while not calling.done():
                await asyncio.wait({calling}, timeout=TELL_SECONDS)
                if step.into == "draft":
                    self._tell_progress()
            outcome = calling.result()
            written = await writing
        finally:
            flow.stop()
        await self._conclude(step, outcome, written)

    async def _conclude(self, step: sync.Fetch, outcome: FeedEnd | NotModified | Failure, written: Written) -> None:
        """Tell the machine what the disk, then what the line had to say."""
        if written.fault is not None:
            await self._disk_said(step.into, written.fault)
        elif isinstance(outcome, NotModified):
            await self._confirmed(renew=True)
            self._happened(sync.NothingNew())
        elif isinstance(outcome, Refused) and outcome.status == GONE:
            logger().warning("feed_gone", code=outcome.code, cache=step.into)
            if step.into == "draft":
                await self._disk.do(self._cache.drop_draft)
            self._happened(sync.Gone(step.into))
        elif written.mark is None:
            self._note(written.problem or outcome)
            self._happened(sync.Failed())
        elif not isinstance(outcome, FeedEnd) or not written.whole:
            self._note(written.problem or outcome)
            self._happened(sync.Cut(step.into, written.mark.cursor))
        else:
            self._problem = ""
            if step.into == "live" and not written.mark.more:
                await self._confirmed(renew=False)
            self._happened(sync.Received(step.into, written.mark.cursor, written.mark.more))
            if step.into == "live" and not written.mark.more:
                with contextlib.suppress(DatabaseFault):
                    await self._disk.do(self._cache.tidy)

    async def _confirmed(self, *, renew: bool) -> None:
        """The back office said that this is the newest: the lease begins anew (written at times, if nothing else is)."""
        now = self._clock.now()
        self._synced_at = now
        self._problem = ""
        if not renew:
            reached = await self._disk.do(lambda: self._cache.reached("live"))
            self.people = self.people if reached is None else reached.people
            self._renewed_at = now
        elif self._renewed_at is None or now - self._renewed_at >= RENEW_EVERY:
            self._renewed_at = now
            with contextlib.suppress(DatabaseFault):
                await self._disk.do(self._cache.renew)

    async def _disk_said(self, into: sync.Into, fault: DatabaseFault) -> None:
        self._note(fault.detail)
        match fault.kind:
            case FaultKind.FULL:
                if into == "draft":
                    await self._disk.do(self._cache.drop_draft)
                self._happened(sync.DiskFull(into))
            case FaultKind.CORRUPT:
                await self._damaged(into)
            case FaultKind.UNUSABLE | FaultKind.CONSTRAINT:
                await self._open()
                self._happened(sync.Failed())
            case _:
                assert_never(fault.kind)

    async def _damaged(self, into: sync.Into) -> None:
        logger().error("cache_damaged", cache=into)
        if into == "live":
            await self._without_reader(self._cache.drop_live)
        else:
            await self._disk.do(self._cache.drop_draft)
        self._happened(sync.Damaged(into))

    # --- telling ---------------------------------------------------------------------------------------

    def _note(self, why: object) -> None:
        self._problem = str(getattr(why, "code", "") or getattr(why, "detail", "") or why)[:200]
        logger().warning("cache_not_synced", reason=type(why).__name__, detail=self._problem)

    def _tell_progress(self) -> None:
        far = self._intake.progress()
        logger().info(
            "cache_filling", people=far.people, bytes=far.bytes, people_left=far.people_left, bytes_left=far.bytes_left,
            seconds_left=far.seconds_left,
        )  # fmt: skip
        self._tell()

    def _tell(self) -> None:
        """Write the report for the technician: whole or not at all, not worth a sync."""
        at = timestamp(self._clock.now())
        draft = self._settings.report.with_name(f".{self._settings.report.name}.new")
        with contextlib.suppress(OSError):
            draft.write_bytes(msgspec.json.encode(self.report() | {"at": at}))
            draft.replace(self._settings.report)


__all__ = ["CacheKeeper", "Settings"]
