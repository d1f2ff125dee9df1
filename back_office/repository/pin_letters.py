"""Letters with a first PIN: which card's, until when, and when one was replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from back_office.database import Connection


def add(db: Connection, *, card: str, person: str | None, sent_at: str, until: str) -> None:
    """Add a letter."""
    db.execute(
        "INSERT INTO pin_letter (card, person, sent_at, until) VALUES (?, ?, ?, ?)", (card, person, sent_at, until)
    )


def end(db: Connection, card: str, at: str) -> bool:
    """End the letter of a card; False when there was none to end."""
    cursor = db.execute("UPDATE pin_letter SET ended_at = ? WHERE card = ? AND ended_at IS NULL", (at, card))
    return cursor.rowcount > 0


def until(db: Connection, person: str) -> str:
    """Return the day until which a letter of the person's present card can be used; empty: there is none."""
    row = db.execute(
        "SELECT min(l.until) AS day FROM pin_letter l JOIN card c ON c.number = l.card "
        "WHERE l.person = ? AND c.revoked_at IS NULL AND l.ended_at IS NULL",
        (person,),
    ).fetchone()
    return "" if row is None else row["day"] or ""
