from __future__ import annotations

import errno
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from fakes.journals import EPOCH, IDS, KEY, StillClock, append, entry, filled, open_journal
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.domain import reference
from kiosk.domain.errors import EnvironmentFault
from kiosk.wire.journal_chain import GENESIS, ClearHeader, chain_hash
from offline_cache import head_mark
from offline_cache.database import DatabaseFault, FaultKind, open_database
from offline_cache.entries import JournalStatus, Place, Refusal, Settled
from offline_cache.head_mark import Head, HeadMark, mark_path, read_mark, set_aside
from offline_cache.inspection import inspect
from offline_cache.journal import Journal
from offline_cache.migrations import STEPS, migrate


def test_an_appended_entry_is_there_after_opening_again(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    new = entry()
    place = append(journal, new)
    journal.close()
    again = open_journal(tmp_path)
    found = again.entry(new.id)
    assert found is not None
    assert (found.body, found.seq, found.state) == (new.body, 1, "waiting")
    assert place == Place(new.id, 1, EPOCH, "2026-03-04T12:00:00Z")
    assert reference.parts(again.reference_of(place)) == reference.ReferenceParts(7, EPOCH, 1)
    again.close()


def test_the_chain_is_what_anybody_can_compute(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    news = [entry() for _ in range(3)]
    for new in news:
        append(journal, new)
    previous = GENESIS
    for seq, new in enumerate(news, 1):
        found = journal.entry(new.id)
        assert found is not None
        header = ClearHeader(new.id, "transaction", "T0007", EPOCH, seq, 1, "20260101-abcdef", "2026-03-04T12:00:00Z")
        assert found.previous_hash == previous
        assert found.hash == chain_hash(previous, new.body, header)
        previous = found.hash
    journal.close()


def test_the_same_bytes_are_the_same_entry_and_other_bytes_a_conflict(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    new = entry()
    first = append(journal, new)
    append(journal)
    assert journal.append(new) == first
    assert journal.append(entry(b"other", id_=new.id)) is Refusal.ID_CONFLICT
    assert journal.backlog == 2
    assert append(journal).seq == 3
    journal.close()


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 1)), max_size=25))
def test_it_is_a_map_from_ids_to_bodies_that_never_changes(tmp_path_factory: pytest.TempPathFactory, steps) -> None:
    folder = tmp_path_factory.mktemp("journal")
    ids = [IDS.new() for _ in range(6)]
    known: dict[str, tuple[bytes, int]] = {}
    journal = open_journal(folder)
    for which, body in steps:
        id_, bytes_ = ids[which], b"body %d" % body
        outcome = journal.append(entry(bytes_, id_=id_))
        if id_ not in known:
            known[id_] = (bytes_, len(known) + 1)
        expected, seq = known[id_]
        if expected == bytes_:
            assert isinstance(outcome, Place)
            assert outcome.seq == seq
        else:
            assert outcome is Refusal.ID_CONFLICT
    assert [found.id for found in journal.waiting(limit=99, most_bytes=1 << 20)] == list(known)
    journal.close()


def test_entries_cannot_be_changed_or_removed(tmp_path: Path) -> None:
    filled(tmp_path, 2)
    database = open_database(tmp_path / "journal.db", KEY)
    for statement in ("UPDATE entry SET body = x'00'", "DELETE FROM entry"):
        with pytest.raises(DatabaseFault, match="append-only"):
            database.execute(statement)
    database.close()


def test_sequence_numbers_do_not_come_back(tmp_path: Path) -> None:
    filled(tmp_path, 3)
    database = open_database(tmp_path / "journal.db", KEY)
    database.execute("DROP TRIGGER entry_is_append_only_delete")
    database.execute("DELETE FROM entry WHERE seq = 3")
    assert database.row("SELECT seq FROM sqlite_sequence WHERE name = 'entry'") == (3,)
    assert inspect(database, None).flaws == ("entries 3 to 3 were removed",)
    database.close()


def test_the_file_says_nothing_without_the_key(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    append(journal, entry(b"CANARY-BODY"))
    raw = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"CANARY" not in raw
    assert b"SQLite format" not in raw
    journal.close()
    plain = sqlite3.connect(tmp_path / "journal.db")
    with pytest.raises(sqlite3.DatabaseError):
        plain.execute("SELECT * FROM entry")
    plain.close()
    assert (tmp_path / "journal.db").stat().st_mode & 0o777 == 0o600


def test_a_wrong_key_is_corrupt_and_says_nothing_on_stderr(tmp_path: Path) -> None:
    filled(tmp_path, 1)
    code = (
        "from pathlib import Path; from offline_cache.database import *\n"
        f"try: open_database(Path({str(tmp_path / 'journal.db')!r}), bytes(32))\n"
        "except DatabaseFault as fault: print(fault.kind.value)"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("corrupt\n", "")


def test_durability_is_set_as_promised(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    database = journal._database
    assert database is not None
    assert database.row("PRAGMA synchronous") == (2,)
    assert database.row("PRAGMA journal_mode") == ("wal",)
    assert database.row("PRAGMA cipher_hmac_algorithm") == ("HMAC_SHA256",)
    journal.close()


def test_an_append_after_opening_or_tidying_finds_the_wal_begun(tmp_path: Path) -> None:
    """Whoever begins the WAL syncs its header first: that is done before anybody waits for an answer."""
    journal = open_journal(tmp_path)
    wal = tmp_path / "journal.db-wal"

    def salts() -> bytes:
        return wal.read_bytes()[16:24]

    begun = salts()
    append(journal)
    assert salts() == begun
    journal.tidy()
    again = salts()
    assert again != begun
    append(journal)
    assert salts() == again
    journal.close()


def test_what_waits_is_told_in_order_and_in_bounds(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    ids = [append(journal, entry(b"x" * 100)).id for _ in range(5)]
    assert [found.id for found in journal.waiting(limit=3, most_bytes=1000)] == ids[:3]
    assert [found.id for found in journal.waiting(limit=9, most_bytes=250)] == ids[:2]
    assert [found.id for found in journal.waiting(limit=9, most_bytes=1)] == ids[:1]
    assert journal.oldest_waiting == "2026-03-04T12:00:00Z"
    journal.close()


def test_what_the_back_office_said_is_kept_beside_the_entry(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    ids = [append(journal).id for _ in range(4)]
    assert journal.settle([Settled(ids[0], "received", "waiting"), Settled(ids[2], "refused", detail="422 body: no")])
    assert journal.backlog == 2
    assert [found.id for found in journal.waiting(limit=9, most_bytes=1 << 20)] == [ids[1], ids[3]]
    assert journal.decide(ids[0], "in_force")
    first, third = journal.entry(ids[0]), journal.entry(ids[2])
    assert first is not None
    assert third is not None
    assert (first.state, first.decision) == ("received", "in_force")
    assert (third.state, third.detail) == ("refused", "422 body: no")
    journal.close()
    again = open_journal(tmp_path)
    assert (again.backlog, again.status) == (2, JournalStatus.OK)
    again.close()


def test_print_reports_wait_for_their_entry_and_are_said_once(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    id_ = append(journal).id
    assert journal.report_print(id_, "received", "failed")
    assert journal.report_print(id_, "received", "failed")
    assert journal.report_print(id_, "received", "printed")
    assert journal.waiting_prints(limit=9) == []
    journal.settle([Settled(id_, "received")])
    waiting = journal.waiting_prints(limit=9)
    assert [report.outcome for report in waiting] == ["failed", "printed"]
    assert journal.settle_prints(waiting, received=True)
    assert journal.waiting_prints(limit=9) == []
    journal.close()


def test_a_journal_that_is_gone_is_not_made_anew(tmp_path: Path) -> None:
    filled(tmp_path, 2)
    (tmp_path / "journal.db").unlink()
    journal = open_journal(tmp_path)
    assert journal.status is JournalStatus.CORRUPT
    assert journal.append(entry()) is Refusal.JOURNAL_CORRUPT
    assert not (tmp_path / "journal.db").exists()


def test_a_journal_put_back_is_found_out(tmp_path: Path) -> None:
    filled(tmp_path, 2)
    copy = (tmp_path / "journal.db").read_bytes()
    filled(tmp_path, 1)
    (tmp_path / "journal.db").write_bytes(copy)
    journal = open_journal(tmp_path)
    assert journal.status is JournalStatus.CORRUPT
    assert "3 to 3 are missing" in journal.detail


def test_a_mark_that_is_behind_or_damaged_proves_nothing(tmp_path: Path) -> None:
    filled(tmp_path, 2)
    mark = mark_path(tmp_path / "journal.db")
    head = read_mark(mark)
    assert head is not None
    HeadMark(mark, Head(EPOCH, 1, head.hash)).close()
    journal = open_journal(tmp_path)
    assert journal.status is JournalStatus.OK
    journal.close()
    mark.write_bytes(b"nonsense")
    assert read_mark(mark) is None
    journal = open_journal(tmp_path)
    assert (journal.status, journal.head.seq) == (JournalStatus.OK, 2)
    journal.close()
    assert read_mark(mark) == head


def test_a_new_epoch_begins_a_new_journal_once_the_old_one_is_drained(tmp_path: Path) -> None:
    places = filled(tmp_path, 2)
    journal = open_journal(tmp_path, epoch=4)
    assert journal.head.epoch == EPOCH  # still to be delivered
    assert append(journal).epoch == EPOCH
    waiting = journal.waiting(limit=9, most_bytes=1 << 20)
    assert [found.id for found in waiting[:2]] == [place.id for place in places]
    journal.settle([Settled(found.id, "received") for found in waiting])
    journal.close()
    journal = open_journal(tmp_path, epoch=4)
    assert (journal.head.epoch, journal.head.seq, journal.status) == (4, 0, JournalStatus.OK)
    assert append(journal).seq == 1
    journal.close()
    assert (tmp_path / "journal-T0007-3.db").exists()
    assert (tmp_path / "journal-T0007-3.head").exists()


def test_a_corrupt_journal_is_set_aside_by_a_new_enrolment(tmp_path: Path) -> None:
    filled(tmp_path, 2)
    path = tmp_path / "journal.db"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert open_journal(tmp_path).status is JournalStatus.CORRUPT
    journal = open_journal(tmp_path, epoch=4)
    assert (journal.status, journal.head.epoch) == (JournalStatus.OK, 4)
    journal.close()
    assert (tmp_path / "journal-3.db").read_bytes() == bytes(data)


def test_the_journal_of_another_terminal_is_not_continued(tmp_path: Path) -> None:
    filled(tmp_path, 2)

    def opened() -> Journal:
        return Journal.open(
            tmp_path / "journal.db", KEY, terminal="T0008", epoch=EPOCH, clock=StillClock(), ballast_bytes=1 << 16
        )

    journal = opened()
    assert journal.status is JournalStatus.CORRUPT
    assert "journal of T0007, with 2 entries" in journal.detail
    assert journal.append(entry()) is Refusal.JOURNAL_CORRUPT
    journal.close()
    theirs = open_journal(tmp_path)
    theirs.settle([Settled(found.id, "received") for found in theirs.waiting(limit=9, most_bytes=1 << 20)])
    theirs.close()
    journal = opened()
    assert (journal.status, journal.head.seq) == (JournalStatus.OK, 0)
    journal.close()
    assert (tmp_path / "journal-T0007-3.db").exists()


def test_what_was_set_aside_is_never_overwritten(tmp_path: Path) -> None:
    for _ in range(2):
        filled(tmp_path, 1)
        set_aside(tmp_path / "journal.db", "T0007-3")
    assert len(list(tmp_path.glob("journal-T0007-3*.db"))) == 2


def test_a_journal_that_cannot_be_set_aside_takes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(tmp_path, 1)
    journal = open_journal(tmp_path)
    journal.settle([Settled(found.id, "received") for found in journal.waiting(limit=9, most_bytes=1 << 20)])
    journal.close()
    with monkeypatch.context() as sick:
        sick.setattr(head_mark, "sync_folder", failing)
        journal = open_journal(tmp_path, epoch=4)
        assert (journal.status, journal.append(entry())) == (JournalStatus.CORRUPT, Refusal.JOURNAL_CORRUPT)
        assert "cannot be set aside" in journal.detail
        journal.close()
    journal = open_journal(tmp_path, epoch=4)
    assert (journal.status, journal.head.epoch) == (JournalStatus.OK, 4)
    journal.close()
    assert (tmp_path / "journal-T0007-3.db").exists()


def failing(folder: Path) -> None:
    raise OSError(errno.EIO, "Input/output error", str(folder))


def test_a_journal_of_a_newer_release_is_refused(tmp_path: Path) -> None:
    filled(tmp_path, 1)
    database = open_database(tmp_path / "journal.db", KEY)
    database.execute(f"PRAGMA user_version = {len(STEPS) + 1}")
    with pytest.raises(EnvironmentFault, match=f"knows {len(STEPS)}"):
        migrate(database)
    database.close()


def test_a_database_fault_in_a_transaction_leaves_nothing(tmp_path: Path) -> None:
    filled(tmp_path, 1)
    database = open_database(tmp_path / "journal.db", KEY)

    def halfway() -> None:
        with database.transaction():
            database.execute("UPDATE journal SET verdicts = 9")
            database.execute("INSERT INTO journal (epoch) VALUES (1)")

    with pytest.raises(DatabaseFault) as caught:
        halfway()
    assert caught.value.kind is FaultKind.CONSTRAINT
    assert database.row("SELECT verdicts FROM journal") == (0,)
    database.close()


def test_opening_needs_a_folder(tmp_path: Path) -> None:
    journal = Journal.open(
        tmp_path / "none" / "journal.db", KEY, terminal="T0007", epoch=1, clock=StillClock(), ballast_bytes=4096
    )
    assert journal.status is JournalStatus.UNUSABLE
    assert journal.append(entry()) is Refusal.OUT_OF_SERVICE
