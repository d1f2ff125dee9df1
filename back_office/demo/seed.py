"""Puts the demonstration's people into an empty back office, issues their cards, and gives the bank its own customers.

Rules:
- Everything is written in one transaction; a second call finds the people there and changes nothing.
- The record learns of certificates from the cards as they were issued, so that revocation names real serial numbers, and
  records are sealed to the keys that are on the cards.
- STATE/demo.json tells scripts and people which account belongs to which visit; nothing in the product reads it.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from argon2 import PasswordHasher
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from back_office import audit, pin_letters, puks
from back_office.certificates import new_key
from back_office.demo import cards
from back_office.demo.population import OFFICES, SEED, SILENT_HOUSE, Population, SyntheticPerson, populate
from back_office.demo.working_life import Life, live
from back_office.partners.customers import Customer, House, write_customers
from back_office.repository import attended, desk, ledger, moment, people, records, scope, terminals, timestamp
from back_office.repository.desk import Officer
from back_office.repository.people import Card, Pension, PersonRow
from kiosk.domain.audit import Actor
from kiosk.domain.errors import EnvironmentFault
from kiosk.wire.certificates import allowed_key
from kiosk.wire.sealed_record import fingerprint, point

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from back_office.installation import Installation, Work

DEMO_PASSWORD = "demonstration"  # noqa: S105 - printed on the sign-in page of the demonstration
OFFICERS = (("alena", "Alena Říhová", "101"), ("bohdan", "Bohdan Kolář", "101"), ("cyril", "Cyril Urban", "102"))
DEMO_FILE = "demo.json"
_MADE = "demonstration_made"
_CARD_AGE = timedelta(days=700)
_STRANGERS = frozenset({"stranger", "broken"})
"""Cards that the record does not know."""
_PROOF_DUE_DAYS = {"marie": 20, "ludmila": -10}
"""In how many days the proof of life of a named holder is due; Ludmila has missed hers."""


@dataclass(frozen=True, slots=True)
class Seeded:
    """What a seeding came to. `people` were added now; none when they were there before."""

    people: int
    accounts: dict[str, str]


def seed(it: Installation, *, count: int = 500, random_seed: int = SEED) -> Seeded:
    """Fill STATE with the demonstration. Raises EnvironmentFault when the record holds other people, or keys are missing."""
    count, random_seed, at = _first_time(it) or (count, random_seed, it.clock.now())
    population = populate(it.scheme, at, count=count, seed=random_seed)
    cards.issue_cards(it.state, _holders(population), it.clock, it.ids)
    with it.work() as work:
        known = people.person_count(work.db)
        if known and people.person(work.db, population.persons[0].number) is None:
            raise EnvironmentFault(
                f"{it.database.name} holds {known} persons who are not the demonstration's.",
                "Use another state folder: --state DIR.",
            )
        if not known:
            _write(work, population, random_seed)
            made = {"count": count, "seed": random_seed, "at": timestamp(at)}
            ledger.put_setting(work.db, _MADE, json.dumps(made))
    _tell_bank(it, population)
    _tell_scripts(it.state, population)
    return Seeded(0 if known else len(population.persons), population.accounts)


def _first_time(it: Installation) -> tuple[int, int, datetime] | None:
    """Read from what the people here were made: the same again gives the same people, whatever day it is."""
    with it.database.read() as db:
        kept = ledger.setting(db, _MADE)
    if kept is None:
        return None
    made = json.loads(kept)
    return made["count"], made["seed"], moment(made["at"])


def _holders(population: Population) -> dict[str, cards.CardHolder]:
    named = {
        person.name: cards.CardHolder(person.card, person.full_name, person.role, person.label)
        for person in population.persons
        if person.name
    }
    others = {card.name: cards.CardHolder(card.number, card.holder, card.role, card.label) for card in population.cards}
    return named | others


def _write(work: Work, population: Population, random_seed: int) -> None:
    for office, name in OFFICES.items():
        terminals.add_office(work.db, office, name)
    hasher = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1)
    for officer, name, office in OFFICERS:
        desk.put_officer(work.db, Officer(officer, name, office, hasher.hash(DEMO_PASSWORD)))
    for person in population.persons:
        _write_person(work, person)
        _write_life(work, person, live(person, work.it.scheme, work.at.date(), random_seed))
    issued_at = timestamp(work.at - _CARD_AGE)
    for card in population.cards:
        if card.name not in _STRANGERS:
            row = Card(card.number, None, card.role.value, card.holder, issued_at, None, None, None)
            certificates = _certificates(work.it.state, card.name)
            people.add_card(work.db, row, ((slot, one.serial_number) for slot, one in certificates))
    for card in population.cards:
        if card.name == "staff":  # with which the first officer helps at a terminal, or by a code from the desk
            attended.tie_card(work.db, OFFICERS[0][0], card.number)
    actor = Actor("operator", "seed")
    details = {"count": str(len(population.persons))}
    audit.record(work.db, work.at, actor, "people.seeded", "population", purpose="demonstration", details=details)


def _write_person(work: Work, person: SyntheticPerson) -> None:
    row = PersonRow(
        number=person.number,
        given_name=person.given_name,
        family_name=person.family_name,
        birth_date=person.birth_date.isoformat(),
        office=person.office,
        language=person.language,
        changes_blocked=False,
        version=1,
    )
    people.add_person(work.db, row)
    registered = timestamp(work.at - _CARD_AGE)
    if person.former_name:
        people.add_former_name(work.db, person.number, person.former_name, registered)
    for contact in person.contacts:
        people.add_contact(
            work.db,
            person.number,
            channel=contact.channel,
            destination=contact.destination,
            valid_from=timestamp(contact.valid_from),
            valid_to=None if contact.valid_to is None else timestamp(contact.valid_to),
        )
    if person.account:
        people.open_account(work.db, person.number, person.account, registered)
    if person.pension is not None:
        amount = Pension(person.number, person.pension, work.it.scheme.currency, registered[:10])
        people.put_pension(work.db, amount)
    revoked = person.name == cards.REVOKED_CARD
    card = Card(
        number=person.card,
        person=person.number,
        role=person.role.value,
        holder=person.full_name,
        issued_at=registered,
        pin_changed_at=None,
        revoked_at=timestamp(work.at - timedelta(days=30)) if revoked else None,
        revoked_because="reported lost" if revoked else None,
    )
    certificates = dict(_certificates(work.it.state, person.name)) if person.name else {}
    people.add_card(work.db, card, ((slot, one.serial_number) for slot, one in certificates.items()))
    if person.name:
        puks.keep(work, work.it, person.card, cards.PUK)
    if person.name == cards.NEW_CARD:
        maker = cards.DemonstrationCards(work.it.state)
        pin_letters.issue(work, person.card, maker, by="seed", way=pin_letters.COUNTER)
    _write_key(work, person.card, certificates.get("9D"))


def _write_key(work: Work, card: str, certificate: x509.Certificate | None) -> None:
    """Keep the card's key agreement key, if a record can be sealed to it.

    Who has no demonstration card gets a key whose private half nobody keeps: a record like everybody's, that opens never.
    """
    if certificate is None:
        key, until = new_key().public_key(), work.at + cards.CARD_VALID
    else:
        found = allowed_key(certificate)
        if not isinstance(found, ec.EllipticCurvePublicKey):
            return
        key, until = found, certificate.not_valid_after_utc
    records.put_card_key(work.db, card, public_key=point(key), fingerprint=fingerprint(key), not_after=timestamp(until))


def _write_life(work: Work, person: SyntheticPerson, life: Life) -> None:
    records.add_contributions(work.db, life.contributions)
    records.add_past_payments(work.db, person.number, life.payments)
    if life.appointment_on is not None:
        at = datetime.combine(life.appointment_on, time(9), UTC)
        scope.appoint(work.db, work.it.ids.new(), person.number, person.office, timestamp(at))
    due_on = work.at.date() + timedelta(days=_PROOF_DUE_DAYS[person.name]) if person.name in _PROOF_DUE_DAYS else life.proof_of_life_on
    if due_on is not None:
        scope.put_proof_of_life(work.db, person.number, due_on.isoformat())
    if life.last_visit_on is not None:
        at = datetime.combine(life.last_visit_on, time(10), UTC)
        scope.visited(work.db, person.number, person.office, timestamp(at))


def _tell_bank(it: Installation, population: Population) -> None:
    houses = [
        House(bank.code, bank.name, bank.bic, answers=bank.code != SILENT_HOUSE)
        for bank in it.scheme.banks.values()
        if not bank.closed
    ]
    customers = [Customer(held.iban, held.holder, held.former_names) for held in population.holdings]
    write_customers(it.state, houses, customers)


def _tell_scripts(state: Path, population: Population) -> None:
    document = {
        "accounts": population.accounts,
        "persons": {
            person.name: {"number": person.number, "card": person.card, "name": person.full_name}
            for person in population.persons
            if person.name
        },
        "officers": [{"id": officer, "name": name, "office": office} for officer, name, office in OFFICERS],
        "officers_password": DEMO_PASSWORD,
    }
    path = state / DEMO_FILE
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    draft.replace(path)


# --- what was issued ---------------------------------------------------------------------------------


def _certificates(state: Path, name: str) -> Iterator[tuple[str, x509.Certificate]]:
    """Read the certificates on an issued card, by slot."""
    path = state / "cards" / f"{name}.json"
    try:
        objects = json.loads(path.read_text(encoding="utf-8"))["objects"]
        for slot, place in cards.CERTIFICATE_OBJECTS.items():
            yield slot, x509.load_der_x509_certificate(_certificate(bytes.fromhex(objects[place])))
    except (OSError, ValueError, KeyError, IndexError) as error:
        raise EnvironmentFault(
            f"The card {path} cannot be read ({type(error).__name__}).", "Remove the file and seed again."
        ) from error


def _certificate(stored: bytes) -> bytes:
    """Take the certificate out of 53 { 70 certificate, 71 information, ... } (SP 800-73-4 part 1, table 10)."""
    parts = dict(_parts(dict(_parts(stored))[0x53]))
    return gzip.decompress(parts[0x70]) if parts[0x71][-1:] == b"\x01" else parts[0x70]


def _parts(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Read one-byte tags with BER lengths."""
    at = 0
    while at < len(data):
        tag, length, at = data[at], data[at + 1], at + 2
        if length & 0x80:
            octets = length & 0x7F
            length, at = int.from_bytes(data[at : at + octets]), at + octets
        yield tag, data[at : at + length]
        at += length
