"""Opens envelopes and verifies who signed them: pure work on bytes, done before any transaction is begun.

Rules:
- Nothing here reads or writes the record; what it needs (keys, time) is given.
- What cannot be opened or attributed is a reason for quarantine, never an exception.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from kiosk.wire.access import KIND as ACCESS
from kiosk.wire.access import VerifiedAccess, read_access
from kiosk.wire.aside import AUDIT, FEEDBACK, TICKET, Feedback, PinSet, Ticket, read_audit, read_feedback, read_ticket
from kiosk.wire.envelope import LONGEST_DELAY, VerifiedTransaction, open_sealed, verify_transaction
from kiosk.wire.officer_entry import KIND as DESK
from kiosk.wire.officer_entry import OfficerEntry, read_entry
from kiosk.wire.problem import Problem
from kiosk.wire.report import KIND as REPORT
from kiosk.wire.report import Report, read_report
from kiosk.wire.trust import Revocations

if TYPE_CHECKING:
    from collections.abc import Container, Sequence
    from datetime import datetime

    from back_office.keyring import OpeningKeys
    from back_office.repository.inbox import InboxRow

    class _Reader(Protocol):
        def __call__(
            self, opened: bytes, *, expected_id: str, expected_terminal: str
        ) -> Report | Ticket | Feedback | Problem: ...


TRANSACTION = "transaction"
"""What a card signed, by the journal's kind."""
TOO_OLD = "too_old"
"""The waiver with which an act counts however long it was on its way."""
_TOLD: dict[str, _Reader] = {REPORT: read_report, TICKET: read_ticket, FEEDBACK: read_feedback}
"""What nobody signs, by the journal's kind."""
_EVER = timedelta(days=36_500)


@dataclass(frozen=True, slots=True)
class Opened:
    """An entry with what is in it, nothing that has an effect (None), or why it is set aside."""

    row: InboxRow
    content: VerifiedTransaction | VerifiedAccess | OfficerEntry | Report | Ticket | Feedback | PinSet | str | None


def open_entry(  # noqa: PLR0911 - one line a kind
    row: InboxRow, keys: OpeningKeys, at: datetime, *, however_old: bool = False
) -> Opened:
    """Open one entry and verify its card signature and chain; revocation is judged by who decides."""
    opened = open_sealed(row.body, keys.sealing)
    if row.kind == TRANSACTION:
        return Opened(row, verify_opened(opened, keys, at, row.id, row.terminal, however_old=however_old))
    if isinstance(opened, Problem):
        return Opened(row, _unopened(opened))
    if row.kind in _TOLD:
        told = _TOLD[row.kind](opened, expected_id=row.id, expected_terminal=row.terminal)
        return Opened(row, _unattributed(told) if isinstance(told, Problem) else told)
    if row.kind == DESK:
        entered = read_entry(opened, keys.anchors, at, expected_id=row.id, expected_terminal=row.terminal)
        return Opened(row, _unattributed(entered) if isinstance(entered, Problem) else entered)
    if row.kind == AUDIT:
        set_ = read_audit(opened, expected_id=row.id, expected_terminal=row.terminal)
        return Opened(row, _unattributed(set_) if isinstance(set_, Problem) else set_)
    if row.kind == ACCESS:
        nobody = Revocations(frozenset(), at)
        looked = read_access(opened, keys.anchors, nobody, at, expected_id=row.id, expected_terminal=row.terminal)
        return Opened(row, None if isinstance(looked, Problem) else looked)  # the terminal's report stands all the same
    return Opened(row, None)


def verify_opened(
    opened: bytes | Problem, keys: OpeningKeys, at: datetime, id_: str, terminal: str, *, however_old: bool
) -> VerifiedTransaction | str:
    """Verify what was in the envelope of a transaction: what a card signed, or why it is set aside."""
    if isinstance(opened, Problem):
        return _unopened(opened)
    verified = verify_transaction(
        opened,
        keys.anchors,
        Revocations(frozenset(), at),
        at,
        expected_id=id_,
        expected_terminal=terminal,
        longest_delay=_EVER if however_old else LONGEST_DELAY,
    )
    return _unattributed(verified) if isinstance(verified, Problem) else verified


def open_entries(rows: Sequence[InboxRow], keys: OpeningKeys, at: datetime, old: Container[str]) -> list[Opened]:
    """Open many; `old` are the ids of those that count however long they were on their way."""
    return [open_entry(row, keys, at, however_old=row.id in old) for row in rows]


def _unopened(why: Problem) -> str:
    return f"cannot_be_opened:{why.code.value}"


def _unattributed(why: Problem) -> str:
    return f"cannot_be_attributed:{why.code.value}"
