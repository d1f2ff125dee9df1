"""Every service there is; a new one is a module in `services`, its line here, its texts and its tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.domain.errors import Bug
from kiosk.domain.services import (
    access,
    bank_account,
    benefit,
    cards,
    certificate,
    contacts,
    death,
    feedback,
    health_card,
    mandates,
    names,
    number_pin,
    payments,
    pension_estimate,
    pin,
    practice,
    proof_of_life,
    record_query,
    record_show,
    registration,
    requests,
    ticket,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kiosk.domain.service import Service

def find(service_id: str) -> Service | None:
    """Return the entry with this id, or None: for ids that came from outside."""
    return SERVICES.get(service_id)


SERVICES: Mapping[str, Service] = {
    service.id: service
    for service in (
        bank_account.CHANGE,
        bank_account.STOP,
        bank_account.CONFIRM_HOLDER,
        record_show.SHOW,
        record_query.QUERY,
        pension_estimate.ESTIMATE,
        payments.SHOW,
        requests.service(find),
        access.SHOW,
        contacts.ADDRESS,
        contacts.CONTACTS,
        health_card.ORDER,
        names.CHANGE,
        cards.STOP,
        cards.LOST,
        bank_account.BLOCK,
        bank_account.UNBLOCK,
        mandates.GRANT,
        mandates.REVOKE,
        mandates.ACT,
        benefit.APPLY,
        death.REPORT,
        proof_of_life.GIVE,
        certificate.ISSUE,
        certificate.PRINT,
        registration.REGISTER,
        pin.CHANGE,
        pin.ACTIVATE,
        number_pin.OPEN,
        ticket.DRAW,
        feedback.GIVE,
        practice.START,
    )
}


def service_named(service_id: str) -> Service:
    """Return the entry with this id; one that does not exist is a `Bug`: for ids that this program made."""
    service = SERVICES.get(service_id)
    if service is None:
        raise Bug(f"there is no service {service_id}")
    return service


def menu(offered: Iterable[str]) -> tuple[Service, ...]:
    """Return the entries that an office offers, in the order of `offered`; what is unknown here is left out."""
    return tuple(SERVICES[name] for name in offered if name in SERVICES and SERVICES[name].in_menu)
