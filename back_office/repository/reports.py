"""What was told without a card: lost cards, and deaths that an officer has confirmed.

Rules:
- A report about a lost card counts as long as its case is open; nothing of it is ever shown to the person.
- A death is never deleted: one that turned out wrong is withdrawn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from back_office.repository.group import foretold

if TYPE_CHECKING:
    from back_office.database import Connection


def add_loss(db: Connection, request: str, person: str, at: str) -> None:
    """Keep that a card of this person was reported lost."""
    db.execute("INSERT INTO loss_report (request, person, told_at) VALUES (?, ?, ?)", (request, person, at))


@foretold
def loss_is_open(db: Connection, person: str) -> bool:
    """Tell whether a report about this person's card waits for an officer."""
    row = db.execute(
        "SELECT 1 FROM loss_report JOIN desk_case ON subject = request AND kind = 'request' "
        "WHERE person = ? AND closed_at IS NULL LIMIT 1",
        (person,),
    ).fetchone()
    return row is not None


def lost_of(db: Connection, request: str) -> str:
    """Return whose card a report is about; "" where it fits nobody."""
    row = db.execute("SELECT person FROM loss_report WHERE request = ?", (request,)).fetchone()
    return "" if row is None else str(row["person"])


def confirm_death(db: Connection, person: str, *, died_on: str, request: str, at: str) -> None:
    """Keep that a person is dead; one that was withdrawn counts again."""
    db.execute(
        "INSERT INTO death (person, died_on, request, confirmed_at) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (person) DO UPDATE SET died_on = excluded.died_on, request = excluded.request, "
        "confirmed_at = excluded.confirmed_at, withdrawn_at = NULL",
        (person, died_on, request, at),
    )


def withdraw_death(db: Connection, person: str, at: str) -> None:
    """Keep that the person is alive after all."""
    db.execute("UPDATE death SET withdrawn_at = ? WHERE person = ? AND withdrawn_at IS NULL", (at, person))


def reported_dead_by(db: Connection, request: str) -> str:
    """Return whose death was confirmed on this report; "" where none was, or it was withdrawn."""
    row = db.execute("SELECT person FROM death WHERE request = ? AND withdrawn_at IS NULL", (request,)).fetchone()
    return "" if row is None else str(row["person"])


def death_report(db: Connection, person: str) -> str:
    """Return the report on which a person counts as dead; "" for everybody else."""
    row = db.execute("SELECT request FROM death WHERE person = ? AND withdrawn_at IS NULL", (person,)).fetchone()
    return "" if row is None else str(row["request"])


@foretold
def died_on(db: Connection, person: str) -> str:
    """Return the day on which a person died, as an officer confirmed it; "" for everybody else."""
    row = db.execute("SELECT died_on FROM death WHERE person = ? AND withdrawn_at IS NULL", (person,)).fetchone()
    return "" if row is None else str(row["died_on"])
