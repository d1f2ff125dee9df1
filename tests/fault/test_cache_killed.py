"""The agent dies while it fills or follows: what is there is a state of the feed at its cursor, and the rest comes again."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from fakes.feeds import Feed, upsert
from fakes.journals import StillClock
from fakes.verb import ROOT

from kiosk.terminal_folder import TerminalFolder
from offline_cache.cache import Cache
from offline_cache.cache_database import Lent
from offline_cache.cache_key import CacheKeyFile

if TYPE_CHECKING:
    from pathlib import Path

PEOPLE = 3000
CHILD = """
import sys
sys.path[:0] = [{root!r}, {root!r} + "/tests"]
from test_cache_killed import feed_of, opened
from kiosk.wire.feed import FrameSplitter, Mark
from pathlib import Path
cache, found = opened(Path({state!r}))
into = "live" if {live} else "draft"
cursor = (found.live if into == "live" else found.draft).cursor
writer = cache.writer(into)
writer._commit_bytes = 20_000
frames = FrameSplitter().feed(feed_of().page(cursor, 10**6))
print("going", flush=True)
for frame in frames:
    writer.take(frame, 1)
    if isinstance(frame, Mark):
        print("mark", flush=True)
writer.commit(1)
print("done", flush=True)
"""


def feed_of() -> Feed:
    feed = Feed(every=16)
    for n in range(PEOPLE):
        feed.number += 1
        feed.log.append((feed.number, upsert(n, length=900)))
    return feed


def opened(state: Path, boot: str = "b"):
    folder = TerminalFolder(state)
    cache = Cache(
        folder, CacheKeyFile(folder, random.Random(3).randbytes), StillClock(), lent=Lent("T", boot),
        lease=timedelta(days=30_000), reserve_bytes=1,
    )  # fmt: skip
    return cache, cache.open()


@pytest.mark.parametrize("live", [False, True], ids=["filling", "following"])
def test_killed_at_any_moment_the_rows_fit_the_cursor(tmp_path: Path, live: bool) -> None:
    TerminalFolder(tmp_path).create()
    cache, _ = opened(tmp_path)
    cache.begin_draft()
    if live:
        cache.publish()
    cache.close()
    chance, seen = random.Random(8), set()
    for _ in range(15):
        code = CHILD.format(root=str(ROOT), state=str(tmp_path), live=live)
        child = subprocess.Popen(
            [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=ROOT / "tests" / "fault"
        )
        assert child.stdout is not None
        assert child.stdout.readline() == "going\n"
        for _ in range(chance.randrange(20)):  # as far as it has come, and a moment more
            child.stdout.readline()
        try:
            child.wait(chance.uniform(0.0, 0.004))
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGKILL)
            child.wait()
        child.stdout.close()
        cache, found = opened(tmp_path)
        assert found.thrown_away == ()
        reached = found.live if live else found.draft
        assert reached is not None
        assert reached.people == int(reached.cursor.partition(":")[2] or 0)
        seen.add(reached.people)
        cache.close()
        if reached.people == PEOPLE:
            break
    assert len(seen) > 2, "nothing was ever under way when it was killed"
