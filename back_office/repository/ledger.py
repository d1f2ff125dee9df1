"""Payment runs, settings kept in the database, and the rows of the audit log.

Rules:
- A payment run is made once a date; its lines say to which account each person was paid, or that it was held.
- Audit rows are only ever added; the database refuses anything else by trigger.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from back_office.repository import many

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from back_office.database import Connection


@dataclass(frozen=True, slots=True)
class PaymentRun:
    """One payment file."""

    paid_on: str
    cut_off: str
    made_at: str
    message_id: str
    file: str


@dataclass(frozen=True, slots=True)
class Payment:
    """One line of a run; `held` means a dispute kept it out of the file."""

    paid_on: str
    person: str
    iban: str
    amount: int
    currency: str
    held: bool


class AuditRow(NamedTuple):
    """One line of the audit log; `details` is JSON. A tuple: it goes to the database as it is."""

    n: int
    at: str
    role: str
    actor: str
    office: str
    action: str
    subject: str
    purpose: str
    details: str
    hash: str


_PIECE = 1000
_BELOW_ALL = -(2**63)
_AUDIT = ", ".join(AuditRow._fields)
_AUDIT_TYPES = dict.fromkeys(AuditRow._fields, "text") | {"n": "bigint"}


def payment_run(db: Connection, paid_on: str) -> PaymentRun | None:
    """Find the run of a date, None when it was not made yet."""
    row = db.execute(
        "SELECT paid_on, cut_off, made_at, message_id, file FROM payment_run WHERE paid_on = ?", (paid_on,)
    ).fetchone()
    return None if row is None else PaymentRun(**dict(row))


def add_payment_run(db: Connection, run: PaymentRun, payments: Iterable[Payment]) -> None:
    """Keep a run and its lines. Raises Taken when the date was paid already: look first."""
    db.execute(
        "INSERT INTO payment_run (paid_on, cut_off, made_at, message_id, file) VALUES (?, ?, ?, ?, ?)",
        (run.paid_on, run.cut_off, run.made_at, run.message_id, run.file),
    )
    db.executemany(
        "INSERT INTO payment (paid_on, person, iban, amount, currency, held) VALUES (?, ?, ?, ?, ?, ?)",
        [(line.paid_on, line.person, line.iban, line.amount, line.currency, int(line.held)) for line in payments],
    )


def last_run(db: Connection) -> PaymentRun | None:
    """Find the newest run."""
    row = db.execute(
        "SELECT paid_on, cut_off, made_at, message_id, file FROM payment_run ORDER BY paid_on DESC LIMIT 1"
    ).fetchone()
    return None if row is None else PaymentRun(**dict(row))


def setting(db: Connection, name: str) -> str | None:
    """Read a kept value."""
    row = db.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
    return None if row is None else row["value"]


def put_setting(db: Connection, name: str, value: str) -> None:
    """Keep a value."""
    db.execute(
        "INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )


def audit_head(db: Connection) -> AuditRow | None:
    """Find the newest audit line."""
    row = db.execute(f"SELECT {_AUDIT} FROM audit ORDER BY n DESC LIMIT 1").fetchone()  # noqa: S608 - own names
    return None if row is None else AuditRow(**dict(row))


def add_audit(db: Connection, rows: Sequence[AuditRow]) -> None:
    """Add lines."""
    many.insert(db, "audit", _AUDIT_TYPES, rows)


def audit_lines(db: Connection, subject: str | None = None) -> Iterator[AuditRow]:
    """Every line in order, or those about one subject; read in pieces, for the log may be long."""
    after = _BELOW_ALL
    while True:
        rows = db.execute(
            f"SELECT {_AUDIT} FROM audit WHERE n > ? AND (CAST(? AS TEXT) IS NULL OR subject = ?) ORDER BY n LIMIT ?",  # noqa: S608
            (after, subject, subject, _PIECE),
        ).fetchall()
        for row in rows:
            yield AuditRow(**dict(row))
        if len(rows) < _PIECE:
            return
        after = rows[-1]["n"]
