"""Tickets for the desk, and counts of how it went.

Rules:
- A ticket's row holds a number, a topic and a place; whose it is stands in its sealed envelope only.
- A count has no time finer than a month and no id of what was counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from back_office.database import Connection


@dataclass(frozen=True, slots=True)
class TicketRow:
    """A drawn number. `has_draft`: something was typed before, and is still there."""

    id: str
    number: str
    office: str
    terminal: str
    about: str
    drawn_at: str
    has_draft: bool
    closed_at: str | None
    closed_by: str | None


@dataclass(frozen=True, slots=True)
class CountRow:
    """How often one face, or one thing that was missing, was chosen."""

    month: str
    office: str
    service: str
    what: str
    value: str
    n: int


_TICKET = ", ".join(TicketRow.__slots__)
_COUNT = ", ".join(CountRow.__slots__)


def add_ticket(
    db: Connection, *, id_: str, number: str, office: str, terminal: str, about: str, drawn_at: str, has_draft: bool
) -> None:
    """Add a ticket; a second time it stays as it is."""
    db.execute(
        f"INSERT INTO ticket ({_TICKET}) VALUES (?, ?, ?, ?, ?, ?, ?, NULL, NULL) ON CONFLICT DO NOTHING",  # noqa: S608
        (id_, number, office, terminal, about, drawn_at, int(has_draft)),
    )


def waiting(db: Connection, office: str | None) -> list[TicketRow]:
    """Find the tickets nobody has closed, oldest first; None: of every office."""
    rows = db.execute(
        f"SELECT {_TICKET} FROM ticket WHERE closed_at IS NULL AND (office = ? OR ? = '') ORDER BY drawn_at, id",  # noqa: S608
        (office or "", office or ""),
    )
    return [_ticket(dict(row)) for row in rows]


def newest(db: Connection, number: str) -> TicketRow | None:
    """Find a ticket by its number; numbers come round, so that the newest is meant."""
    row = db.execute(
        f"SELECT {_TICKET} FROM ticket WHERE number = ? ORDER BY drawn_at DESC, id DESC LIMIT 1",  # noqa: S608
        (number,),
    ).fetchone()
    return None if row is None else _ticket(dict(row))


def _ticket(values: dict[str, object]) -> TicketRow:
    return TicketRow(**values | {"has_draft": bool(values["has_draft"])})  # type: ignore[arg-type]


def close(db: Connection, id_: str, officer: str, at: str) -> None:
    """Take a ticket off the list."""
    db.execute("UPDATE ticket SET closed_at = ?, closed_by = ? WHERE id = ?", (at, officer, id_))


def told_before(db: Connection, before: str) -> list[str]:
    """Find what was told aside before this time and still has its envelope."""
    rows = db.execute(
        "SELECT id FROM inbox WHERE kind IN ('ticket', 'feedback') AND length(body) > 0 AND recorded_at < ?", (before,)
    )
    return [row["id"] for row in rows]


def forget(db: Connection, id_: str) -> None:
    """Empty the envelope; its hash stays, so that the chain of the journal still holds."""
    db.execute("UPDATE inbox SET body = ? WHERE id = ?", (b"", id_))
    db.execute("UPDATE ticket SET has_draft = 0 WHERE id = ?", (id_,))


def count(db: Connection, *, service: str, office: str, month: str, face: str, missing: str) -> None:
    """Count one word on how it went: its face, and what was missing."""
    for what, value in (("face", face), ("missing", missing)):
        db.execute(
            f"INSERT INTO feedback_count ({_COUNT}) VALUES (?, ?, ?, ?, ?, 1) "  # noqa: S608
            "ON CONFLICT (month, office, service, what, value) DO UPDATE SET n = feedback_count.n + 1",
            (month, office, service, what, value),
        )


def counts(db: Connection, office: str | None) -> list[CountRow]:
    """Return every count; None: of every office."""
    rows = db.execute(
        f"SELECT {_COUNT} FROM feedback_count WHERE office = ? OR ? = '' ORDER BY month, office, service, what, value",  # noqa: S608
        (office or "", office or ""),
    )
    return [CountRow(**dict(row)) for row in rows]
