"""What an officer may enter for somebody who shows no card: at the desk, or on the telephone.

- The catalogue says by which way a service may come and on what evidence; here is only what follows from it.
- At the desk one officer enters what a paper proves (`ATTESTED`), and another approves it. On the telephone nobody can prove
  who calls (`SPOKEN`), so that a call may ask, stop or block at once, and never redirects money.
- What was seen is named with its day: an identity document, a home visit, a doctor's form.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.domain import validation
from kiosk.domain.problem import Problem
from kiosk.domain.service import Channel, Entry, EvidenceKind, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kiosk.domain.service import Service

CHANNELS = (Channel.DESK, Channel.TELEPHONE)
"""The ways on which an officer enters."""
CALL = "telephone_call"
"""What is named where nothing could be seen: somebody called."""
TOLD = "told_at_the_desk"
"""Somebody came and told something for which nobody has to show who they are."""
_EVIDENCE = {
    Channel.DESK: (EvidenceKind.ATTESTED, EvidenceKind.NONE),
    Channel.TELEPHONE: (EvidenceKind.SPOKEN,),
}
_TWO_OFFICERS = 2


def evidence(service: Service, channel: Channel) -> EvidenceKind | None:
    """Return on what evidence an officer may enter the service on this channel; None: not at all."""
    if service.kind is not Kind.ACT or service.entry is not Entry.REQUEST:
        return None
    if channel is Channel.TELEPHONE and service.moves_money:
        return None
    allowed = service.channels.get(channel, frozenset())
    return next((kind for kind in _EVIDENCE.get(channel, ()) if kind in allowed), None)


def offered(services: Iterable[Service], channel: Channel) -> tuple[Service, ...]:
    """Return the services that an officer may enter on this channel, in the order given."""
    return tuple(service for service in services if evidence(service, channel) is not None)


def officers(kind: EvidenceKind) -> int:
    """Return how many officers it takes before the entry is decided."""
    return _TWO_OFFICERS if kind is EvidenceKind.ATTESTED else 1


def documents(service: Service, kind: EvidenceKind) -> tuple[str, ...]:
    """Return what can have been seen, in the words of `by_officer.document.<name>`."""
    match kind:
        case EvidenceKind.ATTESTED:
            return service.attested_by
        case EvidenceKind.SPOKEN:
            return (CALL,)
        case _:
            return (TOLD,)


def check_seen(service: Service, kind: EvidenceKind, document: str, seen_on: str, today: str) -> Problem | None:
    """Return what is wrong with what was seen and on which day (ISO), or None."""
    if document not in documents(service, kind):
        return Problem("by_officer.document_missing")
    day = validation.check_date(seen_on, "", today)
    return day if isinstance(day, Problem) else None
