"""A person's record as the rules and the screens see it, whichever way it came: over the line, or from the cache.

- Days are ISO 8601, amounts decimal text in the scheme's currency; nothing here is ever a float.
- It is what the person may see. Officers' flags and remarks are never in it.
- A part that a back office does not know of is empty; an older terminal ignores parts that it does not know.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class PaymentAccount:
    """An account as the holder may see it: full number only after the PIN, grouped for reading."""

    iban: str
    domestic: str = ""
    bank: str = ""


@dataclass(frozen=True, slots=True)
class RequestLine:
    """One of the person's own requests, as the back office tells it (stage two of the receipt).

    `holder_name` (as the bank has it) and `account` (IBAN) stand only where a close match waits to be confirmed.
    `about`: which thing it is about, where a service asks about one of many (`Service.about`).
    `reason` is the sentence as the back office wrote it; `reason_key` with its parameters says it in any language.
    """

    transaction_id: str
    reference: str
    service: str
    stage: str
    recorded_on: str
    in_force_on: str = ""
    stoppable: bool = False
    reason: str = ""
    holder_name: str = ""
    account: str = ""
    about: str = ""
    reason_key: str = ""
    reason_parameters: dict[str, str] = field(default_factory=dict)

    @property
    def to_confirm(self) -> bool:
        """Whether it waits for the person to say that the holder the bank names is the right one."""
        return bool(self.holder_name)


@dataclass(frozen=True, slots=True)
class HeldBy:
    """An office whose terminals hold the record, and why (`home_office`, `appointment`, ...)."""

    office: str
    name: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Contribution:
    """One period of one year: with an employer (its number; empty for periods without one), pay and what was paid in.

    `kind`: worked, assimilated, other_scheme. A branch that is not in `branches` was not insured then.
    """

    year: int
    start: str
    end: str
    employer: str
    employer_name: str
    kind: str
    pay: str
    branches: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PaymentMade:
    """A payment to the person; of the account the last four characters."""

    paid_on: str
    amount: str
    currency: str
    account_end: str


@dataclass(frozen=True, slots=True)
class Contact:
    """Where the person is written to or called: `email`, `sms` or `letter` (a postal address with line breaks)."""

    channel: str
    destination: str
    since: str


@dataclass(frozen=True, slots=True)
class OpenCase:
    """What an officer is to decide, never why."""

    kind: str
    request: str
    opened_on: str
    office: str


@dataclass(frozen=True, slots=True)
class Mandate:
    """Who may act for whom: the other person's name, the card that acts, ground (guardian, proxy), scope, from and to.

    `person` is the number of the person acted for; `services` empty: for every service that allows it.
    """

    id: str
    name: str
    person: str
    card: str
    ground: str
    since: str
    until: str = ""
    services: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CardLine:
    """One of the person's own cards: `valid`, `lost` or `expired`."""

    number: str
    issued_on: str
    state: str


@dataclass(frozen=True, slots=True)
class AccessLine:
    """Who looked at the record: on which day, which office (its name), in which role, for which purpose; never a person."""

    at: str
    office: str
    role: str
    purpose: str


@dataclass(frozen=True, slots=True)
class CertificateLine:
    """A certificate that was issued: what it says, when, until when it can be verified; of its code the first four characters.

    `request`: id of the request that it came of; empty from an older back office, and then it cannot be printed later.
    """

    kind: str
    issued_on: str
    valid_until: str
    code_start: str
    request: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """What the visit shows of its holder; came sealed and signed, to this visit or to the card.

    `confirmed_at`: the record was kept on this terminal, and the office last said then that it is the newest; empty when
    it came over the line. `cacheable` False: no terminal keeps it, so that it can be shown only with the line.
    `proof_of_life_due`: the day by which the person is to show to be alive; empty where no proof is asked.
    """

    name: str
    number: str
    account: PaymentAccount | None
    version: int
    as_of: str
    next_payment_on: str = ""
    next_payment_amount: str = ""
    requests: tuple[RequestLine, ...] = ()
    changes_blocked: bool = False
    cacheable: bool = True
    held_by: tuple[HeldBy, ...] = ()
    confirmed_at: str = ""
    birth_date: str = ""
    contacts: tuple[Contact, ...] = ()
    contributions: tuple[Contribution, ...] = ()
    payments: tuple[PaymentMade, ...] = ()
    cases: tuple[OpenCase, ...] = ()
    mandates_given: tuple[Mandate, ...] = ()
    mandates_held: tuple[Mandate, ...] = ()
    cards: tuple[CardLine, ...] = ()
    accesses: tuple[AccessLine, ...] = ()
    certificates: tuple[CertificateLine, ...] = ()
    proof_of_life_due: str = ""
    pin_letter_until: str = ""
    """ISO day until which the PIN of a letter can be replaced; empty: the PIN is the holder's own."""
    provisional: bool = False


class RecordAbsence(Enum):
    """Why there is no record on the screen; never "unknown person"."""

    OFFLINE = "offline"
    NOT_CACHED = "not_cached"  # no line, and this terminal does not hold it
    NO_CACHE = "no_cache"  # no line, and this terminal holds no records now
    LAPSED = "lapsed"  # no line for so long that it had to destroy what it held
    STALE = "stale"  # no line, and the list of revoked cards is too old to open a record
    NO_KEY = "no_key"  # no line, and nothing can be sealed to this card
    NOT_ON_FILE = "not_on_file"
    REFUSED = "refused"
    UNTRUSTED = "untrusted"  # the answer's signature, kind or addressee did not fit
