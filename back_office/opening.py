"""Opens envelopes and verifies who signed them: pure work on bytes, done in threads before any transaction is begun.

Rules:
- Nothing here reads or writes the record; what it needs (keys, time) is given.
- What cannot be opened or attributed is a reason for quarantine, never an exception.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from kiosk.wire.aside import AUDIT, FEEDBACK, TICKET, Feedback, PinSet, Ticket, read_audit, read_feedback, read_ticket
from kiosk.wire.envelope import LONGEST_DELAY, VerifiedTransaction, open_sealed, verify_transaction
from kiosk.wire.officer_entry import KIND as DESK
from kiosk.wire.officer_entry import OfficerEntry, read_entry
from kiosk.wire.problem import Problem
from kiosk.wire.report import KIND as REPORT
from kiosk.wire.report import Report, read_report
from kiosk.wire.trust import Revocations

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from concurrent.futures import Executor
    from datetime import datetime

    from back_office.keyring import Keys
    from back_office.repository.inbox import InboxRow

    class _Reader(Protocol):
        def __call__(
            self, opened: bytes, *, expected_id: str, expected_terminal: str
        ) -> Report | Ticket | Feedback | Problem: ...


TOO_OLD = "too_old"
"""The waiver with which an act counts however long it was on its way."""
_TOLD: dict[str, _Reader] = {REPORT: read_report, TICKET: read_ticket, FEEDBACK: read_feedback}
"""What nobody signs, by the journal's kind."""
_EVER = timedelta(days=36_500)


@dataclass(frozen=True, slots=True)
class Opened:
    """An entry with what is in it, nothing that has an effect (None), or why it is set aside."""

    row: InboxRow
    content: VerifiedTransaction | OfficerEntry | Report | Ticket | Feedback | PinSet | str | None


def open_entry(row: InboxRow, keys: Keys, at: datetime, *, however_old: bool = False) -> Opened:  # noqa: PLR0911 - one line a kind
    """Open one entry and verify its card signature and chain; revocation is judged by who decides."""
    opened = open_sealed(row.body, keys.sealing)
    if isinstance(opened, Problem):
        return Opened(row, f"cannot_be_opened:{opened.code.value}")
    if row.kind in _TOLD:
        told = _TOLD[row.kind](opened, expected_id=row.id, expected_terminal=row.terminal)
        return Opened(row, f"cannot_be_attributed:{told.code.value}" if isinstance(told, Problem) else told)
    if row.kind == DESK:
        entered = read_entry(opened, keys.anchors, at, expected_id=row.id, expected_terminal=row.terminal)
        return Opened(row, f"cannot_be_attributed:{entered.code.value}" if isinstance(entered, Problem) else entered)
    if row.kind == AUDIT:
        set_ = read_audit(opened, expected_id=row.id, expected_terminal=row.terminal)
        return Opened(row, f"cannot_be_attributed:{set_.code.value}" if isinstance(set_, Problem) else set_)
    if row.kind != "transaction":
        return Opened(row, None)
    verified = verify_transaction(
        opened,
        keys.anchors,
        Revocations(frozenset(), at),
        at,
        expected_id=row.id,
        expected_terminal=row.terminal,
        longest_delay=_EVER if however_old else LONGEST_DELAY,
    )
    if isinstance(verified, Problem):
        return Opened(row, f"cannot_be_attributed:{verified.code.value}")
    return Opened(row, verified)


def open_entries(
    rows: Sequence[InboxRow], keys: Keys, at: datetime, waived: Iterable[str], threads: Executor | None
) -> list[Opened]:
    """Open many, beside each other where there are threads for it; `waived` are ids that count however old."""
    old = frozenset(waived)

    def one(row: InboxRow) -> Opened:
        return open_entry(row, keys, at, however_old=row.id in old)

    return [one(row) for row in rows] if threads is None or len(rows) == 1 else list(threads.map(one, rows))
