"""A receipt as lines on 80 mm paper: pure data, so that a test reads what a printer will say.

Rules:
- Sizes and places are named here; dots, code pages and pictures are the affair of `devices.escpos`.
- Nothing is printed smaller than the printer's normal letters: who reads this is often old.
- The reference stands by itself, large, always left to right; its caption stands above it.
- Words for a key that came from outside (the back office's reason) are left out when this terminal does not know them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from kiosk.domain.receipt import Style
from kiosk.schemes.texts import RIGHT_TO_LEFT

if TYPE_CHECKING:
    from kiosk.domain.receipt import Line, Receipt
    from kiosk.schemes import Texts


class Align(Enum):
    """Where words stand; START is the side on which a line of their language begins."""

    START = "start"
    CENTRE = "centre"


class Size(Enum):
    """How large words are."""

    NORMAL = "normal"
    TALL = "tall"
    LARGE = "large"


@dataclass(frozen=True, slots=True)
class Words:
    """Words of any length; whoever prints them wraps them."""

    text: str
    size: Size = Size.NORMAL
    bold: bool = False
    align: Align = Align.START
    inverted: bool = False
    """White on a black band across the paper."""
    right_to_left: bool = False
    drawn: bool = False
    """As a picture, even where the printer has letters: its own are narrow when they are large."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across the paper."""


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code in the middle."""

    data: str


@dataclass(frozen=True, slots=True)
class Space:
    """Bare paper, in eighths of a millimetre (dots at 203 dpi)."""

    dots: int


@dataclass(frozen=True, slots=True)
class Cut:
    """The end of this paper."""


LayoutLine = Words | Rule | Code | Space | Cut

_BANDS = {"receipt.demonstration": Size.TALL, "receipt.duplicate": Size.LARGE}
"""What must not be overlooked."""

_STAGE = "receipt.stage."
_COMMA = re.compile("[,\u060c] ")
"""What follows a comma in the wording of a stage stands below it, smaller."""

_HEADER = ("receipt.office", "receipt.recorded_at")
_OWN = ("receipt.", "service.")
_THIN_GAP, _GAP, _WIDE_GAP = Space(6), Space(12), Space(24)
_ISOLATES = "\u2066\u2069"


def lay_out(receipt: Receipt, texts: Texts, language: str, *, large: bool = False) -> list[LayoutLine]:
    """Return the lines of this receipt, or of the part that is printed now; `large`: for weak eyes, one size up."""
    rtl = language in RIGHT_TO_LEFT
    lines: list[LayoutLine] = []
    for line in receipt.lines:
        lines += _laid(line, texts, language, rtl=rtl)
    if large:
        lines = [_larger(line) for line in lines]
    if receipt.ends:
        lines += [_WIDE_GAP, Cut()]
    return lines


def lay_out_interruption(texts: Texts) -> list[LayoutLine]:
    """Return how a paper ends whose visit died over it; nobody is left to say in which language, so in every one."""
    said = [
        Words(texts.text(language, "receipt.interrupted"), bold=True, right_to_left=language in RIGHT_TO_LEFT)
        for language in texts.languages
    ]
    return [_GAP, Rule(), _GAP, *said, _WIDE_GAP, Cut()]


def _laid(line: Line, texts: Texts, language: str, *, rtl: bool) -> list[LayoutLine]:
    match line.style:
        case Style.RULE:
            return [_GAP, Rule(), _GAP]
        case Style.CODE:
            caption = Words(texts.text(language, line.key), align=Align.CENTRE, right_to_left=rtl)
            return [_WIDE_GAP, Code(line.data), _GAP, caption, _GAP]
        case _:
            text = _words(line, texts, language)
            return [] if text is None else _written(line, text, rtl=rtl)


def _words(line: Line, texts: Texts, language: str) -> str | None:
    if line.key.startswith(_OWN):
        return texts.text(language, line.key, **line.parameters)
    return texts.text_from_outside(language, line.key, line.parameters) or line.otherwise or None


def _written(line: Line, text: str, *, rtl: bool) -> list[LayoutLine]:
    large = Words(text, Size.LARGE, bold=True, align=Align.CENTRE, right_to_left=rtl)
    if line.key in _BANDS:
        return [replace(large, size=_BANDS[line.key], inverted=True), _GAP]
    if line.key.startswith(_STAGE):
        word, _, rest = _COMMA.sub("\n", text, count=1).partition("\n")
        qualified = [replace(large, text=rest, size=Size.TALL)] if rest else []
        return [_GAP, replace(large, text=word), *qualified, _GAP]
    match line.style:
        case Style.TITLE:
            return [large, _WIDE_GAP]
        case Style.REFERENCE:
            return _reference(text, line.parameters.get("reference", ""), rtl=rtl)
        case Style.STRONG:
            return [Words(text, Size.TALL, bold=True, right_to_left=rtl), _THIN_GAP]
        case _:
            return [Words(text, align=Align.CENTRE if line.key in _HEADER else Align.START, right_to_left=rtl)]


def _reference(text: str, reference: str, *, rtl: bool) -> list[LayoutLine]:
    """Lay the number out by itself; without one in the words, all of them large."""
    before, found, after = text.partition(reference) if reference else ("", "", "")
    if not found:
        return [Words(text, Size.LARGE, bold=True, align=Align.CENTRE, right_to_left=rtl), _GAP]
    captions = [part.strip(f" :{_ISOLATES}") for part in (before, after)]
    lines: list[LayoutLine] = [
        Words(caption, align=Align.CENTRE, right_to_left=rtl) if caption else Space(0) for caption in captions
    ]
    lines.insert(1, Words(found, Size.LARGE, bold=True, align=Align.CENTRE))
    return [line for line in lines if line != Space(0)] + [_GAP]


def _larger(line: LayoutLine) -> LayoutLine:
    """Words one size up, drawn; the reference is large already and stays in the printer's letters."""
    if not isinstance(line, Words) or line.size is Size.LARGE:
        return line
    return replace(line, size=Size.TALL if line.size is Size.NORMAL else Size.LARGE, drawn=True)
