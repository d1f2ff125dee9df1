"""Who may act for whom: mandates by id, by person, and by the card that acts.

Rules:
- A mandate is never overwritten: it is ended. Times are moments; a day's mandate begins and ends at midnight in the zone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from back_office.database import Connection


@dataclass(frozen=True, slots=True)
class MandateRow:
    """One mandate. `services`: with spaces between, "" for every one that allows it; `holder` is the card's."""

    id: str
    person: str
    card: str
    ground: str
    services: str
    valid_from: str
    valid_to: str | None
    person_name: str
    holder: str
    card_person: str | None

    def covers(self, service: str) -> bool:
        """Tell whether a service is in its scope."""
        return not self.services or service in self.services.split()

    def holds(self, at: str) -> bool:
        """Tell whether it holds at a moment."""
        return self.valid_from <= at and (self.valid_to is None or at < self.valid_to)


_ROWS = (
    "SELECT mandate.id AS id, mandate.person AS person, mandate.card AS card, ground, services, valid_from, valid_to, "
    "person.given_name || ' ' || person.family_name AS person_name, card.holder AS holder, card.person AS card_person "
    "FROM mandate JOIN person ON person.number = mandate.person JOIN card ON card.number = mandate.card "
)


def add(
    db: Connection, *, id_: str, person: str, card: str, ground: str, services: str, valid_from: str,
    valid_to: str | None,
) -> None:  # fmt: skip
    """Let the holder of a card act for a person."""
    db.execute(
        "INSERT INTO mandate (id, person, card, ground, services, valid_from, valid_to) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (id_, person, card, ground, services, valid_from, valid_to),
    )


def end(db: Connection, id_: str, at: str) -> bool:
    """End a mandate, begun or not; False when it had ended."""
    done = db.execute("UPDATE mandate SET valid_to = ? WHERE id = ? AND (valid_to IS NULL OR valid_to > ?)", (at, id_, at))
    return done.rowcount == 1


def one(db: Connection, id_: str) -> MandateRow | None:
    """One mandate by its id."""
    row = db.execute(f"{_ROWS} WHERE mandate.id = ?", (id_,)).fetchone()
    return None if row is None else MandateRow(**dict(row))


def given_by(db: Connection, person: str, now: str) -> list[MandateRow]:
    """List the mandates that a person gave and that have not ended."""
    rows = db.execute(
        f"{_ROWS} WHERE mandate.person = ? AND (valid_to IS NULL OR valid_to > ?) ORDER BY valid_from, mandate.id",
        (person, now),
    )
    return [MandateRow(**dict(row)) for row in rows]


def held_by(db: Connection, person: str, now: str) -> list[MandateRow]:
    """List the mandates that a person's valid cards hold and that have not ended."""
    rows = db.execute(
        f"{_ROWS} WHERE card.person = ? AND card.revoked_at IS NULL AND (valid_to IS NULL OR valid_to > ?) "
        "ORDER BY valid_from, mandate.id",
        (person, now),
    )
    return [MandateRow(**dict(row)) for row in rows]


def between(db: Connection, card: str, person: str) -> list[MandateRow]:
    """List every mandate that this card ever held for this person."""
    rows = db.execute(f"{_ROWS} WHERE mandate.card = ? AND mandate.person = ? ORDER BY valid_from", (card, person))
    return [MandateRow(**dict(row)) for row in rows]
