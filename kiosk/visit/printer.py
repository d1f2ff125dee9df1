"""The receipt printer as the visit uses it: the domain's receipt in, `printed`, `failed` or `unknown` out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from devices.receipt_layout import lay_out
from devices.receipt_printer import ReceiptPrinter
from kiosk.domain.session.states import PrinterState

if TYPE_CHECKING:
    from kiosk.domain.receipt import Receipt
    from kiosk.domain.session.effects import Part
    from kiosk.schemes import Texts


class Printer:
    """A terminal without a printer fails at once: the reference stays on the screen."""

    def __init__(self, device: str, texts: Texts) -> None:
        self._printer = ReceiptPrinter(Path(device)) if device else None
        self._texts = texts

    def print_receipt(self, receipt: Receipt, part: Part, language: str) -> Literal["printed", "failed", "unknown"]:
        """Print; the paper is cut when the receipt ends."""
        del part
        if self._printer is None:
            return "failed"
        return self._printer.print(lay_out(receipt, self._texts, language))

    def state(self) -> PrinterState:
        """Ask what the printer's status bytes say."""
        return self._printer.state() if self._printer is not None else PrinterState.OFFLINE
