"""The same as `people`, `changes` and `outbox` read of one person, read of many with one statement each.

Rules:
- What a function gives for a person is what the one for one person gives; a test holds them side by side.
- Who has nothing is left out of the answer.
- One table a statement, but for one that few need: it stays a look into an index, however large the tables are when its plan is made.
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
_REQUEST = ", ".join(RequestRow._fields)
_CHANGE = ", ".join(ChangeRow._fields)
_PERSON = ", ".join(PersonRow.__slots__)
_PENSION = ", ".join(Pension.__slots__)
_ACCOUNT = ", ".join(Account.__slots__)


def cards(db: Connection, numbers: Sequence[str]) -> dict[str, Card]:
    """Cards by their numbers."""
    return {row[0]: Card(*row) for row in _rows(db, _CARD, "card", "number", numbers)}


def persons(db: Connection, numbers: Sequence[str]) -> dict[str, PersonRow]:
    """Persons by their numbers."""
    return {row[0]: _person(*row) for row in _rows(db, _PERSON, "person", "number", numbers)}


def _person(  # noqa: PLR0917 - a row
    number: str, given: str, family: str, birth: str, office: str, language: str, blocked: int, version: int
) -> PersonRow:
    return PersonRow(number, given, family, birth, office, language, changes_blocked=bool(blocked), version=version)


def pensions(db: Connection, numbers: Sequence[str]) -> dict[str, Pension]:
    """What persons are paid each month."""
    return {row[0]: Pension(*row) for row in _rows(db, _PENSION, "pension", "person", numbers)}


def accounts_in_force(db: Connection, numbers: Sequence[str]) -> dict[str, Account]:
    """Where payments to persons go now."""
    rows = _rows(db, _ACCOUNT, "account", "person", numbers, "AND valid_to IS NULL")
    return {row[0]: Account(row[0], row[1], row[2], row[3], row[4], reverted=bool(row[5])) for row in rows}


def contacts(db: Connection, numbers: Sequence[str]) -> dict[str, list[Contact]]:
    """Every contact that persons ever had."""
    return _by_person([Contact(*row) for row in _rows(db, _CONTACT, "contact", "person", numbers, "ORDER BY id")])


def cards_of(db: Connection, numbers: Sequence[str]) -> dict[str, list[Card]]:
    """Every card that persons ever had."""
    return _by_person([Card(*row) for row in _rows(db, _CARD, "card", "person", numbers)])


def former_names(db: Connection, numbers: Sequence[str]) -> dict[str, list[str]]:
    """Names that persons had before, newest first."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for row in _rows(db, "person, name", "former_name", "person", numbers, "ORDER BY valid_to DESC"):
        found[row[0]].append(row[1])
    return found


def with_open_loss_reports(db: Connection, numbers: Sequence[str]) -> set[str]:
    """Whose card is reported lost, by a case that is open."""
    lost = "loss_report JOIN desk_case ON subject = request AND kind = 'request' AND closed_at IS NULL"
    return {row[0] for row in _rows(db, "person, request", lost, "person", numbers)}


def deaths(db: Connection, numbers: Sequence[str]) -> dict[str, str]:
    """When who of them died, as an officer confirmed it."""
    standing = "(SELECT * FROM death WHERE withdrawn_at IS NULL) AS standing"
    return {row[0]: row[1] for row in _rows(db, "person, died_on", standing, "person", numbers)}


def changes_of(db: Connection, numbers: Sequence[str]) -> dict[str, list[ChangeRow]]:
    """Bank changes of persons, newest first."""
    rows = _rows(db, _CHANGE, "bank_change", "person", numbers, "ORDER BY received_at DESC")
    return _by_person([ChangeRow(*row) for row in rows])


def requests(db: Connection, ids: Sequence[str]) -> dict[str, RequestRow]:
    """Requests by their ids."""
    return {row[0]: RequestRow(*row) for row in _rows(db, _REQUEST, "request", "id", ids)}


def verifications_since(db: Connection, numbers: Sequence[str], since: str) -> dict[str, int]:
    """How many account verifications were asked for persons since a moment."""
    joined = "bank_change JOIN outbox ON outbox.change = bank_change.id"
    tail = "AND outbox.kind = 'verify_account' AND outbox.created_at >= ? GROUP BY bank_change.person"
    rows = _rows(db, "bank_change.person, count(*)", joined, "bank_change.person", numbers, tail, since)
    return {row[0]: int(row[1]) for row in rows}


def holders(db: Connection, ibans: Sequence[str]) -> dict[str, set[str]]:
    """Who is paid to these accounts, or wants to be by a change that is not over."""
    accounts = _rows(db, "iban, person, valid_to", "account", "iban", ibans)  # any other condition invites another index
    paid = [row for row in accounts if row[2] is None]
    wanted = _rows(db, "iban, person, id", "bank_change", "iban", ibans)
    not_over = "AND decision IN ('received', 'waiting', 'held')"
    under_way = {row[0] for row in _rows(db, "id", "request", "id", sorted(row[2] for row in wanted), not_over)}
    found: defaultdict[str, set[str]] = defaultdict(set)
    for row in (*paid, *(row for row in wanted if row[2] in under_way)):
        found[row[0]].add(row[1])
    return found


def _rows(  # noqa: PLR0917 - the parts of a statement, in their order
    db: Connection, columns: str, table: str, column: str, values: Sequence[str], tail: str = "", *more: str
) -> list[Any]:
    """Select the rows in which a column has one of these values."""
    if not values:
        return []
    sql = f"SELECT {columns} FROM {table} WHERE {many.among(db, column)} {tail}"  # noqa: S608 - own names
    return db.execute(sql, (many.keys(db, values), *more)).fetchall()


def _by_person(found: Sequence[Any]) -> dict[str, list[Any]]:
    sorted_out: defaultdict[str, list[Any]] = defaultdict(list)
    for one in found:
        sorted_out[one.person].append(one)
    return sorted_out
