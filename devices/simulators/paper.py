"""Paper of a thermal printer, 80 mm wide: 576 dots, what was printed as a picture and as text. Pure drawing."""

from __future__ import annotations

from pathlib import Path

import qrcode
from PIL import Image, ImageDraw, ImageFont, ImageOps

WIDTH = 576
"""Printable dots."""
MARGIN = 32
"""Dots of bare paper on each side."""
CELL_WIDTH, CELL_HEIGHT = 12, 28
FONTS = Path(__file__).parents[1] / "fonts"


class Paper:
    """Grows downwards."""

    def __init__(self) -> None:
        self._image = Image.new("L", (WIDTH, 64), 255)
        self._y = 24
        self.lines: list[str] = []

    @property
    def blank(self) -> bool:
        """Whether nothing has been printed since the last cut."""
        return not self.lines

    def _room(self, height: int) -> None:
        needed = self._y + height + 40
        if needed > self._image.height:
            grown = Image.new("L", (WIDTH, max(needed, self._image.height * 2)), 255)
            grown.paste(self._image, (0, 0))
            self._image = grown

    def _left(self, width: int, align: int) -> int:
        return {1: (WIDTH - width) // 2, 2: WIDTH - width}.get(align, 0)

    def text(self, text: str, *, bold: bool, wide: int, high: int, align: int) -> None:
        """One line in the printer's own font, cell by cell."""
        self.lines.append(text)
        cell, height = CELL_WIDTH * wide, CELL_HEIGHT * high
        self._room(height)
        font = ImageFont.truetype(FONTS / f"NotoSans-{'Bold' if bold else 'Regular'}.ttf", int(20 * high))
        draw = ImageDraw.Draw(self._image)
        left = self._left(cell * len(text), align)
        for index, character in enumerate(text):
            middle = left + index * cell + cell // 2
            draw.text((middle, self._y + height // 2), character, font=font, fill=0, anchor="mm")
        self._y += height

    def picture(self, picture: Image.Image, align: int) -> None:
        """Raster lines."""
        self.lines.append("[picture]")
        self._room(picture.height)
        self._image.paste(picture, (self._left(picture.width, align), self._y))
        self._y += picture.height

    def code(self, data: str, size: int, align: int) -> None:
        """A QR code."""
        self.lines.append(f"[QR {data}]")
        code = qrcode.QRCode(border=2, box_size=max(2, size))
        code.add_data(data)
        code.make(fit=True)
        picture = code.make_image().get_image().convert("L")
        self._room(picture.height)
        self._image.paste(picture, (self._left(picture.width, align), self._y))
        self._y += picture.height

    def feed(self, dots: int) -> None:
        """Empty paper."""
        self._room(dots)
        self._y += dots

    def tear(self) -> tuple[Image.Image, str]:
        """The paper up to here, and what it says."""
        return ImageOps.expand(self._image.crop((0, 0, WIDTH, self._y + 24)), (MARGIN, 0), 255), "\n".join(
            self.lines
        ) + "\n"
