"""What the record knows that bears on where it is held: visits, appointments, open cases, proofs of life.

Rules:
- Whatever is written here touches the person's record (triggers of migration 2); the rules are in `back_office.scope`.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from back_office.repository import moment
from back_office.scope import Facts

if TYPE_CHECKING:
    from back_office.database import Connection


def facts(db: Connection, person: str, home_office: str) -> Facts:
    """Gather everything for one person."""
    pension = db.execute("SELECT 1 FROM pension WHERE person = ?", (person,)).fetchone()
    visits = db.execute("SELECT office, last_at FROM visit WHERE person = ?", (person,)).fetchall()
    appointments = db.execute("SELECT office, at FROM appointment WHERE person = ?", (person,)).fetchall()
    cases = db.execute(
        "SELECT DISTINCT desk_case.office FROM desk_case JOIN request ON request.id = subject "
        "WHERE request.person = ? AND closed_at IS NULL",
        (person,),
    ).fetchall()
    due = db.execute("SELECT due_on FROM proof_of_life WHERE person = ?", (person,)).fetchone()
    return Facts(
        home_office=home_office,
        beneficiary=pension is not None,
        visits={row["office"]: moment(row["last_at"]) for row in visits},
        appointments=tuple((row["office"], moment(row["at"])) for row in appointments),
        open_cases=frozenset(row["office"] for row in cases),
        proof_of_life_due=None if due is None else date.fromisoformat(due["due_on"]),
    )


def visited(db: Connection, person: str, office: str, at: str) -> None:
    """Note that the person was at an office; an earlier visit than the known one changes nothing."""
    db.execute(
        "INSERT INTO visit (person, office, last_at) VALUES (?, ?, ?) ON CONFLICT (person, office) DO UPDATE SET "
        "last_at = excluded.last_at WHERE visit.last_at < excluded.last_at",
        (person, office, at),
    )


def appoint(db: Connection, appointment_id: str, person: str, office: str, at: str) -> None:
    """Make an appointment, or move it."""
    db.execute(
        "INSERT INTO appointment (id, person, office, at) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
        "person = excluded.person, office = excluded.office, at = excluded.at",
        (appointment_id, person, office, at),
    )


def proof_of_life_due(db: Connection, person: str) -> str:
    """Say by which day the person must be seen alive; "" where no proof is asked."""
    row = db.execute("SELECT due_on FROM proof_of_life WHERE person = ?", (person,)).fetchone()
    return "" if row is None else str(row["due_on"])


def put_proof_of_life(db: Connection, person: str, due_on: str) -> None:
    """Set the day by which the person must be seen alive."""
    db.execute(
        "INSERT INTO proof_of_life (person, due_on) VALUES (?, ?) ON CONFLICT (person) DO UPDATE SET due_on = excluded.due_on",
        (person, due_on),
    )


def move_home(db: Connection, person: str, office: str) -> None:
    """Make another office the person's home office."""
    db.execute("UPDATE person SET office = ? WHERE number = ?", (office, person))


def office_names(db: Connection) -> dict[str, str]:
    """Every office's name."""
    return {row["id"]: row["name"] for row in db.execute("SELECT id, name FROM office")}
