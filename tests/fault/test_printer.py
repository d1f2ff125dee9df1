"""Printer and printing process fail at every point: what is said to be printed is whole, and nothing is left behind."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from devices.receipt_layout import Cut, Words
from devices.receipt_printer import ReceiptPrinter
from devices.simulators.printer import PrinterFault, SimulatedPrinter

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
LINES = 12
NEXT = [Words("the next visitor"), Cut()]

DYING = """
import sys
from pathlib import Path
from devices.escpos import encode
from devices.printer_port import PrinterPort
from devices.receipt_layout import Words

port = PrinterPort.open(Path(sys.argv[1]), 0)
port.write(encode([Words(f"secret {n}") for n in range(5)]) + b"secret, half a li", 1e9)
print("printing", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def simulated(tmp_path: Path) -> Iterator[SimulatedPrinter]:
    made = SimulatedPrinter(tmp_path / "printer", tmp_path / "paper")
    yield made
    made.close()


def texts(simulated: SimulatedPrinter) -> list[str]:
    return [path.read_text("utf-8") for path in simulated.papers]


@pytest.mark.parametrize("fault", [f for f in PrinterFault if f not in {PrinterFault.OK, PrinterFault.OFFLINE}])
@pytest.mark.parametrize("after", range(1, LINES + 1))
def test_printed_means_that_all_of_it_is_on_paper(
    simulated: SimulatedPrinter, tmp_path: Path, fault: PrinterFault, after: int
) -> None:
    printer = ReceiptPrinter(tmp_path / "printer")
    simulated.set_fault(fault, after_lines=after)
    outcome = printer.print([*(Words(f"line {number}") for number in range(LINES)), Cut()])
    whole = "\n".join(f"line {number}" for number in range(LINES)) + "\n"
    assert (outcome == "printed") == (whole in texts(simulated))
    assert outcome in {"printed", "failed"}
    simulated.set_fault(PrinterFault.OK)
    assert printer.print(NEXT) == "printed"
    assert texts(simulated)[-1] == "the next visitor\n"


def test_a_process_killed_while_it_prints_leaves_nothing_for_the_next_visitor(
    simulated: SimulatedPrinter, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", DYING, str(tmp_path / "printer")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as dying:
        assert dying.stdout is not None
        assert dying.stdout.readline() == b"printing\n"
        busy = ReceiptPrinter(tmp_path / "printer", patience_seconds=0.2)
        assert busy.print(NEXT) == "failed"  # one job at a time
        dying.send_signal(signal.SIGKILL)
        dying.wait(10)
    printer = ReceiptPrinter(tmp_path / "printer")
    printer.cancel()
    assert printer.print(NEXT) == "printed"
    assert texts(simulated)[-1] == "the next visitor\n"
    assert "secret 4" in texts(simulated)[0]


def test_the_printer_dies_and_comes_back(tmp_path: Path) -> None:
    printer = ReceiptPrinter(tmp_path / "printer")
    for _ in range(2):
        simulated = SimulatedPrinter(tmp_path / "printer", tmp_path / "paper")
        assert printer.print(NEXT) == "printed"
        simulated.close()
        assert printer.print(NEXT) == "failed"


def test_the_device_goes_away_in_the_middle(tmp_path: Path) -> None:
    simulated = SimulatedPrinter(tmp_path / "printer", tmp_path / "paper")
    simulated.set_fault(PrinterFault.COVER_OPEN, after_lines=1)
    printer = ReceiptPrinter(tmp_path / "printer", patience_seconds=5)
    endless = ([Words("x")] if number else [Words("first")] for number in range(200))

    def unplugged() -> Iterator[Words]:
        for number, words in enumerate(endless):
            if number == 100:
                simulated.close()
            yield words[0]

    assert printer.print(list(unplugged())) in {"failed", "unknown"}
