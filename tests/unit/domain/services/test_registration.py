"""Registration: who may, whether somebody is known already, and a number that no terminal gives twice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain import reference
from kiosk.domain.card import Role
from kiosk.domain.form import recheck
from kiosk.domain.problem import Problem
from kiosk.domain.receipt import Part, Place, compose
from kiosk.domain.service import Standing, refusal, standing_of
from kiosk.domain.services.registration import REGISTER, Known, Match, compare, exchanged, provisional_number
from kiosk.schemes import load_scheme
from tests.unit.domain.session.visits import person, recorded

ANSWERS = {
    "identity": "passport", "ground": "employment", "given_name": "Jürgen", "family_name": "Müller", "former_name": "",
    "birth_date": "1990-04-05", "number": "",
}  # fmt: skip
JURGEN = Known("9004050018", "1990-04-05", ("Jürgen Müller",), ("Müller",))


def test_it_takes_a_member_of_staff_and_no_card() -> None:
    assert refusal(REGISTER, Standing(Role.NONE)) == Problem("service.refused.needs_staff")
    assert refusal(REGISTER, Standing(Role.NONE, staff="8000000001")) is None
    assert refusal(REGISTER, Standing(Role.INSURED, staff="8000000001")) == Problem("service.refused.role")


def test_every_page_is_checked_again() -> None:
    standing = Standing(Role.NONE, staff="8000000001", today="2026-11-22")
    scheme = load_scheme("cz")
    assert recheck(REGISTER, ANSWERS, scheme, standing) is None
    assert recheck(REGISTER, ANSWERS | {"birth_date": "2026-11-23"}, scheme, standing) is not None
    assert recheck(REGISTER, ANSWERS | {"identity": "a friend"}, scheme, standing) is not None
    assert recheck(REGISTER, ANSWERS | {"number": "530101/002"}, scheme, standing) is not None


@pytest.mark.parametrize(
    ("changes", "known", "match"),
    [
        ({}, None, Match.NONE),
        ({"number": "9004050018"}, JURGEN, Match.SAME),
        ({"number": "9004050018", "given_name": "Juergen", "family_name": "MUELLER"}, JURGEN, Match.SAME),
        ({"number": "9004050018", "family_name": "Novák"}, JURGEN, Match.POSSIBLE),
        ({"number": "9004050018", "birth_date": "1991-01-01"}, JURGEN, Match.POSSIBLE),
        ({}, JURGEN, Match.POSSIBLE),  # never by a name
        ({"given_name": "Muller", "family_name": "Jurgen"}, JURGEN, Match.POSSIBLE),
        ({"given_name": "Hans"}, JURGEN, Match.POSSIBLE),
        ({"given_name": "Hans", "family_name": "Weber", "former_name": "Müller"}, JURGEN, Match.POSSIBLE),
        ({"given_name": "Hans", "family_name": "Weber"}, JURGEN, Match.NONE),
        ({"birth_date": "1990-05-04"}, JURGEN, Match.POSSIBLE),
        ({"birth_date": "1990-05-04", "given_name": "Hans"}, JURGEN, Match.NONE),
        ({"birth_date": "1990-04-06"}, JURGEN, Match.NONE),
    ],
)
def test_the_search_has_one_outcome(changes: dict[str, str], known: Known | None, match: Match) -> None:
    assert compare(ANSWERS | changes, [known] if known else []) is match


def test_the_clearest_outcome_counts() -> None:
    other = Known("8001010009", "1990-04-05", ("Hans Müller",), ("Müller",))
    assert compare(ANSWERS | {"number": JURGEN.number}, [other, JURGEN]) is Match.SAME
    assert compare(ANSWERS, [Known("1", "1960-01-01", ("A B",), ("B",)), other]) is Match.POSSIBLE


@pytest.mark.parametrize(("day", "other"), [("1990-04-05", "1990-05-04"), ("1990-04-13", "1990-04-13")])
def test_day_and_month_exchanged(day: str, other: str) -> None:
    assert exchanged(day) == other


@given(st.lists(st.tuples(st.integers(0, 9999), st.integers(0, 9), st.integers(1, 2**30 - 1)), unique=True, max_size=20))
def test_no_two_terminals_ever_give_one_number(places: list[tuple[int, int, int]]) -> None:
    numbers = {provisional_number(reference.make(*place)) for place in places}
    assert len(numbers) == len(places)


def test_the_number_is_on_the_paper_at_once() -> None:
    here = recorded("id-1")
    paper = compose(
        Part.WHOLE, REGISTER, ANSWERS, recorded=here, verdict=None, place=Place("Praha 2", "T0007"), helper_roles=("staff",)
    )
    line = next(line for line in paper.lines if line.key == "receipt.number.person.register")
    assert line.parameters == {"number": "P" + here.reference}


def test_who_is_provisional_opens_no_benefit() -> None:
    from dataclasses import replace

    from kiosk.domain.catalogue import SERVICES

    asks = replace(SERVICES["certificate.issue"], benefit=True)
    assert refusal(asks, standing_of(Role.INSURED, person(provisional=True))) == Problem("service.refused.provisional")
    assert refusal(asks, standing_of(Role.INSURED, person())) is None
    assert refusal(asks, Standing(Role.INSURED)) is None
