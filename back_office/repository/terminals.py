"""Terminals: who they are, the journals they were given, the codes and nonces they spend.

Rules:
- A nonce is spent by inserting it: two requests with one nonce cannot both succeed.
- Only hashes of enrolment codes are kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from back_office.database import Connection, Row


@dataclass(frozen=True, slots=True)
class Terminal:
    """One enrolled terminal."""

    id: str
    office: str
    state: str
    public_key: bytes
    certificate: str
    certificate_serial: str
    receipt_certificate: bytes
    key_protection: str
    journal_epoch: int
    technician: str
    enrolled_at: str
    last_seen_at: str | None
    heartbeat: str
    anomaly: str | None


@dataclass(frozen=True, slots=True)
class JournalHead:
    """How far a terminal's journal is known here: the newest sequence number without a hole before it, and its hash.

    `newest` is the newest that was received at all: greater than `seq` while there is a hole.
    """

    terminal: str
    epoch: int
    seq: int
    hash: str
    newest: int


@dataclass(frozen=True, slots=True)
class EnrolmentCode:
    """One code that a technician was given."""

    n: int
    terminal: str
    office: str
    technician: str
    salt: bytes
    hash: bytes
    expires_at: str
    tries: int
    used_at: str | None
    answer: str | None
    key_digest: str | None


_TERMINAL = ", ".join(Terminal.__slots__)


def _terminal(row: Row) -> Terminal:
    return Terminal(**dict(row))


def add_office(db: Connection, office: str, name: str) -> None:
    """Name an office; a known one gets the new name."""
    db.execute(
        "INSERT INTO office (id, name) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET name = excluded.name",
        (office, name),
    )


def office_name(db: Connection, office: str) -> str | None:
    """Find the office's name, None when there is no such office."""
    row = db.execute("SELECT name FROM office WHERE id = ?", (office,)).fetchone()
    return None if row is None else row["name"]


def terminal(db: Connection, terminal_id: str) -> Terminal | None:
    """One terminal by its id."""
    row = db.execute(f"SELECT {_TERMINAL} FROM terminal WHERE id = ?", (terminal_id,)).fetchone()  # noqa: S608
    return None if row is None else _terminal(row)


def terminals(db: Connection) -> list[Terminal]:
    """Every terminal ever enrolled; the places of desks are none."""
    sql = f"SELECT {_TERMINAL} FROM terminal WHERE id NOT IN (SELECT terminal FROM desk_place) ORDER BY id"  # noqa: S608
    return [_terminal(row) for row in db.execute(sql)]


def put_terminal(db: Connection, new: Terminal) -> None:
    """Enrol, or enrol again: the new keys replace the old ones."""
    columns = Terminal.__slots__
    updates = ", ".join(f"{name} = excluded.{name}" for name in columns if name != "id")
    db.execute(
        f"INSERT INTO terminal ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))}) "  # noqa: S608 - own names
        f"ON CONFLICT (id) DO UPDATE SET {updates}",
        tuple(getattr(new, name) for name in columns),
    )


def set_terminal_state(db: Connection, terminal_id: str, state: str) -> None:
    """in_service, suspended or retired."""
    db.execute("UPDATE terminal SET state = ? WHERE id = ?", (state, terminal_id))


def mark_anomaly(db: Connection, terminal_id: str, anomaly: str | None) -> None:
    """Keep why the fleet page marks this terminal; None when a technician has seen to it."""
    db.execute("UPDATE terminal SET anomaly = ? WHERE id = ?", (anomaly, terminal_id))


def seen(db: Connection, terminal_id: str, at: str, heartbeat: str | None = None) -> None:
    """Note a sign of life of the terminal, with a heartbeat (JSON) or without."""
    db.execute(
        "UPDATE terminal SET last_seen_at = ?, heartbeat = coalesce(?, heartbeat) WHERE id = ?",
        (at, heartbeat, terminal_id),
    )


def newest_epoch(db: Connection, terminal_id: str) -> int:
    """Find the highest journal epoch this terminal was given; 0 when none."""
    row = db.execute(
        "SELECT coalesce(max(epoch), 0) AS epoch FROM journal_head WHERE terminal = ?", (terminal_id,)
    ).fetchone()
    return int(row["epoch"])


def bind_epoch(db: Connection, terminal_id: str, epoch: int, at: str) -> None:
    """Give the terminal a journal."""
    db.execute("INSERT INTO journal_head (terminal, epoch, bound_at) VALUES (?, ?, ?)", (terminal_id, epoch, at))


def journal_head(db: Connection, terminal_id: str, epoch: int) -> JournalHead | None:
    """How far we know this journal; None when the terminal was never given it."""
    row = db.execute(
        "SELECT terminal, epoch, seq, hash, newest FROM journal_head WHERE terminal = ? AND epoch = ?",
        (terminal_id, epoch),
    ).fetchone()
    return None if row is None else JournalHead(**dict(row))


def spend_nonce(db: Connection, key_id: str, nonce: str, expires_at: str) -> bool:
    """Spend a nonce; True when this nonce was not spent before."""
    done = db.execute(
        "INSERT INTO nonce (key_id, nonce, expires_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        (key_id, nonce, expires_at),
    )
    return done.rowcount == 1


def forget_nonces(db: Connection, before: str) -> int:
    """Drop nonces whose requests are too old to be accepted anyway; returns how many."""
    return db.execute("DELETE FROM nonce WHERE expires_at < ?", (before,)).rowcount


def add_enrolment_code(
    db: Connection,
    *,
    terminal_id: str,
    office: str,
    technician: str,
    salt: bytes,
    digest: bytes,
    created_at: str,
    expires_at: str,
) -> None:
    """Keep a new code's hash; earlier unused codes of the same terminal end."""
    db.execute("DELETE FROM enrolment_code WHERE terminal = ? AND used_at IS NULL", (terminal_id,))
    db.execute(
        "INSERT INTO enrolment_code (terminal, office, technician, salt, hash, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (terminal_id, office, technician, salt, digest, created_at, expires_at),
    )


def enrolment_codes(db: Connection, now: str) -> list[EnrolmentCode]:
    """Every code that has not expired, used or not."""
    columns = ", ".join(EnrolmentCode.__slots__)
    rows = db.execute(f"SELECT {columns} FROM enrolment_code WHERE expires_at > ? ORDER BY n", (now,))  # noqa: S608 - own names
    return [EnrolmentCode(**dict(row)) for row in rows]


def count_enrolment_try(db: Connection, n: int) -> None:
    """One wrong try more against this code."""
    db.execute("UPDATE enrolment_code SET tries = tries + 1 WHERE n = ?", (n,))


def use_enrolment_code(db: Connection, n: int, at: str, *, key_digest: str, answer: str) -> None:
    """Use a code up; the answer is kept so that the same request gets it again."""
    db.execute(
        "UPDATE enrolment_code SET used_at = ?, key_digest = ?, answer = ? WHERE n = ?", (at, key_digest, answer, n)
    )
