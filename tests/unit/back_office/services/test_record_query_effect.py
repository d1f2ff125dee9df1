"""A query of the record: seen in "my requests" and at the desk with its lines, decided by an officer, once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from back_office_bench import application, ask
from back_office_services import cases, decide, kept, record, submit, told, word

from back_office.desk import acts, queues
from back_office.repository import desk, records
from kiosk.domain.services.record_query import about
from kiosk.domain.working_life import line_id

if TYPE_CHECKING:
    from back_office_bench import Bench

    from back_office.desk.examined import Item
    from kiosk.domain.record import Contribution

MISSING = {
    "what": "missing_employer", "employer_name": "Pivovar Zlatý dvůr", "employer": "", "from": "2013-02-01", "to": "2013-05-31",
    "remarks": "I have the contract.",
}  # fmt: skip


def a_line(office: Bench, name: str = "marie") -> Contribution:
    """A line of the record with pay."""
    return next(line for line in record(office, name).contributions if line.kind == "worked")


def wrong_pay(line: Contribution, amount: str = "1.00") -> dict[str, str]:
    return {"what": "wrong_pay", "year": str(line.year), "line": line_id(line), "amount": amount, "remarks": ""}


def look(office: Bench) -> Item:
    """What the officer sees of the one case there is."""
    (case,) = cases(office)
    with office.it.database.read() as db:
        alena = desk.officer(db, "alena")
    assert alena is not None
    with office.it.work() as work:
        file = queues.open_file(work, str(case.n), alena)
    assert isinstance(file, queues.CaseFile)
    assert file.item is not None
    return file.item


def test_a_query_lies_at_the_desk_with_its_line_and_is_noted(office: Bench) -> None:
    marie, line = office.holder("marie"), a_line(office)
    request = submit(office, marie, "record.query", wrong_pay(line))
    assert word(office, request) == ("held", "decision.record.query.held")
    (case,) = cases(office)
    assert (case.kind, case.subject, case.reason) == ("request", request, "record_queries:query")
    item = look(office)
    assert ("What is not right", "The pay is wrong") in item.asked
    (attached,) = [value for label, value in item.now if label == f"On record, {line.year}"]
    assert attached.startswith(
        f"{line.employer_name} {line.employer}, {line.start} to {line.end}, worked, pay {line.pay}"
    )

    decide(office, case, acts.Act.ACCEPT, "asked the employer")
    assert word(office, request) == ("in_force", "decision.record.query.in_force")
    assert office.verdict(marie, request).decision == "in_force"
    assert cases(office) == []
    assert a_line(office) == line, "a yes notes; the source corrects its own report"


def test_the_person_sees_the_query_in_my_requests_and_the_refusal_with_its_reason(office: Bench) -> None:
    request = submit(office, office.holder("marie"), "record.query", MISSING)
    (seen,) = record(office, "marie").requests
    assert (seen.transaction_id, seen.stage, seen.about) == (request, "held", about(MISSING))
    assert told(office, "request_held")
    (case,) = cases(office)
    decide(office, case, acts.Act.REFUSE, "The brewery has no record of you.")
    (seen,) = record(office, "marie").requests
    assert seen.stage == "refused"
    assert "The brewery has no record of you." in seen.reason


def test_of_a_missing_employer_the_years_around_it_are_attached(office: Bench) -> None:
    lines = [line for line in record(office, "marie").contributions if 1990 <= line.year <= 1991]
    answers = MISSING | {"from": "1990-02-01", "to": "1991-03-01"}
    submit(office, office.holder("marie"), "record.query", answers)
    attached = [(label, value) for label, value in look(office).now if label.startswith("On record")]
    assert len(attached) == len(lines) >= 2


def test_all_lines_of_a_year_and_branches_that_are_not_insured(office: Bench) -> None:
    lacking = next(
        line
        for line in record(office, "marie").contributions
        if line.kind == "worked" and "accident" not in line.branches
    )
    answers = {
        "what": "missing_branch", "year": str(lacking.year), "line": "whole_year", "branch": "accident", "remarks": "",
    }  # fmt: skip
    request = submit(office, office.holder("marie"), "record.query", answers)
    assert kept(office, request).decision == "held"
    attached = [value for label, value in look(office).now if label == f"On record, {lacking.year}"]
    assert len(attached) == sum(line.year == lacking.year for line in record(office, "marie").contributions)
    assert any("accident not insured" in value for value in attached)


# --- refusals ------------------------------------------------------------------------------------------


def test_the_same_query_twice_is_one_case_and_another_is_its_own(office: Bench) -> None:
    marie, line = office.holder("marie"), a_line(office)
    submit(office, marie, "record.query", wrong_pay(line))
    again = submit(office, marie, "record.query", wrong_pay(line, "2.00"))
    assert word(office, again) == ("refused", "record.query.asked_already")
    assert office.verdict(marie, again).decision == "refused"
    other = submit(office, marie, "record.query", MISSING)
    assert word(office, other)[0] == "held"
    assert len(cases(office)) == 2


def test_once_decided_it_can_be_asked_again(office: Bench) -> None:
    marie = office.holder("marie")
    submit(office, marie, "record.query", MISSING)
    (case,) = cases(office)
    decide(office, case, acts.Act.REFUSE, "no contract")
    assert word(office, submit(office, marie, "record.query", MISSING))[0] == "held"


def test_a_line_that_is_no_longer_on_record_is_refused_in_words(office: Bench) -> None:
    marie, line = office.holder("marie"), a_line(office)
    entry = office.entry(marie, "record.query", wrong_pay(line))
    with office.it.work() as work:
        work.db.execute(
            "DELETE FROM contribution WHERE person = ? AND year = ? AND employer = ? AND valid_from = ?",
            (office.person("marie"), line.year, line.employer, line.start),
        )
    office.receive(entry)
    office.settle()
    assert word(office, entry["id"]) == ("refused", "answers.not_on_record")
    assert cases(office) == []


def test_one_that_was_signed_before_another_was_noted_still_stands(office: Bench) -> None:
    """Two terminals without a line: a query edits nothing, so that nothing supersedes it."""
    marie, line = office.holder("marie"), a_line(office)
    first = office.entry(marie, "record.query", MISSING)
    office.later(minutes=5)
    submit(office, marie, "record.query", wrong_pay(line))
    (case,) = cases(office)
    decide(office, case, acts.Act.ACCEPT)
    office.receive(first)
    office.settle()
    assert word(office, first["id"]) == ("held", "decision.record.query.held")


@pytest.mark.parametrize("name", ["employer", "staff"])
def test_a_card_of_another_role_has_no_record_to_ask_about(office: Bench, name: str) -> None:
    request = submit(office, office.holder(name), "record.query", MISSING)
    assert word(office, request) == ("refused", "service.refused.role")


def test_somebody_elses_line_is_refused(office: Bench) -> None:
    theirs = a_line(office, "ludmila")
    request = submit(
        office, office.holder("marie"), "record.query", wrong_pay(replace(theirs, start=f"{theirs.year}-02-03"))
    )
    assert word(office, request) == ("refused", "answers.not_on_record")


def test_a_revoked_card_asks_nothing(office: Bench) -> None:
    request = submit(office, office.holder("revoked"), "record.query", MISSING)
    assert word(office, request) == ("refused", "service.refused.card_revoked")


# --- who looked --------------------------------------------------------------------------------------


def test_who_opened_the_record_is_told_by_day_office_role_and_purpose(office: Bench) -> None:
    submit(office, office.holder("marie"), "record.query", MISSING)
    opened_by_holder(office, "marie")
    for _ in range(2):
        look(office)
    seen = [(line.office, line.role, line.purpose) for line in record(office, "marie").accesses]
    assert seen == [("Praha 2", "officer", "desk_case"), ("Praha 2", "holder", "own_record")], "one line a day"
    office.later(days=1)
    look(office)
    days = [line.at for line in record(office, "marie").accesses]
    assert len(days) == 3
    assert days == sorted(days, reverse=True)
    assert record(office, "ludmila").accesses == ()


def opened_by_holder(office: Bench, name: str) -> None:
    """Open the record as the terminal does, over the line."""
    id_, sealed, _ = office.question(office.holder(name), "person_record", {"language": "en"})
    reply = ask(office, application(office), "POST", "/v1/questions", body={"id": id_, "sealed": sealed})
    assert reply.status == 200, reply.body


def test_a_look_touches_the_record_of_that_person_and_of_nobody_else(office: Bench) -> None:
    def touched(name: str) -> int:
        with office.it.database.read() as db:
            row = records.record(db, office.person(name))
        assert row is not None
        return row.touched

    submit(office, office.holder("marie"), "record.query", MISSING)
    before = {name: touched(name) for name in ("marie", "ludmila")}
    look(office)
    assert touched("marie") == before["marie"] + 1
    assert touched("ludmila") == before["ludmila"]
