"""A person's document as the back office signs it, for an answer or for the record that a terminal keeps, read into the domain.

- The back office reads its own document with this too, so that both ends judge the same facts by the same rules.
- Parts that this version does not know are left aside; parts that are missing are empty.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from kiosk.domain.record import (
    AccessLine,
    CardLine,
    CertificateLine,
    Contact,
    Contribution,
    HeldBy,
    Mandate,
    OpenCase,
    PaymentAccount,
    PaymentMade,
    Person,
    RequestLine,
)
from kiosk.wire.problem import Problem, ProblemCode

if TYPE_CHECKING:
    from collections.abc import Mapping


class _Contribution(msgspec.Struct, frozen=True):
    year: int
    start: str = msgspec.field(name="from")
    end: str = msgspec.field(name="to")
    employer: str
    employer_name: str
    kind: str
    pay: str
    branches: dict[str, str] = {}


class _Document(msgspec.Struct, frozen=True):
    """The parts whose names are the domain's own are read straight into its values."""

    name: str
    number: str
    version: int
    as_of: str
    account: PaymentAccount | None = None
    next_payment_on: str = ""
    next_payment_amount: str = ""
    changes_blocked: bool = False
    requests: tuple[RequestLine, ...] = ()
    cacheable: bool = True
    held_by: tuple[HeldBy, ...] = ()
    birth_date: str = ""
    contacts: tuple[Contact, ...] = ()
    contributions: tuple[_Contribution, ...] = ()
    payments: tuple[PaymentMade, ...] = ()
    open_cases: tuple[OpenCase, ...] = ()
    mandates_given: tuple[Mandate, ...] = ()
    mandates_held: tuple[Mandate, ...] = ()
    cards: tuple[CardLine, ...] = ()
    accesses: tuple[AccessLine, ...] = ()
    certificates: tuple[CertificateLine, ...] = ()
    proof_of_life_due: str = ""
    pin_letter_until: str = ""
    provisional: bool = False


_RENAMED = {"contributions", "open_cases"}


def person_of(document: Mapping[str, Any], *, confirmed_at: str = "") -> Person | Problem:
    """Read the document; MALFORMED with the place where it is not one."""
    try:
        found = msgspec.convert(document, _Document)
    except msgspec.ValidationError as error:
        return Problem(ProblemCode.MALFORMED, str(error))
    same = {name: getattr(found, name) for name in _Document.__struct_fields__ if name not in _RENAMED}
    contributions = tuple(
        Contribution(
            line.year, line.start, line.end, line.employer, line.employer_name, line.kind, line.pay, line.branches
        )
        for line in found.contributions
    )
    return Person(**same, contributions=contributions, cases=found.open_cases, confirmed_at=confirmed_at)
