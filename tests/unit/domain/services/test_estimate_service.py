"""The estimate of a pension: what is asked of whom, what is refused where, what the page says first."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from kiosk.domain.availability import Availability, availability
from kiosk.domain.card import Role
from kiosk.domain.content import Answer, Bars, Doors, Facts, Notice, OpenService, Paragraph, Said, Table, Tone
from kiosk.domain.form import Accepted, check_answer
from kiosk.domain.paper import printed
from kiosk.domain.pension import RuleSet
from kiosk.domain.pension.estimate import Estimate, FromRecord, Typed
from kiosk.domain.problem import Problem
from kiosk.domain.receipt import Place
from kiosk.domain.record import Contribution, PaymentAccount, Person
from kiosk.domain.service import Standing, pages, refusal, standing_of
from kiosk.domain.services.pension_estimate import ESTIMATE, ages_to_choose, made, usual_age
from kiosk.schemes import load_scheme, load_texts
from kiosk.schemes.pension import installed

SCHEME = load_scheme("cz")
TODAY = "2026-11-22"
TYPED = {"birth": "1970-05-01", "pay": "42500.00", "years": "33", "goes_on": "yes"}
LINES = tuple(
    Contribution(year, f"{year}-01-01", f"{year}-12-31", "1", "Pekárna", "worked", "361234.56", {"old_age": "1.00"})
    for year in range(1990, 2026)
)
JOSEF = Person("Josef Dvořák", "7005013748", None, 1, "2026-11-22T08:00:00Z", birth_date="1970-05-01", contributions=LINES)
NOBODY = Standing(Role.NONE, today=TODAY, scheme=SCHEME)


def of(person, scheme=SCHEME, today=TODAY):
    return standing_of(Role.INSURED, person, today=today, scheme=scheme)


def asked(answers, standing):
    return [question.id for question in pages(ESTIMATE, answers, standing)]


def blocks(answers, standing, kind):
    return [block for block in ESTIMATE.content(answers, standing).blocks if isinstance(block, kind)]


def notices(answers, standing):
    return [block.text.key for block in blocks(answers, standing, Notice)]


def problem(answers, standing=NOBODY):
    found = ESTIMATE.check(answers, standing)
    return None if found is None else found.key.removeprefix("pension.not_possible.")


def test_without_a_card_everything_is_typed():
    assert refusal(ESTIMATE, NOBODY) is None
    assert asked({}, NOBODY) == ["birth", "pay", "years", "goes_on", "age"]
    assert asked({}, of(None)) == asked({}, of(replace(JOSEF, contributions=()))) == asked({}, NOBODY)


def test_with_a_record_it_is_one_touch_or_typed_all_the_same():
    assert asked({}, of(JOSEF)) == ["source", "age"]
    assert asked({"source": "typed"}, of(JOSEF)) == ["source", "birth", "pay", "years", "goes_on", "age"]
    assert asked({}, of(replace(JOSEF, birth_date=""))) == ["source", "birth", "age"]
    source, birth = ESTIMATE.question("source"), ESTIMATE.question("birth")
    assert source.prefill({}, of(JOSEF)) == "record"
    assert (birth.prefill({}, of(JOSEF)), birth.prefill({}, NOBODY)) == ("1970-05-01", "")


def test_it_works_without_a_line():
    for here in (True, False):
        assert availability(ESTIMATE, online=False, closed=True, record_here=here) is Availability.NOW


def test_ages_follow_from_the_birth():
    assert [one.value for one in ages_to_choose(TYPED, NOBODY)] == [str(age) for age in range(60, 71)]
    assert ages_to_choose(TYPED, NOBODY)[5].label == "65 (2035)"
    assert usual_age(TYPED, NOBODY) == "65"
    assert usual_age({"birth": "1958-01-01"}, NOBODY) == "68"
    assert usual_age({"birth": "1950-01-01"}, NOBODY) == "76"
    for answers, standing in (({}, NOBODY), (TYPED, replace(NOBODY, scheme=None)), ({"birth": "2020-01-01"}, NOBODY)):
        assert ages_to_choose(answers, standing) == ()
        assert usual_age(answers, standing) == ""
    page = ESTIMATE.question("age")
    assert check_answer(page, "67", SCHEME, TYPED, NOBODY) == Accepted("67", "67")
    assert check_answer(page, "71", SCHEME, TYPED, NOBODY) == Problem("choice.missing")


@pytest.mark.parametrize(
    ("answers", "standing", "expected"),
    [
        ({}, NOBODY, None),
        (TYPED | {"age": "65"}, NOBODY, None),
        ({"source": "record"}, of(JOSEF), None),
        ({"birth": "2020-01-01"}, NOBODY, "birth_out_of_range"),
        ({"birth": "1970-05-01", "years": "56"}, NOBODY, None),
        ({"birth": "1970-05-01", "years": "57"}, NOBODY, "years_out_of_range"),
        ({"birth": "1970-05-01", "years": "57"}, replace(NOBODY, today=""), None),
        ({"years": "90"}, NOBODY, None),
        (TYPED | {"years": "0", "goes_on": "no"}, NOBODY, "no_years"),
        (TYPED | {"age": "59"}, NOBODY, "retirement_age"),
        ({"goes_on": "yes"}, NOBODY, "no_pay"),
        ({"source": "record"}, of(replace(JOSEF, contributions=(replace(LINES[0], pay="much"),))), "record_unreadable"),
        ({"source": "record"}, of(replace(JOSEF, birth_date="")), None),
        ({"source": "record", "birth": "1970-05-01"}, of(replace(JOSEF, birth_date="")), None),
    ],
)
def test_what_nobody_can_have_is_refused_on_its_page(answers, standing, expected):
    assert problem(answers, standing) == expected


def test_a_scheme_without_rules_offers_none_and_one_that_is_not_here_refuses_nobody():
    refused = Problem("pension.not_possible.no_rules")
    assert refusal(ESTIMATE, replace(NOBODY, scheme=replace(SCHEME, pension=None))) == refused
    other = replace(SCHEME, pension=installed(RuleSet.US_PIA))
    assert refusal(ESTIMATE, replace(NOBODY, scheme=other)) == refused
    assert refusal(ESTIMATE, replace(NOBODY, scheme=None)) is None
    assert made(TYPED, replace(NOBODY, scheme=None)).reason == "no_rules"


def test_the_record_or_the_typed_figures_are_what_it_rests_on():
    one = made({"source": "record", "age": "67", "more": "2"}, of(JOSEF))
    assert isinstance(one, Estimate)
    assert isinstance(one.source, FromRecord)
    assert (one.retirement_age, one.what_if.more_years) == (67, 2)
    stays = made(TYPED | {"source": "typed", "goes_on": "no"}, of(JOSEF))
    assert isinstance(stays, Estimate)
    assert stays.source == Typed(one.source.birth, Decimal("42500.00"), 33, goes_on=False)


def test_the_amount_comes_first_and_is_called_an_estimate():
    answers = {"source": "record", "age": "65"}
    content = ESTIMATE.content(answers, of(JOSEF))
    one = made(answers, of(JOSEF))
    amount, said = content.blocks[:2]
    assert isinstance(amount, Facts)
    assert amount.rows[0].value == Said("own_record.money", {"amount": str(one.result.monthly_pension)})
    assert said == Notice(Said("pension.estimate.no_decision"), Tone.NOTE)
    assert "print" in content.actions()
    assert content.actions()["record"].target == OpenService("record.show")


def test_every_bar_but_the_chosen_one_asks_what_if():
    (bars,) = blocks(TYPED | {"age": "67"}, NOBODY, Bars)
    assert [bar.marked for bar in bars.bars] == [age == 67 for age in range(60, 71)]
    assert bars.bars[0].action.target == Answer("age", "60")
    assert bars.bars[7].action is None
    assert blocks(TYPED | {"birth": "1950-01-01"}, NOBODY, Bars) == []


def test_more_years_can_be_added_and_taken_back():
    def offered(**more):
        return {action.id: action.target for action in blocks(TYPED | more, NOBODY, Doors)[0].actions}

    assert offered() == {"more-1": Answer("more", "1"), "more-5": Answer("more", "5")}
    assert offered(more="5") == {
        "more-1": Answer("more", "6"), "more-5": Answer("more", "10"), "more-0": Answer("more", "")
    }  # fmt: skip
    assert offered(more="36").keys() == {"more-1", "more-0"}
    assert blocks(TYPED, NOBODY, Doors)[0].title == Said("pension.estimate.what_if")
    five = made(TYPED | {"more": "5"}, NOBODY).result.monthly_pension
    said = Said("pension.estimate.with_more", {"years": "5", "amount": str(five)})
    assert blocks(TYPED | {"more": "5"}, NOBODY, Doors)[0].title == said
    assert made(TYPED | {"more": "5"}, NOBODY).whole_years == made(TYPED, NOBODY).whole_years + 5


def test_every_step_is_told_with_what_came_of_it():
    (steps,) = blocks(TYPED, NOBODY, Table)
    assert [row.cells[1].key.rpartition(".")[2] for row in steps.rows] == [
        "typed_years", "goes_on", "typed_base", "reduced", "years", "percentage", "pension"
    ]  # fmt: skip
    assert steps.rows[0].cells[2] == Said("pension.estimate.years", {"years": "33"})
    assert steps.rows[-1].cells[2].key == "own_record.money"
    assert notices(TYPED, NOBODY)[-1] == "pension.step.cz.not_counted"
    told = [block.text.key for block in blocks(TYPED, NOBODY, Paragraph)]
    assert told == ["pension.estimate.from_typed", "pension.step.cz.prices", "pension.estimate.rules"]


def test_what_lowers_or_limits_it_is_said():
    assert "pension.step.cz.too_few_years" in notices(TYPED | {"years": "3", "goes_on": "no"}, NOBODY)
    abroad = replace(LINES[0], kind="other_scheme", branches={})
    paid = replace(JOSEF, contributions=(*LINES, abroad), account=PaymentAccount("CZ6508000000192000145399"))
    said = notices({"source": "record"}, of(paid))
    assert {"pension.estimate.elsewhere", "pension.estimate.paid_already"} <= set(said)
    assert not {"pension.estimate.elsewhere", "pension.estimate.paid_already"} & set(notices({"source": "record"}, of(JOSEF)))


def test_what_cannot_be_estimated_any_more_says_why():
    gone = ESTIMATE.content({"source": "record", "age": "65"}, of(None))
    assert [block.text.key for block in gone.blocks] == ["pension.not_possible.no_pay"]
    too_many = ESTIMATE.content(TYPED | {"birth": "1950-01-01", "years": "70", "more": "20"}, NOBODY)
    assert too_many.blocks[0].text.key == "pension.not_possible.years_out_of_range"
    assert too_many.actions()["more-0"].target == Answer("more", "")


@pytest.mark.parametrize("language", ["en", "cs", "ar"])
def test_it_can_be_read_and_printed_in_every_language(language):
    texts = load_texts("cz")
    everything = replace(JOSEF, contributions=(*LINES, replace(LINES[0], kind="other_scheme")), account=PaymentAccount("CZ65"))
    for answers, standing in ((TYPED, NOBODY), ({"source": "record", "more": "2"}, of(everything))):
        paper = printed(ESTIMATE.content(answers, standing), Place("Praha 1", "T0007", demonstration=False))
        for line in paper.lines:
            if line.key and line.key not in {"paper.words", "paper.no_proof", "receipt.office"}:
                assert texts.text(language, line.key, **dict(line.parameters))
    for question in ESTIMATE.questions:
        key = f"question.{ESTIMATE.id}.{question.id}"
        assert all(texts.text(language, part) for part in (key, f"{key}.label"))
        assert all(texts.text(language, f"{key}.choice.{value}") for value in question.choices)


def test_an_estimate_asked_for_again_is_the_same_and_other_answers_make_another():
    standing = of(JOSEF)
    first = made({"source": "record", "age": "64"}, standing)
    assert made({"source": "record", "age": "64"}, standing) is first
    other = made({"source": "record", "age": "66"}, standing)
    assert isinstance(first, Estimate)
    assert isinstance(other, Estimate)
    assert (first.retirement_age, other.retirement_age) == (64, 66)
    poorer = of(replace(JOSEF, contributions=JOSEF.contributions[:-1]))
    assert made({"source": "record", "age": "66"}, poorer) != other
