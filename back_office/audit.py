"""The audit log: what happened, who did it, why and when, each line bound to the one before by its hash.

Rules:
- A line is written in the transaction whose effect it tells: no effect without its line, no line without its effect.
- Of a group of effects in one transaction the lines may be written together, at its end (`gathered`).
- Details hold keys of the allow-list only: codes, counts and ids, never a name, a contact or a whole account.
- The form of a line and of its hash are the domain's (`kiosk.domain.audit`); the newest hash is kept twice, so that a
  cut tail is seen.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC
from typing import TYPE_CHECKING

from back_office.repository import ledger, moment, timestamp, written
from back_office.repository.ledger import AuditRow
from kiosk.domain.audit import FIRST_HASH, Actor, AuditLine, link
from kiosk.domain.errors import Bug

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
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
    if not line.details.keys() <= DETAIL_KEYS:
        strangers = sorted(line.details.keys() - DETAIL_KEYS)
        raise Bug(f"audit detail keys {strangers} are not on the allow-list")
    if line.at.tzinfo is not UTC:
        line = replace(line, at=line.at.astimezone(UTC))
    gathering = _gathering.get(id(db))
    number, previous = _head(db) if gathering is None else gathering.head
    number += 1
    row = AuditRow(
        n=number,
        at=timestamp(line.at),
        role=line.actor.role,
        actor=line.actor.number,
        office=line.actor.office,
        action=line.action,
        subject=line.subject,
        purpose=line.purpose,
        details=written(dict(line.details)),
        hash=link(previous, line),
    )
    if gathering is not None:
        gathering.rows.append(row)
        return
    ledger.add_audit(db, [row])
    ledger.put_setting(db, _HEAD, f"{number}:{row.hash}")


@dataclass(slots=True)
class Gathered:
    """Lines of one transaction that are written together; `before` is the newest line that was there already."""

    before: tuple[int, str]
    rows: list[AuditRow] = field(default_factory=list)

    @property
    def head(self) -> tuple[int, str]:
        """Number and hash of the newest line."""
        return (self.rows[-1].n, self.rows[-1].hash) if self.rows else self.before

    def forget_after(self, count: int) -> None:
        """Leave out what was added after the first `count` lines: its effect was undone."""
        del self.rows[count:]


@contextmanager
def gathered(db: Connection) -> Iterator[Gathered]:
    """Write the lines that the block adds with one statement at its end, in the same transaction."""
    gathering = _gathering[id(db)] = Gathered(_head(db))
    try:
        yield gathering
    finally:
        del _gathering[id(db)]
    if gathering.rows:
        ledger.add_audit(db, gathering.rows)
        ledger.put_setting(db, _HEAD, "{}:{}".format(*gathering.head))


_gathering: dict[int, Gathered] = {}


def _head(db: Connection) -> tuple[int, str]:
    head = ledger.audit_head(db)
    return (0, FIRST_HASH) if head is None else (head.n, head.hash)


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
