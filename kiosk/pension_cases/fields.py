"""One case's fields: what is wrong with one is said with its name and what to write instead."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from kiosk.domain.pension.cn_retirement import Month
from kiosk.domain.pension.rounding import in_bounds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kiosk.domain.pension import NotPossible

_AMOUNT_FORM = re.compile(r"[0-9]{1,15}(\.[0-9]+)?")
_MONTH_FORM = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
LONGEST_TIME = 10_000


class CaseFault(Exception):  # noqa: N818 - a fault of the case, not an error of the code
    """A case cannot be read: a code for programs, and what is wrong and what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Refused(Exception):  # noqa: N818 - as above
    """The rules give no result for a case."""

    def __init__(self, reason: NotPossible) -> None:
        super().__init__(reason.reason)
        self.reason = reason


class Fields:
    """The inputs of a case by name. It remembers which were looked at, so that the others can be named."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values
        self._seen: set[str] = set()

    def __contains__(self, name: str) -> bool:
        """Tell whether a field is there and has a value."""
        return self._values.get(name) is not None

    def unread(self) -> list[str]:
        """Return the fields that nobody asked for."""
        return [name for name in self._values if name not in self._seen]

    def names(self) -> list[str]:
        """Return every name."""
        return list(self._values)

    def raw(self, name: str) -> Any:
        """Return a value as it stands, or None."""
        self._seen.add(name)
        return self._values.get(name)

    def either(self, *names: str) -> str:
        """Return the first of several names that is there, else the first; two at once are refused."""
        there = [name for name in names if name in self]
        if len(there) > 1:
            raise CaseFault("contradiction", f"{' and '.join(there)} say the same thing. Give one of them.")
        return there[0] if there else names[0]

    def amount(self, name: str) -> Decimal | None:
        """Return an amount, rate or index: a number, or text with digits and a point."""
        value = self.raw(name)
        return None if value is None else amount(value, name)

    def needed_amount(self, name: str) -> Decimal:
        """Return an amount that must be there."""
        value = self.amount(name)
        if value is None:
            raise CaseFault("missing_field", f"{name} is missing. Add it to the case.")
        return value

    def whole(self, name: str, *, least: int = 0) -> int | None:
        """Return a whole number; 30 and "30" are one, 30.5 is none."""
        value = self.raw(name)
        return None if value is None else whole(value, name, least)

    def needed_whole(self, name: str, *, least: int = 0) -> int:
        """Return a whole number that must be there."""
        value = self.whole(name, least=least)
        if value is None:
            raise CaseFault("missing_field", f"{name} is missing. Add it to the case.")
        return value

    def text(self, name: str) -> str:
        """Return a text; "" when it is not there."""
        value = self.raw(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise CaseFault("wrong_field", f"{name} is not a text. Write it in quotation marks.")
        return value

    def month(self, name: str) -> Month | None:
        """Return a month written as 1965-04."""
        text = self.text(name)
        if not text:
            return None
        found = _MONTH_FORM.fullmatch(text)
        if found is None:
            raise CaseFault("wrong_field", f"{name} is {text!r}. Write a month as in 1965-04.")
        return Month.of(int(found[1]), int(found[2]))

    def table(self, name: str) -> Mapping[str, Any]:
        """Return an object; empty when it is not there."""
        value = self.raw(name)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise CaseFault("wrong_field", f"{name} is not an object. Write it with names and values in braces.")
        return value


def amount(value: Any, name: str) -> Decimal:
    """Read an amount; negative ones, exponents, and what has more than eight decimals are refused."""
    number: Decimal | None = None
    if isinstance(value, Decimal) or (isinstance(value, int) and not isinstance(value, bool)):
        number = Decimal(value)
    elif isinstance(value, str) and _AMOUNT_FORM.fullmatch(value.strip()):
        try:
            number = Decimal(value.strip())
        except InvalidOperation:  # pragma: no cover - the form above leaves none
            number = None
    if number is None or not in_bounds(number):
        shown = str(value)[:40]
        raise CaseFault(
            "wrong_field",
            f"{name} is {shown!r}. Write a number from 0 to 1000000000000 with at most eight decimals and a point.",
        )
    return number


def whole(value: Any, name: str, least: int = 0) -> int:
    """Read a whole number from `least` on."""
    number = amount(value, name)
    if number != number.to_integral_value() or not least <= number <= LONGEST_TIME:
        raise CaseFault("wrong_field", f"{name} is {value}. Write a whole number from {least} to {LONGEST_TIME}.")
    return int(number)


def year(text: Any, name: str) -> int:
    """Read a year of four digits."""
    if not re.fullmatch(r"[12][0-9]{3}", str(text)):
        raise CaseFault("wrong_field", f"{name} has the year {str(text)[:20]!r}. Write a year with four digits.")
    return int(text)
