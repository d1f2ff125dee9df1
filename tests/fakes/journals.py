"""A journal to try things on."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from kiosk.system import SystemIds
from offline_cache.entries import NewEntry, Place
from offline_cache.journal import Journal

if TYPE_CHECKING:
    from pathlib import Path

KEY = bytes(range(32))
EPOCH = 3
IDS = SystemIds()


class StillClock:
    """It is always noon."""

    def now(self) -> datetime:
        return datetime(2026, 3, 4, 12, 0, tzinfo=UTC)

    def monotonic(self) -> float:
        return 0.0


def open_journal(folder: Path, *, epoch: int = EPOCH, key: bytes = KEY, ballast_bytes: int = 1 << 16) -> Journal:
    return Journal.open(
        folder / "journal.db", key, terminal="T0007", epoch=epoch, clock=StillClock(), ballast_bytes=ballast_bytes
    )


def entry(body: bytes = b"", *, id_: str = "") -> NewEntry:
    return NewEntry(id_ or IDS.new(), "transaction", 1, "20260101-abcdef", body or IDS.token(1200).hex().encode())


def append(journal: Journal, new: NewEntry | None = None) -> Place:
    place = journal.append(new or entry())
    assert isinstance(place, Place), place
    journal.remember_head()
    return place


def filled(folder: Path, count: int) -> list[Place]:
    journal = open_journal(folder)
    places = [append(journal) for _ in range(count)]
    journal.close()
    return places
