"""The disk is full: nothing is pretended, nothing is lost, and the terminal comes back by itself."""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = """
import os, resource, signal, sys
from pathlib import Path
sys.path[:0] = [{root!r}, {tests!r}]
from fakes.journals import append, entry, open_journal
from offline_cache.entries import JournalStatus, Place, Refusal, Settled

folder = Path(sys.argv[1])
{fill}
journal = open_journal(folder)
assert journal.status is JournalStatus.OK, journal.detail
taken = []
def fill():
    for _ in range(5000):
        new = entry()
        outcome = journal.append(new)
        if outcome is Refusal.DISK_FULL:
            return new
        assert isinstance(outcome, Place), (outcome, journal.detail)
        taken.append(new)
        if len(taken) % 20 == 0:
            journal.tidy()
    raise AssertionError("the disk never became full")
refused = fill()
assert journal.status is JournalStatus.FULL
assert not (folder / "journal.ballast").exists(), "the ballast was not freed"
assert journal.entry(refused.id) is None
assert isinstance(journal.append(taken[0]), Place), "what is there is answered, full or not"
read = journal.waiting(limit=9999, most_bytes=1 << 30)
assert [found.id for found in read] == [new.id for new in taken]
assert journal.settle([Settled(taken[0].id, "received")]), "the ballast leaves room to note deliveries"
assert journal.append(entry()) is Refusal.DISK_FULL
{free}
again = journal.append(refused)
assert isinstance(again, Place), (again, journal.detail)
assert again.seq == len(taken) + 1
assert journal.status is JournalStatus.OK
assert (folder / "journal.ballast").exists()
journal.close()
journal = open_journal(folder)
assert (journal.status, journal.head.seq) == (JournalStatus.OK, len(taken) + 1), journal.detail
print("taken", len(taken))
"""
NAMESPACE = ["unshare", "--user", "--map-root-user", "--mount", "--"]


def _script(tmp_path: Path, *, fill: str, free: str) -> Path:
    script = tmp_path / "full.py"
    script.write_text(SCRIPT.format(root=str(ROOT), tests=str(ROOT / "tests"), fill=fill, free=free))
    return script


def _may_mount() -> bool:
    if shutil.which("unshare") is None:
        return False
    done = subprocess.run([*NAMESPACE, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, check=False)
    return done.returncode == 0


@pytest.mark.skipif(not _may_mount(), reason="this machine lets nobody mount a small disk; the next test asks the same")
def test_a_full_disk_refuses_keeps_reading_and_comes_back(tmp_path: Path) -> None:
    script = _script(
        tmp_path,
        fill="stone = folder / 'stone'; stone.write_bytes(bytes(600_000))",
        free="stone.unlink()",
    )
    small = tmp_path / "small"
    small.mkdir()
    shell = f"mount -t tmpfs -o size=3m none {small} && exec {sys.executable} {script} {small}"
    done = subprocess.run([*NAMESPACE, "sh", "-c", shell], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("taken")


def test_a_file_that_may_not_grow_is_a_full_disk(tmp_path: Path) -> None:
    """RLIMIT_FSIZE gives EFBIG, which SQLite calls an I/O error: a quota looks the same."""
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    script = _script(
        tmp_path,
        fill=f"resource.setrlimit(resource.RLIMIT_FSIZE, (1_300_000, {hard}))",
        free=f"resource.setrlimit(resource.RLIMIT_FSIZE, ({hard}, {hard}))",
    )
    folder = tmp_path / "limited"
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, str(script), str(folder)], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
