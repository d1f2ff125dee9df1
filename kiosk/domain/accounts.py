"""Account numbers as people type them: IBAN (ISO 13616) or the Czech prefix-number/bank code.

- Spaces, hyphens where they do not separate, and the digits of other scripts are taken as they are meant.
- Czech numbers are checked in both mod-11 parts (decree 169/2011 Coll. of the Czech National Bank) and
  against the banks of the pack, whether typed as IBAN or not; other countries' IBANs by ISO 13616's registry.
- A problem says what is wrong and how to mend it. A number that passes is complete; whose it is, the bank says.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from operator import mul
from typing import TYPE_CHECKING

from kiosk.domain.iban_structures import iban_length, iban_pattern
from kiosk.domain.problem import Problem

if TYPE_CHECKING:
    from kiosk.domain.scheme import Scheme

_PREFIX_WEIGHTS = (10, 5, 8, 4, 2, 1)
_NUMBER_WEIGHTS = (6, 3, 7, 9, 10, 5, 8, 4, 2, 1)
_SHORTEST_NUMBER = 2
_BANK_CODE_DIGITS = 4
_CZECH_IBAN_LENGTH = 24
_CZECH_NUMBER_LONGEST = 16
_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Account:
    """An account whose number is complete: compact IBAN, domestic form (Czech only), bank name if the pack has it."""

    iban: str
    country: str
    domestic: str = ""
    bank_code: str = ""
    bank_name: str = ""


def parse_account(typed: str, scheme: Scheme) -> Account | Problem:
    """Return the account that `typed` means, or what is wrong with it."""
    text = _compact(typed)
    if not text:
        return Problem("account.empty")
    strange = re.search(r"[^0-9A-Z/-]", text)
    if strange:
        return Problem("account.character", {"character": strange.group()})
    if scheme.country == "CZ":
        if "/" in text:
            return _domestic(text.removeprefix("CZ"), scheme)
        bare = text.replace("-", "")
        if bare.isdigit() and len(bare) == _CZECH_IBAN_LENGTH - len("CZ"):
            return _czech_iban("CZ" + bare, scheme)
        if bare.isdigit():
            longest = _CZECH_NUMBER_LONGEST + _BANK_CODE_DIGITS
            return Problem("account.too_long" if len(bare) > longest else "account.bank_code_missing")
    return _iban(text.replace("-", ""), scheme)


def grouped(iban: str) -> str:
    """Return the IBAN in groups of four, as banks print it (ISO 13616 5.1)."""
    return " ".join(iban[start : start + 4] for start in range(0, len(iban), 4))


def last_four(iban: str) -> str:
    """Return the only part of an account that goes on paper and into notices."""
    return iban[-_SHOWN:]


def domestic_form(iban: str) -> str:
    """Return prefix-number/bank code of a valid Czech IBAN, or nothing for another country's."""
    if not iban.startswith("CZ"):
        return ""
    bank_code, prefix, number = iban[4:8], iban[8:14].lstrip("0"), iban[14:].lstrip("0")
    return f"{prefix}-{number}/{bank_code}" if prefix else f"{number}/{bank_code}"


def _compact(typed: str) -> str:
    """Return `typed` in capitals, any script's digits as ASCII, without space, with one kind of hyphen and slash."""
    if typed.isascii():
        return "".join(typed.upper().replace("\\", "/").split()).strip("-")
    text = unicodedata.normalize("NFKC", typed).upper()
    text = "".join(str(unicodedata.decimal(character, character)) for character in text)
    text = re.sub(r"[‐‑‒–—−]", "-", text).replace("⁄", "/").replace("\\", "/")
    text = "".join(character for character in text if unicodedata.category(character) != "Cf")
    return "".join(text.split()).strip("-")


# --- Czech numbers ----------------------------------------------------------------------------------


def _domestic(text: str, scheme: Scheme) -> Account | Problem:
    """Check prefix-number/bank code."""
    number_text, _, bank_code = text.partition("/")
    bank_code = bank_code.replace("-", "")
    prefix, hyphen, number = number_text.rpartition("-")
    prefix = prefix.replace("-", "")
    if not number:
        return Problem("account.number_missing")
    if not re.fullmatch(r"[0-9-]+", number_text) or not re.fullmatch(r"[0-9]*", bank_code):
        return Problem("account.letters")
    if len(bank_code) != _BANK_CODE_DIGITS:
        return Problem("account.bank_code_length", {"typed": str(len(bank_code))})
    if not hyphen and len(number) > len(_NUMBER_WEIGHTS):
        # Typed without the hyphen: the last ten digits are the number, what stands before them the prefix.
        prefix, number = number[: -len(_NUMBER_WEIGHTS)], number[-len(_NUMBER_WEIGHTS) :]
    problem = _czech_number_problem(prefix, number)
    if problem is not None:
        return problem
    bban = f"{bank_code}{prefix:0>6}{number:0>10}"
    return _czech_account("CZ" + _check_digits("CZ", bban) + bban, scheme)


def _czech_iban(iban: str, scheme: Scheme) -> Account | Problem:
    """Check an IBAN that begins with CZ, down to the domestic number inside it."""
    if len(iban) != _CZECH_IBAN_LENGTH:
        return _length_problem("CZ", _CZECH_IBAN_LENGTH, len(iban))
    if not iban[2:].isdigit():
        return Problem("account.letters")
    if _check_digits("CZ", iban[4:]) != iban[2:4]:
        return Problem("account.iban_check")
    return _czech_number_problem(iban[8:14], iban[14:]) or _czech_account(iban, scheme)


def _czech_number_problem(prefix: str, number: str) -> Problem | None:
    """Return what is wrong with the two parts, or None (decree 169/2011 Coll.)."""
    if len(prefix) > len(_PREFIX_WEIGHTS) or len(number) > len(_NUMBER_WEIGHTS):
        return Problem("account.too_long")
    if len(number) < _SHORTEST_NUMBER or len(number.replace("0", "")) < _SHORTEST_NUMBER:
        return Problem("account.too_short")
    if not _weighs(prefix, _PREFIX_WEIGHTS):
        return Problem("account.prefix_check", {"prefix": prefix})
    if not _weighs(number, _NUMBER_WEIGHTS):
        return Problem("account.number_check", {"number": number})
    return None


def _czech_account(iban: str, scheme: Scheme) -> Account | Problem:
    bank_code = iban[4:8]
    bank = scheme.banks.get(bank_code)
    if bank is None:
        return Problem("account.bank_unknown", {"bank_code": bank_code})
    if bank.closed:
        return Problem("account.bank_closed", {"bank": bank.name})
    return Account(iban, "CZ", domestic_form(iban), bank_code, bank.name)


def _weighs(digits: str, weights: tuple[int, ...]) -> bool:
    padded = digits.rjust(len(weights), "0")
    weight: int = sum(map(mul, map(int, padded), weights))
    return weight % 11 == 0


# --- IBAN of any country ----------------------------------------------------------------------------


def _iban(text: str, scheme: Scheme) -> Account | Problem:
    """Check an IBAN; the country decides how."""
    country = text[:2]
    if "/" in text or not country.isalpha():
        return Problem("account.form")
    if len(text) < _SHOWN:
        return Problem("account.too_short")
    if country == "CZ" and scheme.country == "CZ":
        return _czech_iban(text, scheme)
    return _foreign_iban(text, country)


def _foreign_iban(text: str, country: str) -> Account | Problem:
    length = iban_length(country)
    if length is None:
        return Problem("account.country_unknown", {"country": country})
    if len(text) != length:
        return _length_problem(country, length, len(text))
    if not iban_pattern(country).fullmatch(text):
        return Problem("account.iban_structure", {"country": country})
    if _check_digits(country, text[4:]) != text[2:4]:
        return Problem("account.iban_check")
    return Account(text, country)


def _length_problem(country: str, expected: int, typed: int) -> Problem:
    parameters = {"country": country, "expected": str(expected), "typed": str(typed)}
    return Problem("account.iban_too_short" if typed < expected else "account.iban_too_long", parameters)


def _check_digits(country: str, bban: str) -> str:
    """Return the two check digits (ISO 7064 MOD 97-10)."""
    numeric = "".join([str(int(character, 36)) for character in f"{bban}{country}00"])
    return f"{98 - int(numeric) % 97:02d}"
