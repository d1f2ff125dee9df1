"""The same as `people`, `changes` and `outbox` read of one person, read of many with one statement each.

Rules:
- What a function gives for a person is what the one for one person gives; a test holds them side by side.
- Who has nothing is left out of the answer.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from back_office.repository import many
from back_office.repository.changes import ChangeRow, RequestRow
from back_office.repository.people import Account, Card, Contact, Pension, PersonRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from back_office.database import Connection

_CARD = ", ".join(Card.__slots__)
_CONTACT = ", ".join(Contact.__slots__)
_REQUEST = ", ".join(RequestRow.__slots__)
_CHANGE = ", ".join(ChangeRow.__slots__)
_PERSON_COLUMNS, _PENSION_COLUMNS = 8, 4


def cards(db: Connection, numbers: Sequence[str]) -> dict[str, Card]:
    """Cards by their numbers."""
    return {row[0]: Card(*row) for row in _rows(db, f"SELECT {_CARD} FROM card WHERE {{}}", "number", numbers)}


def people_with_pay(
    db: Connection, numbers: Sequence[str]
) -> dict[str, tuple[PersonRow, Pension | None, Account | None]]:
    """Persons, what they are paid each month, and where it goes now."""
    sql = (
        "SELECT person.number, given_name, family_name, birth_date, office, language, changes_blocked, version, "
        "pension.person, amount, currency, since, "
        "account.person, iban, valid_from, valid_to, account.change, reverted "
        "FROM person LEFT JOIN pension ON pension.person = person.number "
        "LEFT JOIN account ON account.person = person.number AND account.valid_to IS NULL WHERE {}"
    )
    return {row[0]: _with_pay(tuple(row)) for row in _rows(db, sql, "person.number", numbers)}


def _with_pay(row: tuple[Any, ...]) -> tuple[PersonRow, Pension | None, Account | None]:
    *described, blocked, version = row[:_PERSON_COLUMNS]
    pension = row[_PERSON_COLUMNS : _PERSON_COLUMNS + _PENSION_COLUMNS]
    *where, reverted = row[_PERSON_COLUMNS + _PENSION_COLUMNS :]
    return (
        PersonRow(*described, bool(blocked), version),
        None if pension[0] is None else Pension(*pension),
        None if where[0] is None else Account(*where, bool(reverted)),
    )


def contacts(db: Connection, numbers: Sequence[str]) -> dict[str, list[Contact]]:
    """Every contact that persons ever had."""
    sql = f"SELECT {_CONTACT} FROM contact WHERE {{}} ORDER BY id"
    return _by_person([Contact(*row) for row in _rows(db, sql, "person", numbers)])


def cards_of(db: Connection, numbers: Sequence[str]) -> dict[str, list[Card]]:
    """Every card that persons ever had."""
    return _by_person([Card(*row) for row in _rows(db, f"SELECT {_CARD} FROM card WHERE {{}}", "person", numbers)])


def former_names(db: Connection, numbers: Sequence[str]) -> dict[str, list[str]]:
    """Names that persons had before, newest first."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for row in _rows(db, "SELECT person, name FROM former_name WHERE {} ORDER BY valid_to DESC", "person", numbers):
        found[row[0]].append(row[1])
    return found


def changes_of(db: Connection, numbers: Sequence[str]) -> dict[str, list[ChangeRow]]:
    """Bank changes of persons, newest first."""
    sql = f"SELECT {_CHANGE} FROM bank_change WHERE {{}} ORDER BY received_at DESC"
    return _by_person([ChangeRow(*row) for row in _rows(db, sql, "person", numbers)])


def requests(db: Connection, ids: Sequence[str]) -> dict[str, RequestRow]:
    """Requests by their ids."""
    sql = f"SELECT {_REQUEST} FROM request WHERE {{}}"
    return {row[0]: RequestRow(*row) for row in _rows(db, sql, "id", ids)}


def verifications_since(db: Connection, numbers: Sequence[str], since: str) -> dict[str, int]:
    """How many account verifications were asked for persons since a moment."""
    sql = (
        "SELECT bank_change.person, count(*) FROM bank_change JOIN outbox ON outbox.change = bank_change.id "
        "WHERE {} AND outbox.kind = 'verify_account' AND outbox.created_at >= ? GROUP BY bank_change.person"
    )
    return {row[0]: int(row[1]) for row in _rows(db, sql, "bank_change.person", numbers, since)}


def holders(db: Connection, ibans: Sequence[str]) -> dict[str, set[str]]:
    """Who is paid to these accounts, or wants to be by a change that is not over."""
    paid, wanted = "SELECT iban, person FROM account WHERE {} AND valid_to IS NULL", (
        "SELECT bank_change.iban, bank_change.person FROM bank_change JOIN request ON request.id = bank_change.id "
        "WHERE {} AND request.decision IN ('received', 'waiting', 'held')"
    )
    found: defaultdict[str, set[str]] = defaultdict(set)
    for row in (*_rows(db, paid, "iban", ibans), *_rows(db, wanted, "bank_change.iban", ibans)):
        found[row[0]].add(row[1])
    return found


def _rows(db: Connection, sql: str, column: str, values: Sequence[str], *more: str) -> list[Any]:
    """Run a statement whose `{}` is the condition that a column is one of these values."""
    return db.execute(sql.format(many.among(db, column)), (many.keys(db, values), *more)).fetchall() if values else []


def _by_person(found: Sequence[Any]) -> dict[str, list[Any]]:
    sorted_out: defaultdict[str, list[Any]] = defaultdict(list)
    for one in found:
        sorted_out[one.person].append(one)
    return sorted_out
