"""Decides what is about the account that a pension is paid to: its change, the stop of one, the holder's confirmation.

Rules:
- A change is refused outright by a rule, held for an officer by a conflict of edits, or handed to the firewall.
- Two edits that did not know of each other: the catalogue's rule decides (`kiosk.domain.edit_conflict`), or an officer.
- A change may be signed by a representative; its stop and its confirmation only by the holder's own card, a stop also
  by an officer who was told.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from back_office import audit, by_officer, examination, firewall, history, representation, verdicts
from back_office.repository import changes, inbox, moment, people, waivers
from kiosk.domain import edit_conflict
from kiosk.domain import transaction as authorship
from kiosk.domain.accounts import Account as Parsed
from kiosk.domain.accounts import parse_account
from kiosk.domain.audit import Actor
from kiosk.domain.bank_change import (
    PENDING,
    Change,
    Flag,
    Refusal,
    RefusalReason,
    decision_code,
    effective_on,
    enter,
    events,
)
from kiosk.domain.catalogue import find
from kiosk.domain.edit_conflict import Resolution
from kiosk.domain.services import bank_account
from kiosk.wire.officer_entry import OfficerEntry
from kiosk.wire.verdict import VerdictBody

if TYPE_CHECKING:
    from back_office.installation import Work
    from back_office.repository.inbox import InboxRow
    from back_office.repository.people import Account, PersonRow
    from back_office.representation import Acting
    from kiosk.wire.envelope import Transaction

CHANGE = "bank_account.change"
STOP = "bank_account.stop"
CONFIRM = "bank_account.confirm_holder"

_TEXTS = {
    CHANGE: "decision.bank_change",
    STOP: "decision.bank_account_stop",
    CONFIRM: "decision.bank_account_confirm_holder",
}
_EVIDENCE = {True: frozenset({"signed", "represented"}), False: frozenset({"signed"})}
"""By what a change is carried, and by what its stop and its confirmation: only the holder's own card."""
_INSTANT = timedelta(microseconds=1)
_PENDING = frozenset(state.value for state in PENDING)


def knows(service: str) -> bool:
    """Tell whether the service is decided here."""
    return service in _TEXTS


def says_what(transaction: Transaction) -> bool:
    """Tell whether it names the account, or the change, that it is about."""
    return ("account" if transaction.service == CHANGE else "change") in transaction.answers


def is_evidence(work: Work, transaction: Transaction) -> bool:
    """Tell whether what carries a change, its stop or its confirmation is enough."""
    if not isinstance(transaction, OfficerEntry):
        return transaction.evidence.get("kind") in _EVIDENCE[transaction.service == CHANGE]
    service = find(transaction.service)
    return service is not None and by_officer.problem(work, transaction, service) is None


def decide(
    work: Work, row: InboxRow, transaction: Transaction, person: PersonRow | None, *, revoked: bool, acting: Acting | None
) -> frozenset[str]:
    """Decide a transaction that is whole and attributed; the ids of the requests that moved."""
    if person is not None and transaction.service == CHANGE and _may_act(transaction, acting):
        _change(work, row, transaction, person, acting, revoked=revoked)
        return frozenset({row.id})
    inbox.set_status(work.db, row.id, "decided")
    if person is None:
        refusal = RefusalReason.NOT_ON_FILE
    elif not _may_act(transaction, acting):
        refusal = RefusalReason.NO_MANDATE
    elif revoked:
        refusal = RefusalReason.CARD_REVOKED
    else:
        return _about_a_change(work, row, transaction, person)
    number = None if person is None else person.number
    _answer(work, transaction, number, _no(transaction.service, refusal.value))
    return frozenset({row.id})


def _may_act(transaction: Transaction, acting: Acting | None) -> bool:
    return acting is not None or not representation.is_represented(transaction)


def _change(
    work: Work, row: InboxRow, transaction: Transaction, person: PersonRow, acting: Acting | None, *, revoked: bool
) -> None:
    account = parse_account(transaction.answers["account"], work.it.scheme)
    now = people.account_in_force(work.db, person.number)
    refusal = _rules(work, transaction, person, account, now, revoked=revoked)
    if refusal is None and not person.changes_blocked:
        match _resolved(work, transaction, person, now):
            case Resolution.OFFICER:
                examination.conflict(work, row, transaction, person)
                return
            case Resolution.SUPERSEDED:
                refusal = RefusalReason.RECORD_CHANGED
            case Resolution.APPLY:
                pass
    inbox.set_status(work.db, row.id, "decided")
    helpers = authorship.helpers(transaction.entered_by)
    entered = enter(
        transaction.id,
        person.number,
        account.iban if isinstance(account, Parsed) else transaction.answers["account"],
        "" if now is None else now.iban,
        at=work.at,
        helpers=helpers,
    )
    body = VerdictBody(decision="received", text_key="decision.bank_change.received")
    changes.put_request(work.db, verdicts.new_request(work, transaction, person.number, body))
    flags: frozenset[Flag] = frozenset()
    if refusal is None and isinstance(account, Parsed):
        flags = history.flags_of(work.db, work.it.scheme, person.number, account, work.at, helped=bool(helpers))
    signed = _signed(work, transaction, person, acting)
    next_event: events.Event
    if person.changes_blocked or refusal is None:
        next_event = events.Received(work.at, flags, blocked=person.changes_blocked)
    else:
        next_event = events.RulesRefused(work.at, refusal)
    holder = _actor(transaction, row)
    as_typed = transaction.answers.get("account_as_typed", "")
    firewall.begin(work, entered, row.office, as_typed, (*signed, next_event), holder, CHANGE)
    if acting is not None:
        representation.tell_both(work, row, CHANGE, acting)


def _signed(
    work: Work, transaction: Transaction, person: PersonRow, acting: Acting | None
) -> tuple[events.Event, ...]:
    """Say by whom the change was signed; a representative's own account is one that the representative is paid to."""
    if isinstance(transaction, OfficerEntry):
        return by_officer.attested(work, transaction)
    if acting is None:
        return (events.HolderSigned(work.at, person.number, transaction.card, reauthenticated=True),)
    mandate, zone = acting.mandate, work.it.scheme.bank_change.zone
    own = people.account_in_force(work.db, acting.representative.number)
    ends = None if mandate.valid_to is None else (moment(mandate.valid_to) - _INSTANT).astimezone(zone).date()
    begins = moment(mandate.valid_from).astimezone(zone).date()
    scope = frozenset(mandate.services.split()) or frozenset({CHANGE})
    signed = events.RepresentativeSigned(
        work.at,
        transaction.card,
        events.Mandate(mandate.id, mandate.person, scope, mandate.ground, begins, ends),
        own_account=own is not None and own.iban == transaction.answers["account"],
        reauthenticated=True,
    )
    return (signed,)


def _actor(transaction: Transaction, row: InboxRow) -> Actor:
    """Name who asked: the card that signed, or the officer who entered it."""
    if isinstance(transaction, OfficerEntry):
        return Actor("officer", transaction.officer, row.office)
    return Actor("holder", transaction.card, row.office)


def _rules(
    work: Work, transaction: Transaction, person: PersonRow, account: object, now: Account | None, *, revoked: bool
) -> RefusalReason | None:
    """Find the first rule that refuses the change outright."""
    pending = any(other.state in _PENDING for other in changes.changes_of(work.db, person.number))
    checks = (
        (RefusalReason.CARD_REVOKED, revoked),
        (RefusalReason.NOT_BENEFICIARY, people.pension(work.db, person.number) is None or now is None),
        (
            RefusalReason.ACCOUNT_UNUSABLE,
            not isinstance(account, Parsed) or account.iban != transaction.answers["account"],
        ),
        (RefusalReason.SAME_ACCOUNT, now is not None and transaction.answers["account"] == now.iban),
        (RefusalReason.CHANGE_PENDING, pending),
    )
    return next((reason for reason, applies in checks if applies), None)


def _resolved(work: Work, transaction: Transaction, person: PersonRow, now: Account | None) -> Resolution:
    """Say what becomes of an edit made while the record changed elsewhere, unless an officer has let it pass."""
    edit = edit_conflict.Edit(transaction.base_version, moment(transaction.signed_at))
    by_change = now is not None and now.change is not None
    other = changes.request(work.db, now.change) if now is not None and now.change is not None else None
    standing = edit_conflict.Standing(
        person.version,
        moment(now.valid_from) if now is not None and by_change else None,
        None if other is None else moment(other.signed_at),
    )
    resolution = edit_conflict.resolve(bank_account.CHANGE.edits, edit, standing)
    waived = resolution is not Resolution.APPLY and waivers.given(work.db, [transaction.id])
    return Resolution.APPLY if waived and (transaction.id, examination.EDIT_CONFLICT) in waived else resolution


def _about_a_change(work: Work, row: InboxRow, transaction: Transaction, person: PersonRow) -> frozenset[str]:
    """Stop a change, or confirm the holder of its account: by the holder's own card, PIN fresh; a stop also by an officer."""
    change_id = transaction.answers["change"]
    known = changes.change(work.db, change_id)
    if known is None or known.person != person.number:
        _answer(work, transaction, person.number, _no(transaction.service, "unknown_change"))
        return frozenset({row.id})
    event: events.Event
    if transaction.service == STOP:
        event = events.StoppedByHolder(work.at, person.number, by_officer=isinstance(transaction, OfficerEntry))
    else:
        event = events.HolderConfirmed(work.at, person.number, reauthenticated=True)
    holder = _actor(transaction, row)
    outcome = firewall.happen(work, change_id, event, actor=holder, purpose=transaction.service)
    if isinstance(outcome, Change):
        done = decision_code(outcome) if transaction.service == STOP else "in_force"
        day = effective_on(outcome, work.it.scheme.bank_change) if transaction.service == CONFIRM else None
        body = VerdictBody(
            decision=done,
            text_key=f"{_TEXTS[transaction.service]}.{done}",
            effective_on="" if day is None else day.isoformat(),
        )
    else:
        body = _no(transaction.service, outcome.code.value if isinstance(outcome, Refusal) else "unknown_change")
    _answer(work, transaction, person.number, body)
    return frozenset({row.id, change_id})


def _no(service: str, reason: str) -> VerdictBody:
    """Refuse, with the sentence that the scheme has for it."""
    key = f"{_TEXTS[service]}.refused"
    return VerdictBody(decision="refused", reason_code=reason, text_key=f"{key}.{reason}" if service == CHANGE else key)


def _answer(work: Work, transaction: Transaction, person: str | None, body: VerdictBody) -> None:
    verdicts.give(work, verdicts.new_request(work, transaction, person, body), body)
    audit.record(
        work.db,
        work.at,
        Actor("system", "back office", transaction.office),
        "request.decided",
        transaction.id,
        purpose=transaction.service,
        details={"decision": body.decision, "because": body.reason_code, "card": transaction.card},
    )
