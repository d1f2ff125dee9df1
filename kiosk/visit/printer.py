"""The receipt printer as the visit uses it: the domain's receipt in, `printed`, `failed` or `unknown` out.

Rules:
- How the paper hangs in the printer is told before each job and after it, so that whoever outlives this visit knows
  what to do with it: `cut` nothing hangs there, `open` a part that another one was to follow, `spoiled` a job that
  failed, and the visitor was told so.
- What an earlier visit has left is cut off before anything of this one is printed. Below an open paper stands that it
  ends there; a spoiled one is only cut off.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

import structlog

from devices.receipt_layout import lay_out, lay_out_interruption
from devices.receipt_printer import ReceiptPrinter
from kiosk.domain.session.states import PrinterState

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiosk.domain.receipt import Receipt
    from kiosk.domain.session.effects import Part
    from kiosk.schemes import Texts

Paper: TypeAlias = Literal["cut", "open", "spoiled"]
log = structlog.get_logger("visit")


class Printer:
    """A terminal without a printer fails at once: the reference stays on the screen."""

    def __init__(self, device: str, texts: Texts, tell: Callable[[Paper], None]) -> None:
        self._printer = ReceiptPrinter(Path(device)) if device else None
        self._texts = texts
        self._tell = tell
        self._paper: Paper = "cut"

    def print_receipt(
        self, receipt: Receipt, part: Part, language: str, *, large: bool
    ) -> Literal["printed", "failed", "unknown"]:
        """Print; the paper is cut when the receipt ends."""
        del part
        if self._printer is None:
            return "failed"
        before = self._paper
        self._hangs("open")
        outcome = self._printer.print(lay_out(receipt, self._texts, language, large=large))
        if outcome == "printed":
            self._hangs("cut" if receipt.ends else "open")
        else:
            self._hangs("spoiled" if before != "cut" or self._printer.left else "cut")
        return outcome

    def state(self) -> PrinterState:
        """Ask what the printer's status bytes say."""
        return self._printer.state() if self._printer is not None else PrinterState.OFFLINE

    def take_over(self, left: Paper) -> None:
        """Cut off the paper of a visit that is gone; not in the middle of one of ours, which is cut when it ends."""
        if self._printer is None or left == "cut" or self._paper != "cut":
            return
        self._paper = "spoiled"
        done = self._printer.cancel(lay_out_interruption(self._texts)) if left == "open" else self._printer.cancel()
        log.info("paper_cut_off" if done else "paper_not_cut_off", state=left)
        self._hangs("cut" if done else "spoiled")

    def _hangs(self, paper: Paper) -> None:
        self._paper = paper
        self._tell(paper)
