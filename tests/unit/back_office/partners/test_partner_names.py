"""The bank's comparison of names."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from back_office.partners.names import MOST_PARTS, Likeness, best, likeness, parts

NAME = st.lists(
    st.sampled_from(["Marie", "Novotná", "Jürgen", "Müller", "Žofie", "Øystein", "Łukasz", "محمد", "علي"]),
    min_size=1,
    max_size=4,
)


@pytest.mark.parametrize(
    ("asked", "known"),
    [
        ("Marie Novotná", "NOVOTNA, Marie"),
        ("marie novotna", "Marie Novotná"),
        ("Jürgen Müller", "Mueller Juergen"),
        ("Jurgen Muller", "Jürgen Müller"),
        ("Ing. Petr Dvořák, CSc.", "Petr Dvořák"),
        ("Ludmila Černá-Dvořáková", "Ludmila Dvořáková Černá"),
        ("Sean O'Brien", "Sean OBrien"),
        ("Weiß Anna", "Anna Weiss"),
        ("ΒΑΓΓΕΛΗΣ ΠΑΠΑΔΟΠΟΥΛΟΣ", "Βαγγέλης Παπαδόπουλος"),
        ("محمد علي", "علي محمد"),
    ],
)
def test_case_order_diacritics_and_titles_make_no_difference(asked: str, known: str) -> None:
    assert likeness(asked, known) is Likeness.SAME
    assert likeness(known, asked) is Likeness.SAME


@pytest.mark.parametrize(
    ("asked", "known"),
    [
        ("M. Novotná", "Marie Novotná"),
        ("Marie Novotná", "Marie Anna Novotná"),
        ("Marie Novotny", "Marie Novotná"),
        ("Marei Novotná", "Marie Novotná"),
        ("Marie Novotnáá", "Marie Novotná"),
        ("Mueller Jurgen", "Muller Jurgen"),
    ],
)
def test_one_doubt_is_close(asked: str, known: str) -> None:
    assert likeness(asked, known) is Likeness.CLOSE
    assert likeness(known, asked) is Likeness.CLOSE


@pytest.mark.parametrize(
    ("asked", "known"),
    [
        ("Jan Novák", "Jana Nováková"),
        ("Karel Svoboda", "Josef Svoboda"),
        ("Novák", "Jan Novák"),
        ("M. N.", "Marie Novotná"),
        ("Eva Malá", "Ema Bílá"),
        ("Marie Novotná", "Marie Anna Josefa Novotná"),
        ("", "Marie Novotná"),
        ("Ing.", "Ing."),
        ("Jan " * (MOST_PARTS + 1), "Jan " * (MOST_PARTS + 1)),
    ],
)
def test_the_rest_is_different(asked: str, known: str) -> None:
    assert likeness(asked, known) is Likeness.DIFFERENT


def test_a_former_name_counts() -> None:
    assert best("Marie Svobodova", ["Marie Novotná", "Marie Svobodová"]) is Likeness.SAME
    assert best("Karel Dvořák", ["Marie Novotná", "Marie Svobodová"]) is Likeness.DIFFERENT
    assert best("Marie", []) is Likeness.DIFFERENT


@given(NAME, st.randoms(use_true_random=False))
def test_a_name_is_the_same_in_any_order_case_and_normal_form(name: list[str], random: object) -> None:
    shuffled = list(name)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    for written in (" ".join(name).upper(), unicodedata.normalize("NFD", " ".join(name)), "  ".join(shuffled)):
        assert likeness(" ".join(name), written) is Likeness.SAME


@given(st.text(max_size=300), st.text(max_size=300))
def test_comparing_is_total_and_symmetric(one: str, other: str) -> None:
    assert likeness(one, other) is likeness(other, one)
    assert likeness(one, one) is (Likeness.SAME if 0 < len(parts(one)) <= MOST_PARTS else Likeness.DIFFERENT)
