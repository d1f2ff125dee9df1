"""What the desk's lists show beside a case: whose it is, and where it stands.

Rules:
- Only what an officer needs to choose a case is read for the list; a whole file is read (and logged) when it is opened.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from back_office.database import Connection


@dataclass(frozen=True, slots=True)
class ListedCase:
    """A line of the list; name, state and reference are empty where the case has none."""

    n: int
    kind: str
    subject: str
    office: str
    opened_at: str
    reason: str
    name: str
    state: str
    reference: str


def listed_cases(db: Connection, office: str | None, limit: int = 200) -> list[ListedCase]:
    """Open cases of one office, or of all, those that cannot wait first, then the oldest."""
    rows = db.execute(
        "SELECT desk_case.n, desk_case.kind, subject, desk_case.office, opened_at, desk_case.reason, "
        "coalesce(person.given_name || ' ' || person.family_name, '') AS name, coalesce(bank_change.state, '') AS state, "
        "coalesce(inbox.reference, '') AS reference "
        "FROM desk_case LEFT JOIN bank_change ON bank_change.id = subject LEFT JOIN request ON request.id = subject "
        "LEFT JOIN person ON person.number = coalesce(bank_change.person, request.person) "
        "LEFT JOIN inbox ON inbox.id = subject "
        "WHERE closed_at IS NULL AND (CAST(? AS TEXT) IS NULL OR desk_case.office = ?) "
        "ORDER BY CASE WHEN desk_case.kind = 'dispute' THEN 0 WHEN desk_case.kind = 'stop' OR desk_case.reason LIKE ? "
        "THEN 1 ELSE 2 END, desk_case.n LIMIT ?",
        (office, office, "%:urgent", limit),
    )
    return [ListedCase(**dict(row)) for row in rows]


def offices(db: Connection) -> list[str]:
    """List the ids of every office."""
    return [row["id"] for row in db.execute("SELECT id FROM office ORDER BY id")]
