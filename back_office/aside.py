"""What came in aside of a visit: tickets for the desk with their drafts, and words on how it went.

Rules:
- A ticket shows a number, an office and a topic. Its draft stays sealed where it came; an officer opens it after having
  identified the person, and that is in the audit log. A draft that a card's holder typed opens for that holder only.
- A word on how it went becomes counts by service, office and month, and nothing else. What few said is not told as a number.
- After seven days both are gone: the envelopes themselves are emptied. Nobody can look any more which word stands beside
  which visit in a terminal's journal.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from back_office import audit, examination, opening
from back_office.repository import asides, inbox, people, timestamp
from kiosk.domain import form
from kiosk.domain.audit import Actor
from kiosk.domain.card import Role
from kiosk.domain.catalogue import find
from kiosk.domain.service import Standing
from kiosk.domain.services import feedback, ticket
from kiosk.domain.services.ticket import DRAFT_DAYS, number_of
from kiosk.wire.aside import Ticket

if TYPE_CHECKING:
    from collections.abc import Mapping

    from back_office.installation import Installation, Work
    from back_office.repository.asides import TicketRow
    from back_office.repository.desk import Officer
    from back_office.repository.inbox import InboxRow
    from kiosk.wire.aside import Feedback

_OWN = Actor("system", "back office")


@dataclass(frozen=True, slots=True)
class Draft:
    """What was typed before the ticket was drawn, as the desk sees it."""

    service: str
    step: str
    answers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class NotOpened:
    """Why a draft stays closed: `unknown`, `gone`, `other_person`, `other_office`."""

    why: str


def keep_ticket(work: Work, row: InboxRow, told: Ticket) -> frozenset[str]:
    """Put a ticket on the office's list."""
    if told.about not in ticket.ABOUT or (told.service and find(told.service) is None):
        return examination.quarantine(work, row, "service_unknown")
    inbox.set_status(work.db, row.id, "decided")
    asides.add_ticket(
        work.db, id_=row.id, number=number_of(row.reference), office=row.office, terminal=row.terminal, about=told.about,
        drawn_at=row.recorded_at, has_draft=bool(told.draft),
    )  # fmt: skip
    actor = Actor("terminal", row.terminal, row.office)
    details = {"service": told.service or ticket.ID, "step": told.step}
    audit.record(work.db, work.at, actor, "ticket.drawn", row.id, purpose=ticket.ID, details=details)
    return frozenset({row.id})


def count(work: Work, row: InboxRow, told: Feedback) -> frozenset[str]:
    """Count a word on how it went, and keep nothing else of it; an id is counted once."""
    unknown = told.service and find(told.service) is None
    problem = form.recheck(feedback.GIVE, told.answers, work.it.scheme, Standing(Role.NONE))
    if unknown or problem is not None:
        return examination.quarantine(work, row, "service_unknown" if unknown else "answer_missing")
    inbox.set_status(work.db, row.id, "decided")
    month = row.recorded_at[:7]
    asides.count(
        work.db, service=told.service, office=row.office, month=month, face=told.answers["face"],
        missing=told.answers["missing"],
    )  # fmt: skip
    return frozenset({row.id})


def forget_old(work: Work) -> int:
    """Empty the envelopes of what was told aside and whose days are over; how many."""
    gone = asides.told_before(work.db, timestamp(work.at - timedelta(days=DRAFT_DAYS)))
    for id_ in gone:
        asides.forget(work.db, id_)
    if gone:
        details = {"count": str(len(gone))}
        audit.record(work.db, work.at, _OWN, "aside.forgotten", "inbox", purpose="retention", details=details)
    return len(gone)


def tickets(it: Installation, office: str | None = None) -> list[TicketRow]:
    """List the tickets that wait, oldest first."""
    with it.database.read() as db:
        return asides.waiting(db, office)


def open_draft(it: Installation, officer: Officer, number: str, person: str) -> Draft | NotOpened:
    """Open what was typed, for an officer who has identified this person (the person's number)."""
    with it.work() as work:
        found = asides.newest(work.db, number)
        if found is None:
            return NotOpened("unknown")
        if found.office != officer.office:
            return NotOpened("other_office")
        row = inbox.by_id(work.db, found.id)
        if not found.has_draft or row is None or not row.body:
            return NotOpened("gone")
        content = opening.open_entry(row, it.keyring.keys(), work.at).content
        if not isinstance(content, Ticket):
            return NotOpened("gone")
        card = people.card(work.db, content.card) if content.card else None
        wrong = content.card and (card is None or card.person != person)
        details = {"reference": found.number, "outcome": "refused" if wrong else "opened"}
        actor = Actor("officer", officer.id, officer.office)
        audit.record(work.db, work.at, actor, "ticket.draft_opened", person, purpose=ticket.ID, details=details)
        if wrong:
            return NotOpened("other_person")
        return Draft(content.service, content.step, dict(content.draft))


def close_ticket(it: Installation, officer: Officer, number: str) -> bool:
    """Take a ticket off the list, its draft with it; False when there is none in this office."""
    with it.work() as work:
        found = asides.newest(work.db, number)
        if found is None or found.office != officer.office or found.closed_at is not None:
            return False
        asides.close(work.db, found.id, officer.id, work.time)
        asides.forget(work.db, found.id)
        audit.record(
            work.db, work.at, Actor("officer", officer.id, officer.office), "ticket.closed", found.id, purpose=ticket.ID
        )
        return True


@dataclass(frozen=True, slots=True)
class Voices:
    """The words on one service, in one office and month, as they may be shown: small counts are not told."""

    month: str
    office: str
    service: str
    faces: Mapping[str, str]
    missing: Mapping[str, str]


def voices(it: Installation, office: str | None = None) -> list[Voices]:
    """Count what was said, newest month first."""
    with it.database.read() as db:
        rows = asides.counts(db, office)
    grouped: dict[tuple[str, str, str], tuple[dict[str, int], dict[str, int]]] = {}
    for row in rows:
        faces, missing = grouped.setdefault((row.month, row.office, row.service), ({}, {}))
        (faces if row.what == "face" else missing)[row.value] = row.n
    return [
        Voices(month, where, service, _told(faces, feedback.FACES), _told(missing, feedback.MISSING))
        for (month, where, service), (faces, missing) in sorted(grouped.items(), reverse=True)
    ]


def _told(counted: Mapping[str, int], order: tuple[str, ...]) -> dict[str, str]:
    return {value: feedback.told(counted[value]) for value in order if value in counted}
