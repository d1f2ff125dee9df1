"""What officers let pass, for the decision that follows.

Rules:
- A waiver is about one transaction and one thing: edit_conflict, too_old, attested. It names who gave it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from back_office.repository import many

if TYPE_CHECKING:
    from collections.abc import Sequence

    from back_office.database import Connection


def give(db: Connection, transaction_id: str, what: str, *, officers: str, at: str) -> None:
    """Let it pass."""
    db.execute(
        "INSERT INTO waiver (id, what, officers, at) VALUES (?, ?, ?, ?) ON CONFLICT (id, what) DO NOTHING",
        (transaction_id, what, officers, at),
    )


def given(db: Connection, transaction_ids: Sequence[str]) -> set[tuple[str, str]]:
    """Find the waivers for these transactions: (id, what)."""
    sql = f"SELECT id, what FROM waiver WHERE {many.among(db, 'id')}"  # noqa: S608 - own names
    rows = db.execute(sql, (many.keys(db, transaction_ids),)) if transaction_ids else ()
    return {(row[0], row[1]) for row in rows}


def officers(db: Connection, transaction_id: str, what: str) -> str:
    """Name who let it pass, with a space between; "" where nobody did."""
    row = db.execute("SELECT officers FROM waiver WHERE id = ? AND what = ?", (transaction_id, what)).fetchone()
    return "" if row is None else str(row["officers"])
