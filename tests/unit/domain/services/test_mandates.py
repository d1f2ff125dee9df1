"""Mandates: whom they are given to, what they cover, and for whom a person acts today."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.domain.card import Role
from kiosk.domain.catalogue import SERVICES
from kiosk.domain.content import ActFor
from kiosk.domain.form import recheck
from kiosk.domain.problem import Problem
from kiosk.domain.record import CardLine, Mandate, Person
from kiosk.domain.service import Choice, refusal, standing_of
from kiosk.domain.services.mandates import ACT, GRANT, REVOKE, covers, holds_on, mandates_to_end, whom
from kiosk.schemes import load_scheme

SCHEME = load_scheme("cz")
GIVEN = Mandate("m1", "Petr Malý", "7952155431", "2000000002", "proxy", "2026-01-01", "", ("address.change", "contacts.change"))
HELD = Mandate("m2", "Olga Stará", "5554241234", "1000000009", "proxy", "2026-01-01", "2026-11-22", ("benefit.apply",))
LATER = Mandate("m3", "Ivo Mladý", "9904241234", "1000000009", "guardian", "2026-11-23")
JANA = Person(
    name="Jana Malá", number="7952155431", account=None, version=3, as_of="2026-11-20T08:00:00Z",
    cards=(CardLine("1000000009", "2025-01-02", "valid"),), mandates_given=(GIVEN,), mandates_held=(HELD, LATER),
)  # fmt: skip
STANDING = standing_of(Role.INSURED, JANA, today="2026-11-22")
UNKNOWN = standing_of(Role.INSURED, None, today="2026-11-22")
ALONE = standing_of(Role.INSURED, replace(JANA, mandates_given=(), mandates_held=()), today="2026-11-22")
WANTED = {
    "name": "Karel Dvořák", "card": "3000000003", "ground": "proxy", "scope": "everything", "since": "2026-11-22",
    "until": "",
}  # fmt: skip


@pytest.mark.parametrize(
    ("other", "problem"),
    [
        ({}, ""),
        ({"until": "2026-12-31"}, ""),
        ({"until": "2026-11-22"}, ""),
        ({"since": "2026-12-02", "until": "2026-12-01"}, "mandate.until_before_since"),
        ({"since": "2026-11-21"}, "date.too_early"),
        ({"card": "1000000009"}, "mandate.own_card"),
        ({"card": "2000000002", "scope": "contacts"}, "mandate.stands"),
        ({"card": "2000000002", "scope": "everything"}, ""),
        ({"card": "300000000"}, "identifier.length"),
        ({"card": "30000000x3"}, "identifier.character"),
        ({"card": "3000 0000 03"}, "answers.not_canonical"),
        ({"card": " "}, "identifier.empty"),
        ({"scope": "much"}, "choice.missing"),
    ],
)
def test_what_a_mandate_says(other, problem):
    found = recheck(GRANT, WANTED | other, SCHEME, STANDING)
    assert (found.key if found else "") == problem


def test_a_mandate_for_everything_covers_what_is_asked_again():
    wide = replace(JANA, mandates_given=(replace(GIVEN, services=()),))
    standing = standing_of(Role.INSURED, wide, today="2026-11-22")
    assert recheck(GRANT, WANTED | {"card": "2000000002", "scope": "benefits"}, SCHEME, standing) == Problem("mandate.stands")


def test_nothing_is_said_before_it_is_answered_nor_without_the_record():
    assert GRANT.check({"card": "2000000002"}, STANDING) is None
    assert recheck(GRANT, WANTED | {"card": "1000000009"}, SCHEME, UNKNOWN) is None
    assert refusal(GRANT, UNKNOWN) is None


def test_either_of_the_two_ends_it():
    assert mandates_to_end({}, STANDING) == (
        Choice("m1", "Petr Malý (2026-01-01)"), Choice("m2", "Olga Stará (2026-01-01)"), Choice("m3", "Ivo Mladý (2026-11-23)"),
    )  # fmt: skip
    assert mandates_to_end({}, UNKNOWN) == ()
    assert recheck(REVOKE, {"mandate": "m1"}, SCHEME, STANDING) is None
    assert recheck(REVOKE, {"mandate": "m9"}, SCHEME, STANDING) == Problem("answers.not_on_record")
    assert refusal(REVOKE, STANDING) is None
    assert refusal(REVOKE, ALONE) == Problem("mandate.none")
    assert refusal(REVOKE, UNKNOWN) == Problem("service.refused.no_record")


def test_a_mandate_covers_its_services_on_its_days():
    assert covers(HELD, SERVICES["benefit.apply"])
    assert not covers(HELD, SERVICES["address.change"])
    assert covers(LATER, SERVICES["address.change"]), "an empty scope is every service that allows it"
    assert not covers(LATER, SERVICES["name.change"]), "which only the person can do"
    assert not covers(LATER, SERVICES["bank_account.unblock"])
    assert not covers(LATER, SERVICES["mandate.grant"]), "nobody passes a mandate on"
    assert covers(HELD, ACT), "to look is part of every mandate"
    assert [holds_on(HELD, day) for day in ("2025-12-31", "2026-01-01", "2026-11-22", "2026-11-23")] == [False, True, True, False]
    assert holds_on(LATER, "2099-01-01")


def test_the_page_shows_for_whom_the_person_acts_today():
    assert refusal(ACT, STANDING) is None
    assert refusal(ACT, ALONE) == Problem("mandate.for_nobody")
    assert refusal(ACT, UNKNOWN) == Problem("service.refused.no_record")
    actions = whom({}, STANDING).actions()
    assert {action.text: action.target for action in actions.values()} == {"Olga Stará": ActFor("m2")}
    assert whom({}, UNKNOWN).actions() == {}


def test_who_acts_for_somebody_finds_the_way_back():
    acting = replace(ALONE, mandate=HELD)
    assert refusal(ACT, acting) is None
    (action,) = whom({}, acting).actions().values()
    assert action.target == ActFor("")
