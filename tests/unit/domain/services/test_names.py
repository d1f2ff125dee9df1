"""A change of name: what differs, and the reason that goes with it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.domain.card import Role
from kiosk.domain.form import recheck
from kiosk.domain.problem import Problem
from kiosk.domain.record import Person
from kiosk.domain.service import pages, refusal, standing_of
from kiosk.domain.services.names import CHANGE, check_name
from kiosk.schemes import load_scheme

SCHEME = load_scheme("cz")
JANA = Person(name="Jana Malá", number="7952155431", account=None, version=3, as_of="2026-11-20T08:00:00Z")
STANDING = standing_of(Role.INSURED, JANA, today="2026-11-22")
UNKNOWN = standing_of(Role.INSURED, None, today="2026-11-22")


def named(given: str, family: str, reason: str, since: str = "") -> dict[str, str]:
    answers = {"given_name": given, "family_name": family, "reason": reason}
    return answers | ({"since": since} if since else {})


@pytest.mark.parametrize(
    ("answers", "problem"),
    [
        (named("Jana", "Veselá", "marriage", "2026-10-01"), ""),
        (named("Jana", "Malá", "marriage", "2026-10-01"), "name_change.same"),
        (named("Jana", "Mala", "marriage", "2026-10-01"), "name_change.only_spelling"),
        (named("Malá", "Jana", "spelling"), ""),
        (named("Jana", "Mala", "spelling"), ""),
        (named("Jana", "Veselá", "spelling"), "name_change.not_spelling"),
        (named("Jana", "Veselá", "divorce", "2026-11-23"), "date.too_late"),
        (named("Jana", "Veselá", "decision"), "answers.missing"),
        (named("Jana", "Mala", "spelling", "2026-10-01"), "answers.unknown"),
        (named("Jana", "V3selá", "marriage", "2026-10-01"), "name.character"),
    ],
)
def test_the_reason_goes_with_the_difference(answers, problem):
    found = recheck(CHANGE, answers, SCHEME, STANDING)
    assert (found.key if found else "") == problem


def test_nothing_is_said_before_both_names_are_there_nor_without_the_record():
    assert check_name({"given_name": "Jana"}, STANDING) is None
    assert check_name({"given_name": "Jana", "family_name": "Veselá"}, STANDING) is None, "no reason yet"
    assert check_name(named("Jana", "Malá", "marriage"), UNKNOWN) is None


def test_since_when_is_asked_where_something_happened():
    assert [page.id for page in pages(CHANGE, {}, STANDING)] == ["given_name", "family_name", "reason"]
    assert pages(CHANGE, {"reason": "divorce"}, STANDING)[-1].id == "since"
    assert CHANGE.now is not None
    assert CHANGE.now(STANDING) == {"family_name": "Jana Malá"}
    assert CHANGE.now(UNKNOWN) == {}


def test_who_may_and_one_at_a_time():
    assert refusal(CHANGE, STANDING) is None
    assert refusal(CHANGE, replace(STANDING, role=Role.STAFF)) == Problem("service.refused.role")
    pending = replace(STANDING, pending=frozenset({"name.change"}))
    assert refusal(CHANGE, pending) == Problem("service.name.change.pending")
