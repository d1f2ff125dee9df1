"""The bank partner's own customer list, STATE/bank/customers.json: who holds which account at which house.

Rules:
- The bank answers from this list alone; no account number means anything by itself.
- Unknown keys, doubled accounts and impossible account numbers are refused with their place in the file.
- The list is replaced whole, atomically; a running bank reads it again when it has changed.
"""

from __future__ import annotations

import json
import re
import threading
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from back_office.partners import spool
from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

FILE = "bank/customers.json"
FORMAT = 1
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{1,30}", re.ASCII)
_REMEDY = "Mend the file, or make the demonstration's anew: guichet back-office init"


@dataclass(frozen=True, slots=True)
class House:
    """A bank that accounts may be held at: country and bank code as they stand in an IBAN.

    `answers`: it takes part in the verification of holders.
    """

    code: str
    name: str
    bic: str = ""
    answers: bool = True
    country: str = "CZ"

    def holds(self, iban: str) -> bool:
        """Tell whether an account number is of this house."""
        return iban[:2] == self.country and iban[4:].startswith(self.code)


@dataclass(frozen=True, slots=True)
class Customer:
    """One account and its holder, as the bank knows them."""

    iban: str
    name: str
    former_names: tuple[str, ...] = ()
    closed: bool = False


@dataclass(frozen=True, slots=True)
class CustomerList:
    """All houses and accounts that the partner speaks for."""

    houses: tuple[House, ...]
    accounts: Mapping[str, Customer]

    def house_of(self, iban: str) -> House | None:
        """Find the house that an account number belongs to."""
        return next((house for house in self.houses if house.holds(iban)), None)


class _File(msgspec.Struct, forbid_unknown_fields=True):
    format: int
    houses: list[House]
    customers: list[Customer]


def write_customers(state: Path, houses: Iterable[House], customers: Iterable[Customer]) -> None:
    """Replace STATE/bank/customers.json. Raises EnvironmentFault for accounts that cannot be, or when the disk refuses."""
    document = {
        "format": FORMAT,
        "houses": [asdict(house) for house in houses],
        "customers": [asdict(customer) for customer in customers],
    }
    text = json.dumps(document, ensure_ascii=False, indent=1)
    parse_customers(text.encode(), FILE)
    try:
        spool.replace(state / FILE, text.encode())
    except OSError as error:
        raise EnvironmentFault(f"{state / FILE} cannot be written: {error.strerror}.", "Check the disk.") from error


def parse_customers(data: bytes, place: str) -> CustomerList:
    """Read the list. Raises EnvironmentFault naming the place and what is wrong."""
    try:
        file = msgspec.json.decode(data, type=_File)
    except msgspec.DecodeError as error:
        raise EnvironmentFault(f"{place} is not a customer list: {error}.", _REMEDY) from error
    if file.format != FORMAT:
        raise EnvironmentFault(f"{place} has format {file.format}, this program reads {FORMAT}.", _REMEDY)
    accounts: dict[str, Customer] = {}
    for number, customer in enumerate(file.customers):
        if not _IBAN.fullmatch(customer.iban) or customer.iban in accounts or not customer.name.strip():
            raise EnvironmentFault(
                f"{place}, customers[{number}]: the account is no compact IBAN, stands there twice, or has no holder.",
                _REMEDY,
            )
        accounts[customer.iban] = customer
    return CustomerList(tuple(file.houses), accounts)


class CustomerFile:
    """The list as it stands on the disk now; read again only when the file has changed."""

    def __init__(self, state: Path) -> None:
        self._path = state / FILE
        self._lock = threading.Lock()
        self._seen: tuple[Any, ...] | None = None
        self._list = CustomerList((), {})

    def current(self) -> CustomerList:
        """Return the present list. Raises EnvironmentFault when it is missing or wrong."""
        with self._lock:
            try:
                status = self._path.stat()
                seen = (status.st_ino, status.st_mtime_ns, status.st_size)
                if seen != self._seen:
                    self._list = parse_customers(self._path.read_bytes(), str(self._path))
                    self._seen = seen
            except OSError as error:
                raise EnvironmentFault(f"{self._path} cannot be read: {error.strerror}.", _REMEDY) from error
            return self._list
