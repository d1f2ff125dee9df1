"""The catalogue: who may, what is asked, in which order, and what works now."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.domain.availability import Availability, availability
from kiosk.domain.card import Role
from kiosk.domain.carrying import carried_by, takes_number
from kiosk.domain.catalogue import SERVICES, find, menu, service_named
from kiosk.domain.errors import Bug
from kiosk.domain.problem import Problem
from kiosk.domain.service import (
    AskedIf,
    Conflict,
    EvidenceKind,
    Kind,
    Question,
    QuestionType,
    Standing,
    next_page,
    pages,
    refusal,
)
from kiosk.schemes import load_scheme, load_texts

CHANGE = SERVICES["bank_account.change"]
CONFIRM = SERVICES["bank_account.confirm_holder"]
HOLDER = Standing(Role.INSURED)


def test_services_are_found_by_id():
    assert find("bank_account.change") is CHANGE
    assert find("nothing") is None
    assert service_named("bank_account.change") is CHANGE
    with pytest.raises(Bug, match="nothing"):
        service_named("nothing")
    assert all(service.id == name for name, service in SERVICES.items())


def test_the_menu_shows_what_the_office_offers_and_a_menu_can_hold():
    assert menu(["bank_account.stop", "unheard_of", "bank_account.change"]) == (CHANGE,)


@pytest.mark.parametrize(
    ("standing", "key"),
    [
        (replace(HOLDER, role=Role.EMPLOYER), "service.refused.role"),
        (replace(HOLDER, on_file=False), "service.refused.not_on_file"),
        (replace(HOLDER, beneficiary=False), "service.refused.not_beneficiary"),
        (replace(HOLDER, changes_blocked=True), "service.refused.blocked"),
        (replace(HOLDER, pending=frozenset({"bank_account.change"})), "service.refused.pending"),
    ],
)
def test_who_cannot_is_told_why(standing, key):
    assert refusal(CHANGE, standing) == Problem(key)


def test_what_is_not_known_refuses_nobody():
    assert refusal(CHANGE, HOLDER) is None
    assert refusal(CHANGE, replace(HOLDER, on_file=True, beneficiary=True)) is None


def test_a_block_and_a_pending_change_do_not_keep_anyone_from_stopping_or_confirming():
    standing = Standing(Role.INSURED, beneficiary=False, changes_blocked=True, pending=frozenset(SERVICES))
    assert refusal(SERVICES["bank_account.stop"], standing) is None
    assert refusal(CONFIRM, standing) is None
    assert CONFIRM.conflict is Conflict.INDEPENDENT


def test_the_menu_is_honest_about_the_line():
    assert availability(CHANGE, online=True) is Availability.NOW
    assert availability(CHANGE, online=False) is Availability.RECEIVED_PENDING
    assert availability(CONFIRM, online=False) is Availability.NEEDS_LINE
    for online in (True, False):
        assert availability(CHANGE, online=online, closed=True) is Availability.CLOSED


def test_pages_follow_from_the_answers():
    first = Question("first", QuestionType.CHOICE, choices=("yes", "no"))
    second = Question("second", QuestionType.DATE, asked_if=AskedIf("first", frozenset({"yes"})))
    third = Question("third", QuestionType.NAME)
    service = replace(CHANGE, questions=(first, second, third))
    assert pages(service, {}, HOLDER) == (first, third)
    assert pages(service, {"first": "yes"}, HOLDER) == (first, second, third)
    assert next_page(service, {}, HOLDER) is first
    assert next_page(service, {"first": "yes"}, HOLDER) is second
    assert next_page(service, {"first": "no"}, HOLDER) is third
    assert next_page(service, {"first": "no", "third": "Marie"}, HOLDER) is None
    assert service.question("second") is second
    assert service.question("fourth") is None


def test_every_service_has_its_texts_in_every_language():
    texts = load_texts("cz")
    for service in SERVICES.values():
        for key in (service.title_key, service.act_key, service.consequences_key):
            assert all(texts.text(language, key) for language in texts.languages)


def test_every_service_of_a_pack_is_in_the_catalogue():
    assert set(load_scheme("cz").services) <= set(SERVICES)


def test_no_service_that_moves_money_takes_a_word_on_the_telephone():
    for service in SERVICES.values():
        assert not (service.moves_money and EvidenceKind.SPOKEN in service.evidence), service.id
    assert EvidenceKind.SPOKEN in SERVICES["bank_account.stop"].evidence


def test_number_and_pin_carry_what_blocks_and_open_what_is_shown_and_nothing_else():
    """A new service for who has no card is looked at here, by its name."""
    open_to_it = [service for service in SERVICES.values() if Role.NUMBER in service.roles]
    assert {service.id for service in open_to_it} == {
        "requests.show", "payments.show", "ticket.draw", "feedback.give", "bank_account.block",
    }  # fmt: skip
    assert [service.id for service in SERVICES.values() if takes_number(service)] == ["bank_account.block"]
    for service in open_to_it:
        carried = carried_by(service, Role.NUMBER)
        assert service.kind is Kind.SHOW or carried is EvidenceKind.NONE or takes_number(service), service.id
        assert not service.moves_money
