"""Journals that a newer one replaced: still on this disk, and read once more when the back office has forgotten them.

Its database may be put back from a copy that is older than a new enrolment here. Then entries that it had acknowledged
lie in no other place than in a journal that was set aside as delivered.

Rules:
- Nothing is settled, moved or removed, and nothing is read before it is asked for.
- A file that does not hold the entry at which the back office knows the journal to end is another branch: an old copy of
  the disk was put back, and this came of it or was written over. All of it is wanted then.
- An entry goes again as it was written, or not at all: what does not carry its own hash any more, or lies on a page that
  cannot be read, is named and left to the technician (`guichet journal export --journal`); what comes after it is read.
- A disk that did not answer is asked again, `PATIENCE` times for one entry; a page that is damaged is not.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from offline_cache.database import FaultKind
from offline_cache.inspection import is_as_written
from offline_cache.salvage import PROBE_BEYOND, Salvage

if TYPE_CHECKING:
    from pathlib import Path

    from offline_cache.database import DatabaseFault
    from offline_cache.entries import Entry

PATIENCE = 3
_REFUSED = "refused"
"""What the back office could not take stays with the terminal: it was never acknowledged to be there."""
_AT_ONCE = 1000
"""So many numbers are looked at before anybody else has a turn, whatever they hold."""


@dataclass(frozen=True, slots=True)
class Aside:
    """A file that was set aside, and of which epoch it is."""

    path: Path
    epoch: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """Entries that follow each other in one file, in their order, without those that were refused.

    `through`: the number up to which the file was read. `lost`: those up to there that cannot be read as they were written.
    `ended`: there is nothing after it.
    """

    entries: tuple[Entry, ...]
    through: int
    lost: tuple[int, ...]
    ended: bool


class EarlierJournals:
    """What was set aside beside a terminal's journal; used by the thread of that journal."""

    def __init__(self, journal: Path, key: bytes, terminal: str) -> None:
        self._journal = journal
        self._key = key
        self._terminal = terminal
        self._found: tuple[Aside, ...] | None = None
        self._tries: Counter[tuple[Path, int]] = Counter()

    def of(self, epoch: int) -> tuple[Aside, ...]:
        """Name the files of an earlier epoch."""
        if self._found is None:  # they come to be when the agent starts, and at no other time
            paths = sorted(self._journal.parent.glob(f"{self._journal.stem}-*{self._journal.suffix}"))
            self._found = tuple(aside for aside in map(self._look, paths) if aside is not None)
        return tuple(aside for aside in self._found if aside.epoch == epoch)

    def begin(self, aside: Aside, seq: int, hash_: str) -> int:
        """Return the number after which entries are wanted, of a file whose end the back office knows so (hex; 0: none)."""
        with Salvage(aside.path, self._key) as reader:
            entry = reader.entry(seq) if seq else None
            return seq if entry is not None and entry.hash.hex() == hash_ else 0

    def read(self, aside: Aside, after: int, most: int) -> Stretch:
        """Read on behind a number, at most so many entries. Raises `DatabaseFault` when the disk did not answer: later."""
        with Salvage(aside.path, self._key) as reader:
            last = reader.last()
            if reader.fault is not None and not last:
                if reader.fault.kind is not FaultKind.CORRUPT:
                    raise reader.fault
                last = PROBE_BEYOND if reader.opens() else 0
            entries: list[Entry] = []
            lost: list[int] = []
            seq = after
            while seq < last and len(entries) < most and seq - after < _AT_ONCE:
                entry = reader.entry(seq + 1)
                if reader.fault is not None and self._is_worth_another_try(aside, seq + 1, reader.fault):
                    if seq == after:
                        raise reader.fault
                    break
                seq += 1
                if entry is None or not is_as_written(entry, self._terminal, aside.epoch):
                    lost.append(seq)
                elif entry.state != _REFUSED:
                    entries.append(entry)
            return Stretch(tuple(entries), seq, tuple(lost), ended=seq >= last)

    def _is_worth_another_try(self, aside: Aside, seq: int, fault: DatabaseFault) -> bool:
        if fault.kind is FaultKind.CORRUPT:
            return False
        self._tries[aside.path, seq] += 1
        return self._tries[aside.path, seq] < PATIENCE

    def _look(self, path: Path) -> Aside | None:
        """Tell whose file this is by what is in it; one that does not say belongs to the epoch in its name."""
        with Salvage(path, self._key) as reader:
            epoch, owner = reader.owner()
        if owner:
            return Aside(path, epoch) if owner == self._terminal else None
        label = path.stem.removeprefix(f"{self._journal.stem}-").removeprefix(f"{self._terminal}-")
        number = label.partition("-")[0]
        return Aside(path, int(number)) if number.isdecimal() else None
