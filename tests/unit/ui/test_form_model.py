"""A typed account number: grows key by key, begins with the country, is grouped for the eye."""

from __future__ import annotations

from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.catalogue import service_named
from ui.form_model import compact, pressed, text_in, typed_for_reading

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
    question = service_named("bank_account.change").question("account")
    assert question is not None
    assert text_in(question, {}, "CZ") == "CZ"
    assert text_in(question, {question.id: ""}, "CZ") == ""
    assert text_in(question, {question.id: "19-"}, "CZ") == "19-"


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
