"""The reference number: never two alike, and every slip of the finger found."""

from __future__ import annotations

import doctest

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kiosk.domain import reference
from kiosk.domain.errors import Bug
from kiosk.domain.problem import Problem

terminals = st.integers(0, 9999)
epochs = st.integers(0, 9)
sequences = st.integers(0, reference.LARGEST_SEQUENCE)
numbers = st.builds(reference.make, terminals, epochs, sequences)


def test_the_examples_of_the_documentation():
    assert doctest.testmod(reference).failed == 0


@given(terminals, st.integers(0, 25), sequences)
def test_a_reference_says_what_it_was_made_of(terminal, epoch, sequence):
    number = reference.make(terminal, epoch, sequence)
    assert len(number) == reference.LENGTH
    assert reference.parts(number) == reference.ReferenceParts(terminal, epoch % 10, sequence)
    assert reference.validate(reference.format(number).lower()) == number


@given(numbers, st.integers(0, 11), st.sampled_from(reference.ALPHABET))
def test_every_wrong_character_is_found(number, place, other):
    assume(number[place] != other)
    assert not reference.is_valid(number[:place] + other + number[place + 1 :])


@given(numbers, st.integers(0, 11), st.integers(0, 11))
def test_every_swap_of_two_is_found(number, one, other):
    assume(number[one] != number[other])
    swapped = list(number)
    swapped[one], swapped[other] = swapped[other], swapped[one]
    assert not reference.is_valid("".join(swapped))


def test_letters_that_look_like_digits_are_read_as_digits():
    number = reference.make(10, 1, 1)
    assert number.startswith("00101")
    assert reference.validate("oo" + number[2:].replace("1", "l")) == number
    assert reference.validate(number.replace("1", "i")) == number


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("0007-1000-00U4", "reference.characters"),
        ("0007-1000-00", "reference.length"),
        ("", "reference.length"),
        ("0007-1000-0045", "reference.check"),
    ],
)
def test_what_is_wrong_is_named(typed, key):
    outcome = reference.validate(typed)
    assert isinstance(outcome, Problem)
    assert outcome.key == key


def test_letters_where_digits_belong_are_found_even_with_a_right_check():
    body = "A0071000004"
    assert not reference.is_valid(body + reference.check_character(body))


@pytest.mark.parametrize("parts", [(10_000, 0, 0), (-1, 0, 0), (0, -1, 0), (0, 0, -1), (0, 0, 2**30)])
def test_numbers_out_of_range_are_bugs(parts):
    with pytest.raises(Bug):
        reference.make(*parts)


def test_parts_of_something_else_is_a_bug():
    with pytest.raises(Bug):
        reference.parts("0007-1000-0045")


@given(st.text(max_size=20))
def test_whatever_is_typed_there_is_an_answer(typed):
    assert isinstance(reference.validate(typed), str | Problem)
