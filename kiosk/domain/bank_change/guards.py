"""What must be true before a change comes into force, read from the record alone.

- Every guard is asked again at the gate, whatever way the change took to it.
- No single staff member: whoever entered, typed, or took the bank proof cannot approve.
- NO_MATCH, NOT_POSSIBLE and an unasked bank are never a match.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum
from typing import assert_never

from kiosk.domain.bank_change.policy import Policy, wait_days
from kiosk.domain.bank_change.states import UNPROVEN, Attested, Change, Evidence, Represented, Signed, Verification


class Guard(Enum):
    """One condition of the gate."""

    EVIDENCE = "evidence"
    RECEIPT = "receipt"
    VERIFICATION = "verification"
    NOTICE = "notice"
    CONFIRMATION = "confirmation"
    BANK_PROOF = "bank_proof"
    OFFICER = "officer"
    WAIT = "wait"


FOR_AN_OFFICER = frozenset({Guard.BANK_PROOF, Guard.OFFICER})
"""Guards that only the desk can satisfy: while one of them is missing, a notified change is held."""


def evidence_stands(evidence: Evidence | None) -> bool:
    """Tell whether the evidence is complete: an attestation needs two different officers."""
    match evidence:
        case None:
            return False
        case Signed() | Represented():
            return True
        case Attested(entered_by, _, approved_by):
            return bool(approved_by) and approved_by != entered_by
        case _:
            assert_never(evidence)


def barred_officers(change: Change) -> frozenset[str]:
    """Return the staff who had a hand in the entry or took the bank proof, and so cannot approve it."""
    barred = set(change.helpers)
    if isinstance(change.evidence, Attested):
        barred.add(change.evidence.entered_by)
    if change.bank_proof is not None:
        barred.add(change.bank_proof.officer)
    return frozenset(barred)


def needs_officer(change: Change) -> bool:
    """Tell whether an officer must look: a flag, a hold, or bank proof instead of a match."""
    return bool(change.flags or change.hold or change.bank_proof) or (
        change.verified_at is not None and change.verification in UNPROVEN
    )


def earliest(change: Change, policy: Policy) -> datetime | None:
    """Return when the wait is over, counted from the notice; None before the notice."""
    if change.notified_at is None:
        return None
    return change.notified_at + timedelta(days=wait_days(change, policy))


def missing(change: Change, policy: Policy, at: datetime) -> tuple[Guard, ...]:
    """Return the guards that keep the change from coming into force `at`, in the order of the way."""
    unproven = change.verification in UNPROVEN
    unconfirmed = change.verification is Verification.CLOSE_MATCH and change.confirmed_at is None
    approved = change.approval is not None and change.approval.officer not in barred_officers(change)
    ends = earliest(change, policy)
    passed = {
        Guard.EVIDENCE: evidence_stands(change.evidence),
        Guard.RECEIPT: change.received_at is not None,
        Guard.VERIFICATION: change.verified_at is not None,
        Guard.NOTICE: change.notified_at is not None,
        Guard.CONFIRMATION: not unconfirmed or change.bank_proof is not None,
        Guard.BANK_PROOF: not unproven or change.bank_proof is not None,
        Guard.OFFICER: approved or not needs_officer(change),
        Guard.WAIT: ends is not None and at >= ends,
    }
    return tuple(guard for guard, holds in passed.items() if not holds)
