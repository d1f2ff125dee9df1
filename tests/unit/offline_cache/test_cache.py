from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from fakes.feeds import Feed, fingerprint_of, record_id, upsert
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.terminal_folder import TerminalFolder
from kiosk.wire.feed import Delete, FrameSplitter
from offline_cache import cache_database, records
from offline_cache.cache import Cache, CacheReader
from offline_cache.cache_database import Lent
from offline_cache.cache_key import CacheKeyFile
from offline_cache.database import DatabaseFault, FaultKind, open_database
from offline_cache.lease import has_lapsed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from offline_cache.records import RowWriter

OWNER = "T0007 prague-1"
START = datetime(2026, 3, 4, 12, tzinfo=UTC)
LEASE = timedelta(days=7)


class MovedClock:
    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return 0.0


class Shelf:
    """A cache in a folder, its clock and a feed that fills it."""

    def __init__(self, state: Path) -> None:
        self.folder = TerminalFolder(state)
        self.folder.create()
        self.clock = MovedClock()
        self.random = random.Random(7)
        self.feed = Feed()
        self.cache = self.made()
        self.reader = CacheReader(self.folder, self.clock)

    def made(self, owner: str = OWNER, boot: str = "b1") -> Cache:
        keys = CacheKeyFile(self.folder, self.random.randbytes)
        return Cache(self.folder, keys, self.clock, lent=Lent(owner, boot), lease=LEASE, reserve_bytes=1 << 20)

    def again(self, owner: str = OWNER, boot: str = "b1"):
        self.reader.close()
        self.cache.close()
        self.cache = self.made(owner, boot)
        return self.cache.open()

    def take(self, into: str, cursor: str, *, cut: int | None = None, commit_bytes: int = 1) -> RowWriter:
        writer = self.cache.writer(into)
        writer._commit_bytes = commit_bytes
        now = int(self.clock.now().timestamp())
        frames = FrameSplitter().feed(self.feed.page(cursor, 1000)[:cut])
        for frame in frames:
            writer.take(frame, now)
        writer.commit(now)
        return writer

    def fill(self) -> None:
        self.cache.begin_draft()
        self.take("draft", "")
        self.cache.publish()
        self.reader.open(self.cache.keys)

    def follow(self) -> None:
        self.take("live", self.cache.reached("live").cursor)

    def has(self, n: int, card: int = 0) -> int | None:
        found = self.reader.find(fingerprint_of(n, card))
        return None if found is None else found.version

    def close(self) -> None:
        self.reader.close()
        self.cache.close()


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    made = Shelf(tmp_path)
    made.cache.open()
    yield made
    made.close()


def test_a_record_is_found_by_each_of_its_cards_and_by_no_other(shelf: Shelf) -> None:
    shelf.feed.put(1, cards=(0, 1))
    shelf.feed.put(2)
    shelf.fill()
    assert shelf.reader.find(fingerprint_of(1, 1)).document == upsert(1, cards=(0, 1)).document
    assert [shelf.has(1), shelf.has(1, 1), shelf.has(2), shelf.has(3), shelf.has(1, 2)] == [1, 1, 1, None, None]


def test_an_upsert_replaces_every_lookup_and_a_delete_takes_all(shelf: Shelf) -> None:
    shelf.feed.put(1, cards=(0, 1))
    shelf.fill()
    shelf.feed.put(1, 2, cards=(1, 2))
    shelf.follow()
    assert [shelf.has(1, card) for card in (0, 1, 2)] == [None, 2, 2]
    shelf.feed.drop(1)
    shelf.follow()
    assert [shelf.has(1, card) for card in (0, 1, 2)] == [None, None, None]
    assert shelf.cache._live.row("SELECT count(*) FROM lookup")[0] == 0


def test_the_last_word_on_a_record_counts_within_one_transaction(shelf: Shelf) -> None:
    shelf.fill()
    writer = shelf.cache.writer("live")
    mark = FrameSplitter().feed(shelf.feed.page("", 1))[0]
    for frame in (upsert(1), upsert(1, 2, cards=(4,)), mark):
        writer.take(frame, 0)
    writer.commit(0)
    assert (shelf.has(1), shelf.has(1, 4)) == (None, 2)


def test_the_last_word_on_a_record_counts_in_a_draft(shelf: Shelf) -> None:
    """What changes while a first copy is under way comes again, and what leaves is told: also across answers."""
    mark = FrameSplitter().feed(shelf.feed.page("", 1))[0]
    shelf.cache.begin_draft()
    first, gone, back = (1, 2, 3)
    for frames in (
        [upsert(first), upsert(gone), upsert(back, cards=(0, 1)), upsert(4), mark, Delete(record_id(9))],
        [upsert(first, 2, cards=(1,)), mark, Delete(record_id(gone)), Delete(record_id(back)), upsert(back, 3), mark],
    ):
        writer = shelf.cache.writer("draft")
        for frame in frames:
            writer.take(frame, 0)
        writer.commit(0)
    shelf.cache.publish()
    shelf.reader.open(shelf.cache.keys)
    held = {(n, card): shelf.has(n, card) for n in (1, 2, 3, 4) for card in (0, 1) if shelf.has(n, card)}
    assert held == {(first, 1): 2, (back, 0): 3, (4, 0): 1}
    live = shelf.cache._live
    counted = live.row(
        "SELECT (SELECT count(*) FROM record), (SELECT count(*) FROM sealed), (SELECT count(*) FROM lookup)"
    )
    assert counted == (3, 3, 3)


def test_a_draft_that_was_whole_and_did_not_come_to_serve_goes_on_growing(shelf: Shelf) -> None:
    shelf.feed.put(1)
    shelf.cache.begin_draft()
    shelf.take("draft", "")
    cache_database.make_indexes(shelf.cache._draft)
    shelf.feed.put(1, 2)
    shelf.feed.put(2)
    shelf.take("draft", shelf.again().draft.cursor)
    shelf.cache.publish()
    shelf.reader.open(shelf.cache.keys)
    assert (shelf.has(1), shelf.has(2), shelf.cache.reached("live").people) == (2, 1, 2)


def test_a_later_expiry_and_other_cards_change_what_is_there(shelf: Shelf) -> None:
    soon = int((START + timedelta(hours=1)).timestamp())
    shelf.feed.put(1, expires_at=soon)
    shelf.fill()
    shelf.feed.put(1, 2)
    shelf.follow()
    shelf.clock.at += timedelta(hours=2)
    assert shelf.has(1) == 2
    shelf.feed.put(1, 3, cards=(1,), expires_at=soon + 7200)
    shelf.follow()
    assert [shelf.has(1), shelf.has(1, 1)] == [None, 3]
    assert shelf.cache.reached("live").people == 1


def test_the_last_word_on_a_record_counts_among_others_that_only_change(shelf: Shelf) -> None:
    for n in (1, 2, 3):
        shelf.feed.put(n)
    shelf.fill()
    mark = FrameSplitter().feed(shelf.feed.page("", 1))[-1]
    words = (
        upsert(1, 2), upsert(2, 2, cards=(1,)), upsert(2, 3), upsert(4), upsert(1, 3), Delete(record_id(3)), upsert(4, 2),
    )  # fmt: skip
    writer = shelf.cache.writer("live")
    for frame in (*words, mark):
        writer.take(frame, 0)
    writer.commit(0)
    assert [shelf.has(n) for n in (1, 2, 3, 4)] == [3, 3, None, 2]
    assert shelf.has(2, 1) is None
    assert shelf.cache.reached("live").people == 3


def test_what_stands_before_a_mark_is_written_at_once_and_seen_only_when_committed(shelf: Shelf) -> None:
    shelf.fill()
    mark = FrameSplitter().feed(shelf.feed.page("", 1))[0]
    writer = shelf.cache.writer("live")
    for frame in (upsert(1), mark, upsert(2), mark, upsert(3)):
        writer.take(frame, 0)
    assert shelf.cache._live.row("SELECT count(*) FROM record") == (2,)
    assert [shelf.has(n) for n in (1, 2, 3)] == [None, None, None]
    writer.commit(0)
    assert [shelf.has(n) for n in (1, 2, 3)] == [1, 1, None]


def test_what_is_abandoned_was_never_there(shelf: Shelf) -> None:
    shelf.fill()
    cursor = shelf.cache.reached("live")
    mark = FrameSplitter().feed(shelf.feed.page("", 1))[0]
    writer = shelf.cache.writer("live")
    for frame in (upsert(1), mark):
        writer.take(frame, 0)
    writer.abandon()
    writer.abandon()
    assert (shelf.has(1), shelf.cache.reached("live")) == (None, cursor)
    again = shelf.cache.writer("live")
    for frame in (upsert(1), mark):
        again.take(frame, 0)
    again.commit(0)
    assert shelf.has(1) == 1


def test_a_row_that_is_not_taken_in_the_middle_of_an_answer_undoes_what_came_before(shelf: Shelf) -> None:
    shelf.fill()
    mark = FrameSplitter().feed(shelf.feed.page("", 1))[0]
    writer = shelf.cache.writer("live")
    for frame in (upsert(1), mark, upsert(2)):
        writer.take(frame, 0)
    shelf.cache._live.execute("CREATE TEMP TRIGGER full BEFORE INSERT ON record BEGIN SELECT RAISE(ABORT, 'full'); END")
    with pytest.raises(DatabaseFault):
        writer.take(mark, 0)
    assert [shelf.has(n) for n in (1, 2)] == [None, None]
    with shelf.cache._live.transaction():  # none is left open
        pass


def test_no_fingerprint_and_no_record_id_can_be_read_from_the_disk(shelf: Shelf) -> None:
    for n in range(40):
        shelf.feed.put(n)
    shelf.fill()
    rows = shelf.cache._live.rows("SELECT hmac FROM lookup")
    assert {row[0] for row in rows}.isdisjoint({fingerprint_of(n) for n in range(40)})
    disk = b"".join(path.read_bytes() for path in shelf.folder.state.rglob("*") if path.is_file())
    for n in range(40):
        assert fingerprint_of(n) not in disk
        assert shelf.feed.scope[n].record_id not in disk
        assert shelf.feed.scope[n].document not in disk


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_a_transfer_cut_at_any_byte_goes_on_from_its_last_mark(tmp_path_factory, data: st.DataObject) -> None:
    shelf = Shelf(tmp_path_factory.mktemp("cut"))
    shelf.cache.open()
    for n in range(data.draw(st.integers(0, 40))):
        shelf.feed.put(n)
    shelf.cache.begin_draft()
    cursor = ""
    for _ in range(4):
        whole = len(shelf.feed.page(cursor, 1000))
        writer = shelf.take("draft", cursor, cut=data.draw(st.integers(0, whole)))
        reached = shelf.cache.reached("draft").cursor
        assert reached == (writer.mark.cursor if writer.mark else cursor)
        cursor = reached
        if data.draw(st.booleans()):
            found = shelf.again()
            assert found.draft.cursor == cursor
    shelf.take("draft", cursor)
    shelf.cache.publish()
    shelf.reader.open(shelf.cache.keys)
    assert {n for n in range(50) if shelf.has(n)} == set(shelf.feed.scope)
    shelf.close()


def test_what_serves_can_be_read_while_another_is_filled_and_after_it_took_its_place(shelf: Shelf) -> None:
    shelf.feed.put(1)
    shelf.fill()
    shelf.feed.put(2)
    shelf.cache.begin_draft()
    shelf.take("draft", "")
    assert [shelf.has(1), shelf.has(2)] == [1, None]
    shelf.reader.close()
    shelf.cache.publish()
    shelf.reader.open(shelf.cache.keys)
    assert [shelf.has(1), shelf.has(2)] == [1, 1]
    assert not shelf.folder.cache_draft.exists()


def test_a_draft_of_an_earlier_boot_was_never_synced_and_is_thrown_away(shelf: Shelf) -> None:
    shelf.feed.put(1)
    shelf.cache.begin_draft()
    shelf.take("draft", "")
    assert shelf.again().draft.cursor == "e1:1"
    found = shelf.again(boot="b2")
    assert (found.draft, len(found.thrown_away)) == (None, 1)
    shelf.fill()
    assert shelf.again(boot="b3").live.cursor == "e1:1"


def test_it_is_the_same_after_opening_again(shelf: Shelf) -> None:
    shelf.feed.put(1)
    shelf.fill()
    found = shelf.again()
    assert (found.live.cursor, found.live.people, found.draft, found.lapsed, found.thrown_away) == (
        "e1:1", 1, None, False, (),
    )  # fmt: skip


def test_flipped_bits_are_found_and_cost_the_whole_file(shelf: Shelf) -> None:
    for n in range(60):
        shelf.feed.put(n, length=2000)
    shelf.fill()
    shelf.reader.close()
    shelf.cache.close()
    whole = shelf.folder.cache.read_bytes()
    chance = random.Random(4)
    for _ in range(12):
        damaged = bytearray(whole)
        damaged[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        shelf.folder.cache.write_bytes(damaged)
        found = shelf.again()
        assert found.live is None
        assert len(found.thrown_away) == 1
        assert not shelf.folder.cache.exists()


def test_another_schema_another_key_and_another_owner_are_thrown_away(shelf: Shelf) -> None:
    shelf.feed.put(1)
    shelf.fill()
    assert "schema 7" not in str(shelf.again().thrown_away)
    shelf.cache._live.execute("PRAGMA user_version = 7")
    assert "schema 7" in shelf.again().thrown_away[0]
    shelf.fill()
    assert "lent to" in shelf.again("T0007 brno-2").thrown_away[0]
    shelf.again()
    shelf.fill()
    shelf.reader.close()
    shelf.cache.close()
    CacheKeyFile(shelf.folder, shelf.random.randbytes).make()
    assert shelf.again().thrown_away
    shelf.fill()
    assert shelf.has(1) == 1


def test_keys_that_are_damaged_or_open_to_others_are_no_keys(shelf: Shelf) -> None:
    shelf.feed.put(1)
    for spoil in (lambda p: p.write_text("00" * 72), lambda p: p.write_text("x"), lambda p: p.chmod(0o644)):
        shelf.fill()
        spoil(shelf.folder.cache_key)
        found = shelf.again()
        assert (found.live, shelf.folder.cache.exists()) == (None, False)
        assert found.thrown_away == ("its keys are gone or damaged",)


def test_an_expired_record_is_not_found_and_swept(shelf: Shelf) -> None:
    soon = int((START + timedelta(hours=1)).timestamp())
    shelf.feed.put(1, expires_at=soon)
    shelf.feed.put(2)
    shelf.feed.put(3, expires_at=2**64 - 1)
    shelf.fill()
    assert shelf.cache.sweep() == 0
    shelf.clock.at += timedelta(hours=1)
    assert [shelf.has(1), shelf.has(2), shelf.has(3)] == [None, 1, 1]
    assert shelf.cache.sweep() == 1
    assert shelf.cache._live.row("SELECT count(*) FROM lookup")[0] == 2


def test_a_lapsed_lease_destroys_keys_and_files_and_is_remembered(shelf: Shelf) -> None:
    shelf.feed.put(1)
    shelf.fill()
    kept = shelf.folder.cache.read_bytes()
    shelf.clock.at += LEASE + timedelta(seconds=1)
    found = shelf.again()
    assert (found.live, found.lapsed) == (None, True)
    assert not shelf.folder.cache_key.exists()
    assert not shelf.folder.cache.exists()
    shelf.folder.cache.write_bytes(kept)  # from a copy of the disk
    assert shelf.again().live is None
    shelf.fill()
    assert (shelf.has(1), shelf.again().lapsed) == (1, False)


def test_a_confirmation_renews_the_lease(shelf: Shelf) -> None:
    shelf.feed.put(1)
    shelf.fill()
    shelf.clock.at += LEASE
    shelf.cache.renew()
    shelf.clock.at += LEASE
    assert shelf.again().live is not None


def test_an_answer_that_has_more_to_tell_does_not_renew_the_lease(shelf: Shelf) -> None:
    shelf.fill()
    before = shelf.cache.reached("live").synced_at
    for n in range(20):
        shelf.feed.put(n)
    shelf.clock.at += timedelta(hours=1)
    first = len(shelf.feed.page("e1:0", 1000)) // 2
    shelf.take("live", "e1:0", cut=first)
    assert shelf.cache.reached("live").synced_at == before
    shelf.follow()
    assert shelf.cache.reached("live").synced_at == before + 3600


@pytest.mark.parametrize(
    ("age", "lapsed"),
    [(timedelta(), False), (LEASE, False), (LEASE + timedelta(seconds=1), True), (timedelta(hours=-2), False),
     (timedelta(days=-2), True)],
)  # fmt: skip
def test_the_lease_counts_both_ways(age: timedelta, lapsed: bool) -> None:
    assert has_lapsed(START - age, START, LEASE) is lapsed


def test_a_disk_without_room_stops_the_filling_and_not_the_reading(shelf: Shelf) -> None:
    shelf.feed.put(1)
    shelf.fill()
    shelf.cache._reserve = 1 << 60
    shelf.feed.put(2)
    with pytest.raises(DatabaseFault) as caught:
        shelf.follow()
    assert caught.value.kind is FaultKind.FULL
    assert [shelf.has(1), shelf.has(2)] == [1, None]
    shelf.cache._reserve = 0
    shelf.follow()
    assert shelf.has(2) == 1


def test_a_draft_without_its_last_page_is_not_taken_for_a_cache(shelf: Shelf) -> None:
    """The file of another page size, or half of one: thrown away, whatever its name."""
    shelf.feed.put(1)
    shelf.fill()
    shelf.reader.close()
    shelf.cache.close()
    whole = shelf.folder.cache.read_bytes()
    shelf.folder.cache.write_bytes(whole[:-4096])
    assert shelf.again().live is None


def test_the_feeds_rows_are_what_a_map_would_hold(tmp_path: Path) -> None:
    """Random changes, followed in random steps: the same people as a dictionary."""
    shelf = Shelf(tmp_path)
    shelf.cache.open()
    shelf.fill()
    chance = random.Random(11)
    for step in range(60):
        n = chance.randrange(12)
        if chance.random() < 0.3:
            shelf.feed.drop(n)
        else:
            shelf.feed.put(n, step + 1, cards=tuple(chance.sample(range(3), chance.randrange(1, 4))))
        if chance.random() < 0.5:
            shelf.follow()
    shelf.follow()
    expected = {one for row in shelf.feed.scope.values() for one in row.fingerprints}
    cards = {(n, card): fingerprint_of(n, card) for n in range(12) for card in range(3)}
    assert {one for one in cards.values() if shelf.reader.find(one)} == expected
    assert shelf.cache.reached("live").people == len(shelf.feed.scope)
    shelf.close()


def test_a_stale_wal_never_meets_another_file(shelf: Shelf) -> None:
    """What the old one had in its WAL is gone with it, also when nobody could close it in order (SIGKILL)."""
    shelf.feed.put(1)
    shelf.fill()
    shelf.feed.put(1, 2)
    shelf.follow()
    wal = shelf.folder.cache.with_name("cache.db-wal").read_bytes()
    assert wal
    shelf.reader.close()
    shelf.cache.begin_draft()
    shelf.take("draft", "")
    shelf.cache._live.close()
    shelf.cache._live = None
    shelf.folder.cache.with_name("cache.db-wal").write_bytes(wal)
    shelf.cache.publish()
    assert shelf.again().thrown_away == ()


def test_the_reader_needs_the_key(shelf: Shelf) -> None:
    shelf.feed.put(1)
    shelf.fill()
    with pytest.raises(DatabaseFault) as caught:
        open_database(shelf.folder.cache, bytes(32), form=cache_database.LIVE_FORM, read_only=True)
    assert caught.value.kind is FaultKind.CORRUPT
    assert records.reached(shelf.cache._live).people == 1
