"""Requests and bank changes: where each stands, how it got there, and the codes that stop it.

Rules:
- A request has one row under its inner id; its decision is a code of the API.
- `save_change` succeeds only for the revision the caller read.
- Cancellation codes are kept as keyed hashes only.
- Rows are tuples: they are made by the thousand, and go to the database as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from back_office.repository import many
from back_office.repository.group import Kind, foretold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from back_office.database import Connection, Row


class RequestRow(NamedTuple):
    """One decided (or being decided) transaction."""

    id: str
    service: str
    person: str | None
    card: str
    office: str
    terminal: str
    language: str
    answer_key: str
    signed_at: str
    decision: str
    text_key: str
    parameters: str
    decided_at: str


class ChangeRow(NamedTuple):
    """A bank change as kept; `document` is the JSON of the domain's value and counts, the rest is for looking up."""

    id: str
    person: str
    office: str
    iban: str
    as_typed: str
    state: str
    document: str
    verification: str
    holder_name: str
    due_at: str | None
    received_at: str
    in_force_at: str | None
    revision: int


class ChangeEvent(NamedTuple):
    """One step of a change."""

    change: str
    n: int
    at: str
    event: str
    actor: str
    reason: str
    before: str
    after: str


_REQUEST = ", ".join(RequestRow._fields)
_CHANGE = ", ".join(ChangeRow._fields)
_REQUEST_TYPES = dict.fromkeys(RequestRow._fields, "text")
_CHANGE_TYPES = dict.fromkeys(ChangeRow._fields, "text") | {"revision": "bigint"}
_EVENT_TYPES = dict.fromkeys(ChangeEvent._fields, "text") | {"n": "bigint"}


def _change(row: Row | None) -> ChangeRow | None:
    return None if row is None else ChangeRow(**dict(row))


def put_request(db: Connection, row: RequestRow) -> None:
    """Write or rewrite the decision of a request."""
    REQUESTS.add(db, row)


def _put_requests(db: Connection, rows: Sequence[RequestRow]) -> None:
    newest = {row.id: row for row in rows}  # one statement writes a row once
    tail = (
        "ON CONFLICT (id) DO UPDATE SET decision = excluded.decision, text_key = excluded.text_key, "
        "parameters = excluded.parameters, decided_at = excluded.decided_at"
    )
    many.insert(db, "request", _REQUEST_TYPES, list(newest.values()), tail)


REQUESTS = Kind(1, _put_requests)


@foretold
def request(db: Connection, transaction_id: str) -> RequestRow | None:
    """One request by its id."""
    row = db.execute(f"SELECT {_REQUEST} FROM request WHERE id = ?", (transaction_id,)).fetchone()  # noqa: S608
    return None if row is None else RequestRow(**dict(row))


def requests_of(db: Connection, person: str, limit: int = 50) -> list[RequestRow]:
    """List a person's own requests, newest first."""
    rows = db.execute(
        f"SELECT {_REQUEST} FROM request WHERE person = ? ORDER BY decided_at DESC, id DESC LIMIT ?",  # noqa: S608
        (person, limit),
    )
    return [RequestRow(**dict(row)) for row in rows]


def add_change(db: Connection, row: ChangeRow) -> None:
    """Keep a new bank change."""
    CHANGES.add(db, row)


def _add_changes(db: Connection, rows: Sequence[ChangeRow]) -> None:
    many.insert(db, "bank_change", _CHANGE_TYPES, rows)


CHANGES = Kind(2, _add_changes)


def save_change(db: Connection, row: ChangeRow) -> bool:
    """Write a change back and count its revision up; False when someone else was faster."""
    done = db.execute(
        "UPDATE bank_change SET state = ?, document = ?, verification = ?, holder_name = ?, due_at = ?, in_force_at = ?, "
        "revision = revision + 1 WHERE id = ? AND revision = ?",
        (row.state, row.document, row.verification, row.holder_name, row.due_at, row.in_force_at, row.id, row.revision),
    )
    return done.rowcount == 1


def change(db: Connection, change_id: str) -> ChangeRow | None:
    """One bank change by its transaction id."""
    return _change(db.execute(f"SELECT {_CHANGE} FROM bank_change WHERE id = ?", (change_id,)).fetchone())  # noqa: S608


@foretold
def changes_of(db: Connection, person: str) -> list[ChangeRow]:
    """List a person's bank changes, newest first."""
    rows = db.execute(f"SELECT {_CHANGE} FROM bank_change WHERE person = ? ORDER BY received_at DESC", (person,))  # noqa: S608
    return [ChangeRow(**dict(row)) for row in rows]


def due_changes(db: Connection, now: str) -> list[str]:
    """List the changes whose wait is over."""
    rows = db.execute("SELECT id FROM bank_change WHERE due_at IS NOT NULL AND due_at <= ? ORDER BY due_at, id", (now,))
    return [row["id"] for row in rows]


def add_event(
    db: Connection, change_id: str, *, at: str, event: str, actor: str, reason: str, before: str, after: str
) -> None:
    """Keep one step of a change."""
    db.execute(
        "INSERT INTO bank_change_event (change, n, at, event, actor, reason, before, after) "
        "SELECT ?, coalesce(max(n), 0) + 1, ?, ?, ?, ?, ?, ? FROM bank_change_event WHERE change = ?",
        (change_id, at, event, actor, reason, before, after, change_id),
    )


def add_events(db: Connection, rows: Sequence[ChangeEvent]) -> None:
    """Keep the first steps of a change, numbered by who made them."""
    for row in rows:
        EVENTS.add(db, row)


def _add_events(db: Connection, rows: Sequence[ChangeEvent]) -> None:
    many.insert(db, "bank_change_event", _EVENT_TYPES, rows)


EVENTS = Kind(3, _add_events)


def events(db: Connection, change_id: str) -> list[ChangeEvent]:
    """Every step of a change, in order."""
    rows = db.execute(
        'SELECT change, n, at, event, actor, reason, before, "after" FROM bank_change_event WHERE change = ? ORDER BY n',
        (change_id,),
    )
    return [ChangeEvent(**dict(row)) for row in rows]


def put_cancellation_code(db: Connection, change_id: str, digest: str, at: str) -> None:
    """Keep the hash of the code that travels with the notices."""
    db.execute("INSERT INTO cancellation_code (change, digest, made_at) VALUES (?, ?, ?)", (change_id, digest, at))


def cancellation_digest(db: Connection, change_id: str) -> str | None:
    """Find the hash of a change's code."""
    row = db.execute("SELECT digest FROM cancellation_code WHERE change = ?", (change_id,)).fetchone()
    return None if row is None else row["digest"]


def change_by_code(db: Connection, digest: str) -> str | None:
    """Find the change that a cancellation code belongs to."""
    row = db.execute("SELECT change FROM cancellation_code WHERE digest = ?", (digest,)).fetchone()
    return None if row is None else row["change"]


def add_code_failure(db: Connection, terminal: str, at: str) -> None:
    """Keep that a wrong code was typed at a terminal."""
    db.execute("INSERT INTO code_failure (terminal, at) VALUES (?, ?)", (terminal, at))


def code_failures(db: Connection, terminal: str, since: str) -> list[str]:
    """List when wrong codes were typed at a terminal, oldest first."""
    rows = db.execute("SELECT at FROM code_failure WHERE terminal = ? AND at > ? ORDER BY at", (terminal, since))
    return [row["at"] for row in rows]


def hold_payments(db: Connection, change_id: str, person: str, since: str) -> None:
    """Begin a dispute: payments to the account of this change are held."""
    db.execute(
        "INSERT INTO payment_hold (change, person, since) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        (change_id, person, since),
    )


def release_payments(db: Connection, change_id: str, at: str) -> None:
    """End a dispute."""
    db.execute("UPDATE payment_hold SET released_at = ? WHERE change = ? AND released_at IS NULL", (at, change_id))


def payments_held(db: Connection, person: str) -> bool:
    """Whether an open dispute holds this person's payments."""
    row = db.execute("SELECT 1 FROM payment_hold WHERE person = ? AND released_at IS NULL", (person,)).fetchone()
    return row is not None
