"""A certificate as PDF on A4: in the official language first, then in the person's; tagged, so that a reader can speak it.

Rules:
- PDF/UA-1 (ISO 14289-1), made by Typst, fonts embedded; what stands in it are data of a fixed template, never source.
- Where it is printed stands on it: at which terminal, or at the desk.
- The code stands alone and left to right in any language. Without a code the paper says that it cannot be verified yet.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from kiosk.a4 import FONTS
from kiosk.domain import reference as references
from kiosk.domain.certificate_code import grouped
from kiosk.domain.content import Facts, Paragraph, Said, Table
from kiosk.domain.errors import Bug
from kiosk.schemes.texts import RIGHT_TO_LEFT

if TYPE_CHECKING:
    from kiosk.domain.content import Block, Words
    from kiosk.domain.receipt import Place
    from kiosk.domain.session.states import DocumentPaper
    from kiosk.schemes import Texts

HERE = Path(__file__).parent
STANDARD: Final = "ua-1"
_MARKS = str.maketrans("", "", "\u2066\u2067\u2068\u2069\u200e\u200f")
"""Directions that texts carry for the screen; here the typesetter keeps them."""


def make_pdf(document: DocumentPaper, texts: Texts, *, place: Place, languages: tuple[str, ...]) -> bytes:
    """Set the paper, once in each of `languages`, the official one first."""
    import typst  # noqa: PLC0415 - 60 MB that only who prints an A4 pays for

    data = describe(document, texts, place=place, languages=languages)
    made: bytes = typst.compile(
        HERE / "certificate.typ", font_paths=[FONTS], ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)}, format="pdf", pdf_standards=STANDARD,
    )  # fmt: skip
    return made


def describe(document: DocumentPaper, texts: Texts, *, place: Place, languages: tuple[str, ...]) -> dict[str, Any]:
    """Return what the template sets: plain words in each language."""
    parts = [_part(document, texts, place, language) for language in dict.fromkeys(languages)]
    return {
        "title": parts[0]["title"],
        "author": parts[0]["letterhead"],
        "code": grouped(document.code) if document.code else "",
        "parts": parts,
    }


def _part(document: DocumentPaper, texts: Texts, place: Place, language: str) -> dict[str, Any]:
    def say(words: Words) -> str:
        spoken = texts.text(language, words.key, **words.parameters) if isinstance(words, Said) else words
        return spoken.translate(_MARKS)

    office = Said("certificate.at_desk", {"office": place.office})
    if place.terminal:
        office = Said("receipt.office", {"office": place.office, "terminal": place.terminal})
    return {
        "lang": language,
        "rtl": language in RIGHT_TO_LEFT,
        "letterhead": say(Said("certificate.letterhead")),
        "office": say(office),
        "demonstration": say(Said("receipt.demonstration")) if place.demonstration else "",
        "title": say(document.content.title),
        "text": say(document.content.text),
        "blocks": [_block(block, say) for block in document.content.blocks],
        "proof": [say(words) for words in proof(document)],
    }


def proof(document: DocumentPaper) -> tuple[Said, ...]:
    """Say how it can be verified, or that it cannot be yet."""
    if not document.code:
        reference = references.format(document.reference)
        return (Said("certificate.not_yet_verifiable"), Said("certificate.ask_with", {"reference": reference}))
    return (Said("certificate.verify_at", {"address": document.address, "day": document.valid_until}),)


def _block(block: Block, say: Any) -> dict[str, Any]:
    match block:
        case Facts(rows, title):
            return {"kind": "facts", "title": say(title), "rows": [[say(row.label), say(row.value)] for row in rows]}
        case Table(columns, rows, title):
            cells = [[say(cell) for cell in row.cells] for row in rows]
            return {"kind": "table", "title": say(title), "columns": [say(name) for name in columns], "rows": cells}
        case Paragraph(text):
            return {"kind": "paragraph", "title": "", "text": say(text)}
        case _:
            raise Bug(f"a paper has no block {type(block).__name__}")
