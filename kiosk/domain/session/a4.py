"""The A4 paper that comes of an act: printed once, beside the receipt.

- With a line only what the back office issued is printed, with its code. Without one, the paper made from the record that
  is here says that it cannot be verified yet, carries no code, and names the reference to ask with.
- Again only after it failed, or nobody knows; it is the same paper under the same code.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kiosk.domain.catalogue import service_named
from kiosk.domain.session.effects import PrintDocument
from kiosk.domain.session.states import DocumentPaper, Line, Printing, Session, ShowingReceipt
from kiosk.domain.session.turn import Turn, go, stay

if TYPE_CHECKING:
    from kiosk.domain.session.effects import PrintReceipt


def with_document(session: Session, shown: ShowingReceipt, *paper: PrintReceipt) -> Turn:
    """Show the receipt, and print what comes of the act, if it has not been printed yet."""
    document = None if shown.document is not None else _document_of(session, shown)
    if document is None:
        return go(session, shown, *paper)
    on = replace(shown, document=document, document_printing=Printing.PRINTING)
    return go(session, on, *paper, PrintDocument(document))


def _document_of(session: Session, shown: ShowingReceipt) -> DocumentPaper | None:
    """Return the paper to print now; with a line nothing that the back office has not issued."""
    if shown.verdict is not None:
        return shown.verdict.paper
    make, person = service_named(shown.checked.service).document, shown.checked.visitor.person
    if make is None or person is None or session.environment.line is Line.ONLINE:
        return None
    content = make(shown.checked.answers, person, session.today)
    return DocumentPaper(content, reference=shown.recorded.reference)


def ended(session: Session, phase: ShowingReceipt, printing: Printing) -> Turn:
    """Take it that the paper came out, or not."""
    if phase.document_printing is not Printing.PRINTING:
        return stay(session)
    return go(session, replace(phase, document_printing=printing))


def again(session: Session, phase: ShowingReceipt) -> Turn:
    """Print it again, if it may not have come out."""
    if phase.document is None or phase.document_printing not in {Printing.FAILED, Printing.UNKNOWN}:
        return stay(session)
    return go(session, replace(phase, document_printing=Printing.PRINTING), PrintDocument(phase.document))
