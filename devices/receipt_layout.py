"""A receipt as lines on 80 mm paper: pure data, so that a test reads what a printer will say.

Rules:
- A line that the printer's code page cannot write (Arabic, say) becomes a picture of the same words, right to left.
- What is large on the screen is large on paper: the reference is printed twice as high and wide.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from kiosk.domain.receipt import Receipt, Style
from kiosk.schemes.texts import RIGHT_TO_LEFT

if TYPE_CHECKING:
    from kiosk.domain.receipt import Line
    from kiosk.schemes import Texts

COLUMNS = 48
"""Characters of the printer's font A across 576 dots."""

CODE_PAGE = "cp852"
"""Latin-2, which receipt printers have: Czech and the languages around it."""


class Align(Enum):
    """Where a line stands."""

    START = "start"
    CENTRE = "centre"
    END = "end"


@dataclass(frozen=True, slots=True)
class Words:
    """A line in the printer's own font; `size` multiplies its width and height."""

    text: str
    bold: bool = False
    size: int = 1
    align: Align = Align.START


@dataclass(frozen=True, slots=True)
class Drawn:
    """Words that the printer has no letters for: drawn, `dots` high, wrapped to the paper."""

    text: str
    bold: bool = False
    dots: int = 26
    align: Align = Align.START
    right_to_left: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across the paper."""


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code."""

    data: str


@dataclass(frozen=True, slots=True)
class Space:
    """Empty lines."""

    lines: int = 1


@dataclass(frozen=True, slots=True)
class Cut:
    """The end of this paper."""


LayoutLine = Words | Drawn | Rule | Code | Space | Cut

_FORMS: dict[Style, tuple[bool, Align]] = {
    Style.TITLE: (True, Align.CENTRE),
    Style.NORMAL: (False, Align.START),
    Style.STRONG: (True, Align.START),
    Style.REFERENCE: (True, Align.CENTRE),
    Style.SMALL: (False, Align.START),
}


def lay_out(receipt: Receipt, texts: Texts, language: str) -> list[LayoutLine]:
    """The lines of this receipt, or of the part of it that is printed now."""
    rtl = language in RIGHT_TO_LEFT
    lines: list[LayoutLine] = []
    for line in receipt.lines:
        lines += _one(line, texts, language, rtl=rtl)
    if receipt.ends:
        lines += [Space(3), Cut()]
    return lines


def _one(line: Line, texts: Texts, language: str, *, rtl: bool) -> list[LayoutLine]:
    if line.style is Style.RULE:
        return [Rule()]
    if line.style is Style.CODE:
        return [
            Space(),
            Code(line.data),
            *_words(texts.text(language, line.key), bold=False, align=Align.CENTRE, rtl=rtl),
        ]
    bold, align = _FORMS[line.style]
    text = texts.text(language, line.key, **dict(line.parameters))
    spaced = [Space()] if line.style is Style.TITLE else []
    if line.style is Style.REFERENCE:
        return [Space(), *_large(text, rtl=rtl), Space()]
    return [*_words(text, bold=bold, align=align, rtl=rtl), *spaced]


def _writable(text: str) -> bool:
    try:
        text.encode(CODE_PAGE)
    except UnicodeEncodeError:
        return False
    return True


def _words(text: str, *, bold: bool, align: Align, rtl: bool) -> list[LayoutLine]:
    if rtl or not _writable(text):
        return [Drawn(text, bold, align=align, right_to_left=rtl)]
    return [Words(part, bold, align=align) for part in textwrap.wrap(text, COLUMNS) or [""]]


def _large(text: str, *, rtl: bool) -> list[LayoutLine]:
    """The reference, twice the size; its caption above it when both do not fit one line."""
    if rtl or not _writable(text):
        return [Drawn(text, bold=True, dots=44, align=Align.CENTRE, right_to_left=rtl)]
    half = COLUMNS // 2
    return [
        Words(part, bold=True, size=2, align=Align.CENTRE) for part in textwrap.wrap(text, half, break_on_hyphens=False)
    ]
