"""What officers attended: proofs of life, and registrations under a provisional number.

Rules:
- Each row says who attended or entered it; what takes two officers names both.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from back_office.repository import people
from kiosk.domain.services.registration import Known

if TYPE_CHECKING:
    from collections.abc import Mapping

    from back_office.database import Connection

_PROOF = "id, person, how, given_on, office, attended_by, approved_by, at"
_REGISTRATION = "request, person, clerk, terminal, evidence, found, at, confirmed_at, confirmed_by"


@dataclass(frozen=True, slots=True)
class Proof:
    """Somebody was seen alive: by card at a terminal, on a home visit, or by a doctor's form."""

    id: str
    person: str
    how: str
    given_on: str
    office: str
    attended_by: str
    approved_by: str | None
    at: str


@dataclass(frozen=True, slots=True)
class Due:
    """A proof of life that is due."""

    person: str
    name: str
    office: str
    due_on: str


@dataclass(frozen=True, slots=True)
class Registration:
    """Somebody registered under a provisional number; `evidence`: which papers were seen, JSON."""

    request: str
    person: str
    clerk: str
    terminal: str
    evidence: str
    found: str
    at: str
    confirmed_at: str | None = None
    confirmed_by: str | None = None


def add_proof(db: Connection, new: Proof) -> None:
    """Keep that somebody was seen."""
    values = tuple(getattr(new, name) for name in Proof.__slots__)
    db.execute(f"INSERT INTO proof_of_life_given ({_PROOF}) VALUES ({', '.join('?' * len(values))})", values)  # noqa: S608


def proof(db: Connection, id_: str) -> Proof | None:
    """Find one by its id."""
    row = db.execute(f"SELECT {_PROOF} FROM proof_of_life_given WHERE id = ?", (id_,)).fetchone()  # noqa: S608
    return None if row is None else Proof(**dict(row))


def proofs_of(db: Connection, person: str) -> list[Proof]:
    """Every time a person was seen, newest first."""
    rows = db.execute(
        f"SELECT {_PROOF} FROM proof_of_life_given WHERE person = ? ORDER BY given_on DESC, at DESC",  # noqa: S608
        (person,),
    )
    return [Proof(**dict(row)) for row in rows]


def due_until(db: Connection, day: str) -> list[Due]:
    """Whose proof is due by a day, longest overdue first."""
    rows = db.execute(
        "SELECT person.number AS person, given_name, family_name, office, due_on FROM proof_of_life "
        "JOIN person ON person.number = proof_of_life.person WHERE due_on <= ? ORDER BY due_on, person.number",
        (day,),
    )
    return [
        Due(row["person"], f"{row['given_name']} {row['family_name']}", row["office"], row["due_on"]) for row in rows
    ]


# --- registrations ------------------------------------------------------------------------------------


def add_registration(db: Connection, new: Registration, evidence: Mapping[str, str]) -> None:
    """Keep who registered whom, on which papers."""
    kept = json.dumps(dict(evidence), sort_keys=True, ensure_ascii=False)
    values = tuple(kept if name == "evidence" else getattr(new, name) for name in Registration.__slots__)
    db.execute(f"INSERT INTO registration ({_REGISTRATION}) VALUES ({', '.join('?' * len(values))})", values)  # noqa: S608


def registration(db: Connection, request: str) -> Registration | None:
    """Find a registration by its request."""
    row = db.execute(f"SELECT {_REGISTRATION} FROM registration WHERE request = ?", (request,)).fetchone()  # noqa: S608
    return None if row is None else Registration(**dict(row))


def registrations_by(db: Connection, clerk: str, since: str) -> int:
    """Count what one clerk has registered since a time."""
    return int(db.execute("SELECT count(*) FROM registration WHERE clerk = ? AND at > ?", (clerk, since)).fetchone()[0])


def registrations_by_clerk(db: Connection, since: str) -> dict[str, int]:
    """Count registrations by clerk since a time."""
    rows = db.execute(
        "SELECT clerk, count(*) AS many FROM registration WHERE at > ? GROUP BY clerk ORDER BY clerk", (since,)
    )
    return {row["clerk"]: int(row["many"]) for row in rows}


def confirm_registration(db: Connection, request: str, officer: str, at: str) -> None:
    """Note who confirmed a registration."""
    db.execute(
        "UPDATE registration SET confirmed_at = ?, confirmed_by = ? WHERE request = ? AND confirmed_at IS NULL",
        (at, officer, request),
    )


def officer_card(db: Connection, officer: str) -> str:
    """The staff card of an officer of the desk; "" where none is known."""
    row = db.execute("SELECT card FROM officer WHERE id = ?", (officer,)).fetchone()
    return "" if row is None else row["card"] or ""


def tie_card(db: Connection, officer: str, card: str) -> None:
    """Say whose staff card it is, so that clerk and officer are known to be one person; "" unties it."""
    db.execute("UPDATE officer SET card = ? WHERE id = ?", (card or None, officer))


def alike(db: Connection, born: tuple[str, str], number: str) -> list[Known]:
    """Whoever was born on one of these days, or has this number, with every name there is."""
    rows = db.execute(
        "SELECT number, given_name, family_name, birth_date FROM person WHERE birth_date IN (?, ?) OR number = ?",
        (*born, number),
    ).fetchall()
    found = []
    for row in rows:
        former = people.former_names(db, row["number"])
        names = (f"{row['given_name']} {row['family_name']}", *former)
        family = (row["family_name"], *(name.removeprefix(f"{row['given_name']} ") for name in former))
        found.append(Known(row["number"], row["birth_date"], names, family))
    return found


def is_provisional(db: Connection, person: str) -> bool:
    """Tell whether one officer alone has registered this person."""
    row = db.execute("SELECT provisional FROM person WHERE number = ?", (person,)).fetchone()
    return row is not None and bool(row["provisional"])


def put_provisional(db: Connection, person: str, *, provisional: bool) -> None:
    """Say that a registration waits for the second officer, or no longer does."""
    db.execute("UPDATE person SET provisional = ? WHERE number = ?", (int(provisional), person))
