"""Bytes change on the disk: the terminal notices, stops taking entries, and what can be read comes out."""

from __future__ import annotations

import json
import random
import shutil
from typing import TYPE_CHECKING

import pytest
from fakes.journals import EPOCH, KEY, append, entry, filled, open_journal

from offline_cache.entries import JournalStatus, Refusal, Settled
from offline_cache.export import export
from offline_cache.inspection import is_as_written
from offline_cache.salvage import Salvage

if TYPE_CHECKING:
    from pathlib import Path

    from offline_cache.journal import Journal

ENTRIES = 12


def bodies(journal: Journal) -> list[bytes]:
    return [found.body for found in journal.waiting(limit=99, most_bytes=1 << 24)]


def flip(path: Path, offset: int, bit: int) -> None:
    data = bytearray(path.read_bytes())
    data[offset] ^= 1 << bit
    path.write_bytes(data)


@pytest.mark.parametrize("seed", range(24))
def test_no_flipped_bit_in_the_file_goes_unnoticed(tmp_path: Path, seed: int) -> None:
    filled(tmp_path, ENTRIES)
    path = tmp_path / "journal.db"
    chance = random.Random(seed)
    flip(path, chance.randrange(path.stat().st_size), chance.randrange(8))
    journal = open_journal(tmp_path)
    assert journal.status is JournalStatus.CORRUPT
    assert journal.append(entry()) is Refusal.JOURNAL_CORRUPT
    journal.close()


@pytest.mark.parametrize("seed", range(16))
def test_no_flipped_bit_in_the_wal_loses_an_entry_unnoticed(tmp_path: Path, seed: int) -> None:
    """The files as a kill leaves them, then one bit. SQLite itself forgets what comes after the damage."""
    running, left = tmp_path / "running", tmp_path / "left"
    running.mkdir()
    journal = open_journal(running)
    written = [append(journal).id for _ in range(ENTRIES)]
    expected = bodies(journal)
    shutil.copytree(running, left)
    journal.close()
    wal = left / "journal.db-wal"
    chance = random.Random(seed)
    flip(wal, chance.randrange(wal.stat().st_size), chance.randrange(8))
    found = open_journal(left)
    if found.status is JournalStatus.OK:  # a byte that nobody reads: behind the last commit
        assert bodies(found) == expected
        assert found.head.seq == len(written)
    else:
        assert found.status is JournalStatus.CORRUPT
    found.close()


def test_damage_while_it_runs_stops_it_at_the_next_read(tmp_path: Path) -> None:
    filled(tmp_path, 1)
    journal = open_journal(tmp_path)
    places = [append(journal, entry(b"x" * 50_000)) for _ in range(250)]  # more than the page cache holds
    journal.close()
    journal = open_journal(tmp_path)
    assert journal.status is JournalStatus.OK
    path = tmp_path / "journal.db"
    with path.open("r+b") as file:  # everything but the first pages
        file.seek(8192)
        file.write(bytes(path.stat().st_size - 8192))
    assert journal.entry(places[3].id) is None
    assert journal.status is JournalStatus.CORRUPT
    assert journal.append(entry()) is Refusal.JOURNAL_CORRUPT
    journal.close()


def flip_in_place(path: Path, page: int) -> None:
    with path.open("r+b") as file:
        file.seek(page * 1024 + 500)
        byte = file.read(1)[0]
        file.seek(page * 1024 + 500)
        file.write(bytes([byte ^ 8]))


def read_as_zeros(path: Path, seq: int) -> int:
    """Find a page that costs this entry its end when its seal is broken, without a word of the engine."""
    for page in range(1, 400):
        flip_in_place(path, page)
        with Salvage(path, KEY) as reader:
            found = reader.entry(seq)
        if found is not None and not is_as_written(found, "T0007", EPOCH):
            return page
        flip_in_place(path, page)
    raise AssertionError


def test_what_reads_as_zeros_at_its_end_is_not_sent(tmp_path: Path) -> None:
    """The last page that is read for a query may be so; any other one ends the query."""
    journal = open_journal(tmp_path)
    places = [append(journal, entry(b"x" * 50_000)) for _ in range(250)]  # more than the page cache holds
    journal.settle([Settled(place.id, "received") for place in places if place.seq != 4])
    journal.close()
    path = tmp_path / "journal.db"
    page = read_as_zeros(path, 4)
    flip_in_place(path, page)
    journal = open_journal(tmp_path)
    assert [found.seq for found in journal.waiting(limit=10, most_bytes=1 << 24)] == [4]
    journal.close()
    journal = open_journal(tmp_path)
    flip_in_place(path, page)
    assert journal.status is JournalStatus.OK
    assert journal.waiting(limit=10, most_bytes=1 << 24) == []
    assert journal.status is JournalStatus.CORRUPT
    assert journal.entry(places[3].id) is None
    journal.close()
    assert export(path, KEY, tmp_path / "out").unreadable == (4,)


def test_what_can_be_read_comes_out_of_a_damaged_journal(tmp_path: Path) -> None:
    filled(tmp_path, 40)
    path = tmp_path / "journal.db"
    before = path.read_bytes()
    for page in range(20, len(before) // 1024, 30):
        flip(path, page * 1024 + 500, 3)
    done = export(path, KEY, tmp_path / "out")
    lines = [json.loads(line) for line in (tmp_path / "out" / "entries.jsonl").read_text().splitlines()]
    assert lines[0] == {"format": 1, "terminal": "T0007", "epoch": 3}
    seqs = [line["seq"] for line in lines[1:]]
    assert len(seqs) == done.entries >= 10
    assert sorted([*seqs, *done.unreadable]) == list(range(1, 41))
    assert done.unreadable
    assert done.flaws
    assert (tmp_path / "out" / "raw" / "journal.db").read_bytes() == path.read_bytes()
    assert not (tmp_path / "out" / ".reading").exists()


def test_even_without_its_first_page_the_files_are_kept(tmp_path: Path) -> None:
    filled(tmp_path, 5)
    flip(tmp_path / "journal.db", 3, 1)
    done = export(tmp_path / "journal.db", KEY, tmp_path / "out")
    assert done.entries == 0
    assert done.unreadable == (1, 2, 3, 4, 5)
    assert (tmp_path / "out" / "raw" / "journal.db").exists()
