"""A new PIN: who may set one, and what a letter's PIN opens."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.domain.availability import Availability, availability
from kiosk.domain.card import Role
from kiosk.domain.catalogue import SERVICES
from kiosk.domain.problem import Problem
from kiosk.domain.service import refusal, standing_of
from kiosk.domain.services.pin import ACTIVATE, CHANGE
from tests.unit.domain.session.visits import person

TODAY = "2026-11-22"


def standing(until: str = "", role: Role = Role.INSURED):
    return standing_of(role, replace(person(), pin_letter_until=until), today=TODAY)


def test_who_has_a_card_may_change_its_pin_with_or_without_a_line():
    assert refusal(CHANGE, standing()) is None
    assert refusal(CHANGE, standing_of(Role.INSURED, None, today=TODAY)) is None
    assert refusal(CHANGE, standing_of(Role.NONE, None)) == Problem("service.refused.role")
    assert availability(CHANGE, online=False, closed=True) is Availability.NOW


@pytest.mark.parametrize("name", ["bank_account.change", "address.change", "health_card.order"])
def test_with_a_pin_from_a_letter_nothing_is_signed(name):
    assert refusal(SERVICES[name], standing("2026-11-30")) == Problem("service.refused.letter_pin")
    assert refusal(SERVICES["record.show"], standing("2026-11-30")) is None


@pytest.mark.parametrize(("until", "key"), [("2026-11-22", None), ("2026-11-21", "service.refused.letter_old")])
def test_a_letter_is_replaced_within_its_days_only(until, key):
    assert refusal(CHANGE, standing(until)) == (Problem(key) if key else None)


@pytest.mark.parametrize(
    ("until", "key"),
    [("2026-11-22", None), ("2026-11-21", "service.refused.letter_old"), ("", "service.refused.no_letter")],
)
def test_what_is_activated_is_a_letter_of_these_days(until, key):
    assert refusal(ACTIVATE, standing(until)) == (Problem(key) if key else None)


def test_without_a_record_nobody_knows_of_a_letter():
    assert refusal(ACTIVATE, standing_of(Role.INSURED, None, today=TODAY)) == Problem("service.refused.no_letter")
