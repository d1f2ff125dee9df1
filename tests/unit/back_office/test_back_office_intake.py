"""Receiving: once, whole, in its place; a bad item alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from back_office_bench import TerminalKeys, enrolled
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from back_office import intake
from back_office.api_types import Push
from back_office.repository import arrivals, inbox, terminals
from kiosk.domain import reference
from kiosk.domain.bank_change import State
from kiosk.wire.journal_chain import GENESIS
from kiosk.wire.timestamps import timestamp as wire_time

if TYPE_CHECKING:
    from back_office_bench import Bench

    from back_office.repository.terminals import Terminal


def some_entry(office: Bench, text: str = "a.b.c.d.e", terminal: TerminalKeys | None = None) -> dict[str, Any]:
    return (terminal or office.terminal).entry(
        office.it.ids.new(), text.encode(), wire_time(office.it.clock.now()), kind="audit"
    )


def terminal_of(office: Bench) -> Terminal:
    with office.it.database.read() as db:
        terminal = terminals.terminal(db, office.terminal.id)
    assert terminal is not None
    return terminal


def anomaly(office: Bench) -> str | None:
    return terminal_of(office).anomaly


def state(office: Bench) -> str:
    return terminal_of(office).state


def test_received_is_acknowledged_with_its_place(office: Bench) -> None:
    entry = some_entry(office)
    received = office.receive(entry)
    (result,) = received.answer.results
    assert (result.id, result.status, result.decision) == (entry["id"], "received", None)
    assert received.new == {entry["id"]}
    assert received.answer.head.seq == 1
    assert received.answer.head.hash == entry["hash"]
    with office.it.database.read() as db:
        row = inbox.by_reference(db, reference.make(7, office.terminal.epoch, 1))
    assert row is not None
    assert row.id == entry["id"]


def test_an_empty_batch_tells_the_head(office: Bench) -> None:
    head = office.receive().answer.head
    assert (head.epoch, head.seq, head.hash) == (office.terminal.epoch, 0, GENESIS.hex())


def test_a_push_of_nothing_is_told_how_far_earlier_journals_are_known(office: Bench) -> None:
    """A terminal asks so whether the back office still has what it had."""
    before = office.terminal
    office.receive(some_entry(office), some_entry(office))
    office.terminal = enrolled(office.it)
    told = office.receive().answer
    assert [(head.epoch, head.seq, head.hash) for head in told.earlier] == [(before.epoch, 2, before.head.hex())]
    assert told.head.epoch == before.epoch + 1
    assert told.history
    busy = office.receive(some_entry(office)).answer
    assert (busy.earlier, busy.history) == ([], "")
    printed = office.receive(prints=[{"id": busy.results[0].id, "stage": "recorded", "outcome": "printed"}]).answer
    assert (printed.earlier, printed.history) == ([], "")


def test_the_same_again_is_the_same_answer(office: Bench) -> None:
    marie = office.holder("marie")
    office.bank_knows("marie_second", "match")
    entry = office.change_entry(marie, "marie_second")
    office.receive(entry)
    office.settle()
    again = office.receive(entry)
    (result,) = again.answer.results
    assert (result.status, result.decision) == ("received", "in_force")
    assert result.sealed is not None
    assert again.new == frozenset()
    assert office.rows("SELECT count(*) AS n FROM inbox")[0]["n"] == 1
    assert len(office.bank.told) == 1


def test_the_same_twice_in_one_batch(office: Bench) -> None:
    entry = some_entry(office)
    received = office.receive(entry, entry)
    assert [result.status for result in received.answer.results] == ["received", "received"]
    assert received.new == {entry["id"]}


@pytest.mark.parametrize("part", ["body", "hash"])
def test_the_same_id_with_another_content_is_a_conflict(office: Bench, part: str) -> None:
    entry = some_entry(office)
    office.receive(entry)
    other = entry | {part: "x.x.x.x.x" if part == "body" else "0" * 64}
    for _ in range(2):
        (result,) = office.receive(other).answer.results
        assert (result.status, result.reason) == ("conflict", "other_body")
    assert office.rows("SELECT count(*) AS n FROM conflict")[0]["n"] == 1, "kept, once"
    kept = office.rows("SELECT body FROM inbox")[0]["body"]
    assert kept == entry["body"].encode()


def test_another_terminal_cannot_ask_about_an_entry_by_sending_it(office: Bench) -> None:
    marie = office.holder("marie")
    office.bank_knows("marie_second", "match")
    entry = office.change_entry(marie, "marie_second")
    office.receive(entry)
    office.settle()
    first, office.terminal = office.terminal, enrolled(office.it, "T0008")
    (result,) = office.receive(entry).answer.results
    assert (result.status, result.sealed, result.decision) == ("conflict", None, None)
    office.terminal = first


def test_a_journal_put_back_is_noticed(office: Bench) -> None:
    office.receive(some_entry(office), some_entry(office))
    office.terminal.seq, office.terminal.head = (
        1,
        bytes.fromhex(office.rows("SELECT hash FROM inbox WHERE seq = 1")[0]["hash"]),
    )
    written_again = some_entry(office)
    received = office.receive(written_again)
    (result,) = received.answer.results
    assert (result.status, result.reason) == ("conflict", "place_taken")
    assert received.answer.head.seq == 2
    assert (anomaly(office), state(office)) == ("journal_put_back", "suspended")
    assert office.rows("SELECT reason FROM conflict") == [{"reason": "place_taken"}]
    assert office.rows("SELECT reason FROM desk_case") == [{"reason": "place_taken"}]


def test_a_branch_of_a_journal_that_was_replaced_is_kept_and_suspends_nobody(office: Bench) -> None:
    """A terminal sends it again when a database that was put back forgot it; a technician has been there long since."""
    before = office.terminal
    branch = TerminalKeys(before.id, before.office, before.key, before.epoch)
    office.receive(some_entry(office), some_entry(office))
    office.terminal = enrolled(office.it)
    branch.key = office.terminal.key
    taken, beyond = [some_entry(office, "b.r.a.n.ch", branch) for _ in range(3)][::2]
    for _ in range(2):
        statuses = [(result.status, result.reason) for result in office.receive(taken, beyond).answer.results]
        assert statuses == [("conflict", "place_taken"), ("received", "")]
        assert (anomaly(office), state(office)) == (None, "in_service")
    assert len(office.rows("SELECT 1 FROM conflict WHERE id = ?", taken["id"])) == 1
    assert len(office.rows("SELECT 1 FROM inbox WHERE id = ? AND held = ''", beyond["id"])) == 1


def test_a_heartbeat_from_a_journal_put_back_is_noticed(office: Bench) -> None:
    office.receive(some_entry(office), some_entry(office))
    for seq, minutes, expected in ((2, 0, None), (1, 0, None), (2, 3, None), (1, 0, "journal_put_back")):
        office.later(minutes=minutes)
        report = {"journal_epoch": office.terminal.epoch, "journal_seq": seq}
        with office.it.work() as work:
            terminal = terminals.terminal(work.db, office.terminal.id)
            assert terminal is not None
            intake.keep_heartbeat(work, terminal, report)
            intake.keep_heartbeat(work, terminal, {"journal_epoch": "x", "journal_seq": None})
        assert anomaly(office) == expected


def test_an_epoch_that_was_never_bound_is_kept_for_the_desk(office: Bench) -> None:
    office.terminal.epoch += 1
    (result,) = office.receive(some_entry(office)).answer.results
    assert (result.status, result.reason) == ("quarantined", "epoch_unknown")
    assert office.rows("SELECT count(*) AS n FROM conflict")[0]["n"] == 1


def test_an_old_journal_still_delivers_after_a_new_enrolment(office: Bench) -> None:
    old = office.terminal
    late = some_entry(office)
    office.terminal = enrolled(office.it)
    assert office.terminal.epoch == old.epoch + 1
    (result,) = office.receive(late).answer.results
    assert result.status == "received"


def test_a_hole_stops_the_head_until_it_is_closed(office: Bench) -> None:
    first, second, third = (some_entry(office) for _ in range(3))
    assert office.receive(first, third).answer.head.seq == 1
    assert anomaly(office) is None
    assert office.receive(second).answer.head.seq == 3


@pytest.mark.parametrize("fault", ["hash", "previous"])
def test_a_broken_chain_marks_the_terminal_and_is_received_all_the_same(office: Bench, fault: str) -> None:
    office.receive(some_entry(office))
    if fault == "previous":
        office.terminal.head = bytes(31) + b"\1"
        entry = some_entry(office)
    else:
        entry = some_entry(office) | {"hash": "1" * 64}
    (result,) = office.receive(entry).answer.results
    assert result.status == "received"
    assert anomaly(office) == ("chain_broken" if fault == "previous" else "hash_wrong")
    assert state(office) == ("suspended" if fault == "previous" else "in_service")


@pytest.mark.parametrize("current_first", [True, False])
def test_a_break_in_an_earlier_journal_hides_none_in_this_one(office: Bench, *, current_first: bool) -> None:
    before = office.terminal
    office.receive(some_entry(office))
    office.terminal = enrolled(office.it)
    before.key = office.terminal.key
    office.receive(some_entry(office))
    before.head = office.terminal.head = bytes(31) + b"\1"
    here, there = some_entry(office), some_entry(office, "e.a.r.l.ier", before)
    office.receive(*((here, there) if current_first else (there, here)))
    assert (anomaly(office), state(office)) == ("chain_broken", "suspended")
    lines = [json.loads(line.details)["epoch"] for line in office.audit(before.id) if line.action == "terminal.anomaly"]
    assert sorted(lines) == [str(before.epoch), str(office.terminal.epoch)]


def test_a_break_in_an_earlier_journal_is_on_record_and_suspends_nobody(office: Bench) -> None:
    before = office.terminal
    office.receive(some_entry(office))
    office.terminal = enrolled(office.it)
    before.key, before.head = office.terminal.key, bytes(31) + b"\1"
    entry = some_entry(office, "e.a.r.l.ier", before)
    for _ in range(2):
        assert [result.status for result in office.receive(entry).answer.results] == ["received"]
    assert (anomaly(office), state(office)) == (None, "in_service")
    assert [line.action for line in office.audit(before.id)].count("terminal.anomaly") == 1


def test_a_bad_item_is_refused_alone(office: Bench) -> None:
    good, also_good = some_entry(office), some_entry(office)
    received = office.receive(good, {"id": "nonsense", "seq": "one"}, also_good)
    assert [result.status for result in received.answer.results] == ["received", "refused", "received"]
    assert "nonsense" in received.answer.results[1].reason


def test_print_reports_are_kept_for_own_entries_only(office: Bench) -> None:
    entry = some_entry(office)
    foreign = office.it.ids.new()
    report = {"id": entry["id"], "stage": "received", "outcome": "failed"}
    office.receive(entry, prints=(report, report | {"id": foreign}, report | {"outcome": "no words\n"}))
    office.receive(prints=(report | {"outcome": "printed"},))
    with office.it.database.read() as db:
        assert inbox.print_reports(db, entry["id"]) == {"received": "printed"}
        assert inbox.print_reports(db, foreign) == {}


def test_a_batch_is_all_or_nothing(office: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [some_entry(office) for _ in range(3)]

    def failing(db: Any, moved: Any) -> Any:
        raise OSError("the disk went away")

    monkeypatch.setattr(arrivals, "move_heads", failing)
    with pytest.raises(OSError, match="the disk went away"):
        office.receive(*entries)
    assert office.rows("SELECT count(*) AS n FROM inbox")[0]["n"] == 0
    assert office.rows("SELECT seq FROM journal_head") == [{"seq": 0}]
    monkeypatch.undo()
    assert [result.status for result in office.receive(*entries).answer.results] == ["received"] * 3


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
FIELDS = ["id", "kind", "epoch", "seq", "schema", "sealing_key_id", "previous_hash", "hash", "recorded_at", "body"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    spoilt=st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=4),
    missing=st.sets(st.sampled_from(FIELDS), max_size=2),
)
def test_spoilt_items_never_raise_and_never_count_as_received(
    office: Bench, spoilt: dict[str, Any], missing: set[str]
) -> None:
    before = office.rows("SELECT count(*) AS n FROM inbox")[0]["n"]
    entry = {name: value for name, value in (some_entry(office) | spoilt).items() if name not in missing}
    try:
        push = msgspec.json.decode(msgspec.json.encode({"items": [entry]}), type=Push)
    except (msgspec.MsgspecError, UnicodeEncodeError):
        return
    with office.it.database.read() as db:
        terminal = terminals.terminal(db, office.terminal.id)
    assert terminal is not None
    (result,) = intake.receive(office.it, terminal, push).answer.results
    after = office.rows("SELECT count(*) AS n FROM inbox")[0]["n"]
    assert after - before == (1 if result.status == "received" else 0)
    if missing:
        assert result.status == "refused"


def test_the_oracle_of_duplicates_holds(office: Bench) -> None:
    """Deliveries in any order, repeated and overlapping, leave the same record as one clean delivery."""
    marie, karel = office.holder("marie"), office.holder("karel")
    for account in ("marie_second", "karel_second"):
        office.bank_knows(account, "match")
    entries = [
        office.change_entry(marie, "marie_second"),
        some_entry(office),
        office.change_entry(karel, "karel_second"),
    ]
    for batch in ([2], [0, 2], [1, 0], [0, 1, 2], [2, 1, 0]):
        office.receive(*(entries[place] for place in batch))
        office.settle()
    assert [row["seq"] for row in office.rows("SELECT seq FROM inbox ORDER BY seq")] == [1, 2, 3]
    assert office.change(entries[0]["id"]).state is office.change(entries[2]["id"]).state is State.IN_FORCE
    assert len(office.bank.told) == 2
    assert len({message.key for message in office.messages.sent}) == len(office.messages.sent) == 12
    assert json.loads(office.rows("SELECT document FROM bank_change")[0]["document"])["state"] == "in_force"
