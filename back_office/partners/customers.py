"""The bank partner's own customer list, STATE/bank/customers.json: who holds which account at which house.

Rules:
- The bank answers from this list alone; no account number means anything by itself.
- Unknown keys, doubled accounts and impossible account numbers are refused with their place in the file.
- The list is replaced whole, atomically; a running bank reads it again when it has changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class House:
    """A bank that accounts may be held at. `answers`: it takes part in the verification of holders."""

    code: str
    name: str
    bic: str = ""
    answers: bool = True


@dataclass(frozen=True, slots=True)
class Customer:
    """One account and its holder, as the bank knows them."""

    iban: str
    name: str
    former_names: tuple[str, ...] = ()
    closed: bool = False


def write_customers(state: Path, houses: Iterable[House], customers: Iterable[Customer]) -> None:
    """Replace STATE/bank/customers.json."""
    raise NotImplementedError
