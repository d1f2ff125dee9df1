"""Every effect there is, by service; a new service adds its line here.

The bank account has the firewall (`back_office.firewall`) instead: its changes are a state machine of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from back_office.services import (
    bank_account,
    benefit,
    cards,
    certificate,
    contacts,
    death,
    health_card,
    mandates,
    names,
    proof_of_life,
    record_query,
    registration,
)
from kiosk.domain.services import bank_account as account_services
from kiosk.domain.services import benefit as benefit_services
from kiosk.domain.services import cards as card_services
from kiosk.domain.services import certificate as certificate_services
from kiosk.domain.services import contacts as contact_services
from kiosk.domain.services import death as death_services
from kiosk.domain.services import health_card as health_card_services
from kiosk.domain.services import mandates as mandate_services
from kiosk.domain.services import names as name_services
from kiosk.domain.services import proof_of_life as proof_services
from kiosk.domain.services import record_query as query_service
from kiosk.domain.services import registration as registration_services

if TYPE_CHECKING:
    from collections.abc import Mapping

    from back_office.services.effect import Effect

EFFECTS: Mapping[str, Effect] = {
    query_service.QUERY.id: record_query.EFFECT,
    contact_services.ADDRESS.id: contacts.ADDRESS,
    contact_services.CONTACTS.id: contacts.CONTACTS,
    health_card_services.ORDER.id: health_card.ORDER,
    name_services.CHANGE.id: names.CHANGE,
    card_services.STOP.id: cards.STOP,
    card_services.LOST.id: cards.LOST,
    mandate_services.GRANT.id: mandates.GRANT,
    mandate_services.REVOKE.id: mandates.REVOKE,
    benefit_services.APPLY.id: benefit.APPLY,
    death_services.REPORT.id: death.REPORT,
    account_services.BLOCK.id: bank_account.BLOCK,
    account_services.UNBLOCK.id: bank_account.UNBLOCK,
    certificate_services.ISSUE.id: certificate.ISSUE,
    certificate_services.PRINT.id: certificate.PRINT,
    proof_services.GIVE.id: proof_of_life.GIVE,
    registration_services.REGISTER.id: registration.REGISTER,
}
