"""Checks of single answers that every service shares: dates, amounts, names, addresses, free text, choices.

- A check returns the value as it will be signed, or a problem that says how to mend it.
- Nothing here knows today's date: limits come with the question.
- Amounts are exact decimals in the scheme's currency and scale; more digits than the currency has are refused.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from kiosk.domain.identifiers import ascii_digits
from kiosk.domain.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

_DAY_FIRST = re.compile(r"([0-9]{1,2})[./-]([0-9]{1,2})[./-]([0-9]{4})")
_YEAR_FIRST = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_LONGEST_NAME = 200
_HIGHEST_AMOUNT = "999999999999"
_LONGEST_ADDRESS = 300
_LONGEST_EMAIL = 254
_EMAIL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}")
_ADDRESS_LINES = range(2, 6)


def check_choice(typed: str, choices: Sequence[str]) -> str | Problem:
    """Return the choice, which must be one of `choices`."""
    return typed if typed in choices else Problem("choice.missing")


def check_date(typed: str, earliest: str = "", latest: str = "") -> date | Problem:
    """Return the day: day first (12. 3. 1950) or ISO 8601; limits are ISO dates, inclusive, empty for none."""
    text = "".join(ascii_digits(typed).split())
    if not text:
        return Problem("date.empty")
    day_first, year_first = _DAY_FIRST.fullmatch(text), _YEAR_FIRST.fullmatch(text)
    if day_first:
        day, month, year = day_first.groups()
    elif year_first:
        year, month, day = year_first.groups()
    else:
        return Problem("date.form")
    try:
        value = date(int(year), int(month), int(day))
    except ValueError:
        return Problem("date.not_in_calendar")
    if earliest and value < date.fromisoformat(earliest):
        return Problem("date.too_early", {"earliest": earliest})
    if latest and value > date.fromisoformat(latest):
        return Problem("date.too_late", {"latest": latest})
    return value


def check_amount(typed: str, digits: int, lowest: str = "", highest: str = "") -> Decimal | Problem:
    """Return the amount with `digits` decimals; comma or point before them, spaces as group signs."""
    text = "".join(ascii_digits(typed).split()).replace("٫", ".")
    if not text:
        return Problem("amount.empty")
    match = re.fullmatch(r"([0-9]+)(?:[.,]([0-9]*))?", text)
    if match is None:
        return Problem("amount.form")
    whole, decimals = match.group(1), match.group(2) or ""
    if len(decimals) > digits:
        return Problem("amount.scale", {"digits": str(digits)})
    value = Decimal(f"{whole}.{decimals:0<{digits}}" if digits else whole)
    if lowest and value < Decimal(lowest):
        return Problem("amount.too_low", {"lowest": lowest})
    if value > Decimal(highest or _HIGHEST_AMOUNT):
        return Problem("amount.too_high", {"highest": highest or _HIGHEST_AMOUNT})
    return value


def check_name(typed: str) -> str | Problem:
    """Return the name in composed form with single spaces; any script, no digits."""
    text = " ".join(unicodedata.normalize("NFC", typed).split())
    if not any(character.isalpha() for character in text):
        return Problem("name.empty")
    if any(character.isdigit() or _is_control(character) for character in text):
        return Problem("name.character")
    if len(text) > _LONGEST_NAME:
        return Problem("text.too_long", {"longest": str(_LONGEST_NAME)})
    return text


def check_address(typed: str) -> str | Problem:
    """Return the address, a line each for street and place, at least; empty lines are left out."""
    lines = [" ".join(line.split()) for line in unicodedata.normalize("NFC", typed).splitlines()]
    lines = [line for line in lines if line]
    if len(lines) not in _ADDRESS_LINES:
        return Problem("address.lines")
    text = "\n".join(lines)
    if len(text) > _LONGEST_ADDRESS:
        return Problem("text.too_long", {"longest": str(_LONGEST_ADDRESS)})
    if any(_is_control(character) for line in lines for character in line):
        return Problem("text.character")
    return text


def check_text(typed: str, longest: int, *, optional: bool = False) -> str | Problem:
    """Return the text in composed form, at most `longest` characters."""
    text = unicodedata.normalize("NFC", typed).strip()
    if not text:
        return "" if optional else Problem("text.empty")
    if len(text) > longest:
        return Problem("text.too_long", {"longest": str(longest)})
    if any(_is_control(character) and character != "\n" for character in text):
        return Problem("text.character")
    return text


def check_email(typed: str) -> str | Problem:
    """Return the address as typed, the domain in small letters (RFC 5321 4.1.2, dot-atoms; 254 characters at most)."""
    text = "".join(typed.split())
    if not text:
        return Problem("email.empty")
    if not _EMAIL.fullmatch(text) or len(text) > _LONGEST_EMAIL:
        return Problem("email.form")
    local, _, domain = text.rpartition("@")
    return f"{local}@{domain.lower()}"


def check_phone(typed: str, country: str) -> str | Problem:
    """Return the number in the form of ITU-T E.164 (+420601123456); without a prefix it is one of `country`."""
    import phonenumbers  # noqa: PLC0415 - its tables cost memory, and few services ask for a number

    text = ascii_digits(typed).strip()
    if not text:
        return Problem("phone.empty")
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return Problem("phone.form")
    if not phonenumbers.is_valid_number(number):
        return Problem("phone.form")
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _is_control(character: str) -> bool:
    return unicodedata.category(character) == "Cc"
