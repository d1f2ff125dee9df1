"""A typed account number: grows key by key, begins with the country, is grouped for the eye."""

from __future__ import annotations

from datetime import date
from functools import reduce
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.catalogue import service_named
from kiosk.domain.service import Question, QuestionType
from kiosk.domain.validation import check_date
from ui.form_model import (
    answer_pressed,
    begins_large,
    compact,
    for_reading,
    longest,
    pressed,
    text_in,
    typed_for_reading,
)

KEYS = st.sampled_from([*"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-/.", "backspace", "clear"])


def typed(keys: str, start: str = "CZ") -> str:
    return reduce(lambda text, key: pressed(text, key, "CZ"), keys, start)


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ("6508000000192000145399", "CZ6508000000192000145399"),
        ("CZ6508000000192000145399", "CZ6508000000192000145399"),
        ("SK3112000000198742637541", "SK3112000000198742637541"),
        ("19-2000145399/0800", "19-2000145399/0800"),
        ("1011038930/5500", "1011038930/5500"),
        ("GB29NWBK60161331926819", "GB29NWBK60161331926819"),
        ("", "CZ"),
    ],
)
def test_the_country_gives_way_to_what_is_typed(keys: str, text: str) -> None:
    assert typed(keys) == text


def test_the_field_begins_with_the_country_until_something_was_typed() -> None:
    account = service_named("bank_account.change").question("account")
    assert account is not None
    assert text_in(account, {}, "CZ") == "CZ"
    assert text_in(account, {account.id: ""}, "CZ") == ""
    assert text_in(account, {account.id: "19-"}, "CZ") == "19-"


def test_backspace_and_clear() -> None:
    assert pressed("CZ65", "backspace", "CZ") == "CZ6"
    assert pressed("", "backspace", "CZ") == ""
    assert pressed("CZ65", "clear", "CZ") == ""


@given(st.lists(KEYS, max_size=40))
def test_grouping_changes_no_character(keys: list[str]) -> None:
    text = reduce(lambda so_far, key: pressed(so_far, key, "CZ"), keys, "CZ")
    assert compact(typed_for_reading(text)) == text
    assert compact(text) == text


def test_an_iban_is_grouped_in_fours_and_a_domestic_number_is_left_alone() -> None:
    assert typed_for_reading("CZ6508000000192000145399") == "CZ65 0800 0000 1920 0014 5399"
    assert typed_for_reading("19-2000145399/0800") == "19-2000145399/0800"


def question(kind: QuestionType, **more: Any) -> Question:
    return Question("q", kind, **more)


def grown(kind: QuestionType, keys: list[str] | str, start: str = "", **more: Any) -> str:
    return reduce(lambda text, key: answer_pressed(question(kind, **more), text, key), keys, start)


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ("1231950", "12. 3. 1950"),  # March: no month begins with 3
        ("12031950", "12. 03. 1950"),
        ("411950", "4. 11. 950"),  # November: who means January types 01 or a point
        ("41.1950", "4. 1. 1950"),
        ("3.12.1999", "3. 12. 1999"),
        ("3541962", "3. 5. 4196"),  # 35 is no day, so the 5 is the month; the next digits are the year, four at most
        ("311219801", "31. 12. 1980"),
        (".1", "1"),
        ("12..", "12. "),
        ("12a3", "12. 3. "),
    ],
)
def test_the_points_of_a_date_are_typed_for_the_person(keys: str, text: str) -> None:
    assert grown(QuestionType.DATE, keys) == text


def test_a_date_loses_its_last_digit_and_the_points_after_it() -> None:
    assert grown(QuestionType.DATE, ["backspace"], "12. 3. ") == "12. "
    assert grown(QuestionType.DATE, ["backspace"], "12. 3. 1") == "12. 3. "
    assert grown(QuestionType.DATE, ["backspace"], "") == ""
    assert grown(QuestionType.DATE, ["clear"], "12. 3. ") == ""


def test_a_date_of_the_record_is_shown_and_mended_as_people_here_write_it() -> None:
    assert for_reading(question(QuestionType.DATE), "1950-03-12") == "12. 3. 1950"
    assert grown(QuestionType.DATE, ["backspace"], "1950-03-12") == "12. 3. 195"


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_every_date_typed_with_two_digits_each_is_the_one_meant(day: date) -> None:
    typed_text = grown(QuestionType.DATE, f"{day:%d%m%Y}")
    assert check_date(typed_text) == day


@pytest.mark.parametrize(
    ("kind", "keys", "text", "shown"),
    [
        (QuestionType.AMOUNT, "18250,509", "18250,50", "18\u00a0250,50"),
        (QuestionType.AMOUNT, ",5,,5", "5,5", "5,5"),
        (QuestionType.WHOLE_NUMBER, "1000000", "1000000", "1\u00a0000\u00a0000"),
        (QuestionType.PHONE, "+420601123456+", "+420601123456", "+420 601 123 456"),
        (QuestionType.PHONE, "601123456", "601123456", "601 123 456"),
        (QuestionType.IDENTIFIER, "535101/0012/", "535101/0012", "535101/0012"),
        (QuestionType.EMAIL, "Jana N@x.cz", "JanaN@x.cz", "JanaN@x.cz"),
        (QuestionType.NAME, " Jana  Nová\n", "Jana Nová ", "Jana Nová "),
        (QuestionType.ADDRESS, ["D", "1", "enter", "enter", "2"], "D1\n2", "D1\n2"),
    ],
)
def test_each_type_takes_what_fits_it_and_shows_it_in_groups(kind: QuestionType, keys: list[str] | str, text: str, shown: str) -> None:
    assert grown(kind, keys) == text
    assert for_reading(question(kind), text) == shown


@pytest.mark.parametrize("kind", [k for k in QuestionType if k not in {QuestionType.DATE, QuestionType.CHOICE, QuestionType.REQUEST}])
def test_no_field_takes_more_than_its_question_and_backspace_takes_one_away(kind: QuestionType) -> None:
    asked = question(kind, longest=60)
    text = reduce(lambda so_far, _: answer_pressed(asked, so_far, "7"), range(400), "")
    assert len(text) == longest(asked) <= 300
    assert answer_pressed(asked, text, "backspace") == text[:-1]


def test_capitals_begin_names_lines_and_sentences() -> None:
    name, note = question(QuestionType.NAME), question(QuestionType.FREE_TEXT)
    assert [begins_large(name, text) for text in ("", "J", "Jana ", "Anna-")] == [True, False, True, True]
    assert [begins_large(note, text) for text in ("", "I was ", "I was. ", "I was\n")] == [True, False, True, True]
    assert not begins_large(question(QuestionType.EMAIL), "")
