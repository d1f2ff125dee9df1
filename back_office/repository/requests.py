"""What was asked, kept with the request: the answers, and who typed them.

Rules:
- Answers are personal; they are shown to the person and to the officers of the case's office, and stand nowhere else.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from back_office.database import Connection


@dataclass(frozen=True, slots=True)
class Content:
    """The answers of one request, by question, and who typed each."""

    answers: dict[str, str]
    entered_by: dict[str, str]


@dataclass(frozen=True, slots=True)
class Last:
    """When the newest request of a kind came into force, and when it was signed."""

    decided_at: str
    signed_at: str


def keep_content(db: Connection, request: str, *, answers: Mapping[str, str], entered_by: Mapping[str, str]) -> None:
    """Keep what was asked; a second time it stays as it is."""
    db.execute(
        "INSERT INTO request_content (request, answers, entered_by) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        (request, _text(answers), _text(entered_by)),
    )


def content(db: Connection, request: str) -> Content | None:
    """Read what was asked."""
    row = db.execute("SELECT answers, entered_by FROM request_content WHERE request = ?", (request,)).fetchone()
    return None if row is None else Content(json.loads(row["answers"]), json.loads(row["entered_by"]))


def held(db: Connection, person: str, service: str) -> dict[str, dict[str, str]]:
    """Read the answers of a person's requests of this service that officers have not decided, by request."""
    rows = db.execute(
        "SELECT id, answers FROM request JOIN request_content ON request = id "
        "WHERE person = ? AND service = ? AND decision = 'held'",
        (person, service),
    )
    return {row["id"]: json.loads(row["answers"]) for row in rows}


def last_in_force(db: Connection, person: str, service: str) -> Last | None:
    """Find the newest request of this service that is in force."""
    row = db.execute(
        "SELECT decided_at, signed_at FROM request WHERE person = ? AND service = ? AND decision = 'in_force' "
        "ORDER BY decided_at DESC LIMIT 1",
        (person, service),
    ).fetchone()
    return None if row is None else Last(row["decided_at"], row["signed_at"])


def _text(value: Mapping[str, str]) -> str:
    return json.dumps(dict(value), sort_keys=True, ensure_ascii=False)
