"""Journals that were set aside, read once more: what is whole comes as it was written, the rest stays where it is."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from fakes.journals import EPOCH, KEY, append, entry, open_journal

from offline_cache.database import open_database
from offline_cache.earlier_journals import EarlierJournals
from offline_cache.entries import Settled
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


def test_what_lies_beyond_a_number_comes_in_order_and_as_it_was_written(tmp_path: Path) -> None:
    written = aside(tmp_path, 5)
    before = (tmp_path / ASIDE).read_bytes()
    assert list(journals(tmp_path).after(EPOCH, 2, written[1].hash.hex())) == written[2:]
    assert list(journals(tmp_path).after(EPOCH, 0, "")) == written
    assert list(journals(tmp_path).after(EPOCH, 5, written[4].hash.hex())) == []
    assert list(journals(tmp_path).after(EPOCH - 1, 0, "")) == []
    assert (tmp_path / ASIDE).read_bytes() == before


@pytest.mark.parametrize(("seq", "hash_"), [(2, "ab" * 32), (9, "ab" * 32), (2, "nonsense")])
def test_of_another_branch_everything_is_wanted(tmp_path: Path, seq: int, hash_: str) -> None:
    """The back office goes on otherwise from here, or knows more: an old copy of this disk had been put back."""
    written = aside(tmp_path, 3)
    assert list(journals(tmp_path).after(EPOCH, seq, hash_)) == written


def test_two_branches_of_one_epoch_come_both(tmp_path: Path) -> None:
    first = aside(tmp_path, 2)
    kept = (tmp_path / ASIDE).rename(tmp_path / f"journal-T0007-{EPOCH}-first.db")
    for path in tmp_path.iterdir():
        if path != kept:
            path.unlink()
    second = aside(tmp_path, 2)
    assert sorted(one.id for one in journals(tmp_path).after(EPOCH, 0, "")) == sorted(
        one.id for one in (*first, *second)
    )


def test_the_journal_in_use_is_no_earlier_one(tmp_path: Path) -> None:
    journal: Journal = open_journal(tmp_path)
    append(journal)
    assert list(journal.earlier.after(EPOCH, 0, "")) == []
    journal.close()


def test_what_was_refused_or_is_another_terminal_s_stays(tmp_path: Path) -> None:
    written = aside(tmp_path, 3, n2="refused")
    assert list(journals(tmp_path).after(EPOCH, 0, "")) == [written[0], written[2]]
    assert list(journals(tmp_path, terminal="T0008").after(EPOCH, 0, "")) == []
    assert list(journals(tmp_path, key=bytes(32)).after(EPOCH, 0, "")) == []


def test_an_entry_that_is_not_what_was_written_stays(tmp_path: Path) -> None:
    written = aside(tmp_path, 3)
    with closing(open_database(tmp_path / ASIDE, KEY)) as database:
        for trigger in database.rows("SELECT name FROM sqlite_schema WHERE type = 'trigger'"):
            database.execute(f"DROP TRIGGER {trigger[0]}", ())
        database.execute("UPDATE entry SET body = ? WHERE seq = 2", (b"forged",))
    assert list(journals(tmp_path).after(EPOCH, 0, "")) == [written[0], written[2]]


def test_a_copy_of_a_file_is_read_as_well(tmp_path: Path) -> None:
    written = aside(tmp_path, 2)
    shutil.copy(tmp_path / ASIDE, tmp_path / f"journal-T0007-{EPOCH}-again.db")
    assert list(journals(tmp_path).after(EPOCH, 0, "")) == written * 2


def test_a_page_that_cannot_be_read_costs_what_comes_after_it(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    for _ in range(60):
        append(journal, entry(b"x" * 3000))
    journal.close()
    (tmp_path / "journal.db").rename(tmp_path / ASIDE)
    data = bytearray((tmp_path / ASIDE).read_bytes())
    data[len(data) // 2] ^= 1
    (tmp_path / ASIDE).write_bytes(data)
    found = list(journals(tmp_path).after(EPOCH, 0, ""))
    assert 0 < len(found) < 60
    assert [one.seq for one in found] == list(range(1, len(found) + 1))


def test_a_file_that_is_no_journal_is_passed_over(tmp_path: Path) -> None:
    written = aside(tmp_path, 1)
    (tmp_path / "journal-0.db").write_bytes(b"nothing" * 100)
    sqlite3.connect(tmp_path / "journal-1.db").execute("CREATE TABLE t (n)").connection.close()
    assert list(journals(tmp_path).after(EPOCH, 0, "")) == written
