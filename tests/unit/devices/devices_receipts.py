"""Receipts for the printer tests, of the real domain and the real texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.domain.catalogue import service_named
from kiosk.domain.receipt import Place, compose
from kiosk.domain.session.effects import Part
from kiosk.domain.session.states import Recorded, Verdict
from kiosk.schemes import load_texts

if TYPE_CHECKING:
    from devices.receipt_layout import LayoutLine
    from kiosk.domain.receipt import Receipt

STATEMENT = "GR1:" + "ABCDEFGHIJ234567" * 26
REFERENCE, GROUPED = "000710000AB0", "0007-1000-0AB0"
RECORDED = Recorded("01", 7, 1, REFERENCE, "2026-11-22T13:05:09Z", STATEMENT)
IN_FORCE = Verdict(
    "in_force",
    "decision.bank_change.in_force",
    {"effective_on": "2026-11-22"},
    first_payment_on="2026-12-15",
)
PLACE = Place("Okresní správa sociálního zabezpečení Brno", "T0007", demonstration=True)


def receipt(
    part: Part = Part.WHOLE,
    *,
    verdict: Verdict | None = IN_FORCE,
    duplicate: bool = False,
    helpers: tuple[str, ...] = (),
) -> Receipt:
    return compose(
        part,
        service_named("bank_account.change"),
        {"account": "CZ6508000000192000145399"},
        recorded=RECORDED,
        verdict=verdict,
        place=PLACE,
        duplicate=duplicate,
        helper_roles=helpers,
    )


def laid_out(language: str = "en", part: Part = Part.WHOLE, **options: bool) -> list[LayoutLine]:
    from devices.receipt_layout import lay_out

    return lay_out(receipt(part), load_texts("cz"), language, **options)
