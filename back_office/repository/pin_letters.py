"""Letters with a first PIN: which card's, until when, who printed and who handed over, and when one was replaced."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from back_office.database import Connection, Row


@dataclass(frozen=True, slots=True)
class LetterRow:
    """A letter that was not replaced yet. `sealed`: its digits, until they are printed. `way`: post or counter."""

    n: int
    card: str
    person: str | None
    until: str
    sealed: bytes
    way: str
    days: int
    printed_by: str
    handed_by: str


def add(
    db: Connection, *, card: str, person: str | None, sent_at: str, until: str, sealed: bytes = b"", way: str = "post", days: int = 21
) -> None:
    """Add a letter; `sealed` where it is still to be printed here."""
    db.execute(
        "INSERT INTO pin_letter (card, person, sent_at, until, sealed, way, days) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (card, person, sent_at, until, sealed.decode("ascii") or None, way, days),
    )


def open_letter(db: Connection, card: str) -> LetterRow | None:
    """Return the letter of a card that was not replaced yet."""
    row = db.execute("SELECT * FROM pin_letter WHERE card = ? AND ended_at IS NULL", (card,)).fetchone()
    return None if row is None else _letter(row)


def to_do(db: Connection) -> list[LetterRow]:
    """Return the letters that wait to be printed, or to be handed over, oldest first."""
    rows = db.execute(
        "SELECT * FROM pin_letter WHERE ended_at IS NULL AND (sealed IS NOT NULL OR (way = 'counter' AND handed_at IS NULL)) "
        "ORDER BY n"
    ).fetchall()
    return [_letter(row) for row in rows]


def printed(db: Connection, n: int, *, by: str, at: str, until: str) -> None:
    """Note that a letter was printed, and forget its digits."""
    db.execute(
        "UPDATE pin_letter SET sealed = NULL, printed_by = ?, printed_at = ?, until = ? WHERE n = ?", (by, at, until, n)
    )


def handed_over(db: Connection, n: int, *, by: str, at: str) -> None:
    """Note that a letter is in its holder's hand."""
    db.execute("UPDATE pin_letter SET handed_by = ?, handed_at = ? WHERE n = ?", (by, at, n))


def _letter(row: Row) -> LetterRow:
    return LetterRow(
        n=row["n"],
        card=row["card"],
        person=row["person"],
        until=row["until"],
        sealed=(row["sealed"] or "").encode("ascii"),
        way=row["way"],
        days=row["days"],
        printed_by=row["printed_by"] or "",
        handed_by=row["handed_by"] or "",
    )


def end(db: Connection, card: str, at: str) -> bool:
    """End the letter of a card; False when there was none to end."""
    cursor = db.execute("UPDATE pin_letter SET ended_at = ?, sealed = NULL WHERE card = ? AND ended_at IS NULL", (at, card))
    return cursor.rowcount > 0


def until(db: Connection, person: str) -> str:
    """Return the day until which a letter of the person's present card can be used; empty: there is none."""
    row = db.execute(
        "SELECT min(l.until) AS day FROM pin_letter l JOIN card c ON c.number = l.card "
        "WHERE l.person = ? AND c.revoked_at IS NULL AND l.ended_at IS NULL",
        (person,),
    ).fetchone()
    return "" if row is None else row["day"] or ""
