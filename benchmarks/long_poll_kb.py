"""`long_poll_kb`: what the server's process keeps for each terminal whose question for changes waits, TLS and all.

The terminals have everything and ask `GET /v1/feed` with `wait`; the memory (VmRSS) of the server before the first and with
the last of them waiting, divided by their number. An answer that comes early is not counted away: the figure fails.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import TYPE_CHECKING

from back_office import feed
from back_office.feed_route import LONGEST_WAIT_SECONDS
from benchmarks.figures import limited
from benchmarks.served_office import OFFICE
from benchmarks.wire_calls import Caller
from benchmarks.world import memory_mb
from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    from benchmarks.figures import Figure
    from benchmarks.served_office import ServedOffice
    from benchmarks.wire_calls import Connection

LIMIT_KB = 40.0
POLLS = 5_000
WARM_UP = 100
AT_ONCE = 64
QUIET_SECONDS = 1.0


def figure(office: ServedOffice, polls: int = POLLS) -> Figure:
    """The row."""
    return asyncio.run(_measure(office, polls))


async def _measure(office: ServedOffice, polls: int) -> Figure:
    page = feed.read(office.it.database, OFFICE, "", 1)
    if not isinstance(page, feed.Page) or page.more:
        raise EnvironmentFault("The office has records.", "Measure with one that has none.")
    caller = Caller(office.url, office.root, office.it.clock, office.it.ids)
    pid = office.server.pid
    for one in await _wait_at(caller, office, page.cursor, WARM_UP, 0):
        await one.answer()
        one.close()
    await _quiet(pid)
    before = memory_mb(pid)
    began = time.monotonic()
    waiting = await _wait_at(caller, office, page.cursor, polls, LONGEST_WAIT_SECONDS)
    await _quiet(pid)
    after = memory_mb(pid)
    took = time.monotonic() - began
    answered = sum(not one.silent for one in waiting)
    for one in waiting:
        one.close()
    if answered:
        raise EnvironmentFault(
            f"{answered} of {polls} polls were answered after {took:.0f} s, before all of them waited.", "Ask fewer."
        )
    return limited("long_poll_kb", (after - before) * 1024 / polls, "KB", LIMIT_KB, polls, f"connected in {took:.0f} s")


async def _wait_at(caller: Caller, office: ServedOffice, cursor: str, count: int, seconds: float) -> list[Connection]:
    gate = asyncio.Semaphore(AT_ONCE)

    async def one() -> Connection:
        async with gate:
            made = await caller.connect()
            await made.send(caller.request(office.terminal, "GET", "/v1/feed", f"cursor={cursor}&wait={seconds:g}"))
            return made

    return list(await asyncio.gather(*(one() for _ in range(count))))


async def _quiet(pid: int) -> None:
    """Wait until the server has done what it was asked: for a while it uses next to no processor time."""
    used = _processor_seconds(pid)
    while True:
        await asyncio.sleep(QUIET_SECONDS)
        now = _processor_seconds(pid)
        if now - used < QUIET_SECONDS / 10:
            return
        used = now


def _processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100
