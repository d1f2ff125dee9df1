"""Records that were opened at a terminal without a line: who opened whose, when, as the card signed it before it opened.

Rules:
- Such an opening stands in the person's own list of who looked, like one with a line, and is a visit to that office.
- Whose record it was follows from the card; of somebody acted for, from the number in the line, where the card ever held a
  mandate of that person. What fits nobody is kept as the terminal's report, and names nobody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from back_office import audit
from back_office.repository import inbox, mandates, moment, people, timestamp
from back_office.repository import scope as scope_rows
from kiosk.domain.audit import Actor

if TYPE_CHECKING:
    from back_office.installation import Work
    from back_office.repository.inbox import InboxRow
    from kiosk.wire.access import Access

OWN_RECORD, MANDATE = "own record", "mandate"


def note(work: Work, row: InboxRow, access: Access) -> frozenset[str]:
    """Keep that a record was opened; there is nothing to decide."""
    inbox.set_status(work.db, row.id, "decided")
    whose = _whose(work, access)
    terminal = Actor("terminal", row.terminal, row.office)
    audit.record(work.db, work.at, terminal, "terminal.access", row.id, purpose="report", details={"kind": row.kind})
    if whose:
        role, purpose = ("representative", MANDATE) if access.person else ("holder", OWN_RECORD)
        details = {"kind": row.kind, "terminal": row.terminal}
        at = min(moment(access.at), work.at)  # whatever the terminal's clock said
        audit.record(
            work.db, at, Actor(role, access.card, row.office), "record.opened", whose, purpose=purpose,
            details=details,
        )  # fmt: skip
        scope_rows.visited(work.db, whose, row.office, timestamp(at))
    return frozenset({row.id})


def _whose(work: Work, access: Access) -> str:
    card = people.card(work.db, access.card)
    if card is None:
        return ""
    if not access.person:
        return card.person or ""
    return access.person if mandates.between(work.db, access.card, access.person) else ""
