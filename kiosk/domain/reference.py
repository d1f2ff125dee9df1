"""The reference number of a record: 12 characters that a person can read out, type and not confuse.

    0007-1000-004T     terminal 0007, journal epoch 1, sequence number 4 (base 32), check character

- Alphabet: Crockford's base 32 (no I, L, O, U); typed I and L are read as 1, O as 0.
- Four digits of the terminal, one of its journal epoch (modulo 10), six of the sequence number: two terminals
  never make the same one, a terminal not before 2^30 records in one epoch.
- The check character is Damm's algorithm in the field of 32 elements, x -> 2(x + d) with x^5 + x^2 + 1: it finds
  every wrong character and every swap of two, which ISO 7064 MOD 37-2 does too, but it needs no `*` on a keyboard.

>>> make(7, 1, 4)
'00071000004T'
>>> format("00071000004T")
'0007-1000-004T'
>>> is_valid("0007 1000 oo4t")
True
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from kiosk.domain.errors import Bug
from kiosk.domain.problem import Problem

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 12
LARGEST_TERMINAL = 9999
LARGEST_SEQUENCE = 32**6 - 1

_VALUES = {character: value for value, character in enumerate(ALPHABET)}
_READ_AS = str.maketrans({"I": "1", "L": "1", "O": "0"})
_TERMINAL_DIGITS = 4
_FIELD_TOP = 0b100000
_FIELD_POLYNOMIAL = 0b100101


@dataclass(frozen=True, slots=True)
class ReferenceParts:
    """What a reference says: terminal number, journal epoch (modulo 10), sequence number."""

    terminal: int
    epoch: int
    sequence: int


def make(terminal: int, epoch: int, sequence: int) -> str:
    """Return the compact reference of journal row `sequence`; a number out of range is a `Bug`."""
    if not (0 <= terminal <= LARGEST_TERMINAL and epoch >= 0 and 0 <= sequence <= LARGEST_SEQUENCE):
        raise Bug(f"no reference for terminal {terminal}, epoch {epoch}, sequence {sequence}")
    text, interim = _beginning(terminal, epoch % 10, sequence >> 10)
    before, last = (sequence >> 5) & 31, sequence & 31
    check = _DOUBLED[_DOUBLED[interim ^ before] ^ last]
    return f"{text}{ALPHABET[before]}{ALPHABET[last]}{ALPHABET[check]}"


@lru_cache(maxsize=4096)
def _beginning(terminal: int, epoch: int, high: int) -> tuple[str, int]:
    """All but the last two digits, which a thousand rows of a journal have in common, and how far the check has come."""
    text = f"{terminal:04d}{epoch}{''.join(ALPHABET[(high >> shift) & 31] for shift in (15, 10, 5, 0))}"
    return text, _interim(text)


def check_character(body: str) -> str:
    """Return the character that completes the compact `body` (Damm 2004, over GF(32))."""
    return ALPHABET[_interim(body)]


def _interim(body: str) -> int:
    interim = 0
    for character in body:
        interim = _DOUBLED[interim ^ _VALUES[character]]
    return interim


def compact(typed: str) -> str:
    """Return `typed` without spaces and hyphens, in capitals, with I and L read as 1 and O as 0."""
    return "".join(typed.split()).replace("-", "").upper().translate(_READ_AS)


def validate(typed: str) -> str | Problem:
    """Return the compact reference, or what is wrong with `typed`."""
    number = compact(typed)
    if any(character not in _VALUES for character in number):
        return Problem("reference.characters")
    if len(number) != LENGTH:
        return Problem("reference.length", {"expected": str(LENGTH), "typed": str(len(number))})
    if not number[: _TERMINAL_DIGITS + 1].isdigit() or check_character(number[:-1]) != number[-1]:
        return Problem("reference.check")
    return number


def is_valid(typed: str) -> bool:
    """Tell whether `typed` is a reference."""
    return isinstance(validate(typed), str)


def format(typed: str) -> str:  # noqa: A001 - the name that python-stdnum gives it in every module
    """Return the reference in groups of four, XXXX-XXXX-XXXX."""
    number = compact(typed)
    return "-".join(number[start : start + 4] for start in range(0, len(number), 4))


def parts(reference: str) -> ReferenceParts:
    """Return what a valid reference says; one that is not valid is a `Bug` (validate first)."""
    number = validate(reference)
    if isinstance(number, Problem):
        raise Bug(f"not a reference: {number.key}")
    sequence = 0
    for character in number[_TERMINAL_DIGITS + 1 : -1]:
        sequence = sequence * 32 + _VALUES[character]
    return ReferenceParts(int(number[:_TERMINAL_DIGITS]), int(number[_TERMINAL_DIGITS]), sequence)


def _double(value: int) -> int:
    """Multiply by x in GF(2)[x] / (x^5 + x^2 + 1)."""
    doubled = value << 1
    return doubled ^ _FIELD_POLYNOMIAL if doubled & _FIELD_TOP else doubled


_DOUBLED = tuple(_double(value) for value in range(32))
