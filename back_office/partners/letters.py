"""Letters as PDF in a spool folder, from which the print shop takes them: STATE/messages/letters/ID.pdf with ID.json.

Rules:
- A letter is queued when both files are durable; the ticket (JSON) comes last, so a ticket always has its letter.
- The same key is the same letter: it is not printed twice, and another content under it is refused.
- Latin (Czech included), Greek, Cyrillic and Arabic scripts, Arabic shaped and right to left; fonts are Noto's (OFL), embedded.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from back_office.partners import spool
from back_office.partners.notice_texts import right_to_left, written_day
from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    from datetime import datetime

    from fpdf import FPDF

FONTS = Path(__file__).parent / "fonts"
DEMONSTRATION = "DEMONSTRATION - not a letter of any authority"
LONGEST_ADDRESS_LINES = 8
LONGEST_TEXT = 20_000
_PAGE, _MARGIN = (210, 297), 20
_WINDOW = (20, 45)
"""Where the address stands, in mm from the left and the top: a C5/6 window envelope (DIN 5008 form A)."""
_NUMBER = re.compile(r"[0-9]{3} [0-9]{3}", re.ASCII)
_READING_MARKS = "\u200e\u200f\u2066\u2067\u2068\u2069"
"""LRM, RLM, LRI, RLI, FSI, PDI (Unicode Annex 9): they say which way to read, and have no picture."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter; `address` has a line for each line on the envelope."""

    key: str
    address: tuple[str, ...]
    language: str
    subject: str
    text: str
    sender: str


class LetterSpool:
    """The folder that the print shop empties."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, letter: Letter, at: datetime) -> spool.Kept:
        """Queue a letter once. Raises OSError when the disk does not take it, ValueError for a letter that cannot be set."""
        if not any(line.strip() for line in letter.address) or len(letter.address) > LONGEST_ADDRESS_LINES:
            raise ValueError("the address has no line, or too many")
        if len(letter.text) > LONGEST_TEXT:
            raise ValueError("the text is too long")
        name = spool.message_id(letter.key)
        content = hashlib.sha256(repr(letter).encode()).hexdigest()
        ticket = self._folder / f"{name}.json"
        if not ticket.exists():
            spool.replace(self._folder / f"{name}.pdf", typeset(letter, at))
        note = {
            "id": name,
            "file": f"{name}.pdf",
            "language": letter.language,
            "address": list(letter.address),
            "queued_at": at.isoformat(timespec="seconds"),
            "content": content,
        }
        data = json.dumps(note, ensure_ascii=False, indent=1).encode()
        return spool.keep(ticket, data, lambda kept: json.loads(kept).get("content") == content)


def typeset(letter: Letter, at: datetime, *others: Letter) -> bytes:
    """Set a letter on A4 with the address in the window of the envelope; `others`: the same in further languages, below it."""
    rtl = right_to_left(letter.language)
    page = _blank(letter, at)
    left, top = _WINDOW
    page.set_text_shaping(use_shaping_engine=True, direction="ltr")  # the post reads the address
    page.set_font("sans", size=7)
    page.set_xy(left, top - 6)
    page.cell(85, 4, letter.sender)
    page.set_font("sans", size=11)
    for number, line in enumerate(letter.address):
        page.set_xy(left, top + 5.5 * number)
        page.cell(100, 5.5, _clean(line))
    page.set_text_shaping(use_shaping_engine=True, direction="rtl" if rtl else "ltr")
    page.set_xy(_MARGIN, 88)
    page.cell(0, 6, written_day(letter.language, at), align="L" if rtl else "R")
    page.set_xy(_MARGIN, 98)
    for one in (letter, *others):
        _body(page, one)
        page.ln(6)
    return bytes(page.output())


def _body(page: FPDF, letter: Letter) -> None:
    """Set the subject and the text where the page stands, in the direction of the language."""
    rtl = right_to_left(letter.language)
    page.set_text_shaping(use_shaping_engine=True, direction="rtl" if rtl else "ltr")
    align = "R" if rtl else "L"
    page.set_font("sans", style="B", size=13)
    page.multi_cell(0, 7, _clean(letter.subject), align=align, new_x="LMARGIN", new_y="NEXT")
    page.ln(4)
    page.set_font("sans", size=11)
    for line in letter.text.splitlines():
        if _NUMBER.fullmatch(line.strip()):  # alone on its line, to be typed by somebody who may not see well
            page.set_font("sans", style="B", size=24)
            page.multi_cell(0, 14, line.strip(), align="C", new_x="LMARGIN", new_y="NEXT")
            page.set_font("sans", size=11)
        elif line.strip():
            page.multi_cell(0, 6, _clean(line), align=align, new_x="LMARGIN", new_y="NEXT")
        else:
            page.ln(3)


def _blank(letter: Letter, at: datetime) -> FPDF:
    from fpdf import FPDF  # noqa: PLC0415 - heavy, and only a letter needs it

    class Page(FPDF):  # type: ignore[misc,unused-ignore]
        def footer(self) -> None:
            self.set_y(-15)
            self.set_font("sans", size=8)
            self.cell(0, 5, DEMONSTRATION, align="C")

    page = Page(format=_PAGE)
    page.set_margin(_MARGIN)
    page.set_auto_page_break(auto=True, margin=_MARGIN + 5)
    try:
        for name, file in (("sans", "NotoSans"), ("arabic", "NotoSansArabicUI")):
            page.add_font(name, style="", fname=FONTS / f"{file}-Regular.ttf")
            page.add_font(name, style="B", fname=FONTS / f"{file}-Bold.ttf")
        page.set_fallback_fonts(["arabic"])
        page.set_text_shaping(use_shaping_engine=True)
    except Exception as error:
        raise EnvironmentFault(f"Letters cannot be set: {error}.", "Run setup.sh again.") from error
    page.set_creation_date(at)
    page.set_title(_clean(letter.subject))
    page.set_lang(letter.language)
    page.add_page()
    return page


def _clean(line: str) -> str:
    """Leave out control characters, but for the marks that say which way to read."""
    kept = (letter for letter in line if unicodedata.category(letter)[0] != "C" or letter in _READING_MARKS)
    return "".join(kept).strip()
