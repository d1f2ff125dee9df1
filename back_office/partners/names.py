"""How a bank compares the name it was asked about with the name it knows.

Rules:
- Case, order, diacritics, hyphens and academic titles make no difference; an umlaut may be written plain or with an e (ü: u or ue).
- Equal after that is a match, with the present name or a former one.
- Close is: a name more or less, an initial for a name, or one letter wrong in names of four letters and more, while at
  least one whole name agrees. The rest is no match; nothing is ever merged on a name.
"""

from __future__ import annotations

import unicodedata
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

LONGEST_NAME = 200
MOST_PARTS = 12
_ROOM_FOR_AN_ERROR = 4
_MOST_DOUBTS = 2

TITLES = frozenset(
    {
        "bc",
        "bca",
        "csc",
        "doc",
        "dr",
        "drsc",
        "ing",
        "judr",
        "mba",
        "mga",
        "mgr",
        "mddr",
        "mudr",
        "mvdr",
        "paeddr",
        "pharmdr",
        "phd",
        "phdr",
        "phmr",
        "prof",
        "rndr",
        "thdr",
        "thlic",
        "dis",
    }
)
"""Academic titles before and after a name (Czech Act 111/1998, with older ones)."""

_LETTERS = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "ı": "i"})
_WITH_E = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})
_BREAKS = str.maketrans(dict.fromkeys("-‐‑–—.,/_", " ") | dict.fromkeys("'’ʼ`´", ""))


class Likeness(Enum):
    """How far two names agree."""

    SAME = "same"
    CLOSE = "close"
    DIFFERENT = "different"


Part = frozenset[str]
"""One part of a name in all its accepted spellings."""


def likeness(asked: str, known: str) -> Likeness:
    """Compare two names."""
    mine, theirs = parts(asked), parts(known)
    if not mine or not theirs or len(mine) > MOST_PARTS or len(theirs) > MOST_PARTS:
        return Likeness.DIFFERENT
    if len(mine) == len(theirs) == len(_pairing(mine, theirs, _same)):
        return Likeness.SAME
    return Likeness.CLOSE if _close(mine, theirs) else Likeness.DIFFERENT


def best(asked: str, known: Iterable[str]) -> Likeness:
    """Compare a name with every name somebody has or had."""
    found = {likeness(asked, name) for name in known}
    return next((level for level in Likeness if level in found), Likeness.DIFFERENT)


def parts(name: str) -> list[Part]:
    """Split a name into its parts, each in its spellings; titles are left out."""
    text = unicodedata.normalize("NFC", name[:LONGEST_NAME]).lower().translate(_BREAKS)
    words = [word for word in text.split() if _plain(word) not in TITLES]
    return [frozenset({_plain(word), _plain(word.translate(_WITH_E))}) for word in words if _plain(word)]


def _plain(word: str) -> str:
    decomposed = unicodedata.normalize("NFKD", word.translate(_LETTERS).casefold())
    return "".join(letter for letter in decomposed if letter.isalnum())


def _same(one: Part, other: Part) -> bool:
    return bool(one & other)


def _alike(one: Part, other: Part) -> bool:
    return any(_initial(mine, theirs) or _one_letter_off(mine, theirs) for mine in one for theirs in other)


def _initial(one: str, other: str) -> bool:
    return (len(one) == 1 or len(other) == 1) and one[0] == other[0]


def _one_letter_off(one: str, other: str) -> bool:
    """One letter added, left out, replaced, or two neighbours swapped."""
    if min(len(one), len(other)) < _ROOM_FOR_AN_ERROR or abs(len(one) - len(other)) > 1:
        return False
    start = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    one, other = one[start:], other[start:]
    swapped = one[:2] == other[1::-1] and len(other) > 1 and one[2:] == other[2:]
    return one[1:] == other[1:] or one[1:] == other or one == other[1:] or swapped


def _close(mine: list[Part], theirs: list[Part]) -> bool:
    shorter, longer = sorted((mine, theirs), key=len)
    missing = len(longer) - len(shorter)
    if missing > 1 or (missing and len(shorter) == 1):
        return False
    agreed = _pairing(shorter, longer, _same)
    left = [part for at, part in enumerate(shorter) if at not in agreed]
    open_ones = [part for at, part in enumerate(longer) if at not in agreed.values()]
    alike = _pairing(left, open_ones, _alike)
    return len(agreed) >= 1 and len(alike) == len(left) and len(left) + missing <= _MOST_DOUBTS


def _pairing(mine: list[Part], theirs: list[Part], fits: Callable[[Part, Part], bool]) -> dict[int, int]:
    """Give as many of `mine` as possible one of `theirs` each (Kuhn's augmenting paths): places in mine -> in theirs."""
    taken: dict[int, int] = {}

    def place(at: int, seen: set[int]) -> bool:
        for other, part in enumerate(theirs):
            if other in seen or not fits(mine[at], part):
                continue
            seen.add(other)
            if other not in taken or place(taken[other], seen):
                taken[other] = at
                return True
        return False

    for at in range(len(mine)):
        place(at, set())
    return {at: other for other, at in taken.items()}
