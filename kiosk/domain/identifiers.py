"""Numbers and names that identify people and employers; they identify, they never authenticate.

- The rules of a number are `python-stdnum`'s; a scheme names the one it uses ("cz.rc").
- What was typed may hold spaces, slashes and the digits of other scripts; the value is compact.
- Names are compared without regard to case, order, diacritics, and `ü` written as `u` or `ue`; a name never merges
  two people.
"""

from __future__ import annotations

import importlib
import re
import unicodedata
from dataclasses import dataclass

from kiosk.domain.problem import Problem

CARD_NUMBER_DIGITS = 10

_NUMBERS: dict[str, str] = {
    "cz.rc": "stdnum.cz.rc",
    "cz.ico": "stdnum.cz.dic",
}
"""Names that a scheme pack may use, and the module that knows the number."""

_UMLAUTS = {"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "æ": "ae", "œ": "oe", "ß": "ss"}
_PLAIN = str.maketrans(
    {"ø": "o", "æ": "ae", "œ": "oe", "ß": "ss", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ı": "i"}
)
_ICO_DIGITS = 8
_KEYS = {
    "InvalidFormat": "identifier.character",
    "InvalidComponent": "identifier.component",
    "InvalidChecksum": "identifier.check",
}


@dataclass(frozen=True, slots=True)
class Identifier:
    """A number that has passed its check: as stored, and as people read it."""

    value: str
    display: str


def known_numbers() -> frozenset[str]:
    """Return the names of numbers that a scheme pack may use."""
    return frozenset(_NUMBERS)


def parse_identifier(kind: str, typed: str) -> Identifier | Problem:
    """Return the number that `typed` means under the rules of `kind` ("cz.rc"), or what is wrong with it.

    A kind that no pack can name raises KeyError.
    """
    module = importlib.import_module(_NUMBERS[kind])
    errors = importlib.import_module("stdnum.exceptions")
    text = ascii_digits(typed)
    if not text.strip():
        return Problem("identifier.empty")
    length = Problem("identifier.length", {"typed": str(sum(character.isdigit() for character in text))})
    try:
        value: str = module.validate(text)
    except errors.InvalidLength:
        return length
    except errors.ValidationError as error:
        return Problem(_KEYS[type(error).__name__])
    if kind == "cz.ico" and len(value) != _ICO_DIGITS:
        return length
    return Identifier(value, module.format(value) if hasattr(module, "format") else value)


def is_card_number(text: str) -> bool:
    """Tell whether `text` is the number of a card of the scheme: ten ASCII digits."""
    return re.fullmatch(r"[0-9]{10}", text) is not None


def parse_card_number(typed: str) -> Identifier | Problem:
    """Return the number of a card that `typed` means, spaces and hyphens aside, or what is wrong with it."""
    text = re.sub(r"[\s-]", "", ascii_digits(typed))
    if not text:
        return Problem("identifier.empty")
    if not text.isdigit():
        return Problem("identifier.character")
    if not is_card_number(text):
        return Problem("identifier.length", {"typed": str(len(text))})
    return Identifier(text, text)


def ascii_digits(text: str) -> str:
    """Return `text` with the decimal digits of any script as ASCII."""
    return "".join(str(unicodedata.decimal(character, character)) for character in text)


def same_name(one: str, other: str) -> bool:
    """Tell whether two names are spelt alike: case, order, punctuation and diacritics aside."""
    return bool(_spellings(one) & _spellings(other))


def _spellings(name: str) -> frozenset[tuple[str, ...]]:
    """Return the ways a name can be written in plain letters, each as its sorted words: ü as u, and as ue."""
    words = re.findall(r"\w+", re.sub("['’]", "", unicodedata.normalize("NFC", name).casefold()))
    if not words:
        return frozenset()
    plain = tuple(sorted(_without_marks(word) for word in words))
    written_out = tuple(sorted(_without_marks(_written_out(word)) for word in words))
    return frozenset({plain, written_out})


def _written_out(word: str) -> str:
    return "".join(_UMLAUTS.get(character, character) for character in word)


def _without_marks(word: str) -> str:
    decomposed = unicodedata.normalize("NFD", word.translate(_PLAIN))
    return "".join(character for character in decomposed if not unicodedata.combining(character))
