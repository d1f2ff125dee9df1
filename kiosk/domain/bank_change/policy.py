"""The numbers of the firewall, the flags that follow from a person's history, and how long a change waits.

- Nothing is hidden in code: a scheme pack gives every number with its source.
- Flags are found by the back office from its own records, never from what a terminal claims.
- Zero days only for a card's signature, a MATCH, no flag, contacts that were reached, and no officer needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from kiosk.domain.bank_change.states import Change, Flag, Signed, Verification

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, tzinfo


@dataclass(frozen=True, slots=True)
class Policy:
    """A scheme's numbers: days for waits and windows, the zone in which a day is a day."""

    waiting_days: int
    zone: tzinfo
    flag_windows: Mapping[Flag, timedelta]
    several_changes: int = 3
    verifications_a_day: int = 3
    contact_window: timedelta = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class History:
    """When things of this person last changed, and when changes of the account were asked for; None: never."""

    address_changed_at: datetime | None = None
    phone_changed_at: datetime | None = None
    email_changed_at: datetime | None = None
    pin_changed_at: datetime | None = None
    card_changed_at: datetime | None = None
    changes_asked_at: tuple[datetime, ...] = ()
    card_reported_lost: bool = False
    """Somebody has told so, and no officer has closed the case."""


@dataclass(frozen=True, slots=True)
class AccountUsage:
    """Who else is paid to the new account, and whether its issuer sells prepaid accounts."""

    other_persons: int = 0
    prepaid_issuer: bool = False


def flags_for(
    history: History, usage: AccountUsage, at: datetime, policy: Policy, *, helped: bool = False
) -> frozenset[Flag]:
    """Return the flags of a change received `at`; `history` holds the changes asked for before it."""

    def recent(flag: Flag, when: datetime | None) -> bool:
        return when is not None and when > at - policy.flag_windows.get(flag, timedelta(0))

    earlier = sum(1 for when in history.changes_asked_at if recent(Flag.SEVERAL_CHANGES, when))
    raised = (
        (Flag.ADDRESS_CHANGED, recent(Flag.ADDRESS_CHANGED, history.address_changed_at)),
        (Flag.PHONE_CHANGED, recent(Flag.PHONE_CHANGED, history.phone_changed_at)),
        (Flag.EMAIL_CHANGED, recent(Flag.EMAIL_CHANGED, history.email_changed_at)),
        (Flag.PIN_CHANGED, recent(Flag.PIN_CHANGED, history.pin_changed_at)),
        (Flag.CARD_CHANGED, recent(Flag.CARD_CHANGED, history.card_changed_at)),
        (Flag.ACCOUNT_SHARED, usage.other_persons > 0),
        (Flag.SEVERAL_CHANGES, earlier + 1 >= policy.several_changes),
        (Flag.PREPAID_ISSUER, usage.prepaid_issuer),
        (Flag.TYPED_BY_HELPER, helped),
        (Flag.CARD_REPORTED_LOST, history.card_reported_lost),
    )
    return frozenset([flag for flag, is_raised in raised if is_raised])


def wait_days(change: Change, policy: Policy) -> int:
    """Return how many days lie between the notice and the day it can come into force."""
    at_once = (
        isinstance(change.evidence, Signed)
        and change.verification is Verification.MATCH
        and not change.flags
        and not change.helpers
        and not change.hold
        and not change.no_contact
    )
    return 0 if at_once else policy.waiting_days
