"""Joins and orders Arabic letters where no shaping library does it: readable, if not beautiful.

Rules:
- Only for printing when Pillow has no RAQM with FriBiDi. Letters take their joined forms (Unicode Standard 9.2,
  presentation forms of the blocks FB50-FDFF and FE70-FEFF) and each line is turned into the order in which it is drawn.
- Vowel marks are left out, as in most print: without a shaping library they cannot be set over their letters.
- The ordering is a small part of Unicode Standard Annex 9: a line that runs from right to left, with numbers, words in
  other letters and isolates kept left to right. Deeper nesting does not occur in the texts.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

_BLOCKS = (range(0xFB50, 0xFE00), range(0xFE70, 0xFF00))
_FORMS = {"<isolated>": 0, "<final>": 1, "<initial>": 2, "<medial>": 3}
_LAM = "\u0644"
_OTHER = r"[^\W\u0600-\u06ff\ufb50-\ufeff]"
_LEFT_TO_RIGHT = re.compile(
    "\u2066[^\u2069]*\u2069?"  # an isolate
    rf"|{_OTHER}(?:(?:{_OTHER}|[.,:/@#%+'\u2019-](?=\S)| )*(?:{_OTHER}|%))?"  # a number, or words in other letters
)
_MIRRORED = str.maketrans("()[]{}<>«»", ")(][}{><»«")
_CONTROLS = dict.fromkeys(map(ord, "\u200e\u200f\u2066\u2067\u2068\u2069"))


def drawn_order(text: str) -> str:
    """Give a line that runs from right to left as the characters to be drawn from left to right."""
    pieces: list[str] = []
    at = 0
    for match in _LEFT_TO_RIGHT.finditer(text):
        pieces += [_turned(text[at : match.start()]), match.group()]
        at = match.end()
    pieces.append(_turned(text[at:]))
    return "".join(reversed(pieces)).translate(_CONTROLS)


def _turned(text: str) -> str:
    """Turn a stretch of Arabic round."""
    return join(text).translate(_MIRRORED)[::-1]


def join(text: str) -> str:
    """Replace each letter by the form that its neighbours ask for; lam and alef become one, marks go."""
    letters = _with_ligatures([character for character in text if not unicodedata.combining(character)])
    joined = []
    for index, letter in enumerate(letters):
        forms = _table().get(letter)
        if forms is None:
            joined.append(letter)
            continue
        before = forms[1] is not None and _neighbour(letters, index - 1)[2] is not None
        after = forms[2] is not None and _neighbour(letters, index + 1)[1] is not None
        chosen = forms[3] if before and after else forms[1] if before else forms[2] if after else forms[0]
        joined.append(chosen or letter)
    return "".join(joined)


_NONE: tuple[str | None, ...] = (None, None, None, None)


def _with_ligatures(characters: list[str]) -> list[str]:
    letters: list[str] = []
    for character in characters:
        if letters and letters[-1] == _LAM and _LAM + character in _table():
            letters[-1] += character
        else:
            letters.append(character)
    return letters


def _neighbour(letters: list[str], index: int) -> tuple[str | None, ...]:
    return _table().get(letters[index], _NONE) if 0 <= index < len(letters) else _NONE


@cache
def _table() -> dict[str, tuple[str | None, ...]]:
    """Isolated, final, initial and medial form of each letter (and of lam with alef), from the character database."""
    table: dict[str, list[str | None]] = {}
    for block in _BLOCKS:
        for code in block:
            form, *letters = unicodedata.decomposition(chr(code)).split() or [""]
            base = "".join(chr(int(letter, 16)) for letter in letters)
            if form in _FORMS and (len(base) == 1 or base[:1] == _LAM) and " " not in base:
                table.setdefault(base, [None] * 4)[_FORMS[form]] = chr(code)
    lam_alefs = {base for base in table if len(base) == 1 or base[1] in "\u0622\u0623\u0625\u0627"}
    return {base: tuple(forms) for base, forms in table.items() if base in lam_alefs}
