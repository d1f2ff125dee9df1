"""The journal: what people did at this terminal. An entry is answered only when it is durable.

Rules:
- One insert, one commit (synchronous=FULL): the row is there with its chain hash, or nothing is.
- The same id and body is the same entry, answered the same way; the same id and another body is a conflict.
- Sequence numbers have no gaps and never come back; the epoch says which journal they belong to.
- Full disk: refuse, free the ballast, keep reading and delivering. Corrupt: refuse everything, keep the file.
- After an I/O error during a commit nobody knows: the file is opened again and read; only then is there an answer.
- An entry never changes. What the back office replied stands beside it and is all that does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from kiosk.domain import reference
from kiosk.wire.journal_chain import ClearHeader, chain_hash
from kiosk.wire.timestamps import timestamp
from offline_cache.database import DatabaseFault, FaultKind
from offline_cache.entries import (
    Entry,
    JournalStatus,
    NewEntry,
    Place,
    PrintReport,
    Refusal,
    Settled,
    Unknown,
)
from offline_cache.head_mark import Head
from offline_cache.inspection import SELECT_ENTRY, entry_of, is_as_written
from offline_cache.journal_file import BALLAST_BYTES, JournalFile

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from kiosk.system import Clock
    from offline_cache.database import Row

_WITH_BACK_OFFICE = frozenset({"received", "quarantined", "conflict"})
"""States of an entry that the back office said it keeps, in whichever of its queues."""
_INSERT = (
    "INSERT INTO entry (seq, id, kind, schema, sealing_key_id, recorded_at, body, previous_hash, hash)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)

_NOBODYS = NewEntry("ffffffff-ffff-7fff-bfff-ffffffffffff", "transaction", 1, "none", b"")
"""What is rehearsed with: the last id there can be, whose place in the index is where the next entry's will be."""


class Journal(JournalFile):
    """The one writer of a terminal's journal; used by one thread. Whatever the disk does becomes `status`."""

    def __init__(self, path: Path, key: bytes, terminal: str, clock: Clock, *, ballast_bytes: int) -> None:
        super().__init__(path, key, terminal, clock, ballast_bytes=ballast_bytes)
        self._number = int(terminal.removeprefix("T"))
        self._doubtful: set[str] = set()

    @classmethod
    def open(
        cls, path: Path, key: bytes, *, terminal: str, epoch: int, clock: Clock, ballast_bytes: int = BALLAST_BYTES
    ) -> Journal:
        """Open the journal, or make it when this epoch never had one. Never raises for what a disk can do: see `status`.

        `epoch` names the journal to make; one that is there keeps its own until it is drained (`rotate`).
        """
        journal = cls(path, key, terminal, clock, ballast_bytes=ballast_bytes)
        journal._epoch = epoch
        journal._open()
        if journal.status is JournalStatus.FULL:  # the ballast is free now
            journal._reopen()
        if journal.may_be_set_aside(epoch):
            journal._begin_anew()
        if journal.status is JournalStatus.OK and journal._owner != terminal:
            journal.status = JournalStatus.CORRUPT
            journal.detail = (
                f"this is the journal of {journal._owner}, with {journal.backlog} entries to deliver as such"
            )
        journal._take_ballast()
        return journal

    def may_be_set_aside(self, epoch: int) -> bool:
        """Another journal is bound now, and this one has nothing left to deliver, or cannot be used any more."""
        if self.head.epoch in {0, epoch} and self._owner in {"", self.terminal}:
            return False
        drained = self.status is JournalStatus.OK and not self.backlog and not self.waiting_prints(limit=1)
        return drained or self.status is JournalStatus.CORRUPT

    # --- taking entries --------------------------------------------------------------------------------

    def append(self, new: NewEntry) -> Place | Refusal | Unknown:
        """Make `new` durable, and say where it stands. Blocks for one commit (a disk sync)."""
        if self.status is not JournalStatus.OK or self._doubtful:
            answer = self._while_unwell(new)
            if answer is not None:
                return answer
        head = self.head
        seq = head.seq + 1
        recorded_at = timestamp(self._clock.now())
        hash_ = self._hash(new, seq, recorded_at)
        row = (seq, new.id, new.kind, new.schema, new.sealing_key_id, recorded_at, new.body, head.hash, hash_)
        try:
            self._open_database().execute(_INSERT, row)
        except DatabaseFault as fault:
            return self._not_inserted(new, fault)
        self.head = Head(head.epoch, seq, hash_)
        self.backlog += 1
        self._untidied += 1
        return Place(new.id, seq, head.epoch, recorded_at)

    def rehearse(self) -> None:
        """Do what an append does before it writes, and read the pages that it will change; nothing is written."""
        head = self.head
        self._hash(_NOBODYS, head.seq + 1, timestamp(self._clock.now()))
        self._read("SELECT 1 FROM entry WHERE id = ?", (_NOBODYS.id,))
        self._read(f"{SELECT_ENTRY} WHERE e.seq = ?", (head.seq,))

    def _hash(self, new: NewEntry, seq: int, recorded_at: str) -> bytes:
        head = self.head
        header = ClearHeader(
            new.id, new.kind, self.terminal, head.epoch, seq, new.schema, new.sealing_key_id, recorded_at
        )
        return chain_hash(head.hash, new.body, header)

    def reference_of(self, place: Place) -> str:
        """Return the reference number of an entry, compact."""
        return reference.make(self._number, place.epoch, place.seq)

    def _while_unwell(self, new: NewEntry) -> Place | Refusal | Unknown | None:
        """Answer while the journal is not as it should be; None when it can try again."""
        self.recover()
        if new.id in self._doubtful:
            if self.status in {JournalStatus.CORRUPT, JournalStatus.UNUSABLE}:
                return Unknown()
            self._doubtful.discard(new.id)
        match self.status:
            case JournalStatus.OK:
                return None
            case JournalStatus.FULL:  # what is there already is answered, full or not
                return self._recorded_before(new) if self._has(new.id) else Refusal.DISK_FULL
            case JournalStatus.CORRUPT:
                return Refusal.JOURNAL_CORRUPT
            case JournalStatus.UNUSABLE:
                return Refusal.OUT_OF_SERVICE
            case _:
                assert_never(self.status)

    def _not_inserted(self, new: NewEntry, fault: DatabaseFault) -> Place | Refusal | Unknown:
        match fault.kind:
            case FaultKind.CONSTRAINT:
                return self._recorded_before(new)
            case FaultKind.FULL:
                self._note(fault)
                return Refusal.DISK_FULL
            case FaultKind.CORRUPT:
                self._note(fault)
                return Refusal.JOURNAL_CORRUPT
            case FaultKind.UNUSABLE:
                self._reopen()
                if self.status in {JournalStatus.OK, JournalStatus.FULL}:
                    return self._recorded_before(new) if self._has(new.id) else Refusal.OUT_OF_SERVICE
                self._doubtful.add(new.id)
                return Unknown()
            case _:
                assert_never(fault.kind)

    def _recorded_before(self, new: NewEntry) -> Place | Refusal:
        found = self.entry(new.id)
        if found is None:
            return Refusal.OUT_OF_SERVICE
        if found.body != new.body:
            return Refusal.ID_CONFLICT
        return self.place_of(found)

    def place_of(self, entry: Entry) -> Place:
        """Where an entry stands, as its receipt says."""
        return Place(entry.id, entry.seq, self.head.epoch, entry.recorded_at)

    # --- reading and settling --------------------------------------------------------------------------

    def entry(self, id_: str) -> Entry | None:
        """Return one entry by its id; None also when the journal cannot be read."""
        found = self._as_written(self._read(f"{SELECT_ENTRY} WHERE id = ?", (id_,)))
        return found[0] if found else None

    def waiting(self, *, limit: int, most_bytes: int) -> list[Entry]:
        """Oldest undelivered entries, in order: at most `limit`, at most `most_bytes` of bodies (but at least one).

        One that is not what was written stays with the technician, and keeps none behind it from being sent.
        """
        found = self._read(
            f"{SELECT_ENTRY} WHERE e.seq > ? AND state IS NULL ORDER BY e.seq LIMIT ?", (self._settled, limit)
        )
        batch: list[Entry] = []
        size = 0
        for entry in self._as_written(found):
            size += len(entry.body)
            if batch and size > most_bytes:
                break
            batch.append(entry)
        return batch

    def _as_written(self, rows: Sequence[Row]) -> list[Entry]:
        entries = [entry_of(row) for row in rows]
        damaged = {one.seq for one in entries if not is_as_written(one, self._owner, self.head.epoch)}
        if damaged:
            self._note(DatabaseFault(FaultKind.CORRUPT, f"entry {min(damaged)} is not what was written"))
        return [entry for entry in entries if entry.seq not in damaged]

    def settle(self, results: Sequence[Settled]) -> bool:
        """Keep what the back office said, all in one transaction; False when the disk did not take it.

        An answer without a decision takes none away that has come before it (an answer may be overtaken by the list).
        """
        at = timestamp(self._clock.now())
        done = self._write(
            "INSERT INTO delivery (seq, state, decision, detail, changed_at)"
            " SELECT seq, ?, ?, ?, ? FROM entry WHERE id = ? ON CONFLICT (seq) DO UPDATE SET state = excluded.state,"
            " decision = coalesce(nullif(excluded.decision, ''), decision), detail = excluded.detail,"
            " changed_at = excluded.changed_at",
            [(result.state, result.decision, result.detail, at, result.id) for result in results],
        )
        self._count()
        return done

    def resend(self, seqs: Sequence[int]) -> int:
        """Let entries that the back office refused wait again; how many of these were refused and do so now."""
        before = self.backlog
        self._write("DELETE FROM delivery WHERE seq = ? AND state = 'refused'", [(seq,) for seq in seqs])
        self._settled = 0
        self._count()
        return self.backlog - before

    def is_with_back_office(self, seq: int) -> bool:
        """Tell whether the back office once said that it has the entry with this number."""
        found = self._read("SELECT state FROM delivery WHERE seq = ?", (seq,))
        return bool(found) and found[0][0] in _WITH_BACK_OFFICE

    def deliver_again(self, after: int) -> int:
        """Let everything after the entry `after` wait again that the back office once had; how many entries.

        Its database was put back from a copy: it knows no more of them than of entries that never came. What it said
        of them is void, and the list of verdicts is read from its beginning.
        """
        before = self.backlog
        try:
            database = self._open_database()
            with database.transaction():
                database.execute(
                    "UPDATE print_report SET state = 'waiting' WHERE state = 'received'"
                    " AND id IN (SELECT id FROM entry WHERE seq > ?)",
                    (after,),
                )
                marks = ", ".join("?" * len(_WITH_BACK_OFFICE))
                database.execute(
                    f"DELETE FROM delivery WHERE seq > ? AND state IN ({marks})",  # noqa: S608 - only question marks
                    (after, *sorted(_WITH_BACK_OFFICE)),
                )
                database.execute("UPDATE journal SET verdicts = 0")
        except DatabaseFault as fault:
            self._note(fault)
            return 0
        self._untidied += 1
        self._settled = 0
        self._count()
        return self.backlog - before

    def decide(self, id_: str, decision: str) -> bool:
        """Keep the back office's decision on an entry that it has; False when the disk did not take it.

        What is decided was received, even when the answer that says so is still on its way.
        """
        at = timestamp(self._clock.now())
        done = self._write(
            "INSERT INTO delivery (seq, state, decision, detail, changed_at)"
            " SELECT seq, 'received', ?, '', ? FROM entry WHERE id = ? ON CONFLICT (seq) DO UPDATE SET"
            " decision = excluded.decision, changed_at = excluded.changed_at",
            [(decision, at, id_)],
        )
        if self.backlog:
            self._count()
        return done

    def report_print(self, id_: str, stage: str, outcome: str) -> bool:
        """Keep how a receipt came out; saying it twice is saying it once. False when the disk did not take it."""
        last = self._read(
            "SELECT outcome FROM print_report WHERE id = ? AND stage = ? ORDER BY n DESC LIMIT 1", (id_, stage)
        )
        if last and last[0][0] == outcome:
            return True
        row = (id_, stage, outcome, timestamp(self._clock.now()))
        return self._write("INSERT INTO print_report (id, stage, outcome, reported_at) VALUES (?, ?, ?, ?)", [row])

    def waiting_prints(self, *, limit: int) -> list[PrintReport]:
        """Undelivered print reports of entries that the back office has, oldest first."""
        found = self._read(
            "SELECT n, p.id, stage, outcome FROM print_report p JOIN entry e ON e.id = p.id"
            " JOIN delivery d ON d.seq = e.seq WHERE p.state = 'waiting' ORDER BY n LIMIT ?",
            (limit,),
        )
        return [PrintReport(*row) for row in found]

    def settle_prints(self, reports: Sequence[PrintReport], *, received: bool) -> bool:
        """Print reports were delivered, or refused for good."""
        state = "received" if received else "refused"
        return self._write("UPDATE print_report SET state = ? WHERE n = ?", [(state, report.n) for report in reports])

    @property
    def oldest_waiting(self) -> str:
        """When the oldest undelivered entry was recorded; empty when none waits."""
        oldest = self.waiting(limit=1, most_bytes=0) if self.backlog else []
        return oldest[0].recorded_at if oldest else ""

    @property
    def verdict_cursor(self) -> int:
        """How far the list of verdicts has been read."""
        found = self._read("SELECT verdicts FROM journal", ())
        return int(found[0][0]) if found else 0

    def set_verdict_cursor(self, position: int) -> bool:
        """Remember how far the list of verdicts has been read."""
        return self._write("UPDATE journal SET verdicts = ?", [(position,)])

    # --- what earlier journals have to do with this one --------------------------------------------------

    def offered(self) -> tuple[str, dict[int, int]]:
        """Which history of the back office was offered what: by epoch, how far it knew that journal then."""
        history = self._read("SELECT history FROM journal", ())
        return str(history[0][0]) if history else "", dict(self._read("SELECT epoch, seq FROM offered", ()))

    def note_offered(self, epoch: int, seq: int) -> bool:
        """Remember that a journal was offered to a back office that knew so much of it."""
        return self._write("INSERT OR REPLACE INTO offered (epoch, seq) VALUES (?, ?)", [(epoch, seq)])

    def begin_history(self, history: str) -> bool:
        """Remember in which history the back office is. In another one nothing was offered, and verdicts are counted anew."""
        try:
            database = self._open_database()
            with database.transaction():
                database.execute(
                    "UPDATE journal SET verdicts = CASE history WHEN '' THEN verdicts ELSE 0 END, history = ?", (history,)
                )
                database.execute("DELETE FROM offered")
        except DatabaseFault as fault:
            self._note(fault)
            return False
        self._untidied += 1
        return True

    def _has(self, id_: str) -> bool:
        return self.entry(id_) is not None
