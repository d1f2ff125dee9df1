"""PUKs of cards, each sealed; and when they were given out."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from back_office.database import Connection


def put(db: Connection, card: str, sealed: bytes) -> None:
    """Keep the PUK of a card; another one replaces it."""
    db.execute(
        "INSERT INTO card_puk (card, sealed) VALUES (?, ?) ON CONFLICT (card) DO UPDATE SET sealed = excluded.sealed",
        (card, sealed.decode("ascii")),
    )


def sealed(db: Connection, card: str) -> bytes | None:
    """Return the sealed PUK of a card."""
    row = db.execute("SELECT sealed FROM card_puk WHERE card = ?", (card,)).fetchone()
    return None if row is None else str(row["sealed"]).encode("ascii")


def note_release(db: Connection, card: str, at: str) -> None:
    """Keep that it was given out."""
    db.execute("INSERT INTO puk_release (card, at) VALUES (?, ?)", (card, at))


def released_since(db: Connection, card: str, since: str) -> int:
    """Count how often it was given out since then."""
    row = db.execute("SELECT count(*) AS n FROM puk_release WHERE card = ? AND at >= ?", (card, since)).fetchone()
    return 0 if row is None else int(row["n"])
