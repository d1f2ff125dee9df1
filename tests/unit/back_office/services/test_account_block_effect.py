"""The block on changes of the account: at once, for every channel; lifted only in person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from back_office_services import cases, decide, record, submit, told, word

from back_office.desk import acts
from back_office.repository import people
from kiosk.domain.bank_change import State

if TYPE_CHECKING:
    from back_office_bench import Bench

def block(office: Bench) -> str:
    return submit(office, office.holder("marie"), "bank_account.block", {})


def lift(office: Bench, answers: dict[str, str] | None = None, **other: object) -> str:
    return submit(office, office.holder("marie"), "bank_account.unblock", answers or {}, **other)


def lift_attended(office: Bench, staff: str = "staff") -> str:
    id_, seen = office.it.ids.new(), {"seen": "identity_card"}
    signed = office.word(id_, "bank_account.unblock", seen, staff=staff)
    return lift(office, seen, id=id_, attendance=signed)


def test_a_block_ends_what_is_under_way_and_refuses_what_comes(office: Bench) -> None:
    marie = office.holder("marie")
    under_way = office.submit(marie, "of_someone_else")
    request = block(office)
    assert word(office, request) == ("in_force", "decision.bank_account.block.in_force")
    assert office.change(under_way).state is State.BLOCKED
    assert record(office, "marie").changes_blocked
    office.bank_knows("marie_second", "match")
    assert office.verdict(marie, office.submit(marie, "marie_second")).decision == "blocked"
    assert len(told(office, "changes_blocked")) == 3
    assert office.bank.told == []


def test_staff_who_have_joined_lift_it_at_once(office: Bench) -> None:
    block(office)
    request = lift_attended(office)
    assert word(office, request) == ("in_force", "decision.bank_account.unblock.in_force")
    assert not record(office, "marie").changes_blocked
    assert len(told(office, "changes_unblocked")) == 3
    office.bank_knows("marie_second", "match")
    assert office.change(office.submit(office.holder("marie"), "marie_second")).state is State.IN_FORCE


def test_card_and_pin_alone_leave_it_to_the_desk(office: Bench) -> None:
    block(office)
    request = lift(office)
    assert word(office, request) == ("held", "decision.bank_account.unblock.held")
    assert record(office, "marie").changes_blocked
    assert word(office, lift(office)) == ("refused", "service.bank_account.unblock.pending")
    decide(office, cases(office)[0], acts.Act.ACCEPT, "identity card 123 seen")
    assert word(office, request)[0] == "in_force"
    assert not record(office, "marie").changes_blocked


@pytest.mark.parametrize("staff", ["technician", "karel", "marie", "revoked"])
def test_a_card_that_is_none_of_staff_attends_nothing(office: Bench, staff: str) -> None:
    block(office)
    if staff == "revoked":
        staff = "staff"
        with office.it.work() as work:
            people.revoke_card(work.db, office.holder("staff").number, work.time, "left")
    request = lift_attended(office, staff)
    assert word(office, request)[0] == "refused", "what staff alone can say was said by nobody of staff"
    assert record(office, "marie").changes_blocked


def test_that_a_helper_typed_is_no_attendance(office: Bench) -> None:
    block(office)
    typed = {"entered_by": {"seen": f"helper:staff:{office.holder('staff').number}"}}
    assert word(office, lift(office, {"seen": "identity_card"}, **typed)) == ("refused", "answers.unknown")
    assert record(office, "marie").changes_blocked


def test_twice_is_refused_and_so_is_lifting_what_is_not_there(office: Bench) -> None:
    assert word(office, lift(office)) == ("refused", "bank_account.not_blocked")
    block(office)
    assert word(office, block(office)) == ("refused", "bank_account.blocked_already")


def test_who_has_no_right_is_refused(office: Bench) -> None:
    for name, key in (("employer", "service.refused.role"), ("revoked", "service.refused.card_revoked")):
        assert word(office, submit(office, office.holder(name), "bank_account.block", {})) == ("refused", key)
