"""What an officer has to look at before it can go on: set aside, or in conflict; and what becomes of it.

Rules:
- An item lies in exactly one queue: `quarantine` (it cannot be decided as it came) or `conflict` (something else stands
  against it). Nothing of it has any effect meanwhile.
- Whose request it is, is told: by the word that the visit gets, in "My requests", and by notice; the outcome likewise.
  Where nobody can say whose it is, nobody can be told.
- Accepted, an item is decided by the same rules as any other; what an officer let pass is a waiver with the names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from back_office import audit, notices, opening, representation, verdicts
from back_office.repository import changes, conflicts, desk, inbox, waivers
from back_office.repository.arrivals import Arrival, add
from kiosk.domain.audit import Actor
from kiosk.domain.edit_conflict import ConflictRule
from kiosk.wire.envelope import VerifiedTransaction
from kiosk.wire.officer_entry import OfficerEntry
from kiosk.wire.report import Report
from kiosk.wire.verdict import VerdictBody

if TYPE_CHECKING:
    from back_office.installation import Work
    from back_office.repository.conflicts import ConflictRow
    from back_office.repository.inbox import InboxRow
    from back_office.repository.people import PersonRow
    from kiosk.wire.envelope import Transaction

EDIT_CONFLICT = "edit_conflict"
"""Why an entry is held, why its case is open, and the waiver with which it goes on."""
_OWN = Actor("system", "back office")
_HELD = VerdictBody(decision="held", text_key="decision.request.held")


def quarantine(work: Work, row: InboxRow, reason: str) -> frozenset[str]:
    """Set an item aside for an officer."""
    inbox.set_status(work.db, row.id, "quarantined", reason)
    desk.open_case(work.db, kind="quarantine", subject=row.id, office=row.office, reason=reason, at=work.time)
    details = {"because": reason, "terminal": row.terminal, "kind": row.kind}
    _note(work, row.office, "request.quarantined", row.id, details)
    return frozenset({row.id})


def conflict(work: Work, row: InboxRow, transaction: Transaction, person: PersonRow) -> None:
    """Hold an edit that was signed without knowing of another one, for an officer to decide."""
    inbox.hold(work.db, row.id, EDIT_CONFLICT)
    desk.open_case(work.db, kind="conflict", subject=row.id, office=row.office, reason=EDIT_CONFLICT, at=work.time)
    details = {"because": EDIT_CONFLICT, "code": ConflictRule.OFFICER_DECIDES.value, "version": str(person.version)}
    _note(work, row.office, "request.conflict", row.id, details)
    tell_held(work, row, transaction, person)


def tell_held(work: Work, row: InboxRow, transaction: Transaction, person: PersonRow | None) -> None:
    """Say to the person that an officer looks at the request; nothing where nobody knows whose it is."""
    if person is None or changes.request(work.db, row.id) is not None:
        return
    verdicts.give(work, verdicts.new_request(work, transaction, person.number, _HELD), _HELD)
    notices.tell_of_request(work, row, person, "request_held")


def attributed(work: Work, row: InboxRow) -> tuple[Transaction | Report, PersonRow | None] | None:
    """Find out what is in an item and whose it is, as far as its signature proves it; however old it is."""
    content = opening.open_entry(row, work.it.keyring.keys(), work.at, however_old=True).content
    if isinstance(content, Report):
        return content, None
    if isinstance(content, OfficerEntry):
        return content, representation.whose(work, content)
    if not isinstance(content, VerifiedTransaction):
        return None
    return content.transaction, representation.whose(work, content.transaction)


def refuse(work: Work, row: InboxRow, reason: str) -> None:
    """End an item for good, in an officer's words; the person is told, where it is known whose it is."""
    inbox.set_status(work.db, row.id, "refused", "by_officer")
    _tell_refused(work, row, reason)


def refuse_conflict(work: Work, kept: ConflictRow, reason: str) -> None:
    """End an entry that could not enter."""
    conflicts.close(work.db, kept.n, "refused")
    if changes.request(work.db, kept.id) is None:  # where the id was decided, the word on it stands
        _tell_refused(work, as_entry(kept), reason)


def accept(work: Work, row: InboxRow, waiver: str, officers: str) -> None:
    """Let an item be decided, with what the officers let pass (empty: nothing)."""
    if waiver:
        waivers.give(work.db, row.id, waiver, officers=officers, at=work.time)
    inbox.set_status(work.db, row.id, "received")


def admit(work: Work, kept: ConflictRow) -> bool:
    """Let an entry into the inbox whose place is another's: it gets one of its own. False when its id is taken."""
    place = (kept.epoch, kept.seq) if kept.reason == "epoch_unknown" else (-kept.n, kept.seq)
    entry = Arrival(
        kept.id, kept.terminal, *place, kept.office, kept.kind, kept.schema, kept.sealing_key_id, kept.previous_hash,
        kept.hash, kept.body, kept.body_hash, kept.reference, kept.recorded_at, kept.received_at, "received", "",
        kept.batch, "",
    )  # fmt: skip
    if not add(work.db, [entry]):
        return False
    conflicts.close(work.db, kept.n, "accepted")
    return True


def as_entry(kept: ConflictRow) -> InboxRow:
    """Look at an entry that could not enter as if it had."""
    return inbox.InboxRow(
        n=0,
        id=kept.id,
        terminal=kept.terminal,
        epoch=kept.epoch,
        seq=kept.seq,
        office=kept.office,
        kind=kept.kind,
        schema=kept.schema,
        sealing_key_id=kept.sealing_key_id,
        previous_hash=kept.previous_hash,
        hash=kept.hash,
        body=kept.body,
        body_hash=kept.body_hash,
        reference=kept.reference,
        recorded_at=kept.recorded_at,
        received_at=kept.received_at,
        status="received",
        reason=kept.reason,
    )


def _tell_refused(work: Work, row: InboxRow, reason: str) -> None:
    found = attributed(work, row)
    if found is None:
        return
    transaction, person = found
    parameters = {"reason": reason}
    word = VerdictBody(
        decision="refused", reason_code="by_officer", text_key="decision.request.refused", parameters=parameters
    )
    verdicts.give(work, verdicts.new_request(work, transaction, None if person is None else person.number, word), word)
    if person is not None:
        notices.tell_of_request(work, row, person, "request_refused", reason)


def _note(work: Work, office: str, action: str, subject: str, details: dict[str, str]) -> None:
    actor = Actor(_OWN.role, _OWN.number, office)
    audit.record(work.db, work.at, actor, action, subject, purpose="intake", details=details)
