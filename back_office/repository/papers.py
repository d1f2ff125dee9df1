"""Papers that somebody brought to the desk, kept with the case as they were scanned.

Rules:
- A paper is kept once a case, by its digest; it is never changed, and read whole only by who opens it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from back_office.database import Connection


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper without its content. `digest`: SHA-256, hexadecimal."""

    n: int
    desk_case: int
    subject: str
    name: str
    media_type: str
    size: int
    digest: str
    officer: str
    attached_at: str


_PAPER = ", ".join(Paper.__slots__)


def add(
    db: Connection, *, desk_case: int, subject: str, name: str, media_type: str, digest: str, content: bytes,
    officer: str, at: str,
) -> bool:  # fmt: skip
    """Keep a paper; False when the case has it already."""
    done = db.execute(
        "INSERT INTO case_paper (desk_case, subject, name, media_type, size, digest, content, officer, attached_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (subject, digest) DO NOTHING",
        (desk_case, subject, name, media_type, len(content), digest, content, officer, at),
    )
    return done.rowcount == 1


def of(db: Connection, subject: str) -> list[Paper]:
    """List the papers about one request, in the order in which they came."""
    rows = db.execute(f"SELECT {_PAPER} FROM case_paper WHERE subject = ? ORDER BY n", (subject,))  # noqa: S608
    return [Paper(**dict(row)) for row in rows]


def one(db: Connection, n: int) -> Paper | None:
    """Find a paper by its number."""
    row = db.execute(f"SELECT {_PAPER} FROM case_paper WHERE n = ?", (n,)).fetchone()  # noqa: S608 - own names
    return None if row is None else Paper(**dict(row))


def content(db: Connection, n: int) -> bytes | None:
    """Read a paper."""
    row = db.execute("SELECT content FROM case_paper WHERE n = ?", (n,)).fetchone()
    return None if row is None else bytes(row["content"])
