"""Layout lines to ESC/POS bytes, through python-escpos; scripts that the printer lacks become raster lines.

Arabic needs shaping and direction (RAQM with FriBiDi); where Pillow has none, `shapes_right_to_left` says so and the words
are drawn unshaped, which `guichet provision` reports.
"""

from __future__ import annotations

import logging
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

from escpos.printer import Dummy
from PIL import Image, ImageDraw, ImageFont, features

from devices.receipt_layout import CODE_PAGE, Align, Code, Cut, Drawn, LayoutLine, Rule, Space, Words

if TYPE_CHECKING:
    from collections.abc import Iterable

logging.getLogger("escpos").setLevel(logging.ERROR)  # it warns of a centring that is not asked for

WIDTH_DOTS = 576
FONTS = Path(__file__).parent / "fonts"
QR_DOTS = 5
_ISOLATES = dict.fromkeys(map(ord, "\u2066\u2067\u2068\u2069"))  # direction marks: the runs keep it
_ALIGN = {Align.START: "left", Align.CENTRE: "center", Align.END: "right"}


def shapes_right_to_left() -> bool:
    """Whether letters can be joined and reordered."""
    return bool(features.check("raqm"))


@lru_cache(maxsize=8)
def _font(dots: int, *, bold: bool, arabic: bool) -> ImageFont.FreeTypeFont:
    name = "NotoSansArabicUI" if arabic else "NotoSans"
    return ImageFont.truetype(FONTS / f"{name}-{'Bold' if bold else 'Regular'}.ttf", dots)


def _is_arabic(character: str) -> bool:
    return "\u0600" <= character <= "\u06ff" or "\ufb50" <= character <= "\ufefc"


def encode(lines: Iterable[LayoutLine]) -> bytes:
    """The bytes for a printer, beginning with its initialisation."""
    printer = Dummy()
    printer.hw("INIT")
    for line in lines:
        match line:
            case Words():
                printer.set(
                    align=_ALIGN[line.align], bold=line.bold, custom_size=line.size > 1, width=line.size, height=line.size,
                    normal_textsize=line.size == 1,
                )  # fmt: skip
                printer.charcode(CODE_PAGE.upper())
                printer._raw(line.text.encode(CODE_PAGE, "replace") + b"\n")  # noqa: SLF001 - the library's own way to send encoded bytes
            case Drawn():
                printer.set(align="left", normal_textsize=True)
                printer.image(draw(line), impl="bitImageRaster", center=False)
            case Rule():
                printer.set(align="left", normal_textsize=True)
                printer._raw(b"-" * 48 + b"\n")  # noqa: SLF001
            case Code():
                printer.set(align="center", normal_textsize=True)
                printer.qr(line.data, size=QR_DOTS, native=True)
            case Space():
                printer.ln(line.lines)
            case Cut():
                printer.cut(feed=False)
            case _ as unreachable:
                assert_never(unreachable)
    return bytes(printer.output)


def draw(line: Drawn) -> Image.Image:
    """Words as a picture, wrapped to the paper; numbers and names in other letters keep their own direction."""
    rows = _wrapped(line)
    height = int(line.dots * 1.6)
    picture = Image.new("1", (WIDTH_DOTS, height * len(rows)), 1)
    pen = ImageDraw.Draw(picture)
    for index, row in enumerate(rows):
        width = _width(row, line)
        left = {Align.START: 0.0, Align.CENTRE: (WIDTH_DOTS - width) / 2, Align.END: WIDTH_DOTS - width}[line.align]
        if line.right_to_left and line.align is Align.START:
            left = WIDTH_DOTS - width
        for run in reversed(_runs(row)) if line.right_to_left else _runs(row):
            font, direction = _hand(run, line)
            pen.text((left, index * height), run, font=font, fill=0, direction=direction)
            left += _run_width(run, line) + _space(line)
    return picture


def _hand(run: str, line: Drawn) -> tuple[ImageFont.FreeTypeFont, str | None]:
    """The font and direction of words in one script."""
    arabic = any(_is_arabic(character) for character in run)
    direction = "rtl" if arabic and shapes_right_to_left() else None
    return _font(line.dots, bold=line.bold, arabic=arabic), direction


def _runs(row: str) -> list[str]:
    """Words next to each other in one script, in reading order."""
    runs: list[str] = []
    for word in row.split():
        same = runs and any(map(_is_arabic, word)) == any(map(_is_arabic, runs[-1]))
        runs[-1:] = [f"{runs[-1]} {word}"] if same else [*runs[-1:], word]
    return runs


def _run_width(run: str, line: Drawn) -> float:
    font, direction = _hand(run, line)
    return font.getlength(run, direction=direction)


def _space(line: Drawn) -> float:
    return _font(line.dots, bold=line.bold, arabic=False).getlength(" ")


def _width(row: str, line: Drawn) -> float:
    runs = _runs(row)
    return sum(_run_width(run, line) for run in runs) + _space(line) * max(0, len(runs) - 1)


def _wrapped(line: Drawn) -> list[str]:
    rows: list[str] = []
    row = ""
    for word in line.text.translate(_ISOLATES).split():
        longer = f"{row} {word}".strip()
        if row and _width(longer, line) > WIDTH_DOTS:
            rows.append(row)
            row = word
        else:
            row = longer
    return [*rows, row]
