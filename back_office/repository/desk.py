"""What waits for officers: cases, calls for staff, and who may sign in.

Rules:
- One case a kind and subject; closing counts the revision up and succeeds only for the revision the officer saw.
- A call carries terminal, step and time, nothing of a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from back_office.database import Connection


@dataclass(frozen=True, slots=True)
class DeskCase:
    """One thing an officer must look at; `kind` is held_change, stop, dispute, quarantine or conflict.

    `first_officer` has accepted what takes two.
    """

    n: int
    kind: str
    subject: str
    office: str
    opened_at: str
    reason: str
    closed_at: str | None
    closed_by: str | None
    outcome: str | None
    remark: str | None
    revision: int
    first_officer: str | None = None


@dataclass(frozen=True, slots=True)
class StaffCall:
    """Someone at a terminal asked for help."""

    number: int
    terminal: str
    office: str
    step: str
    called_at: str
    answered_at: str | None
    answered_by: str | None


@dataclass(frozen=True, slots=True)
class Officer:
    """Who may sign in at the desk of an office."""

    id: str
    name: str
    office: str
    password: str


_CASE = ", ".join(DeskCase.__slots__)
_CALL = ", ".join(StaffCall.__slots__)


def open_case(db: Connection, *, kind: str, subject: str, office: str, reason: str, at: str) -> None:
    """Open a case, or open it again when it was closed; an open one stays as it is."""
    db.execute(
        "INSERT INTO desk_case (kind, subject, office, opened_at, reason) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (kind, subject) DO UPDATE SET opened_at = excluded.opened_at, reason = excluded.reason, "
        "closed_at = NULL, closed_by = NULL, outcome = NULL, remark = NULL, first_officer = NULL, "
        "revision = desk_case.revision + 1 "
        "WHERE desk_case.closed_at IS NOT NULL",
        (kind, subject, office, at, reason),
    )


def open_cases(db: Connection, office: str | None = None) -> list[DeskCase]:
    """Open cases of one office, or of all, oldest first."""
    rows = db.execute(
        f"SELECT {_CASE} FROM desk_case WHERE closed_at IS NULL AND (CAST(? AS TEXT) IS NULL OR office = ?) ORDER BY n",  # noqa: S608
        (office, office),
    )
    return [DeskCase(**dict(row)) for row in rows]


def cases_of(db: Connection, subject: str) -> list[DeskCase]:
    """Every case about one transaction."""
    rows = db.execute(f"SELECT {_CASE} FROM desk_case WHERE subject = ? ORDER BY n", (subject,))  # noqa: S608
    return [DeskCase(**dict(row)) for row in rows]


def case(db: Connection, n: int) -> DeskCase | None:
    """One case by its number."""
    row = db.execute(f"SELECT {_CASE} FROM desk_case WHERE n = ?", (n,)).fetchone()  # noqa: S608
    return None if row is None else DeskCase(**dict(row))


def close_case(db: Connection, n: int, *, revision: int, by: str, outcome: str, remark: str, at: str) -> bool:
    """Close a case; False when another officer was faster."""
    done = db.execute(
        "UPDATE desk_case SET closed_at = ?, closed_by = ?, outcome = ?, remark = ?, revision = revision + 1 "
        "WHERE n = ? AND revision = ? AND closed_at IS NULL",
        (at, by, outcome, remark, n, revision),
    )
    return done.rowcount == 1


def note_first(db: Connection, n: int, officer: str) -> None:
    """Keep who was the first of two to accept; the page that another officer has open is stale from now on."""
    db.execute("UPDATE desk_case SET first_officer = ?, revision = revision + 1 WHERE n = ?", (officer, n))


def close_cases_of(db: Connection, kind: str, subject: str, *, by: str, outcome: str, at: str) -> None:
    """Close a case that settled itself (a stopped change needs no decision any more)."""
    db.execute(
        "UPDATE desk_case SET closed_at = ?, closed_by = ?, outcome = ?, revision = revision + 1 "
        "WHERE kind = ? AND subject = ? AND closed_at IS NULL",
        (at, by, outcome, kind, subject),
    )


def add_call(db: Connection, *, terminal: str, office: str, step: str, at: str) -> int:
    """Call staff; an unanswered call of the same terminal keeps its number and place in the queue."""
    row = db.execute("SELECT number FROM staff_call WHERE terminal = ? AND answered_at IS NULL", (terminal,)).fetchone()
    if row is not None:
        db.execute("UPDATE staff_call SET step = ? WHERE number = ?", (step, row["number"]))
        return int(row["number"])
    row = db.execute(
        "INSERT INTO staff_call (terminal, office, step, called_at) VALUES (?, ?, ?, ?) RETURNING number",
        (terminal, office, step, at),
    ).fetchone()
    return int(row["number"])


def open_calls(db: Connection, office: str | None = None) -> list[StaffCall]:
    """Unanswered calls of one office, or of all, oldest first."""
    rows = db.execute(
        f"SELECT {_CALL} FROM staff_call WHERE answered_at IS NULL AND (CAST(? AS TEXT) IS NULL OR office = ?) ORDER BY number",  # noqa: S608
        (office, office),
    )
    return [StaffCall(**dict(row)) for row in rows]


def answer_call(db: Connection, number: int, *, by: str, at: str) -> bool:
    """Note that an officer went; False when someone else had."""
    done = db.execute(
        "UPDATE staff_call SET answered_at = ?, answered_by = ? WHERE number = ? AND answered_at IS NULL",
        (at, by, number),
    )
    return done.rowcount == 1


def put_officer(db: Connection, new: Officer) -> None:
    """Add an officer, or replace name, office and password."""
    db.execute(
        "INSERT INTO officer (id, name, office, password) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
        "name = excluded.name, office = excluded.office, password = excluded.password",
        (new.id, new.name, new.office, new.password),
    )


def officer(db: Connection, officer_id: str) -> Officer | None:
    """One officer by sign-in name."""
    row = db.execute("SELECT id, name, office, password FROM officer WHERE id = ?", (officer_id,)).fetchone()
    return None if row is None else Officer(**dict(row))
