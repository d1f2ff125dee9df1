"""Looks for what a visit must not leave: in the memory of every process of the terminal, on its disk, in its logs.

A process that cannot be read is an error, never "nothing found"; each scan first finds what must be there (the process'
own command line, which every process has on its stack). Processes close their memory to their own user, so root it is.

The simulators, the back office and the demonstration's own output hold a visitor's data by nature and are left out.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from bisect import bisect
from contextlib import suppress
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Self

if TYPE_CHECKING:
    from collections.abc import Iterator


class NotLooked(AssertionError):  # noqa: N818 - a test that could not look has failed
    """Nothing can be said about a process: it could not be read."""


CHUNK = 4 << 20
OVERLAP = 256
UNREADABLE = ("[vvar]", "[vsyscall]", "[vvar_vclock]")
"""Pages of the kernel's own."""


def needles(*texts: str) -> list[bytes]:
    """Each text as it may lie in memory: UTF-8, UTF-16 (Qt), Latin-1 where it fits."""
    found = []
    for text in texts:
        found += [text.encode("utf-8"), text.encode("utf-16-le")]
        if text.isascii() is False:
            found.append(text.encode("latin-1", "ignore"))
    return [n for n in dict.fromkeys(found) if len(n) > 5]


def in_memory(pid: int, wanted: list[bytes]) -> list[str]:
    """Where the wanted bytes stand in a process' memory. Raises `NotLooked`."""
    control = _command_line(pid)
    seen, unread, regions = False, [], []
    try:
        maps = Path(f"/proc/{pid}/maps").read_text("utf-8")
        memory = Path(f"/proc/{pid}/mem").open("rb", buffering=0)  # noqa: SIM115 - closed below, opened where it may fail
    except OSError as error:
        raise NotLooked(f"process {pid} cannot be read ({error.strerror}): run this as root") from error
    with memory, Sieve(wanted) as sieve:
        for line in maps.splitlines():
            fields = line.split()
            if not fields[1].startswith("rw"):  # what cannot be written cannot have been written with a visitor's data
                continue
            start, end = (int(x, 16) for x in fields[0].split("-"))
            regions.append((sieve.poured, line))
            tail = b""
            for data in _read(memory, start, end):
                if data is None:
                    unread.append(line)
                    break
                seen = seen or control in tail + data
                tail = data[-OVERLAP:]
                sieve.pour(data)
            sieve.pour(b"\n")  # what lies in two regions is not together
        found = sieve.found()
    hits = [f"{pid} {_at(offset, regions)[:60]}: {needle!r}" for offset, needle in found]
    gone = [line for line in unread if not line.rstrip().endswith(UNREADABLE) and line in _maps_now(pid)]
    if gone:
        raise NotLooked(f"process {pid}: these parts of its memory cannot be read: {gone}")
    if not seen:
        raise NotLooked(f"process {pid}: its own command line was not found in its memory, so nothing would have been")
    return list(dict.fromkeys(hits))


class Sieve:
    """Looks for all wanted bytes in one pass over what is poured in: grep does it in a tenth of a second a process.

    Of wanted bytes that overlap each other only the first is told; one is enough to have found something. Of wanted bytes
    of several lines (a PEM) the longest line is looked for.
    """

    def __init__(self, wanted: list[bytes]) -> None:
        self._wanted = [max(needle.split(b"\n"), key=len) for needle in wanted]
        if not all(self._wanted):
            raise ValueError("nothing is everywhere")
        self.poured = 0

    def __enter__(self) -> Self:
        self._patterns, self._told = tempfile.NamedTemporaryFile(), tempfile.TemporaryFile()
        self._patterns.write(b"".join(needle + b"\n" for needle in self._wanted))
        self._patterns.flush()
        command = ["grep", "--text", "--only-matching", "--byte-offset", "--fixed-strings", "--file", self._patterns.name]
        self._grep = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=self._told, env={**os.environ, "LC_ALL": "C"}, bufsize=0
        )
        return self

    def pour(self, data: bytes) -> None:
        """Give more of what is looked through."""
        assert self._grep.stdin is not None
        rest = memoryview(data)
        while rest:
            rest = rest[self._grep.stdin.write(rest) :]
        self.poured += len(data)

    def found(self) -> list[tuple[int, bytes]]:
        """What was found, and where in what was poured. Raises `NotLooked`."""
        assert self._grep.stdin is not None
        self._grep.stdin.close()
        if self._grep.wait() not in {0, 1}:  # grep(1): 0 found, 1 nothing, 2 an error
            raise NotLooked("grep could not look")
        self._told.seek(0)
        hits = [line.rstrip(b"\n").partition(b":") for line in self._told]
        return [(int(offset), needle) for offset, _, needle in hits]

    def __exit__(self, *_: object) -> None:
        if self._grep.stdin is not None:
            self._grep.stdin.close()
        self._grep.wait()
        self._patterns.close()
        self._told.close()


def _command_line(pid: int) -> bytes:
    try:
        line = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError as error:
        raise NotLooked(f"process {pid} is gone") from error
    if not line:
        raise NotLooked(f"process {pid} has no memory (it has ended)")
    return line[:OVERLAP]


def _maps_now(pid: int) -> str:
    """What it has mapped by now: a region that it gave back meanwhile cannot be read, and need not."""
    try:
        return Path(f"/proc/{pid}/maps").read_text("utf-8")
    except OSError:
        return ""


def _read(memory: BinaryIO, start: int, end: int) -> Iterator[bytes | None]:
    """What stands there, piece by piece; None when it cannot be read."""
    while start < end:
        try:
            memory.seek(start)
            read = memory.read(min(CHUNK, end - start))
        except (OSError, ValueError, OverflowError):
            read = b""
        yield read or None
        if not read:
            return
        start += len(read)


def on_disk(folders: list[Path], wanted: list[bytes]) -> list[str]:
    """Files that hold the wanted bytes. Raises `NotLooked` for a place that is not there."""
    files: list[tuple[int, str]] = []
    with Sieve(wanted) as sieve:
        for folder in folders:
            if not folder.exists():
                raise NotLooked(f"there is no {folder}")
            for path in [folder] if folder.is_file() else folder.rglob("*"):
                if path.is_file() and not path.is_symlink():
                    files.append((sieve.poured, str(path)))
                    sieve.pour(path.read_bytes() + b"\n")
        found = sieve.found()
    return [f"{_at(offset, files)}: {needle!r}" for offset, needle in found]


def _at(offset: int, places: list[tuple[int, str]]) -> str:
    """Which of the places, by where each begins, holds an offset."""
    return places[bisect(places, offset, key=itemgetter(0)) - 1][1]


def terminal_processes(running: dict, pcscd_log: Path) -> list[int]:
    """Supervisor, agent, the visits that live now, and pcscd. Raises `NotLooked` when one is missing."""
    names = ("supervisor", "agent", "visit", "successor")
    if missing := [name for name in names if not running.get(name)]:
        raise NotLooked(f"no {', no '.join(missing)} to look at")
    pids = [int(running[name]) for name in names]
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # another's, that ends while it is looked at
            command = (entry / "cmdline").read_bytes()
            if re.search(rb"pcscd\x00", command) and str(pcscd_log.parent).encode() in command:
                pids.append(int(entry.name))
    if len(pids) == len(names):
        raise NotLooked("no pcscd to look at")
    return pids
