"""Registrations at the back office: one officer registers, another confirms, a double is nobody's to guess."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from back_office_bench import Bench, bench

from back_office.desk import acts
from back_office.record_document import compose
from back_office.repository import attended, desk, people
from back_office.repository.people import Card
from kiosk.domain.services.registration import provisional_number

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SERVICE = "person.register"
ANSWERS = {
    "identity": "passport", "ground": "employment", "given_name": "Olena", "family_name": "Ševčenko", "former_name": "",
    "birth_date": "1994-07-30", "number": "",
}  # fmt: skip


@pytest.fixture
def office(tmp_path: Path, database: str) -> Iterator[Bench]:
    with bench(tmp_path, database) as made:
        yield made


def register(office: Bench, *, staff: str = "staff", attended_: bool = True, **changes: str) -> tuple[str, str, str]:
    """Decision, text and provisional number of a registration; its id is `office.last`."""
    answers, id_ = ANSWERS | changes, office.it.ids.new()
    other = {"attendance": office.word(id_, SERVICE, answers, staff=staff)} if attended_ else {}
    entry = office.report_entry(SERVICE, answers, id=id_, **other)
    office.receive(entry)
    office.decide(id_)
    row = office.request_row(id_)
    assert row is not None
    reference = office.rows("SELECT reference FROM inbox WHERE id = ?", id_)[0]["reference"]
    return row.decision, row.text_key, provisional_number(reference)


def officer(office: Bench, name: str) -> desk.Officer:
    with office.it.database.read() as db:
        found = desk.officer(db, name)
    assert found is not None
    return found


def case(office: Bench) -> desk.DeskCase:
    with office.it.database.read() as db:
        (found,) = [one for one in desk.open_cases(db) if one.kind == "request"]
    return found


def accept(office: Bench, name: str = "bohdan") -> object:
    return acts.decide(office.it, officer(office, name), str(case(office).n), acts.Decision(acts.Act.ACCEPT, "papers seen"))


def document(office: Bench, number: str) -> dict:
    with office.it.database.read() as db:
        person = people.person(db, number)
        assert person is not None
        return compose(db, office.it.scheme, person, office.it.clock.now(), {}).document


def test_who_is_new_is_there_at_once_and_confirmed_by_another(office: Bench) -> None:
    decision, key, number = register(office)
    assert (decision, key) == ("held", f"decision.{SERVICE}.held")
    assert case(office).reason == "registrations:confirm"
    assert document(office, number)["provisional"] is True
    assert isinstance(accept(office), acts.Done)
    confirmed = document(office, number)
    assert "provisional" not in confirmed
    assert confirmed["name"] == "Olena Ševčenko"
    with office.it.database.read() as db:
        kept = attended.registration(db, office.rows("SELECT request FROM registration")[0]["request"])
    assert kept is not None
    assert (kept.clerk, kept.confirmed_by, kept.found) == (office.holder("staff").number, "bohdan", "none")


def test_the_number_is_seen_by_the_next_visit_s_card(office: Bench) -> None:
    """The card issued to the new person opens a record under the provisional number."""
    _, _, number = register(office)
    card = office.holder("stranger").number
    with office.it.work() as work:
        people.add_card(work.db, Card(card, number, "insured", "Olena Ševčenko", work.time, None, None, None), [])
        held = people.card(work.db, card)
    assert held is not None
    assert held.person == number
    assert (document(office, number)["number"], document(office, number)["provisional"]) == (number, True)


def test_the_clerk_does_not_confirm(office: Bench) -> None:
    with office.it.database.read() as db:
        assert attended.officer_card(db, "alena") == office.holder("staff").number, "as the demonstration is seeded"
    _, _, number = register(office)
    assert isinstance(accept(office, "alena"), acts.NotDone)
    assert document(office, number)["provisional"] is True
    assert isinstance(accept(office, "bohdan"), acts.Done)


def test_without_an_officer_s_own_word_nobody_is_registered(office: Bench) -> None:
    assert register(office, attended_=False)[:2] == ("refused", "service.refused.needs_staff")
    assert register(office, staff="technician")[:2] == ("refused", "service.refused.needs_staff")
    assert register(office, staff="marie")[:2] == ("refused", "service.refused.needs_staff")
    assert office.rows("SELECT request FROM registration") == []


def test_who_is_known_by_number_is_not_registered_again(office: Bench) -> None:
    with office.it.database.read() as db:
        marie = people.person(db, office.person("marie"))
    assert marie is not None
    same = {"number": marie.number, "birth_date": marie.birth_date, "given_name": "MARIE", "family_name": "novotna"}
    assert register(office, **same)[:2] == ("refused", f"decision.{SERVICE}.refused.registered")
    assert office.rows("SELECT request FROM registration") == []


def test_a_possible_double_is_nobody_before_an_officer_has_looked(office: Bench) -> None:
    with office.it.database.read() as db:
        ludmila = people.person(db, office.person("ludmila"))
    assert ludmila is not None
    _, _, number = register(office, birth_date=ludmila.birth_date, given_name="Ludmila", family_name="Veselá")
    assert case(office).reason == "registrations:possible_double"
    with office.it.database.read() as db:
        assert people.person(db, number) is None
    assert isinstance(accept(office), acts.Done)
    assert document(office, number)["name"] == "Ludmila Veselá"


def test_the_second_registration_of_one_person_is_looked_at(office: Bench) -> None:
    register(office)
    accept(office)
    register(office)
    assert case(office).reason == "registrations:possible_double"


def test_so_many_by_one_clerk_in_a_day(office: Bench) -> None:
    for n in range(office.it.scheme.registrations_a_day):
        register(office, given_name="Olena" + "abcdefghijklmnopqrstuvwxyz"[n], family_name="X" + "abcdefghijklmnopqrstuvwxyz"[n])
    assert register(office, family_name="Last")[:2] == ("refused", f"decision.{SERVICE}.refused.too_many")
    with office.it.database.read() as db:
        counted = attended.registrations_by_clerk(db, "2000")
    assert counted == {office.holder("staff").number: office.it.scheme.registrations_a_day}
    office.later(days=1, seconds=1)
    assert register(office, family_name="Last")[0] == "held"


def test_the_same_registration_twice_is_one(office: Bench) -> None:
    id_ = office.it.ids.new()
    entry = office.report_entry(SERVICE, ANSWERS, id=id_, attendance=office.word(id_, SERVICE, ANSWERS))
    for _ in range(2):
        office.receive(entry)
        office.decide(id_)
    assert len(office.rows("SELECT request FROM registration")) == 1
