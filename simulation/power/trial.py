"""The power comes back: the real journal opens what the disk kept, and it must hold all that was acknowledged.

Rules:
- What was acknowledged before the cut is there, under its number, with its body; the chain is whole.
- Nothing is there that nobody tried to append; what was tried and not acknowledged may be there or not.
- What the journal says it keeps about its entries (answers, printed receipts, how far verdicts were read) is kept as well.
- The journal is in service, and the next entry gets the next number.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from kiosk.system import SystemClock
from offline_cache.database import DatabaseFault, open_database
from offline_cache.entries import NewEntry, Place
from offline_cache.inspection import SELECT_ENTRY, entry_of, inspect
from offline_cache.journal import Journal
from simulation.power.workload import BALLAST_BYTES, KEY, TERMINAL

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from offline_cache.entries import Entry
    from simulation.power.trace import Call


@dataclass(slots=True)
class Told:
    """What the marks say up to a moment."""

    epoch: int = 1
    tried: dict[str, str] = field(default_factory=dict)
    acknowledged: dict[str, tuple[int, int]] = field(default_factory=dict)  # id: epoch, seq
    settled: dict[str, str] = field(default_factory=dict)
    printed: set[str] = field(default_factory=set)
    verdicts: dict[int, int] = field(default_factory=dict)

    def take(self, call: Call) -> None:
        """Read one mark; other records say nothing here."""
        if call.kind != "a":
            return
        said: dict[str, Any] = json.loads(call.data)
        if "opening" in said:
            self.epoch = said["opening"]
        if "tried" in said:
            self.tried[said["tried"]] = said["sha"]
        if "acknowledged" in said:
            self.acknowledged[said["acknowledged"]] = (said["epoch"], said["seq"])
        self.settled |= said.get("settled", {})
        if "printed" in said:
            self.printed.add(said["printed"])
        if "verdicts" in said:
            self.verdicts[said["epoch"]] = said["verdicts"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one cut showed; `lost` are acknowledged entries, `flaws` everything else that is wrong."""

    acknowledged: int
    lost: int
    flaws: tuple[str, ...]


@dataclass(slots=True)
class _Found:
    """What lies in the files after the cut: entries by id with their epoch, printed receipts, verdict cursors."""

    entries: dict[str, tuple[int, Entry]] = field(default_factory=dict)
    printed: set[str] = field(default_factory=set)
    verdicts: dict[int, int] = field(default_factory=dict)
    flaws: list[str] = field(default_factory=list)


def try_disk(
    folder: Path, files: Mapping[str, bytes], told: Told, *, key: bytes = KEY, terminal: str = TERMINAL
) -> Verdict:
    """Put `files` into the empty `folder`, open the journal there as the agent would, and compare with what was told."""
    for name, data in files.items():
        if not name.endswith("-shm"):  # its place in memory is gone with the power; the engine makes it anew
            (folder / name).write_bytes(data)
    flaws = _open(folder, told.epoch, key, terminal)
    found = _Found()
    for path in sorted(folder.glob("journal*.db")):
        _read(path, key, found)
    flaws += found.flaws
    lost = 0
    for id_, (epoch, seq) in told.acknowledged.items():
        here = found.entries.get(id_)
        if here is None:
            lost += 1
        elif (here[0], here[1].seq) != (epoch, seq):
            flaws.append(f"{id_} was acknowledged as {epoch}/{seq} and is {here[0]}/{here[1].seq}")
    flaws += _beside(told, found)
    return Verdict(len(told.acknowledged), lost, tuple(flaws))


def _open(folder: Path, epoch: int, key: bytes, terminal: str) -> list[str]:
    """Start the journal, let it take one entry more, stop it."""
    journal = Journal.open(
        folder / "journal.db", key, terminal=terminal, epoch=epoch, clock=SystemClock(), ballast_bytes=BALLAST_BYTES
    )
    with contextlib.closing(journal):
        if journal.status.value != "ok":
            return [f"the journal is {journal.status.value}: {journal.detail}"]
        before = journal.head.seq
        place = journal.append(NewEntry("after-the-cut", "audit", 1, "20260101-abcdef", b"{}"))
        if not isinstance(place, Place) or place.seq != before + 1:
            return [f"the next entry after {before} was answered {place}"]
    return []


def _read(path: Path, key: bytes, found: _Found) -> None:
    try:
        database = open_database(path, key)
        with contextlib.closing(database):
            inspection = inspect(database, None)
            found.flaws += [f"{path.name}: {flaw}" for flaw in inspection.flaws]
            for row in database.rows(SELECT_ENTRY):
                found.entries[row[1]] = (inspection.head.epoch, entry_of(row))
            found.printed |= {row[0] for row in database.rows("SELECT id FROM print_report")}
            found.verdicts[inspection.head.epoch] = database.rows("SELECT verdicts FROM journal")[0][0]
    except DatabaseFault as fault:
        found.flaws.append(f"{path.name}: {fault}")


def _beside(told: Told, found: _Found) -> list[str]:
    flaws = []
    for id_, (_, entry) in found.entries.items():
        if id_ != "after-the-cut" and told.tried.get(id_) != sha256(entry.body).hexdigest():
            flaws.append(f"{id_} is there, but nobody tried to append it so")
    for id_, state in told.settled.items():
        if id_ in found.entries and found.entries[id_][1].state != state:
            flaws.append(f"{id_} was {state} and is {found.entries[id_][1].state}")
    flaws += [f"the printed receipt of {id_} is not known any more" for id_ in sorted(told.printed - found.printed)]
    for epoch, position in told.verdicts.items():
        if found.verdicts.get(epoch, -1) < position:
            flaws.append(f"verdicts of {epoch} were read up to {position}, known is {found.verdicts.get(epoch)}")
    return flaws
