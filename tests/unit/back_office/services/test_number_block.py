"""A number and its PIN put the block on changes of the account, from a visit without a card; they lift nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from back_office_bench import application
from back_office_numbers import OWN, asked, chosen, letter
from back_office_services import record, submit, tell, told, word

from back_office import decisions
from back_office.repository import reports
from kiosk.domain.bank_change import State
from kiosk.wire.answer import AnswerKey
from kiosk.wire.timestamps import timestamp as wire_time

if TYPE_CHECKING:
    from back_office_bench import Bench

BLOCK = "bank_account.block"


@pytest.fixture
def shown(office: Bench) -> dict[str, Any]:
    """Marie has shown number and PIN: what an act of this visit carries."""
    key = AnswerKey.generate()
    answer = asked(office, application(office), chosen(office, application(office)), OWN, key=key)
    return {"by_number": answer["pass"], "answer_key": key.jwk}


def test_it_ends_what_is_under_way_refuses_what_comes_and_everybody_is_told(office: Bench, shown: dict[str, Any]) -> None:
    marie = office.holder("marie")
    under_way = office.submit(marie, "of_someone_else")
    request = tell(office, BLOCK, {}, **shown)
    assert word(office, request) == ("in_force", "decision.bank_account.block.in_force")
    assert office.change(under_way).state is State.BLOCKED
    assert len(told(office, "changes_blocked")) == 3
    office.bank_knows("marie_second", "match")
    assert office.verdict(marie, office.submit(marie, "marie_second")).decision == "blocked"
    assert record(office, "marie").requests[0].service in {BLOCK, "bank_account.change"}, "it is among her own requests"
    assert {line.transaction_id for line in record(office, "marie").requests} >= {request}
    assert word(office, tell(office, BLOCK, {}, **shown)) == ("refused", "bank_account.blocked_already")


def test_the_visit_is_told_that_there_is_a_block(office: Bench, shown: dict[str, Any]) -> None:
    app, number = application(office), office.person("marie")
    assert asked(office, app, number, OWN)["record"]["changes_blocked"] is False
    tell(office, BLOCK, {}, **shown)
    assert asked(office, app, number, OWN)["record"]["changes_blocked"] is True


def test_in_one_group_with_a_change_that_came_before_it_the_change_ends(office: Bench, shown: dict[str, Any]) -> None:
    """What was foretold of the person before the group began counts no more: two things in it are about her."""
    change = office.change_entry(office.holder("marie"), "of_someone_else")
    at = wire_time(office.it.clock.now())
    block = office.report_entry(BLOCK, {}, signed_at=at, **shown)
    office.receive(change, block)
    decisions.decide_group(office.it, [change["id"], block["id"]])
    assert word(office, block["id"])[0] == "in_force"
    assert office.change(change["id"]).state is State.BLOCKED


@pytest.mark.parametrize(
    ("service", "answers"),
    [
        ("bank_account.unblock", {}),
        ("address.change", {"address": "Nová 2\n301 00 Plzeň"}),
        ("mandate.grant", {}),
        ("proof_of_life.give", {}),
        ("certificate.issue", {"kind": "insurance_status"}),
    ],
)
def test_it_carries_nothing_else(office: Bench, shown: dict[str, Any], service: str, answers: dict[str, str]) -> None:
    tell(office, BLOCK, {}, **shown)
    before = record(office, "marie").version
    assert word(office, tell(office, service, answers, **shown)) == ("refused", "service.refused.needs_card")
    assert record(office, "marie").changes_blocked
    assert record(office, "marie").version == before


@pytest.mark.parametrize("service", ["bank_account.change", "bank_account.stop", "bank_account.confirm_holder"])
def test_money_is_not_even_looked_at(office: Bench, shown: dict[str, Any], service: str) -> None:
    iban = office.account("marie_second")
    id_ = tell(office, service, {"account": iban, "account_as_typed": iban}, **shown)
    assert office.rows("SELECT status, reason FROM inbox WHERE id = ?", id_) == [
        {"status": "quarantined", "reason": "service_unknown"}
    ]
    assert office.rows("SELECT 1 AS x FROM bank_change") == []


def test_without_the_back_office_s_word_of_this_visit_it_is_nobody_s(office: Bench, shown: dict[str, Any]) -> None:
    refused = ("refused", "service.refused.needs_card")
    assert word(office, tell(office, BLOCK, {})) == refused
    assert word(office, tell(office, BLOCK, {}, by_number="a.b.c")) == refused
    assert word(office, tell(office, BLOCK, {}, **(shown | {"answer_key": AnswerKey.generate().jwk}))) == refused
    office.later(hours=1)
    assert word(office, tell(office, BLOCK, {}, **shown)) == refused
    assert not record(office, "marie").changes_blocked


def test_a_new_letter_ends_what_was_shown_before_it_and_not_what_was_told_before_it(office: Bench, shown: dict[str, Any]) -> None:
    office.later(minutes=2)
    told_before = office.report_entry(BLOCK, {}, signed_at=wire_time(office.it.clock.now()), **shown)
    office.later(minutes=2)
    letter(office)
    office.later(minutes=2)
    assert word(office, tell(office, BLOCK, {}, **shown)) == ("refused", "service.refused.needs_card")
    office.receive(told_before)
    office.settle()
    assert word(office, told_before["id"])[0] == "in_force"


def test_a_card_that_says_number_and_pin_is_a_card_s_act_and_not_taken_for_the_other(office: Bench) -> None:
    request = submit(office, office.holder("marie"), BLOCK, {}, evidence={"kind": "number_and_pin"})
    assert word(office, request) == ("refused", "service.refused.evidence")


def test_for_who_died_nobody_blocks_by_number(office: Bench, shown: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "died_on", lambda *_: "2026-10-01")
    assert word(office, tell(office, BLOCK, {}, **shown)) == ("refused", "service.refused.needs_card")


def test_what_anybody_may_tell_stays_anybody_s(office: Bench, shown: dict[str, Any]) -> None:
    lost = {"number": office.person("josef"), "birth_date": record(office, "josef").birth_date, "call_back": ""}
    request = tell(office, "card.lost", lost, **shown)
    assert word(office, request)[0] == "held"
    assert request not in {line.transaction_id for line in record(office, "marie").requests}
