"""Journals that were set aside, read once more: what is whole comes as it was written, the rest stays where it is."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from fakes.journals import EPOCH, KEY, append, entry, open_journal

from offline_cache import salvage
from offline_cache.database import DatabaseFault, FaultKind, open_database
from offline_cache.earlier_journals import PATIENCE, EarlierJournals, Stretch
from offline_cache.entries import Settled
from offline_cache.export import export
from offline_cache.inspection import SELECT_ENTRY, entry_of

if TYPE_CHECKING:
    from pathlib import Path

    from offline_cache.entries import Entry, EntryState
    from offline_cache.journal import Journal

ASIDE = f"journal-T0007-{EPOCH}.db"


def aside(folder: Path, count: int, **states: EntryState) -> list[Entry]:
    """Fill a journal, settle it, and open one of the next epoch in its place; the old entries."""
    journal = open_journal(folder)
    ids = [append(journal).id for _ in range(count)]
    journal.settle([Settled(id_, states.get(f"n{n}", "received")) for n, id_ in enumerate(ids, 1)])
    journal.close()
    open_journal(folder, epoch=EPOCH + 1).close()
    with closing(open_database(folder / ASIDE, KEY, read_only=True)) as database:
        return [entry_of(row) for row in database.rows(f"{SELECT_ENTRY} ORDER BY e.seq")]


def journals(folder: Path, *, key: bytes = KEY, terminal: str = "T0007") -> EarlierJournals:
    return EarlierJournals(folder / "journal.db", key, terminal)


def after(found: EarlierJournals, epoch: int, seq: int, hash_: str, *, most: int = 2) -> list[Entry]:
    """Read every file of the epoch, piece by piece."""
    entries: list[Entry] = []
    for one in found.of(epoch):
        at = found.begin(one, seq, hash_)
        while True:
            stretch = found.read(one, at, most)
            assert len(stretch.entries) <= most
            entries += stretch.entries
            at = stretch.through
            if stretch.ended:
                break
    return entries


def whole(folder: Path, **how: Any) -> list[Entry]:
    return after(journals(folder, **how), EPOCH, 0, "")


def test_what_lies_beyond_a_number_comes_in_order_and_as_it_was_written(tmp_path: Path) -> None:
    written = aside(tmp_path, 5)
    before = (tmp_path / ASIDE).read_bytes()
    assert after(journals(tmp_path), EPOCH, 2, written[1].hash.hex()) == written[2:]
    assert whole(tmp_path) == written
    assert after(journals(tmp_path), EPOCH, 5, written[4].hash.hex()) == []
    assert journals(tmp_path).of(EPOCH - 1) == ()
    assert (tmp_path / ASIDE).read_bytes() == before


@pytest.mark.parametrize(("seq", "hash_"), [(2, "ab" * 32), (9, "ab" * 32), (2, "nonsense")])
def test_of_another_branch_everything_is_wanted(tmp_path: Path, seq: int, hash_: str) -> None:
    """The back office goes on otherwise from here, or knows more: an old copy of this disk had been put back."""
    written = aside(tmp_path, 3)
    assert after(journals(tmp_path), EPOCH, seq, hash_) == written


def test_two_branches_of_one_epoch_come_both(tmp_path: Path) -> None:
    first = aside(tmp_path, 2)
    kept = (tmp_path / ASIDE).rename(tmp_path / f"journal-T0007-{EPOCH}-first.db")
    for path in tmp_path.iterdir():
        if path != kept:
            path.unlink()
    second = aside(tmp_path, 2)
    assert sorted(one.id for one in whole(tmp_path)) == sorted(one.id for one in (*first, *second))


def test_the_journal_in_use_is_no_earlier_one(tmp_path: Path) -> None:
    journal: Journal = open_journal(tmp_path)
    append(journal)
    assert journal.earlier.of(EPOCH) == ()
    journal.close()


def test_what_was_refused_or_is_another_terminal_s_stays(tmp_path: Path) -> None:
    written = aside(tmp_path, 3, n2="refused")
    assert whole(tmp_path) == [written[0], written[2]]
    assert whole(tmp_path, terminal="T0008") == []
    assert whole(tmp_path, key=bytes(32)) == []


def test_an_entry_that_is_not_what_was_written_stays_and_is_named(tmp_path: Path) -> None:
    written = aside(tmp_path, 3)
    with closing(open_database(tmp_path / ASIDE, KEY)) as database:
        for trigger in database.rows("SELECT name FROM sqlite_schema WHERE type = 'trigger'"):
            database.execute(f"DROP TRIGGER {trigger[0]}", ())
        database.execute("UPDATE entry SET body = ? WHERE seq = 2", (b"forged",))
    found = journals(tmp_path)
    (one,) = found.of(EPOCH)
    assert found.read(one, 0, 9) == Stretch((written[0], written[2]), 3, (2,), ended=True)


def test_a_copy_of_a_file_is_read_as_well(tmp_path: Path) -> None:
    written = aside(tmp_path, 2)
    shutil.copy(tmp_path / ASIDE, tmp_path / f"journal-T0007-{EPOCH}-again.db")
    assert whole(tmp_path) == written * 2


def large(folder: Path) -> bytes:
    """A journal of 60 entries over some hundred pages, set aside; its bytes."""
    journal = open_journal(folder)
    for _ in range(60):
        append(journal, entry(b"x" * 3000))
    journal.close()
    (folder / "journal.db").rename(folder / ASIDE)
    return (folder / ASIDE).read_bytes()


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_page_that_cannot_be_read_costs_what_is_on_it_and_no_more(tmp_path: Path, share: float) -> None:
    """Wherever the page is, of a row or of an index: as much comes as a technician's `journal export` finds, and the rest is named."""
    data = bytearray(large(tmp_path))
    data[int(len(data) * share)] ^= 1
    (tmp_path / ASIDE).write_bytes(data)
    can_be_read = 60 - len(export(tmp_path / ASIDE, KEY, tmp_path / "out").unreadable)
    found = journals(tmp_path)
    (one,) = found.of(EPOCH)
    stretch = found.read(one, 0, 100)
    assert len(stretch.entries) == can_be_read > 30
    assert len(stretch.entries) + len(stretch.lost) == 60
    assert stretch.ended


def test_a_file_whose_first_page_is_gone_holds_nothing_to_be_read_and_is_no_fault(tmp_path: Path) -> None:
    data = bytearray(large(tmp_path))
    data[100] ^= 1
    (tmp_path / ASIDE).write_bytes(data)
    found = journals(tmp_path)
    (one,) = found.of(EPOCH)
    assert found.begin(one, 7, "ab" * 32) == 0
    assert found.read(one, 0, 100) == Stretch((), 0, (), ended=True)


def test_a_disk_that_does_not_answer_is_asked_again_and_not_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = aside(tmp_path, 3)
    answers = salvage.Salvage.entry
    broken = {2}

    def entry_or_fault(self: salvage.Salvage, seq: int) -> Entry | None:
        found = answers(self, seq)
        if seq not in broken:
            return found
        self.fault = DatabaseFault(FaultKind.UNUSABLE, "disk I/O error")
        return None

    monkeypatch.setattr(salvage.Salvage, "entry", entry_or_fault)
    found = journals(tmp_path)
    (one,) = found.of(EPOCH)
    assert found.read(one, 0, 9) == Stretch((written[0],), 1, (), ended=False)
    with pytest.raises(DatabaseFault, match="I/O"):
        found.read(one, 1, 9)
    broken.clear()  # it was a passing one
    assert found.read(one, 1, 9) == Stretch((written[1], written[2]), 3, (), ended=True)
    broken.add(3)
    for _ in range(PATIENCE - 1):
        with pytest.raises(DatabaseFault, match="I/O"):
            found.read(one, 2, 9)
    assert found.read(one, 2, 9) == Stretch((), 3, (3,), ended=True)


def test_a_file_that_cannot_be_opened_now_is_told_and_not_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = aside(tmp_path, 2)
    found = journals(tmp_path)

    def none_left(*_: object, **__: object) -> None:
        raise DatabaseFault(FaultKind.UNUSABLE, "too many open files")

    with monkeypatch.context() as scarce:
        scarce.setattr(salvage, "open_database", none_left)
        (one,) = found.of(EPOCH)
        with pytest.raises(DatabaseFault, match="too many open files"):
            found.read(one, 0, 9)
    assert found.read(one, 0, 9).entries == tuple(written)


def test_a_file_that_is_no_journal_is_passed_over(tmp_path: Path) -> None:
    written = aside(tmp_path, 1)
    (tmp_path / "journal-0.db").write_bytes(b"nothing" * 100)
    (tmp_path / f"journal-T0007-{EPOCH}-again.db").write_bytes(b"nothing" * 100)
    sqlite3.connect(tmp_path / "journal-1.db").execute("CREATE TABLE t (n)").connection.close()
    assert whole(tmp_path) == written
