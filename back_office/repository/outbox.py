"""The outbox: what partners must be told, written in the transaction that makes it true.

Rules:
- The key is unique: the same effect decided twice is one message.
- A row ends only with `done`; an attempt that failed moves `next_at`, nothing deletes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from back_office.repository import many
from back_office.repository.group import Kind, foretold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from back_office.database import Connection


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One message to one partner; `payload` and `result` are JSON."""

    n: int
    key: str
    kind: str
    change: str | None
    payload: str
    created_at: str
    attempts: int
    next_at: str
    last_error: str
    done_at: str | None
    result: str | None


_COLUMNS = ", ".join(OutboxRow.__slots__)
_NEW = dict.fromkeys(("key", "kind", "change", "payload", "created_at", "next_at"), "text")


def put(db: Connection, *, key: str, kind: str, change: str | None, payload: str, at: str) -> None:
    """Ask for a message; a known key is left as it is."""
    MESSAGES.add(db, (key, kind, change, payload, at, at))


def _put_messages(db: Connection, rows: Sequence[tuple[str | None, ...]]) -> None:
    many.insert(db, "outbox", _NEW, rows, "ON CONFLICT (key) DO NOTHING")


MESSAGES = Kind(5, _put_messages)


def due(db: Connection, now: str, limit: int = 50) -> list[OutboxRow]:
    """Open messages whose time has come, oldest first.

    `+n` is no column to the planner, so it reads the open ones (`outbox_open`) and sorts them; with `n` it goes through
    all messages that ever were, every round.
    """
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM outbox WHERE done_at IS NULL AND next_at <= ? ORDER BY +n LIMIT ?",  # noqa: S608 - own names
        (now, limit),
    )
    return [OutboxRow(**dict(row)) for row in rows]


def is_open(db: Connection, n: int) -> bool:
    """Tell whether the message still has to be sent."""
    return db.execute("SELECT 1 FROM outbox WHERE n = ? AND done_at IS NULL", (n,)).fetchone() is not None


def of_change(db: Connection, change: str) -> list[OutboxRow]:
    """Every message of a change, in order."""
    rows = db.execute(f"SELECT {_COLUMNS} FROM outbox WHERE change = ? ORDER BY n", (change,))  # noqa: S608 - own names
    return [OutboxRow(**dict(row)) for row in rows]


def postpone(db: Connection, n: int, *, next_at: str, error: str) -> None:
    """Note that an attempt failed, and when to try again."""
    db.execute(
        "UPDATE outbox SET attempts = attempts + 1, next_at = ?, last_error = ? WHERE n = ? AND done_at IS NULL",
        (next_at, error, n),
    )


def done(db: Connection, n: int, *, at: str, result: str, keep: str) -> bool:
    """Note that the partner took it; False when it was done before.

    `keep` is what stays of the payload: a notice carries a code that must not outlive its sending.
    """
    changed = db.execute(
        "UPDATE outbox SET attempts = attempts + 1, done_at = ?, result = ?, payload = ?, last_error = '' "
        "WHERE n = ? AND done_at IS NULL",
        (at, result, keep, n),
    )
    return changed.rowcount == 1


@foretold
def verifications_since(db: Connection, person: str, since: str) -> int:
    """How many account verifications were asked for a person since a moment."""
    row = db.execute(
        "SELECT count(*) FROM outbox JOIN bank_change ON bank_change.id = outbox.change "
        "WHERE outbox.kind = 'verify_account' AND bank_change.person = ? AND outbox.created_at >= ?",
        (person, since),
    ).fetchone()
    return int(row[0])


def backlog(db: Connection) -> int:
    """How many messages are open."""
    return int(db.execute("SELECT count(*) FROM outbox WHERE done_at IS NULL").fetchone()[0])
