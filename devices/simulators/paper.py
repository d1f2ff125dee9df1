"""The head of a thermal printer and the paper under it: 80 mm wide, 576 dots printable, as a picture and as text.

Rules:
- Keeps the state that commands change (style, code page, alignment, the line being collected) and draws; reads no
  bytes.
- The text says what a person reads: letters line by line, a QR code by its content, raster lines by their size.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import assert_never

import qrcode
import qrcode.constants
from PIL import Image, ImageDraw, ImageFont, ImageOps

from devices.simulators import escpos_stream as esc

WIDTH_DOTS = 576
MARGIN_DOTS = 32
"""Bare paper on each side: 80 mm are 640 dots at 203 dpi."""

COLUMNS = 48
CELL_WIDTH, CELL_HEIGHT = 12, 24
DEFAULT_SPACING = 30
KNIFE_DOTS = 112
"""From the head up to the knife (14 mm)."""

CODE_PAGES = {
    0: "cp437", 2: "cp850", 3: "cp860", 4: "cp863", 5: "cp865", 13: "cp857", 14: "cp737", 15: "iso8859-7", 16: "cp1252",
    17: "cp866", 18: "cp852", 19: "cp858", 33: "cp775", 34: "cp855", 35: "cp861", 36: "cp862", 37: "cp864", 38: "cp869",
    39: "iso8859-2", 40: "iso8859-15", 44: "cp1125", 45: "cp1250", 46: "cp1251", 47: "cp1253", 48: "cp1254", 49: "cp1255",
    50: "cp1256", 51: "cp1257", 52: "cp1258",
}  # fmt: skip
"""Numbers of ESC t (Epson TM-T20II, character code tables) and Python's names."""

_FONTS = Path(__file__).parents[1] / "fonts"
_LETTER_DOTS = 21
_BLANK_TEXT_DOTS = 20
_INK, _PAPER = (24, 24, 30), (253, 252, 247)
_CORRECTIONS = {
    0x30: qrcode.constants.ERROR_CORRECT_L,
    0x31: qrcode.constants.ERROR_CORRECT_M,
    0x32: qrcode.constants.ERROR_CORRECT_Q,
    0x33: qrcode.constants.ERROR_CORRECT_H,
}
_MASK = 2


@dataclass(frozen=True, slots=True)
class Style:
    """How letters are printed now."""

    bold: bool = False
    underline: bool = False
    inverted: bool = False
    wide: int = 1
    high: int = 1

    @property
    def cell(self) -> int:
        """Width of a letter in dots."""
        return CELL_WIDTH * self.wide


@dataclass(slots=True)
class _Settings:
    style: Style = Style()
    align: int = 0
    page: str = CODE_PAGES[0]
    spacing: int = DEFAULT_SPACING
    code_dots: int = 3
    code_correction: int = qrcode.constants.ERROR_CORRECT_L
    code_data: bytes = b""
    stored: Image.Image | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A paper that left the printer."""

    image: Image.Image
    text: str


@dataclass(slots=True)
class _Line:
    runs: list[tuple[str, Style]] = field(default_factory=list)

    @property
    def width(self) -> int:
        return sum(len(text) * style.cell for text, style in self.runs)


class Paper:
    """Obeys commands; `cut` gives what was printed since the last one."""

    def __init__(self) -> None:
        self._set = _Settings()
        self._line = _Line()
        self._new_sheet()

    @property
    def blank(self) -> bool:
        """Whether nothing can be seen on the paper since the last cut."""
        return not self._marks and not self._line.runs

    @property
    def text(self) -> str:
        """What stands on the paper since the last cut."""
        return "\n".join(self._lines)

    @property
    def lines_printed(self) -> int:
        """Lines, pictures and codes since the last cut."""
        return self._marks

    def obey(self, command: esc.Command) -> None:  # noqa: C901, PLR0912 - one line a command
        """Do one command; a cut is the printer's own affair (`cut`), as are answers."""
        match command:
            case esc.Letters():
                self._letters(command.data.decode(self._set.page, "replace"))
            case esc.EndLine():
                self._end_line()
            case esc.Initialise():
                self._set, self._line = _Settings(), _Line()
            case esc.Setting():
                self._change(command.name, command.value)
            case esc.LetterSize():
                self._set.style = replace(self._set.style, wide=command.wide, high=command.high)
            case esc.Picture():
                self._picture(command.image, f"[picture {command.image.width} x {command.image.height}]")
            case esc.StorePicture():
                self._set.stored = command.image
            case esc.PrintStored():
                if self._set.stored is not None:
                    self._picture(self._set.stored, f"[picture {self._set.stored.width} x {self._set.stored.height}]")
                self._set.stored = None
            case esc.CodeSetting():
                self._code_setting(command.function, command.data)
            case esc.PrintCode():
                self._code()
            case esc.FeedDots():
                self._feed(command.dots)
            case esc.FeedLines():
                self._feed(command.lines * self._set.spacing)
            case esc.Cut() | esc.AskStatus() | esc.Nothing():
                pass
            case _ as unreachable:
                assert_never(unreachable)

    def cut(self, feed: int | None = None) -> Sheet:
        """Give the sheet up to here; with `feed`, move the print past the knife and so many dots more first."""
        self._finish_line()
        if feed is not None:
            self._advance(KNIFE_DOTS + feed)
        image = self._image.crop((0, 0, WIDTH_DOTS, self._y))
        text = "\n".join(line.rstrip() for line in self._lines).strip("\n") + "\n"
        self._new_sheet()
        coloured = ImageOps.colorize(image, _INK, _PAPER)
        return Sheet(ImageOps.expand(coloured, (MARGIN_DOTS, 24, MARGIN_DOTS, 0), _PAPER), text)

    def _new_sheet(self) -> None:
        self._image = Image.new("L", (WIDTH_DOTS, 256), 255)
        self._y = 0
        self._lines: list[str] = []
        self._marks = 0

    # --- settings --------------------------------------------------------------------------------

    def _change(self, name: str, value: int | None) -> None:
        match name:
            case "bold" | "underline" | "inverted":
                self._set.style = replace(self._set.style, **{name: bool(value)})
            case "align":
                if not self._line.runs:  # taken only at the beginning of a line
                    self._set.align = value or 0
            case "page":
                self._set.page = CODE_PAGES.get(value or 0, self._set.page)
            case _:
                self._set.spacing = DEFAULT_SPACING if value is None else value

    def _code_setting(self, function: int, data: bytes) -> None:
        match function:
            case 67:
                self._set.code_dots = max(1, data[0])
            case 69:
                self._set.code_correction = _CORRECTIONS.get(data[0], self._set.code_correction)
            case 80:
                self._set.code_data = data[1:]
            case _:
                pass

    # --- marks -----------------------------------------------------------------------------------

    def _letters(self, text: str) -> None:
        """Collect letters; a line that is full is printed, as the printer does."""
        style = self._set.style
        while text:
            room = (WIDTH_DOTS - self._line.width) // style.cell
            if room <= 0:
                self._end_line()
                continue
            self._line.runs.append((text[:room], style))
            text = text[room:]

    def _end_line(self) -> None:
        if self._line.runs:
            self._finish_line()
        else:
            self._feed(self._set.spacing)

    def _finish_line(self) -> None:
        line, self._line = self._line, _Line()
        if not line.runs:
            return
        height = CELL_HEIGHT * max(style.high for _, style in line.runs)
        self._room(height)
        left = self._left(line.width)
        for text, style in line.runs:
            glyphs = _glyphs(text, style)
            self._image.paste(glyphs, (left, self._y + height - glyphs.height))
            left += glyphs.width
        self._note("".join(text for text, _ in line.runs))
        self._advance(max(height, self._set.spacing))

    def _picture(self, image: Image.Image, words: str) -> None:
        self._finish_line()
        shown = image.convert("L").crop((0, 0, min(image.width, WIDTH_DOTS), image.height))
        self._room(shown.height)
        self._image.paste(shown, (self._left(shown.width), self._y))
        self._note(words)
        self._advance(shown.height)

    def _code(self) -> None:
        code = qrcode.QRCode(
            border=0, box_size=self._set.code_dots, error_correction=self._set.code_correction, mask_pattern=_MASK
        )
        code.add_data(self._set.code_data)
        code.make(fit=True)
        words = self._set.code_data.decode("utf-8", "replace")
        self._picture(code.make_image().get_image(), f"[QR {words}]")

    def _note(self, words: str) -> None:
        """Add words to the text, in the place they have on paper."""
        self._marks += 1
        words = words.strip() if self._set.align == 1 else words
        indent = self._left(min(len(words), COLUMNS) * CELL_WIDTH) // CELL_WIDTH
        self._lines.append(" " * indent + words)

    def _left(self, width: int) -> int:
        return {1: (WIDTH_DOTS - width) // 2, 2: WIDTH_DOTS - width}.get(self._set.align, 0)

    def _feed(self, dots: int) -> None:
        self._finish_line()
        if dots >= _BLANK_TEXT_DOTS and self._lines:
            self._lines.append("")
        self._advance(dots)

    def _room(self, height: int) -> None:
        needed = self._y + height
        if needed > self._image.height:
            grown = Image.new("L", (WIDTH_DOTS, max(needed, self._image.height * 2)), 255)
            grown.paste(self._image, (0, 0))
            self._image = grown

    def _advance(self, dots: int) -> None:
        self._room(dots)
        self._y += dots


def _glyphs(text: str, style: Style) -> Image.Image:
    """Draw letters in cells of equal width, stretched as a printer stretches them."""
    font = _font(style.bold, style.high)
    advance = font.getlength("0")
    natural = Image.new("L", (max(1, round(advance * len(text))), CELL_HEIGHT * style.high), 255)
    draw = ImageDraw.Draw(natural)
    baseline = round(CELL_HEIGHT * style.high * 0.78)
    draw.text((0, baseline), text, font=font, fill=0, anchor="ls")
    if style.underline:
        draw.rectangle((0, natural.height - 2 * style.high, natural.width, natural.height), fill=0)
    glyphs = natural.resize((style.cell * len(text), natural.height), Image.Resampling.LANCZOS)
    return ImageOps.invert(glyphs) if style.inverted else glyphs


@cache
def _font(bold: bool, high: int) -> ImageFont.FreeTypeFont:  # noqa: FBT001 - cached by position
    name = f"GuichetPrinter-{'Bold' if bold else 'Regular'}.ttf"
    return ImageFont.truetype(_FONTS / name, _LETTER_DOTS * high, layout_engine=ImageFont.Layout.BASIC)
