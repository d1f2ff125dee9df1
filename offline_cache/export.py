"""Takes everything out of a journal that can still be read, entry by entry, for the desk to take in by hand.

Rules:
- The encrypted files are copied first, as they are: whatever can be tried later can be tried on the copy.
- One unreadable page costs the entries on it, not the rest (`salvage`). What is not as it was written counts as unreadable:
  nobody can open it, and in its place the whole one may still be found.
- An entry is written as it travels to the back office, sealed as it is; nothing is opened.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kiosk.domain.errors import EnvironmentFault
from offline_cache.head_mark import mark_path, read_mark
from offline_cache.inspection import is_as_written
from offline_cache.salvage import PROBE_BEYOND, Salvage

if TYPE_CHECKING:
    from pathlib import Path

    from offline_cache.entries import Entry

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Exported:
    """What came out: how many entries (how many of them never delivered), which numbers could not be read, what was wrong."""

    entries: int
    waiting: int
    unreadable: tuple[int, ...]
    flaws: tuple[str, ...]


def wire_form(entry: Entry, epoch: int) -> dict[str, Any]:
    """Return the entry as it travels, with how its delivery stood."""
    return {
        "id": entry.id,
        "kind": entry.kind,
        "epoch": epoch,
        "seq": entry.seq,
        "schema": entry.schema,
        "sealing_key_id": entry.sealing_key_id,
        "previous_hash": entry.previous_hash.hex(),
        "hash": entry.hash.hex(),
        "recorded_at": entry.recorded_at,
        "body": entry.body.decode("ascii", "backslashreplace"),
        "delivery": {"state": entry.state, "decision": entry.decision, "detail": entry.detail},
    }


def export(journal: Path, key: bytes, target: Path) -> Exported:
    """Write `target`/entries.jsonl and `target`/raw/. Raises `EnvironmentFault` when the target is not usable."""
    raw = target / "raw"
    try:
        raw.mkdir(parents=True)
        found = [journal.with_name(journal.name + tail) for tail in ("", "-wal")]
        for name in [*found, mark_path(journal)]:
            if name.exists():
                shutil.copy2(name, raw / name.name)
        if not (raw / journal.name).exists():
            raise EnvironmentFault(f"There is no journal {journal}.", "Give --state the folder of this terminal.")
        copy = target / ".reading"
        shutil.copytree(raw, copy)
        try:
            return _read_out(copy / journal.name, key, target / "entries.jsonl")
        finally:
            shutil.rmtree(copy, ignore_errors=True)
    except FileExistsError as error:
        raise EnvironmentFault(f"{target} holds an export already.", "Name another folder with --to.") from error
    except OSError as error:
        raise EnvironmentFault(
            f"{target} cannot be written ({error.strerror}).", "Name another folder with --to."
        ) from error


def _read_out(journal: Path, key: bytes, out: Path) -> Exported:
    mark = read_mark(mark_path(journal))
    reader = Salvage(journal, key)
    epoch, terminal = reader.owner()
    unreadable: list[int] = []
    waiting = 0
    count, last, seq = 0, max(mark.seq if mark else 0, reader.last()), 0
    with out.open("w", encoding="utf-8") as file:
        epoch = epoch or (mark.epoch if mark else 0)
        header = {"format": FORMAT, "terminal": terminal, "epoch": epoch}
        file.write(json.dumps(header) + "\n")
        while seq < last or (last == 0 and seq < PROBE_BEYOND):
            seq += 1
            entry = reader.entry(seq)
            if entry is None or (terminal and not is_as_written(entry, terminal, epoch)):
                unreadable += [seq] if seq <= last else []
                continue
            count += 1
            waiting += entry.state == "waiting"
            file.write(json.dumps(wire_form(entry, epoch)) + "\n")
    flaws = reader.flaws(mark)
    reader.close()
    return Exported(count, waiting, tuple(unreadable), flaws)
