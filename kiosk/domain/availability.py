"""What works now: a service with a line, without one, and while a limit of the terminal closes new requests."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from kiosk.domain.service import Kind, Offline

if TYPE_CHECKING:
    from kiosk.domain.service import Service


class Availability(Enum):
    """What works now, as the menu says it."""

    NOW = "now"
    RECEIVED_PENDING = "received_pending"
    FROM_CACHE = "from_cache"
    NEEDS_LINE = "needs_line"
    CLOSED = "closed"


def availability(
    service: Service, *, online: bool, closed: bool = False, record_here: bool = True
) -> Availability:
    """Return what the menu says of the service now.

    `closed`: a limit of the terminal closes every new request. `record_here`: the person's record can be shown.
    """
    if service.offline is Offline.WORKS:
        return Availability.NOW
    if service.kind is Kind.SHOW and service.offline is Offline.FROM_CACHE:
        if not record_here:
            return Availability.NEEDS_LINE
        return Availability.NOW if online else Availability.FROM_CACHE
    if closed and service.kind is Kind.ACT:
        return Availability.CLOSED
    if online:
        return Availability.NOW
    return Availability.RECEIVED_PENDING if service.offline is Offline.RECEIVED_PENDING else Availability.NEEDS_LINE
