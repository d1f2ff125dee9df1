"""The notice to the old contacts: who gets it, and the code in it that stops the change.

- Every contact valid in the last 90 days gets it, so that changing the contact first does not help a thief.
- The code has 8 characters of Crockford's base 32 and travels with the notice only, never on a receipt.
- Only its keyed digest is kept; whoever reads the database cannot stop changes with it.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kiosk.domain import reference

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from kiosk.domain.bank_change.policy import Policy

CODE_LENGTH = 8


@dataclass(frozen=True, slots=True)
class Contact:
    """A way to reach the person: channel (email, sms, letter), where, and until when it was valid (None: still)."""

    id: str
    channel: str
    address: str
    valid_from: datetime
    valid_until: datetime | None = None


def contacts_to_notify(contacts: Iterable[Contact], at: datetime, policy: Policy) -> tuple[Contact, ...]:
    """Return every contact that was valid at some moment of the policy's window before `at`."""
    begins = at - policy.contact_window
    return tuple(
        contact
        for contact in contacts
        if contact.valid_from <= at and (contact.valid_until is None or contact.valid_until > begins)
    )


def compact_code(typed: str) -> str:
    """Return a typed code without spaces and hyphens, in capitals, I and L read as 1, O as 0."""
    return reference.compact(typed)


def is_code(typed: str) -> bool:
    """Tell whether `typed` has the form of a cancellation code."""
    code = compact_code(typed)
    return len(code) == CODE_LENGTH and all(character in reference.ALPHABET for character in code)


def format_code(code: str) -> str:
    """Return the code in two groups of four."""
    compact = compact_code(code)
    return f"{compact[:4]}-{compact[4:]}"


def digest(typed: str, key: bytes) -> str:
    """Return what is kept of a code: HMAC-SHA-256 (RFC 2104) under the back office's `key`, in hex."""
    return hmac.new(key, compact_code(typed).encode(), hashlib.sha256).hexdigest()
