"""The A4 printer as the visit uses it: the domain's paper in, `printed`, `failed` or `unknown` out; nothing of it stays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from kiosk.a4.certificate import make_pdf

if TYPE_CHECKING:
    from devices.document_printer import CupsQueue, Folder
    from kiosk.domain.receipt import Place
    from kiosk.domain.session.states import DocumentPaper
    from kiosk.schemes import Texts


class Documents:
    """A terminal without an A4 printer fails at once, and the person is told."""

    def __init__(self, printer: CupsQueue | Folder | None, texts: Texts, official: str) -> None:
        self._printer, self._texts, self._official = printer, texts, official

    def print_document(
        self, document: DocumentPaper, place: Place, language: str
    ) -> Literal["printed", "failed", "unknown"]:
        """Set it in the official language and in this one, and print it."""
        if self._printer is None:
            return "failed"
        languages = (self._official, language)
        return self._printer.print_pdf(make_pdf(document, self._texts, place=place, languages=languages))
