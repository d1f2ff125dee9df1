from __future__ import annotations

import os
import select
import threading
import time
import tty
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from devices_receipts import GROUPED, laid_out

from devices.receipt_layout import Cut, Words
from devices.receipt_printer import ReceiptPrinter
from devices.simulators.printer import PrinterFault, SimulatedPrinter
from kiosk.domain.session.effects import Part
from kiosk.domain.session.states import PrinterState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

STATES = {
    PrinterFault.OK: PrinterState.READY,
    PrinterFault.JAM: PrinterState.JAMMED,
    PrinterFault.PAPER_OUT: PrinterState.PAPER_OUT,
    PrinterFault.COVER_OPEN: PrinterState.COVER_OPEN,
    PrinterFault.OFFLINE: PrinterState.OFFLINE,
}
BROKEN = [fault for fault in STATES if fault is not PrinterFault.OK]


@pytest.fixture
def simulated(tmp_path: Path) -> Iterator[SimulatedPrinter]:
    made = SimulatedPrinter(tmp_path / "printer", tmp_path / "paper")
    yield made
    made.close()


@pytest.fixture
def printer(simulated: SimulatedPrinter, tmp_path: Path) -> ReceiptPrinter:
    return ReceiptPrinter(tmp_path / "printer")


def texts(simulated: SimulatedPrinter) -> list[str]:
    return [path.read_text("utf-8") for path in simulated.papers]


class Device:
    """A device that answers as a test says; `taken` is what it got. It reads at most `most` bytes."""

    def __init__(self, answer: Callable[[bytes, bytes], bytes], most: int = 1 << 20) -> None:
        self.taken = b""
        self._answer, self._most = answer, most
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.path = Path(os.ttyname(self._slave))
        self._stop_reader, self._stop_writer = os.pipe()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while len(self.taken) < self._most:
            ready, _, _ = select.select([self._master, self._stop_reader], [], [])
            if self._stop_reader in ready:
                return
            data = os.read(self._master, min(65536, self._most - len(self.taken)))
            self.taken += data
            os.write(self._master, self._answer(data, self.taken))

    def close(self) -> None:
        os.write(self._stop_writer, b"\0")
        self._thread.join(5)
        for descriptor in (self._master, self._slave, self._stop_reader, self._stop_writer):
            os.close(descriptor)


@pytest.fixture
def device() -> Iterator[Callable[..., Device]]:
    made: list[Device] = []

    def make(answer: Callable[[bytes, bytes], bytes], most: int = 1 << 20) -> Device:
        made.append(Device(answer, most))
        return made[-1]

    yield make
    for one in made:
        one.close()


def healthy(data: bytes, taken: bytes) -> bytes:
    """Answers every status question with "fine", and never says that the job is worked off."""
    del taken
    return b"\x12" * sum(data.count(bytes([0x10, 0x04, kind])) for kind in range(1, 5))


@pytest.mark.parametrize("language", ["en", "cs", "ar"])
def test_a_receipt_is_printed(printer: ReceiptPrinter, simulated: SimulatedPrinter, language: str) -> None:
    assert printer.print(laid_out(language)) == "printed"
    assert simulated.count == 1
    assert GROUPED in texts(simulated)[0]


def test_two_parts_are_one_paper(printer: ReceiptPrinter, simulated: SimulatedPrinter) -> None:
    assert printer.print(laid_out("en", Part.RECEIVED)) == "printed"
    assert simulated.count == 0
    assert "RECEIVED" in simulated.standing
    assert printer.print(laid_out("en", Part.DECIDED)) == "printed"
    assert simulated.count == 1
    assert "RECEIVED" in texts(simulated)[0]
    assert "IN FORCE" in texts(simulated)[0]


@pytest.mark.parametrize("fault", STATES)
def test_the_state(printer: ReceiptPrinter, simulated: SimulatedPrinter, fault: PrinterFault) -> None:
    simulated.set_fault(fault)
    assert printer.state() is STATES[fault]


@pytest.mark.parametrize("fault", BROKEN)
def test_a_printer_that_does_not_print_gets_nothing(
    printer: ReceiptPrinter, simulated: SimulatedPrinter, fault: PrinterFault
) -> None:
    simulated.set_fault(fault)
    assert printer.print(laid_out("en")) == "failed"
    assert printer.reason is STATES[fault]
    simulated.set_fault(PrinterFault.OK)
    assert printer.print([Words("next"), Cut()]) == "printed"
    assert texts(simulated) == ["next\n"]


@pytest.mark.parametrize("fault", BROKEN)
@pytest.mark.parametrize("language", ["en", "ar"])
def test_a_fault_in_the_middle_is_a_failure_and_the_rest_never_comes_out(
    printer: ReceiptPrinter, simulated: SimulatedPrinter, fault: PrinterFault, language: str
) -> None:
    simulated.set_fault(fault, after_lines=5)
    outcome = printer.print(laid_out(language))
    assert outcome == "failed" or (fault is PrinterFault.OFFLINE and outcome == "unknown")
    assert printer.reason is STATES[fault]
    before = simulated.count
    simulated.set_fault(PrinterFault.OK)
    assert printer.print([Words("next"), Cut()]) == "printed"
    following = texts(simulated)[before:]
    assert following[-1].splitlines()[-1].strip() == "next"
    assert not any(GROUPED in text and "[torn off]" not in text for text in following)
    assert simulated.waiting_bytes == 0


def test_no_device_is_a_failure(tmp_path: Path) -> None:
    printer = ReceiptPrinter(tmp_path / "nothing")
    assert printer.state() is PrinterState.OFFLINE
    assert printer.print(laid_out("en")) == "failed"
    printer.cancel()


def test_a_device_without_a_printer_behind_it_is_a_failure(device: Callable[..., Device]) -> None:
    silent = device(lambda _data, _taken: b"")
    printer = ReceiptPrinter(silent.path)
    assert printer.print(laid_out("en")) == "failed"
    assert printer.reason is PrinterState.OFFLINE
    assert GROUPED.encode() not in silent.taken


def test_everything_taken_and_then_silence_is_unknown(device: Callable[..., Device]) -> None:
    def answer(data: bytes, taken: bytes) -> bytes:
        return b"" if b"\x1dr\x01" in taken else healthy(data, taken)

    quiet = device(answer)
    printer = ReceiptPrinter(quiet.path)
    assert printer.print(laid_out("en")) == "unknown"
    assert printer.reason is PrinterState.OFFLINE
    assert GROUPED.encode() in quiet.taken


def test_a_printer_that_never_ends_is_unknown_at_the_deadline(device: Callable[..., Device]) -> None:
    endless = device(healthy)
    printer = ReceiptPrinter(endless.path, patience_seconds=1.0)
    begun = time.monotonic()
    assert printer.print(laid_out("en")) == "unknown"
    assert time.monotonic() - begun < 4


def test_a_printer_that_takes_no_more_is_a_failure_at_the_deadline(device: Callable[..., Device]) -> None:
    stuck = device(healthy, 3000)
    printer = ReceiptPrinter(stuck.path, patience_seconds=1.0)
    begun = time.monotonic()
    assert printer.print(laid_out("ar") * 4) == "failed"
    assert time.monotonic() - begun < 6


def test_a_fault_after_the_last_byte_is_a_failure(device: Callable[..., Device]) -> None:
    def answer(data: bytes, taken: bytes) -> bytes:
        if b"\x1dr\x01" not in taken:
            return healthy(data, taken)
        answers = {1: b"\x1a", 2: b"\x32", 3: b"\x12", 4: b"\x72"}
        return b"".join(answers[kind] * data.count(bytes([0x10, 0x04, kind])) for kind in answers)

    printer = ReceiptPrinter(device(answer).path)
    assert printer.print(laid_out("en")) == "failed"
    assert printer.reason is PrinterState.PAPER_OUT


def test_stray_bytes_are_no_answers(device: Callable[..., Device]) -> None:
    def answer(data: bytes, taken: bytes) -> bytes:
        return b"\xff\x93" + healthy(data, taken) + (b"\x00" if b"\x1dr\x01" in data else b"")

    assert ReceiptPrinter(device(answer).path).print(laid_out("en")) == "printed"


def test_two_jobs_never_mix(simulated: SimulatedPrinter, tmp_path: Path) -> None:
    outcomes: list[str] = []

    def run(word: str) -> None:
        job = [Words(f"{word} {number}") for number in range(60)]
        outcomes.append(ReceiptPrinter(tmp_path / "printer").print([*job, Cut()]))

    threads = [threading.Thread(target=run, args=(word,)) for word in ("left", "right")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == ["printed", "printed"]
    assert {frozenset(line.split()[0] for line in text.splitlines()) for text in texts(simulated)} == {
        frozenset({"left"}),
        frozenset({"right"}),
    }


def test_the_state_is_answered_while_a_job_waits(printer: ReceiptPrinter, simulated: SimulatedPrinter) -> None:
    assert printer.state() is PrinterState.READY
    simulated.set_fault(PrinterFault.COVER_OPEN, after_lines=1)
    outcome: list[str] = []
    thread = threading.Thread(target=lambda: outcome.append(printer.print(laid_out("en"))))
    thread.start()
    assert printer.state() in {PrinterState.READY, PrinterState.COVER_OPEN}
    thread.join(10)
    assert outcome == ["failed"]


def test_cancel_cuts_off_what_somebody_left(printer: ReceiptPrinter, simulated: SimulatedPrinter) -> None:
    printer.print(laid_out("en", Part.RECEIVED))
    printer.cancel()
    assert simulated.wait_paper(0, 10)
    assert printer.print([Words("next"), Cut()]) == "printed"
    assert texts(simulated)[1] == "next\n"
