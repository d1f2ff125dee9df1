"""How a visit's papers come out: receipt, what is shown, ticket, A4; each on the printers' thread.

Rules:
- Who reads large gets large paper.
- How a receipt came out is kept beside its journal entry; the other papers hang on none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.application import issue_receipt
from kiosk.domain.session import effects as do
from kiosk.domain.session import events as ev
from kiosk.domain.session.states import TEXT_SCALES, DocumentPaper, Session

if TYPE_CHECKING:
    from kiosk.application.visit_ports import VisitPorts
    from kiosk.domain.receipt import Receipt


class Printing:
    """Prints, and posts how it went."""

    def __init__(self, ports: VisitPorts) -> None:
        self._ports = ports

    def receipt(self, session: Session, wanted: do.PrintReceipt) -> None:
        """Print this part of a receipt, and report it."""
        ports, language, large = self._ports, session.comfort.language, _large(session)
        receipt = issue_receipt.receipt_for(wanted, ports.printed_place)

        def job() -> None:
            outcome = ports.printer.print_receipt(receipt, wanted.part, language, large=large)
            stage = wanted.verdict.decision if wanted.verdict else "received"
            ports.agent.report_print(wanted.recorded.transaction_id, stage=stage, outcome=outcome)
            ports.post(ev.PrintEnded(outcome))

        ports.on_printer(job)

    def ticket(self, session: Session, wanted: do.PrintTicket) -> None:
        """Print the slip for the desk."""
        self._paper(session, issue_receipt.slip_for(wanted, self._ports.printed_place))

    def shown(self, session: Session, wanted: do.PrintShown) -> None:
        """Print what a service shows."""
        self._paper(session, issue_receipt.paper_for(wanted, self._ports.printed_place))

    def _paper(self, session: Session, paper: Receipt) -> None:
        """Print what no journal entry hangs on."""
        ports, language, large = self._ports, session.comfort.language, _large(session)

        def job() -> None:
            ports.post(ev.PrintEnded(ports.printer.print_receipt(paper, do.Part.WHOLE, language, large=large)))

        ports.on_printer(job)

    def document(self, session: Session, document: DocumentPaper) -> None:
        """Print on A4, where there is such a printer."""
        ports, language = self._ports, session.comfort.language

        def job() -> None:
            place = ports.printed_place
            outcome = "failed" if ports.documents is None else ports.documents.print_document(document, place, language)
            ports.post(ev.DocumentEnded(outcome))

        ports.on_printer(job)


def _large(session: Session) -> bool:
    return session.comfort.text_scale > TEXT_SCALES[0]
