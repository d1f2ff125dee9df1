"""Looks for what a visit must not leave: in the memory of every process of the terminal, on its disk, in its logs.

The simulators, the back office and the demonstration's own output hold a visitor's data by nature and are left out.
"""

from __future__ import annotations

import re
from pathlib import Path

CHUNK = 4 << 20
OVERLAP = 256


def needles(*texts: str) -> list[bytes]:
    """Each text as it may lie in memory: UTF-8, UTF-16 (Qt), Latin-1 where it fits."""
    found = []
    for text in texts:
        found += [text.encode("utf-8"), text.encode("utf-16-le")]
        if text.isascii() is False:
            found.append(text.encode("latin-1", "ignore"))
    return [n for n in dict.fromkeys(found) if len(n) > 5]


def in_memory(pid: int, wanted: list[bytes]) -> list[str]:
    """Where the wanted bytes stand in a process' memory."""
    hits = []
    try:
        maps = Path(f"/proc/{pid}/maps").read_text("utf-8")
        memory = Path(f"/proc/{pid}/mem").open("rb", buffering=0)  # noqa: SIM115 - closed below, opened where it may fail
    except OSError:
        return []
    with memory:
        for line in maps.splitlines():
            fields = line.split()
            if not fields[1].startswith("rw"):  # what cannot be written cannot have been written with a visitor's data
                continue
            start, end = (int(x, 16) for x in fields[0].split("-"))
            hits += _scan_region(memory, start, end, wanted, f"{pid} {line[:60]}")
    return hits


def _scan_region(memory, start: int, end: int, wanted: list[bytes], where: str) -> list[str]:
    hits, tail = [], b""
    for at in range(start, end, CHUNK):
        try:
            memory.seek(at)
            data = tail + memory.read(min(CHUNK, end - at))
        except (OSError, ValueError, OverflowError):
            return hits
        hits += [f"{where}: {needle!r}" for needle in wanted if needle in data]
        tail = data[-OVERLAP:]
    return hits


def on_disk(folders: list[Path], wanted: list[bytes]) -> list[str]:
    """Files that hold the wanted bytes."""
    hits = []
    for folder in folders:
        for path in [folder] if folder.is_file() else folder.rglob("*"):
            if path.is_file() and not path.is_symlink():
                data = path.read_bytes()
                hits += [f"{path}: {needle!r}" for needle in wanted if needle in data]
    return hits


def terminal_processes(running: dict, pcscd_log: Path) -> list[int]:
    """Supervisor, agent, the visits that live now, and pcscd."""
    pids = [int(running[name]) for name in ("supervisor", "agent", "visit", "successor") if running.get(name)]
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            command = (entry / "cmdline").read_bytes() if (entry / "cmdline").exists() else b""
            if re.search(rb"pcscd\x00", command) and str(pcscd_log.parent).encode() in command:
                pids.append(int(entry.name))
    return pids
