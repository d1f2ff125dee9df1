"""Is this journal what was written? Read-only: pages, chain, order, and the head that was remembered.

Rules:
- Nothing is repaired: a flaw is named with its sequence number, and the file stays as it is.
- What cannot be read is a flaw, not an exception.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kiosk.wire.journal_chain import GENESIS, ClearHeader, chain_hash
from offline_cache.database import DatabaseFault, FaultKind
from offline_cache.entries import Entry
from offline_cache.head_mark import Head

if TYPE_CHECKING:
    from offline_cache.database import Database

SELECT_ENTRY = (
    "SELECT e.seq, id, kind, schema, sealing_key_id, recorded_at, body, previous_hash, hash,"
    " coalesce(state, 'waiting'), coalesce(decision, ''), coalesce(detail, ''), coalesce(changed_at, '')"
    " FROM entry e LEFT JOIN delivery d ON d.seq = e.seq"
)


def entry_of(row: tuple[Any, ...]) -> Entry:
    """Return the row of a `SELECT_ENTRY` as a value."""
    return Entry(*row)


def is_as_written(entry: Entry, terminal: str, epoch: int) -> bool:
    """Tell whether the entry carries its own hash.

    Asked before it is sent: a damaged page at the end of a long row can be read as zeros, without an error of the engine.
    """
    header = ClearHeader(
        entry.id, entry.kind, terminal, epoch, entry.seq, entry.schema, entry.sealing_key_id, entry.recorded_at
    )
    return entry.hash == chain_hash(entry.previous_hash, entry.body, header)


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was found: the head, how many entries, and every flaw in words."""

    terminal: str
    head: Head
    entries: int
    flaws: tuple[str, ...]


def inspect(database: Database, mark: Head | None) -> Inspection:
    """Check every page and every link of the chain, and that nothing is missing at the end."""
    flaws = database.flaws()
    terminal, head, entries = "", Head(0, 0, GENESIS), 0
    try:
        owner = database.row("SELECT epoch, terminal FROM journal")
        if owner is None:
            flaws.append("the journal does not say which epoch it is")
        else:
            terminal = str(owner[1])
            head, entries, broken = _walk(database, int(owner[0]), terminal)
            flaws += broken
            last = database.row("SELECT seq FROM sqlite_sequence WHERE name = 'entry'")
            if last is not None and last[0] != head.seq:
                flaws.append(f"entries {head.seq + 1} to {last[0]} were removed")
    except DatabaseFault as fault:
        if fault.kind is not FaultKind.CORRUPT:
            raise
        flaws.append(fault.detail)
    if not flaws:
        flaws += _against_mark(head, mark)
    return Inspection(terminal, head, entries, tuple(flaws))


def _walk(database: Database, epoch: int, terminal: str) -> tuple[Head, int, list[str]]:
    flaws: list[str] = []
    previous, seq, count = GENESIS, 0, 0
    query = (
        "SELECT seq, id, kind, schema, sealing_key_id, recorded_at, body, previous_hash, hash FROM entry ORDER BY seq"
    )
    for entry in map(entry_of, database.each(query)):
        count += 1
        if entry.seq != seq + 1:
            flaws.append(f"entry {entry.seq} follows {seq}")
        if entry.previous_hash != previous:
            flaws.append(f"entry {entry.seq} does not continue the chain")
        if not is_as_written(entry, terminal, epoch):
            flaws.append(f"entry {entry.seq} is not what was written")
        seq, previous = entry.seq, entry.hash
    return Head(epoch, seq, previous), count, flaws


def _against_mark(head: Head, mark: Head | None) -> list[str]:
    if mark is None or (mark.epoch, mark.seq) == (head.epoch, 0):
        return []
    if mark.epoch != head.epoch:
        return [f"this is journal {head.epoch}, but journal {mark.epoch} was in use"]
    if mark.seq > head.seq:
        return [f"entries {head.seq + 1} to {mark.seq} are missing at the end"]
    if mark.seq == head.seq and mark.hash != head.hash:
        return [f"entry {head.seq} is not the one that was acknowledged"]
    return []
