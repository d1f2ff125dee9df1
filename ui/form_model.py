"""How a typed account number is shown while it grows: in the groups of the bank's own paper, changing no character."""

from __future__ import annotations

import re

_IBAN_START = re.compile(r"[A-Z]{2}[0-9A-Z]*")
GROUP = 4


def compact(text: str) -> str:
    """Without the spaces that grouping put in; capital letters."""
    return re.sub(r"\s+", "", text).upper()


def typed_for_reading(text: str) -> str:
    """An IBAN in groups of four (ISO 13616), anything else as it was typed."""
    bare = compact(text)
    if not _IBAN_START.fullmatch(bare):
        return text.upper()
    return " ".join(bare[i : i + GROUP] for i in range(0, len(bare), GROUP))


def pressed(text: str, key: str) -> str:
    """The text after a key of the on-screen keyboard: a character, `backspace` or `clear`."""
    bare = compact(text)
    match key:
        case "backspace":
            return bare[:-1]
        case "clear":
            return ""
        case _:
            return bare + key
