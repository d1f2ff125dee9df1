"""Every service there is; a new one is a module here, its line in `SERVICES`, its texts and its tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.domain.services import bank_account

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kiosk.domain.catalogue import Service

SERVICES: Mapping[str, Service] = {
    service.id: service for service in (bank_account.CHANGE, bank_account.STOP, bank_account.CONFIRM_HOLDER)
}


def find(service_id: str) -> Service | None:
    """Return the entry with this id, or None."""
    return SERVICES.get(service_id)


def menu(offered: Iterable[str]) -> tuple[Service, ...]:
    """Return the entries that an office offers, in the order of `offered`; what is unknown here is left out."""
    return tuple(SERVICES[name] for name in offered if name in SERVICES and SERVICES[name].in_menu)
