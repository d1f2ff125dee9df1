"""What officers enter for somebody who shows no card, where it is decided: who it is about, and whether enough officers said so.

Rules:
- The catalogue's entry says by which way it may come and on what evidence; what the page did not offer is refused here too.
- What a paper proves counts only when another officer than the one who entered it has approved it (a waiver with both names).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from back_office.repository import moment, people, waivers
from kiosk.domain import by_officer
from kiosk.domain.bank_change import events
from kiosk.domain.card import Role
from kiosk.domain.problem import Problem
from kiosk.domain.service import Channel, EvidenceKind, Standing, standing_of
from kiosk.wire.officer_entry import OfficerEntry

if TYPE_CHECKING:
    from back_office.installation import Work
    from back_office.repository.people import PersonRow
    from kiosk.domain.record import Person
    from kiosk.domain.service import Service

ATTESTED = "attested"
"""The waiver with which what one officer entered counts: it names that officer and the one who approved."""
_PROBLEM = Problem("service.refused.evidence")


def whose(work: Work, entry: OfficerEntry) -> PersonRow | None:
    """Find whom an entry is about."""
    return people.person(work.db, entry.person) if entry.person else None


def approved_by(work: Work, entry_id: str) -> str:
    """Name the second officer; "" while there is none."""
    both = waivers.officers(work.db, entry_id, ATTESTED).split()
    return both[1] if len(set(both)) > 1 else ""


def problem(work: Work, entry: OfficerEntry, service: Service) -> Problem | None:
    """Say why the entry is no evidence for this service; None when it is."""
    kind = by_officer.evidence(service, Channel(entry.channel))
    if kind is None or entry.evidence.get("kind") != kind.value:
        return _PROBLEM
    entered_on = moment(entry.signed_at).astimezone(work.it.scheme.bank_change.zone).date().isoformat()
    if by_officer.check_seen(service, kind, entry.document, entry.seen_on, entered_on) is not None:
        return _PROBLEM
    return _PROBLEM if kind is EvidenceKind.ATTESTED and not approved_by(work, entry.id) else None


def seen_by_two(transaction: object) -> str:
    """Name the document for which two officers stand; "" where a request came another way. It was checked before."""
    if not isinstance(transaction, OfficerEntry) or transaction.evidence.get("kind") != EvidenceKind.ATTESTED.value:
        return ""
    return transaction.document


def standing(work: Work, record: Person | None, officer: str, entry_id: str) -> Standing:
    """Say what is known of the person, for the rules; the officer has taken part.

    The card's PIN does not matter here, and the entry is no request beside itself.
    """
    today = work.at.astimezone(work.it.scheme.bank_change.zone).date().isoformat()
    if record is None:
        return Standing(Role.NONE, today=today, staff=officer, scheme=work.it.scheme)
    others = tuple(line for line in record.requests if line.transaction_id != entry_id)
    seen = replace(record, pin_letter_until="", requests=others)
    return standing_of(Role.INSURED, seen, today=today, staff=officer, scheme=work.it.scheme)


def attested(work: Work, entry: OfficerEntry) -> tuple[events.Event, ...]:
    """Say to the firewall by whom a change was entered and approved."""
    entered = events.EntryAttested(work.at, entry.officer, f"{entry.document} {entry.seen_on}")
    return entered, events.AttestationApproved(work.at, approved_by(work, entry.id))
