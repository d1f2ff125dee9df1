"""The audit log: what happened, who did it and when, each line bound to the one before by its hash.

Rules:
- A line is written in the transaction whose effect it tells; there is no effect without its line, no line without its effect.
- `detail` holds keys of the allow-list only: codes, counts and ids, never a name, an account or a contact.
- hash = SHA-256 over the canonical JSON of the line with the previous hash; the newest hash is kept twice, so that a cut tail is seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from back_office.repository import ledger, timestamp
from back_office.repository.ledger import AuditRow
from kiosk.domain.errors import Bug
from kiosk.wire.canonical import canonical, digest

if TYPE_CHECKING:
    from datetime import datetime
    from sqlite3 import Connection

BEGINNING = "0" * 64
HEAD = "audit_head"

DETAIL_KEYS = frozenset(
    {
        "after",
        "attempts",
        "because",
        "before",
        "card",
        "channel",
        "count",
        "decision",
        "epoch",
        "event",
        "expected",
        "file",
        "kid",
        "kind",
        "key_protection",
        "office",
        "outcome",
        "reason",
        "seq",
        "service",
        "stage",
        "step",
        "terminal",
        "verification",
        "version",
    }
)
"""What a line may tell. An id of a person stands in `subject` where the law wants the access on record, nowhere else."""


@dataclass(frozen=True, slots=True)
class Intact:
    """Every line fits the one before."""

    lines: int
    head: str


@dataclass(frozen=True, slots=True)
class Broken:
    """The first line that does not fit, and how."""

    line: int
    how: str


def record(
    db: Connection,
    at: datetime,
    *,
    actor: str,
    act: str,
    subject: str,
    detail: dict[str, str | int | bool] | None = None,
) -> None:
    """Add a line to the open transaction. Raises Bug for a detail key that is not on the allow-list."""
    detail = detail or {}
    strangers = detail.keys() - DETAIL_KEYS
    if strangers:
        raise Bug(f"Audit detail keys {sorted(strangers)} are not on the allow-list.")
    head = ledger.audit_head(db)
    number, previous = (1, BEGINNING) if head is None else (head.n + 1, head.hash)
    line = AuditRow(number, timestamp(at), actor, act, subject, canonical(detail).decode(), previous, "")
    hashed = _hash(line)
    ledger.add_audit(db, AuditRow(line.n, line.at, actor, act, subject, line.detail, previous, hashed))
    ledger.put_setting(db, HEAD, f"{number}:{hashed}")


def verify(db: Connection) -> Intact | Broken:
    """Read the whole log and check every link, the numbering, and that the end is the end."""
    previous, number = BEGINNING, 0
    for line in ledger.audit_lines(db):
        number += 1
        if line.n != number:
            return Broken(number, f"line {number} is missing, the next one is {line.n}")
        if line.previous != previous:
            return Broken(number, "it does not continue the line before")
        if _hash(line) != line.hash:
            return Broken(number, "its content was changed")
        previous = line.hash
    kept = ledger.setting(db, HEAD)
    if kept != (f"{number}:{previous}" if number else None):
        return Broken(number + 1, "lines at the end are missing")
    return Intact(number, previous)


def _hash(line: AuditRow) -> str:
    content = [line.n, line.at, line.actor, line.act, line.subject, line.detail, line.previous]
    return digest(canonical(content))
