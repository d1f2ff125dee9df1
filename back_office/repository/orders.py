"""What was ordered for a person and is sent by somebody else: one order a request.

Rules:
- `sent_at` is written by whoever sends it; an order is never taken back here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from back_office.database import Connection


@dataclass(frozen=True, slots=True)
class Order:
    """One order; `what` is the service's id, `destination` a postal address with line breaks."""

    request: str
    what: str
    person: str
    reason: str
    destination: str
    ordered_at: str
    sent_at: str | None


_ORDER = ", ".join(Order.__slots__)


def add(db: Connection, *, request: str, what: str, person: str, reason: str, destination: str, at: str) -> None:
    """Add an order; a second time it stays as it is."""
    db.execute(
        f"INSERT INTO ordered ({_ORDER}) VALUES (?, ?, ?, ?, ?, ?, NULL) ON CONFLICT DO NOTHING",  # noqa: S608
        (request, what, person, reason, destination, at),
    )


def waiting(db: Connection, what: str) -> list[Order]:
    """Find what has not been sent yet, oldest first."""
    rows = db.execute(
        f"SELECT {_ORDER} FROM ordered WHERE what = ? AND sent_at IS NULL ORDER BY ordered_at, request",  # noqa: S608
        (what,),
    )
    return [Order(**dict(row)) for row in rows]
