"""Codes with which an officer at the desk takes part in a visit: one a call for staff, kept as a keyed hash.

Rules:
- A code is used by marking it: two terminals cannot both use one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from back_office.database import Connection


@dataclass(frozen=True, slots=True)
class StaffCode:
    """A code that was given; `digest` is its keyed hash."""

    call: int
    terminal: str
    officer: str
    digest: str
    expires_at: str
    used_at: str | None


def put(db: Connection, new: StaffCode) -> None:
    """Keep a code; an earlier one of the same call ends."""
    db.execute(
        "INSERT INTO staff_code (call, terminal, officer, digest, expires_at) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (call) DO UPDATE SET terminal = excluded.terminal, officer = excluded.officer, "
        "digest = excluded.digest, expires_at = excluded.expires_at, used_at = NULL",
        (new.call, new.terminal, new.officer, new.digest, new.expires_at),
    )


def use(db: Connection, *, call: int, terminal: str, digest: str, at: str) -> str:
    """Use a code up; the officer who was given it, or "" where there is no such code that still holds."""
    row = db.execute(
        "UPDATE staff_code SET used_at = ? WHERE call = ? AND terminal = ? AND digest = ? AND used_at IS NULL "
        "AND expires_at > ? RETURNING officer",
        (at, call, terminal, digest, at),
    ).fetchone()
    return "" if row is None else str(row["officer"])
