"""Numbers of people and employers, and names that are written in more than one way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.identifiers import Identifier, is_card_number, known_numbers, parse_identifier, same_name
from kiosk.domain.problem import Problem


@pytest.mark.parametrize("typed", ["710319/2745", "7103192745", " 710319 / 2745 ", "٧١٠٣١٩٢٧٤٥"])
def test_a_birth_number_however_typed(typed):
    assert parse_identifier("cz.rc", typed) == Identifier("7103192745", "710319/2745")


@pytest.mark.parametrize(
    ("kind", "typed", "key"),
    [
        ("cz.rc", " ", "identifier.empty"),
        ("cz.rc", "71031927A5", "identifier.character"),
        ("cz.rc", "710319274", "identifier.length"),
        ("cz.rc", "7113392745", "identifier.component"),
        ("cz.rc", "7103192746", "identifier.check"),
        ("cz.ico", "25123890", "identifier.check"),
        ("cz.ico", "95123891", "identifier.component"),
        ("cz.ico", "7103192745", "identifier.length"),
        ("cz.ico", "123", "identifier.length"),
    ],
)
def test_what_is_wrong_is_named(kind, typed, key):
    outcome = parse_identifier(kind, typed)
    assert isinstance(outcome, Problem)
    assert outcome.key == key


def test_an_employers_number():
    assert parse_identifier("cz.ico", "25123891") == Identifier("25123891", "25123891")


def test_unknown_kinds_are_known_beforehand():
    assert known_numbers() == {"cz.rc", "cz.ico"}
    with pytest.raises(KeyError):
        parse_identifier("xx.none", "1")


@given(st.text(max_size=20))
def test_whatever_is_typed_there_is_an_answer(typed):
    assert isinstance(parse_identifier("cz.rc", typed), Identifier | Problem)


def test_card_numbers_are_ten_ascii_digits():
    assert is_card_number("1000000001")
    assert not is_card_number("100000000")
    assert not is_card_number("١٠٠٠٠٠٠٠٠١")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Marie Novotná", "NOVOTNA Marie"),
        ("Jürgen Müller", "Mueller, Juergen"),
        ("Jürgen Müller", "Muller Jurgen"),
        ("Søren Ærø", "Soren Aero"),
        ("Łukasz O’Brien", "OBrien Lukasz"),
        ("Weiß", "weiss"),
    ],
)
def test_names_spelt_alike(one, other):
    assert same_name(one, other)
    assert same_name(other, one)


@pytest.mark.parametrize(
    ("one", "other"), [("Marie Novotná", "Marie Nová"), ("", ""), ("Anna", ""), ("Anna", "Anna B")]
)
def test_names_spelt_differently(one, other):
    assert not same_name(one, other)
