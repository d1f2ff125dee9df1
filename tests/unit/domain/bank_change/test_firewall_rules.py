"""Each rule of the firewall by example: what it lets through, and what it must not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from kiosk.domain.bank_change import (
    FINAL,
    PENDING,
    TABLE,
    Attested,
    Change,
    Flag,
    Guard,
    Refusal,
    RefusalCode,
    RefusalReason,
    State,
    Verification,
    events,
    fold,
    missing,
    step,
    wait_days,
)
from kiosk.domain.bank_change.guards import evidence_stands
from tests.unit.domain.bank_change.cases import (
    ASKED,
    ATTESTED,
    CARD,
    DIGEST,
    MANDATE,
    NEW,
    NOTIFIED,
    PERSON,
    POLICY,
    RECEIVED,
    REPRESENTED,
    SIGNED,
    WAIT_BEGAN,
    answered,
    begun,
    days,
    entered,
    every_state,
    gate,
    in_force,
    minutes,
    received,
    refused,
    take,
)

V = Verification


# --- the way and its waits --------------------------------------------------------------------------


def test_card_and_match_without_flag_are_in_force_at_once():
    change = begun()
    assert change.state is State.WAITING
    assert change.wait_until == NOTIFIED.at
    done = take(change, gate(minutes(5)))
    assert (done.state, done.in_force_at) == (State.IN_FORCE, minutes(5))


def test_the_stations_come_in_the_order_of_the_design():
    stations = [entered()]
    for event in (SIGNED, RECEIVED, ASKED, answered(V.MATCH), NOTIFIED, WAIT_BEGAN, gate(minutes(5))):
        stations.append(take(stations[-1], event))
    assert [change.state.value for change in stations] == [
        "entered", "evidenced", "received", "received", "account_verified", "contacts_notified", "waiting", "in_force",
    ]  # fmt: skip


@pytest.mark.parametrize("evidence", [ATTESTED, (REPRESENTED,)])
def test_attested_and_represented_always_wait(evidence):
    change = begun(evidence=evidence)
    assert change.state is State.WAITING
    assert refused(change, gate(days(14) - timedelta(seconds=1))).code is RefusalCode.TOO_EARLY
    assert take(change, gate(days(14))).state is State.IN_FORCE


def test_a_close_match_waits_and_needs_the_holders_word():
    change = begun(V.CLOSE_MATCH)
    assert change.holder_name_at_bank == "Marie N."
    assert refused(change, gate(minutes(6))).code is RefusalCode.TOO_EARLY
    unconfirmed = take(change, gate(days(14)))
    assert (unconfirmed.state, unconfirmed.held_from) == (State.HELD, State.WAITING)
    confirmed = take(change, events.HolderConfirmed(minutes(6), PERSON, reauthenticated=True))
    assert take(confirmed, gate(days(14))).state is State.IN_FORCE


def test_the_holders_word_releases_a_change_that_was_held_for_it():
    change = take(begun(V.CLOSE_MATCH), gate(days(14)))
    assert take(change, events.OfficerApproved(days(14), "X", "seen")).state is State.HELD
    change = take(change, events.HolderConfirmed(days(15), PERSON, reauthenticated=True))
    assert change.state is State.WAITING
    assert take(change, gate(days(15))).state is State.IN_FORCE


def test_a_close_match_can_be_proved_at_the_desk_instead():
    change = take(begun(V.CLOSE_MATCH), events.BankProofShown(days(1), "X", "statement"))
    assert change.state is State.HELD
    assert refused(change, events.OfficerApproved(days(1), "X", "seen")).code is RefusalCode.SAME_OFFICER
    change = take(change, events.OfficerApproved(days(1), "Y", "seen"))
    assert take(change, gate(days(14))).state is State.IN_FORCE


def test_confirming_needs_the_holder_and_a_fresh_pin_and_a_close_match():
    change = begun(V.CLOSE_MATCH)
    other = events.HolderConfirmed(minutes(6), "another", reauthenticated=True)
    stale = events.HolderConfirmed(minutes(6), PERSON, reauthenticated=False)
    assert refused(change, other).code is RefusalCode.NOT_THE_HOLDER
    assert refused(change, stale).code is RefusalCode.NOT_REAUTHENTICATED
    assert refused(begun(), replace(stale, reauthenticated=True)).code is RefusalCode.NOT_NEEDED


@pytest.mark.parametrize("answer", [V.NO_MATCH, V.NOT_POSSIBLE])
def test_no_match_and_not_possible_need_bank_proof_a_second_officer_and_the_wait(answer):
    change = begun(answer)
    assert (change.state, change.held_from) == (State.HELD, State.CONTACTS_NOTIFIED)
    approval = events.OfficerApproved(days(1), "Y", "seen")
    assert refused(change, approval).code is RefusalCode.BANK_PROOF_MISSING
    change = take(change, events.BankProofShown(days(1), "X", "statement"))
    assert refused(change, replace(approval, officer="X")).code is RefusalCode.SAME_OFFICER
    change = take(change, approval)
    assert change.state is State.WAITING
    assert refused(change, gate(days(13))).code is RefusalCode.TOO_EARLY
    assert take(change, gate(days(14))).state is State.IN_FORCE


def test_new_bank_proof_while_waiting_goes_to_an_officer_again():
    change = take(
        begun(V.NO_MATCH),
        events.BankProofShown(days(1), "X", "statement"),
        events.OfficerApproved(days(1), "Y", "seen"),
        events.BankProofShown(days(2), "Y", "another"),
    )
    assert (change.state, change.approval) == (State.HELD, None)


def test_bank_proof_needs_a_reason_to_be_asked_for_and_a_document():
    assert refused(begun(), events.BankProofShown(days(1), "X", "statement")).code is RefusalCode.NOT_NEEDED
    held_early = take(entered(), SIGNED, RECEIVED, events.HoldPlaced(minutes(3), "X", "odd"))
    assert refused(held_early, events.BankProofShown(days(1), "X", "paper")).code is RefusalCode.NOT_NEEDED
    assert refused(begun(V.NO_MATCH), events.BankProofShown(days(1), "X", "")).code is RefusalCode.EVIDENCE_MISSING


def test_an_unasked_bank_is_never_a_match():
    change = take(entered(), SIGNED, RECEIVED, replace(ASKED, asked_today=3))
    assert (change.state, change.verification) == (State.ACCOUNT_VERIFIED, V.NOT_ASKED)
    assert take(change, NOTIFIED, WAIT_BEGAN).state is State.HELD


def test_the_third_question_of_a_day_is_still_asked():
    change = take(entered(), SIGNED, RECEIVED, replace(ASKED, asked_today=2))
    assert (change.state, change.asked_at) == (State.RECEIVED, ASKED.at)


def test_an_answer_without_a_question_is_refused():
    change = take(entered(), SIGNED, RECEIVED)
    assert refused(change, answered(V.MATCH)).code is RefusalCode.NOT_ASKED
    assert refused(take(change, ASKED), answered(V.NOT_ASKED)).code is RefusalCode.NOT_ASKED


def test_only_a_close_match_keeps_the_name_at_the_bank():
    assert begun(V.NO_MATCH).holder_name_at_bank == ""


@pytest.mark.parametrize("flag", list(Flag))
def test_any_flag_waits_and_needs_an_officer(flag):
    change = begun(V.MATCH, flag)
    assert change.state is State.HELD
    change = take(change, events.OfficerApproved(days(1), "X", "spoke to the person"))
    assert refused(change, gate(days(2))).code is RefusalCode.TOO_EARLY
    assert take(change, gate(days(14))).state is State.IN_FORCE


def test_what_a_helper_typed_is_flagged_and_waits():
    change = begun(helpers=("2000000001",))
    assert Flag.TYPED_BY_HELPER in change.flags
    assert change.state is State.HELD
    approval = events.OfficerApproved(days(1), "2000000001", "fine")
    assert refused(change, approval).code is RefusalCode.SAME_OFFICER


def test_the_representatives_own_account_goes_to_the_desk():
    change = begun(evidence=(replace(REPRESENTED, own_account=True),))
    assert change.flags == {Flag.REPRESENTATIVE_ACCOUNT}
    assert change.state is State.HELD


def test_wait_days_are_zero_only_when_nothing_at_all_is_odd():
    assert wait_days(begun(), POLICY) == 0
    oddities = {
        "flags": frozenset({Flag.PIN_CHANGED}),
        "helpers": ("helper:staff",),
        "hold": "odd",
        "no_contact": True,
        "verification": V.CLOSE_MATCH,
        "evidence": Attested("A", "passport", "B"),
    }
    for name, value in oddities.items():
        assert wait_days(replace(begun(), **{name: value}), POLICY) == 14, name


# --- evidence ---------------------------------------------------------------------------------------


def test_the_holder_signs_in_person_with_a_fresh_pin():
    assert refused(entered(), replace(SIGNED, person="another")).code is RefusalCode.NOT_THE_HOLDER
    assert refused(entered(), replace(SIGNED, reauthenticated=False)).code is RefusalCode.NOT_REAUTHENTICATED


def test_one_officer_enters_and_another_approves():
    change = entered()
    assert refused(change, ATTESTED[1]).code is RefusalCode.EVIDENCE_MISSING
    assert refused(change, replace(ATTESTED[0], document="")).code is RefusalCode.EVIDENCE_MISSING
    change = take(change, ATTESTED[0])
    assert (change.state, evidence_stands(change.evidence)) == (State.ENTERED, False)
    assert refused(change, replace(ATTESTED[1], officer="A")).code is RefusalCode.SAME_OFFICER
    assert take(change, ATTESTED[1]).state is State.EVIDENCED


def test_who_typed_for_the_holder_cannot_approve_the_attestation():
    change = take(entered("B"), ATTESTED[0])
    assert refused(change, ATTESTED[1]).code is RefusalCode.SAME_OFFICER


def test_who_entered_it_first_cannot_approve_what_another_entered_again():
    change = take(entered(), ATTESTED[0], replace(ATTESTED[0], officer="B"))
    assert refused(change, ATTESTED[1]).code is RefusalCode.SAME_OFFICER
    assert refused(change, replace(ATTESTED[1], officer="A")).code is RefusalCode.SAME_OFFICER
    assert take(change, replace(ATTESTED[1], officer="C")).state is State.EVIDENCED


def test_an_officers_entry_that_the_holder_then_signs_was_typed_by_a_helper():
    change = take(entered(), ATTESTED[0], SIGNED)
    assert change.helpers == ("A",)
    assert take(entered(), ATTESTED[0], REPRESENTED).helpers == ("A",)


@pytest.mark.parametrize(
    "mandate",
    [
        replace(MANDATE, person="another"),
        replace(MANDATE, scope=frozenset({"address.change"})),
        replace(MANDATE, first_day=date(2026, 11, 3)),
        replace(MANDATE, last_day=date(2026, 11, 1)),
    ],
)
def test_a_mandate_must_name_person_service_and_day(mandate):
    assert refused(entered(), replace(REPRESENTED, mandate=mandate)).code is RefusalCode.NO_MANDATE


def test_an_open_mandate_is_enough_and_the_pin_is_asked_for_it_too():
    assert take(entered(), replace(REPRESENTED, mandate=replace(MANDATE, last_day=None))).state is State.EVIDENCED
    stale = replace(REPRESENTED, reauthenticated=False)
    assert refused(entered(), stale).code is RefusalCode.NOT_REAUTHENTICATED


# --- the notice -------------------------------------------------------------------------------------


def test_every_contact_is_reached_or_a_letter_stands_in():
    change = take(entered(), SIGNED, RECEIVED, ASKED, answered(V.MATCH))
    partly = replace(NOTIFIED, reached=1)
    assert refused(change, partly).code is RefusalCode.NOT_EVERYONE_NOTIFIED
    assert take(change, replace(partly, letter_queued=True)).state is State.CONTACTS_NOTIFIED
    assert refused(change, replace(NOTIFIED, cancellation_digest="")).code is RefusalCode.NO_CODE


def test_without_any_contact_a_letter_and_the_wait():
    change = take(entered(), SIGNED, RECEIVED, ASKED, answered(V.MATCH))
    nobody = replace(NOTIFIED, contacts=0, reached=0)
    assert refused(change, nobody).code is RefusalCode.NOT_EVERYONE_NOTIFIED
    change = take(change, replace(nobody, letter_queued=True), WAIT_BEGAN)
    assert refused(change, gate(days(13))).code is RefusalCode.TOO_EARLY
    assert take(change, gate(days(14))).state is State.IN_FORCE


def test_the_code_counts_from_the_moment_the_notice_leaves():
    change = take(entered(), SIGNED, RECEIVED, ASKED, answered(V.MATCH))
    stop = events.StoppedByCode(minutes(5), DIGEST)
    assert refused(change, stop).code is RefusalCode.WRONG_CODE
    assert refused(change, events.NoticeQueued(minutes(4), "")).code is RefusalCode.NO_CODE
    change = take(change, events.NoticeQueued(minutes(4), DIGEST))
    assert take(change, stop).state is State.CANCELLED


# --- holds ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [state for state in PENDING if state is not State.HELD])
def test_a_hold_from_anywhere_needs_a_reason_and_another_look(state):
    change = every_state()[state]
    assert refused(change, events.HoldPlaced(days(1), "X", "")).code is RefusalCode.REASON_MISSING
    held = take(change, events.HoldPlaced(days(1), "X", "odd"))
    assert (held.state, held.held_from) == (State.HELD, state)
    assert refused(held, events.OfficerApproved(days(1), "Y", "")).code is RefusalCode.REASON_MISSING
    released = take(held, events.OfficerApproved(days(1), "Y", "explained"))
    assert released.state is (State.WAITING if held.notified_at else state)


def test_answers_that_arrive_while_it_is_held_are_not_lost():
    change = take(entered(), SIGNED, RECEIVED, events.HoldPlaced(minutes(3), "X", "odd"))
    assert refused(change, WAIT_BEGAN).code is RefusalCode.NOT_NOW
    assert refused(change, NOTIFIED).code is RefusalCode.NOT_NOW
    assert refused(change, answered(V.MATCH)).code is RefusalCode.NOT_ASKED
    change = take(change, ASKED, answered(V.MATCH), events.NoticeQueued(minutes(4), DIGEST), NOTIFIED)
    assert (change.state, change.held_from) == (State.HELD, State.CONTACTS_NOTIFIED)
    assert refused(change, replace(ASKED, asked_today=9)).code is RefusalCode.NOT_NOW
    change = take(change, events.OfficerApproved(days(1), "Y", "explained"))
    assert change.state is State.WAITING
    assert change.wait_until == days(14)


def test_a_hold_takes_back_the_approval_and_keeps_the_station():
    change = take(begun(V.MATCH, Flag.PIN_CHANGED), events.OfficerApproved(days(1), "X", "fine"))
    held = take(change, events.HoldPlaced(days(2), "Y", "odd"))
    assert (held.state, held.held_from, held.approval) == (State.HELD, State.WAITING, None)
    assert take(held, events.HoldPlaced(days(2), "Y", "odder")).held_from is State.WAITING


def test_a_new_flag_takes_back_the_approval():
    change = take(begun(V.MATCH, Flag.PIN_CHANGED), events.OfficerApproved(days(1), "X", "fine"))
    assert change.state is State.WAITING
    change = take(change, events.FlagRaised(days(2), Flag.ADDRESS_CHANGED))
    assert (change.state, change.held_from, change.approval) == (State.HELD, State.WAITING, None)


def test_a_flag_before_the_receipt_is_kept():
    change = take(entered(), events.FlagRaised(minutes(1), Flag.PIN_CHANGED), SIGNED, RECEIVED)
    assert change.flags == {Flag.PIN_CHANGED}


def test_an_approval_from_before_the_receipt_does_not_cover_its_flags():
    change = take(
        entered(),
        events.HoldPlaced(minutes(1), "X", "odd"),
        events.OfficerApproved(minutes(1), "Y", "explained"),
        SIGNED,
        received(Flag.PIN_CHANGED),
        ASKED,
        answered(V.MATCH),
        NOTIFIED,
        WAIT_BEGAN,
    )
    assert (change.state, change.approval) == (State.HELD, None)


def test_a_hold_before_the_notice_stays_until_an_officer_releases_it():
    change = take(entered(), SIGNED, RECEIVED, ASKED, answered(V.CLOSE_MATCH))
    change = take(change, events.HoldPlaced(minutes(4), "X", "odd"))
    change = take(change, events.HolderConfirmed(minutes(5), PERSON, reauthenticated=True))
    assert change.state is State.HELD


def test_confirming_on_the_way_changes_nothing_else():
    change = take(entered(), SIGNED, RECEIVED, ASKED, answered(V.CLOSE_MATCH))
    change = take(change, events.HolderConfirmed(minutes(4), PERSON, reauthenticated=True))
    assert change.state is State.ACCOUNT_VERIFIED


# --- ending it --------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", PENDING)
def test_every_pending_state_can_be_blocked_refused_and_stopped(state):
    change = every_state()[state]
    assert take(change, events.BlockPlaced(days(1))).state is State.BLOCKED
    by_rule = take(change, events.RulesRefused(days(1), RefusalReason.RECORD_CHANGED))
    assert (by_rule.state, by_rule.refusal) == (State.REFUSED, RefusalReason.RECORD_CHANGED)
    by_officer = take(change, events.OfficerRefused(days(1), "X", "no proof"))
    assert (by_officer.refusal, by_officer.reason) == (RefusalReason.BY_OFFICER, "no proof")
    assert refused(change, events.OfficerRefused(days(1), "X", "")).code is RefusalCode.REASON_MISSING
    assert take(change, events.StoppedByHolder(days(1), PERSON)).state is State.CANCELLED
    assert refused(change, events.StoppedByHolder(days(1), "another")).code is RefusalCode.NOT_THE_HOLDER


@pytest.mark.parametrize("evidence", [(SIGNED,), ATTESTED, (REPRESENTED,)])
def test_a_block_covers_every_channel(evidence):
    assert take(entered(), *evidence, received(blocked=True)).state is State.BLOCKED
    assert take(begun(evidence=evidence), gate(days(20), blocked=True)).state is State.BLOCKED


def test_the_code_of_the_notice_stops_it_and_a_wrong_one_does_not():
    change = begun()
    assert take(change, events.StoppedByCode(days(1), DIGEST)).state is State.CANCELLED
    assert refused(change, events.StoppedByCode(days(1), "0" * 64)).code is RefusalCode.WRONG_CODE
    assert refused(entered(), events.StoppedByCode(days(1), "")).code is RefusalCode.WRONG_CODE


@pytest.mark.parametrize("stop", [events.StoppedByHolder(days(1), PERSON), events.StoppedByCode(days(1), DIGEST)])
def test_after_it_is_in_force_a_stop_is_a_dispute(stop):
    change = take(in_force(), stop)
    assert (change.state, change.disputed_at) == (State.DISPUTED, days(1))


def test_a_dispute_is_upheld_by_one_officer():
    change = every_state()[State.DISPUTED]
    assert refused(change, events.DisputeUpheld(days(2), "X", "")).code is RefusalCode.REASON_MISSING
    ended = take(change, events.DisputeUpheld(days(2), "X", "diverted"))
    assert (ended.state, ended.closed_at) == (State.CANCELLED, days(2))


def test_a_dispute_is_dismissed_by_two_officers_and_can_come_again():
    change = every_state()[State.DISPUTED]
    assert refused(change, events.DisputeDismissed(days(2), "X", "")).code is RefusalCode.REASON_MISSING
    once = take(change, events.DisputeDismissed(days(2), "X", "the holder was here"))
    assert once.state is State.DISPUTED
    assert refused(once, events.DisputeDismissed(days(2), "X", "again")).code is RefusalCode.SAME_OFFICER
    twice = take(once, events.DisputeDismissed(days(2), "Y", "so it was"))
    assert (twice.state, twice.disputed_at, twice.in_force_at) == (State.IN_FORCE, None, minutes(5))
    again = take(twice, events.StoppedByHolder(days(3), PERSON))
    assert (again.state, again.dismissed_by) == (State.DISPUTED, "")


# --- the table --------------------------------------------------------------------------------------


def test_what_is_not_in_the_table_is_refused_and_changes_nothing():
    samples = {type(event): event for event in every_event()}
    assert set(samples) == set(events.Event.__args__)
    for state, change in every_state().items():
        for kind, event in samples.items():
            outcome = step(change, event, POLICY)
            if (state, kind) not in TABLE:
                assert outcome == Refusal(RefusalCode.NOT_NOW, state, kind.__name__)


def test_nothing_leads_on_from_a_final_state():
    assert not [key for key in TABLE if key[0] in FINAL]


def test_one_row_alone_leads_into_force_from_before_it():
    leading = set()
    for state, change in every_state().items():
        for event in every_event():
            outcome = step(change, event, POLICY)
            if isinstance(outcome, Change) and outcome.state is State.IN_FORCE and state is not State.DISPUTED:
                leading.add((state, type(event)))
    assert leading == {(State.WAITING, events.WaitOver)}


def test_fold_stops_at_the_first_refusal():
    assert fold(entered(), (SIGNED, RECEIVED), POLICY) == take(entered(), SIGNED, RECEIVED)
    refusal = fold(entered(), (SIGNED, WAIT_BEGAN, RECEIVED), POLICY)
    assert refusal == Refusal(RefusalCode.NOT_NOW, State.EVIDENCED, "WaitBegan")
    assert fold(entered(), (), POLICY) == entered()


def test_the_gate_asks_every_guard_even_of_a_record_that_skipped_them():
    """A record that claims to be waiting, made by whatever way, does not pass."""
    forged = replace(entered(), state=State.WAITING, wait_until=minutes(1), in_force_at=None)
    assert refused(forged, gate(days(365))).code is RefusalCode.TOO_EARLY
    noticed = replace(forged, notified_at=minutes(1))
    assert take(noticed, gate(days(365))).state is State.HELD
    assert missing(noticed, POLICY, days(365)) == (
        Guard.EVIDENCE, Guard.RECEIPT, Guard.VERIFICATION, Guard.BANK_PROOF,
    )  # fmt: skip
    self_approved = take(replace(begun(V.NO_MATCH), state=State.HELD), events.BankProofShown(days(1), "X", "paper"))
    approval = take(begun(V.MATCH, Flag.PIN_CHANGED), events.OfficerApproved(days(1), "X", "fine")).approval
    forged = replace(self_approved, approval=approval, state=State.WAITING)
    assert missing(forged, POLICY, days(365)) == (Guard.OFFICER,)
    alone = replace(begun(evidence=ATTESTED), evidence=Attested("A", "passport", "A"))
    assert missing(alone, POLICY, days(365)) == (Guard.EVIDENCE,)


def every_event() -> list[events.Event]:
    """One event of each kind."""
    return [
        SIGNED,
        *ATTESTED,
        REPRESENTED,
        RECEIVED,
        ASKED,
        answered(V.MATCH),
        events.NoticeQueued(minutes(4), DIGEST),
        NOTIFIED,
        WAIT_BEGAN,
        gate(days(30)),
        events.HolderConfirmed(days(30), PERSON, reauthenticated=True),
        events.BankProofShown(days(30), "X", "statement"),
        events.HoldPlaced(days(30), "X", "odd"),
        events.FlagRaised(days(30), Flag.PIN_CHANGED),
        events.OfficerApproved(days(30), "Y", "fine"),
        events.OfficerRefused(days(30), "Y", "no"),
        events.RulesRefused(days(30), RefusalReason.SAME_ACCOUNT),
        events.BlockPlaced(days(30)),
        events.StoppedByHolder(days(30), PERSON),
        events.StoppedByCode(days(30), DIGEST),
        events.DisputeUpheld(days(30), "X", "diverted"),
        events.DisputeDismissed(days(30), "X", "not so"),
    ]


def test_the_cases_are_what_they_say():
    assert {state: change.state for state, change in every_state().items()} == {state: state for state in State}
    assert in_force().account == NEW
    assert in_force().evidence is not None
    assert in_force().evidence.card == CARD
