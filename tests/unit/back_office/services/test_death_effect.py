"""A reported death: nothing happens before an officer says so; and who stands there alive is helped first."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from back_office_bench import application, ask
from back_office_services import cases, decide, record, submit, tell, word

from back_office import payment_run
from back_office.desk import acts, queues
from back_office.repository import people, records, reports, timestamp
from kiosk.domain.payments import cut_off, next_payment_on

if TYPE_CHECKING:
    from back_office_bench import Bench


def report(office: Bench, name: str = "marie", **other: str) -> str:
    today = office.it.clock.now().date().isoformat()
    answers = {"known_by": "number", "number": office.person(name), "died_on": today, "reporter": "", "call_back": ""}
    return tell(office, "death.report", answers | other)


def by_name(office: Bench, name: str, born: str) -> str:
    today = office.it.clock.now().date().isoformat()
    answers = {"known_by": "name", "name": name, "birth_date": born, "died_on": today, "reporter": "", "call_back": ""}
    return tell(office, "death.report", answers)


def confirm(office: Bench) -> None:
    decide(office, cases(office)[0], acts.Act.ACCEPT, "death certificate 7/2026 seen")


def paid(office: Bench, person: str) -> list[bool]:
    """Make the runs of the next two months; whether each pays the person."""
    schedule, made = office.it.scheme.payments, []
    for _ in range(2):
        day = next_payment_on(office.it.clock.now().astimezone(schedule.zone).date(), schedule)
        ahead = cut_off(day, schedule) - office.it.clock.now()
        office.later(seconds=max(ahead.total_seconds(), 0) + 1)
        run = payment_run.pay(office.it, day)
        assert isinstance(run, payment_run.Paid)
        held = office.rows("SELECT held FROM payment WHERE paid_on = ? AND person = ?", day.isoformat(), person)
        made.append(not held[0]["held"])
        office.later(days=(date.fromisoformat(day.isoformat()) - office.it.clock.now().date()).days + 1)
    return made


def question(office: Bench, name: str) -> dict[str, object]:
    """Ask for one's own record as a visit does."""
    holder = office.holder(name)
    id_, sealed, key = office.question(holder, "person_record", {})
    reply = ask(office, application(office), "POST", "/v1/questions", body={"id": id_, "sealed": sealed})
    assert reply.status == 200, reply.body
    return office.open(reply.json["sealed"], id_, "person_record", key)


def test_a_report_changes_nothing_by_itself(office: Bench) -> None:
    before = record(office, "marie")
    request = report(office)
    assert word(office, request) == ("held", "decision.death.report.held")
    after = record(office, "marie")
    assert (after.version, after.requests, after.cards) == (before.version, before.requests, before.cards)
    assert question(office, "marie")["name"] == "Marie Novotná"
    assert "Urgent" in queues.queue(office.it, "101").cases[0].reasons[0]
    assert paid(office, office.person("marie")) == [True, True]


def test_confirmed_it_holds_the_payments_after_the_month_of_death(office: Bench) -> None:
    request = report(office)
    confirm(office)
    assert word(office, request) == ("in_force", "decision.death.report.in_force")
    run = paid(office, office.person("marie"))
    assert not run[-1]
    assert paid(office, office.person("ludmila")) == [True, True]


def test_no_terminal_keeps_the_record_any_more(office: Bench) -> None:
    number, now = office.person("marie"), timestamp(office.it.clock.now())
    with office.it.database.read() as db:
        assert records.recipients(db, number, now)
    report(office)
    confirm(office)
    with office.it.database.read() as db:
        assert records.recipients(db, number, now) == ()


def test_who_is_alive_sees_a_neutral_screen_and_an_officer_comes(office: Bench) -> None:
    report(office)
    confirm(office)
    assert question(office, "marie") == {"absent": "refused"}
    request = submit(office, office.holder("marie"), "address.change", {"address": "Nová 2\n301 00 Plzeň"})
    assert word(office, request) == ("held", "decision.request.held"), "nothing says why"
    alive = next(case for case in cases(office) if case.kind == "identity")
    with office.it.work() as work:
        file = queues.open_file(work, str(alive.n), None)
    assert isinstance(file, queues.CaseFile)
    assert file.item is not None
    assert file.item.name == "Marie Novotná"
    assert isinstance(decide(office, alive, acts.Act.ACCEPT, "she stands before me"), acts.Done)
    assert question(office, "marie")["name"] == "Marie Novotná"
    aside = next(case for case in cases(office) if case.subject == request)
    decide(office, aside, acts.Act.RETRY, "she is alive")
    assert word(office, request) == ("in_force", "decision.address.change.in_force")
    assert all(paid(office, office.person("marie")))


def test_a_yes_that_is_none_leaves_it_as_it_is(office: Bench) -> None:
    report(office)
    confirm(office)
    question(office, "marie")
    alive = next(case for case in cases(office) if case.kind == "identity")
    decide(office, alive, acts.Act.REFUSE, "somebody else used the card")
    with office.it.database.read() as db:
        assert reports.died_on(db, office.person("marie"))
    question(office, "marie")
    again = next(case for case in cases(office) if case.kind == "identity")
    with office.it.work() as work:
        reports.withdraw_death(work.db, office.person("marie"), work.time)
    assert isinstance(decide(office, again, acts.Act.ACCEPT, "late"), acts.NotDone)


def test_a_survivor_s_own_services_go_on(office: Bench) -> None:
    report(office)
    confirm(office)
    request = submit(office, office.holder("karel"), "benefit.apply", {
        "benefit": "survivors", "deceased": "Marie Novotná", "deceased_number": office.person("marie"),
        "died_on": office.it.clock.now().date().isoformat(), "since": "2027-01-01", "abroad": "no",
    })  # fmt: skip
    assert word(office, request) == ("held", "decision.benefit.apply.held.survivors")
    assert question(office, "karel")["name"] == "Karel Dvořák"


@pytest.mark.parametrize(
    ("name", "born", "outcome"),
    [
        ("novotna marie", "1951-04-12", "in_force"),
        ("Ludmila Veselá", "1947-01-23", "in_force"),
        ("Marie Novotná", "1951-04-13", "decision.death.report.refused.nobody"),
        ("Karel Dvořák", "1951-04-12", "decision.death.report.refused.nobody"),
    ],
)
def test_by_name_and_day_of_birth_as_names_are_compared(office: Bench, name: str, born: str, outcome: str) -> None:
    request = by_name(office, name, born)
    confirm(office)
    assert outcome in word(office, request)


def test_a_name_never_merges_two_people(office: Bench) -> None:
    with office.it.work() as work:
        marie = people.person(work.db, office.person("marie"))
        assert marie is not None
        twin = people.PersonRow("5154128888", "Marie", "Novotná", "1951-04-12", "101", "cs", False, 1)
        people.add_person(work.db, twin)
    request = by_name(office, "Marie Novotná", "1951-04-12")
    confirm(office)
    assert word(office, request) == ("refused", "decision.death.report.refused.several")
    request = report(office, number="7952155431")
    confirm(office)
    assert word(office, request) == ("refused", "decision.death.report.refused.nobody"), "and a number fits or not"


def test_an_officer_s_no_ends_it(office: Bench) -> None:
    request = report(office)
    decide(office, cases(office)[0], acts.Act.REFUSE, "he answered the telephone himself")
    assert word(office, request) == ("refused", "decision.request.refused")
    assert question(office, "marie")["name"] == "Marie Novotná"
