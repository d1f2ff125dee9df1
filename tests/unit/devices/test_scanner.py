from __future__ import annotations

import os
import queue
import time
from typing import TYPE_CHECKING

import pytest

from devices import scanner as scanner_module
from devices.scanner import LONGEST_CODE, BarcodeScanner
from devices.simulators.scanner import SimulatedScanner

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CODE = "GR1:" + "ABCDEFGHIJ234567" * 26


class Reading:
    """A scanner under test and what it has read."""

    def __init__(self, device: Path) -> None:
        self.texts: queue.Queue[str] = queue.Queue()
        self.scanner = BarcodeScanner(str(device), self.texts.put)

    def next(self) -> str:
        return self.texts.get(timeout=10)


@pytest.fixture
def device(tmp_path: Path) -> Iterator[SimulatedScanner]:
    made = SimulatedScanner(tmp_path / "scanner")
    yield made
    made.close()


@pytest.fixture
def reading(device: SimulatedScanner, tmp_path: Path) -> Iterator[Reading]:
    made = Reading(tmp_path / "scanner")
    made.scanner.start()
    first_seen(device, made)
    yield made
    made.scanner.stop()


def first_seen(device: SimulatedScanner, reading: Reading) -> None:
    """Scan until the thread is there to read it: what came before `start` is dropped on purpose."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        device.scan("are you there")
        try:
            assert reading.texts.get(timeout=0.02) == "are you there"
        except queue.Empty:
            continue
        break
    while True:  # those that were still on their way
        try:
            reading.texts.get(timeout=0.1)
        except queue.Empty:
            return


def test_each_code_is_one_call(device: SimulatedScanner, reading: Reading) -> None:
    device.scan(CODE)
    device.scan("0007-1000-0AB0")
    assert [reading.next(), reading.next()] == [CODE, "0007-1000-0AB0"]


def test_lines_of_any_ending_and_in_pieces(device: SimulatedScanner, reading: Reading) -> None:
    for piece in (b"on", b"e\r", b"two\n\r\nthree\r\n"):
        os.write(device._master, piece)
    assert [reading.next() for _ in range(3)] == ["one", "two", "three"]


@pytest.mark.parametrize(
    "hostile",
    [b"x" * (LONGEST_CODE + 1), b"x" * 20_000, b"\x1b[2J", b"a\x00b", b"\xff\xfe", "a\u202eb".encode(), b"   ", b""],
)
def test_what_no_code_of_ours_can_be_is_dropped(device: SimulatedScanner, reading: Reading, hostile: bytes) -> None:
    written = 0
    while written < len(hostile):
        try:
            written += os.write(device._master, hostile[written : written + 2000])
        except BlockingIOError:
            continue
    os.write(device._master, b"\r\nafter\r\n")
    assert reading.next() == "after"


def test_the_longest_code_is_read(device: SimulatedScanner, reading: Reading) -> None:
    device.scan("y" * LONGEST_CODE)
    assert reading.next() == "y" * LONGEST_CODE


def test_what_was_scanned_before_belongs_to_nobody(device: SimulatedScanner, tmp_path: Path) -> None:
    device.scan("of the person before")
    reading = Reading(tmp_path / "scanner")
    reading.scanner.start()
    first_seen(device, reading)
    reading.scanner.stop()
    assert reading.texts.empty()


def test_a_device_that_goes_away_is_found_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanner_module, "RETRY_SECONDS", 0.02)
    reading = Reading(tmp_path / "scanner")
    reading.scanner.start()  # before there is one
    for _ in range(2):
        device = SimulatedScanner(tmp_path / "scanner")
        first_seen(device, reading)
        device.scan("here")
        assert reading.next() == "here"
        device.close()
    reading.scanner.stop()
    assert not reading.scanner._thread.is_alive()


def test_a_scanner_that_never_began_can_be_stopped(tmp_path: Path) -> None:
    scanner = BarcodeScanner(str(tmp_path / "none"), lambda _text: None)
    scanner.stop()
    scanner.stop()


def test_a_line_that_nobody_reads_is_full_at_last(device: SimulatedScanner) -> None:
    assert any(not device.scan("z" * 2000) for _ in range(200))
