"""What can happen to a bank change, in the past tense; `step` takes one at a time.

- `at` is an aware datetime. Officers and persons are named by their numbers, never by their names.
- Whoever sends an event has verified what it claims (a signature, a sign-in, the gateway's answer); `step`
  checks that it is enough.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime

    from kiosk.domain.bank_change.states import Flag, RefusalReason, Verification


@dataclass(frozen=True, slots=True)
class HolderSigned:
    """The holder's card signed; `reauthenticated`: the PIN was asked right before it (ASVS 7.5.3)."""

    at: datetime
    person: str
    card: str
    reauthenticated: bool


@dataclass(frozen=True, slots=True)
class EntryAttested:
    """An officer entered it for a person without a usable card, having seen `document`."""

    at: datetime
    officer: str
    document: str


@dataclass(frozen=True, slots=True)
class AttestationApproved:
    """Another officer approved what the first one entered."""

    at: datetime
    officer: str


@dataclass(frozen=True, slots=True)
class Mandate:
    """What lets a representative act: scope (service ids), ground, first and last day (None: open)."""

    id: str
    person: str
    scope: frozenset[str]
    ground: str
    first_day: date
    last_day: date | None = None


@dataclass(frozen=True, slots=True)
class RepresentativeSigned:
    """A representative's own card signed under `mandate`; `own_account`: the account is the representative's."""

    at: datetime
    card: str
    mandate: Mandate
    own_account: bool
    reauthenticated: bool


@dataclass(frozen=True, slots=True)
class Received:
    """It is durable at the back office, with the flags found then; `blocked`: the person has a block on changes."""

    at: datetime
    flags: frozenset[Flag]
    blocked: bool


@dataclass(frozen=True, slots=True)
class VerificationAsked:
    """The bank is about to be asked; `asked_today` earlier questions about this person were sent today."""

    at: datetime
    asked_today: int


@dataclass(frozen=True, slots=True)
class VerificationAnswered:
    """The bank's answer; for CLOSE_MATCH with the holder's name as the bank has it."""

    at: datetime
    answer: Verification
    holder_name: str = ""


@dataclass(frozen=True, slots=True)
class NoticeQueued:
    """The notice with this code is on its way: whoever gets it first can stop the change at once."""

    at: datetime
    cancellation_digest: str


@dataclass(frozen=True, slots=True)
class ContactsNotified:
    """The notice went out to the contacts valid in the last 90 days.

    `reached` counts those whose gateway accepted it or whose letter was queued for print;
    `letter_queued`: a letter is in the spool, which stands in for every contact that failed.
    """

    at: datetime
    contacts: int
    reached: int
    letter_queued: bool
    cancellation_digest: str


@dataclass(frozen=True, slots=True)
class WaitBegan:
    """The notice is out: now it shows how long it must wait, and whether an officer must look."""

    at: datetime


@dataclass(frozen=True, slots=True)
class WaitOver:
    """Somebody asks whether it may come into force now; `blocked` as in `Received`."""

    at: datetime
    blocked: bool


@dataclass(frozen=True, slots=True)
class HolderConfirmed:
    """The person was shown the name of a close match after the PIN, and said that it is the right account."""

    at: datetime
    person: str
    reauthenticated: bool


@dataclass(frozen=True, slots=True)
class BankProofShown:
    """An officer saw the bank's paper on the holder of the account."""

    at: datetime
    officer: str
    document: str


@dataclass(frozen=True, slots=True)
class HoldPlaced:
    """An officer wants it looked at before it goes on."""

    at: datetime
    officer: str
    reason: str


@dataclass(frozen=True, slots=True)
class FlagRaised:
    """Something that raises a flag became known after it was received."""

    at: datetime
    flag: Flag


@dataclass(frozen=True, slots=True)
class OfficerApproved:
    """An officer who had no hand in the entry lets it go on."""

    at: datetime
    officer: str
    reason: str


@dataclass(frozen=True, slots=True)
class OfficerRefused:
    """An officer ends it; the reason goes to the person."""

    at: datetime
    officer: str
    reason: str


@dataclass(frozen=True, slots=True)
class RulesRefused:
    """A rule ends it: stale record, no right, revoked card."""

    at: datetime
    reason: RefusalReason


@dataclass(frozen=True, slots=True)
class BlockPlaced:
    """The person put a block on bank changes, by whatever channel."""

    at: datetime


@dataclass(frozen=True, slots=True)
class StoppedByHolder:
    """The person stopped it with card and PIN; `by_officer`: an officer entered it, for who called or came."""

    at: datetime
    person: str
    by_officer: bool = False


@dataclass(frozen=True, slots=True)
class StoppedByCode:
    """Somebody typed the cancellation code of the notice; `digest` as `codes.digest` makes it."""

    at: datetime
    digest: str


@dataclass(frozen=True, slots=True)
class DisputeUpheld:
    """An officer found the dispute right: payments go back to the previous account."""

    at: datetime
    officer: str
    reason: str


@dataclass(frozen=True, slots=True)
class DisputeDismissed:
    """An officer found the dispute unfounded; it takes two of them to let money flow again."""

    at: datetime
    officer: str
    reason: str


Event = (
    HolderSigned
    | EntryAttested
    | AttestationApproved
    | RepresentativeSigned
    | Received
    | VerificationAsked
    | VerificationAnswered
    | NoticeQueued
    | ContactsNotified
    | WaitBegan
    | WaitOver
    | HolderConfirmed
    | BankProofShown
    | HoldPlaced
    | FlagRaised
    | OfficerApproved
    | OfficerRefused
    | RulesRefused
    | BlockPlaced
    | StoppedByHolder
    | StoppedByCode
    | DisputeUpheld
    | DisputeDismissed
)
