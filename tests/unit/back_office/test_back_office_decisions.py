"""From a received envelope to a decision, one rule after another."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from back_office import decisions, firewall, pki
from back_office.repository import changes, desk, inbox, people
from kiosk.domain.audit import Actor
from kiosk.domain.bank_change import Change, Flag, Refusal, RefusalReason, State, Verification, events
from kiosk.domain.payments import HeldPayment, PayTo, first_payment_on, payee
from kiosk.wire.envelope import seal
from kiosk.wire.timestamps import timestamp as wire_time

if TYPE_CHECKING:
    from back_office_bench import Bench


def officer(office: Bench, change: str, event: events.Event, who: str = "alena") -> firewall.Outcome:
    with office.it.work() as work:
        return firewall.happen(work, change, event, actor=Actor("officer", who, "101"), purpose="desk")


def open_cases(office: Bench) -> list[tuple[str, str, str]]:
    with office.it.database.read() as db:
        return [(case.kind, case.subject, case.reason) for case in desk.open_cases(db)]


# --- the good way ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "account"), [("marie", "marie_second"), ("karel", "karel_second")])
def test_a_match_is_in_force_at_once_and_everybody_is_told(office: Bench, name: str, account: str) -> None:
    """P-256 and RSA cards alike."""
    holder = office.holder(name)
    office.bank_knows(account, "match")
    change = office.submit(holder, account)

    assert office.change(change).state is State.IN_FORCE
    verdict = office.verdict(holder, change)
    assert (verdict.decision, verdict.account_verification) == ("in_force", "match")
    assert verdict.text_key == "decision.bank_change.in_force"
    in_force_at = office.change(change).in_force_at
    assert in_force_at is not None
    assert verdict.first_payment_date == first_payment_on(in_force_at, office.it.scheme.payments).isoformat()

    with office.it.database.read() as db:
        account_now = people.account_in_force(db, office.person(name))
        before = people.accounts_of(db, office.person(name))[0]
    assert account_now is not None
    assert (account_now.iban, account_now.change) == (office.account(account), change)
    assert before.valid_to == account_now.valid_from
    assert [(told.iban, told.old_iban) for told in office.bank.told] == [
        (office.account(account), office.account(f"{name}_current"))
    ]
    purposes = [message.key.split(":")[1] for message in office.messages.sent]
    assert purposes.count("received") == purposes.count("in_force") == 3
    assert open_cases(office) == []


def test_the_bank_is_asked_with_former_names(office: Bench) -> None:
    office.bank_knows("ludmila_second", "match")
    office.submit(office.holder("ludmila"), "ludmila_second")
    (asked,) = office.bank.asked
    assert asked.name == "Ludmila Procházková"
    assert asked.former_names == ("Ludmila Veselá",)


def test_nothing_is_in_force_before_the_contacts_were_told(office: Bench) -> None:
    office.bank_knows("marie_second", "match")
    office.messages.down = {"sms"}
    change = office.submit(office.holder("marie"), "marie_second")
    assert office.change(change).state is State.ACCOUNT_VERIFIED
    assert office.bank.told == []
    office.messages.down = set()
    office.later(seconds=5)
    office.settle()
    assert office.change(change).state is State.IN_FORCE


def test_a_bank_that_is_down_delays_and_loses_nothing(office: Bench) -> None:
    office.bank_knows("marie_second", "match")
    office.bank.down = True
    marie = office.holder("marie")
    change = office.submit(marie, "marie_second")
    assert office.change(change).state is State.RECEIVED
    office.bank.down = False
    office.later(seconds=5)
    office.settle()
    assert office.verdict(marie, change).decision == "in_force"
    assert len(office.bank.asked) == 1


# --- what the bank says ------------------------------------------------------------------------------


def test_no_match_is_held_and_only_proof_and_a_second_officer_let_it_wait(office: Bench) -> None:
    marie = office.holder("marie")
    change = office.submit(marie, "of_someone_else")
    assert office.change(change).state is State.HELD
    assert office.verdict(marie, change).text_key == "decision.bank_change.held.bank_proof"
    assert open_cases(office) == [("held_change", change, "bank_proof officer")]

    at = office.it.clock.now()
    assert isinstance(officer(office, change, events.OfficerApproved(at, "alena", "seems right")), Refusal)
    officer(office, change, events.BankProofShown(at, "alena", "statement 7/2027"))
    same = officer(office, change, events.OfficerApproved(at, "alena", "seen"))
    assert isinstance(same, Refusal)
    approved = officer(office, change, events.OfficerApproved(at, "bohdan", "seen by two"), "bohdan")
    assert isinstance(approved, Change)
    assert approved.state is State.WAITING
    assert open_cases(office) == []
    word = office.verdict(marie, change)
    assert word.decision == "waiting"
    assert word.effective_on

    office.later(days=13)
    office.settle()
    assert office.change(change).state is State.WAITING
    office.later(days=1)
    office.settle()
    assert office.change(change).state is State.IN_FORCE
    assert office.verdict(marie, change).account_verification == "no_match"
    assert len(office.bank.told) == 1


def test_not_possible_is_never_a_match(office: Bench) -> None:
    office.bank_knows("not_possible", "not_possible")
    change = office.submit(office.holder("marie"), "not_possible")
    office.later(days=400)
    office.settle()
    assert office.change(change).state is State.HELD
    assert office.bank.told == []


def test_a_close_match_waits_for_the_holder_and_the_days(office: Bench) -> None:
    marie = office.holder("marie")
    office.bank_knows("close_name", "close_match", "Marie Anna Novotná")
    change = office.submit(marie, "close_name")
    word = office.verdict(marie, change)
    assert (word.decision, word.holder_name, word.text_key) == (
        "waiting",
        "Marie Anna Novotná",
        "decision.bank_change.confirm",
    )
    confirmation = office.entry(marie, "bank_account.confirm_holder", {"change": change})
    office.receive(confirmation)
    office.settle()
    noted = office.verdict(marie, confirmation["id"])
    assert (noted.decision, noted.effective_on) == ("in_force", office.verdict(marie, change).effective_on)
    assert noted.effective_on
    assert office.verdict(marie, change).holder_name == ""
    assert office.change(change).confirmed_at is not None
    assert office.verdict(marie, change).text_key == "decision.bank_change.waiting"
    office.later(days=14)
    office.settle()
    assert office.change(change).state is State.IN_FORCE


def test_a_close_match_nobody_confirms_goes_to_an_officer(office: Bench) -> None:
    office.bank_knows("close_name", "close_match", "Marie Anna Novotná")
    change = office.submit(office.holder("marie"), "close_name")
    office.later(days=15)
    office.settle()
    assert office.change(change).state is State.HELD


def test_somebody_else_cannot_confirm(office: Bench) -> None:
    office.bank_knows("close_name", "close_match", "Marie Anna Novotná")
    change = office.submit(office.holder("marie"), "close_name")
    karel = office.holder("karel")
    entry = office.entry(karel, "bank_account.confirm_holder", {"change": change})
    office.receive(entry)
    office.settle()
    word = office.verdict(karel, entry["id"])
    assert (word.decision, word.reason_code) == ("refused", "unknown_change")
    assert office.change(change).confirmed_at is None


def test_the_fourth_question_of_a_day_is_not_asked(office: Bench) -> None:
    marie = office.holder("marie")
    accounts = ["of_someone_else", "marie_second", "marie_third", "marie_fourth"]
    made = []
    for account in accounts:
        change = office.submit(marie, account)
        made.append(change)
        stop = office.entry(marie, "bank_account.stop", {"change": change})
        if account != accounts[-1]:
            office.receive(stop)
            office.settle()
            assert office.change(change).state is State.CANCELLED
    assert len(office.bank.asked) == 3
    last = office.change(made[-1])
    assert last.verification is Verification.NOT_ASKED
    assert last.state is State.HELD


# --- flags and blocks --------------------------------------------------------------------------------


def test_a_diverted_address_is_held_and_the_holder_is_not_told_why(office: Bench) -> None:
    anna = office.holder("diverted")
    office.bank_knows("diverted_second", "match")
    change = office.submit(anna, "diverted_second")
    kept = office.change(change)
    assert kept.state is State.HELD
    assert kept.flags == {Flag.ADDRESS_CHANGED}
    word = office.verdict(anna, change)
    assert word.decision == "held"
    assert "address" not in json.dumps([word.text_key, word.reason_code, dict(word.parameters)])
    assert [case[2] for case in open_cases(office)] == ["flag:address_changed officer"]
    letters = [m.destination for m in office.messages.sent if m.channel == "letter" and ":received:" in m.key]
    assert len(set(letters)) == 2, "both the old and the new address get the notice"


def test_a_helper_who_typed_raises_a_flag(office: Bench) -> None:
    office.bank_knows("marie_second", "match")
    typed = {"account": "helper:staff", "account_as_typed": "helper:staff"}
    change = office.submit(office.holder("marie"), "marie_second", entered_by=typed)
    assert Flag.TYPED_BY_HELPER in office.change(change).flags
    assert office.change(change).state is State.HELD


def test_an_account_of_somebody_else_on_file_raises_a_flag(office: Bench) -> None:
    office.bank_knows("ludmila_current", "match")
    change = office.submit(office.holder("marie"), "ludmila_current")
    assert Flag.ACCOUNT_SHARED in office.change(change).flags


def test_a_block_covers_a_change_under_way_too(office: Bench) -> None:
    marie = office.holder("marie")
    office.bank_knows("close_name", "close_match", "Marie Anna Novotná")
    waiting = office.submit(marie, "close_name")
    with office.it.work() as work:
        people.block_changes(work.db, office.person("marie"), blocked=True)
    office.later(days=20)
    office.settle()
    assert office.change(waiting).state is State.BLOCKED
    again = office.submit(marie, "marie_second")
    assert office.verdict(marie, again).decision == "blocked"
    assert office.bank.told == []


# --- refusals ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "account", "reason"),
    [
        ("josef", "josef_second", RefusalReason.NOT_BENEFICIARY),
        ("revoked", "revoked_second", RefusalReason.CARD_REVOKED),
        ("marie", "marie_current", RefusalReason.SAME_ACCOUNT),
        ("marie", "CZ0000000000000000000000", RefusalReason.ACCOUNT_UNUSABLE),
        ("marie", "CZ75 0800 0000 0000 0000", RefusalReason.ACCOUNT_UNUSABLE),
        ("staff", "marie_second", RefusalReason.NOT_ON_FILE),
    ],
)
def test_what_the_rules_refuse_has_a_reason(office: Bench, name: str, account: str, reason: RefusalReason) -> None:
    holder = office.holder(name)
    change = office.submit(holder, account)
    word = office.verdict(holder, change)
    assert (word.decision, word.reason_code) == ("refused", reason.value)
    assert word.text_key == f"decision.bank_change.refused.{reason.value}"
    assert office.bank.calls == 0
    assert all(line.hash for line in office.audit(change))


def test_a_second_change_while_one_is_pending_is_refused(office: Bench) -> None:
    marie = office.holder("marie")
    first = office.submit(marie, "of_someone_else")
    second = office.submit(marie, "marie_second")
    assert office.verdict(marie, second).reason_code == "change_pending"
    assert office.change(first).state is State.HELD


def test_of_an_edit_that_did_not_know_of_another_an_officer_decides(office: Bench) -> None:
    marie = office.holder("marie")
    office.bank_knows("marie_second", "match")
    office.bank_knows("marie_third", "match")
    office.submit(marie, "marie_second", base_version=1)
    told = len(office.messages.sent)
    later = office.submit(marie, "marie_third", base_version=1)
    word = office.verdict(marie, later)
    assert (word.decision, word.text_key) == ("held", "decision.request.held")
    assert open_cases(office) == [("conflict", later, "edit_conflict")]
    assert office.rows("SELECT id FROM bank_change WHERE id = ?", later) == [], "nothing of it has any effect"
    assert [message.key.split(":")[1] for message in office.messages.sent[told:]] == ["request_held"] * 3
    office.later(days=30)
    office.settle()
    assert office.bank.told[-1].iban == office.account("marie_second")
    right = office.submit(marie, "marie_third", base_version=2)
    assert office.verdict(marie, right).text_key.startswith("decision.bank_change"), (
        "who saw the record is in no conflict"
    )


def test_what_was_signed_offline_does_not_undo_what_came_into_force_later(office: Bench) -> None:
    marie = office.holder("marie")
    for name in ("marie_second", "marie_third"):
        office.bank_knows(name, "match")
    signed_offline = office.change_entry(marie, "marie_third")
    office.later(hours=1)
    office.submit(marie, "marie_second")
    office.receive(signed_offline)
    office.settle()
    assert open_cases(office) == [("conflict", signed_offline["id"], "edit_conflict")]
    with office.it.database.read() as db:
        account = people.account_in_force(db, office.person("marie"))
    assert account is not None
    assert account.iban == office.account("marie_second")


def test_a_card_revoked_after_signing_is_refused_too(office: Bench) -> None:
    marie = office.holder("marie")
    entry = office.change_entry(marie, "marie_second")
    with office.it.work() as work:
        people.revoke_card(work.db, marie.number, work.time, "lost")
    office.receive(entry)
    office.settle()
    assert office.verdict(marie, entry["id"]).reason_code == "card_revoked"


# --- stopping and disputing --------------------------------------------------------------------------


def test_the_holder_stops_a_change_with_the_card(office: Bench) -> None:
    marie = office.holder("marie")
    change = office.submit(marie, "of_someone_else")
    stop = office.entry(marie, "bank_account.stop", {"change": change})
    office.receive(stop)
    office.settle()
    word = office.verdict(marie, stop["id"])
    assert (word.decision, word.text_key) == ("cancelled", "decision.bank_account_stop.cancelled")
    assert office.verdict(marie, change).decision == "cancelled"
    assert open_cases(office) == [("stop", change, "by_holder")]
    again = office.entry(marie, "bank_account.stop", {"change": change})
    office.receive(again)
    office.settle()
    assert office.verdict(marie, again["id"]).decision == "refused"


def test_after_it_is_in_force_a_stop_opens_a_dispute_that_holds_payments(office: Bench) -> None:
    marie = office.holder("marie")
    office.bank_knows("marie_second", "match")
    change = office.submit(marie, "marie_second")
    stop = office.entry(marie, "bank_account.stop", {"change": change})
    office.receive(stop)
    office.settle()
    assert office.verdict(marie, change).decision == "disputed"
    day = first_payment_on(office.it.clock.now(), office.it.scheme.payments)
    number = office.person("marie")
    with office.it.database.read() as db:
        history = people.account_history(db, number)
        assert changes.payments_held(db, number)
    assert payee(history, day, office.it.scheme.payments) == HeldPayment(office.account("marie_second"), change)

    officer(office, change, events.DisputeUpheld(office.it.clock.now(), "alena", "not hers"))
    office.settle()
    with office.it.database.read() as db:
        history = people.account_history(db, number)
        account = people.account_in_force(db, number)
        assert not changes.payments_held(db, number)
    assert payee(history, day, office.it.scheme.payments) == PayTo(office.account("marie_current"))
    assert account is not None
    assert account.iban == office.account("marie_current")
    assert office.bank.told[-1].iban == office.account("marie_current")


def test_a_dismissed_dispute_takes_two_officers(office: Bench) -> None:
    marie = office.holder("marie")
    office.bank_knows("marie_second", "match")
    change = office.submit(marie, "marie_second")
    office.receive(office.entry(marie, "bank_account.stop", {"change": change}))
    office.settle()
    at = office.it.clock.now()
    officer(office, change, events.DisputeDismissed(at, "alena", "she did it"))
    assert office.change(change).state is State.DISPUTED
    officer(office, change, events.DisputeDismissed(at, "bohdan", "she did"), "bohdan")
    assert office.change(change).state is State.IN_FORCE
    number = office.person("marie")
    with office.it.database.read() as db:
        assert not changes.payments_held(db, number)
        assert len(people.accounts_of(db, number)) == 2


def test_two_officers_on_one_case_the_second_is_stale(office: Bench) -> None:
    change = office.submit(office.holder("marie"), "of_someone_else")
    revision = office.change_row(change).revision
    event = events.OfficerRefused(office.it.clock.now(), "alena", "no proof")
    with office.it.work() as work:
        actor = Actor("officer", "alena", "101")
        first = firewall.happen(work, change, event, actor=actor, purpose="desk", revision=revision)
    with office.it.work() as work:
        actor = Actor("officer", "bohdan", "101")
        second = firewall.happen(work, change, event, actor=actor, purpose="desk", revision=revision)
    assert isinstance(first, Change)
    assert isinstance(second, firewall.Stale)
    with office.it.work() as work:
        assert isinstance(firewall.happen(work, "none", event, actor=actor, purpose="desk"), firewall.Unknown)


# --- what cannot be decided --------------------------------------------------------------------------


def quarantined(office: Bench, entry: dict[str, object]) -> str:
    office.receive(entry)
    office.settle()
    with office.it.database.read() as db:
        row = inbox.by_id(db, str(entry["id"]))
    assert row is not None
    assert row.status == "quarantined"
    assert ("quarantine", entry["id"], row.reason) in open_cases(office)
    return row.reason


def test_what_cannot_be_opened_is_quarantined(office: Bench) -> None:
    entry = office.terminal.entry(office.it.ids.new(), b"not.an.envelope", wire_time(office.it.clock.now()))
    assert quarantined(office, entry).startswith("cannot_be_opened")


def test_an_unsigned_content_is_quarantined(office: Bench) -> None:
    body = seal(b'{"id":"x"}', office.it.keyring.keys().sealing_certificates[0])
    entry = office.terminal.entry(office.it.ids.new(), body, wire_time(office.it.clock.now()))
    assert quarantined(office, entry).startswith("cannot_be_attributed")


@pytest.mark.parametrize("other", [{"terminal": "T0008"}, {"id": "019aa0d4-0000-7000-8000-000000000000"}])
def test_inner_and_outer_must_be_equal(office: Bench, other: dict[str, str]) -> None:
    marie = office.holder("marie")
    transaction = office.transaction(marie, "bank_account.change", {"account": "x"}, **other)
    body = office.sealed(marie, transaction)
    entry = office.terminal.entry(office.it.ids.new(), body, wire_time(office.it.clock.now()))
    assert quarantined(office, entry) == "cannot_be_attributed:mismatch"


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"service": "no.such.service"}, "service_unknown"),
        ({"scheme": "be"}, "scheme_unknown"),
        ({"evidence": {"kind": "attested"}}, "evidence_unknown"),
        ({"entered_by": {"account": "holder"}}, "authors_unclear"),
        ({"answers": {"note": "x"}, "entered_by": {"note": "holder"}}, "answer_missing"),
        ({"person": "7909300014"}, "other_person"),
    ],
)
def test_what_this_version_cannot_decide_is_quarantined(office: Bench, other: dict[str, object], reason: str) -> None:
    marie = office.holder("marie")
    account = office.account("marie_second")
    values: dict[str, object] = {"service": "bank_account.change"} | other
    service, answers = str(values.pop("service")), {"account": account, "account_as_typed": account}
    answers = values.pop("answers", answers)  # type: ignore[assignment]
    transaction = office.transaction(marie, service, answers, **values)
    entry = office.terminal.entry(transaction.id, office.sealed(marie, transaction), wire_time(office.it.clock.now()))
    assert quarantined(office, entry) == reason


def test_a_stranger_s_card_is_quarantined(office: Bench) -> None:
    stranger = office.holder("stranger")
    entry = office.change_entry(stranger, "marie_second")
    assert quarantined(office, entry) == "cannot_be_attributed:untrusted"


def test_an_old_sealing_key_opens_old_envelopes(office: Bench) -> None:
    marie = office.holder("marie")
    office.bank_knows("marie_second", "match")
    old = office.change_entry(marie, "marie_second")
    pki.rotate_sealing_key(office.it.state, office.it.clock, office.it.ids)
    office.receive(old)
    office.settle()
    assert office.verdict(marie, old["id"]).decision == "in_force"
    office.bank_knows("marie_third", "match")
    new = office.submit(marie, "marie_third")
    assert office.verdict(marie, new).decision == "in_force"


def test_deciding_twice_decides_once(office: Bench) -> None:
    marie = office.holder("marie")
    office.bank_knows("marie_second", "match")
    entry = office.change_entry(marie, "marie_second")
    office.receive(entry)
    assert decisions.decide(office.it, entry["id"]) == {entry["id"]}
    assert decisions.decide(office.it, entry["id"]) == frozenset()
    assert decisions.set_aside(office.it, entry["id"], "fault:X") == frozenset()
    office.settle()
    assert len(office.bank.asked) == len(office.bank.told) == 1


def test_a_fault_of_ours_sets_the_item_aside(office: Bench) -> None:
    entry = office.change_entry(office.holder("marie"), "marie_second")
    office.receive(entry)
    decisions.set_aside(office.it, entry["id"], "fault:KeyError")
    assert ("quarantine", entry["id"], "fault:KeyError") in open_cases(office)


@pytest.mark.parametrize("kind", ["access", "audit"])
def test_what_a_terminal_reports_is_noted(office: Bench, kind: str) -> None:
    body = seal(b'{"note":"x"}', office.it.keyring.keys().sealing_certificates[0])
    entry = office.terminal.entry(office.it.ids.new(), body, wire_time(office.it.clock.now()), kind=kind)
    office.receive(entry)
    office.settle()
    assert [line.action for line in office.audit(entry["id"])] == [f"terminal.{kind}"]
    assert office.request_row(entry["id"]) is None


def test_every_step_leaves_its_lines(office: Bench) -> None:
    office.bank_knows("marie_second", "match")
    change = office.submit(office.holder("marie"), "marie_second")
    steps = [
        row["event"] for row in office.rows("SELECT event FROM bank_change_event WHERE change = ? ORDER BY n", change)
    ]
    assert steps == [
        "HolderSigned",
        "Received",
        "VerificationAsked",
        "VerificationAnswered",
        "ContactsNotified",
        "WaitBegan",
        "WaitOver",
    ]
    told = [line.action for line in office.audit(office.person("marie"))]
    assert told == [f"bank_change.{step}" for step in steps]
