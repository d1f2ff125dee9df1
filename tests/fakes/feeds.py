"""A feed as the back office makes it: records with fingerprints, a log of changes, pages with marks; documents are noise."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from kiosk.wire.feed import Delete, Mark, Upsert, encode

EVER = 4_000_000_000


def record_id(n: int) -> bytes:
    return hashlib.sha256(b"record %d" % n).digest()[:16]


def fingerprint_of(n: int, card: int = 0) -> bytes:
    return hashlib.sha256(b"card %d %d" % (n, card)).digest()


def upsert(n: int, version: int = 1, *, cards: tuple[int, ...] = (0,), expires_at: int = EVER, length: int = 300) -> Upsert:
    noise = hashlib.shake_256(b"document %d %d" % (n, version)).digest(length)
    return Upsert(record_id(n), version, 1, expires_at, tuple(fingerprint_of(n, card) for card in cards), noise)


@dataclass
class Feed:
    """`scope` is who is in it now; `log` every change since `floor`, by number."""

    epoch: str = "e1"
    every: int = 8
    floor: int = 0
    scope: dict[int, Upsert] = field(default_factory=dict)
    log: list[tuple[int, Upsert | Delete]] = field(default_factory=list)
    number: int = 0

    def put(self, n: int, version: int = 1, **more: object) -> None:
        self.scope[n] = upsert(n, version, **more)  # type: ignore[arg-type]
        self._note(self.scope[n])

    def drop(self, n: int) -> None:
        self.scope.pop(n, None)
        self._note(Delete(record_id(n)))

    def _note(self, row: Upsert | Delete) -> None:
        self.number += 1
        self.log = [(at, old) for at, old in self.log if old.record_id != row.record_id] + [(self.number, row)]

    def gone(self, cursor: str) -> str | None:
        if not cursor:
            return None
        epoch, _, at = cursor.partition(":")
        if epoch != self.epoch:
            return "epoch_changed"
        return "cursor_too_old" if int(at) < self.floor else None

    def news(self, cursor: str) -> bool:
        return int(cursor.partition(":")[2] or 0) < self.number

    def page(self, cursor: str, limit: int) -> bytes:
        """One page from `cursor` on; tombstones are left out for who has nothing."""
        start = int(cursor.partition(":")[2] or 0)
        rows = [(at, row) for at, row in self.log if at > start and (cursor or isinstance(row, Upsert))]
        body, page = b"", rows[:limit]
        more = len(rows) > limit
        for index, (at, row) in enumerate(page, 1):
            body += encode(row)
            last = index == len(page)
            if last or index % self.every == 0:
                reached = self.number if last and not more else at
                left = len(rows) - index
                body += encode(Mark(f"{self.epoch}:{reached}", more or not last, left, left * 400))
        return body or encode(Mark(f"{self.epoch}:{self.number}", more=False, people_left=0, bytes_left=0))
