"""Answers of every type, and whole transactions by whatever channel."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain import validation
from kiosk.domain.card import Role
from kiosk.domain.catalogue import SERVICES
from kiosk.domain.form import Accepted, answers_of, check_answer, recheck
from kiosk.domain.problem import Problem
from kiosk.domain.service import Choice, Question, QuestionType, Standing
from kiosk.schemes import load_scheme

CZ = load_scheme("cz")
CHANGE = SERVICES["bank_account.change"]
STOP = SERVICES["bank_account.stop"]
HOLDER = Standing(Role.INSURED)
IBAN = "CZ6508000000192000145399"
REQUEST = "0198c2f0-0000-7000-8000-000000000001"


def ask(kind, typed, **limits):
    return check_answer(Question("q", kind, **limits), typed, CZ, {}, HOLDER)


@pytest.mark.parametrize(
    ("kind", "typed", "limits", "value"),
    [
        (QuestionType.CHOICE, "yes", {"choices": ("yes", "no")}, "yes"),
        (QuestionType.DATE, "12. 3. 1950", {}, "1950-03-12"),
        (QuestionType.DATE, "1950-3-12", {"earliest": "1950-03-12", "latest": "1950-03-12"}, "1950-03-12"),
        (QuestionType.DATE, "١٢/٣/١٩٥٠", {}, "1950-03-12"),
        (QuestionType.AMOUNT, "14 230,5", {}, "14230.50"),
        (QuestionType.AMOUNT, "007.10", {"lowest": "7.10", "highest": "7.10"}, "7.10"),
        (QuestionType.AMOUNT, "5,", {}, "5.00"),
        (QuestionType.IDENTIFIER, "710319/2745", {}, "7103192745"),
        (QuestionType.IDENTIFIER, "25123891", {"identifier": "employer"}, "25123891"),
        (QuestionType.NAME, "  Marie   Novotná ", {}, "Marie Novotná"),
        (QuestionType.ADDRESS, " Dlouhá 1 \n\n 110 00  Praha ", {}, "Dlouhá 1\n110 00 Praha"),
        (QuestionType.FREE_TEXT, " one\ntwo ", {"longest": 7}, "one\ntwo"),
        (QuestionType.FREE_TEXT, "  ", {"optional": True}, ""),
        (QuestionType.REQUEST, REQUEST, {}, REQUEST),
        (QuestionType.ACCOUNT, "19-2000145399/0800", {}, IBAN),
    ],
)
def test_what_stands(kind, typed, limits, value):
    outcome = ask(kind, typed, **limits)
    assert isinstance(outcome, Accepted), outcome
    assert outcome.value == value
    assert ask(kind, outcome.value, **limits).value == value


@pytest.mark.parametrize(
    ("kind", "typed", "limits", "key"),
    [
        (QuestionType.CHOICE, "", {"choices": ("yes", "no")}, "choice.missing"),
        (QuestionType.DATE, " ", {}, "date.empty"),
        (QuestionType.DATE, "March", {}, "date.form"),
        (QuestionType.DATE, "30.2.2026", {}, "date.not_in_calendar"),
        (QuestionType.DATE, "11.3.1950", {"earliest": "1950-03-12"}, "date.too_early"),
        (QuestionType.DATE, "13.3.1950", {"latest": "1950-03-12"}, "date.too_late"),
        (QuestionType.AMOUNT, "", {}, "amount.empty"),
        (QuestionType.AMOUNT, "-5", {}, "amount.form"),
        (QuestionType.AMOUNT, "1,234.50", {}, "amount.form"),
        (QuestionType.AMOUNT, "1,234", {}, "amount.scale"),
        (QuestionType.AMOUNT, "7", {"lowest": "7.01"}, "amount.too_low"),
        (QuestionType.AMOUNT, "7.02", {"highest": "7.01"}, "amount.too_high"),
        (QuestionType.AMOUNT, "9" * 60, {}, "amount.too_high"),
        (QuestionType.IDENTIFIER, "1", {}, "identifier.length"),
        (QuestionType.NAME, " -- ", {}, "name.empty"),
        (QuestionType.NAME, "Marie2", {}, "name.character"),
        (QuestionType.NAME, "Ma\x07rie", {}, "name.character"),
        (QuestionType.NAME, "a" * 201, {}, "text.too_long"),
        (QuestionType.ADDRESS, "Dlouhá 1", {}, "address.lines"),
        (QuestionType.ADDRESS, "a\n" * 6, {}, "address.lines"),
        (QuestionType.ADDRESS, "a" * 200 + "\n" + "b" * 200, {}, "text.too_long"),
        (QuestionType.ADDRESS, "Dlouhá\x07 1\nPraha", {}, "text.character"),
        (QuestionType.FREE_TEXT, " ", {}, "text.empty"),
        (QuestionType.FREE_TEXT, "too long", {"longest": 7}, "text.too_long"),
        (QuestionType.FREE_TEXT, "a\x00b", {}, "text.character"),
        (QuestionType.REQUEST, "the last one", {}, "request.unknown"),
        (QuestionType.ACCOUNT, "", {}, "account.empty"),
    ],
)
def test_what_does_not(kind, typed, limits, key):
    outcome = ask(kind, typed, **limits)
    assert isinstance(outcome, Problem), outcome
    assert outcome.key == key


@given(st.sampled_from(list(QuestionType)), st.text(max_size=60), st.booleans())
def test_whatever_is_typed_there_is_an_answer_that_stands_again(kind, typed, optional):
    question = Question("q", kind, choices=("a",), optional=optional)
    outcome = check_answer(question, typed, CZ, {}, HOLDER)
    if isinstance(outcome, Accepted):
        assert check_answer(question, outcome.value, CZ, {}, HOLDER).value == outcome.value


def test_a_type_that_does_not_exist_is_not_passed_over():
    with pytest.raises(AssertionError):
        ask("telepathy", "x")


def test_values_of_the_shared_checks_are_exact():
    assert validation.check_amount("0,10", 2) == Decimal("0.10")
    assert validation.check_amount("5", 0) == Decimal(5)
    assert isinstance(validation.check_amount("5,5", 0), Problem)
    assert validation.check_date("1.1.2000") == date(2000, 1, 1)
    assert validation.check_text(" ", 5, optional=True) == ""


def test_an_account_keeps_what_was_typed_and_shows_how_it_is_read():
    question = CHANGE.questions[0]
    accepted = check_answer(question, " 19-2000145399/0800 ", CZ, {}, HOLDER)
    assert accepted == Accepted(IBAN, "CZ65 0800 0000 1920 0014 5399", "19-2000145399/0800", "Česká spořitelna, a.s.")
    answers = answers_of(question, " 19-2000145399/0800 ", accepted)
    assert answers == {"account": IBAN, "account_as_typed": "19-2000145399/0800"}
    assert recheck(CHANGE, answers, CZ, HOLDER) is None
    assert answers_of(STOP.questions[0], REQUEST, Accepted(REQUEST, REQUEST)) == {"change": REQUEST}


@pytest.mark.parametrize(
    ("answers", "key"),
    [
        ({}, "answers.missing"),
        ({"account": IBAN, "more": "1"}, "answers.unknown"),
        ({"account": "19-2000145399/0800"}, "answers.not_canonical"),
        ({"account": IBAN, "account_as_typed": "2000145399/0800"}, "answers.not_canonical"),
        ({"account": IBAN[:-1] + "8"}, "account.iban_check"),
        ({"account": IBAN, "account_as_typed": "nonsense/1"}, "account.letters"),
    ],
)
def test_a_transaction_by_any_channel_passes_the_same_rules(answers, key):
    problem = recheck(CHANGE, answers, CZ, HOLDER)
    assert problem is not None
    assert problem.key == key


def test_the_service_has_the_last_word():
    same = Standing(Role.INSURED, account=IBAN)
    assert recheck(CHANGE, {"account": IBAN}, CZ, same) == Problem("account.same_as_now")
    assert recheck(CHANGE, {"account": IBAN}, CZ, HOLDER) is None
    assert recheck(STOP, {"change": REQUEST}, CZ, same) is None


@pytest.mark.parametrize(
    ("kind", "typed", "value"),
    [
        (QuestionType.EMAIL, " jana.nova@Example.COM ", "jana.nova@example.com"),
        (QuestionType.PHONE, "601 123 456", "+420601123456"),
        (QuestionType.PHONE, "+32 2 555 12 12", "+3225551212"),
        (QuestionType.WHOLE_NUMBER, "007", "7"),
    ],
)
def test_how_a_person_can_be_reached_and_counts(kind, typed, value):
    outcome = ask(kind, typed)
    assert isinstance(outcome, Accepted), outcome
    assert outcome.value == value
    assert ask(kind, value).value == value


@pytest.mark.parametrize(
    ("kind", "typed", "key"),
    [
        (QuestionType.EMAIL, "", "email.empty"),
        (QuestionType.EMAIL, "jana.example.com", "email.form"),
        (QuestionType.EMAIL, "j" * 250 + "@example.com", "email.form"),
        (QuestionType.PHONE, " ", "phone.empty"),
        (QuestionType.PHONE, "call me", "phone.form"),
        (QuestionType.PHONE, "+420 1", "phone.form"),
        (QuestionType.PHONE, "+420 101 123 456", "phone.form"),
        (QuestionType.WHOLE_NUMBER, "1,5", "amount.scale"),
    ],
)
def test_what_cannot_be_reached_is_said(kind, typed, key):
    assert ask(kind, typed).key == key


def test_a_choice_that_the_record_offers_no_more_is_said_so():
    years = Question("year", QuestionType.CHOICE, choices_from=lambda _answers, _standing: (Choice("2004", "2004"),))
    fixed = Question("what", QuestionType.CHOICE, choices=("this", "that"))
    service = replace(STOP, questions=(years, fixed))
    assert recheck(service, {"year": "2004", "what": "this"}, CZ, HOLDER) is None
    assert recheck(service, {"year": "2003", "what": "this"}, CZ, HOLDER) == Problem("answers.not_on_record")
    assert recheck(service, {"year": "2004", "what": "neither"}, CZ, HOLDER) == Problem("choice.missing")
