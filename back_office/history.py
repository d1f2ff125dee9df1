"""What the firewall must know of a person when a change arrives, read from the back office's own records.

Rules:
- Nothing a terminal claims is used here.
- A contact counts as changed when one of its channel began or ended; first registrations lie outside every window in practice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from back_office.repository import changes, moment, people, reports
from kiosk.domain.bank_change import AccountUsage, Flag, History, flags_for

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from back_office.database import Connection
    from back_office.repository.people import Contact
    from kiosk.domain.accounts import Account
    from kiosk.domain.scheme import Scheme

EVER = "0000"
"""Before every time that is kept."""


def flags_of(
    db: Connection, scheme: Scheme, person: str, account: Account, at: datetime, *, helped: bool
) -> frozenset[Flag]:
    """Find the flags of a change to `account` that this person asks for now; for officers only."""
    contacts = people.contacts_valid_since(db, person, EVER)
    cards = people.cards_of(db, person)
    history = History(
        address_changed_at=_changed(contacts, "letter"),
        phone_changed_at=_changed(contacts, "sms"),
        email_changed_at=_changed(contacts, "email"),
        pin_changed_at=_latest(card.pin_changed_at for card in cards),
        card_changed_at=_latest(card.issued_at for card in cards),
        changes_asked_at=tuple(moment(row.received_at) for row in changes.changes_of(db, person)),
        card_reported_lost=reports.loss_is_open(db, person),
    )
    bank = scheme.banks.get(account.bank_code)
    usage = AccountUsage(
        other_persons=people.others_with_account(db, account.iban, person),
        prepaid_issuer=bank is not None and bank.prepaid,
    )
    return flags_for(history, usage, at, scheme.bank_change, helped=helped)


def _changed(contacts: Iterable[Contact], channel: str) -> datetime | None:
    times = [
        time
        for contact in contacts
        if contact.channel == channel
        for time in (contact.valid_from, contact.valid_to)
        if time is not None
    ]
    return _latest(times)


def _latest(times: Iterable[str | None]) -> datetime | None:
    known = [time for time in times if time is not None]
    return moment(max(known)) if known else None
