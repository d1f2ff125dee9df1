"""Flags, words, codes, blocks and documents of a bank change."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.bank_change import (
    AccountUsage,
    Explanation,
    Flag,
    History,
    RefusalCode,
    RefusalReason,
    State,
    Verification,
    decision_code,
    effective_on,
    events,
    explain,
    flags_for,
    from_document,
    stoppable,
    to_document,
    verification_code,
)
from kiosk.domain.bank_change.block import LiftAttested, LiftedInPerson, lift
from kiosk.domain.bank_change.guards import earliest, evidence_stands
from kiosk.domain.bank_change.notice import Contact, compact_code, contacts_to_notify, digest, format_code, is_code
from kiosk.domain.errors import Bug
from tests.unit.domain.bank_change.cases import (
    ATTESTED,
    CODE,
    DIGEST,
    KEY,
    PERSON,
    POLICY,
    REPRESENTED,
    START,
    begun,
    days,
    entered,
    every_state,
    in_force,
    minutes,
    take,
)

# --- flags ------------------------------------------------------------------------------------------


def test_nobody_is_flagged_without_a_reason():
    assert flags_for(History(), AccountUsage(), START, POLICY) == frozenset()


@pytest.mark.parametrize(
    ("field", "flag", "window"),
    [("address_changed_at", Flag.ADDRESS_CHANGED, 30), ("pin_changed_at", Flag.PIN_CHANGED, 14)],
)
def test_a_recent_change_is_flagged_until_its_window_ends(field, flag, window):
    inside = History(**{field: START - timedelta(days=window) + timedelta(seconds=1)})
    outside = History(**{field: START - timedelta(days=window)})
    assert flags_for(inside, AccountUsage(), START, POLICY) == {flag}
    assert flags_for(outside, AccountUsage(), START, POLICY) == frozenset()


def test_a_flag_without_a_window_in_the_policy_is_not_raised():
    history = History(phone_changed_at=START, email_changed_at=START, card_changed_at=START)
    assert flags_for(history, AccountUsage(), START, POLICY) == frozenset()


def test_the_third_change_in_the_window_is_flagged():
    asked = (START - timedelta(days=80), START - timedelta(days=1), START - timedelta(days=200))
    assert flags_for(History(changes_asked_at=asked), AccountUsage(), START, POLICY) == {Flag.SEVERAL_CHANGES}
    assert flags_for(History(changes_asked_at=asked[1:]), AccountUsage(), START, POLICY) == frozenset()


def test_shared_and_prepaid_accounts_and_helpers_are_flagged():
    usage = AccountUsage(other_persons=1, prepaid_issuer=True)
    expected = {Flag.ACCOUNT_SHARED, Flag.PREPAID_ISSUER, Flag.TYPED_BY_HELPER}
    assert flags_for(History(), usage, START, POLICY, helped=True) == expected


# --- words ------------------------------------------------------------------------------------------


def test_each_state_has_its_code():
    codes = {state: decision_code(change) for state, change in every_state().items()}
    assert {state.value for state in State if codes[state] == "received"} == {
        "entered", "evidenced", "received", "account_verified", "contacts_notified",
    }  # fmt: skip
    assert all(codes[state] == state.value for state in State if codes[state] != "received")


def test_days_are_said_only_of_what_waits_or_is_in_force():
    changes = every_state()
    told = {state: effective_on(change, POLICY) for state, change in changes.items()}
    assert {state for state, day in told.items() if day} == {State.WAITING, State.IN_FORCE, State.DISPUTED}
    assert effective_on(begun(evidence=ATTESTED), POLICY) == date(2026, 11, 16)


def test_a_day_is_the_schemes_day():
    far_east = replace(POLICY, zone=timezone(timedelta(hours=20)))
    assert effective_on(in_force(), far_east) == date(2026, 11, 3)


def test_the_sentence_fits_the_state():
    changes = every_state()
    assert explain(changes[State.RECEIVED], POLICY) == Explanation("decision.bank_change.received")
    assert explain(changes[State.HELD], POLICY) == Explanation("decision.bank_change.held")
    assert explain(begun(Verification.NOT_POSSIBLE), POLICY).key == "decision.bank_change.held.bank_proof"
    assert explain(begun(Verification.NO_MATCH), POLICY).key == "decision.bank_change.held.bank_proof"
    proved = take(begun(Verification.NO_MATCH), events.BankProofShown(days(1), "X", "statement"))
    assert explain(proved, POLICY).key == "decision.bank_change.held"
    assert explain(in_force(), POLICY) == Explanation("decision.bank_change.in_force", {"effective_on": "2026-11-02"})
    close = begun(Verification.CLOSE_MATCH)
    assert explain(close, POLICY) == Explanation("decision.bank_change.confirm")
    confirmed = take(close, events.HolderConfirmed(minutes(6), PERSON, reauthenticated=True))
    assert explain(confirmed, POLICY) == Explanation("decision.bank_change.waiting", {"effective_on": "2026-11-16"})
    stopped = take(close, events.StoppedByHolder(days(1), PERSON))
    assert explain(stopped, POLICY) == Explanation("decision.bank_change.cancelled")


def test_a_refusal_says_why():
    by_rule = take(begun(), events.RulesRefused(days(1), RefusalReason.CARD_REVOKED))
    assert explain(by_rule, POLICY) == Explanation("decision.bank_change.refused.card_revoked")
    by_officer = take(begun(), events.OfficerRefused(days(1), "X", "no proof"))
    assert explain(by_officer, POLICY) == Explanation("decision.bank_change.refused.by_officer", {"reason": "no proof"})
    assert explain(replace(by_rule, refusal=None), POLICY).key == "decision.bank_change.refused"


def test_a_hold_for_a_flag_reads_like_any_other_hold():
    plain = take(begun(), events.HoldPlaced(days(1), "X", "odd"))
    told = {explain(begun(Verification.MATCH, flag), POLICY) == explain(plain, POLICY) for flag in Flag}
    assert told == {True}


def test_what_can_still_be_stopped():
    stopped = {state.value for state, change in every_state().items() if not stoppable(change)}
    assert stopped == {"blocked", "refused", "cancelled", "disputed"}


def test_the_banks_answer_as_a_code():
    assert verification_code(begun(Verification.NOT_POSSIBLE)) == "not_possible"
    assert verification_code(entered()) == "not_asked"


def test_nothing_waits_before_the_notice():
    assert earliest(entered(), POLICY) is None


# --- the notice -------------------------------------------------------------------------------------


def contact(valid_until_days=None, valid_from_days=1000):
    until = None if valid_until_days is None else START - timedelta(days=valid_until_days)
    return Contact("k", "email", "a@example.org", START - timedelta(days=valid_from_days), until)


def test_every_contact_of_the_last_ninety_days_gets_the_notice():
    still, lately, long_ago = contact(), contact(89), contact(90)
    coming = replace(contact(), valid_from=START + timedelta(days=1))
    assert contacts_to_notify([still, lately, long_ago, coming], START, POLICY) == (still, lately)


def test_a_code_is_read_as_people_type_it():
    assert is_code(" abcd-2345 ")
    assert compact_code("abcd o1il") == "ABCD0111"
    assert format_code("abcd2345") == "ABCD-2345"
    assert not is_code("ABCD234")
    assert not is_code("ABCD234U")


def test_the_digest_hides_the_code_and_ignores_how_it_was_typed():
    assert digest("abcd-2345", KEY) == DIGEST
    assert CODE not in DIGEST
    assert digest(CODE, b"another key") != DIGEST
    assert digest("ABCD2346", KEY) != DIGEST


# --- the block --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lifting", "reason"),
    [
        (LiftedInPerson(PERSON, reauthenticated=True, officer="X"), None),
        (LiftedInPerson("another", reauthenticated=True, officer="X"), RefusalCode.NOT_THE_HOLDER),
        (LiftedInPerson(PERSON, reauthenticated=False, officer="X"), RefusalCode.NOT_REAUTHENTICATED),
        (LiftedInPerson(PERSON, reauthenticated=True, officer=""), RefusalCode.EVIDENCE_MISSING),
        (LiftAttested("X", "passport", "Y"), None),
        (LiftAttested("X", "passport", "X"), RefusalCode.SAME_OFFICER),
        (LiftAttested("X", "", "Y"), RefusalCode.EVIDENCE_MISSING),
        (LiftAttested("X", "passport", ""), RefusalCode.EVIDENCE_MISSING),
    ],
)
def test_a_block_is_lifted_in_person_or_by_two_officers(lifting, reason):
    assert lift(PERSON, lifting) is reason


def test_evidence_and_liftings_that_do_not_exist_are_not_passed_over():
    with pytest.raises(AssertionError):
        lift(PERSON, "a telephone call")
    with pytest.raises(AssertionError):
        evidence_stands("a telephone call")


# --- the document -----------------------------------------------------------------------------------


def test_a_document_is_json_and_comes_back():
    import json

    changes = [*every_state().values(), begun(evidence=ATTESTED), begun(evidence=(REPRESENTED,), helpers=("A",))]
    proved = take(
        begun(Verification.NO_MATCH),
        events.BankProofShown(days(1), "X", "statement"),
        events.OfficerApproved(days(1), "Y", "seen"),
    )
    for change in [*changes, proved]:
        assert from_document(json.loads(json.dumps(to_document(change)))) == change


@given(st.dictionaries(st.sampled_from(["state", "id", "entered_at", "evidence", "nonsense"]), st.text(max_size=5)))
def test_a_document_that_no_change_wrote_is_a_bug(parts):
    document = {**to_document(in_force()), **parts}
    try:
        change = from_document(document)
    except Bug:
        return
    assert to_document(change) == document


def test_an_incomplete_document_is_a_bug():
    with pytest.raises(Bug, match="cannot be read"):
        from_document({"id": "c1"})
