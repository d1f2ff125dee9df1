"""Reporting a death: what is asked of whom, and what cannot be."""

from __future__ import annotations

import pytest

from kiosk.domain.card import Role
from kiosk.domain.form import recheck
from kiosk.domain.service import Standing, pages, refusal
from kiosk.domain.services.death import REPORT
from kiosk.schemes import load_scheme

SCHEME = load_scheme("cz")
ANYBODY = Standing(Role.NONE, today="2026-11-22")
BY_NUMBER = {"known_by": "number", "number": "7952155431", "died_on": "2026-11-20", "reporter": "", "call_back": ""}
BY_NAME = {
    "known_by": "name", "name": "Jana Malá", "birth_date": "1979-02-15", "died_on": "2026-11-20",
    "reporter": "Petr Malý", "call_back": "+420601123456",
}  # fmt: skip


def test_by_number_or_by_name_and_day_of_birth():
    assert [page.id for page in pages(REPORT, BY_NUMBER, ANYBODY)] == list(BY_NUMBER)
    assert [page.id for page in pages(REPORT, BY_NAME, ANYBODY)] == list(BY_NAME)


@pytest.mark.parametrize(
    ("answers", "problem"),
    [
        (BY_NUMBER, ""),
        (BY_NAME, ""),
        (BY_NUMBER | {"died_on": "2026-11-23"}, "date.too_late"),
        (BY_NAME | {"died_on": "1979-02-14"}, "death.before_birth"),
        (BY_NUMBER | {"number": "7952155432"}, "identifier.check"),
        (BY_NUMBER | {"name": "Jana Malá"}, "answers.unknown"),
    ],
)
def test_what_is_told_is_checked(answers, problem):
    found = recheck(REPORT, answers, SCHEME, ANYBODY)
    assert (found.key if found else "") == problem
    assert REPORT.check({"known_by": "name"}, ANYBODY) is None


def test_anybody_may_with_a_card_or_without():
    assert refusal(REPORT, ANYBODY) is None
    assert refusal(REPORT, Standing(Role.INSURED)) is None
