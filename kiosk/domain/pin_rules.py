"""Which PINs nobody should have: the ones that everybody tries first (NIST SP 800-63B 5.1.1.2).

Rules:
- One digit throughout, a run up or down, the same group again and again, a day or a year of the last hundred years, and the few
  that lists of stolen PINs begin with.
- A rule of shape, not of a person: nothing about the holder is needed to check it.
"""

from __future__ import annotations

from itertools import pairwise

LEAST_DIGITS, MOST_DIGITS = 6, 8
_FAVOURITES = frozenset({"159753", "147258", "258369", "147852", "852456", "246810", "135790", "112358", "314159", "007007"})
_CENTURIES = ("19", "20")


def is_a_pin(digits: str) -> bool:
    """Tell whether it is 6 to 8 digits."""
    return digits.isascii() and digits.isdigit() and LEAST_DIGITS <= len(digits) <= MOST_DIGITS


def is_common(digits: str) -> bool:
    """Tell whether a PIN is one of those that everybody tries first."""
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(digits)}
    if steps in ({0}, {1}, {9}) or digits in _FAVOURITES:
        return True
    if any(digits == (digits[:size] * len(digits))[: len(digits)] for size in (2, 3, 4)):
        return True
    return _is_a_day(digits)


def _is_a_day(digits: str) -> bool:
    """DDMMYY, YYMMDD, MMDDYY, and with four digits of the year."""
    if len(digits) == 6:  # noqa: PLR2004
        pairs = [int(digits[at : at + 2]) for at in (0, 2, 4)]
        return _day(pairs[0], pairs[1]) or _day(pairs[2], pairs[1]) or _day(pairs[1], pairs[0])
    if len(digits) != 8:  # noqa: PLR2004
        return False
    first, last = digits[:4], digits[4:]
    if first[:2] in _CENTURIES and _day(int(last[2:]), int(last[:2])):
        return True
    return last[:2] in _CENTURIES and (_day(int(first[:2]), int(first[2:])) or _day(int(first[2:]), int(first[:2])))


def _day(day: int, month: int) -> bool:
    return 1 <= day <= 31 and 1 <= month <= 12  # noqa: PLR2004 - a calendar
