"""Notices to a person's contacts, and the code in them that stops the change.

Rules:
- The first notice goes to every contact valid in the scheme's window (90 days), old ones included; later ones to those valid now.
- One code a change, derived from its id under the code key, so that a letter that stands in carries the same one;
  the database keeps its keyed hash, and the code itself only inside notices not sent yet.
- A contact whose gateway refuses for good is stood in for by a letter; without any contact the letter waits at the office.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Literal

from back_office.partners.notice_texts import ChangeNotice, NoticeKind, compose, write
from back_office.repository import changes, inbox, moment, outbox, people, terminals, timestamp
from back_office.verdicts import first_payment_date
from kiosk.domain.bank_change.events import ContactsNotified
from kiosk.domain.bank_change.notice import CODE_LENGTH, Contact, contacts_to_notify, digest, format_code
from kiosk.domain.errors import Bug
from kiosk.domain.reference import ALPHABET

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from back_office.installation import Work
    from back_office.partners.notice_texts import NoticeText
    from back_office.repository.inbox import InboxRow
    from back_office.repository.outbox import OutboxRow
    from back_office.repository.people import PersonRow
    from kiosk.domain.bank_change import Change

Purpose = Literal["received", "in_force", "refused", "stopped"]

_KINDS: dict[Purpose, NoticeKind] = {
    "received": "change_received",
    "in_force": "change_in_force",
    "refused": "change_refused",
    "stopped": "change_stopped",
}


def cancellation_code(change_id: str, key: bytes) -> str:
    """Derive the code that stops a change (40 bits; nobody without the key can guess one from another)."""
    value = hmac.new(key, f"code of {change_id}".encode(), hashlib.sha256).digest()
    return "".join(ALPHABET[byte % len(ALPHABET)] for byte in value[:CODE_LENGTH])


def announce_receipt(work: Work, change: Change) -> None:
    """Queue the notice with the cancellation code, once; asked again it does nothing."""
    if _of_purpose(outbox.of_change(work.db, change.id), "received"):
        return
    code = cancellation_code(change.id, work.it.keyring.code_key())
    changes.put_cancellation_code(work.db, change.id, digest(code, work.it.keyring.code_key()), work.time)
    _queue(work, change, "received", _contacts(work, change))


def tell_of_change(work: Work, change: Change, purpose: Purpose) -> None:
    """Queue a later notice, once, to the contacts that are valid now."""
    rows = outbox.of_change(work.db, change.id)
    if _of_purpose(rows, purpose):
        return
    valid = [contact for contact in _contacts(work, change) if contact.valid_until is None]
    _queue(work, change, purpose, valid)


def tell_of_request(
    work: Work, row: InboxRow, person: PersonRow, kind: Literal["request_held", "request_refused"], reason: str = ""
) -> None:
    """Queue a notice about a request of any service, once, to the contacts that are valid now; `reason` an officer's."""
    received = moment(row.received_at).astimezone(work.it.scheme.bank_change.zone).date().isoformat()
    words = compose(
        ChangeNotice(
            kind=kind,
            language=person.language,
            recipient=person.name,
            reference=row.reference,
            office_name=terminals.office_name(work.db, person.office) or person.office,
            received_on=received,
            new_iban="",
            reason=reason,
            scheme=work.it.scheme.code,
        )
    )
    for contact in contacts_now(work, person.number) or [_collection(work, person)]:
        key = f"{row.id}:{kind}:{contact.id or 'letter'}"
        outbox.put(
            work.db,
            key=key,
            kind="notice",
            change=None,
            payload=_payload(kind, person, contact, words),
            at=work.time,
        )


def contacts_now(work: Work, person: str) -> list[Contact]:
    """Find whom a notice reaches: the contacts that are valid now."""
    return [_contact(row) for row in people.contacts_valid_since(work.db, person, timestamp(work.at))]


def contacts_lately(work: Work, person: str) -> list[Contact]:
    """Find whom a notice of something new reaches: every contact valid in the scheme's window, ended ones included."""
    policy = work.it.scheme.bank_change
    rows = people.contacts_valid_since(work.db, person, timestamp(work.at - policy.contact_window))
    return list(contacts_to_notify([_contact(row) for row in rows], work.at, policy))


def tell(  # noqa: PLR0917 - what about, whom, what
    work: Work, about: InboxRow, person: PersonRow, kind: str, values: Mapping[str, str], contacts: Iterable[Contact]
) -> None:
    """Queue a notice of any service (`notice.<kind>`), once a contact; without a contact it waits at the office."""
    received = moment(about.received_at).astimezone(work.it.scheme.bank_change.zone).date().isoformat()
    known = {
        "recipient": person.name,
        "reference": about.reference,
        "office": terminals.office_name(work.db, person.office) or person.office,
        "received_on": received,
    }
    words = write(kind, person.language, known | dict(values), work.it.scheme.code)
    for contact in tuple(contacts) or (_collection(work, person),):
        outbox.put(
            work.db,
            key=f"{about.id}:{kind}:{contact.id or 'letter'}",
            kind="notice",
            change=None,
            payload=_payload(kind, person, contact, words),
            at=work.time,
        )


def receipt_announced(work: Work, change: Change) -> ContactsNotified | None:
    """Tell whether the first notice has gone to everybody; queues the stand-in letter when a gateway refused.

    None: something is still under way.
    """
    rows = _of_purpose(outbox.of_change(work.db, change.id), "received")
    if not rows or any(row.done_at is None for row in rows):
        return None
    delivered = [row for row in rows if json.loads(row.result or "{}").get("outcome") == "delivered"]
    letter_queued = any(json.loads(row.payload)["channel"] == "letter" for row in delivered)
    contacts = [row for row in rows if json.loads(row.payload)["contact"]]
    reached = sum(1 for row in delivered if json.loads(row.payload)["contact"])
    if not letter_queued and (not contacts or reached < len(contacts)):
        _stand_in(work, change)
        return None
    key = changes.cancellation_digest(work.db, change.id)
    if key is None:
        raise Bug(f"the notices of {change.id} were queued without a code")
    return ContactsNotified(work.at, len(contacts), reached, letter_queued, key)


def _contacts(work: Work, change: Change) -> list[Contact]:
    return contacts_lately(work, change.person)


def _contact(row: people.Contact) -> Contact:
    return Contact(
        id=str(row.id),
        channel=row.channel,
        address=row.destination,
        valid_from=moment(row.valid_from),
        valid_until=None if row.valid_to is None else moment(row.valid_to),
    )


def _queue(work: Work, change: Change, purpose: Purpose, contacts: list[Contact]) -> None:
    person = _person(work, change)
    for contact in contacts or [_collection(work, person)]:
        _put(work, change, purpose, person, contact)


def _collection(work: Work, person: PersonRow) -> Contact:
    """Make the letter that waits at the person's office, for who has no contact at all."""
    office = terminals.office_name(work.db, person.office) or person.office
    return Contact(
        id="", channel="letter", address=f"{person.name}\n{office}", valid_from=moment("1970-01-01T00:00:00Z")
    )


def _stand_in(work: Work, change: Change) -> None:
    """Queue a letter for contacts whose gateway refused: to the postal address, or to the office."""
    rows = _of_purpose(outbox.of_change(work.db, change.id), "received")
    if any(row.key.endswith(":letter") for row in rows):
        return  # the letter itself was refused: a desk case is open
    person = _person(work, change)
    postal = [contact for contact in _contacts(work, change) if contact.channel == "letter"]
    place = postal[-1] if postal else _collection(work, person)
    letter = Contact(id="", channel="letter", address=place.address, valid_from=place.valid_from)
    _put(work, change, "received", person, letter)


def _put(work: Work, change: Change, purpose: Purpose, person: PersonRow, contact: Contact) -> None:
    row = inbox.by_id(work.db, change.id)
    code = format_code(cancellation_code(change.id, work.it.keyring.code_key()))
    received = change.received_at or work.at
    paid = first_payment_date(change, work.it.scheme)
    words = compose(
        ChangeNotice(
            kind=_KINDS[purpose],
            language=person.language,
            recipient=person.name,
            reference="" if row is None else row.reference,
            office_name=terminals.office_name(work.db, person.office) or person.office,
            received_on=received.astimezone(work.it.scheme.bank_change.zone).date().isoformat(),
            new_iban=change.account,
            cancellation_code=code if purpose == "received" else "",
            first_payment_date="" if paid is None else paid.isoformat(),
            reason=change.reason,
            scheme=work.it.scheme.code,
        )
    )
    outbox.put(
        work.db,
        key=f"{change.id}:{purpose}:{contact.id or 'letter'}",
        kind="notice",
        change=change.id,
        payload=_payload(purpose, person, contact, words),
        at=work.time,
    )


def _payload(purpose: str, person: PersonRow, contact: Contact, words: NoticeText) -> str:
    payload = {
        "purpose": purpose,
        "contact": contact.id,
        "channel": contact.channel,
        "destination": contact.address,
        "recipient": person.name,
        "language": person.language,
        "subject": words.subject,
        "text": words.short if contact.channel == "sms" else words.text,
    }
    return json.dumps(payload, ensure_ascii=False)


def _of_purpose(rows: list[OutboxRow], purpose: Purpose) -> list[OutboxRow]:
    return [row for row in rows if row.kind == "notice" and json.loads(row.payload)["purpose"] == purpose]


def _person(work: Work, change: Change) -> PersonRow:
    person = people.person(work.db, change.person)
    if person is None:
        raise Bug(f"the person of change {change.id} is not on file")
    return person
