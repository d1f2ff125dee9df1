"""The reader driver called as pcscd calls it (IFD handler API 3.0): wrong arguments, wrong peers, nothing left open."""

from __future__ import annotations

import ctypes
import os
import socket
import tempfile
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from devices.simulators.pcscd import build_driver
from devices.simulators.reader import SimulatedReader
from devices.simulators.slot import Feature, SimulatedSlot
from tests.card_bench import CardPlan, issue, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

SUCCESS, ERROR_TAG, POWER_ACTION, COMMUNICATION, TIMEOUT, NOT_SUPPORTED = 0, 600, 608, 612, 613, 614
PRESENT, NOT_PRESENT, NO_SUCH_DEVICE, INSUFFICIENT_BUFFER = 615, 616, 617, 618
ERROR_NOT_SUPPORTED = 606
POWER_UP, POWER_DOWN, RESET = 500, 501, 502
GET_FEATURES = 0x42000000 + 3400
FEATURE_BASE = 0x42000000 + 0x330000
WAIT_TAG, STOP_TAG, SLOTS_TAG = 0x0FB3, 0x0FB2, 0x0FAE
SELECT = bytes.fromhex("00A4040005A00000030800")

DWORD = ctypes.c_ulong


class Driver:
    """The driver's functions with Python's types."""

    def __init__(self) -> None:
        self.library = ctypes.CDLL(os.environ.get("GUICHET_DRIVER_UNDER_TEST") or str(build_driver()))

    def call(self, name: str, *arguments: object) -> int:
        function = getattr(self.library, name)
        function.restype = ctypes.c_long
        return int(function(*arguments))

    def transmit(self, lun: int, command: bytes, capacity: int = 258) -> tuple[int, bytes]:
        class Header(ctypes.Structure):
            _fields_ = (("Protocol", DWORD), ("Length", DWORD))

        out, size = ctypes.create_string_buffer(max(capacity, 1)), DWORD(capacity)
        received = Header()
        code = self.call(
            "IFDHTransmitToICC",
            DWORD(lun),
            Header(2, 16),
            command,
            DWORD(len(command)),
            out,
            ctypes.byref(size),
            ctypes.byref(received),
        )
        return code, out.raw[: size.value]

    def control(self, lun: int, code: int, data: bytes, capacity: int = 258) -> tuple[int, bytes]:
        out, size = ctypes.create_string_buffer(max(capacity, 1)), DWORD()
        result = self.call(
            "IFDHControl", DWORD(lun), DWORD(code), data, DWORD(len(data)), out, DWORD(capacity), ctypes.byref(size)
        )
        return result, out.raw[: size.value]

    def power(self, lun: int, action: int) -> tuple[int, bytes]:
        atr, size = ctypes.create_string_buffer(33), DWORD(33)
        code = self.call("IFDHPowerICC", DWORD(lun), DWORD(action), atr, ctypes.byref(size))
        return code, atr.raw[: size.value]

    def capability(self, lun: int, tag: int, size: int = 8) -> tuple[int, bytes]:
        value, length = ctypes.create_string_buffer(8), DWORD(size)
        code = self.call("IFDHGetCapabilities", DWORD(lun), DWORD(tag), ctypes.byref(length), value)
        return code, value.raw[: length.value]


@pytest.fixture(scope="module")
def driver() -> Driver:
    return Driver()


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="ifd-") as name:
        yield Path(name)


@contextmanager
def channel(driver: Driver, lun: int, path: Path) -> Iterator[int]:
    assert driver.call("IFDHCreateChannelByName", DWORD(lun), str(path).encode()) == SUCCESS
    try:
        yield lun
    finally:
        assert driver.call("IFDHCloseChannel", DWORD(lun)) == SUCCESS


@contextmanager
def served(path: Path) -> Iterator[SimulatedSlot]:
    slot = SimulatedSlot("visitor")
    with SimulatedReader(path, slot):
        yield slot


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_a_card_from_power_up_to_removal(driver: Driver, folder: Path) -> None:
    with served(folder / "s") as slot, channel(driver, 0x10000, folder / "s") as lun:
        assert driver.call("IFDHICCPresence", DWORD(lun)) == NOT_PRESENT
        assert driver.power(lun, POWER_UP) == (POWER_ACTION, b"")
        slot.insert(issue(CardPlan()))
        assert driver.call("IFDHICCPresence", DWORD(lun)) == PRESENT
        code, atr = driver.power(lun, POWER_UP)
        assert (code, atr[0]) == (SUCCESS, 0x3B)
        code, answer = driver.transmit(lun, SELECT)
        assert (code, answer[-2:]) == (SUCCESS, b"\x90\x00")
        assert driver.power(lun, RESET) == (SUCCESS, atr)
        assert driver.power(lun, POWER_DOWN)[0] == SUCCESS
        assert driver.transmit(lun, SELECT) == (NOT_PRESENT, b"")
        driver.power(lun, POWER_UP)
        slot.remove()
        assert driver.transmit(lun, SELECT) == (NOT_PRESENT, b"")
        assert driver.call("IFDHICCPresence", DWORD(lun)) == NOT_PRESENT


def test_a_mute_card(driver: Driver, folder: Path) -> None:
    with served(folder / "s") as slot, channel(driver, 0, folder / "s") as lun:
        slot.insert(issue(CardPlan(changes={"fault": "mute"})))

        assert driver.call("IFDHICCPresence", DWORD(lun)) == PRESENT
        assert driver.power(lun, POWER_UP) == (POWER_ACTION, b"")
        assert driver.transmit(lun, SELECT) == (TIMEOUT, b"")


def test_features_and_their_codes(driver: Driver, folder: Path) -> None:
    with served(folder / "s") as slot, channel(driver, 0, folder / "s") as lun:
        code, listed = driver.control(lun, GET_FEATURES, b"")
        assert code == SUCCESS
        assert len(listed) == 6 * len(slot.features)
        for at, feature in enumerate(slot.features):
            entry = listed[6 * at : 6 * at + 6]
            assert (entry[0], entry[1], int.from_bytes(entry[2:], "big")) == (feature, 4, FEATURE_BASE + feature)
        assert driver.control(lun, GET_FEATURES, b"", 11) == (INSUFFICIENT_BUFFER, b"")
        assert driver.control(lun, FEATURE_BASE + Feature.IFD_PIN_PROPERTIES, b"") == (SUCCESS, b"\x10\x02\x07\x00")
        for unknown in (FEATURE_BASE, FEATURE_BASE + 0x20, FEATURE_BASE + 0x100, 0, 0xFFFFFFFF):
            assert driver.control(lun, unknown, b"") == (ERROR_NOT_SUPPORTED, b"")


def test_answers_longer_than_asked_for_are_not_copied(driver: Driver, folder: Path) -> None:
    with served(folder / "s") as slot, channel(driver, 0, folder / "s") as lun:
        slot.insert(issue(CardPlan()))
        driver.power(lun, POWER_UP)

        assert driver.transmit(lun, SELECT, 10) == (TIMEOUT, b"")
        assert driver.control(lun, FEATURE_BASE + Feature.GET_TLV_PROPERTIES, b"", 4)[0] == ERROR_NOT_SUPPORTED
        assert driver.transmit(lun, SELECT)[0] == SUCCESS  # the frames are still in step


def test_unknown_reader_and_missing_arguments(driver: Driver, folder: Path) -> None:
    nobody, length = DWORD(77), DWORD(258)
    buffer = ctypes.create_string_buffer(258)
    assert driver.transmit(77, SELECT) == (NO_SUCH_DEVICE, b"")
    assert driver.control(77, GET_FEATURES, b"") == (NO_SUCH_DEVICE, b"")
    assert driver.power(77, POWER_UP)[0] == NO_SUCH_DEVICE
    assert driver.call("IFDHICCPresence", nobody) == NO_SUCH_DEVICE
    assert driver.call("IFDHCloseChannel", nobody) == NO_SUCH_DEVICE
    assert driver.call("IFDHCreateChannel", nobody, DWORD(0)) == NOT_SUPPORTED
    assert driver.call("IFDHCreateChannelByName", nobody, None) == COMMUNICATION
    assert driver.call("IFDHCreateChannelByName", nobody, b"/" * 108) == COMMUNICATION
    with served(folder / "s"), channel(driver, 0, folder / "s") as lun:
        assert driver.call("IFDHCreateChannelByName", DWORD(lun), b"/x") == COMMUNICATION  # taken
        assert driver.call("IFDHPowerICC", DWORD(lun), DWORD(POWER_UP), None, ctypes.byref(length)) == COMMUNICATION
        assert driver.call("IFDHPowerICC", DWORD(lun), DWORD(POWER_UP), buffer, None) == COMMUNICATION
        assert driver.call("IFDHGetCapabilities", DWORD(lun), DWORD(SLOTS_TAG), None, buffer) == COMMUNICATION
        assert driver.call("IFDHControl", DWORD(lun), DWORD(GET_FEATURES), None, DWORD(3), buffer, length, None) == (
            COMMUNICATION
        )
        assert driver.power(lun, 499)[0] == NOT_SUPPORTED
        assert driver.transmit(lun, b"")[0] == COMMUNICATION


def test_capabilities(driver: Driver, folder: Path) -> None:
    with channel(driver, 0, folder / "s") as lun:
        assert driver.capability(lun, SLOTS_TAG) == (SUCCESS, b"\x01")
        assert driver.capability(lun, 0x9999) == (ERROR_TAG, b"")
        assert driver.capability(lun, WAIT_TAG)[0] == SUCCESS
        assert driver.capability(lun, WAIT_TAG, 4)[0] == INSUFFICIENT_BUFFER


def test_as_many_readers_as_there_is_room_for(driver: Driver, folder: Path) -> None:
    before = open_files()
    for lun in range(16):
        assert driver.call("IFDHCreateChannelByName", DWORD(lun), str(folder / "s").encode()) == SUCCESS
    assert driver.call("IFDHCreateChannelByName", DWORD(16), str(folder / "s").encode()) == COMMUNICATION
    for lun in range(16):
        assert driver.call("IFDHCloseChannel", DWORD(lun)) == SUCCESS

    assert open_files() == before


def hooks(driver: Driver, lun: int) -> tuple[object, object]:
    wait = int.from_bytes(driver.capability(lun, WAIT_TAG)[1], "little")
    stop = int.from_bytes(driver.capability(lun, STOP_TAG)[1], "little")
    return (
        ctypes.CFUNCTYPE(ctypes.c_long, DWORD, ctypes.c_int)(wait),
        ctypes.CFUNCTYPE(ctypes.c_long, DWORD)(stop),
    )


def test_the_event_thread_wakes_for_changes_and_when_asked(driver: Driver, folder: Path) -> None:
    with served(folder / "s") as slot, channel(driver, 0, folder / "s") as lun:
        wait, stop = hooks(driver, lun)
        assert callable(wait)
        assert callable(stop)
        assert wait(lun, 20_000) == SUCCESS  # the first call dials, and lets pcscd ask at once
        woken: list[str] = []

        def run() -> None:
            woken.append(f"{wait(lun, 20_000)}")

        for cause in (lambda: slot.insert(issue(CardPlan())), slot.remove, lambda: stop(lun)):
            thread = threading.Thread(target=run)
            thread.start()
            cause()
            thread.join(10)
            assert not thread.is_alive()
        assert woken == ["0", "0", "0"]
        assert wait(lun, 0) == SUCCESS  # one wake, one return: the next wait waits again
        assert wait(78, 0) == NO_SUCH_DEVICE


def test_nobody_listens_and_somebody_comes(driver: Driver, folder: Path) -> None:
    with channel(driver, 0, folder / "s") as lun:
        wait, _ = hooks(driver, lun)
        assert callable(wait)
        assert wait(lun, 0) == NO_SUCH_DEVICE
        assert driver.call("IFDHICCPresence", DWORD(lun)) == NOT_PRESENT
        assert driver.transmit(lun, SELECT) == (NOT_PRESENT, b"")
        with served(folder / "s") as slot:
            slot.insert(issue(CardPlan()))
            assert driver.call("IFDHICCPresence", DWORD(lun)) == PRESENT
        assert driver.call("IFDHICCPresence", DWORD(lun)) == NOT_PRESENT
        with served(folder / "s") as slot:
            slot.insert(issue(CardPlan()))
            assert driver.call("IFDHICCPresence", DWORD(lun)) == PRESENT


@pytest.mark.parametrize(
    "answers",
    [b"", b"+", b"+\x00", b"+\x00\x00\x05abc", b"+\x07\x00\x00", b"+\x00\x01\x00" + bytes(256), b"-" * 600],
    ids=["hangs up", "silent", "half a head", "half an answer", "odd status", "too long", "noise"],
)
def test_a_peer_that_talks_nonsense(driver: Driver, folder: Path, answers: bytes) -> None:
    before = open_files()
    with socket.socket(socket.AF_UNIX) as listener, channel(driver, 0, folder / "s") as lun:
        listener.bind(str(folder / "s"))
        listener.listen(8)

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(4)
                    connection.sendall(answers)

        thread = threading.Thread(target=serve)
        thread.start()
        assert driver.call("IFDHICCPresence", DWORD(lun)) in (PRESENT, NOT_PRESENT)
        assert driver.transmit(lun, SELECT)[0] in (NOT_PRESENT, TIMEOUT, SUCCESS)
        assert driver.power(lun, POWER_UP)[0] in (POWER_ACTION, SUCCESS)
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(10)
        assert not thread.is_alive()
    wait_until(lambda: open_files() <= before, what="every descriptor closed")


def test_nothing_stays_open(driver: Driver, folder: Path) -> None:
    with served(folder / "s") as slot:
        slot.insert(issue(CardPlan()))
        before = open_files()
        for _ in range(20):
            with channel(driver, 0, folder / "s") as lun:
                wait, _stop = hooks(driver, lun)
                assert callable(wait)
                wait(lun, 0)
                driver.power(lun, POWER_UP)
                driver.transmit(lun, SELECT)
        wait_until(lambda: open_files() <= before, what="every descriptor closed")
