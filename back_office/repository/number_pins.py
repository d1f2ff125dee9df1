"""PINs that go with a number: their verifiers, and the wrong ones by place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from back_office.database import Connection, Row


@dataclass(frozen=True, slots=True)
class NumberPinRow:
    """A PIN of a number. `chosen`: its holder's own, no letter's. `until`: the last day of a letter's. `set_at`: since when."""

    person: str
    verifier: str = field(repr=False)
    chosen: bool
    until: str
    way: str
    printed_by: str
    handed_by: str
    set_at: str


def of(db: Connection, person: str) -> NumberPinRow | None:
    """Return the PIN of a person's number."""
    row = db.execute("SELECT * FROM number_pin WHERE person = ?", (person,)).fetchone()
    return None if row is None else _row(row)


def at_the_counter(db: Connection, office: str) -> list[NumberPinRow]:
    """Return the letters that wait at an office's counter for their holders, oldest first."""
    rows = db.execute(
        "SELECT number_pin.* FROM number_pin JOIN person ON person.number = number_pin.person "
        "WHERE person.office = ? AND way = 'counter' AND chosen = 0 AND handed_by IS NULL ORDER BY set_at, person.number",
        (office,),
    ).fetchall()
    return [_row(row) for row in rows]


def _row(row: Row) -> NumberPinRow:
    return NumberPinRow(
        row["person"],
        row["verifier"],
        bool(row["chosen"]),
        row["until"],
        row["way"],
        row["printed_by"],
        row["handed_by"] or "",
        row["set_at"],
    )


def put(db: Connection, row: NumberPinRow) -> None:
    """Keep a letter's PIN; whatever was there before ends."""
    db.execute("DELETE FROM number_pin WHERE person = ?", (row.person,))
    db.execute(
        "INSERT INTO number_pin (person, verifier, chosen, until, way, printed_by, set_at) VALUES (?, ?, 0, ?, ?, ?, ?)",
        (row.person, row.verifier, row.until, row.way, row.printed_by, row.set_at),
    )


def choose(db: Connection, person: str, verifier: str, at: str) -> None:
    """Keep the PIN that its holder chose."""
    db.execute("UPDATE number_pin SET verifier = ?, chosen = 1, set_at = ? WHERE person = ?", (verifier, at, person))


def handed_over(db: Connection, person: str, by: str) -> None:
    """Note that the letter is in its holder's hand."""
    db.execute("UPDATE number_pin SET handed_by = ? WHERE person = ?", (by, person))


def failures(db: Connection, place: str, most: int) -> list[str]:
    """Return the times of the newest wrong PINs at a place, oldest first."""
    rows = db.execute("SELECT at FROM number_pin_failure WHERE place = ? ORDER BY n DESC LIMIT ?", (place, most)).fetchall()
    return [row["at"] for row in reversed(rows)]


def add_failure(db: Connection, place: str, at: str) -> int:
    """Count a PIN as a wrong one; under which number it is counted."""
    row = db.execute("INSERT INTO number_pin_failure (place, at) VALUES (?, ?) RETURNING n", (place, at)).fetchone()
    return int(row["n"])


def take_back(db: Connection, counted: tuple[int, int]) -> None:
    """Count these no longer: it was the right one."""
    db.execute("DELETE FROM number_pin_failure WHERE n IN (?, ?)", counted)


def forget_failures(db: Connection, place: str) -> None:
    """Begin to count anew: the right one came, or a new letter."""
    db.execute("DELETE FROM number_pin_failure WHERE place = ?", (place,))
