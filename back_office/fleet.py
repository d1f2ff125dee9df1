"""What operators do to terminals, cards and keys; each act with its audit line in the same transaction.

Rules:
- A suspended or retired terminal is refused at its next request; retired is final. What a suspended one delivers is kept
  and decided once it is resumed; when it is retired instead, the desk gets it.
- A revoked card is refused by the next decision, and by terminals with their next reference data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from back_office import audit, journals, pki
from back_office.repository import people, terminals
from kiosk.domain.audit import Actor
from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    from back_office.installation import Installation, Work

_MOVES = {("in_service", "suspended"), ("suspended", "in_service"), ("in_service", "retired"), ("suspended", "retired")}


def change_state(work: Work, terminal_id: str, state: str, *, by: str, reason: str) -> None:
    """Suspend, resume or retire. Raises EnvironmentFault for a terminal that is not known, or a way that is not there."""
    known = terminals.terminal(work.db, terminal_id)
    if known is None:
        raise EnvironmentFault(f"There is no terminal {terminal_id}.", "See: guichet back-office terminal list")
    if (known.state, state) not in _MOVES:
        raise EnvironmentFault(f"The terminal {terminal_id} is {known.state}.", f"From there it cannot become {state}.")
    if not reason.strip():
        raise EnvironmentFault("The reason is empty.", "Say why: --reason 'tamper alarm'.")
    terminals.set_terminal_state(work.db, terminal_id, state)
    actor = Actor("operator", by, known.office)
    details = {"from": known.state, "to": state}
    if state == "in_service":
        details["count"] = str(journals.resumed(work, terminal_id))
    elif state == "retired":
        details["count"] = str(journals.retired(work, terminal_id))
    audit.record(work.db, work.at, actor, "terminal.state_changed", terminal_id, purpose=reason, details=details)


def revoke_card(work: Work, number: str, *, by: str, reason: str) -> None:
    """Revoke a card. Raises EnvironmentFault for one that is not known or was revoked before."""
    card = people.card(work.db, number)
    if card is None:
        raise EnvironmentFault(f"There is no card {number!r}.", "Give the ten digits of a card that was issued here.")
    if not reason.strip():
        raise EnvironmentFault("The reason is empty.", "Say why: --reason 'reported lost'.")
    if not people.revoke_card(work.db, number, work.time, reason):
        raise EnvironmentFault(f"The card {number} was revoked before.", "Nothing more is needed.")
    audit.record(work.db, work.at, Actor("operator", by), "card.revoked", number, purpose=reason)


def rotate_sealing_key(it: Installation, *, by: str) -> str:
    """Make a new sealing key; answers its id. The key is on disk before its audit line says so."""
    kid = pki.rotate_sealing_key(it.state, it.clock, it.ids)
    with it.work() as work:
        actor = Actor("operator", by)
        audit.record(work.db, work.at, actor, "key.rotated", kid, purpose="rotation", details={"kid": kid})
    return kid
