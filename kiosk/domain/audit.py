"""Audit lines: who did what, to what, why and when, chained so that a gap or an edit shows.

- A line derives from (before, event, after), so that no act can be written down as another.
- Each hash covers the line and the hash before it; whoever removes or edits one breaks every later one.
- No PIN, no code, no full account number is ever in a line.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from json.encoder import encode_basestring as _text  # a text between its quotes
from typing import TYPE_CHECKING

from kiosk.domain.accounts import last_four
from kiosk.domain.bank_change.states import Change, Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from kiosk.domain.bank_change.events import Event

FIRST_HASH = "0" * 64
"""What the first line of a chain follows."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acted: role (holder, officer, system, partner), number, and the office where."""

    role: str
    number: str
    office: str = ""


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One act. `subject` is the number of the person or the id of the thing; `purpose` the ground of it."""

    at: datetime
    actor: Actor
    action: str
    subject: str
    purpose: str
    details: Mapping[str, str] = field(default_factory=dict)


def bank_change_line(before: Change, event: Event, after: Change | Refusal, actor: Actor, purpose: str) -> AuditLine:
    """Return the line of one `step`, taken or refused."""
    name = type(event).__name__
    details = {"change": before.id, "from": before.state.value, "account": last_four(before.account)}
    if isinstance(after, Refusal):
        action = f"bank_change.{name}.refused"
        details["code"] = after.code.value
    else:
        action = f"bank_change.{name}"
        details["to"] = after.state.value
        if after.flags != before.flags and (raised := after.flags - before.flags):
            details["flags"] = ",".join(sorted(flag.value for flag in raised))
    return AuditLine(event.at, actor, action, before.person, purpose, details)


def link(previous: str, line: AuditLine) -> str:
    """Return the hash of `line` in the chain after `previous`: SHA-256 over canonical JSON (RFC 8785), in hex."""
    actor = line.actor
    details = ",".join([f"{_text(name)}:{_text(line.details[name])}" for name in sorted(line.details)])
    # Put together here, in the order of the keys: written by the general encoder, lines are half of what deciding costs.
    content = (
        f'{{"action":{_text(line.action)},"at":"{line.at.isoformat()}","details":{{{details}}},'
        f'"number":{_text(actor.number)},"office":{_text(actor.office)},"previous":{_text(previous)},'
        f'"purpose":{_text(line.purpose)},"role":{_text(actor.role)},"subject":{_text(line.subject)}}}'
    )
    return hashlib.sha256(content.encode()).hexdigest()


def first_break(lines: Iterable[tuple[AuditLine, str]], start: str = FIRST_HASH) -> int | None:
    """Return the position of the first line whose hash does not follow, or None when the chain holds."""
    previous = start
    for position, (line, stored) in enumerate(lines):
        if link(previous, line) != stored:
            return position
        previous = stored
    return None
