"""The same as `people`, `changes` and `outbox` read of one person, read of many with one statement each.

Rules:
- What a function gives for a person is what the one for one person gives; a test holds them side by side.
- Who has nothing is left out of the answer.
- One table a statement: it stays a look into an index, however large the tables are when its plan is made.
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
_PERSON = ", ".join(PersonRow.__slots__)
_BLOCKED = PersonRow.__slots__.index("changes_blocked")
_PENSION = ", ".join(Pension.__slots__)
_ACCOUNT = ", ".join(Account.__slots__)


def cards(db: Connection, numbers: Sequence[str]) -> dict[str, Card]:
    """Cards by their numbers."""
    return {row[0]: Card(*row) for row in _rows(db, f"SELECT {_CARD} FROM card WHERE {{}}", "number", numbers)}


def persons(db: Connection, numbers: Sequence[str]) -> dict[str, PersonRow]:
    """Persons by their numbers."""
    found = _rows(db, f"SELECT {_PERSON} FROM person WHERE {{}}", "number", numbers)
    return {row[0]: PersonRow(*row[:_BLOCKED], bool(row[_BLOCKED]), row[_BLOCKED + 1]) for row in found}


def pensions(db: Connection, numbers: Sequence[str]) -> dict[str, Pension]:
    """What persons are paid each month."""
    return {row[0]: Pension(*row) for row in _rows(db, f"SELECT {_PENSION} FROM pension WHERE {{}}", "person", numbers)}


def accounts_in_force(db: Connection, numbers: Sequence[str]) -> dict[str, Account]:
    """Where payments to persons go now."""
    sql = f"SELECT {_ACCOUNT} FROM account WHERE {{}} AND valid_to IS NULL"
    return {row[0]: Account(*row[:-1], bool(row[-1])) for row in _rows(db, sql, "person", numbers)}


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
    paid = _rows(db, "SELECT iban, person FROM account WHERE {} AND valid_to IS NULL", "iban", ibans)
    wanted = _rows(db, "SELECT iban, person, id FROM bank_change WHERE {}", "iban", ibans)
    sql = "SELECT id FROM request WHERE {} AND decision IN ('received', 'waiting', 'held')"
    open_ = {row[0] for row in _rows(db, sql, "id", sorted(row[2] for row in wanted))}
    found: defaultdict[str, set[str]] = defaultdict(set)
    for row in (*paid, *(row for row in wanted if row[2] in open_)):
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
