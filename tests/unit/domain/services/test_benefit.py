"""Applying for a benefit: what is asked for each, and periods abroad that can be."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.domain.card import Role
from kiosk.domain.form import recheck
from kiosk.domain.problem import Problem
from kiosk.domain.record import Person
from kiosk.domain.service import pages, refusal, standing_of
from kiosk.domain.services.benefit import APPLY, MOST_PERIODS, Period, periods
from kiosk.schemes import load_scheme

SCHEME = load_scheme("cz")
JANA = Person(
    name="Jana Malá", number="7952155431", account=None, version=3, as_of="2026-11-20T08:00:00Z",
    birth_date="1979-02-15",
)  # fmt: skip
STANDING = standing_of(Role.INSURED, JANA, today="2026-11-22")
OLD_AGE = {"benefit": "old_age", "since": "2027-01-01", "abroad": "no"}


def abroad(*told: tuple[str, str, str, str]) -> dict[str, str]:
    """Answers with these periods: country, institution, from, to."""
    answers = OLD_AGE | {"abroad": "yes"}
    for n, (country, institution, start, end) in enumerate(told, 1):
        answers |= {f"country_{n}": country, f"institution_{n}": institution, f"number_{n}": ""}
        answers |= {f"from_{n}": start, f"to_{n}": end}
        if n < MOST_PERIODS:
            answers[f"more_{n}"] = "yes" if n < len(told) else "no"
    return answers


def asked(answers: dict[str, str]) -> list[str]:
    return [question.id for question in pages(APPLY, answers, STANDING)]


def test_each_benefit_asks_what_it_needs():
    assert asked({"benefit": "old_age"}) == ["benefit", "since", "abroad"]
    assert asked({"benefit": "sickness"}) == ["benefit", "since", "abroad"]
    assert asked({"benefit": "survivors"}) == ["benefit", "deceased", "deceased_number", "died_on", "since", "abroad"]
    assert asked({"benefit": "family"}) == ["benefit", "child", "child_born", "since", "abroad"]


def test_periods_are_asked_one_after_another_and_no_more_than_five():
    first = ["country_1", "institution_1", "number_1", "from_1", "to_1", "more_1"]
    assert asked(OLD_AGE | {"abroad": "yes"})[3:] == first
    told = abroad(*[("DE", f"Kasse {n}", "2001-01-01", "2001-12-31") for n in range(1, 6)])
    last = asked(told)[-5:]
    assert last == ["country_5", "institution_5", "number_5", "from_5", "to_5"]
    assert len(asked(told)) == 3 + 4 * 6 + 5
    assert asked(told | {"more_2": "no"})[-1] == "more_2", "what came after it is not asked any more"
    assert asked(told | {"abroad": "no"}) == ["benefit", "since", "abroad"]
    assert recheck(APPLY, told, SCHEME, STANDING) is None


def test_a_period_is_read_whole_or_not_at_all():
    told = abroad(("DE", "Deutsche Rentenversicherung", "2001-01-01", "2003-12-31"))
    assert periods(told) == (Period("DE", "Deutsche Rentenversicherung", "", "2001-01-01", "2003-12-31"),)
    assert periods({"country_1": "DE", "from_1": "2001-01-01"}) == ()


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        ([("DE", "DRV", "2001-01-01", "2000-12-31")], "benefit.period_order"),
        ([("DE", "DRV", "1979-02-14", "2000-12-31")], "benefit.period_before_birth"),
        ([("DE", "DRV", "2001-01-01", "2002-12-31"), ("DE", "drv", "2002-12-31", "2003-12-31")], "benefit.periods_overlap"),
        ([("DE", "DRV", "2001-01-01", "2002-12-31"), ("DE", "DRV", "2003-01-01", "2003-12-31")], ""),
        ([("DE", "DRV", "2001-01-01", "2002-12-31"), ("AT", "PVA", "2002-01-01", "2003-12-31")], ""),
        ([("XX", "DRV", "2001-01-01", "2002-12-31")], "answers.not_on_record"),
        ([("other", "Institute", "2001-01-01", "2002-12-31")], ""),
    ],
)
def test_periods_that_cannot_be_are_refused(told, problem):
    found = recheck(APPLY, abroad(*told), SCHEME, STANDING)
    assert (found.key if found else "") == problem


def test_a_survivor_s_benefit_begins_with_the_death():
    answers = {
        "benefit": "survivors", "deceased": "Petr Malý", "deceased_number": "", "died_on": "2026-11-01",
        "since": "2026-11-01", "abroad": "no",
    }  # fmt: skip
    assert recheck(APPLY, answers, SCHEME, STANDING) is None
    assert recheck(APPLY, answers | {"since": "2026-10-31"}, SCHEME, STANDING) == Problem("benefit.before_death")
    assert APPLY.check({"benefit": "survivors", "died_on": "2026-11-01"}, STANDING) is None


def test_without_the_record_a_day_of_birth_is_not_asked_for():
    unknown = replace(STANDING, record=None)
    assert recheck(APPLY, abroad(("DE", "DRV", "1970-01-01", "1971-12-31")), SCHEME, unknown) is None
    assert refusal(APPLY, unknown) is None
    assert refusal(APPLY, replace(STANDING, role=Role.EMPLOYER)) == Problem("service.refused.role")
