"""Takes everything out of a journal that can still be read, entry by entry, for the desk to take in by hand.

Rules:
- The encrypted files are copied first, as they are: whatever can be tried later can be tried on the copy.
- One unreadable page costs the entries on it, not the rest: after an error the file is opened again and read on.
- An entry is written as it travels to the back office, sealed as it is; nothing is opened.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kiosk.domain.errors import EnvironmentFault
from offline_cache.database import Database, DatabaseFault, open_database
from offline_cache.head_mark import mark_path, read_mark
from offline_cache.inspection import SELECT_ENTRY, entry_of, inspect

if TYPE_CHECKING:
    from pathlib import Path

    from offline_cache.entries import Entry

FORMAT = 1
PROBE_BEYOND = 1000
"""How many sequence numbers in a row may be missing before the search for more ends."""


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
    reader = _Reader(journal, key)
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
            if entry is None:
                unreadable += [seq] if seq <= last else []
                continue
            count += 1
            waiting += entry.state == "waiting"
            file.write(json.dumps(wire_form(entry, epoch)) + "\n")
    flaws = reader.flaws(mark)
    reader.close()
    return Exported(count, waiting, tuple(unreadable), flaws)


class _Reader:
    """Reads on after an error, with a new connection."""

    def __init__(self, path: Path, key: bytes) -> None:
        self._path = path
        self._key = key
        self._database: Database | None = None

    def owner(self) -> tuple[int, str]:
        """Epoch and terminal, as far as they can be read."""
        row = self._row("SELECT epoch, terminal FROM journal", ())
        return (int(row[0]), str(row[1])) if row else (0, "")

    def last(self) -> int:
        """Return the highest sequence number that is known."""
        known = [self._row("SELECT seq FROM sqlite_sequence", ()), self._row("SELECT max(seq) FROM entry", ())]
        return max([int(row[0] or 0) for row in known if row] or [0])

    def entry(self, seq: int) -> Entry | None:
        """Return one entry, if it is there and can be read."""
        row = self._row(f"{SELECT_ENTRY} WHERE e.seq = ?", (seq,))
        if row is None:  # the page of its delivery may be the broken one
            row = self._row(
                "SELECT seq, id, kind, schema, sealing_key_id, recorded_at, body, previous_hash, hash FROM entry"
                " WHERE seq = ?",
                (seq,),
            )
        return entry_of(row) if row else None

    def flaws(self, mark: Any) -> tuple[str, ...]:
        """Say what is wrong with the file."""
        try:
            return inspect(self._open(), mark).flaws
        except DatabaseFault as fault:
            return (str(fault),)

    def close(self) -> None:
        """Close the connection."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def _open(self) -> Database:
        if self._database is None:
            self._database = open_database(self._path, self._key, read_only=True)
        return self._database

    def _row(self, sql: str, parameters: tuple[object, ...]) -> tuple[Any, ...] | None:
        try:
            return self._open().row(sql, parameters)
        except DatabaseFault:
            self.close()
            return None
