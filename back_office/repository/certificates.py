"""Certificates that were issued, and who asked the public page about which, as keyed hashes.

Rules:
- Of a code a keyed hash and its first four characters are kept; what the paper shows is kept as it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from back_office.database import Connection

_COLUMNS = "id, person, kind, issued_at, issued_on, valid_until, digest, code_start, content"
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Certificate:
    """One paper. Days are ISO 8601; `content` is what it shows (kiosk.wire.document)."""

    id: str
    person: str
    kind: str
    issued_at: str
    issued_on: str
    valid_until: str
    digest: str
    code_start: str
    content: str


def add(db: Connection, new: Certificate) -> None:
    """Keep a certificate."""
    values = tuple(getattr(new, name) for name in Certificate.__slots__)
    db.execute(f"INSERT INTO certificate ({_COLUMNS}) VALUES ({', '.join('?' * len(values))})", values)  # noqa: S608


def by_digest(db: Connection, digest: str) -> Certificate | None:
    """Find the certificate whose code has this keyed hash."""
    row = db.execute(f"SELECT {_COLUMNS} FROM certificate WHERE digest = ?", (digest,)).fetchone()  # noqa: S608
    return None if row is None else Certificate(**dict(row))


def one(db: Connection, certificate: str) -> Certificate | None:
    """Find a certificate by its id, which is its request's."""
    row = db.execute(f"SELECT {_COLUMNS} FROM certificate WHERE id = ?", (certificate,)).fetchone()  # noqa: S608
    return None if row is None else Certificate(**dict(row))


def lines_of(db: Connection, person: str) -> list[dict[str, Any]]:
    """The person's newest certificates, as their record shows them."""
    rows = db.execute(
        "SELECT kind, issued_on, valid_until, code_start, id AS request FROM certificate WHERE person = ? "
        "ORDER BY issued_at DESC, id DESC LIMIT ?",
        (person, SHOWN),
    )
    return [dict(row) for row in rows]


# --- the public page -----------------------------------------------------------------------------------


def looked(db: Connection, *, at: str, address: str, code: str, found: bool) -> None:
    """Note a question to the public page, by keyed hashes."""
    db.execute(
        "INSERT INTO certificate_look (at, address, code, found) VALUES (?, ?, ?, ?)", (at, address, code, int(found))
    )


def misses_from(db: Connection, address: str, since: str) -> int:
    """Count the questions of an address that found nothing, since a time."""
    row = db.execute(
        "SELECT count(*) FROM certificate_look WHERE address = ? AND at > ? AND found = 0", (address, since)
    ).fetchone()
    return int(row[0])


def looks_at(db: Connection, code: str, since: str) -> int:
    """Count the questions about a code, since a time."""
    row = db.execute("SELECT count(*) FROM certificate_look WHERE code = ? AND at > ?", (code, since)).fetchone()
    return int(row[0])


def forget_looks(db: Connection, before: str) -> None:
    """Drop what is no longer needed to count."""
    db.execute("DELETE FROM certificate_look WHERE at < ?", (before,))
