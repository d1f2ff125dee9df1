"""How a typed account number grows and is shown: in the groups of the bank's own paper, changing no character.

Rules:
- The field begins with the scheme's country, as an IBAN there would; whoever types a domestic number or another
  country loses nothing and deletes nothing: the country gives way.
- What was typed is kept as it was typed; grouping is for the eye.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kiosk.domain.service import QuestionType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kiosk.domain.service import Question

_IBAN_START = re.compile(r"[A-Z]{2}[0-9A-Z]*")
_DOMESTIC_SIGNS = frozenset("-/")
GROUP = 4


def compact(text: str) -> str:
    """Without the spaces that grouping put in; capital letters."""
    return re.sub(r"\s+", "", text).upper()


def text_in(question: Question, typed: Mapping[str, str], country: str) -> str:
    """What stands in the field of a question: what was typed, or the country an account number begins with."""
    return typed.get(question.id, country if question.type is QuestionType.ACCOUNT else "")


def typed_for_reading(text: str) -> str:
    """An IBAN in groups of four (ISO 13616), anything else as it was typed."""
    bare = compact(text)
    if not _IBAN_START.fullmatch(bare):
        return text.upper()
    return " ".join(bare[i : i + GROUP] for i in range(0, len(bare), GROUP))


def pressed(text: str, key: str, country: str = "") -> str:
    """The text after a key of the on-screen keyboard: a character, `backspace` or `clear`."""
    bare = compact(text)
    match key:
        case "backspace":
            return bare[:-1]
        case "clear":
            return ""
        case _:
            return _without_country(bare + key, country)


def _without_country(text: str, country: str) -> str:
    """Drop the country that stood there before, as soon as what follows cannot belong to it."""
    if not country or not text.startswith(country):
        return text
    rest = text.removeprefix(country)
    is_domestic = text[-1] in _DOMESTIC_SIGNS and not any(c.isalpha() for c in rest)
    is_another = len(rest) > 1 and rest[:2].isalpha()
    return rest if is_domestic or is_another else text
