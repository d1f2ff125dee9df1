"""The people of a world: numbers, accounts, cards with real certificates, and what their banks say of an account.

Rules:
- Who they are follows from the seed; their keys do not (keys are never drawn from a seed), and nothing depends on them.
- An account's own number tells what the bank says of it; the oracle reads it there, the simulated bank as well.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from cryptography.hazmat.primitives.serialization import Encoding

from back_office.certificates import Authority, authority_plan, card_plan, certify, new_key
from back_office.pki import load_authority, private_pem
from back_office.repository import people, records, terminals, timestamp
from back_office.repository.people import Card, Pension, PersonRow
from kiosk.domain.card import ROLE_POLICIES, Role
from kiosk.wire.sealed_record import fingerprint, point
from simulation.sync.virtual_time import START

if TYPE_CHECKING:
    from random import Random

    from back_office.database import Connection
    from back_office.installation import Installation

Answer = Literal["match", "close_match", "no_match", "not_possible"]
_ANSWERS: tuple[tuple[Answer, int], ...] = (("match", 80), ("close_match", 8), ("no_match", 8), ("not_possible", 4))
_WEIGHTS = (6, 3, 7, 9, 10, 5, 8, 4, 2, 1)
BANK = "0100"
REGISTERED = START - timedelta(days=700)
_CARD_YEARS = timedelta(days=5 * 365)


def bank_says(iban: str) -> Answer:
    """Tell what the bank says of an account: it stands in the number, for who can read it."""
    number = int.from_bytes(hashlib.sha256(iban.encode()).digest()[:4], "big") % 100
    for answer, share in _ANSWERS:
        number -= share
        if number < 0:
            return answer
    return "match"


def iban(chance: Random) -> str:
    """Draw a Czech account number that is complete (both check sums)."""
    while True:
        digits = [chance.randint(1, 9), *(chance.randint(0, 9) for _ in range(8))]
        last = -sum(weight * digit for weight, digit in zip(_WEIGHTS, digits, strict=False)) % 11
        if last < 10:  # noqa: PLR2004 - a digit
            break
    basic = f"{BANK}000000{''.join(map(str, digits))}{last}"
    check = 98 - int(f"{basic}123500") % 97  # ISO 13616: C is 12, Z is 35
    return f"CZ{check:02d}{basic}"


@dataclass(frozen=True, slots=True)
class Person:
    """One insured person and the card in their pocket."""

    number: str
    card: str
    account: str
    blocked: bool = False
    pensioner: bool = True
    revoked: bool = False
    known: bool = True
    stranger: bool = False


@dataclass(frozen=True, slots=True)
class Keys:
    """What a card holds for signing; PEM and DER."""

    private: bytes
    certificate: bytes


def draw(count: int, chance: Random) -> list[Person]:
    """Draw the people of a world: most are ordinary pensioners."""
    drawn = []
    for number in range(count):
        kind = chance.choices(("ordinary", "blocked", "worker", "revoked", "unknown", "stranger"), (88, 3, 2, 4, 2, 1))[
            0
        ]
        drawn.append(
            Person(
                number=f"{5_000_000_000 + number * 11}",
                card=f"{7_000_000_000 + number}",
                account=iban(chance),
                blocked=kind == "blocked",
                pensioner=kind != "worker",
                revoked=kind == "revoked",
                known=kind != "unknown",
                stranger=kind == "stranger",
            )
        )
    return drawn


def register(it: Installation, persons: list[Person], offices: list[str]) -> dict[str, Keys]:
    """Put the people on file and issue their cards; the keys by card number."""
    issuer = load_authority(it.state / "pki", "card-ca")
    elsewhere = _another_issuer()
    policy = next(oid for oid, role in ROLE_POLICIES.items() if role is Role.INSURED)
    keys: dict[str, Keys] = {}
    with it.work() as work:
        for office in offices:
            terminals.add_office(work.db, office, f"Office {office}")
        for place, person in enumerate(persons):
            key = new_key()
            plan = card_plan("9C", person.card, policy, _CARD_YEARS)
            certificate = certify(plan, key.public_key(), elsewhere if person.stranger else issuer, REGISTERED)
            keys[person.card] = Keys(private_pem(key), certificate.public_bytes(Encoding.DER))
            if not person.known:
                continue
            _register(work.db, person, offices[place % len(offices)])
            card = Card(
                person.card, person.number, "insured", "Test Holder", timestamp(REGISTERED), None,
                timestamp(REGISTERED) if person.revoked else None, "lost" if person.revoked else None,
            )  # fmt: skip
            people.add_card(work.db, card, [("9C", certificate.serial_number)])
            _add_record_key(work.db, person.card)
    return keys


def _register(db: Connection, person: Person, office: str) -> None:
    row = PersonRow(
        number=person.number,
        given_name="Test",
        family_name=f"Person{person.number}",
        birth_date="1950-01-01",
        office=office,
        language="cs",
        changes_blocked=person.blocked,
        version=1,
    )
    people.add_person(db, row)
    people.add_contact(
        db,
        person.number,
        channel="email",
        destination=f"{person.number}@mail.example",
        valid_from=timestamp(REGISTERED),
    )
    people.open_account(db, person.number, person.account, timestamp(REGISTERED))
    if person.pensioner:
        people.put_pension(db, Pension(person.number, 1_234_500, "CZK", timestamp(REGISTERED)[:10]))


def _add_record_key(db: Connection, card: str) -> None:
    """Give the card a key that its holder's record is sealed to; nobody keeps the private half, nobody opens it here."""
    key = new_key().public_key()
    until = timestamp(REGISTERED + _CARD_YEARS)
    records.put_card_key(db, card, public_key=point(key), fingerprint=fingerprint(key), not_after=until)


def _another_issuer() -> Authority:
    root_key, key = new_key(), new_key()
    root = Authority(
        certify(authority_plan("Another root", _CARD_YEARS, issues=1), root_key.public_key(), root_key, REGISTERED),
        root_key,
    )
    plan = authority_plan("Another card CA", _CARD_YEARS, tuple(sorted(ROLE_POLICIES)))
    return Authority(certify(plan, key.public_key(), root, REGISTERED), key)
