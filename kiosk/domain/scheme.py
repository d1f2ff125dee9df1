"""A scheme as the rules need it: numbers, banks, waits and days, all of them data of a scheme pack.

- Nothing here is read from a file: `kiosk.schemes` does that and hands over this value.
- A rule that needs a number takes it from here, never from its own text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kiosk.domain.bank_change.policy import Policy
    from kiosk.domain.lockout import Throttle
    from kiosk.domain.payments import PaymentSchedule
    from kiosk.domain.pension.dated import Dated
    from kiosk.domain.working_life import Oddities


@dataclass(frozen=True, slots=True)
class Bank:
    """A bank that accounts can be held at: its domestic code, name, BIC (may be empty), and what it is."""

    code: str
    name: str
    bic: str = ""
    prepaid: bool = False
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Scheme:
    """One scheme pack. `currency_digits` is the scale of an amount (ISO 4217 minor unit)."""

    code: str
    country: str
    currency: str
    currency_digits: int
    time_zone: str
    languages: tuple[str, ...]
    official_language: str
    person_number: str
    employer_number: str
    branches: tuple[str, ...]
    services: tuple[str, ...]
    banks: Mapping[str, Bank]
    bank_change: Policy
    payments: PaymentSchedule
    code_entry: Throttle
    record: Oddities
    pension: Dated[Any] | None = None
    """The parameters of the scheme's pension rule set; None: the scheme offers no estimate."""
    proof_of_life_months: int = 12
    """How long a proof of life is good for."""
    certificate_days: int = 90
    """How long a certificate can be verified."""
    registrations_a_day: int = 20
    """How many persons one clerk registers provisionally in a day."""
