"""Looks for what a visit must not leave: in the memory of every process of the terminal, on its disk, in its logs.

A process that cannot be read is an error, never "nothing found"; each scan first finds what must be there (the process'
own command line, which every process has on its stack). Processes close their memory to their own user, so root it is.

The simulators, the back office and the demonstration's own output hold a visitor's data by nature and are left out.
"""

from __future__ import annotations

import re
from pathlib import Path


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
    hits, seen, unread = [], False, []
    try:
        maps = Path(f"/proc/{pid}/maps").read_text("utf-8")
        memory = Path(f"/proc/{pid}/mem").open("rb", buffering=0)  # noqa: SIM115 - closed below, opened where it may fail
    except OSError as error:
        raise NotLooked(f"process {pid} cannot be read ({error.strerror}): run this as root") from error
    with memory:
        for line in maps.splitlines():
            fields = line.split()
            if not fields[1].startswith("rw"):  # what cannot be written cannot have been written with a visitor's data
                continue
            start, end = (int(x, 16) for x in fields[0].split("-"))
            found = _scan_region(memory, start, end, [*wanted, control])
            if found is None:
                unread.append(line)
                continue
            seen = seen or control in found
            hits += [f"{pid} {line[:60]}: {needle!r}" for needle in found if needle in wanted]
    gone = [line for line in unread if not line.rstrip().endswith(UNREADABLE) and line in _maps_now(pid)]
    if gone:
        raise NotLooked(f"process {pid}: these parts of its memory cannot be read: {gone}")
    if not seen:
        raise NotLooked(f"process {pid}: its own command line was not found in its memory, so nothing would have been")
    return hits


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


def _scan_region(memory, start: int, end: int, wanted: list[bytes]) -> list[bytes] | None:
    """What of the wanted stands there; None when it cannot be read."""
    hits, tail = [], b""
    while start < end:
        try:
            memory.seek(start)
            read = memory.read(min(CHUNK, end - start))
        except (OSError, ValueError, OverflowError):
            return None
        if not read:
            return None
        start += len(read)
        data = tail + read
        hits += [needle for needle in wanted if needle in data and needle not in hits]
        tail = data[-OVERLAP:]
    return hits


def on_disk(folders: list[Path], wanted: list[bytes]) -> list[str]:
    """Files that hold the wanted bytes. Raises `NotLooked` for a place that is not there."""
    hits = []
    for folder in folders:
        if not folder.exists():
            raise NotLooked(f"there is no {folder}")
        for path in [folder] if folder.is_file() else folder.rglob("*"):
            if path.is_file() and not path.is_symlink():
                data = path.read_bytes()
                hits += [f"{path}: {needle!r}" for needle in wanted if needle in data]
    return hits


def terminal_processes(running: dict, pcscd_log: Path) -> list[int]:
    """Supervisor, agent, the visits that live now, and pcscd. Raises `NotLooked` when one is missing."""
    names = ("supervisor", "agent", "visit", "successor")
    if missing := [name for name in names if not running.get(name)]:
        raise NotLooked(f"no {', no '.join(missing)} to look at")
    pids = [int(running[name]) for name in names]
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            command = (entry / "cmdline").read_bytes() if (entry / "cmdline").exists() else b""
            if re.search(rb"pcscd\x00", command) and str(pcscd_log.parent).encode() in command:
                pids.append(int(entry.name))
    if len(pids) == len(names):
        raise NotLooked("no pcscd to look at")
    return pids
