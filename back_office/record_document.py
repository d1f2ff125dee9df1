"""A person's record as the person may see it: one builder for the answer to a question and for the sealed document.

    name, number, version, as_of     who, which version of the record (a transaction's base), as of when (UTC)
    account, next_payment_on, next_payment_amount     where the pension goes, and what comes next (beneficiaries)
    requests                         own requests with where they stand, in words
    contacts                         channel, destination, since: those valid now
    contributions                    year, from, to, employer, employer_name, kind, pay, branches {name: amount}; newest first
    payments                         paid_on, amount, currency, account_end (four characters); the newest `PAYMENTS`
    open_cases                       kind, request, opened_on, office: what an officer is to decide, never why
    cards                            number, issued_on, state (valid, lost, expired): the person's own, newest first
    mandates_given, mandates_held    id, name (of the other one), person, card, ground, since, until, services
    certificates                     kind, issued_on, valid_until, code_start (four characters), request (its id)
    provisional                      True while one officer alone has registered the person
    proof_of_life_due                the day by which the person is to show to be alive, where that is asked
    blocks, changes_blocked          what the person has blocked
    birth_date                       of the person
    accesses                         at (a day), office (its name), role, purpose: who looked at the record, never a name; the newest `ACCESSES`
    cacheable                        whether terminals keep the record for when the line is down
    held_by                          office, name, reasons: whose terminals hold it, and why

Rules:
- Officers' flags, reasons of cases and remarks are never in it.
- Amounts are text with the currency's digits, days are ISO 8601; there is no float anywhere.
- Whoever asks gets the same parts; only the language of the sentences differs.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any

from back_office import firewall, scope
from back_office.repository import (
    attended,
    certificates,
    changes,
    inbox,
    mandates,
    moment,
    people,
    pin_letters,
    records,
    requests,
    timestamp,
)
from back_office.repository import scope as scope_rows
from kiosk.domain.accounts import domestic_form
from kiosk.domain.bank_change import decision_code, effective_on, explain, stoppable, to_confirm
from kiosk.domain.catalogue import find
from kiosk.domain.payments import next_payment_on
from kiosk.schemes import load_texts
from kiosk.wire.timestamps import timestamp as wire_time

if TYPE_CHECKING:
    from collections.abc import Mapping

    from back_office.database import Connection
    from back_office.repository.changes import RequestRow
    from back_office.repository.mandates import MandateRow
    from back_office.repository.people import PersonRow
    from back_office.repository.records import Contribution, Recipient
    from back_office.scope import Held, Scope
    from kiosk.domain.scheme import Scheme

RECENT = timedelta(days=400)
"""How long a request stays in the list that a person sees."""
PAYMENTS = 24
ACCESSES = 40
_BRANCHES = ("old_age", "accident", "health", "unemployment")
_CASES_SHOWN = {"held_change": "held", "stop": "stopped", "dispute": "disputed", "conflict": "conflict"}
"""Cases that a person is told of; the others are about the back office's own troubles."""


@dataclass(frozen=True, slots=True)
class Composed:
    """A record, whom it can be sealed to, and where it may be held."""

    document: dict[str, Any]
    recipients: tuple[Recipient, ...]
    scope: Scope


def compose(  # noqa: PLR0917 - what to read, and how
    db: Connection, scheme: Scheme, person: PersonRow, at: datetime, held: Mapping[str, Held], language: str = ""
) -> Composed:
    """Build the record as of `at`; `held` says who holds it now. `language` "": each request's own."""
    recipients = records.recipients(db, person.number, timestamp(at))
    where = scope.scope_of(scope_rows.facts(db, person.number, person.office), at, held)
    offices = where.offices if recipients else {}
    names = scope_rows.office_names(db)
    document: dict[str, Any] = {
        "name": person.name,
        "number": person.number,
        "birth_date": person.birth_date,
        "version": person.version,
        "as_of": wire_time(at),
        "changes_blocked": person.changes_blocked,
        "blocks": [{"kind": "bank_change"}] if person.changes_blocked else [],
        "requests": request_lines(db, scheme, person, at, language),
        "contacts": _contacts(db, person.number, at),
        "contributions": [_contribution(row, scheme) for row in records.contributions(db, person.number)],
        "payments": [
            {
                "paid_on": row.paid_on,
                "amount": amount(row.amount, scheme),
                "currency": row.currency,
                "account_end": row.iban[-4:],
            }
            for row in records.payments_to(db, person.number, PAYMENTS)
        ],
        "accesses": _accesses(db, scheme, person.number, names),
        "open_cases": _open_cases(db, scheme, person.number),
        "cards": records.cards(db, person.number, timestamp(at)),
        "mandates_given": [_mandate(row, scheme, row.holder) for row in mandates.given_by(db, person.number, timestamp(at))],
        "mandates_held": [
            _mandate(row, scheme, row.person_name) for row in mandates.held_by(db, person.number, timestamp(at))
        ],
        "cacheable": bool(recipients),
        "held_by": [
            {"office": office, "name": names.get(office, office), "reasons": scope.names(one.reasons)}
            for office, one in sorted(offices.items())
        ],
    }
    if attended.is_provisional(db, person.number):
        document["provisional"] = True
    document["certificates"] = certificates.lines_of(db, person.number)
    if where_due := scope_rows.proof_of_life_due(db, person.number):
        document["proof_of_life_due"] = where_due
    letter = pin_letters.until(db, person.number)
    if letter:
        document["pin_letter_until"] = letter
    return Composed(document | _benefit(db, scheme, person, at), recipients, where)


def amount(minor: int, scheme: Scheme) -> str:
    """Write an amount of the currency's minor unit with its digits: 18947.00."""
    if not scheme.currency_digits:
        return str(minor)
    whole, rest = divmod(minor, 10**scheme.currency_digits)
    return f"{whole}.{rest:0{scheme.currency_digits}d}"


def _benefit(db: Connection, scheme: Scheme, person: PersonRow, at: datetime) -> dict[str, Any]:
    account = people.account_in_force(db, person.number)
    pension = people.pension(db, person.number)
    parts: dict[str, Any] = {}
    if account is not None:
        bank = scheme.banks.get(account.iban[4:8]) if account.iban.startswith(scheme.country) else None
        parts["account"] = {
            "iban": account.iban,
            "domestic": domestic_form(account.iban),
            "bank": "" if bank is None else bank.name,
        }
    if pension is not None:
        today = at.astimezone(scheme.payments.zone).date()
        parts["next_payment_on"] = next_payment_on(today, scheme.payments).isoformat()
        parts["next_payment_amount"] = amount(pension.amount, scheme)
    return parts


def _contacts(db: Connection, person: str, at: datetime) -> list[dict[str, Any]]:
    now = timestamp(at)
    return [
        {"channel": row.channel, "destination": row.destination, "since": row.valid_from[:10]}
        for row in people.contacts_valid_since(db, person, now)
        if row.valid_from <= now
    ]


def _contribution(row: Contribution, scheme: Scheme) -> dict[str, Any]:
    paid = {name: getattr(row, name) for name in _BRANCHES}
    return {
        "year": row.year,
        "from": row.valid_from,
        "to": row.valid_to,
        "employer": row.employer,
        "employer_name": row.employer_name,
        "kind": row.kind,
        "pay": amount(row.pay, scheme),
        "branches": {name: amount(value, scheme) for name, value in paid.items() if value is not None},
    }


def _mandate(row: MandateRow, scheme: Scheme, name: str) -> dict[str, Any]:
    """Write a mandate with the other one's name; its last day is the one before it ends."""
    zone = scheme.bank_change.zone
    until = "" if row.valid_to is None else _day(moment(row.valid_to) - timedelta(microseconds=1), zone)
    return {
        "id": row.id,
        "name": name,
        "person": row.person,
        "card": row.card,
        "ground": row.ground,
        "since": _day(moment(row.valid_from), zone),
        "until": until,
        "services": row.services.split(),
    }


def _day(at: datetime, zone: tzinfo) -> str:
    return at.astimezone(zone).date().isoformat()


def _accesses(db: Connection, scheme: Scheme, person: str, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """List who looked at the record; several looks of one office on one day for one purpose are one line.

    By the day, so that a record that is looked at often is not sealed anew each time.
    """
    zone = scheme.bank_change.zone
    lines: dict[tuple[str, str, str, str], None] = {}
    for row in records.accesses(db, person):
        at = moment(row.at).astimezone(zone).date().isoformat()
        lines[at, row.office, row.role, row.purpose.replace(" ", "_").lower()] = None
    return [
        {"at": at, "office": names.get(office, office), "role": role, "purpose": purpose}
        for at, office, role, purpose in list(lines)[:ACCESSES]
    ]


def _open_cases(db: Connection, scheme: Scheme, person: str) -> list[dict[str, Any]]:
    zone = scheme.bank_change.zone
    return [
        {
            "kind": _CASES_SHOWN[row.kind],
            "request": row.subject,
            "opened_on": moment(row.opened_at).astimezone(zone).date().isoformat(),
            "office": row.office,
        }
        for row in records.open_cases(db, person)
        if row.kind in _CASES_SHOWN
    ]


# --- requests ----------------------------------------------------------------------------------------


def request_lines(
    db: Connection, scheme: Scheme, person: PersonRow, at: datetime, language: str
) -> list[dict[str, Any]]:
    """List a person's requests of the last 400 days; `language` "": each in its own."""
    since = timestamp(at - RECENT)
    rows = [row for row in changes.requests_of(db, person.number) if row.decided_at > since]
    return [_line(db, scheme, row, language or row.language) for row in rows]


def _line(db: Connection, scheme: Scheme, row: RequestRow, language: str) -> dict[str, Any]:
    kept = inbox.by_id(db, row.id)
    zone = scheme.bank_change.zone
    line: dict[str, Any] = {
        "transaction_id": row.id,
        "reference": "" if kept is None else kept.reference,
        "service": row.service,
        "stage": row.decision,
        "recorded_on": moment(row.signed_at).astimezone(zone).date().isoformat(),
        **_reason(scheme, language, row.text_key, json.loads(row.parameters)),
    }
    service = find(row.service)
    asked = requests.content(db, row.id) if service is not None and service.about is not None else None
    if service is not None and service.about is not None and asked is not None:
        line["about"] = service.about(asked.answers)
    known = changes.change(db, row.id)
    if known is not None:
        change = firewall.read(known)
        day = effective_on(change, scheme.bank_change)
        explained = explain(change, scheme.bank_change)
        line |= _reason(scheme, language, explained.key, explained.parameters)
        line |= {"stage": decision_code(change), "stoppable": stoppable(change)}
        if day is not None:
            line["in_force_on"] = day.isoformat()
        if to_confirm(change):  # the holder's own: both ways to the record lead through card and PIN
            line |= {"holder_name": change.holder_name_at_bank, "account": change.account}
    return line


def _reason(scheme: Scheme, language: str, key: str, parameters: Mapping[str, str]) -> dict[str, Any]:
    """Say why: the sentence, and what it is made of, so that a terminal says it in the language of the visit."""
    return {
        "reason": _sentence(scheme, language, key, parameters),
        "reason_key": key,
        "reason_parameters": dict(parameters),
    }


def _sentence(scheme: Scheme, language: str, key: str, parameters: Mapping[str, str]) -> str:
    """Say it in words; in the official language where the scheme does not have the other."""
    known = language if language in scheme.languages else scheme.official_language
    return load_texts(scheme.code).text_from_outside(known, key, parameters) or ""
