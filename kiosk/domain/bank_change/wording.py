"""What may be told about a change: a code for machines, a text key for the person, a day for both.

- Flags and an officer's doubts are never in it: a thief in the holder's place learns nothing from the words.
- "In force" is said of nothing that is not.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kiosk.domain.bank_change.states import PENDING, UNPROVEN, Change, State, Verification

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from kiosk.domain.bank_change.policy import Policy

_DECISIONS: Mapping[State, str] = {
    State.ENTERED: "received",
    State.EVIDENCED: "received",
    State.RECEIVED: "received",
    State.ACCOUNT_VERIFIED: "received",
    State.CONTACTS_NOTIFIED: "received",
    State.WAITING: "waiting",
    State.HELD: "held",
    State.IN_FORCE: "in_force",
    State.DISPUTED: "disputed",
    State.BLOCKED: "blocked",
    State.REFUSED: "refused",
    State.CANCELLED: "cancelled",
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """A sentence for the person: a key of the scheme's texts, and strings to fill in (dates as ISO 8601)."""

    key: str
    parameters: Mapping[str, str] = field(default_factory=dict)


def decision_code(change: Change) -> str:
    """Return received, waiting, held, in_force, refused, cancelled, disputed or blocked."""
    return _DECISIONS[change.state]


def verification_code(change: Change) -> str:
    """Return match, close_match, no_match, not_possible or not_asked."""
    return change.verification.value


def effective_on(change: Change, policy: Policy) -> date | None:
    """Return the local day since when it is in force, or from which it can be; None while that is unknown."""
    if change.state in {State.IN_FORCE, State.DISPUTED}:
        moment = change.in_force_at
    elif change.state is State.WAITING:
        moment = change.wait_until
    else:
        moment = None
    return None if moment is None else moment.astimezone(policy.zone).date()


def stoppable(change: Change) -> bool:
    """Tell whether the person can still stop it, or dispute it once it is in force."""
    return change.state not in {State.BLOCKED, State.REFUSED, State.CANCELLED, State.DISPUTED}


def explain(change: Change, policy: Policy) -> Explanation:
    """Return the sentence that tells the person where the change stands and what to do next."""
    code = decision_code(change)
    key = f"decision.bank_change.{code}"
    day = effective_on(change, policy)
    dated = {} if day is None else {"effective_on": day.isoformat()}
    if change.state is State.REFUSED:
        named = key if change.refusal is None else f"{key}.{change.refusal.value}"
        return Explanation(named, {"reason": change.reason} if change.reason else {})
    if to_confirm(change):
        return Explanation("decision.bank_change.confirm")
    if change.state is State.HELD and _proof_is_missing(change):
        return Explanation("decision.bank_change.held.bank_proof")
    return Explanation(key, dated)


def to_confirm(change: Change) -> bool:
    """Tell whether it waits for the person to say that the holder the bank names is the right one."""
    close = change.verification is Verification.CLOSE_MATCH
    return close and change.state in PENDING and change.confirmed_at is None and change.bank_proof is None


def _proof_is_missing(change: Change) -> bool:
    return change.verified_at is not None and change.verification in UNPROVEN and change.bank_proof is None
