"""The demonstration's people: 500 synthetic persons with numbers, contacts, cards and accounts that hold together.

Rules:
- The same seed and day give the same people; nobody in it is real, and every number passes its own check.
- The holders of the demonstration cards are named here, with the accounts that the scripted visits use.
- Whose account it is, only the bank's own customer list says (STATE/bank/customers.json); the numbers themselves say nothing.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from faker import Faker

from kiosk.domain.accounts import Account, parse_account
from kiosk.domain.card import Role
from kiosk.domain.identifiers import Identifier, parse_identifier

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kiosk.domain.scheme import Scheme

SEED = 20_091_117
OFFICES = {"101": "Praha 2", "102": "Brno-střed", "103": "Ostrava"}
SILENT_HOUSE = "3060"
"""A bank of the scheme that takes no part in the verification of holders."""
DIVERTED_DAYS_AGO = 5
_HOUSES = ("0100", "0300", "0600", "0800", "2010", "3030", "5500", "6210", "2700")
_WEIGHTS = (6, 3, 7, 9, 10, 5, 8, 4, 2, 1)
_NINE_DIGITS_UNTIL = 1954
"""Birth numbers had nine digits and no check digit before 1954 (act 133/2000 Coll. section 13)."""

Sex = Literal["f", "m"]


@dataclass(frozen=True, slots=True)
class SyntheticContact:
    """A contact and when it was valid."""

    channel: str
    destination: str
    valid_from: datetime
    valid_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class SyntheticPerson:
    """One person, ready for the record. `pension` in the currency's minor unit, None: none is paid."""

    name: str
    """The name of the demonstration card, empty for everybody else."""
    number: str
    given_name: str
    family_name: str
    birth_date: date
    office: str
    language: str
    card: str
    role: Role
    contacts: tuple[SyntheticContact, ...]
    account: str
    pension: int | None
    former_name: str = ""
    label: str = ""

    @property
    def full_name(self) -> str:
        """Given and family name."""
        return f"{self.given_name} {self.family_name}"


@dataclass(frozen=True, slots=True)
class Holding:
    """An account and its holder as the bank knows them."""

    iban: str
    holder: str
    former_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CardOnly:
    """A demonstration card whose holder is no insured person of this office."""

    name: str
    number: str
    holder: str
    role: Role
    label: str


@dataclass(frozen=True, slots=True)
class Population:
    """Everybody, the cards beside them, and the bank's customers. `accounts`: those of the scripted visits, by name."""

    persons: tuple[SyntheticPerson, ...]
    cards: tuple[CardOnly, ...]
    holdings: tuple[Holding, ...]
    accounts: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Lead:
    """A named holder of the demonstration."""

    name: str
    given_name: str
    family_name: str
    sex: Sex
    born: date
    pension: int | None
    label: str
    language: str = "cs"
    former_name: str = ""


_LEADS = (
    _Lead("marie", "Marie", "Novotná", "f", date(1951, 4, 12), 18_947_00, "Marie Novotná, pensioner"),
    _Lead("josef", "Josef", "Svoboda", "m", date(1979, 9, 30), None, "Josef Svoboda, worker"),
    _Lead(
        "ludmila", "Ludmila", "Procházková", "f", date(1947, 1, 23), 17_220_00, "Ludmila Procházková, second pensioner",
        former_name="Ludmila Veselá",
    ),
    _Lead("karel", "Karel", "Dvořák", "m", date(1949, 11, 5), 20_115_00, "Karel Dvořák, pensioner with RSA keys"),
    _Lead("revoked", "Věra", "Horáková", "f", date(1955, 6, 17), 16_480_00, "Věra Horáková, whose card is revoked"),
    _Lead(
        "diverted", "Anna", "Kučerová", "f", date(1944, 2, 8), 19_006_00,
        "Anna Kučerová, whose address was changed a few days ago",
    ),
)  # fmt: skip

_NEWCOMER = _Lead(
    "tomas", "Tomáš", "Marek", "m", date(1998, 5, 14), None, "Tomáš Marek, whose card is new: its PIN comes in a letter"
)
"""Takes the place of the first of everybody else, drawn apart, so that nobody else's numbers depend on it."""

_CARDS = (
    CardOnly("employer", "7000000001", "Pekárna U Lípy s.r.o.", Role.EMPLOYER, "Pekárna U Lípy, employer"),
    CardOnly("staff", "8000000001", "Jana Němcová", Role.STAFF, "Jana Němcová, staff"),
    CardOnly("officer", "8000000002", "Alena Říhová", Role.STAFF, "Alena Říhová, officer of the desk"),
    CardOnly("technician", "9000000001", "Petr Beneš", Role.TECHNICIAN, "Petr Beneš, technician"),
    CardOnly("stranger", "6000000001", "Neznámá Osoba", Role.INSURED, "a card of an unknown issuer"),
    CardOnly("broken", "6000000002", "Pokažená Karta", Role.INSURED, "a broken card"),
)

LEAST = len(_LEADS)
"""As many persons as there are named holders."""


def populate(scheme: Scheme, at: datetime, *, count: int = 500, seed: int = SEED) -> Population:
    """Make `count` persons (the demonstration's holders among them) as they are at `at` (aware)."""
    source = _Source(scheme, at, seed)
    persons = [_lead(source, lead, place) for place, lead in enumerate(_LEADS)]
    accounts, more = _visit_accounts(source, persons)  # before the others, so that their number changes nothing here
    persons += [_anybody(source, place) for place in range(len(persons), count)]
    if count > LEAST:
        persons[LEAST] = _lead(_Source(scheme, at, seed + 1), _NEWCOMER, LEAST)
    holdings = [
        Holding(person.account, person.full_name, (person.former_name,) if person.former_name else ())
        for person in persons
        if person.account
    ]
    return Population(tuple(persons), _CARDS, (*holdings, *more), accounts)


def _visit_accounts(source: _Source, persons: list[SyntheticPerson]) -> tuple[dict[str, str], list[Holding]]:
    """Make the accounts that are typed in the scripted visits, and whose they are."""
    accounts: dict[str, str] = {}
    holdings: list[Holding] = []

    def give(name: str, holder: str, house: str) -> None:
        accounts[name] = source.account(house)
        holdings.append(Holding(accounts[name], holder))

    for person in persons:
        if person.account:
            accounts[f"{person.name}_current"] = person.account
        for place, house in (("second", "0800"), ("third", "2010"), ("fourth", "5500")):
            give(f"{person.name}_{place}", person.full_name, house)
    give("of_someone_else", "Zdeněk Pokorný", "0100")
    give("close_name", "Marie Anna Novotná", "0300")
    give("close_name_ludmila", "Ludmila Procházkova-Veselá", "0300")
    give("not_possible", "Marie Novotná", SILENT_HOUSE)
    give("not_possible_karel", "Karel Dvořák", SILENT_HOUSE)
    accounts["unknown_at_bank"] = source.account("0600")
    return accounts, holdings


class _Source:
    """Draws everything from one seed, and nothing twice."""

    def __init__(self, scheme: Scheme, at: datetime, seed: int) -> None:
        self.scheme = scheme
        self.at = at
        self.random = random.Random(seed)  # noqa: S311 - synthetic people, the same every time
        self.faker = Faker("cs_CZ")
        self.faker.seed_instance(seed)
        self._numbers: set[str] = set()
        self._accounts: set[str] = set()

    def number(self, born: date, sex: Sex) -> str:
        """Draw a birth number for a day of birth (act 133/2000 Coll. section 13)."""
        month = born.month + (50 if sex == "f" else 0)
        stem = f"{born.year % 100:02d}{month:02d}{born.day:02d}{self.random.randint(1, 999):03d}"
        if born.year >= _NINE_DIGITS_UNTIL:
            check = int(stem) % 11
            stem += "0" if check == 10 else str(check)  # noqa: PLR2004 - the rule of the act: 10 is written 0
        found = parse_identifier(self.scheme.person_number, stem)
        if not isinstance(found, Identifier) or found.value in self._numbers or (stem.endswith("0") and len(stem) > 9):  # noqa: PLR2004
            return self.number(born, sex)
        self._numbers.add(found.value)
        return found.value

    def account(self, house: str) -> str:
        """Draw an account at a house, as IBAN (decree 169/2011 Coll. section 4 for the domestic number)."""
        digits = [self.random.randint(1, 9), *(self.random.randint(0, 9) for _ in range(8))]
        check = -sum(digit * weight for digit, weight in zip(digits, _WEIGHTS, strict=False)) % 11
        number = "".join(map(str, digits)) + str(check)
        found = parse_account(f"{number}/{house}", self.scheme) if check <= 9 else None  # noqa: PLR2004 - one digit
        if not isinstance(found, Account) or found.iban in self._accounts:
            return self.account(house)
        self._accounts.add(found.iban)
        return found.iban

    def long_ago(self) -> datetime:
        """Draw a time well outside every window of the firewall."""
        return self.at - timedelta(days=self.random.randint(500, 4000))

    def address(self, name: str) -> str:
        """Draw a postal address, in lines."""
        return f"{name}\n{self.faker.street_address()}\n{self.faker.postcode()} {self.faker.city()}"


def _lead(source: _Source, lead: _Lead, place: int) -> SyntheticPerson:
    name = f"{lead.given_name} {lead.family_name}"
    contacts = [
        SyntheticContact("letter", source.address(name), source.long_ago()),
        SyntheticContact("email", f"{lead.name}@mail.example", source.long_ago()),
        SyntheticContact("sms", f"+42060100{place:04d}", source.long_ago()),
    ]
    if lead.name == "diverted":
        moved = source.at - timedelta(days=DIVERTED_DAYS_AGO)
        old = contacts[0]
        contacts[0] = SyntheticContact("letter", old.destination, old.valid_from, moved)
        contacts.append(SyntheticContact("letter", source.address(name), moved))
    return SyntheticPerson(
        name=lead.name,
        number=source.number(lead.born, lead.sex),
        given_name=lead.given_name,
        family_name=lead.family_name,
        birth_date=lead.born,
        office="101",
        language=lead.language,
        card=f"10000000{place + 1:02d}",
        role=Role.INSURED,
        contacts=tuple(contacts),
        account=source.account(_HOUSES[place]) if lead.pension is not None else "",
        pension=lead.pension,
        former_name=lead.former_name,
        label=lead.label,
    )


def _anybody(source: _Source, place: int) -> SyntheticPerson:
    sex: Sex = "f" if source.random.random() < 0.55 else "m"  # noqa: PLR2004 - more women grow old
    faker, draw = source.faker, source.random
    given = faker.first_name_female() if sex == "f" else faker.first_name_male()
    family = faker.last_name_female() if sex == "f" else faker.last_name_male()
    retired = draw.random() < 0.7  # noqa: PLR2004
    years = draw.randint(63, 95) if retired else draw.randint(20, 62)
    born = (source.at - timedelta(days=years * 365 + draw.randint(0, 364))).date()
    married = sex == "f" and draw.random() < 0.3  # noqa: PLR2004
    return SyntheticPerson(
        name="",
        number=source.number(born, sex),
        given_name=given,
        family_name=family,
        birth_date=born,
        office=draw.choice(list(OFFICES)),
        language="cs",
        card=f"20{place:08d}",
        role=Role.INSURED,
        contacts=tuple(_contacts(source, f"{given} {family}", place)),
        account=source.account(draw.choice(_HOUSES)) if retired else "",
        pension=draw.randint(9_000, 32_000) * 100 if retired else None,
        former_name=f"{given} {faker.last_name_female()}" if married else "",
    )


def _contacts(source: _Source, name: str, place: int) -> Iterator[SyntheticContact]:
    """Draw contacts: nearly everybody has an address, some have mail or a telephone, a few have nothing."""
    draw = source.random
    if draw.random() < 0.98:  # noqa: PLR2004
        yield SyntheticContact("letter", source.address(name), source.long_ago())
    if draw.random() < 0.45:  # noqa: PLR2004
        yield SyntheticContact("email", f"person{place}@mail.example", source.long_ago())
    if draw.random() < 0.6:  # noqa: PLR2004
        since = source.long_ago()
        changed = source.at - timedelta(days=draw.randint(100, 450))
        yield SyntheticContact("sms", f"+42060{place:07d}", since, changed)
        yield SyntheticContact("sms", f"+42070{place:07d}", changed)
