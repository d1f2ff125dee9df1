"""Decides what was received: envelope opened, card signature and chain verified, rule applied, effect and word written.

Rules:
- Opened and verified first, in processes beside this one; then one transaction a group, in which each item can be undone alone: decision,
  effect, outbox rows, verdict and audit line of an item are there together or not at all.
- What a group asks is read together and what it adds is written together (`repository.group`, `foresight`); if that
  fails, its items are taken one by one in the same transaction.
- Who stands in a group once is decided before those who stand in it twice: these come in the order of their arrival.
- An item is decided once: its inbox row leaves `received` in the same transaction.
- Two edits that did not know of each other: the catalogue's rule decides (`kiosk.domain.edit_conflict`), or an officer.
- What cannot be opened or attributed is quarantined for an officer; what can is refused with a reason a citizen can read.
- Inner id and terminal must equal the outer ones; whose request it is follows from the card, never from what was typed.
"""

from __future__ import annotations

import gc
from collections import deque
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from back_office import (
    aside,
    audit,
    by_officer,
    examination,
    firewall,
    foresight,
    history,
    logs,
    new_pins,
    opening,
    representation,
    verdicts,
)
from back_office.installation import Work
from back_office.openers import Opening
from back_office.repository import changes, inbox, moment, people, reports, waivers
from back_office.repository.group import Group
from back_office.services import deciding
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
from kiosk.domain.errors import EnvironmentFault
from kiosk.domain.services import bank_account
from kiosk.wire.aside import Feedback, PinSet, Ticket
from kiosk.wire.envelope import VerifiedTransaction
from kiosk.wire.officer_entry import OfficerEntry
from kiosk.wire.report import Report
from kiosk.wire.verdict import VerdictBody

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from back_office.installation import Installation
    from back_office.openers import Openers
    from back_office.opening import Opened
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
_AHEAD = 2
"""So many groups are opened while one is decided."""
_INSTANT = timedelta(microseconds=1)
_PENDING = frozenset(state.value for state in PENDING)


def decide(it: Installation, transaction_id: str) -> frozenset[str]:
    """Decide one received item, alone and now: somebody waits for it. The ids of the requests that moved."""
    return decide_group(it, [transaction_id])


def decide_group(it: Installation, ids: Sequence[str], opened: Opening | None = None) -> frozenset[str]:
    """Decide received items in one transaction, each of which can be undone alone; the ids of the requests that moved.

    `opened` is what `read_ahead` gave for them. What was decided before is left alone; an item that fails by a fault of
    ours is quarantined and delays nobody.
    """
    entries = (opened or _open(it, ids, None)).result()
    with _no_collection(), it.work() as outer:
        waiting = inbox.still_undecided(outer.db, ids)
        group = Group(outer.db, it.database)
        work = Work(group, it, outer.at)
        with audit.gathered(group) as lines:
            return frozenset(_decide_all(work, group, [one for one in entries if one.row.id in waiting], lines))


@contextmanager
def _no_collection() -> Iterator[None]:
    """Let the collector rest: it would walk through the rows of a group many times, and none of them is in a circle."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def read_ahead(it: Installation, groups: Sequence[Sequence[str]], openers: Openers) -> Iterator[Opening]:
    """Read groups and have them opened while the ones before are decided; one for each, in their order."""
    under_way: deque[Opening] = deque()
    for ids in groups:
        under_way.append(_open(it, ids, openers))
        if len(under_way) > _AHEAD:
            yield under_way.popleft()
    yield from under_way


def _open(it: Installation, ids: Sequence[str], openers: Openers | None) -> Opening:
    at = it.clock.now()
    with it.database.read() as db:
        rows = inbox.by_ids(db, ids)
        old = frozenset(id_ for id_, what in waivers.given(db, ids) if what == opening.TOO_OLD)
    return Opening(it.keyring, [(rows, None)], at, old) if openers is None else openers.open(rows, at, old)


def _decide_all(work: Work, group: Group, opened: Sequence[Opened], lines: audit.Gathered) -> set[str]:
    opened = _ordered(work, group, opened)
    if len(opened) > 1:
        try:
            with group.whole():
                return {id_ for one in opened for id_ in _decide_or_set_aside(work, group, one, lines)}
        except EnvironmentFault:
            raise
        except Exception as error:  # noqa: BLE001 - one of them cannot be written: it must not take the others along
            structlog.get_logger().warning("group_taken_apart", count=len(opened), **logs.describe(error))
            lines.forget_after(0)
    return {id_ for one in opened for id_ in _decide_or_set_aside(work, group, one, lines, at_once=True)}


def _ordered(work: Work, group: Group, opened: Sequence[Opened]) -> list[Opened]:
    """Read what will be asked; those whom it is foretold for come first, for nothing before them changes it."""
    verified = [one.content.transaction for one in opened if isinstance(one.content, VerifiedTransaction)]
    foreseen = foresight.foresee(group, verified, firewall.midnight(work))

    def later(one: Opened) -> bool:
        content = one.content
        if not isinstance(content, VerifiedTransaction):
            return content is not None
        return content.transaction.service != CHANGE or content.transaction.card not in foreseen

    return sorted(opened, key=later)


def set_aside(it: Installation, transaction_id: str, reason: str) -> frozenset[str]:
    """Quarantine an item whose transaction fails whatever is done in it, so that it delays nobody and is not lost."""
    with it.work() as work:
        row = inbox.by_id(work.db, transaction_id)
        if row is None or row.status != "received":
            return frozenset()
        return examination.quarantine(work, row, reason)


def _decide_or_set_aside(
    work: Work, group: Group, opened: Opened, lines: audit.Gathered, *, at_once: bool = False
) -> frozenset[str]:
    before = len(lines.rows)
    try:
        with group.item():
            moved = _decide(work, opened)
            if at_once:
                group.write_now()
            return moved
    except EnvironmentFault:
        raise  # the disk or the keys, not the item
    except Exception as error:  # noqa: BLE001 - whatever it is, this item must not delay the others
        structlog.get_logger().warning("decision_failed", id=opened.row.id, **logs.describe(error))
        lines.forget_after(before)
        return examination.quarantine(work, opened.row, f"fault:{type(error).__name__}")


def _decide(work: Work, opened: Opened) -> frozenset[str]:  # noqa: PLR0911 - one line a kind
    match opened.content:
        case str() as reason:
            return examination.quarantine(work, opened.row, reason)
        case None:
            return _note(work, opened.row)
        case Report() as report:
            return deciding.decide(work, opened.row, report, None)
        case Ticket() as ticket:
            return aside.keep_ticket(work, opened.row, ticket)
        case Feedback() as told:
            return aside.count(work, opened.row, told)
        case PinSet() as set_:
            return new_pins.note(work, opened.row, set_)
        case OfficerEntry() as entry:
            return _decide_transaction(work, opened.row, entry)
        case verified:
            return _decide_transaction(work, opened.row, verified.transaction)


def _decide_transaction(  # noqa: PLR0911 - one line an outcome
    work: Work, row: InboxRow, transaction: Transaction
) -> frozenset[str]:
    card = people.card(work.db, transaction.card)
    acting = representation.acting(work, transaction)
    person = acting.person if acting else representation.whose(work, transaction)
    unfit = _unfit(work, transaction, person)
    if unfit:
        examination.tell_held(work, row, transaction, person)
        return examination.quarantine(work, row, unfit)
    revoked = card is not None and card.revoked_at is not None  # with all its certificates
    if deciding.knows(transaction.service):
        return deciding.decide(work, row, transaction, person, revoked=revoked, acting=acting)
    if person is None:
        inbox.set_status(work.db, row.id, "decided")
        _answer(work, transaction, None, _no(transaction.service, RefusalReason.NOT_ON_FILE.value))
        return frozenset({row.id})
    if representation.is_represented(transaction) and acting is None:
        inbox.set_status(work.db, row.id, "decided")
        _answer(work, transaction, person.number, _no(transaction.service, RefusalReason.NO_MANDATE.value))
        return frozenset({row.id})
    if transaction.service == CHANGE:
        _change(work, row, transaction, person, acting, revoked=revoked)
        return frozenset({row.id})
    inbox.set_status(work.db, row.id, "decided")
    if revoked:
        _answer(work, transaction, person.number, _no(transaction.service, RefusalReason.CARD_REVOKED.value))
        return frozenset({row.id})
    return _about_a_change(work, row, transaction, person)


def _unfit(work: Work, transaction: Transaction, person: PersonRow | None) -> str:
    """Say why a genuine transaction is none that this version can decide; empty when it is."""
    general, represented = deciding.knows(transaction.service), representation.is_represented(transaction)
    answer = "account" if transaction.service == CHANGE else "change"
    checks = {
        "scheme_unknown": transaction.scheme != work.it.scheme.code,
        "service_unknown": not general and transaction.service not in {CHANGE, STOP, CONFIRM},
        "evidence_unknown": not general and not _is_evidence(work, transaction),
        "authors_unclear": authorship.check_entered_by(transaction.entered_by, transaction.answers) is not None,
        "answer_missing": not general and answer not in transaction.answers,
        "other_person": not represented and person is not None and transaction.person not in {"", person.number},
        "identity:urgent": person is not None and bool(reports.died_on(work.db, person.number)),
    }
    return next((name for name, unfit in checks.items() if unfit), "")


def _is_evidence(work: Work, transaction: Transaction) -> bool:
    """Tell whether what carries a change, its stop or its confirmation is enough."""
    if not isinstance(transaction, OfficerEntry):
        return transaction.evidence.get("kind") in _EVIDENCE[transaction.service == CHANGE]
    service = find(transaction.service)
    return service is not None and by_officer.problem(work, transaction, service) is None


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


def _note(work: Work, row: InboxRow) -> frozenset[str]:
    """Keep what a terminal reports of itself (access, audit, feedback, ticket): it has no effect to decide."""
    inbox.set_status(work.db, row.id, "decided")
    actor = Actor("terminal", row.terminal, row.office)
    audit.record(work.db, work.at, actor, f"terminal.{row.kind}", row.id, purpose="report", details={"kind": row.kind})
    return frozenset({row.id})
