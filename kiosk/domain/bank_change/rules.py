"""One rule an event: what it needs, and what the change is afterwards.

- A rule returns a new record or a `Refusal`; it never changes the one it got and never asks for the time.
- Holding, blocking, refusing and stopping go in the safe direction, so one person can do them; going on after
  a hold takes an officer without a hand in it, letting disputed money flow takes two.
- The wait counts from the notice, because it is there for the real holder to react; new doubts lengthen it.
"""

from __future__ import annotations

from dataclasses import replace
from hmac import compare_digest
from typing import TYPE_CHECKING

from kiosk.domain.bank_change.guards import FOR_AN_OFFICER, Guard, barred_officers, earliest, missing
from kiosk.domain.bank_change.states import (
    UNPROVEN,
    Approval,
    Attested,
    BankProof,
    Change,
    Flag,
    Refusal,
    RefusalCode,
    RefusalReason,
    Represented,
    Signed,
    State,
    Verification,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from typing import Any

    from kiosk.domain.bank_change import events
    from kiosk.domain.bank_change.policy import Policy

    Outcome = Change | Refusal
    Rule = Callable[[Change, Any, Policy], Outcome]

SERVICE = "bank_account.change"
"""The service that a mandate must name."""


def refuse(change: Change, event: object, code: RefusalCode) -> Refusal:
    """Say no to `event`; the change stays as it is."""
    return Refusal(code, change.state, type(event).__name__)


# --- evidence -------------------------------------------------------------------------------------


def holder_signed(change: Change, event: events.HolderSigned, _policy: Policy) -> Outcome:
    """Take the holder's own card, the PIN fresh."""
    if event.person != change.person:
        return refuse(change, event, RefusalCode.NOT_THE_HOLDER)
    if not event.reauthenticated:
        return refuse(change, event, RefusalCode.NOT_REAUTHENTICATED)
    return replace(_with_typist(change), state=State.EVIDENCED, evidence=Signed(event.card))


def entry_attested(change: Change, event: events.EntryAttested, _policy: Policy) -> Outcome:
    """Note who entered it and from which document; it is no evidence before another approves.

    An officer whose entry another one replaces had a hand in it all the same, and cannot approve it.
    """
    if not event.document:
        return refuse(change, event, RefusalCode.EVIDENCE_MISSING)
    return replace(_with_typist(change), evidence=Attested(event.officer, event.document))


def attestation_approved(change: Change, event: events.AttestationApproved, _policy: Policy) -> Outcome:
    """Take the approval of an officer other than the one who entered it, or typed any of it."""
    if not isinstance(change.evidence, Attested):
        return refuse(change, event, RefusalCode.EVIDENCE_MISSING)
    if event.officer in barred_officers(change):
        return refuse(change, event, RefusalCode.SAME_OFFICER)
    return replace(change, state=State.EVIDENCED, evidence=replace(change.evidence, approved_by=event.officer))


def representative_signed(change: Change, event: events.RepresentativeSigned, policy: Policy) -> Outcome:
    """Take a representative's card under a mandate for this person, this service and this day."""
    mandate, day = event.mandate, event.at.astimezone(policy.zone).date()
    in_time = mandate.first_day <= day and (mandate.last_day is None or day <= mandate.last_day)
    if mandate.person != change.person or SERVICE not in mandate.scope or not in_time:
        return refuse(change, event, RefusalCode.NO_MANDATE)
    if not event.reauthenticated:
        return refuse(change, event, RefusalCode.NOT_REAUTHENTICATED)
    evidence = Represented(event.card, mandate.id, own_account=event.own_account)
    return replace(_with_typist(change), state=State.EVIDENCED, evidence=evidence)


# --- the way --------------------------------------------------------------------------------------


def received(change: Change, event: events.Received, _policy: Policy) -> Outcome:
    """Note the receipt and the flags; a block on changes ends it here, whatever the channel.

    An approval given before the flags were known does not cover them.
    """
    flags = set(event.flags | change.flags)
    if change.helpers:
        flags.add(Flag.TYPED_BY_HELPER)
    if isinstance(change.evidence, Represented) and change.evidence.own_account:
        flags.add(Flag.REPRESENTATIVE_ACCOUNT)
    change = replace(change, state=State.RECEIVED, received_at=event.at, flags=frozenset(flags), approval=None)
    return _blocked(change, event.at) if event.blocked else change


def verification_asked(change: Change, event: events.VerificationAsked, policy: Policy) -> Outcome:
    """Note that the bank is asked, or, after the day's last question, go on as one whom no bank vouches for."""
    if event.asked_today >= policy.verifications_a_day:
        return replace(change, state=State.ACCOUNT_VERIFIED, verified_at=event.at)
    return replace(change, asked_at=event.at)


def verification_answered(change: Change, event: events.VerificationAnswered, _policy: Policy) -> Outcome:
    """Note the bank's answer to a question that was asked."""
    if change.asked_at is None or event.answer is Verification.NOT_ASKED:
        return refuse(change, event, RefusalCode.NOT_ASKED)
    name = event.holder_name if event.answer is Verification.CLOSE_MATCH else ""
    return replace(
        change,
        state=State.ACCOUNT_VERIFIED,
        verification=event.answer,
        verified_at=event.at,
        holder_name_at_bank=name,
    )


def notice_queued(change: Change, event: events.NoticeQueued, _policy: Policy) -> Outcome:
    """Let the code count from the moment it leaves, though other contacts have not been reached yet."""
    if not event.cancellation_digest:
        return refuse(change, event, RefusalCode.NO_CODE)
    return replace(change, cancellation_digest=event.cancellation_digest)


def contacts_notified(change: Change, event: events.ContactsNotified, _policy: Policy) -> Outcome:
    """Note that every contact was reached, or a letter stands in; the notice carries the cancellation code."""
    if not event.letter_queued and (event.contacts == 0 or event.reached < event.contacts):
        return refuse(change, event, RefusalCode.NOT_EVERYONE_NOTIFIED)
    if not event.cancellation_digest:
        return refuse(change, event, RefusalCode.NO_CODE)
    return replace(
        change,
        state=State.CONTACTS_NOTIFIED,
        notified_at=event.at,
        no_contact=event.contacts == 0,
        cancellation_digest=event.cancellation_digest,
    )


def wait_began(change: Change, event: events.WaitBegan, policy: Policy) -> Outcome:
    """Set the day, or hold it for an officer where a guard is missing that only the desk can satisfy."""
    if FOR_AN_OFFICER.intersection(missing(change, policy, event.at)):
        return _held(change)
    return replace(change, state=State.WAITING, wait_until=earliest(change, policy))


def wait_over(change: Change, event: events.WaitOver, policy: Policy) -> Outcome:
    """Open the one gate into force: every guard is asked again."""
    if event.blocked:
        return _blocked(change, event.at)
    lacking = missing(change, policy, event.at)
    if Guard.WAIT in lacking:
        return refuse(change, event, RefusalCode.TOO_EARLY)
    if lacking:
        return _held(change)
    return replace(change, state=State.IN_FORCE, in_force_at=event.at)


def holder_confirmed(change: Change, event: events.HolderConfirmed, policy: Policy) -> Outcome:
    """Take the person's word on a close match."""
    if change.verification is not Verification.CLOSE_MATCH:
        return refuse(change, event, RefusalCode.NOT_NEEDED)
    if event.person != change.person:
        return refuse(change, event, RefusalCode.NOT_THE_HOLDER)
    if not event.reauthenticated:
        return refuse(change, event, RefusalCode.NOT_REAUTHENTICATED)
    return _go_on(replace(change, confirmed_at=event.at), policy, event.at)


# --- the desk -------------------------------------------------------------------------------------


def bank_proof_shown(change: Change, event: events.BankProofShown, _policy: Policy) -> Outcome:
    """Note the paper of the bank; what was approved before it must be approved again."""
    needed = change.verification in UNPROVEN or change.verification is Verification.CLOSE_MATCH
    if change.verified_at is None or not needed:
        return refuse(change, event, RefusalCode.NOT_NEEDED)
    if not event.document:
        return refuse(change, event, RefusalCode.EVIDENCE_MISSING)
    change = replace(change, bank_proof=BankProof(event.officer, event.document, event.at), approval=None)
    return _held(change) if change.state is State.WAITING else change


def hold_placed(change: Change, event: events.HoldPlaced, _policy: Policy) -> Outcome:
    """Hold it; an approval given before does not cover the new doubt."""
    if not event.reason:
        return refuse(change, event, RefusalCode.REASON_MISSING)
    return _held(replace(change, hold=event.reason, approval=None))


def flag_raised(change: Change, event: events.FlagRaised, _policy: Policy) -> Outcome:
    """Add the flag; one that is already waiting goes to an officer."""
    change = replace(change, flags=change.flags | {event.flag}, approval=None)
    return _held(change) if change.state is State.WAITING else change


def officer_approved(change: Change, event: events.OfficerApproved, policy: Policy) -> Outcome:
    """Take the approval of an officer who had no hand in the entry or the bank proof."""
    if not event.reason:
        return refuse(change, event, RefusalCode.REASON_MISSING)
    if Guard.BANK_PROOF in missing(change, policy, event.at) and change.verified_at is not None:
        return refuse(change, event, RefusalCode.BANK_PROOF_MISSING)
    if event.officer in barred_officers(change):
        return refuse(change, event, RefusalCode.SAME_OFFICER)
    approval = Approval(event.officer, event.reason, event.at)
    return _go_on(replace(change, approval=approval), policy, event.at)


def officer_refused(change: Change, event: events.OfficerRefused, _policy: Policy) -> Outcome:
    """End it, with a reason."""
    if not event.reason:
        return refuse(change, event, RefusalCode.REASON_MISSING)
    ended = _ended(change, State.REFUSED, event.at)
    return replace(ended, refusal=RefusalReason.BY_OFFICER, reason=event.reason)


# --- stopping it ----------------------------------------------------------------------------------


def rules_refused(change: Change, event: events.RulesRefused, _policy: Policy) -> Outcome:
    """End it by a rule, with the reason that the person reads."""
    return replace(_ended(change, State.REFUSED, event.at), refusal=event.reason)


def block_placed(change: Change, event: events.BlockPlaced, _policy: Policy) -> Outcome:
    """End whatever is under way."""
    return _blocked(change, event.at)


def stopped_by_holder(change: Change, event: events.StoppedByHolder, _policy: Policy) -> Outcome:
    """Card and PIN need no code."""
    if event.person != change.person:
        return refuse(change, event, RefusalCode.NOT_THE_HOLDER)
    return _stopped(change, event.at)


def stopped_by_code(change: Change, event: events.StoppedByCode, _policy: Policy) -> Outcome:
    """Take the code of the notice; there is none before the notice."""
    known = change.cancellation_digest
    if not known or not compare_digest(known.encode(), event.digest.encode()):
        return refuse(change, event, RefusalCode.WRONG_CODE)
    return _stopped(change, event.at)


def dispute_upheld(change: Change, event: events.DisputeUpheld, _policy: Policy) -> Outcome:
    """Back to the previous account: the safe direction, one officer is enough."""
    if not event.reason:
        return refuse(change, event, RefusalCode.REASON_MISSING)
    return replace(_ended(change, State.CANCELLED, event.at), reason=event.reason)


def dispute_dismissed(change: Change, event: events.DisputeDismissed, _policy: Policy) -> Outcome:
    """Note the first officer's finding; the second one's lets payments flow again."""
    if not event.reason:
        return refuse(change, event, RefusalCode.REASON_MISSING)
    if not change.dismissed_by:
        return replace(change, dismissed_by=event.officer, reason=event.reason)
    if event.officer == change.dismissed_by:
        return refuse(change, event, RefusalCode.SAME_OFFICER)
    return replace(change, state=State.IN_FORCE, disputed_at=None, dismissed_by="", reason=event.reason)


# --- parts of rules -------------------------------------------------------------------------------


def _with_typist(change: Change) -> Change:
    """Keep an officer who entered it before somebody else signed among those who typed it."""
    if not isinstance(change.evidence, Attested):
        return change
    return replace(change, helpers=(*change.helpers, change.evidence.entered_by))


def while_held(station: State, rule: Rule) -> Rule:
    """Let `rule` move on a held change that stands at `station`; what ends it, ends it."""

    def held_rule(change: Change, event: object, policy: Policy) -> Outcome:
        if change.held_from is not station:
            return refuse(change, event, RefusalCode.NOT_NOW)
        outcome = rule(replace(change, state=station, held_from=None), event, policy)
        return replace(outcome, state=State.HELD) if isinstance(outcome, Refusal) else _held(outcome)

    return held_rule


def _held(change: Change) -> Change:
    """Hold the change where it stands; one that is held already stays so."""
    return change if change.state is State.HELD else replace(change, state=State.HELD, held_from=change.state)


def _go_on(change: Change, policy: Policy, at: datetime) -> Change:
    """Release a held change when nothing is missing that the desk or the person must still give."""
    lacking = set(missing(change, policy, at))
    if change.state is not State.HELD or change.held_from is None:
        return change
    if change.notified_at is None:
        ready = Guard.OFFICER not in lacking
        return replace(change, state=change.held_from, held_from=None) if ready else change
    if lacking - {Guard.WAIT}:
        return change
    return replace(change, state=State.WAITING, held_from=None, wait_until=earliest(change, policy))


def _ended(change: Change, state: State, at: datetime) -> Change:
    return replace(change, state=state, closed_at=at, held_from=None, wait_until=None)


def _blocked(change: Change, at: datetime) -> Change:
    return _ended(change, State.BLOCKED, at)


def _stopped(change: Change, at: datetime) -> Change:
    """Before it is in force a stop ends it; afterwards it opens a dispute, and the next payment is held."""
    if change.state is State.IN_FORCE:
        return replace(change, state=State.DISPUTED, disputed_at=at, dismissed_by="")
    return _ended(change, State.CANCELLED, at)
