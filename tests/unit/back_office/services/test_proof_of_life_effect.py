"""Proof of life at the back office: presence is an officer's own word, and nothing here touches a payment."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from back_office_bench import Bench, bench

from back_office.desk import acts, entries
from back_office.repository import attended, desk, people, scope
from kiosk.domain.payments import next_payment_on
from kiosk.domain.service import Channel
from kiosk.domain.services.proof_of_life import next_due
from kiosk.wire.timestamps import timestamp as wire_time

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SERVICE = "proof_of_life.give"


@pytest.fixture
def office(tmp_path: Path, database: str) -> Iterator[Bench]:
    with bench(tmp_path, database) as made:
        yield made


def due(office: Bench, name: str = "marie") -> str:
    with office.it.database.read() as db:
        return scope.proof_of_life_due(db, office.person(name))


def submit(office: Bench, entry: dict[str, str]) -> tuple[str, str]:
    office.receive(entry)
    office.decide(entry["id"])
    row = office.request_row(entry["id"])
    assert row is not None
    return row.decision, row.text_key


def today(office: Bench) -> date:
    return office.it.clock.now().astimezone(office.it.scheme.bank_change.zone).date()


def test_attended_it_sets_the_next_day(office: Bench) -> None:
    marie = office.holder("marie")
    entry = office.attended(marie, SERVICE, {})
    assert submit(office, entry) == ("in_force", f"decision.{SERVICE}.in_force")
    expected = next_due(today(office), None, 12).isoformat()
    assert due(office) == expected
    assert office.verdict(marie, entry["id"]).parameters == {"due_on": expected}
    with office.it.database.read() as db:
        (proof,) = attended.proofs_of(db, office.person("marie"))
        overdue = [one.person for one in attended.due_until(db, today(office).isoformat())]
    assert (proof.how, proof.attended_by) == ("card", office.holder("staff").number)
    assert office.person("marie") not in overdue


def test_alone_it_is_a_visit_and_the_day_stays(office: Bench) -> None:
    before = due(office)
    assert submit(office, office.entry(office.holder("marie"), SERVICE, {})) == (
        "in_force", f"decision.{SERVICE}.visit_only",
    )  # fmt: skip
    assert due(office) == before
    with office.it.database.read() as db:
        (visit,) = attended.proofs_of(db, office.person("marie"))
    assert visit.attended_by == ""


def test_no_word_but_the_officer_s_own_makes_it_a_proof(office: Bench) -> None:
    """What the holder's card signs of an officer, an officer's word about another act, another card's, a revoked one's."""
    marie, before = office.holder("marie"), due(office)
    id_, other = office.it.ids.new(), office.it.ids.new()
    forged = [
        {"id": id_, "attendance": office.word(other, SERVICE, {})},
        {"attendance": office.word(other, SERVICE, {}, staff="technician")},
        {"attendance": office.word(other, SERVICE, {}, staff="marie")},
        {"attendance": "a.b.c"},
    ]
    for changes in forged:
        assert submit(office, office.entry(marie, SERVICE, {}, **changes))[1] == f"decision.{SERVICE}.visit_only"
    with office.it.work() as work:
        people.revoke_card(work.db, office.holder("staff").number, work.time, "lost")
    assert submit(office, office.attended(marie, SERVICE, {}))[1] == f"decision.{SERVICE}.visit_only"
    assert due(office) == before


def test_the_same_proof_twice_is_one(office: Bench) -> None:
    entry = office.attended(office.holder("marie"), SERVICE, {})
    submit(office, entry)
    first = due(office)
    office.receive(entry)
    office.decide(entry["id"])
    assert due(office) == first
    with office.it.database.read() as db:
        assert len(attended.proofs_of(db, office.person("marie"))) == 1


def test_a_proof_that_was_long_on_its_way_counts_from_its_day_and_takes_nothing_back(office: Bench) -> None:
    marie = office.holder("marie")
    late = office.attended(marie, SERVICE, {})
    signed = today(office)
    office.later(days=30)
    submit(office, office.attended(marie, SERVICE, {}))
    newest = due(office)
    assert newest > next_due(signed, None, 12).isoformat()
    assert submit(office, late) == ("in_force", f"decision.{SERVICE}.in_force")
    assert due(office) == newest


def test_of_whom_none_is_asked_none_is_taken(office: Bench) -> None:
    assert not due(office, "josef")
    assert submit(office, office.attended(office.holder("josef"), SERVICE, {})) == (
        "refused", "service.proof_of_life.give.not_asked",
    )  # fmt: skip


def test_another_person_s_card_proves_nothing_for_marie(office: Bench) -> None:
    before = due(office)
    entry = office.attended(office.holder("karel"), SERVICE, {}, person=office.person("marie"))
    office.receive(entry)
    office.decide(entry["id"])
    assert [row["status"] for row in office.rows("SELECT status FROM inbox WHERE id = ?", entry["id"])] == [
        "quarantined"
    ]
    assert due(office) == before


def test_a_missed_one_stops_no_payment(office: Bench) -> None:
    ludmila = office.person("ludmila")
    assert due(office, "ludmila") < today(office).isoformat()
    from back_office import payment_run

    pay_day = next_payment_on(today(office) + timedelta(days=5), office.it.scheme.payments)
    office.later(days=(pay_day - today(office)).days - 1)
    payment_run.pay(office.it, pay_day)
    assert office.rows("SELECT held FROM payment WHERE person = ?", ludmila) == [{"held": 0}]


def officer(office: Bench, name: str) -> desk.Officer:
    with office.it.database.read() as db:
        found = desk.officer(db, name)
    assert found is not None
    return found


def entered(office: Bench, who: str, name: str, how: str, day: date) -> entries.Entered | entries.Sheet | acts.NotDone:
    typed = entries.Typed(
        Channel.DESK, SERVICE, office.it.ids.new(), office.person(name), document=how, seen_on=day.isoformat()
    )
    return entries.enter(office.it, officer(office, who), typed)


def approved(office: Bench, who: str, case: int) -> bool:
    decision = acts.Decision(acts.Act.ACCEPT, "I have seen the form.")
    result = acts.decide(office.it, officer(office, who), str(case), decision)
    office.settle()
    return isinstance(result, acts.Done)


@pytest.mark.parametrize("how", ["home_visit", "doctors_form", "identity_card"])
def test_who_cannot_come_needs_two_officers(office: Bench, how: str) -> None:
    before, seen_on = due(office), today(office) - timedelta(days=3)
    found = entered(office, "alena", "marie", how, seen_on)
    assert isinstance(found, entries.Entered)
    assert found.case is not None
    office.settle()
    assert due(office) == before
    assert not approved(office, "alena", found.case), "who entered it"
    assert not approved(office, "cyril", found.case), "of another office"
    assert due(office) == before
    assert approved(office, "bohdan", found.case)
    assert due(office) == next_due(seen_on, None, 12).isoformat()
    assert not approved(office, "bohdan", found.case)
    with office.it.database.read() as db:
        (proof,) = attended.proofs_of(db, office.person("marie"))
    assert (proof.how, proof.given_on) == (how, seen_on.isoformat())
    assert (proof.attended_by, proof.approved_by) == ("alena", "bohdan")


@pytest.mark.parametrize(
    ("name", "who", "how", "days"),
    [("marie", "alena", "telephone_call", 0), ("josef", "alena", "home_visit", 0), ("marie", "cyril", "home_visit", 0),
     ("marie", "alena", "doctors_form", 1)],
)  # fmt: skip
def test_what_the_desk_cannot_enter(office: Bench, name: str, who: str, how: str, days: int) -> None:
    before = due(office)
    assert isinstance(entered(office, who, name, how, today(office) + timedelta(days=days)), entries.Sheet)
    office.settle()
    assert due(office) == before
    with office.it.database.read() as db:
        assert desk.open_cases(db) == []


def test_the_day_is_in_the_person_s_record(office: Bench) -> None:
    from back_office.record_document import compose

    with office.it.database.read() as db:
        marie = people.person(db, office.person("marie"))
        assert marie is not None
        document = compose(db, office.it.scheme, marie, office.it.clock.now(), {}).document
    assert document["proof_of_life_due"] == due(office)
    assert wire_time(office.it.clock.now()) == document["as_of"]
