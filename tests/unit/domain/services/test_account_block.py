"""The block on changes of the account: who puts it, who lifts it, what it closes."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.card import Role
from kiosk.domain.form import recheck
from kiosk.domain.problem import Problem
from kiosk.domain.service import Channel, EvidenceKind, Standing, pages, refusal
from kiosk.domain.services.bank_account import BLOCK, CHANGE, UNBLOCK
from kiosk.schemes import load_scheme

SCHEME = load_scheme("cz")
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
