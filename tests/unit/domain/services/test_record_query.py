"""A query of the record: what is asked, what contradicts itself or the record, and what was asked already."""

from __future__ import annotations

from dataclasses import replace

import pytest
from contribution_records import BAKERY, EVERY_BRANCH, MINE, line, person

from kiosk.domain.card import Role
from kiosk.domain.form import recheck
from kiosk.domain.problem import Problem
from kiosk.domain.record import RequestLine
from kiosk.domain.service import pages, refusal, standing_of
from kiosk.domain.services.record_query import QUERY, about, lines_of, only_line
from kiosk.schemes import load_scheme

SCHEME = load_scheme("cz")
SOME = {"old_age": "1.00", "health": "1.00"}
JANA = person(line(2005), line(2004, pay="300.00"), line(2004, MINE, "20.00", start="2004-03-01", branches=SOME))
STANDING = standing_of(Role.INSURED, JANA, today="2026-11-22", scheme=SCHEME)
UNKNOWN = standing_of(Role.INSURED, None, today="2026-11-22")
MINE_2004 = "2004:45372942:2004-03-01"
MISSING = {
    "what": "missing_employer", "employer_name": "Pivovar", "employer": "", "from": "2001-01-01", "to": "2001-12-31", "remarks": "",
}  # fmt: skip
PAY = {"what": "wrong_pay", "year": "2004", "line": MINE_2004, "amount": "25.00", "remarks": "see the payslip"}
PERIOD = {
    "what": "wrong_period",
    "year": "2004",
    "line": MINE_2004,
    "from": "2004-02-01",
    "to": "2004-12-31",
    "remarks": "",
}
BRANCH = {"what": "missing_branch", "year": "2004", "line": MINE_2004, "branch": "accident", "remarks": ""}


def checked(answers, standing=STANDING):
    return recheck(QUERY, answers, SCHEME, standing)


def asked(answers):
    return [question.id for question in pages(QUERY, answers, STANDING)]


def test_each_kind_asks_for_what_it_needs():
    assert asked({}) == ["what", "remarks"]
    assert asked({"what": "missing_employer"}) == ["what", "employer_name", "employer", "from", "to", "remarks"]
    assert asked({"what": "wrong_pay"}) == ["what", "year", "line", "amount", "remarks"]
    assert asked({"what": "wrong_period"}) == ["what", "year", "line", "from", "to", "remarks"]
    assert asked({"what": "missing_branch"}) == ["what", "year", "line", "branch", "remarks"]


@pytest.mark.parametrize("answers", [MISSING, PAY, PERIOD, BRANCH, MISSING | {"employer": "45317054"}])
def test_whole_queries_pass(answers):
    assert checked(answers) is None


def test_the_record_offers_its_years_and_the_lines_of_the_year():
    years, lines = QUERY.question("year"), QUERY.question("line")
    assert years is not None
    assert lines is not None
    assert years.offers({}, STANDING) == ("2005", "2004")
    assert lines.offers({"year": "2004"}, STANDING) == ("whole_year", "2004:45270007:2004-01-01", MINE_2004)
    assert lines.choices_from is not None
    assert [choice.label for choice in lines.choices_from({"year": "2004"}, STANDING)][1] == "Důl (03/2004 – 12/2004)"
    assert years.offers({}, UNKNOWN) == ()
    assert lines.offers({"year": "2004"}, UNKNOWN) == ("whole_year",)
    assert only_line({"year": "2005"}, STANDING) == "2005:45270007:2005-01-01"
    assert only_line({"year": "2004"}, STANDING) == ""


def test_lines_are_those_named_or_all_of_the_year():
    assert [one.employer for one in lines_of({"year": "2004", "line": MINE_2004}, JANA.contributions)] == [MINE[0]]
    assert len(lines_of({"year": "2004", "line": "whole_year"}, JANA.contributions)) == 2
    assert lines_of({"year": "2005", "line": MINE_2004}, JANA.contributions) == ()
    assert lines_of({}, JANA.contributions) == ()


@pytest.mark.parametrize(
    ("answers", "key"),
    [
        (MISSING | {"to": "2000-12-31"}, "record.query.order"),
        (MISSING | {"from": "1979-02-14"}, "record.query.before_birth"),
        (PERIOD | {"from": "1979-02-14"}, "record.query.before_birth"),
        (MISSING | {"employer": BAKERY[0], "from": "2003-06-01", "to": "2004-01-01"}, "record.query.employer_there"),
        (PAY | {"amount": "20.00"}, "record.query.same_pay"),
        (PAY | {"line": "whole_year", "amount": "320.00"}, "record.query.same_pay"),
        (PERIOD | {"from": "2004-03-01"}, "record.query.same_period"),
        (BRANCH | {"branch": "health"}, "record.query.branch_there"),
        (PAY | {"line": "2004:45372942:2004-04-01"}, "answers.not_on_record"),
        (PAY | {"year": "2003"}, "answers.not_on_record"),
        (MISSING | {"to": "2026-11-23"}, "date.too_late"),
        (MISSING | {"employer": "45317055"}, "identifier.check"),
    ],
)
def test_what_cannot_be_is_refused(answers, key):
    found = checked(answers)
    assert found is not None
    assert found.key == key


def test_an_employer_on_record_at_another_time_can_be_missing_then():
    assert checked(MISSING | {"employer": BAKERY[0]}) is None
    assert checked(BRANCH | {"line": "whole_year"}) is None, "one line of the year lacks it"
    every = replace(JANA, contributions=(line(2004, branches=EVERY_BRANCH),))
    whole = BRANCH | {"line": "whole_year"}
    assert checked(whole, replace(STANDING, record=every)) == Problem("record.query.branch_there")


def test_nothing_is_refused_before_it_is_whole_or_without_a_record():
    for whole in (MISSING, PAY, PERIOD, BRANCH):
        part: dict[str, str] = {}
        for name, value in whole.items():
            part[name] = value
            assert QUERY.check(part, STANDING) is None
    assert QUERY.check(MISSING, UNKNOWN) is None
    assert QUERY.check(MISSING, replace(STANDING, record=replace(JANA, birth_date=""))) is None


def test_what_a_query_is_about():
    assert about(MISSING) == "missing_employer|2001-01-01|2001-12-31|pivovar"
    assert about(MISSING | {"employer": "45317054"}) == "missing_employer|2001-01-01|2001-12-31|45317054"
    assert about(MISSING | {"employer_name": "  PIVOVAR "}) == about(MISSING)
    assert about(PAY) == f"wrong_pay|2004|{MINE_2004}"
    assert about(PERIOD) == f"wrong_period|2004|{MINE_2004}"
    assert about(BRANCH) == f"missing_branch|2004|{MINE_2004}|accident"
    assert about({"what": "wrong_pay"}) == ""
    assert about({}) == ""


@pytest.mark.parametrize(
    ("stage", "again"), [("held", False), ("received", False), ("refused", True), ("in_force", True)]
)
def test_the_same_query_is_not_asked_again_while_it_is_under_way(stage, again):
    known = RequestLine("1", "R", "record.query", stage, "2026-11-01", about=about(PAY))
    standing = replace(STANDING, record=replace(JANA, requests=(known,)))
    assert checked(PAY, standing) == (None if again else Problem("record.query.asked_already"))
    assert checked(BRANCH, standing) is None, "another query is its own"
    elsewhere = replace(known, service="benefit.apply")
    assert checked(PAY, replace(STANDING, record=replace(JANA, requests=(elsewhere,)))) is None


def test_only_insured_persons_ask():
    assert refusal(QUERY, STANDING) is None
    assert refusal(QUERY, replace(STANDING, role=Role.EMPLOYER)) == Problem("service.refused.role")
    assert refusal(QUERY, replace(STANDING, on_file=False)) == Problem("service.refused.not_on_file")
    assert QUERY.stage("in_force") == "noted"
