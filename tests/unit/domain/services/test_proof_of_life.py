"""Proof of life: whom it is asked of, and when the next one is due."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.card import Role
from kiosk.domain.problem import Problem
from kiosk.domain.service import EvidenceKind, Standing, refusal, standing_of
from kiosk.domain.services.proof_of_life import GIVE, next_due
from tests.unit.domain.session.visits import person

DAYS = st.dates(date(2000, 1, 1), date(2090, 1, 1))


def test_it_is_for_those_of_whom_it_is_asked() -> None:
    assert refusal(GIVE, standing_of(Role.INSURED, person(proof_of_life_due="2026-12-12"))) is None
    assert refusal(GIVE, standing_of(Role.INSURED, person())) == Problem("service.proof_of_life.give.not_asked")
    assert refusal(GIVE, Standing(Role.INSURED)) is None, "what is not known refuses nobody"
    assert refusal(GIVE, Standing(Role.EMPLOYER)) == Problem("service.refused.role")


def test_nobody_can_be_alive_by_telephone() -> None:
    assert GIVE.evidence == {EvidenceKind.SIGNED, EvidenceKind.ATTESTED}


@pytest.mark.parametrize(
    ("given_on", "due_on", "months", "expected"),
    [
        ("2026-11-22", None, 12, "2027-11-22"),
        ("2026-11-22", "2026-12-12", 12, "2027-11-22"),
        ("2026-01-05", "2027-11-22", 12, "2027-11-22"),  # it arrived late: the day that stands is later
        ("2028-02-29", None, 12, "2029-02-28"),
        ("2026-08-31", None, 6, "2027-02-28"),
        ("2026-12-31", None, 1, "2027-01-31"),
    ],
)
def test_the_next_one_is_due_so_many_months_later(given_on: str, due_on: str | None, months: int, expected: str) -> None:
    stands = date.fromisoformat(due_on) if due_on else None
    assert next_due(date.fromisoformat(given_on), stands, months) == date.fromisoformat(expected)


@given(DAYS, st.none() | DAYS, st.integers(1, 120))
def test_a_proof_never_brings_the_day_nearer(given_on: date, due_on: date | None, months: int) -> None:
    due = next_due(given_on, due_on, months)
    assert due > given_on
    assert due_on is None or due >= due_on
    assert due >= given_on + timedelta(days=28 * months)
