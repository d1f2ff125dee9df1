"""What a block on changes of the account does, and who may lift it.

Rules:
- A block ends every change that is under way and refuses every new one, whatever channel it comes by (`back_office.firewall`).
- It is lifted at once only where an officer's own card has signed that they were there (`Standing.staff`), or where two
  officers stand for the document that one of them saw. Otherwise an officer looks at the person's identity document at the desk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from back_office import firewall, notices
from back_office.repository import changes, people
from back_office.services.contacts import holder
from back_office.services.effect import Effect, InForce, Outcome, ToDesk
from kiosk.domain.bank_change import PENDING, events

if TYPE_CHECKING:
    from back_office.installation import Work
    from back_office.services.effect import Asked


def block(work: Work, asked: Asked) -> Outcome:
    """Put the block, and end what is under way."""
    person = holder(asked)
    people.block_changes(work.db, person.number, blocked=True)
    for row in changes.changes_of(work.db, person.number):
        if firewall.read(row).state in PENDING:
            event = events.BlockPlaced(work.at)
            firewall.happen(work, row.id, event, actor=firewall.OWN, purpose=asked.service.id)
    notices.tell(work, asked.row, person, "changes_blocked", {}, notices.contacts_lately(work, person.number))
    return InForce()


def unblock(work: Work, asked: Asked) -> Outcome:
    """Lift the block where staff stand beside the person; otherwise leave it to the desk."""
    return lift(work, asked) if asked.standing.staff else ToDesk("in_person")


def lift(work: Work, asked: Asked) -> InForce:
    """Take the block away, and tell everybody."""
    person = holder(asked)
    people.block_changes(work.db, person.number, blocked=False)
    notices.tell(work, asked.row, person, "changes_unblocked", {}, notices.contacts_lately(work, person.number))
    return InForce()


BLOCK = Effect(block)
UNBLOCK = Effect(unblock, lift)
