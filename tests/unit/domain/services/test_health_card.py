"""Who may order a health insurance card, and when."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.domain.card import Role
from kiosk.domain.problem import Problem
from kiosk.domain.record import Contact, Contribution, PaymentAccount, Person, RequestLine
from kiosk.domain.service import refusal, standing_of
from kiosk.domain.services.health_card import ORDER

AT_HOME = Contact("letter", "Josef Dvořák\nDlouhá 1\n110 00 Praha", "2020-01-01")
WORKED = Contribution(2025, "2025-01-01", "2025-12-31", "1", "Pekárna", "worked", "1.00", {"health": "0.10"})
JOSEF = Person("Josef Dvořák", "7103192745", None, 1, "2026-11-22", contacts=(AT_HOME,), contributions=(WORKED,))
PENSIONER = replace(JOSEF, account=PaymentAccount("CZ6508000000192000145399"), contributions=())


def why_not(person, today="2026-11-22"):
    return refusal(ORDER, standing_of(Role.INSURED, person, today=today))


def ordered(day, stage="in_force"):
    return (RequestLine("t-1", "r", ORDER.id, stage, day),)


@pytest.mark.parametrize(
    "person",
    [JOSEF, PENSIONER, None, replace(JOSEF, requests=ordered("2026-10-23")), replace(JOSEF, requests=ordered("2026-11-20", "refused"))],
)  # fmt: skip
def test_who_is_insured_or_paid_a_pension_or_not_known_yet_may(person):
    assert why_not(person) is None


@pytest.mark.parametrize(
    ("person", "key"),
    [
        (replace(JOSEF, contributions=()), "health_card.not_insured"),
        (replace(JOSEF, contributions=(replace(WORKED, year=2024),)), "health_card.not_insured"),
        (replace(JOSEF, contributions=(replace(WORKED, branches={"old_age": "1.00"}),)), "health_card.not_insured"),
        (replace(JOSEF, contacts=()), "health_card.no_address"),
        (replace(JOSEF, requests=ordered("2026-10-24")), "health_card.on_its_way"),
    ],
)
def test_who_may_not_is_told_what_to_do(person, key):
    assert why_not(person) == Problem(key)


def test_without_a_day_nobody_is_refused_by_one():
    assert why_not(replace(JOSEF, contributions=(), requests=ordered("2026-11-21")), today="") is None
