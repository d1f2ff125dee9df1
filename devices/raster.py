"""Words as black dots, for scripts and sizes that a receipt printer has no letters for.

Rules:
- Dots are black or white: a thermal head knows nothing between.
- Arabic is joined and ordered by RAQM with FriBiDi (Debian package libfribidi0). Where Pillow finds none,
  `devices.arabic_forms` does a plainer job; `shaping_advice` says so to whoever checks the terminal.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

from PIL import Image, ImageDraw, ImageFont, features

from devices.arabic_forms import drawn_order
from kiosk.a4 import FONTS

PAPER_DOTS = 576
"""Dots across 80 mm paper at 203 dpi."""

_INK, _BARE = 0, 255
_DARK_FROM = 140
_BAND_MARGIN = 6
_EVENING_STEP = 8


@dataclass(frozen=True, slots=True)
class Hand:
    """How words are drawn: height of the letters' body in dots, weight, and the direction of the line."""

    dots: int
    bold: bool = False
    right_to_left: bool = False
    centred: bool = False
    inverted: bool = False


@cache
def shapes_arabic() -> bool:
    """Whether Pillow can join and order letters by itself."""
    return bool(features.check("raqm")) and bool(features.check("fribidi"))


def shaping_advice() -> str | None:
    """Return what a technician should do so that Arabic on paper is as good as it can be; None: nothing."""
    return None if shapes_arabic() else "Install the Debian package libfribidi0: Arabic on paper is plainer without it."


def draw(text: str, hand: Hand, *, shaping: bool | None = None) -> Image.Image:
    """Draw words as wide as the paper, wrapped where they must be; `shaping` overrides what Pillow offers."""
    pen = _Pen(hand, shapes_arabic() if shaping is None else shaping)
    rows = pen.wrapped(text)
    height = round(hand.dots * 1.42)
    margin = _BAND_MARGIN if hand.inverted else 0
    ink, bare = (_BARE, _INK) if hand.inverted else (_INK, _BARE)
    picture = Image.new("L", (PAPER_DOTS, height * len(rows) + 2 * margin), bare)
    canvas = ImageDraw.Draw(picture)
    for index, row in enumerate(rows):
        baseline = margin + index * height + round(height * 0.75)
        pen.write(canvas, row, baseline, ink)
    return picture.point(lambda dot: _BARE if dot >= _DARK_FROM else _INK).convert("1")


class _Pen:
    def __init__(self, hand: Hand, shaping: bool) -> None:  # noqa: FBT001 - private, one caller
        self._hand = hand
        self._font = _font(hand.dots, hand.bold, shaping)
        self._shaped = shaping and hand.right_to_left
        self._turns = hand.right_to_left and not shaping
        self._space = self._font.getlength(" ")

    def wrapped(self, text: str) -> list[str]:
        """Wrap to the paper; centred rows are made as even as their number allows."""
        words = [(word, self._width(word)) for word in text.split()]
        rows = self._rows(words, PAPER_DOTS)
        if self._hand.centred and len(rows) > 1:
            total = sum(width for _, width in words) + self._space * (len(words) - len(rows))
            limit = total / len(rows)
            while len(evener := self._rows(words, limit)) > len(rows):
                limit += _EVENING_STEP
            rows = evener
        return rows or [""]

    def _rows(self, words: list[tuple[str, float]], limit: float) -> list[str]:
        rows: list[str] = []
        taken = limit
        for word, width in words:
            if rows and taken + self._space + width <= limit:
                rows[-1] += f" {word}"
                taken += self._space + width
            else:
                rows.append(word)
                taken = width
        return rows

    def _width(self, row: str) -> float:
        row, direction = self._as_drawn(row)
        return self._font.getlength(row, direction=direction)

    def write(self, canvas: ImageDraw.ImageDraw, row: str, baseline: int, ink: int) -> None:
        row, direction = self._as_drawn(row)
        if self._hand.centred:
            at, anchor = PAPER_DOTS / 2, "ms"
        elif self._hand.right_to_left:
            at, anchor = float(PAPER_DOTS), "rs"
        else:
            at, anchor = 0.0, "ls"
        canvas.text((at, baseline), row, font=self._font, fill=ink, anchor=anchor, direction=direction)

    def _as_drawn(self, row: str) -> tuple[str, str | None]:
        if self._turns:
            return drawn_order(row), None
        return row, "rtl" if self._shaped else None


@lru_cache(maxsize=16)
def _font(dots: int, bold: bool, shaping: bool) -> ImageFont.FreeTypeFont:  # noqa: FBT001 - cached by position
    engine = ImageFont.Layout.RAQM if shaping else ImageFont.Layout.BASIC
    name = f"GuichetPaper-{'Bold' if bold else 'Regular'}.ttf"
    return ImageFont.truetype(FONTS / name, dots, layout_engine=engine)
