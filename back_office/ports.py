"""What the back office asks of its partners: the bank and the gateways that carry messages.

Rules:
- A call blocks its thread until the partner answered or the given seconds have passed; it never raises for anything a partner can cause.
- `Unavailable` is tried again later; `Rejected` is final and goes to the desk; neither loses the outbox row.
- `key` is the outbox row's idempotency key: a partner that gets it twice acts once and answers the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

AccountMatch = Literal["match", "close_match", "no_match", "not_possible"]
Channel = Literal["email", "sms", "letter"]


@dataclass(frozen=True, slots=True)
class Verification:
    """The bank's answer (acmt.024): whether the account is the person's. `holder_name` only with `close_match`."""

    outcome: AccountMatch
    holder_name: str = ""


@dataclass(frozen=True, slots=True)
class Delivered:
    """The partner took the message: accepted by the gateway, or the letter stands in the spool."""

    detail: str = ""


@dataclass(frozen=True, slots=True)
class Unavailable:
    """No usable answer now (down, timed out, overloaded, nonsense); `detail` carries no personal data."""

    detail: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """The partner answered that it will never take this; `detail` carries no personal data."""

    detail: str


@dataclass(frozen=True, slots=True)
class AccountQuestion:
    """Is this the account of this person? Former names count as the person's."""

    key: str
    iban: str
    name: str
    former_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AccountNotice:
    """From `valid_from` (ISO date) on, payments to this person go to `iban`, no longer to `old_iban`."""

    key: str
    iban: str
    old_iban: str
    name: str
    valid_from: str


@dataclass(frozen=True, slots=True)
class Message:
    """One notice to one contact; `destination` is an e-mail address, a phone number, or a postal address in lines."""

    key: str
    channel: Channel
    destination: str
    recipient: str
    language: str
    subject: str
    text: str


class BankPort(Protocol):
    """The bank, or the clearing house that speaks for all banks (back_office.partners.bank)."""

    def verify_account(self, question: AccountQuestion, *, timeout_seconds: float) -> Verification | Unavailable:
        """Ask acmt.023, read acmt.024."""
        ...

    def announce_account(self, notice: AccountNotice, *, timeout_seconds: float) -> Delivered | Unavailable | Rejected:
        """Tell that a new account is in force."""
        ...


class MessagesPort(Protocol):
    """E-mail, SMS and letters (back_office.partners.messages)."""

    def send(self, message: Message, *, timeout_seconds: float) -> Delivered | Unavailable | Rejected:
        """Hand the message to its gateway."""
        ...


@dataclass(frozen=True, slots=True)
class Partners:
    """The partners that one server talks to; `back_office.partners.connect(settings, state)` makes the real ones."""

    bank: BankPort
    messages: MessagesPort
