"""Synthetic people whose numbers hold together, the same every time."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from stdnum.cz import rc

from back_office.demo.population import SILENT_HOUSE, Population, populate
from back_office.demo.seed import seed
from back_office.installation import create_installation
from back_office.repository import people, timestamp
from back_office.settings import Settings, write_settings
from kiosk.domain.accounts import Account, parse_account
from kiosk.domain.errors import EnvironmentFault
from kiosk.domain.identifiers import Identifier, is_card_number, parse_identifier
from kiosk.schemes import load_scheme

if TYPE_CHECKING:
    from pathlib import Path

    from back_office_bench import Bench

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)
SCHEME = load_scheme("cz")


@pytest.fixture(scope="module")
def population() -> Population:
    return populate(SCHEME, AT)


def test_five_hundred_with_valid_numbers_of_their_own(population: Population) -> None:
    assert len(population.persons) == 500
    assert len({person.number for person in population.persons}) == 500
    assert len({person.card for person in population.persons}) == 500
    for person in population.persons:
        assert isinstance(parse_identifier("cz.rc", person.number), Identifier)
        assert rc.get_birth_date(person.number) == person.birth_date
        assert is_card_number(person.card)


def test_women_s_numbers_say_so(population: Population) -> None:
    marie = next(person for person in population.persons if person.name == "marie")
    assert int(marie.number[2:4]) == marie.birth_date.month + 50


def test_accounts_are_valid_and_of_one_holder_each(population: Population) -> None:
    ibans = [holding.iban for holding in population.holdings]
    assert len(ibans) == len(set(ibans))
    for iban in ibans:
        found = parse_account(iban, SCHEME)
        assert isinstance(found, Account)
        assert found.iban == iban
    assert all(bool(person.account) == (person.pension is not None) for person in population.persons)


def test_the_visits_accounts_are_whose_they_must_be(population: Population) -> None:
    holders = {holding.iban: holding.holder for holding in population.holdings}
    accounts = population.accounts
    assert holders[accounts["marie_second"]] == "Marie Novotná"
    assert holders[accounts["of_someone_else"]] not in {person.full_name for person in population.persons}
    assert accounts["not_possible"][4:8] == SILENT_HOUSE
    assert accounts["unknown_at_bank"] not in holders
    assert holders[accounts["close_name"]] == "Marie Anna Novotná"


def test_contacts_follow_each_other(population: Population) -> None:
    without = [person for person in population.persons if not person.contacts]
    assert without, "somebody has no contact at all"
    for person in population.persons:
        for contact in person.contacts:
            assert contact.valid_from < AT
            assert contact.valid_to is None or contact.valid_from < contact.valid_to < AT


def test_only_the_diverted_address_is_fresh(population: Population) -> None:
    recent = AT - timedelta(days=30)
    fresh = {person.name for person in population.persons for contact in person.contacts if contact.valid_from > recent}
    assert fresh == {"diverted"}


def test_the_same_seed_gives_the_same_people(population: Population) -> None:
    assert populate(SCHEME, AT) == population
    other = populate(SCHEME, AT, seed=1)
    assert other.persons[10].number != population.persons[10].number
    fewer = populate(SCHEME, AT, count=10)
    assert fewer.accounts == population.accounts
    assert fewer.persons == population.persons[:10]


def test_seeding_again_changes_nothing_even_on_another_day(office: Bench) -> None:
    watched = ("demo.json", "bank/customers.json", "cards/marie.json")
    before = [(office.it.state / name).read_bytes() for name in watched]
    office.later(days=200)
    assert seed(office.it).people == 0
    assert [(office.it.state / name).read_bytes() for name in watched] == before


def test_a_record_with_other_people_is_left_alone(tmp_path: Path) -> None:
    with create_installation(tmp_path, Settings(), write_settings(Settings())) as it:
        it.keyring.create(it.clock, it.ids)
        with it.work() as work:
            from back_office.repository import terminals

            terminals.add_office(work.db, "101", "x")
            row = people.PersonRow("1", "A", "B", "1950-01-01", "101", "cs", changes_blocked=False, version=1)
            people.add_person(work.db, row)
        with pytest.raises(EnvironmentFault, match="not the demonstration's"):
            seed(it, count=6)


def test_the_record_knows_the_certificates_that_were_issued(office: Bench) -> None:
    for name in ("marie", "karel", "ludmila", "staff"):
        holder = office.holder(name)
        serials = {
            row["serial"] for row in office.rows("SELECT serial FROM card_certificate WHERE card = ?", holder.number)
        }
        assert serials == {str(holder.certificate(slot).serial_number) for slot in ("9A", "9C", "9D", "9E")}
    revoked = office.holder("revoked")
    with office.it.database.read() as db:
        assert revoked.certificate("9C").serial_number in people.revoked_serials(db)
        card = people.card(db, revoked.number)
    assert card is not None
    assert card.revoked_at is not None
    assert card.revoked_at < timestamp(office.it.clock.now())


def test_scripts_find_their_accounts(office: Bench) -> None:
    told = json.loads((office.it.state / "demo.json").read_text("utf-8"))
    assert told["persons"]["marie"]["card"] == "1000000001"
    assert {officer["id"] for officer in told["officers"]} == {"alena", "bohdan", "cyril"}
