from __future__ import annotations

import os
import select
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from devices_receipts import laid_out
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from devices.escpos import encode
from devices.simulators import escpos_stream as esc
from devices.simulators.paper import WIDTH_DOTS, Paper
from devices.simulators.printer import PrinterFault, SimulatedPrinter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

STATUS = {  # DLE EOT 1 to 4, without the bits that are always set
    PrinterFault.OK: (0, 0, 0, 0),
    PrinterFault.JAM: (0x08, 0x40, 0x08, 0),
    PrinterFault.PAPER_OUT: (0x08, 0x20, 0, 0x60),
    PrinterFault.COVER_OPEN: (0x08, 0x04, 0, 0),
}
CUT = b"\x1dV\x42\x00"


def until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline, pause = time.monotonic() + seconds, threading.Event()
    while not condition():
        assert time.monotonic() < deadline
        pause.wait(0.002)


class Host:
    """The other end of the line."""

    def __init__(self, device: Path) -> None:
        self.descriptor = os.open(device, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)

    def send(self, data: bytes) -> int:
        try:
            return os.write(self.descriptor, data)
        except BlockingIOError:
            return 0

    def read(self, count: int, seconds: float = 5.0) -> bytes:
        data = b""
        while len(data) < count and select.select([self.descriptor], [], [], seconds)[0]:
            data += os.read(self.descriptor, count - len(data))
        return data

    def silent(self) -> bool:
        return not select.select([self.descriptor], [], [], 0.1)[0]

    def ask(self, kind: int) -> int:
        self.send(bytes([0x10, 0x04, kind]))
        return self.read(1)[0]


@contextmanager
def printer(folder: Path, **options: int) -> Iterator[tuple[SimulatedPrinter, Host]]:
    simulated = SimulatedPrinter(folder / "printer", folder / "paper", **options)
    host = Host(folder / "printer")
    try:
        yield simulated, host
    finally:
        os.close(host.descriptor)
        simulated.close()


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[SimulatedPrinter, Host]]:
    with printer(tmp_path) as made:
        yield made


def interpret(data: bytes) -> str:
    paper, rest = Paper(), bytearray(data)
    while (step := esc.read_command(rest)) is not None:
        paper.obey(step[1])
        del rest[: step[0]]
    return paper.cut().text


# --- the stream ----------------------------------------------------------------------------------

RECEIPT = encode(laid_out("cs")) + encode(laid_out("ar"))


@given(cuts=st.lists(st.integers(0, len(RECEIPT)), max_size=12))
@settings(max_examples=12, deadline=None)
def test_the_stream_may_be_cut_anywhere(cuts: list[int]) -> None:
    whole, parts = interpret(RECEIPT), Paper()
    rest = bytearray()
    for start, end in zip([0, *sorted(cuts)], [*sorted(cuts), len(RECEIPT)], strict=True):
        rest += RECEIPT[start:end]
        while (step := esc.read_command(rest)) is not None:
            parts.obey(step[1])
            del rest[: step[0]]
    assert not rest
    text = [line for line in parts.cut().text.splitlines() if line]
    assert "".join(text) == "".join(line for line in whole.splitlines() if line)


@given(st.binary(max_size=400))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_worked_off_or_waited_for(data: bytes) -> None:
    rest = bytearray(data)
    while (step := esc.read_command(rest)) is not None:
        assert 0 < step[0] <= len(rest)
        del rest[: step[0]]


def test_a_line_of_two_code_pages_and_styles() -> None:
    line = b"\x1b@\x1bt\x12" + "žů".encode("cp852") + b"\x1bt\x2e\x1bE\x01" + "Ж".encode("cp1251") + b"\n"
    assert interpret(line) == "žůЖ\n"


def test_letters_that_do_not_fit_go_on_in_the_next_line() -> None:
    assert interpret(b"A" * 60 + b"\n") == "A" * 48 + "\n" + "A" * 12 + "\n"
    assert interpret(b"\x1d!\x11" + b"B" * 30 + b"\n") == "B" * 24 + "\n" + "B" * 6 + "\n"


def test_pictures_of_both_commands() -> None:
    bits = bytes([0xF0]) * 72 * 8
    raster = b"\x1dv0\x00" + (72).to_bytes(2, "little") + (8).to_bytes(2, "little") + bits
    stored = b"\x30\x70\x30\x01\x01\x31" + (576).to_bytes(2, "little") + (8).to_bytes(2, "little") + bits
    graphics = b"\x1d(L" + len(stored).to_bytes(2, "little") + stored + b"\x1d(L\x02\x00\x30\x32"
    assert interpret(raster) == interpret(graphics) == "[picture 576 x 8]\n"
    step = esc.read_command(raster)
    assert step is not None
    assert isinstance(step[1], esc.Picture)
    assert [step[1].image.getpixel((x, 0)) for x in (0, 3, 4, 7)] == [0, 0, 255, 255]


def test_sizes_move_the_paper_as_far_as_they_are_high() -> None:
    def height(data: bytes) -> int:
        paper, rest = Paper(), bytearray(data)
        while (step := esc.read_command(rest)) is not None:
            paper.obey(step[1])
            del rest[: step[0]]
        return paper.cut().image.height

    normal = height(b"A\n")
    assert height(b"\x1d!\x01A\n") - normal == 48 - 30
    assert height(b"A\n\x1bJ\x64") - normal == 100
    assert height(b"A\n\x1bd\x02") - normal == 60
    assert height(b"\x1b3\x50A\n") - normal == 50


# --- the device ----------------------------------------------------------------------------------


def test_a_cut_paper_lies_there_as_picture_text_and_bytes(pair: tuple[SimulatedPrinter, Host], tmp_path: Path) -> None:
    simulated, host = pair
    host.send(b"\x1b@\x1ba\x01Hello\n" + CUT)
    assert simulated.wait_paper(0, 10)
    folder = tmp_path / "paper"
    assert sorted(path.name for path in folder.iterdir()) == ["001.bin", "001.png", "001.txt"]
    assert (folder / "001.txt").read_text("utf-8").strip() == "Hello"
    assert (folder / "001.bin").read_bytes() == b"\x1b@\x1ba\x01Hello\n" + CUT
    with Image.open(folder / "001.png") as picture:
        assert picture.width == WIDTH_DOTS + 64
        darkest = picture.convert("L").getextrema()[0]
    assert darkest < 60


def test_numbers_go_on_where_an_earlier_printer_stopped(tmp_path: Path) -> None:
    for number in (1, 2):
        with printer(tmp_path) as (simulated, host):
            host.send(b"x\n" + CUT)
            assert simulated.wait_paper(number - 1, 10)
            assert simulated.count == number
    assert not (tmp_path / "printer").is_symlink()


@pytest.mark.parametrize("fault", STATUS)
def test_the_status_bytes(pair: tuple[SimulatedPrinter, Host], fault: PrinterFault) -> None:
    simulated, host = pair
    simulated.set_fault(fault)
    assert tuple(host.ask(kind) for kind in range(1, 5)) == tuple(0x12 | bits for bits in STATUS[fault])


def test_without_power_nothing_answers_and_what_is_sent_is_lost(pair: tuple[SimulatedPrinter, Host]) -> None:
    simulated, host = pair
    simulated.set_fault(PrinterFault.OFFLINE)
    host.send(b"\x10\x04\x01lost\n" + CUT)
    assert host.silent()
    simulated.set_fault(PrinterFault.OK)
    host.send(b"kept\n" + CUT)
    assert simulated.wait_paper(0, 10)
    assert simulated.papers[0].read_text("utf-8") == "kept\n"


def test_a_question_in_the_stream_is_answered_when_its_turn_comes(pair: tuple[SimulatedPrinter, Host]) -> None:
    simulated, host = pair
    simulated.set_fault(PrinterFault.COVER_OPEN)
    host.send(b"A\n\x1dr\x01")
    assert host.silent()
    assert host.ask(1) & 0x08
    simulated.set_fault(PrinterFault.OK)
    assert host.read(1) == b"\x00"
    assert simulated.standing == "A"


@pytest.mark.parametrize("fault", [PrinterFault.JAM, PrinterFault.PAPER_OUT, PrinterFault.COVER_OPEN])
def test_with_a_fault_nothing_is_printed_and_the_bytes_wait(
    pair: tuple[SimulatedPrinter, Host], fault: PrinterFault
) -> None:
    simulated, host = pair
    simulated.set_fault(fault)
    host.send(b"waiting\n" + CUT)
    until(lambda: simulated.waiting_bytes == len(b"waiting\n" + CUT))
    assert simulated.count == 0
    simulated.set_fault(PrinterFault.OK)
    if fault is PrinterFault.JAM:
        assert simulated.waiting_bytes == 0
        assert simulated.count == 0
    else:
        assert simulated.wait_paper(0, 10)


def test_a_full_buffer_takes_nothing_more_off_the_line(tmp_path: Path) -> None:
    with printer(tmp_path, buffer_bytes=512) as (simulated, host):
        simulated.set_fault(PrinterFault.JAM)
        host.send(b"x" * 4096)
        until(lambda: simulated.waiting_bytes == 512)
        until(lambda: not host.send(b"x" * 4096) and not select.select([], [host.descriptor], [], 0.05)[1])
        assert simulated.waiting_bytes == 512


def test_a_fault_in_the_middle_and_what_is_torn_off(pair: tuple[SimulatedPrinter, Host]) -> None:
    simulated, host = pair
    simulated.set_fault(PrinterFault.JAM, after_lines=2)
    host.send(b"one\ntwo\nthree\n" + CUT)
    until(lambda: simulated.fault is PrinterFault.JAM)
    assert simulated.standing == "one\ntwo"
    simulated.set_fault(PrinterFault.OK)
    assert [path.read_text("utf-8") for path in simulated.papers] == ["one\ntwo\n[torn off]\n"]
    assert simulated.standing == ""


def test_with_the_cover_closed_it_goes_on_with_what_waits(pair: tuple[SimulatedPrinter, Host]) -> None:
    simulated, host = pair
    simulated.set_fault(PrinterFault.COVER_OPEN, after_lines=1)
    host.send(b"one\ntwo\n" + CUT)
    until(lambda: simulated.fault is PrinterFault.COVER_OPEN)
    simulated.set_fault(PrinterFault.OK)
    assert simulated.wait_paper(1, 10)
    assert [path.read_text("utf-8") for path in simulated.papers] == ["one\n[torn off]\n", "two\n"]


def test_buffers_are_cleared_in_real_time(pair: tuple[SimulatedPrinter, Host]) -> None:
    simulated, host = pair
    simulated.set_fault(PrinterFault.COVER_OPEN)
    host.send(b"secret\n" + bytes.fromhex("10140801031401060208") + b"after\n" + CUT)
    assert host.read(3) == bytes.fromhex("372500")
    simulated.set_fault(PrinterFault.OK)
    assert simulated.wait_paper(0, 10)
    assert simulated.papers[0].read_text("utf-8") == "after\n"


def test_a_picture_longer_than_the_buffer(tmp_path: Path) -> None:
    with printer(tmp_path, buffer_bytes=512) as (simulated, host):
        data = b"\x1dv0\x00" + (72).to_bytes(2, "little") + (100).to_bytes(2, "little") + bytes(7200) + CUT
        at = 0
        while at < len(data):
            assert select.select([], [host.descriptor], [], 5)[1]
            at += host.send(data[at:])
        assert simulated.wait_paper(0, 10)
        assert simulated.papers[0].read_text("utf-8") == "[picture 576 x 100]\n"


def test_a_bare_paper_is_no_paper(pair: tuple[SimulatedPrinter, Host]) -> None:
    simulated, host = pair
    host.send(b"\x1bJ\x50" + CUT + b"x\n" + CUT)
    assert simulated.wait_paper(0, 10)
    assert simulated.count == 1
