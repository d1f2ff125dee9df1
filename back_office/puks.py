"""PUKs: kept sealed, and given to an officer who stands at a terminal with the blocked card and its holder.

Rules:
- At rest a PUK is sealed to the back office's own key; it is opened for one answer, which only the asking visit can open.
- A staff card that is not revoked asks, for a card of a person that is not revoked. Each release, and each refusal, is in the log.
- Five in a day for one card are enough; more are somebody trying.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from back_office import audit
from back_office.repository import people, puks, timestamp
from kiosk.domain.audit import Actor
from kiosk.domain.card import Role
from kiosk.wire.envelope import open_sealed, seal
from kiosk.wire.problem import Problem

if TYPE_CHECKING:
    from back_office.installation import Installation, Work
    from back_office.repository.terminals import Terminal

KIND = "puk"
MOST_A_DAY = 5


def keep(work: Work, it: Installation, card: str, puk: str) -> None:
    """Keep the PUK of a card."""
    puks.put(work.db, card, seal(puk.encode("ascii"), it.keyring.keys().sealing_certificates[0]))


def release(work: Work, terminal: Terminal, officer: str, card: str) -> dict[str, str]:
    """Give the PUK of a card to the officer whose card asks, or say only that there is none."""
    asking, blocked = people.card(work.db, officer), people.card(work.db, card)
    sealed = puks.sealed(work.db, card)
    why = ""
    if asking is None or asking.role != Role.STAFF.value or asking.revoked_at is not None:
        why = "not_staff"
    elif blocked is None or sealed is None or blocked.person is None or blocked.person == asking.person:
        why = "no_puk"
    elif blocked.revoked_at is not None:
        why = "card_revoked"
    elif puks.released_since(work.db, card, timestamp(work.at - timedelta(days=1))) >= MOST_A_DAY:
        why = "too_many"
    opened = open_sealed(sealed, work.it.keyring.keys().sealing) if sealed is not None and not why else b""
    if isinstance(opened, Problem):
        opened, why = b"", "cannot_be_opened"
    details = {"card": card, "terminal": terminal.id, "outcome": why or "released"}
    actor = Actor("officer", officer, terminal.office)
    audit.record(work.db, work.at, actor, "card.puk_asked", card, purpose="unblock", details=details)
    if why:
        return {"absent": "refused"}
    puks.note_release(work.db, card, work.time)
    return {"puk": opened.decode("ascii")}
