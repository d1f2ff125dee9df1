"""What officers can decide, and what one of them can never do alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from back_office.desk import acts, queues, wording
from back_office.desk.acts import Act, Decision, Done, NotDone
from back_office.repository import desk
from kiosk.domain.bank_change import Flag, Guard, RefusalCode, State, Verification

if TYPE_CHECKING:
    from back_office_bench import Bench

    from back_office.repository.desk import Officer


def officer(office: Bench, name: str) -> Officer:
    with office.it.database.read() as db:
        found = desk.officer(db, name)
    assert found is not None
    return found


def decide(office: Bench, who: str, id_: str, act: Act, reason: str = "because", **more: str) -> Done | NotDone:
    return acts.decide(office.it, officer(office, who), id_, Decision(act, reason, **more))  # type: ignore[arg-type]


def case_of(office: Bench, subject: str) -> str:
    with office.it.database.read() as db:
        (case,) = [case for case in desk.open_cases(db) if case.subject == subject]
    return str(case.n)


def file_of(office: Bench, id_: str, who: str = "alena") -> queues.CaseFile:
    with office.it.work() as work:
        found = queues.open_file(work, id_, officer(office, who))
    assert isinstance(found, queues.CaseFile)
    return found


def held(office: Bench, account: str = "of_someone_else") -> str:
    id_ = office.submit(office.holder("marie"), account)
    assert office.change(id_).state is State.HELD
    return id_


def disputed(office: Bench) -> str:
    office.bank_knows("marie_second", "match")
    marie = office.holder("marie")
    id_ = office.submit(marie, "marie_second")
    entry = office.entry(marie, "bank_account.stop", {"change": id_})
    office.receive(entry)
    office.settle()
    assert office.change(id_).state is State.DISPUTED
    return id_


# --- held changes ------------------------------------------------------------------------------------


def test_no_match_takes_the_bank_s_paper_and_another_officer_and_the_wait(office: Bench) -> None:
    id_ = held(office)
    case = case_of(office, id_)
    early = decide(office, "alena", case, Act.APPROVE)
    assert isinstance(early, NotDone)
    assert "paper" in early.remedy

    shown = decide(office, "alena", case, Act.BANK_PROOF, document="statement of 1 March")
    assert shown == Done("The bank's paper is noted. Another officer must approve.", wording.STATES[State.HELD])
    alone = decide(office, "alena", case, Act.APPROVE)
    assert isinstance(alone, NotDone)
    assert "Another officer" in alone.remedy
    assert office.change(id_).state is State.HELD

    assert isinstance(decide(office, "bohdan", case, Act.APPROVE, "seen by two"), Done)
    assert office.change(id_).state is State.WAITING
    office.later(days=13)
    office.settle()
    assert office.change(id_).state is State.WAITING
    office.later(days=2)
    office.settle()
    assert office.change(id_).state is State.IN_FORCE
    acts_done = [(line.actor, line.action) for line in office.audit(office.person("marie")) if line.role == "officer"]
    assert ("alena", "bank_change.OfficerApproved.refused") in acts_done
    assert ("alena", "bank_change.BankProofShown") in acts_done
    assert ("bohdan", "bank_change.OfficerApproved") in acts_done


def test_a_refusal_ends_it_and_the_person_reads_the_reason(office: Bench) -> None:
    id_ = held(office)
    assert isinstance(decide(office, "alena", case_of(office, id_), Act.REFUSE, "The account is a fraudster's."), Done)
    office.settle()
    assert office.change(id_).state is State.REFUSED
    assert any("The account is a fraudster's." in message.text for message in office.messages.sent)
    assert file_of(office, id_).closed


def test_a_waiting_change_can_be_held_by_its_reference(office: Bench) -> None:
    id_ = held(office)
    reference = file_of(office, id_).reference
    decide(office, "alena", reference, Act.BANK_PROOF, document="statement")
    decide(office, "bohdan", reference.replace("-", "").lower(), Act.APPROVE)
    assert isinstance(decide(office, "alena", id_, Act.HOLD, "The person called."), Done)
    assert office.change(id_).state is State.HELD
    assert "An officer placed a hold." in file_of(office, id_).reasons


# --- disputes and stops ------------------------------------------------------------------------------


def test_a_dispute_is_dismissed_by_two_officers_only(office: Bench) -> None:
    id_ = disputed(office)
    case = case_of(office, id_)
    first = decide(office, "alena", case, Act.DISMISS)
    assert isinstance(first, Done)
    assert "Another officer" in first.said
    assert isinstance(decide(office, "alena", case, Act.DISMISS), NotDone)
    assert office.change(id_).state is State.DISPUTED
    assert file_of(office, case).change.barred == ("alena",)  # type: ignore[union-attr]
    assert isinstance(decide(office, "bohdan", case, Act.DISMISS), Done)
    assert office.change(id_).state is State.IN_FORCE


def test_a_dispute_is_upheld_by_one(office: Bench) -> None:
    id_ = disputed(office)
    assert isinstance(decide(office, "alena", case_of(office, id_), Act.UPHOLD), Done)
    assert office.change(id_).state is State.CANCELLED


def test_a_stop_is_looked_into_and_closed(office: Bench) -> None:
    id_ = held(office)
    office.receive(office.entry(office.holder("marie"), "bank_account.stop", {"change": id_}))
    office.settle()
    case = case_of(office, id_)
    file = file_of(office, case)
    assert (file.kind, acts.possible(file)) == ("stop", (Act.CLOSE,))
    assert isinstance(decide(office, "alena", case, Act.CLOSE, "spoke with her"), Done)
    assert "spoke with her" in file_of(office, case).closed
    assert isinstance(decide(office, "bohdan", case, Act.CLOSE), NotDone)


# --- what was set aside ------------------------------------------------------------------------------


def quarantined(office: Bench) -> str:
    marie = office.holder("marie")
    entry = office.change_entry(marie, "marie_second", scheme="xx")
    office.receive(entry)
    office.settle()
    return str(entry["id"])


def test_what_was_set_aside_can_be_decided_again(office: Bench) -> None:
    id_ = quarantined(office)
    case = case_of(office, id_)
    file = file_of(office, case)
    assert file.change is None
    assert acts.possible(file) == (Act.RETRY, Act.REFUSE, Act.CLOSE)
    assert isinstance(decide(office, "alena", case, Act.RETRY), Done)
    assert [row["status"] for row in office.rows("SELECT status FROM inbox WHERE id = ?", id_)] == ["received"]
    office.settle()
    assert case_of(office, id_) == case  # still the same fault: it is back
    assert isinstance(decide(office, "alena", case, Act.CLOSE, "entered by hand"), Done)


@pytest.mark.parametrize("act", [Act.APPROVE, Act.ACCEPT, Act.UPHOLD, Act.DISMISS, Act.HOLD])
def test_what_is_no_bank_change_cannot_be_approved(office: Bench, act: Act) -> None:
    assert isinstance(decide(office, "alena", case_of(office, quarantined(office)), act), NotDone)


# --- limits ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", list(Act))
@pytest.mark.parametrize("reason", ["", "   ", "x" * 501])
def test_no_act_without_a_reason(office: Bench, act: Act, reason: str) -> None:
    id_ = held(office)
    assert isinstance(decide(office, "alena", id_, act, reason, document="d"), NotDone)
    assert office.change(id_).state is State.HELD


def test_another_office_s_officer_sees_and_does_nothing(office: Bench) -> None:
    id_ = held(office)
    case = case_of(office, id_)
    for act in Act:
        assert isinstance(decide(office, "cyril", case, act, document="d"), NotDone)
    with office.it.work() as work:
        assert isinstance(queues.open_file(work, case, officer(office, "cyril")), queues.NoSuchCase)
    assert queues.queue(office.it, "102").cases == ()
    assert office.change(id_).state is State.HELD


def test_who_saw_an_older_page_changes_nothing(office: Bench) -> None:
    id_ = held(office)
    seen = file_of(office, id_).revision
    first = Decision(Act.BANK_PROOF, "because", "statement", seen)
    assert isinstance(acts.decide(office.it, officer(office, "alena"), id_, first), Done)
    second = acts.decide(office.it, officer(office, "bohdan"), id_, Decision(Act.REFUSE, "no", revision=seen))
    assert second == NotDone("Somebody else moved this case meanwhile.", "Look at it as it is now, and decide again.")
    assert office.change(id_).state is State.HELD


@pytest.mark.parametrize(
    "identifier", ["", "0", "999999", "-1", "9" * 40, "nonsense", "0007-1000-0001", "٣", "' OR 1=1"]
)
def test_cases_that_are_not(office: Bench, identifier: str) -> None:
    assert isinstance(decide(office, "alena", identifier, Act.APPROVE), NotDone)
    with office.it.work() as work:
        assert isinstance(queues.open_file(work, identifier, None), queues.NoSuchCase)


@pytest.mark.parametrize("act", list(Act))
def test_one_officer_alone_never_brings_a_doubtful_change_into_force(office: Bench, act: Act) -> None:
    """Every act, then every other act, all by one officer, and a month of waiting."""
    id_ = held(office)
    for following in (act, *Act):
        decide(office, "alena", id_, following, document="statement")
    office.later(days=40)
    office.settle()
    assert office.change(id_).state is not State.IN_FORCE
    assert office.bank.told == []


# --- what is shown -----------------------------------------------------------------------------------


def test_opening_a_file_is_logged_and_a_list_is_not(office: Bench) -> None:
    id_ = held(office)
    before = len(office.audit())
    queues.queue(office.it, "101")
    assert len(office.audit()) == before
    file_of(office, id_)
    (line,) = [line for line in office.audit(office.person("marie")) if line.action == "desk.file.opened"]
    assert (line.role, line.actor, line.office) == ("officer", "alena", "101")


def test_calls_tell_terminal_step_and_wait_only(office: Bench) -> None:
    with office.it.work() as work:
        number = desk.add_call(work.db, terminal="T0007", office="101", step="enter_account", at=work.time)
    office.later(minutes=7)
    (call,) = queues.queue(office.it, "101").calls
    assert call == queues.CallLine(number, "T0007", "enter account", "7 min", 7)
    assert isinstance(acts.answer_call(office.it, officer(office, "cyril"), number), NotDone)
    assert isinstance(acts.answer_call(office.it, officer(office, "alena"), number), Done)
    assert isinstance(acts.answer_call(office.it, officer(office, "bohdan"), number), NotDone)
    assert queues.queue(office.it, "101").calls == ()
    (line,) = [line for line in office.audit() if line.action == "desk.call.answered"]
    assert json.loads(line.details) == {"terminal": "T0007", "step": "enter_account"}


def test_disputes_and_stops_come_first(office: Bench) -> None:
    held(office)
    with office.it.work() as work:
        desk.open_case(work.db, kind="stop", subject="b", office="101", reason="by_code", at=work.time)
        desk.open_case(work.db, kind="dispute", subject="a", office="101", reason="by_code", at=work.time)
    assert [case.kind for case in queues.queue(office.it, "101").cases] == ["dispute", "stop", "held_change"]


def test_every_code_of_the_rules_has_a_sentence() -> None:
    assert wording.STATES.keys() == set(State)
    assert wording.VERIFICATIONS.keys() == set(Verification)
    assert wording.FLAGS.keys() == set(Flag)
    assert wording.GUARDS.keys() == set(Guard)
    assert set(wording.REFUSALS) <= set(RefusalCode)
    assert wording.reasons("flag:pin_changed bank_proof notice:sms what:now odd_code") == [
        wording.FLAGS[Flag.PIN_CHANGED],
        wording.GUARDS[Guard.BANK_PROOF],
        "The gateway refused for good to take the notice (sms).",
        "what:now",
        "odd code",
    ]
