"""Partners that are slow, down or unwilling; backoff; what a sent notice leaves behind."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from back_office import outbox
from back_office.notices import cancellation_code
from back_office.repository import desk, timestamp
from back_office.repository import outbox as rows
from back_office.settings import PartnerSettings
from back_office.wakeups import Bell, Wakeups
from kiosk.domain.bank_change import State
from kiosk.system import SystemIds

if TYPE_CHECKING:
    from back_office_bench import Bench

    from back_office.installation import Work
    from back_office.opening import Opened


class Extreme:
    """Randomness that is always lowest or always highest."""

    def __init__(self, byte: int) -> None:
        self._byte = byte

    def token(self, n_bytes: int) -> bytes:
        return bytes([self._byte]) * n_bytes


@given(attempts=st.integers(0, 10_000), base=st.floats(0.01, 60), cap=st.floats(1, 86_400))
def test_backoff_is_full_jitter_under_a_cap(attempts: int, base: float, cap: float) -> None:
    settings = PartnerSettings(retry_base_seconds=base, retry_cap_seconds=cap)
    ceiling = min(cap, base * 2 ** min(attempts, 40))
    assert outbox.backoff_seconds(attempts, settings, Extreme(0)) == 0  # type: ignore[arg-type]
    highest = outbox.backoff_seconds(attempts, settings, Extreme(255))  # type: ignore[arg-type]
    assert 0.99 * ceiling <= highest <= ceiling
    assert 0 <= outbox.backoff_seconds(attempts, settings, SystemIds()) <= ceiling


def test_an_attempt_that_failed_counts_and_waits(office: Bench) -> None:
    office.bank.down = True
    change = office.submit(office.holder("marie"), "marie_second")
    with office.it.database.read() as db:
        (row,) = [row for row in rows.of_change(db, change) if row.kind == "verify_account"]
    assert row.attempts >= 1
    assert row.done_at is None
    assert row.last_error == "down"
    assert row.next_at > row.created_at


def test_a_refused_mail_is_stood_in_for_by_a_letter_with_the_same_code(office: Bench) -> None:
    office.bank_knows("marie_second", "match")
    with office.it.work() as work:
        work.db.execute("DELETE FROM contact WHERE person = ? AND channel = 'letter'", (office.person("marie"),))
    office.messages.refusing = {"email"}
    change = office.submit(office.holder("marie"), "marie_second")
    assert office.change(change).state is State.IN_FORCE
    letters = [message for message in office.messages.sent if message.channel == "letter" and "received" in message.key]
    assert len(letters) == 1
    assert "Praha 2" in letters[0].destination, "without a postal address it waits at the office"
    code = cancellation_code(change, office.it.keyring.code_key())
    assert f"{code[:4]}-{code[4:]}" in letters[0].text
    with office.it.database.read() as db:
        assert [(case.kind, case.reason) for case in desk.open_cases(db)] == [("undelivered", "notice:email")]


def test_a_letter_that_went_out_stands_in_for_the_mail(office: Bench) -> None:
    office.bank_knows("marie_second", "match")
    office.messages.refusing = {"email"}
    change = office.submit(office.holder("marie"), "marie_second")
    assert office.change(change).state is State.IN_FORCE
    assert len([m for m in office.messages.sent if m.channel == "letter" and "received" in m.key]) == 1


def test_without_any_contact_a_letter_waits_at_the_office_and_so_does_the_change(office: Bench) -> None:
    marie = office.holder("marie")
    office.bank_knows("marie_second", "match")
    with office.it.work() as work:
        work.db.execute("DELETE FROM contact WHERE person = ?", (office.person("marie"),))
    change = office.submit(marie, "marie_second")
    assert office.change(change).no_contact
    assert office.verdict(marie, change).decision == "waiting"
    office.later(days=14)
    office.settle()
    assert office.change(change).state is State.IN_FORCE


def test_when_nothing_can_be_delivered_nothing_comes_into_force(office: Bench) -> None:
    office.bank_knows("marie_second", "match")
    office.messages.refusing = {"email", "sms", "letter"}
    change = office.submit(office.holder("marie"), "marie_second")
    office.later(days=30)
    office.settle()
    assert office.change(change).state is State.ACCOUNT_VERIFIED
    assert office.bank.told == []


def test_a_sent_notice_keeps_no_code_no_name_and_no_address(office: Bench) -> None:
    office.bank_knows("marie_second", "match")
    change = office.submit(office.holder("marie"), "marie_second")
    with office.it.database.read() as db:
        kept = rows.of_change(db, change)
    for row in kept:
        assert row.done_at is not None
        if row.kind != "announce_account":
            assert "Novotn" not in row.payload
            assert set(json.loads(row.payload)) <= {"purpose", "contact", "channel"}


def test_an_answer_booked_twice_counts_once(office: Bench) -> None:
    office.bank_knows("marie_second", "match")
    entry = office.change_entry(office.holder("marie"), "marie_second")
    office.receive(entry)
    office.decide(entry["id"])
    with office.it.database.read() as db:
        (row,) = rows.due(db, timestamp(office.it.clock.now()))
    reply = outbox.send(row, office.partners, 1.0)
    for _ in range(2):
        outbox.book(office.it, row, reply)
    events = office.rows("SELECT event FROM bank_change_event WHERE event = 'VerificationAnswered'")
    assert len(events) == 1


def test_an_answer_after_the_change_was_stopped_changes_nothing(office: Bench) -> None:
    marie = office.holder("marie")
    office.bank_knows("marie_second", "match")
    entry = office.change_entry(marie, "marie_second")
    office.receive(entry)
    office.decide(entry["id"])
    stop = office.entry(marie, "bank_account.stop", {"change": entry["id"]})
    office.receive(stop)
    office.settle()
    assert office.change(entry["id"]).state is State.CANCELLED
    assert office.bank.told == []


# --- the rounds --------------------------------------------------------------------------------------


@pytest.fixture
def rounds(office: Bench) -> object:
    from back_office.rounds import Rounds

    made = Rounds(office.it, office.partners, Bell(), Wakeups())
    made.start()
    yield made
    made.stop()


def wait_for_state(office: Bench, change: str, state: State) -> None:
    """Poll the record until it says so; the rounds work in their own threads."""
    deadline = threading.Event()
    for _ in range(400):
        row = office.rows("SELECT state FROM bank_change WHERE id = ?", change)
        if row and row[0]["state"] == state.value:
            return
        deadline.wait(0.02)
    raise AssertionError(f"still {row}")


def test_the_rounds_carry_a_change_through(office: Bench, rounds: object) -> None:
    office.bank_knows("marie_second", "match")
    entry = office.change_entry(office.holder("marie"), "marie_second")
    office.receive(entry)
    wait_for_state(office, entry["id"], State.IN_FORCE)


def test_a_server_that_is_not_the_sender_sends_nothing(office: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    from back_office.rounds import Rounds

    one = Rounds(office.it, office.partners, Bell(), Wakeups())
    office.receive(office.change_entry(office.holder("marie"), "marie_second"))
    monkeypatch.setattr(type(office.it.database), "works_alone", lambda _: False)
    for _ in range(3):
        one.round()  # decides, but leaves what is to be sent
    one._pool.shutdown(wait=True)
    rows_left = office.rows("SELECT attempts FROM outbox WHERE done_at IS NULL AND kind = 'verify_account'")
    assert [row["attempts"] for row in rows_left] == [0]
    assert office.bank.asked == []


def test_a_slow_bank_does_not_hold_up_other_decisions(office: Bench, rounds: object) -> None:
    office.bank.before_answer = threading.Event()
    slow = office.change_entry(office.holder("marie"), "marie_second")
    office.receive(slow)
    wait_for_state(office, slow["id"], State.RECEIVED)
    stop = office.entry(office.holder("marie"), "bank_account.stop", {"change": slow["id"]})
    office.receive(stop)
    wait_for_state(office, slow["id"], State.CANCELLED)
    office.bank.before_answer.set()


def test_a_clock_that_is_moved_ends_the_wait(office: Bench, rounds: object) -> None:
    office.bank_knows("close_name", "close_match", "Marie Anna Novotná")
    marie = office.holder("marie")
    entry = office.change_entry(marie, "close_name")
    office.receive(entry)
    wait_for_state(office, entry["id"], State.WAITING)
    confirmation = office.entry(marie, "bank_account.confirm_holder", {"change": entry["id"]})
    office.receive(confirmation)
    for _ in range(400):
        if office.change(entry["id"]).confirmed_at:
            break
        threading.Event().wait(0.02)
    office.later(days=14)
    wait_for_state(office, entry["id"], State.IN_FORCE)


def test_a_faulty_item_is_set_aside_and_delays_nobody(
    office: Bench, rounds: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    from back_office import decisions

    bad = office.change_entry(office.holder("marie"), "marie_second")
    good = office.change_entry(office.holder("karel"), "karel_second")
    office.bank_knows("karel_second", "match")
    real = decisions._decide

    def faulty(work: Work, opened: Opened) -> frozenset[str]:
        moved = real(work, opened)
        if opened.row.id == bad["id"]:
            raise KeyError("a fault of ours")
        return moved

    monkeypatch.setattr(decisions, "_decide", faulty)
    office.receive(bad, good)
    wait_for_state(office, good["id"], State.IN_FORCE)
    assert office.rows("SELECT status, reason FROM inbox WHERE id = ?", bad["id"]) == [
        {"status": "quarantined", "reason": "fault:KeyError"}
    ]
