"""The audit log: what happened, who did it, why and when, each line bound to the one before by its hash.

Rules:
- A line is written in the transaction whose effect it tells: no effect without its line, no line without its effect.
- Details hold keys of the allow-list only: codes, counts and ids, never a name, a contact or a whole account.
- The form of a line and of its hash are the domain's (`kiosk.domain.audit`); the newest hash is kept twice, so that a
  cut tail is seen.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC
from typing import TYPE_CHECKING

from back_office.repository import ledger, moment, timestamp
from back_office.repository.ledger import AuditRow
from kiosk.domain.audit import FIRST_HASH, Actor, AuditLine, link
from kiosk.domain.errors import Bug

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from back_office.database import Connection

_HEAD = "audit_head"

DETAIL_KEYS = frozenset(
    {
        "account", "because", "card", "change", "channel", "code", "count", "decision", "epoch", "expected", "file", "flags",
        "from", "kid", "key_protection", "kind", "office", "outcome", "reference", "seq", "service", "state", "step",
        "technician", "terminal", "to", "version",
    }
)  # fmt: skip
"""What a line may tell. The number of a person stands in `subject`, where the law wants the access on record."""


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
    actor: Actor,
    action: str,
    subject: str,
    *,
    purpose: str,
    details: Mapping[str, str] | None = None,
) -> None:
    """Add a line to the open transaction. Raises Bug for a detail key that is not on the allow-list."""
    add(db, AuditLine(at, actor, action, subject, purpose, details or {}))


def add(db: Connection, line: AuditLine) -> None:
    """Add a line that the domain made. Raises Bug as `record` does."""
    strangers = line.details.keys() - DETAIL_KEYS
    if strangers:
        raise Bug(f"audit detail keys {sorted(strangers)} are not on the allow-list")
    line = replace(line, at=line.at.astimezone(UTC))
    head = ledger.audit_head(db)
    number, previous = (1, FIRST_HASH) if head is None else (head.n + 1, head.hash)
    row = AuditRow(
        n=number,
        at=timestamp(line.at),
        role=line.actor.role,
        actor=line.actor.number,
        office=line.actor.office,
        action=line.action,
        subject=line.subject,
        purpose=line.purpose,
        details=json.dumps(dict(line.details), sort_keys=True, ensure_ascii=False),
        hash=link(previous, line),
    )
    ledger.add_audit(db, row)
    ledger.put_setting(db, _HEAD, f"{number}:{row.hash}")


def verify(db: Connection) -> Intact | Broken:
    """Read the whole log and check every link, the numbering, and that the end is the end."""
    previous, number = FIRST_HASH, 0
    for row in ledger.audit_lines(db):
        number += 1
        if row.n != number:
            return Broken(number, f"line {number} is missing; the next one is {row.n}")
        try:
            expected = link(previous, _line(row))
        except (ValueError, TypeError):
            return Broken(number, "it cannot be read")
        if expected != row.hash:
            return Broken(number, "its content does not fit its hash and the line before")
        previous = row.hash
    kept = ledger.setting(db, _HEAD)
    if kept != (f"{number}:{previous}" if number else None):
        return Broken(number + 1, "lines at the end are missing")
    return Intact(number, previous)


def _line(row: AuditRow) -> AuditLine:
    actor = Actor(row.role, row.actor, row.office)
    return AuditLine(moment(row.at), actor, row.action, row.subject, row.purpose, json.loads(row.details))
