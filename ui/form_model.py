"""How the text of a field grows, key by key, and how it is shown: what fits the type of the question, in groups for the eye.

Rules:
- An account begins with the scheme's country, as an IBAN there would; whoever types a domestic number or another
  country loses nothing and deletes nothing: the country gives way.
- A date's points are put where they belong; a point typed ends a day or month of one digit.
- What was typed is kept as it was typed; grouping is for the eye.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from kiosk.domain.service import QuestionType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kiosk.domain.service import Question

_IBAN_START = re.compile(r"[A-Z]{2}[0-9A-Z]*")
_DOMESTIC_SIGNS = frozenset("-/")
_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
GROUP = 4
THOUSANDS = 3
LONGEST_NUMBER = 48
"""Characters of an account or a code; the longest IBAN has 34 (ISO 13616), a domestic number with prefix and bank code 22."""
_LONGEST = {
    QuestionType.NAME: 200,
    QuestionType.ADDRESS: 300,
    QuestionType.EMAIL: 254,
    QuestionType.PHONE: 20,
    QuestionType.AMOUNT: 15,
    QuestionType.WHOLE_NUMBER: 12,
    QuestionType.IDENTIFIER: 14,
}
"""Characters, as `kiosk.domain.validation` takes them."""
_OF_LINES = frozenset({QuestionType.ADDRESS, QuestionType.FREE_TEXT})
_OF_WORDS = _OF_LINES | {QuestionType.NAME}
_MOST_DAYS, _MOST_MONTHS, _YEAR_DIGITS = 31, 12, 4


def compact(text: str) -> str:
    """Without the spaces that grouping put in; capital letters."""
    return re.sub(r"\s+", "", text).upper()


def text_in(question: Question, typed: Mapping[str, str], country: str) -> str:
    """What stands in the field of a question: what was typed, or the country an account number begins with."""
    return typed.get(question.id, country if question.type is QuestionType.ACCOUNT else "")


def longest(question: Question | None) -> int:
    """How many characters the field of a question takes."""
    if question is None:
        return LONGEST_NUMBER
    return question.longest if question.type is QuestionType.FREE_TEXT else _LONGEST.get(question.type, LONGEST_NUMBER)


def answer_pressed(question: Question | None, text: str, key: str, country: str = "") -> str:
    """The text of a question's field after a key: a character, `backspace`, `clear` or `enter`; None: a code's field."""
    kind = question.type if question else QuestionType.ACCOUNT
    if key == "clear":
        return ""
    if kind is QuestionType.DATE:
        return _date_pressed(date_for_typing(text), key)
    if kind in _OF_WORDS:
        grown = text[:-1] if key == "backspace" else text + ("\n" if key == "enter" else key)
        return _tidy(grown if kind in _OF_LINES else grown.replace("\n", " "))[: longest(question)]
    bare = re.sub(r"\s+", "", text)
    if kind is QuestionType.EMAIL:
        return (bare[:-1] if key == "backspace" else bare + key.strip())[: longest(question)]
    if kind in {QuestionType.AMOUNT, QuestionType.WHOLE_NUMBER, QuestionType.PHONE, QuestionType.IDENTIFIER}:
        return (bare[:-1] if key == "backspace" else _number(kind, bare, key))[: longest(question)]
    return pressed(text, key, country)[: longest(question)]


def _tidy(text: str) -> str:
    """One space between words, none at the beginning of a line, one line break at a time."""
    return re.sub(r" *\n[ \n]*", "\n", re.sub(r" +", " ", text)).lstrip()


def _number(kind: QuestionType, bare: str, key: str) -> str:
    """A digit more; one comma, one plus at the beginning, one slash."""
    if key == ",":
        return bare + key if bare and "," not in bare else bare
    if key == "+":
        return bare or key
    if key == "/":
        return bare + key if bare and "/" not in bare else bare
    if not key.isdigit():
        return bare
    decimals = bare.partition(",")[2]
    return bare if kind is QuestionType.AMOUNT and len(decimals) == len("00") else bare + key


# --- dates ----------------------------------------------------------------------------------------


def date_for_typing(text: str) -> str:
    """A date as people here write it: 12. 3. 1950; what is no ISO day stays."""
    if not _ISO_DAY.fullmatch(text):
        return text
    day = date.fromisoformat(text)
    return f"{day.day}. {day.month}. {day.year}"


def _date_pressed(text: str, key: str) -> str:
    """Day and month close by themselves as soon as no further digit can belong to them."""
    parts = [part.strip() for part in text.split(".")]
    if key == "backspace":
        while len(parts) > 1 and not parts[-1]:
            parts.pop()
        parts[-1] = parts[-1][:-1]
        return ". ".join(parts)
    if key == ".":
        return ". ".join([*parts, ""]) if len(parts) <= 2 and parts[-1] else text  # noqa: PLR2004 - day and month
    if not key.isdigit():
        return text
    most = (_MOST_DAYS, _MOST_MONTHS, 9999)[min(len(parts), 3) - 1]
    if len(parts) < 3 and parts[-1] and int(parts[-1] + key) > most:  # noqa: PLR2004 - the digit begins what follows
        parts.append("")
        return _date_pressed(". ".join(parts), key)
    if len(parts) == 3 and len(parts[2]) == _YEAR_DIGITS:  # noqa: PLR2004
        return text
    parts[-1] += key
    if len(parts) < 3 and (len(parts[-1]) == 2 or int(parts[-1]) * 10 > most):  # noqa: PLR2004
        parts.append("")
    return ". ".join(parts)


# --- for the eye ----------------------------------------------------------------------------------


def for_reading(question: Question, text: str) -> str:
    """What stands in the field, grouped as people read it."""
    match question.type:
        case QuestionType.ACCOUNT:
            return typed_for_reading(text)
        case QuestionType.DATE:
            return date_for_typing(text)
        case QuestionType.AMOUNT | QuestionType.WHOLE_NUMBER:
            return in_thousands(text)
        case QuestionType.PHONE:
            return phone_for_reading(text)
        case _:
            return text


def in_thousands(text: str) -> str:
    """1250000,50 as 1 250 000,50, its groups held together."""
    whole, comma, decimals = re.sub(r"\s+", "", text).partition(",")
    start = len(whole) % THOUSANDS
    groups = ([whole[:start]] if start else []) + [whole[i : i + THOUSANDS] for i in range(start, len(whole), THOUSANDS)]
    return "\u00a0".join(groups) + comma + decimals


def phone_for_reading(text: str) -> str:
    """A telephone number in groups of three; a plus with what follows is the first."""
    bare = re.sub(r"\s+", "", text)
    plus, digits = ("+", bare[1:]) if bare.startswith("+") else ("", bare)
    return plus + " ".join(digits[i : i + THOUSANDS] for i in range(0, len(digits), THOUSANDS))


def begins_large(question: Question, text: str) -> bool:
    """Whether the next letter is a capital one: each word of a name, the first word of a line or of a sentence."""
    if question.type is QuestionType.NAME:
        return not text or text[-1] in " -\n"
    return question.type in _OF_LINES and (not text or text.endswith(("\n", ". ", "? ", "! ")))


def typed_for_reading(text: str) -> str:
    """An IBAN in groups of four (ISO 13616), anything else as it was typed."""
    bare = compact(text)
    if not _IBAN_START.fullmatch(bare):
        return text.upper()
    return " ".join(bare[i : i + GROUP] for i in range(0, len(bare), GROUP))


# --- accounts and codes ---------------------------------------------------------------------------


def pressed(text: str, key: str, country: str = "") -> str:
    """The account or code after a key of the on-screen keyboard: a character, `backspace` or `clear`."""
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
