"""What a journal goes through in its life, much faster: run as a program under file_calls.c, on the real journal.

    python -m simulation.power.workload FOLDER MARKS SEED STEPS EPOCH END [SYNCHRONOUS]

Rules:
- Everything is told as a mark, one JSON line: what is about to be tried before it is done, what was acknowledged after.
- END says how the process goes: `close` as when asked to stop, `exit` as when killed.
- SYNCHRONOUS weakens the engine after it was opened, to show that the same cuts then lose what was acknowledged.
"""

from __future__ import annotations

import json
import os
import random
import sys
import uuid
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiosk.system import SystemClock
from offline_cache.entries import NewEntry, Place, Refusal, Settled
from offline_cache.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Callable

TERMINAL = "T0042"
KEY = bytes(range(32))
BALLAST_BYTES = 64 << 10
_SIZES = ((0.75, 2200, 3000), (0.15, 200, 900), (0.10, 6000, 40_000))
"""Bytes of a sealed body: mostly a bank change, some small reports, some with long answers."""


class Life:
    """One process' share of a journal's life."""

    def __init__(self, folder: Path, marks: int, chance: random.Random, epoch: int, synchronous: str) -> None:
        self._path = folder / "journal.db"
        self._marks = marks
        self._chance = chance
        self._epoch = epoch
        self._synchronous = synchronous
        self._journal = self._open()

    def step(self) -> None:
        """Do one thing, as often as it happens at a terminal."""
        acts: tuple[tuple[Callable[[], None], int], ...] = (
            (self._append, 60),
            (self._settle, 14),
            (self._tidy, 10),
            (self._report_print, 8),
            (self._read_verdicts, 3),
            (self._restart, 2),
            (self._fill_up, 2),
            (self._rotate, 2),
        )
        act = self._chance.choices([one for one, _ in acts], [weight for _, weight in acts])[0]
        act()

    def tell_end(self) -> None:
        """Mark that nothing more happens; the recorder sees at a mark what was stored in mapped files before it."""
        self._mark(end=self._epoch)

    def close(self) -> None:
        """Stop as when asked to."""
        self._journal.close()

    # --- what happens ----------------------------------------------------------------------------------

    def _append(self) -> None:
        new = self._entry()
        self._mark(tried=new.id, sha=sha256(new.body).hexdigest())
        outcome = self._journal.append(new)
        if isinstance(outcome, Place):
            self._mark(acknowledged=new.id, seq=outcome.seq, epoch=outcome.epoch)
            self._journal.remember_head()
            if self._journal.wants_tidying:
                self._journal.tidy()
        elif outcome is not Refusal.DISK_FULL:
            raise SystemExit(f"an append was answered {outcome}: {self._journal.detail}")

    def _settle(self) -> None:
        self._settle_all(self._journal.waiting(limit=self._chance.randint(1, 30), most_bytes=1 << 20))

    def _settle_all(self, entries: list[Any]) -> None:
        states = self._chance.choices(("received", "refused", "quarantined", "conflict"), (94, 2, 2, 2), k=len(entries))
        settled = [Settled(entry.id, state) for entry, state in zip(entries, states, strict=True)]  # type: ignore[arg-type]
        if settled and self._journal.settle(settled):
            self._mark(settled={one.id: one.state for one in settled}, epoch=self._journal.head.epoch)

    def _report_print(self) -> None:
        if self._journal.head.seq:
            waiting = self._journal.waiting(limit=1, most_bytes=0)
            if waiting and self._journal.report_print(waiting[0].id, "receipt", "printed"):
                self._mark(printed=waiting[0].id, epoch=self._journal.head.epoch)
        reports = self._journal.waiting_prints(limit=9)
        if reports and self._chance.random() < 0.5:  # noqa: PLR2004 - half of the time
            self._journal.settle_prints(reports, received=True)

    def _read_verdicts(self) -> None:
        position = self._journal.verdict_cursor + self._chance.randint(1, 9)
        if self._journal.set_verdict_cursor(position):
            self._mark(verdicts=position, epoch=self._journal.head.epoch)

    def _tidy(self) -> None:
        self._journal.tidy()

    def _restart(self) -> None:
        self._journal.close()
        self._journal = self._open()

    def _fill_up(self) -> None:
        """The disk is full: an append is refused, the ballast goes; then there is room again."""
        database = self._journal._open_database()  # noqa: SLF001 - only the engine itself can make this disk full
        database.rows("PRAGMA max_page_count = 1")  # means: not one page more than now
        for _ in range(4):
            self._append()
        self._journal.recover()
        self._weaken()

    def _rotate(self) -> None:
        """A new enrolment: the old journal is delivered, and set aside when the agent starts again."""
        while waiting := self._journal.waiting(limit=50, most_bytes=1 << 20):
            self._settle_all(waiting)
        while reports := self._journal.waiting_prints(limit=50):
            self._journal.settle_prints(reports, received=True)
        self._journal.close()
        self._epoch += 1
        self._journal = self._open()

    # --- how it is done --------------------------------------------------------------------------------

    def _open(self) -> Journal:
        self._mark(opening=self._epoch)
        self._journal = Journal.open(
            self._path, KEY, terminal=TERMINAL, epoch=self._epoch, clock=SystemClock(), ballast_bytes=BALLAST_BYTES
        )
        if self._journal.status.value != "ok":
            raise SystemExit(f"the journal is {self._journal.status.value}: {self._journal.detail}")
        self._weaken()
        return self._journal

    def _weaken(self) -> None:
        if self._synchronous:
            self._journal._open_database().rows(f"PRAGMA synchronous = {self._synchronous}")  # noqa: SLF001 - on purpose

    def _entry(self) -> NewEntry:
        _, least, most = self._chance.choices(_SIZES, [size[0] for size in _SIZES])[0]
        body = self._chance.randbytes(self._chance.randint(least, most) // 2).hex().encode()
        id_ = str(uuid.UUID(int=self._chance.getrandbits(128)))
        return NewEntry(id_, "transaction", 1, "20260101-abcdef", body)

    def _mark(self, **said: object) -> None:
        os.write(self._marks, json.dumps(said).encode() + b"\n")


def main(arguments: list[str]) -> None:
    """Live for so many steps, then end as told."""
    folder, marks, seed, steps, epoch, end, *rest = arguments
    descriptor = os.open(marks, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    life = Life(Path(folder), descriptor, random.Random(seed), int(epoch), rest[0] if rest else "")
    for _ in range(int(steps)):
        life.step()
    life.tell_end()
    if end == "exit":
        os._exit(0)
    life.close()


if __name__ == "__main__":
    main(sys.argv[1:])
