"""Persons, their contacts, cards and accounts.

Rules:
- Contacts and accounts are never overwritten: the old one ends, the new one begins.
- At most one account of a person is in force (a unique index holds it).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from back_office.repository import moment
from back_office.repository.group import foretold
from kiosk.domain.payments import AccountInForce

if TYPE_CHECKING:
    from collections.abc import Iterable

    from back_office.database import Connection, Row

_ACCOUNT = "person, iban, valid_from, valid_to, change, reverted"


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One insured person."""

    number: str
    given_name: str
    family_name: str
    birth_date: str
    office: str
    language: str
    changes_blocked: bool
    version: int

    @property
    def name(self) -> str:
        """Given and family name, as on a letter."""
        return f"{self.given_name} {self.family_name}"


@dataclass(frozen=True, slots=True)
class Contact:
    """A way to reach a person, with the time in which it was valid."""

    id: int
    person: str
    channel: str
    destination: str
    valid_from: str
    valid_to: str | None


@dataclass(frozen=True, slots=True)
class Account:
    """An account in force for a time; `change` is the bank change that brought it."""

    person: str
    iban: str
    valid_from: str
    valid_to: str | None
    change: str | None
    reverted: bool


@dataclass(frozen=True, slots=True)
class Card:
    """A chip card of the scheme; `person` only for insured persons."""

    number: str
    person: str | None
    role: str
    holder: str
    issued_at: str
    pin_changed_at: str | None
    revoked_at: str | None
    revoked_because: str | None


@dataclass(frozen=True, slots=True)
class Pension:
    """What is paid each month, in the currency's minor unit."""

    person: str
    amount: int
    currency: str
    since: str


def add_person(db: Connection, new: PersonRow) -> None:
    """Register a person."""
    db.execute(
        "INSERT INTO person (number, given_name, family_name, birth_date, office, language, changes_blocked, version) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            new.number,
            new.given_name,
            new.family_name,
            new.birth_date,
            new.office,
            new.language,
            int(new.changes_blocked),
            new.version,
        ),
    )


@foretold
def person(db: Connection, number: str) -> PersonRow | None:
    """One person by number."""
    row = db.execute(
        "SELECT number, given_name, family_name, birth_date, office, language, changes_blocked, version FROM person WHERE number = ?",
        (number,),
    ).fetchone()
    return None if row is None else PersonRow(**{**dict(row), "changes_blocked": bool(row["changes_blocked"])})


def born_on(db: Connection, day: str) -> list[PersonRow]:
    """Everybody who was born on a day."""
    rows = db.execute("SELECT number FROM person WHERE birth_date = ? ORDER BY number", (day,)).fetchall()
    found = (person(db, row["number"]) for row in rows)
    return [one for one in found if one is not None]


def person_count(db: Connection) -> int:
    """How many persons are on file."""
    return int(db.execute("SELECT count(*) FROM person").fetchone()[0])


def block_changes(db: Connection, number: str, *, blocked: bool) -> None:
    """Put or lift the block on bank changes."""
    db.execute("UPDATE person SET changes_blocked = ?, version = version + 1 WHERE number = ?", (int(blocked), number))


def add_former_name(db: Connection, number: str, name: str, valid_to: str) -> None:
    """Keep a name the person had until `valid_to`; one that the person had twice is kept with its last day."""
    db.execute(
        "INSERT INTO former_name (person, name, valid_to) VALUES (?, ?, ?) "
        "ON CONFLICT (person, name) DO UPDATE SET valid_to = excluded.valid_to",
        (number, name, valid_to),
    )


def rename(db: Connection, number: str, *, given_name: str, family_name: str, at: str) -> None:
    """Give a person another name from `at` on; the one before is kept."""
    before = db.execute("SELECT given_name, family_name FROM person WHERE number = ?", (number,)).fetchone()
    add_former_name(db, number, f"{before['given_name']} {before['family_name']}", at)
    db.execute(
        "UPDATE person SET given_name = ?, family_name = ?, version = version + 1 WHERE number = ?",
        (given_name, family_name, number),
    )


@foretold
def former_names(db: Connection, number: str) -> tuple[str, ...]:
    """List the names the person had before, newest first."""
    rows = db.execute("SELECT name FROM former_name WHERE person = ? ORDER BY valid_to DESC", (number,))
    return tuple(row["name"] for row in rows)


def add_contact(
    db: Connection, number: str, *, channel: str, destination: str, valid_from: str, valid_to: str | None = None
) -> int:
    """Keep a contact from a time on; returns its id."""
    row = db.execute(
        "INSERT INTO contact (person, channel, destination, valid_from, valid_to) VALUES (?, ?, ?, ?, ?) RETURNING id",
        (number, channel, destination, valid_from, valid_to),
    ).fetchone()
    return int(row["id"])


@foretold
def contacts_valid_since(db: Connection, number: str, since: str) -> list[Contact]:
    """Every contact that was valid at any moment after `since`, old ones included."""
    rows = db.execute(
        "SELECT id, person, channel, destination, valid_from, valid_to FROM contact "
        "WHERE person = ? AND (valid_to IS NULL OR valid_to > ?) ORDER BY id",
        (number, since),
    )
    return [Contact(**dict(row)) for row in rows]


def replace_contact(db: Connection, number: str, *, channel: str, destination: str, at: str) -> None:
    """End what is valid on a channel and begin `destination` ("": nothing follows); the record's version grows."""
    db.execute(
        "UPDATE contact SET valid_to = ? WHERE person = ? AND channel = ? AND (valid_to IS NULL OR valid_to > ?)",
        (at, number, channel, at),
    )
    if destination:
        add_contact(db, number, channel=channel, destination=destination, valid_from=at)
    db.execute("UPDATE person SET version = version + 1 WHERE number = ?", (number,))


def add_card(db: Connection, new: Card, certificates: Iterable[tuple[str, int]]) -> None:
    """Register a card with its certificates as (slot, serial number)."""
    db.execute(
        "INSERT INTO card (number, person, role, holder, issued_at, pin_changed_at, revoked_at, revoked_because) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            new.number,
            new.person,
            new.role,
            new.holder,
            new.issued_at,
            new.pin_changed_at,
            new.revoked_at,
            new.revoked_because,
        ),
    )
    db.executemany(
        "INSERT INTO card_certificate (serial, card, slot) VALUES (?, ?, ?)",
        [(str(serial), new.number, slot) for slot, serial in certificates],
    )


@foretold
def card(db: Connection, number: str) -> Card | None:
    """One card by number."""
    row = db.execute(
        "SELECT number, person, role, holder, issued_at, pin_changed_at, revoked_at, revoked_because FROM card WHERE number = ?",
        (number,),
    ).fetchone()
    return None if row is None else Card(**dict(row))


@foretold
def cards_of(db: Connection, person_number: str) -> list[Card]:
    """Every card a person ever had."""
    rows = db.execute(
        "SELECT number, person, role, holder, issued_at, pin_changed_at, revoked_at, revoked_because FROM card WHERE person = ?",
        (person_number,),
    )
    return [Card(**dict(row)) for row in rows]


def pin_changed(db: Connection, number: str, at: str) -> None:
    """Note that a card got a new PIN; an older day never replaces a newer one."""
    db.execute(
        "UPDATE card SET pin_changed_at = ? WHERE number = ? AND (pin_changed_at IS NULL OR pin_changed_at < ?)",
        (at, number, at),
    )


def revoke_card(db: Connection, number: str, at: str, because: str) -> bool:
    """Revoke a card; False when it was revoked already."""
    done = db.execute(
        "UPDATE card SET revoked_at = ?, revoked_because = ? WHERE number = ? AND revoked_at IS NULL",
        (at, because, number),
    )
    return done.rowcount == 1


def revoked_serials(db: Connection) -> frozenset[int]:
    """List the serial numbers of every certificate on a revoked card."""
    rows = db.execute(
        "SELECT serial FROM card_certificate JOIN card ON card.number = card_certificate.card WHERE card.revoked_at IS NOT NULL"
    )
    return frozenset(int(row["serial"]) for row in rows)


def open_account(db: Connection, number: str, iban: str, at: str, change: str | None = None) -> None:
    """From `at` on, payments go to `iban`: the account before ends, and then the record's version grows."""
    ended = db.execute("UPDATE account SET valid_to = ? WHERE person = ? AND valid_to IS NULL", (at, number))
    db.execute("INSERT INTO account (person, iban, valid_from, change) VALUES (?, ?, ?, ?)", (number, iban, at, change))
    if ended.rowcount:
        db.execute("UPDATE person SET version = version + 1 WHERE number = ?", (number,))


def revert_account(db: Connection, number: str, change: str, at: str) -> str | None:
    """Take back the account that a change brought: the one before is in force again; returns it."""
    before = db.execute(
        "SELECT iban, change FROM account WHERE person = ? AND reverted = 0 AND coalesce(change, '') <> ? "
        "AND id < (SELECT id FROM account WHERE person = ? AND change = ? ORDER BY id LIMIT 1) ORDER BY id DESC LIMIT 1",
        (number, change, number, change),
    ).fetchone()
    db.execute("UPDATE account SET reverted = 1 WHERE person = ? AND change = ?", (number, change))
    current = account_in_force(db, number)
    if before is None or current is None or current.change != change:
        return None
    open_account(db, number, before["iban"], at, before["change"])
    return str(before["iban"])


@foretold
def account_in_force(db: Connection, number: str) -> Account | None:
    """Find the account that payments go to now."""
    row = db.execute(f"SELECT {_ACCOUNT} FROM account WHERE person = ? AND valid_to IS NULL", (number,)).fetchone()  # noqa: S608
    return None if row is None else _account(row)


def accounts_of(db: Connection, number: str) -> list[Account]:
    """Every account the person had, oldest first."""
    rows = db.execute(f"SELECT {_ACCOUNT} FROM account WHERE person = ? ORDER BY id", (number,))  # noqa: S608
    return [_account(row) for row in rows]


def account_history(db: Connection, number: str) -> list[AccountInForce]:
    """Every account the person had, as the payment rules read it (kiosk.domain.payments.payee), oldest first."""
    rows = db.execute(
        "SELECT iban, valid_from, account.change, reverted, "
        "EXISTS (SELECT 1 FROM payment_hold WHERE payment_hold.change = account.change AND released_at IS NULL) AS disputed "
        "FROM account WHERE account.person = ? ORDER BY account.id",
        (number,),
    )
    return [
        AccountInForce(
            account=row["iban"],
            since=moment(row["valid_from"]),
            change=row["change"] or "",
            disputed=bool(row["disputed"]),
            reverted=bool(row["reverted"]),
        )
        for row in rows
    ]


def _account(row: Row) -> Account:
    return Account(**{**dict(row), "reverted": bool(row["reverted"])})


@foretold
def others_with_account(db: Connection, iban: str, number: str) -> int:
    """How many other persons are paid to this account, or want to be by a change that is not over."""
    row = db.execute(
        "SELECT count(*) FROM (SELECT person FROM account WHERE iban = ? AND valid_to IS NULL AND person <> ? "
        "UNION SELECT person FROM bank_change WHERE iban = ? AND person <> ? "
        "AND id IN (SELECT id FROM request WHERE decision IN ('received', 'waiting', 'held'))) AS others",
        (iban, number, iban, number),
    ).fetchone()
    return int(row[0])


def put_pension(db: Connection, new: Pension) -> None:
    """Keep what the person is paid each month."""
    db.execute(
        "INSERT INTO pension (person, amount, currency, since) VALUES (?, ?, ?, ?)",
        (new.person, new.amount, new.currency, new.since),
    )


@foretold
def pension(db: Connection, number: str) -> Pension | None:
    """Find the person's pension, None when there is none."""
    row = db.execute("SELECT person, amount, currency, since FROM pension WHERE person = ?", (number,)).fetchone()
    return None if row is None else Pension(**dict(row))


def pensions(db: Connection) -> list[Pension]:
    """Every pension, by person."""
    rows = db.execute("SELECT person, amount, currency, since FROM pension ORDER BY person")
    return [Pension(**dict(row)) for row in rows]
