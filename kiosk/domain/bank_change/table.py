"""The table: which event is taken in which state, and by which rule. What is not in it is refused.

    entered -> evidenced -> received -> account verified -> contacts notified -> waiting -> in force

The rest of the table leads out of it, holds it, or disputes it afterwards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.domain.bank_change import events, rules
from kiosk.domain.bank_change.states import PENDING, Change, Refusal, RefusalCode, State

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from kiosk.domain.bank_change.policy import Policy
    from kiosk.domain.bank_change.rules import Rule

_S = State

_THE_WAY: Mapping[tuple[State, type[events.Event]], Rule] = {
    (_S.ENTERED, events.HolderSigned): rules.holder_signed,
    (_S.ENTERED, events.EntryAttested): rules.entry_attested,
    (_S.ENTERED, events.AttestationApproved): rules.attestation_approved,
    (_S.ENTERED, events.RepresentativeSigned): rules.representative_signed,
    (_S.EVIDENCED, events.Received): rules.received,
    (_S.RECEIVED, events.VerificationAsked): rules.verification_asked,
    (_S.RECEIVED, events.VerificationAnswered): rules.verification_answered,
    (_S.ACCOUNT_VERIFIED, events.NoticeQueued): rules.notice_queued,
    (_S.ACCOUNT_VERIFIED, events.ContactsNotified): rules.contacts_notified,
    (_S.CONTACTS_NOTIFIED, events.WaitBegan): rules.wait_began,
    (_S.WAITING, events.WaitOver): rules.wait_over,
}

_BESIDE_THE_WAY: Mapping[tuple[State, type[events.Event]], Rule] = {
    (_S.ACCOUNT_VERIFIED, events.HolderConfirmed): rules.holder_confirmed,
    (_S.CONTACTS_NOTIFIED, events.HolderConfirmed): rules.holder_confirmed,
    (_S.WAITING, events.HolderConfirmed): rules.holder_confirmed,
    (_S.HELD, events.HolderConfirmed): rules.holder_confirmed,
    (_S.ACCOUNT_VERIFIED, events.BankProofShown): rules.bank_proof_shown,
    (_S.CONTACTS_NOTIFIED, events.BankProofShown): rules.bank_proof_shown,
    (_S.WAITING, events.BankProofShown): rules.bank_proof_shown,
    (_S.HELD, events.BankProofShown): rules.bank_proof_shown,
    (_S.HELD, events.OfficerApproved): rules.officer_approved,
}

_WHILE_HELD: Mapping[tuple[State, type[events.Event]], Rule] = {
    # The bank's and the gateway's answers arrive while it is held; they must not be lost.
    (_S.HELD, events.VerificationAsked): rules.while_held(_S.RECEIVED, rules.verification_asked),
    (_S.HELD, events.VerificationAnswered): rules.while_held(_S.RECEIVED, rules.verification_answered),
    (_S.HELD, events.NoticeQueued): rules.while_held(_S.ACCOUNT_VERIFIED, rules.notice_queued),
    (_S.HELD, events.ContactsNotified): rules.while_held(_S.ACCOUNT_VERIFIED, rules.contacts_notified),
}

_OUT_OF_IT: Mapping[type[events.Event], Rule] = {
    # From every state before `in force`.
    events.HoldPlaced: rules.hold_placed,
    events.FlagRaised: rules.flag_raised,
    events.BlockPlaced: rules.block_placed,
    events.RulesRefused: rules.rules_refused,
    events.OfficerRefused: rules.officer_refused,
    events.StoppedByHolder: rules.stopped_by_holder,
    events.StoppedByCode: rules.stopped_by_code,
}

_AFTERWARDS: Mapping[tuple[State, type[events.Event]], Rule] = {
    (_S.IN_FORCE, events.StoppedByHolder): rules.stopped_by_holder,
    (_S.IN_FORCE, events.StoppedByCode): rules.stopped_by_code,
    (_S.DISPUTED, events.DisputeUpheld): rules.dispute_upheld,
    (_S.DISPUTED, events.DisputeDismissed): rules.dispute_dismissed,
}

TABLE: Mapping[tuple[State, type[events.Event]], Rule] = {
    **_THE_WAY,
    **_BESIDE_THE_WAY,
    **_WHILE_HELD,
    **{(state, event): rule for state in PENDING for event, rule in _OUT_OF_IT.items()},
    **_AFTERWARDS,
}


def enter(
    change_id: str,
    person: str,
    account: str,
    previous_account: str,
    *,
    at: datetime,
    helpers: tuple[str, ...] = (),
) -> Change:
    """Begin a change: typed, and nothing more. `helpers`: the staff who typed any of it."""
    return Change(change_id, person, account, previous_account, State.ENTERED, at, helpers)


def step(change: Change, event: events.Event, policy: Policy) -> Change | Refusal:
    """Return the change after `event`, or why it was not taken; total over all states and events."""
    rule = TABLE.get((change.state, type(event)))
    if rule is None:
        return Refusal(RefusalCode.NOT_NOW, change.state, type(event).__name__)
    return rule(change, event, policy)


def fold(change: Change, history: tuple[events.Event, ...], policy: Policy) -> Change | Refusal:
    """Take several events in a row; the first refusal ends it."""
    current: Change | Refusal = change
    for event in history:
        current = step(change, event, policy)
        if isinstance(current, Refusal):
            return current
        change = current
    return current
