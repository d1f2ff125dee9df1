"""What a terminal delivered and what could not enter the inbox: kept whole, until an officer has decided.

Rules:
- The same body under the same id is kept once, however often it comes.
- Pushes as they were signed are kept here as well: `batch`, and what in them was no entry at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from back_office.database import Connection, Row
    from back_office.repository.arrivals import Arrival


@dataclass(frozen=True, slots=True)
class ConflictRow:
    """An entry that could not enter; `reason` is other_body, place_taken or epoch_unknown, `outcome` what was decided."""

    n: int
    id: str
    terminal: str
    epoch: int
    seq: int
    kind: str
    hash: str
    body: bytes
    body_hash: str
    reason: str
    received_at: str
    office: str
    schema: int
    sealing_key_id: str
    previous_hash: str
    reference: str
    recorded_at: str
    batch: str
    outcome: str


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A push as it was signed; `frame` as in `back_office.evidence`."""

    id: str
    terminal: str
    received_at: str
    entries: int
    content_digest: str
    signature_input: str
    signature: str
    public_key: bytes
    frame: bytes


_COLUMNS = ", ".join(ConflictRow.__slots__)
_BATCH = ", ".join(BatchRow.__slots__)


def _row(row: Row) -> ConflictRow:
    return ConflictRow(**dict(row))


def keep(db: Connection, entry: Arrival, reason: str) -> bool:
    """Keep what could not enter; True the first time this body is seen."""
    names = [name for name in ConflictRow.__slots__ if name not in {"n", "reason", "outcome"}]
    done = db.execute(
        f"INSERT INTO conflict (reason, {', '.join(names)}) VALUES (?, {', '.join('?' * len(names))}) "  # noqa: S608 - own names
        "ON CONFLICT (id, body_hash) DO NOTHING",
        (reason, *(getattr(entry, name) for name in names)),
    )
    return done.rowcount == 1


def of(db: Connection, transaction_id: str) -> list[ConflictRow]:
    """List what was kept under an id, oldest first."""
    sql = f"SELECT {_COLUMNS} FROM conflict WHERE id = ? ORDER BY n"  # noqa: S608 - own names
    return [_row(row) for row in db.execute(sql, (transaction_id,))]


def close(db: Connection, n: int, outcome: str) -> None:
    """Keep what was decided."""
    db.execute("UPDATE conflict SET outcome = ? WHERE n = ?", (outcome, n))


def keep_refused(  # noqa: PLR0917 - a row
    db: Connection, terminal: str, claimed_id: str, digest: str, raw: bytes, reason: str, at: str
) -> bool:
    """Keep what was sent as an entry and is none; True the first time."""
    done = db.execute(
        "INSERT INTO refused_item (terminal, claimed_id, digest, raw, reason, received_at) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (terminal, digest) DO NOTHING",
        (terminal, claimed_id, digest, raw, reason, at),
    )
    return done.rowcount == 1


def batch(db: Connection, batch_id: str) -> BatchRow | None:
    """Find a push as it was signed."""
    row = db.execute(f"SELECT {_BATCH} FROM batch WHERE id = ?", (batch_id,)).fetchone()  # noqa: S608 - own names
    return None if row is None else BatchRow(**dict(row))


def unlogged(db: Connection, limit: int) -> list[tuple[str, str, str, int]]:
    """List pushes that do not stand in the audit log yet: id, terminal, received_at, entries."""
    rows = db.execute(
        "SELECT id, terminal, received_at, entries FROM batch WHERE logged = 0 ORDER BY id LIMIT ?", (limit,)
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def logged(db: Connection, batch_id: str) -> None:
    """Note that a push stands in the audit log."""
    db.execute("UPDATE batch SET logged = 1 WHERE id = ?", (batch_id,))


def release(db: Connection, terminal: str) -> int:
    """Let what a terminal delivered while it was suspended be decided; how many entries."""
    return db.execute(
        "UPDATE inbox SET held = '' WHERE terminal = ? AND held = 'terminal_suspended'", (terminal,)
    ).rowcount


def held(db: Connection, terminal: str) -> list[tuple[str, str]]:
    """List what a terminal delivered while it was suspended: id and office."""
    rows = db.execute(
        "SELECT id, office FROM inbox WHERE terminal = ? AND held = 'terminal_suspended' ORDER BY n", (terminal,)
    )
    return [(row[0], row[1]) for row in rows]
