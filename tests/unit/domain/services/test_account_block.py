"""The block on changes of the account: who puts it, who lifts it, what it closes."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.card import Role
from kiosk.domain.carrying import carried_by, takes_number
from kiosk.domain.form import recheck
from kiosk.domain.problem import Problem
from kiosk.domain.record import Person
from kiosk.domain.service import Channel, EvidenceKind, Standing, pages, refusal, standing_of
from kiosk.domain.services.bank_account import BLOCK, CHANGE, UNBLOCK
from kiosk.schemes import load_scheme

SCHEME = load_scheme("cz")
MARIE = Person("Marie Novotná", "5301010019", None, 4, "2026-11-22T09:00:00Z")
OPEN = Standing(Role.INSURED, on_file=True, beneficiary=True)
BLOCKED = replace(OPEN, changes_blocked=True)
UNKNOWN = Standing(Role.INSURED)
STAFF = replace(BLOCKED, staff="8000000001")


def test_it_is_put_once_and_lifted_once():
    assert refusal(BLOCK, OPEN) is None
    assert refusal(BLOCK, BLOCKED) == Problem("bank_account.blocked_already")
    assert refusal(UNBLOCK, BLOCKED) is None
    assert refusal(UNBLOCK, OPEN) == Problem("bank_account.not_blocked")
    assert refusal(CHANGE, BLOCKED) == Problem("service.refused.blocked")


def test_what_is_not_known_refuses_nobody():
    assert refusal(BLOCK, UNKNOWN) is None
    assert refusal(UNBLOCK, UNKNOWN) is None


def test_a_second_request_to_lift_it_waits_for_the_first():
    pending = replace(BLOCKED, pending=frozenset({"bank_account.unblock"}))
    assert refusal(UNBLOCK, pending) == Problem("service.bank_account.unblock.pending")


def test_staff_say_which_document_they_saw_and_nobody_else_is_asked():
    assert pages(UNBLOCK, {}, BLOCKED) == ()
    assert [page.id for page in pages(UNBLOCK, {}, STAFF)] == ["seen"]
    assert recheck(UNBLOCK, {"seen": "passport"}, SCHEME, STAFF) is None
    assert recheck(UNBLOCK, {"seen": "passport"}, SCHEME, BLOCKED) == Problem("answers.unknown", {"question": "seen"})
    assert recheck(UNBLOCK, {}, SCHEME, STAFF) == Problem("answers.missing", {"question": "seen"})


def test_a_telephone_may_block_and_never_lift():
    assert EvidenceKind.SPOKEN in BLOCK.channels[Channel.TELEPHONE]
    assert Channel.TELEPHONE not in UNBLOCK.channels
    assert EvidenceKind.REPRESENTED not in UNBLOCK.evidence


def test_a_number_and_its_pin_block_and_do_nothing_else_with_an_account():
    by_number = replace(OPEN, role=Role.NUMBER)
    assert refusal(BLOCK, by_number) is None
    assert refusal(BLOCK, replace(by_number, changes_blocked=True)) == Problem("bank_account.blocked_already")
    for service in (UNBLOCK, CHANGE):
        assert refusal(service, by_number) == Problem("service.refused.role")
        assert not takes_number(service)
    assert [carried_by(BLOCK, role).value for role in (Role.INSURED, Role.NUMBER)] == ["signed", "number_and_pin"]


def test_a_card_whose_pin_is_a_letter_s_signs_nothing_and_the_number_s_pin_is_another():
    waits = standing_of(Role.INSURED, replace(MARIE, pin_letter_until="2026-12-01"))
    assert refusal(BLOCK, waits) == Problem("service.refused.letter_pin")
    assert refusal(BLOCK, replace(waits, role=Role.NUMBER)) is None
