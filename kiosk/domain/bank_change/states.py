"""Where a bank change stands and everything that has been established about it, as one immutable record.

- The state names the station on the way; the other fields are what the guards read. Nothing is forgotten
  on the way: what an officer, the bank or the gateway said stays in the record.
- Evidence is one of three kinds, and only `Signed` can ever lead to a change without waiting.
- Times are aware datetimes that came in with events; this module never asks for one.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class State(Enum):
    """The stations of a change; the values are what databases and messages carry."""

    ENTERED = "entered"
    EVIDENCED = "evidenced"
    RECEIVED = "received"
    ACCOUNT_VERIFIED = "account_verified"
    CONTACTS_NOTIFIED = "contacts_notified"
    WAITING = "waiting"
    HELD = "held"
    IN_FORCE = "in_force"
    DISPUTED = "disputed"
    BLOCKED = "blocked"
    REFUSED = "refused"
    CANCELLED = "cancelled"


PENDING = (
    State.ENTERED,
    State.EVIDENCED,
    State.RECEIVED,
    State.ACCOUNT_VERIFIED,
    State.CONTACTS_NOTIFIED,
    State.WAITING,
    State.HELD,
)
"""Every state before `in force`: from each of them a change can be blocked, refused, held and cancelled."""

FINAL = (State.BLOCKED, State.REFUSED, State.CANCELLED)
"""Nothing leads on from here; the person makes a new change."""


class Verification(Enum):
    """What the bank said about the holder of the new account (ISO 20022 acmt.024)."""

    NOT_ASKED = "not_asked"
    MATCH = "match"
    CLOSE_MATCH = "close_match"
    NO_MATCH = "no_match"
    NOT_POSSIBLE = "not_possible"


UNPROVEN = (Verification.NOT_ASKED, Verification.NO_MATCH, Verification.NOT_POSSIBLE)
"""Never a match: bank proof at the desk, a second officer, N days."""


class Flag(Enum):
    """A question for an officer, never a sanction; never shown to the person, nor to a thief in their place."""

    ADDRESS_CHANGED = "address_changed"
    PHONE_CHANGED = "phone_changed"
    EMAIL_CHANGED = "email_changed"
    PIN_CHANGED = "pin_changed"
    CARD_CHANGED = "card_changed"
    ACCOUNT_SHARED = "account_shared"
    SEVERAL_CHANGES = "several_changes"
    PREPAID_ISSUER = "prepaid_issuer"
    TYPED_BY_HELPER = "typed_by_helper"
    REPRESENTATIVE_ACCOUNT = "representative_account"
    CARD_REPORTED_LOST = "card_reported_lost"


class RefusalReason(Enum):
    """Why the back office says no; each has a sentence that a citizen can read."""

    NOT_ON_FILE = "not_on_file"
    NOT_BENEFICIARY = "not_beneficiary"
    CARD_REVOKED = "card_revoked"
    RECORD_CHANGED = "record_changed"
    ACCOUNT_UNUSABLE = "account_unusable"
    SAME_ACCOUNT = "same_account"
    CHANGE_PENDING = "change_pending"
    NO_MANDATE = "no_mandate"
    BY_OFFICER = "by_officer"


@dataclass(frozen=True, slots=True)
class Signed:
    """The holder signed with the card, PIN fresh; `card` is the card number."""

    card: str


@dataclass(frozen=True, slots=True)
class Attested:
    """One officer entered it from an identity document, another approves; until then `approved_by` is empty."""

    entered_by: str
    document: str
    approved_by: str = ""


@dataclass(frozen=True, slots=True)
class Represented:
    """A representative signed with the own card under a mandate; `own_account`: it is to be paid to that person."""

    card: str
    mandate: str
    own_account: bool


Evidence = Signed | Attested | Represented


@dataclass(frozen=True, slots=True)
class BankProof:
    """An officer saw a paper of the bank that names the holder of the account."""

    officer: str
    document: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Approval:
    """An officer looked at the flags, the hold or the bank proof and let the change go on."""

    officer: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """One change of the account that a person's benefits are paid to; accounts are compact IBANs.

    `helpers` are the staff who typed for the holder ("helper:staff" where no officer is named).
    `hold` is an officer's own reason for holding it; `held_from` the state to which a hold returns.
    """

    id: str
    person: str
    account: str
    previous_account: str
    state: State
    entered_at: datetime
    helpers: tuple[str, ...] = ()
    evidence: Evidence | None = None
    received_at: datetime | None = None
    flags: frozenset[Flag] = frozenset()
    verification: Verification = Verification.NOT_ASKED
    asked_at: datetime | None = None
    verified_at: datetime | None = None
    holder_name_at_bank: str = ""
    confirmed_at: datetime | None = None
    bank_proof: BankProof | None = None
    notified_at: datetime | None = None
    no_contact: bool = False
    cancellation_digest: str = ""
    wait_until: datetime | None = None
    hold: str = ""
    held_from: State | None = None
    approval: Approval | None = None
    in_force_at: datetime | None = None
    disputed_at: datetime | None = None
    dismissed_by: str = ""
    closed_at: datetime | None = None
    refusal: RefusalReason | None = None
    reason: str = ""


class RefusalCode(Enum):
    """Why `step` did not take an event; the change stays as it was."""

    NOT_NOW = "not_now"
    NOT_REAUTHENTICATED = "not_reauthenticated"
    NOT_THE_HOLDER = "not_the_holder"
    EVIDENCE_MISSING = "evidence_missing"
    SAME_OFFICER = "same_officer"
    NO_MANDATE = "no_mandate"
    NOT_ASKED = "not_asked"
    NOT_EVERYONE_NOTIFIED = "not_everyone_notified"
    NO_CODE = "no_code"
    BANK_PROOF_MISSING = "bank_proof_missing"
    NOT_NEEDED = "not_needed"
    WRONG_CODE = "wrong_code"
    TOO_EARLY = "too_early"
    REASON_MISSING = "reason_missing"


@dataclass(frozen=True, slots=True)
class Refusal:
    """`step` refused `event` in `state`: nothing happened."""

    code: RefusalCode
    state: State
    event: str
