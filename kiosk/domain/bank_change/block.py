"""A person's own block on bank changes: anyone who is the person can place it, lifting it takes more.

- It covers every channel: `Received` and `WaitOver` carry it, and `BlockPlaced` ends what is under way.
- It is lifted by card + PIN with staff in person, or attested (a home visit included); never by one officer
  alone, never from afar.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from kiosk.domain.bank_change.states import RefusalCode

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Block:
    """A block as it stands: when it was placed, and through which channel."""

    placed_at: datetime
    channel: str


@dataclass(frozen=True, slots=True)
class LiftedInPerson:
    """The holder with card and fresh PIN, a member of staff beside them."""

    person: str
    reauthenticated: bool
    officer: str


@dataclass(frozen=True, slots=True)
class LiftAttested:
    """One officer saw the person and the document (at the desk, at home), another approved."""

    entered_by: str
    document: str
    approved_by: str


Lifting = LiftedInPerson | LiftAttested


def lift(person: str, lifting: Lifting) -> RefusalCode | None:
    """Return why the block of `person` stays, or None when `lifting` is enough."""
    match lifting:
        case LiftedInPerson(holder, reauthenticated, officer):
            if holder != person:
                return RefusalCode.NOT_THE_HOLDER
            if not reauthenticated:
                return RefusalCode.NOT_REAUTHENTICATED
            return None if officer else RefusalCode.EVIDENCE_MISSING
        case LiftAttested(entered_by, document, approved_by):
            if not (entered_by and document and approved_by):
                return RefusalCode.EVIDENCE_MISSING
            return RefusalCode.SAME_OFFICER if entered_by == approved_by else None
        case _:
            assert_never(lifting)
