"""Layout lines to ESC/POS bytes, through python-escpos; what the printer has no letters for becomes raster lines.

Rules:
- A line is written in the printer's own letters when one of its code pages has them all and it runs from left to right:
  fast, sharp, and readable in a log. Anything else is drawn (`devices.raster`) and sent as GS v 0.
- One code page a line, taken from the printer's profile; nothing is ever replaced by a question mark.
- Every job begins with ESC @, so that no job inherits the state of the one before.
- A job is given in pieces that end where a command ends: a status request inside a command's data would become part of
  it.
"""

from __future__ import annotations

import textwrap
from functools import cache
from typing import TYPE_CHECKING, assert_never

from PIL import ImageChops

from devices.escpos_library import QR_ECLEVEL_M, Dummy, require_profile
from devices.raster import PAPER_DOTS, Hand, draw
from devices.receipt_layout import Align, Code, Cut, Rule, Size, Space, Words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from PIL import Image

    from devices.receipt_layout import LayoutLine

PROFILE = "TM-T20II"
"""The printer of `escpos_profiles.json` that is assumed: 576 dots, 48 columns, QR codes, partial cut."""

CODE_PAGES = ("CP437", "CP852", "CP858", "CP1250", "CP1252", "CP1251", "CP1253", "CP1254", "CP1257")
"""Wanted in this order: most printers have the first ones. Names of python-escpos; lower case, of Python's codecs."""

_TIMES = {Size.NORMAL: (1, 1), Size.TALL: (1, 2), Size.LARGE: (2, 2)}
"""Width and height in multiples of the printer's letters (12 by 24 dots)."""

_DOTS = {Size.NORMAL: 27, Size.TALL: 35, Size.LARGE: 46}
"""Height of drawn letters."""

PIECE_BYTES = 2048
"""At most so much in one piece: less than the smallest receive buffer in use (4 KiB)."""

_BAND_ROWS = 24
"""Rows of a picture in one command: 1,736 bytes."""

_LINE = "\u2500"
_QR_DOTS = 6
_MOST_FEED = 255
_PLAIN = {
    **dict.fromkeys(map(ord, "\u200e\u200f\u2066\u2067\u2068\u2069")),  # direction: this line has one
    **dict.fromkeys(map(ord, "\u00a0\u202f\u2009"), " "),
}


def encode(lines: Iterable[LayoutLine], profile: str = PROFILE) -> bytes:
    """Return the bytes of one job for a printer of this profile."""
    return b"".join(encode_each(lines, profile))


def encode_each(lines: Iterable[LayoutLine], profile: str = PROFILE) -> Iterator[bytes]:
    """Give the same bytes in pieces of whole commands, line by line: paper runs while the next line is drawn."""
    job = _Job(profile)
    yield from job.take()
    for line in lines:
        match line:
            case Words():
                job.words(line)
            case Rule():
                job.rule()
            case Code():
                job.code(line.data)
            case Space():
                job.space(line.dots)
            case Cut():
                job.cut(feed=False)
            case _ as unreachable:
                assert_never(unreachable)
        yield from job.take()


@cache
def code_pages(profile: str = PROFILE) -> tuple[str, ...]:
    """Return the code pages of this profile that receipts use, in the order in which they are tried."""
    has = set(Dummy(profile=profile).profile.get_code_pages())
    return tuple(page for page in CODE_PAGES if page in has)


def code_page_for(text: str, profile: str = PROFILE) -> str | None:
    """Return the first code page with all characters of `text`; None: it must be drawn."""
    for page in code_pages(profile):
        try:
            text.encode(page.lower())
        except UnicodeEncodeError:
            continue
        return page
    return None


class _Job(Dummy):  # type: ignore[misc] # python-escpos comes without types
    """Collects the bytes of one job."""

    def __init__(self, profile: str) -> None:
        require_profile(profile)
        super().__init__(profile=profile)
        self._name = profile
        self._columns: int = self.profile.get_columns("a")
        self.hw("INIT")

    def take(self) -> Iterator[bytes]:
        """Give what was collected since the last time; each `_raw` of the library is one command, or words."""
        piece = b""
        for command in self._output_list:
            if piece and len(piece) + len(command) > PIECE_BYTES:
                yield piece
                piece = b""
            piece += command
        if piece:
            yield piece
        self.clear()

    def words(self, words: Words) -> None:
        """Write or draw words, wrapped."""
        text = words.text.translate(_PLAIN)
        page = None if words.right_to_left or words.drawn else code_page_for(text, self._name)
        if page is None:
            self._drawn(words)
        else:
            self._written(words, text, page)

    def _written(self, words: Words, text: str, page: str) -> None:
        width, height = _TIMES[words.size]
        columns = self._columns // width
        self.charcode(page)
        self.set(
            align="center" if words.align is Align.CENTRE else "left",
            bold=words.bold,
            invert=words.inverted,
            custom_size=True,
            width=width,
            height=height,
        )
        for row in _wrapped(text, columns, balanced=words.align is Align.CENTRE):
            self.textln(row.center(columns) if words.inverted else row)

    def _drawn(self, words: Words) -> None:
        self._reset_style()
        hand = Hand(
            dots=_DOTS[words.size],
            bold=words.bold,
            right_to_left=words.right_to_left,
            centred=words.align is Align.CENTRE,
            inverted=words.inverted,
        )
        self._raster(draw(words.text, hand))

    def _raster(self, picture: Image.Image) -> None:
        """Send raster lines (GS v 0) in bands. Not by the library's `image`, which converts each band five times."""
        across = picture.width // 8
        bits = ImageChops.invert(picture).tobytes()
        for top in range(0, picture.height, _BAND_ROWS):
            rows = min(_BAND_ROWS, picture.height - top)
            head = b"\x1dv0\0" + across.to_bytes(2, "little") + rows.to_bytes(2, "little")
            self._raw(head + bits[top * across : (top + rows) * across])

    def _reset_style(self, align: str = "left") -> None:
        self.set(align=align, bold=False, invert=False, custom_size=True, width=1, height=1)

    def rule(self) -> None:
        """Draw a line across the paper."""
        self.charcode(code_page_for(_LINE, self._name) or "CP437")
        self._reset_style()
        self.textln(_LINE * self._columns)

    def code(self, data: str) -> None:
        """Print a QR code in the middle: the printer's own where it has one."""
        native = bool(self.profile.supports("qrCode"))
        self._reset_style("center")
        raster = {"impl": "bitImageRaster", "center": True, "fragment_height": _BAND_ROWS}
        middle = {} if native else {"image_arguments": raster}
        self.qr(data, ec=QR_ECLEVEL_M, size=_QR_DOTS, native=native, **middle)

    def space(self, dots: int) -> None:
        """Feed bare paper (ESC J)."""
        while dots > 0:
            step = min(dots, _MOST_FEED)
            self._raw(b"\x1bJ" + bytes([step]))
            dots -= step


def _wrapped(text: str, columns: int, *, balanced: bool) -> list[str]:
    """Wrap; balanced rows are as even as the number of rows allows."""

    def rows(width: int) -> list[str]:
        return textwrap.wrap(text, width, break_on_hyphens=False) or [""]

    wanted = len(rows(columns))
    narrowest = max(len(word) for word in [*text.split(), ""])
    while balanced and wanted > 1 and columns > narrowest and len(rows(columns - 1)) == wanted:
        columns -= 1
    return rows(columns)


__all__ = ["CODE_PAGES", "PAPER_DOTS", "PIECE_BYTES", "PROFILE", "code_page_for", "code_pages", "encode", "encode_each"]
