"""Receiving of many terminals in one transaction, and what is kept of what is out of order."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from back_office_bench import TerminalKeys, application, asgi, ask, enrolled, signed

from back_office import evidence, fleet, intake, push
from back_office.api_types import Push, Refused
from back_office.coalescer import Coalescer
from back_office.gate import SignedCall
from back_office.limits import Limits
from back_office.push import Batch
from back_office.repository import arrivals, conflicts, desk, inbox, terminals
from kiosk.domain.bank_change import State
from kiosk.wire.journal_chain import GENESIS
from kiosk.wire.problem import Problem, ProblemCode
from kiosk.wire.timestamps import timestamp as wire_time

if TYPE_CHECKING:
    from back_office_bench import Bench


def entry(office: Bench, terminal: TerminalKeys | None = None, body: str = "a.b.c.d.e") -> dict[str, Any]:
    at = wire_time(office.it.clock.now())
    return (terminal or office.terminal).entry(office.it.ids.new(), body.encode(), at, kind="audit")


def batch(office: Bench, terminal: TerminalKeys, *entries: dict[str, Any], nonce: str = "") -> Batch:
    with office.it.database.read() as db:
        known = terminals.terminal(db, terminal.id)
    assert known is not None
    made = Batch(office.it.ids.new(), known, office.it.clock.now())
    push.fill(made, msgspec.json.decode(msgspec.json.encode({"items": list(entries)}), type=Push))
    if nonce:
        made.nonce = (terminal.id, nonce, "2100")
    return made


def statuses(outcome: intake.Outcome) -> list[tuple[str, str]]:
    assert isinstance(outcome, intake.Received), outcome
    return [(result.status, result.reason) for result in outcome.answer.results]


def state(office: Bench, terminal: str) -> tuple[str, str | None]:
    with office.it.database.read() as db:
        row = terminals.terminal(db, terminal)
    assert row is not None
    return row.state, row.anomaly


def cases(office: Bench) -> list[tuple[str, str, str]]:
    with office.it.database.read() as db:
        return [(case.kind, case.subject, case.reason) for case in desk.open_cases(db)]


# --- groups ------------------------------------------------------------------------------------------


def test_pushes_of_several_terminals_are_one_transaction_and_each_gets_its_own_answer(office: Bench) -> None:
    others = [enrolled(office.it, f"T00{number}") for number in (11, 12, 13)]
    group = [batch(office, one, *(entry(office, one) for _ in range(2)), nonce=f"nonce-{one.id}") for one in others]
    counter = office.it.database.change_counter()
    outcomes = intake.receive_group(office.it, group)
    assert office.it.database.change_counter() == counter + 1, "one commit"
    for one, made, outcome in zip(others, group, outcomes, strict=True):
        assert isinstance(outcome, intake.Received)
        assert (outcome.answer.head.seq, outcome.answer.head.hash) == (2, one.head.hex())
        assert outcome.new == {item.id for item in made.entries}


def test_a_nonce_is_spent_in_the_same_transaction(office: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    first = batch(office, office.terminal, entry(office), nonce="once-only")
    with monkeypatch.context() as patched:
        patched.setattr(arrivals, "move_heads", lambda *_: (_ for _ in ()).throw(OSError("gone")))
        with pytest.raises(OSError, match="gone"):
            intake.receive_group(office.it, [first])
    assert statuses(intake.receive_group(office.it, [first])[0]) == [("received", "")], "nothing was spent"
    twice = [batch(office, office.terminal, entry(office), nonce=nonce) for nonce in ("once-only", "new", "new")]
    outcomes = intake.receive_group(office.it, twice)
    codes = [outcome.code if isinstance(outcome, Refused) else "received" for outcome in outcomes]
    assert codes == ["nonce_used", "received", "nonce_used"]


def test_one_terminal_s_disorder_costs_the_others_nothing(office: Bench) -> None:
    bad, good = enrolled(office.it, "T0011"), enrolled(office.it, "T0012")
    known = entry(office, bad)
    office.terminal, own = bad, office.terminal
    office.receive(known)
    office.terminal = own
    group = [
        batch(office, bad, known | {"body": "x.x.x.x.x"}),
        batch(office, good, entry(office, good)),
        batch(office, bad, {"id": "no entry"}),
    ]
    outcomes = intake.receive_group(office.it, group)
    assert [statuses(outcome)[0][0] for outcome in outcomes] == ["conflict", "received", "refused"]
    assert state(office, "T0012") == ("in_service", None)


def test_the_same_entry_in_two_pushes_of_one_group(office: Bench) -> None:
    one = entry(office)
    outcomes = intake.receive_group(office.it, [batch(office, office.terminal, one) for _ in range(3)])
    assert [statuses(outcome) for outcome in outcomes] == [[("received", "")]] * 3
    assert sum(len(outcome.new) for outcome in outcomes if isinstance(outcome, intake.Received)) == 1


def test_groups_beside_each_other_lose_nothing_and_keep_every_head(office: Bench) -> None:
    fleet_of = [enrolled(office.it, f"T00{number}") for number in range(11, 17)]
    groups = Coalescer(
        lambda batches: intake.receive_group(office.it, batches), workers=3, most=20, size=lambda one: len(one.places)
    )
    with ThreadPoolExecutor(6) as callers:

        def deliver(terminal: TerminalKeys) -> None:
            for number in range(15):
                items = [entry(office, terminal) for _ in range(1 + number % 3)]
                outcome = groups.submit(batch(office, terminal, *items)).result(30)
                assert {status for status, _ in statuses(outcome)} == {"received"}

        list(callers.map(deliver, fleet_of))
    groups.close()
    for terminal in fleet_of:
        with office.it.database.read() as db:
            head = terminals.journal_head(db, terminal.id, terminal.epoch)
        assert head is not None
        assert (head.seq, head.newest, head.hash) == (terminal.seq, terminal.seq, terminal.head.hex())
        assert state(office, terminal.id) == ("in_service", None)


def test_two_pushes_of_one_terminal_enter_beside_each_other_and_whoever_is_last_closes_the_hole(
    office: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = office.terminal
    first, second = (batch(office, terminal, *(entry(office) for _ in range(3))) for _ in range(2))
    both = threading.Barrier(2 if office.it.database.dialect == "postgresql" else 1)  # SQLite has one writer
    add = arrivals.add

    def together(*arguments: Any) -> set[str]:
        new = add(*arguments)
        both.wait(60)
        return new

    monkeypatch.setattr(arrivals, "add", together)
    with ThreadPoolExecutor(2) as callers:
        outcomes = list(callers.map(lambda one: intake.receive_group(office.it, [one])[0], (second, first)))
    assert [statuses(outcome) for outcome in outcomes] == [[("received", "")] * 3] * 2
    heads = {outcome.answer.head.seq for outcome in outcomes if isinstance(outcome, intake.Received)}
    assert terminal.seq in heads, "whoever came last knows all of it"
    with office.it.database.read() as db:
        head = terminals.journal_head(db, terminal.id, terminal.epoch)
    assert head is not None
    assert (head.seq, head.newest, head.hash) == (terminal.seq, terminal.seq, terminal.head.hex())
    assert state(office, terminal.id) == ("in_service", None)


def test_a_caller_who_goes_away_takes_nobody_along(office: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    receiver = application(office).state.receiver
    groups = receiver._groups
    bodies = [msgspec.json.encode({"items": [entry(office)]}) for _ in range(groups._workers + 2)]
    entered, go_on = threading.Semaphore(0), threading.Event()
    receive_group = intake.receive_group

    def later(*arguments: Any) -> list[intake.Outcome]:
        entered.release()
        assert go_on.wait(60)
        return receive_group(*arguments)

    monkeypatch.setattr(intake, "receive_group", later)

    def push(body: bytes) -> asyncio.Task[Any]:
        call = SignedCall("POST", "/v1/transactions", "", signed(office, "POST", "/v1/transactions", "", body), body)
        return asyncio.ensure_future(receiver.push(call))

    async def one_group_of_two() -> Any:
        for body in bodies[:-2]:  # each worker has one, so that the last two wait for the same group
            push(body)
            assert await asyncio.to_thread(entered.acquire, timeout=60)
        gone, stays = push(bodies[-2]), push(bodies[-1])
        async with asyncio.timeout(60):
            while len(groups._waiting) < 2:  # noqa: ASYNC110 - the coalescer tells nobody who waits
                await asyncio.sleep(0.01)
        gone.cancel()
        with pytest.raises(asyncio.CancelledError):
            await gone
        go_on.set()
        return await asyncio.wait_for(stays, 60)

    answered = asyncio.run(one_group_of_two())
    receiver.close()
    assert [result.status for result in answered.results] == ["received"]
    kept = office.rows("SELECT id FROM inbox WHERE terminal = ?", office.terminal.id)
    assert len(kept) == len(bodies), "what was begun is done"


# --- the coalescer -----------------------------------------------------------------------------------


def test_what_comes_while_a_group_is_written_is_the_next_group() -> None:
    groups: list[list[int]] = []
    begun, go_on = threading.Event(), threading.Event()

    def do(jobs: Any) -> list[int]:
        groups.append(list(jobs))
        begun.set()
        assert go_on.wait(10)
        return [job * 10 for job in jobs]

    coalescer = Coalescer(do, workers=1, most=3, size=lambda _: 1)
    first = coalescer.submit(1)
    assert begun.wait(10)
    rest = [coalescer.submit(number) for number in (2, 3, 4, 5)]
    assert not any(future.done() for future in (first, *rest)), "no answer before the commit"
    go_on.set()
    assert [future.result(10) for future in (first, *rest)] == [10, 20, 30, 40, 50]
    assert groups == [[1], [2, 3, 4], [5]]
    coalescer.close()
    with pytest.raises(RuntimeError):
        coalescer.submit(6)


def test_a_group_that_fails_is_tried_one_by_one() -> None:
    def do(jobs: Any) -> list[int]:
        if 13 in jobs:
            raise ValueError("unlucky")
        return list(jobs)

    coalescer = Coalescer(do, workers=1, most=100, size=lambda _: 1)
    futures = [coalescer.submit(number) for number in range(10, 16)]
    coalescer.close()
    for number, future in zip(range(10, 16), futures, strict=True):
        if number == 13:
            with pytest.raises(ValueError, match="unlucky"):
                future.result(1)
        else:
            assert future.result(1) == number


# --- a journal put back --------------------------------------------------------------------------------


def put_back(office: Bench, seq: int) -> None:
    """Restore the terminal's journal to how it was after `seq`."""
    rows = office.rows("SELECT hash FROM inbox WHERE terminal = ? AND seq = ?", office.terminal.id, seq)
    office.terminal.seq = seq
    office.terminal.head = bytes.fromhex(rows[0]["hash"]) if rows else GENESIS


def test_a_journal_put_back_suspends_and_nothing_it_delivers_is_lost(office: Bench) -> None:
    office.bank_knows("marie_second", "match")
    office.receive(entry(office), entry(office), entry(office))
    put_back(office, 1)
    again = [entry(office), entry(office), office.change_entry(office.holder("marie"), "marie_second")]
    received = office.receive(*again)
    assert statuses(received) == [
        ("conflict", "place_taken"),
        ("conflict", "place_taken"),
        ("received", "terminal_suspended"),
    ]
    assert state(office, office.terminal.id) == ("suspended", "journal_put_back")
    later = office.change_entry(office.holder("karel"), "karel_second")
    assert statuses(office.receive(later)) == [("received", "terminal_suspended")], "kept"
    office.settle()
    assert office.request_row(again[2]["id"]) is None, "and not decided"
    conflicting = sorted(subject for kind, subject, _ in cases(office) if kind == "conflict")
    assert conflicting == sorted(one["id"] for one in again[:2])

    with office.it.work() as work:
        fleet.change_state(work, office.terminal.id, "in_service", by="olga", reason="disk was swapped back")
    office.settle()
    assert office.change(again[2]["id"]).state is State.IN_FORCE
    assert office.request_row(later["id"]) is not None
    assert state(office, office.terminal.id) == ("in_service", None)


def test_a_journal_that_goes_on_otherwise_suspends_also_when_its_places_are_free(office: Bench) -> None:
    office.receive(entry(office), entry(office))
    put_back(office, 1)
    entry(office)  # written over the place of the second, never sent
    assert statuses(office.receive(entry(office))) == [("received", "terminal_suspended")]
    assert state(office, office.terminal.id) == ("suspended", "chain_broken")


def test_a_break_behind_a_hole_is_found_when_the_hole_is_closed(office: Bench) -> None:
    first = entry(office)
    other = TerminalKeys(office.terminal.id, office.terminal.office, office.terminal.key, office.terminal.epoch, 1)
    foreign = entry(office, other)  # seq 2 of another past
    office.receive(foreign)
    assert state(office, office.terminal.id) == ("in_service", None), "nobody can know yet"
    office.receive(first)
    assert state(office, office.terminal.id) == ("suspended", "chain_broken")


def test_what_a_suspended_terminal_delivered_goes_to_the_desk_when_it_is_retired(office: Bench) -> None:
    with office.it.work() as work:
        fleet.change_state(work, office.terminal.id, "suspended", by="olga", reason="stolen")
    sent = office.change_entry(office.holder("marie"), "marie_second")
    office.receive(sent)
    with office.it.work() as work:
        fleet.change_state(work, office.terminal.id, "retired", by="olga", reason="stolen")
    office.settle()
    assert cases(office) == [("quarantine", sent["id"], "terminal_retired")]
    refused = intake.receive_group(office.it, [batch(office, office.terminal, entry(office))])[0]
    assert isinstance(refused, Refused)
    assert refused.code == "retired"


def test_a_new_journal_after_the_technician_s_visit_lets_everything_go_on(office: Bench) -> None:
    office.receive(entry(office))
    put_back(office, 0)
    office.receive(entry(office))
    held = office.change_entry(office.holder("marie"), "marie_second")
    office.receive(held)
    office.terminal = enrolled(office.it)
    office.settle()
    assert office.request_row(held["id"]) is not None
    assert statuses(office.receive(entry(office))) == [("received", "")]
    assert state(office, office.terminal.id) == ("in_service", None)


# --- what is kept --------------------------------------------------------------------------------------


def test_a_push_can_be_verified_again_byte_for_byte(office: Bench) -> None:
    app = application(office)
    one, two = entry(office), entry(office, body="v.w.x.y." + "z" * 200)
    bad = {"id": one["id"], "seq": "no"}
    body = msgspec.json.format(msgspec.json.encode({"prints": [], "items": [one, bad, two]}), indent=3)
    headers = signed(office, "POST", "/v1/transactions", body=body)
    assert asgi(app, "POST", "/v1/transactions", headers=headers, body=body).status == 200
    (row,) = office.rows("SELECT id FROM batch")
    with office.it.database.read() as db:
        kept = conflicts.batch(db, row["id"])
        assert kept is not None
        assert evidence.body_of(db, kept.frame) == body
        assert len(kept.frame) < len(body), "bodies stand once"
        assert evidence.verify(db, row["id"]) == office.terminal.id
    with office.it.database.write() as db:
        db.execute("UPDATE inbox SET body = ? WHERE id = ?", (b"v.w.x.y.q", two["id"]))
    with office.it.database.read() as db:
        problem = evidence.verify(db, row["id"])
        assert isinstance(problem, Problem)
        assert problem.code is ProblemCode.DIGEST
        assert isinstance(evidence.verify(db, "unknown"), Problem)


def test_sending_again_keeps_no_second_proof(office: Bench) -> None:
    app, one = application(office), entry(office)
    for _ in range(3):
        assert ask(office, app, "POST", "/v1/transactions", body={"items": [one]}).status == 200
    assert office.rows("SELECT entries, logged FROM batch") == [{"entries": 1, "logged": 0}]
    assert intake.log_pushes(office.it) == 1
    assert intake.log_pushes(office.it) == 0
    assert [line.action for line in office.audit() if line.purpose == "intake"] == ["push.received"]


def test_what_is_no_entry_is_kept_and_an_officer_learns_of_it(office: Bench) -> None:
    id_ = office.it.ids.new()
    broken = {"id": id_, "kind": "transaction", "seq": 0}
    for _ in range(2):
        assert statuses(office.receive(broken))[0][0] == "refused"
    (kept,) = office.rows("SELECT claimed_id, raw FROM refused_item")
    assert msgspec.json.decode(kept["raw"]) == broken
    assert cases(office) == [("quarantine", id_, "not_an_entry")]


def test_a_conflict_is_kept_whole(office: Bench) -> None:
    one = entry(office)
    office.receive(one)
    other = one | {"body": "x.x.x.x.x"}
    office.receive(other)
    with office.it.database.read() as db:
        (kept,) = conflicts.of(db, one["id"])
        first = inbox.by_id(db, one["id"])
    assert first is not None
    assert (kept.body, kept.previous_hash, kept.recorded_at, kept.schema) == (
        b"x.x.x.x.x", one["previous_hash"], one["recorded_at"], 1,
    )  # fmt: skip
    assert (kept.reference, kept.office) == (first.reference, first.office)


# --- limits --------------------------------------------------------------------------------------------


def test_a_terminal_that_asks_too_often_is_told_when_to_come_back(office: Bench) -> None:
    app = application(office)
    assert app.state.service.limits.take(office.terminal.id, 1e9) is None, "all that there is"
    refused = ask(office, app, "POST", "/v1/transactions", body={"items": [entry(office) for _ in range(100)]})
    assert (refused.status, refused.error) == (429, "too_many_requests")
    assert int(refused.headers["retry-after"]) >= 1
    assert refused.json["error"]["remedy"]
    other = enrolled(office.it, "T0011")
    office.terminal = other
    assert ask(office, app, "GET", "/v1/ping").status == 200, "a bucket each"


def test_tokens_come_back_with_time_and_never_more_than_the_bucket_holds() -> None:
    now = [0.0]
    limits = Limits(2.0, 4.0, lambda: now[0])
    assert limits.take("T1", 4.0) is None
    refused = limits.take("T1")
    assert refused is not None
    assert refused.retry_after == 1
    now[0] = 1.0
    assert limits.take("T1", 2.0) is None
    assert limits.take("T1") is not None
    now[0] = 1000.0
    assert limits.take("T1", 400.0) is None, "what is larger than the bucket takes a full one"
    refused = limits.take("T1", 4.0)
    assert refused is not None
    assert refused.retry_after == 2
