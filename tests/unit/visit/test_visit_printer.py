"""The printer as the visit uses it: what hangs in it is told, what another visit left is cut off, large is large."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PIL import Image

from devices.simulators.printer import PrinterFault, SimulatedPrinter
from kiosk.domain.catalogue import service_named
from kiosk.domain.receipt import Place, Receipt, compose
from kiosk.domain.session.effects import Part
from kiosk.domain.session.states import Recorded, Verdict
from kiosk.schemes import load_texts
from kiosk.visit.printer import Printer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TEXTS = load_texts("cz")
STOPPED = "Printing stopped here"


def receipt(part: Part) -> Receipt:
    return compose(
        part,
        service_named("bank_account.change"),
        {"account": "CZ6508000000192000145399"},
        recorded=Recorded("01", 7, 1, "000710000AB0", "2026-11-22T13:05:09Z", "GR1:" + "ABCDEFGHIJ234567" * 26),
        verdict=Verdict("in_force", "decision.bank_change.in_force", {"effective_on": "2026-11-22"}),
        place=Place("Brno", "T0007", demonstration=True),
    )


@pytest.fixture
def simulated(tmp_path: Path) -> Iterator[SimulatedPrinter]:
    made = SimulatedPrinter(tmp_path / "printer", tmp_path / "paper")
    yield made
    made.close()


class Visit:
    def __init__(self, folder: Path) -> None:
        self.told: list[str] = []
        self.printer = Printer(str(folder / "printer"), TEXTS, self.told.append)

    def prints(self, part: Part, *, language: str = "en", large: bool = False) -> str:
        return self.printer.print_receipt(receipt(part), part, language, large=large)


def texts(simulated: SimulatedPrinter) -> list[str]:
    return [path.read_text("utf-8") for path in simulated.papers]


def test_what_hangs_is_told_before_a_job_and_after_it(simulated: SimulatedPrinter, tmp_path: Path) -> None:
    visit = Visit(tmp_path)
    assert visit.prints(Part.RECEIVED) == "printed"
    assert visit.told == ["open", "open"]
    assert visit.prints(Part.DECIDED) == "printed"
    assert visit.told[2:] == ["open", "cut"]
    assert simulated.count == 1


def test_an_open_paper_is_marked_and_cut_and_the_next_person_s_is_clean(simulated: SimulatedPrinter, tmp_path: Path) -> None:
    Visit(tmp_path).prints(Part.RECEIVED)
    heir = Visit(tmp_path)
    heir.printer.take_over("open")
    assert heir.told == ["cut"]
    assert heir.prints(Part.WHOLE) == "printed"
    dead, living = texts(simulated)
    assert "RECEIVED" in dead
    assert "IN FORCE" not in dead
    for language in TEXTS.languages[:2]:  # Arabic is drawn
        assert TEXTS.text(language, "receipt.interrupted") in dead.replace("\n", " ")
    assert living.lstrip().startswith("Social security: receipt")
    assert STOPPED not in living


def test_a_spoiled_paper_is_cut_off_without_a_word(simulated: SimulatedPrinter, tmp_path: Path) -> None:
    dead = Visit(tmp_path)
    simulated.set_fault(PrinterFault.PAPER_OUT, after_lines=3)
    assert dead.prints(Part.WHOLE) == "failed"
    assert dead.told == ["open", "spoiled"]
    simulated.set_fault(PrinterFault.OK)
    torn = simulated.count
    heir = Visit(tmp_path)
    heir.printer.take_over("spoiled")
    assert heir.told == ["cut"]
    assert simulated.count == torn  # nothing hung there any more, and no slip comes out for it
    assert heir.prints(Part.WHOLE) == "printed"
    assert STOPPED not in texts(simulated)[-1]


def test_a_printer_that_is_not_ready_cuts_before_the_next_job(simulated: SimulatedPrinter, tmp_path: Path) -> None:
    Visit(tmp_path).prints(Part.RECEIVED)
    heir = Visit(tmp_path)
    printer, simulated_path = heir.printer, tmp_path / "printer"
    aside = tmp_path / "aside"
    simulated_path.rename(aside)  # unplugged for a moment
    printer.take_over("open")
    assert heir.told == ["spoiled"]
    aside.rename(simulated_path)
    assert heir.prints(Part.WHOLE) == "printed"
    assert heir.told[-1] == "cut"
    assert len(texts(simulated)) == 2
    assert texts(simulated)[1].lstrip().startswith("Social security: receipt")


def test_a_printer_that_takes_nothing_leaves_nothing_to_cut(simulated: SimulatedPrinter, tmp_path: Path) -> None:
    simulated.set_fault(PrinterFault.COVER_OPEN)
    visit = Visit(tmp_path)
    assert visit.prints(Part.WHOLE) == "failed"
    assert visit.told == ["open", "cut"]


def test_a_paper_of_one_s_own_is_not_cut_apart(simulated: SimulatedPrinter, tmp_path: Path) -> None:
    visit = Visit(tmp_path)
    visit.prints(Part.RECEIVED)
    visit.printer.take_over("open")
    assert visit.prints(Part.DECIDED) == "printed"
    assert len(texts(simulated)) == 1
    assert STOPPED not in texts(simulated)[0]


def test_a_terminal_without_a_printer_says_nothing_of_paper() -> None:
    told: list[str] = []
    printer = Printer("", TEXTS, told.append)
    printer.take_over("open")
    assert printer.print_receipt(receipt(Part.WHOLE), Part.WHOLE, "en", large=False) == "failed"
    assert told == []


@pytest.mark.parametrize("language", TEXTS.languages)
def test_large_print_is_larger_on_paper(simulated: SimulatedPrinter, tmp_path: Path, language: str) -> None:
    visit = Visit(tmp_path)
    heights = []
    for large in (False, True):
        assert visit.prints(Part.WHOLE, language=language, large=large) == "printed"
        with Image.open(simulated.papers[-1].with_suffix(".png")) as picture:
            heights.append(picture.height)
    assert heights[1] > heights[0] * 1.1
