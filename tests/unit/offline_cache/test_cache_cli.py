"""`guichet cache`: counts and ages, nothing about who; each refusal in one line."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from fakes.feeds import Feed
from fakes.verb import ROOT, command

from kiosk.system import SystemClock, SystemIds
from kiosk.terminal_folder import TerminalFolder
from kiosk.wire.feed import FrameSplitter
from offline_cache.cache import Cache
from offline_cache.cache_database import Lent
from offline_cache.cache_key import CacheKeyFile

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def state(tmp_path: Path) -> Path:
    folder = TerminalFolder(tmp_path)
    folder.create()
    feed, clock = Feed(), SystemClock()
    soon = int((datetime.now(UTC) - timedelta(hours=1)).timestamp())  # noqa: TID251 - an expiry in the past
    for n in range(5):
        feed.put(n, **({"expires_at": soon} if n < 2 else {}))
    cache = Cache(
        folder, CacheKeyFile(folder, SystemIds().token), clock, lent=Lent("T0007 101", "b"), lease=timedelta(days=7),
        reserve_bytes=1,
    )  # fmt: skip
    cache.open()
    cache.begin_draft()
    writer = cache.writer("draft")
    for frame in FrameSplitter().feed(feed.page("", 100)):
        writer.take(frame, int(clock.now().timestamp()))
    writer.commit(int(clock.now().timestamp()))
    cache.publish()
    cache.close()
    folder.configuration.write_text("[cache]\nlease_days = 3\n")
    return tmp_path


def verb(state: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*command("offline_cache.cli", "cache", *arguments), "--state", str(state)],
        capture_output=True, text=True, cwd=ROOT, check=False,
    )  # fmt: skip


def test_status_counts_and_dates(state: Path) -> None:
    done = verb(state, "status", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["cache"], told["people"], told["cards"]) == ("ok", 5, 5)
    kept = datetime.fromisoformat(told["destroyed_after"]) - datetime.fromisoformat(told["confirmed_at"])
    assert kept == timedelta(days=3)
    assert "people" in verb(state, "status").stdout


def test_an_empty_terminal_has_an_empty_cache(tmp_path: Path) -> None:
    TerminalFolder(tmp_path).create()
    assert json.loads(verb(tmp_path, "status", "--json").stdout)["cache"] == "empty"
    assert verb(tmp_path, "verify").returncode == 0
    assert verb(tmp_path, "sweep").returncode == 0
    assert verb(tmp_path, "forget").returncode == 0


def test_a_filling_and_a_lapse_are_told(tmp_path: Path) -> None:
    folder = TerminalFolder(tmp_path)
    folder.create()
    folder.cache_lapsed.write_text("2026-03-04T12:00:00Z\n")
    assert json.loads(verb(tmp_path, "status", "--json").stdout)["lapsed_since"] == "2026-03-04T12:00:00Z"
    folder.cache_lapsed.unlink()
    folder.cache_draft.write_bytes(b"x")
    far = {"people": 3, "bytes": 9, "people_left": 7, "bytes_left": 21, "seconds_left": 5}
    folder.cache_report.write_text(json.dumps({"filling": far, "at": "now", "problem": "line", "hits": 0, "misses": 0}))
    told = json.loads(verb(tmp_path, "status", "--json").stdout)
    assert (told["cache"], told["filling"], told["last_problem"]) == ("filling", far, "line")


def test_verify_finds_a_flipped_bit(state: Path) -> None:
    assert verb(state, "verify").returncode == 0
    path = TerminalFolder(state).cache
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    done = verb(state, "verify")
    assert done.returncode == 1
    assert "not what was written" in done.stdout


def test_sweep_removes_what_has_expired(state: Path) -> None:
    assert verb(state, "sweep").stdout == "2 expired records removed.\n"
    assert json.loads(verb(state, "status", "--json").stdout)["people"] == 3


def test_forget_destroys_keys_and_files(state: Path) -> None:
    folder = TerminalFolder(state)
    key = folder.cache_key.read_bytes()
    done = verb(state, "forget")
    assert done.returncode == 0
    assert not folder.cache_key.exists()
    assert not folder.cache.exists()
    assert not any(key in path.read_bytes() for path in state.rglob("*") if path.is_file())
    folder.cache.write_bytes(b"left over")
    refused = verb(state, "sweep")
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
