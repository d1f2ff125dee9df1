"""How what an officer entered gets into the inbox: signed by the back office, sealed, and chained at its desk's place.

Rules:
- It has a reference like everything else, and lies there as what it is: an entry that no card signed.
- What takes two officers is set aside until the other one has spoken, and the person is told that somebody asks in their name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from back_office import audit, examination
from back_office.desk.examined import ENTERED, SECOND
from back_office.repository import arrivals, desk, desk_places, inbox
from back_office.repository.arrivals import Arrival
from back_office.repository.terminals import JournalHead
from kiosk.domain import by_officer as rules
from kiosk.domain import reference
from kiosk.domain.audit import Actor
from kiosk.domain.errors import Bug
from kiosk.domain.service import Channel
from kiosk.domain.transaction import helper
from kiosk.wire.answer import AnswerKey
from kiosk.wire.canonical import digest
from kiosk.wire.envelope import seal, sealing_key_id
from kiosk.wire.journal_chain import GENESIS, ClearHeader, chain_hash
from kiosk.wire.officer_entry import KIND, OfficerEntry, sign_entry
from kiosk.wire.problem import Problem as Malformed
from kiosk.wire.timestamps import timestamp as wire_time

if TYPE_CHECKING:
    from collections.abc import Mapping

    from back_office.installation import Work
    from back_office.repository.desk import Officer
    from back_office.repository.people import PersonRow
    from kiosk.domain.service import EvidenceKind, Service

_SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Wish:
    """What an officer enters, checked: for whom, what, on what evidence and which answers."""

    id: str
    service: Service
    channel: Channel
    kind: EvidenceKind
    document: str
    seen_on: str
    person: PersonRow | None
    answers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Entered:
    """It is in the inbox. `case`: its number where another officer approves it; otherwise `said` is the word on it."""

    id: str
    reference: str
    said: str
    case: int | None = None


def append(work: Work, officer: Officer, wish: Wish) -> Entered:
    """Write the entry at its place; what takes two officers waits in a case."""
    person, at = wish.person, wire_time(work.at)
    place = desk_places.place_of(work.db, officer.office, work.time)
    entry = OfficerEntry(
        id=wish.id,
        service=wish.service.id,
        scheme=work.it.scheme.code,
        office=officer.office,
        terminal=place,
        person="" if person is None else person.number,
        base_version=None if person is None else person.version,
        answers=dict(wish.answers),
        entered_by=dict.fromkeys(wish.answers, helper("officer")),
        evidence={"kind": wish.kind.value},
        started_at=at,
        signed_at=at,
        language=work.it.scheme.official_language if person is None else person.language,
        answer_key=AnswerKey.generate().jwk,  # nobody waits at a terminal: the person is told by notice
        channel="desk" if wish.channel is Channel.DESK else "telephone",
        officer=officer.id,
        document=wish.document,
        seen_on=wish.seen_on,
    )
    needs_two = rules.officers(wish.kind) > 1
    number = _chain(work, entry, _sealed(work, entry), status="quarantined" if needs_two else "received")
    actor = Actor("officer", officer.id, officer.office)
    details = {"kind": wish.kind.value, "because": wish.document}
    audit.record(work.db, work.at, actor, "desk.entered", entry.id, purpose=entry.service, details=details)
    if not needs_two:
        return Entered(entry.id, number, "It is entered.")
    desk.open_case(work.db, kind=ENTERED, subject=entry.id, office=officer.office, reason=SECOND, at=work.time)
    (case,) = desk.cases_of(work.db, entry.id)
    row = inbox.by_id(work.db, entry.id)
    if row is not None:
        examination.tell_held(work, row, entry, person)
    desk.note_first(work.db, case.n, officer.id)
    return Entered(entry.id, number, "It is entered. Another officer must approve it.", case.n)


def _sealed(work: Work, entry: OfficerEntry) -> bytes:
    keys = work.it.keyring.keys()
    signed = sign_entry(entry, keys.signer, work.at)
    if isinstance(signed, Malformed):
        raise Bug(f"an officer's entry has a wrong shape: {signed.detail}")
    return seal(signed, keys.sealing_certificates[0])


def _chain(work: Work, entry: OfficerEntry, body: bytes, *, status: str) -> str:
    """Write the entry as the next of its place's journal; its reference."""
    head = arrivals.heads(work.db, [entry.terminal]).get((entry.terminal, desk_places.EPOCH))
    key_id = sealing_key_id(body)
    if head is None or isinstance(key_id, Malformed):
        raise Bug("a desk's place has no journal, or what we sealed names no key")
    seq, recorded_at = head.seq + 1, entry.signed_at
    previous = bytes.fromhex(head.hash) if head.hash else GENESIS
    header = ClearHeader(entry.id, KIND, entry.terminal, head.epoch, seq, _SCHEMA, key_id, recorded_at)
    chained = chain_hash(previous, body, header).hex()
    number = reference.make(int(entry.terminal[1:]), head.epoch, seq)
    reason = SECOND if status == "quarantined" else ""
    arrival = Arrival(
        entry.id, entry.terminal, head.epoch, seq, entry.office, KIND, _SCHEMA, key_id, previous.hex(), chained, body,
        digest(body), number, recorded_at, work.time, status, reason, "", "",
    )  # fmt: skip
    if not arrivals.add(work.db, [arrival]):
        raise Bug("a place in a desk's journal was taken")
    arrivals.move_heads(work.db, [JournalHead(entry.terminal, head.epoch, seq, chained, seq)])
    return number
