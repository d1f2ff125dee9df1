"""The encrypting pad and its simulator: digits go in by the keys, and only stars and sealed bytes come out."""

from __future__ import annotations

import json
import socket
import threading
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from back_office import pki
from devices.encrypting_pad import SocketPad, pad_at
from devices.simulators.encrypting_pad import SimulatedEncryptingPad
from devices.simulators.pin_pad import PinPad
from kiosk.domain.number_pin import PadEnded, PadEnding, PadOutcome, SealedPin
from kiosk.system import FileClock, SystemIds
from kiosk.wire.encrypted_pin import open_pins

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BOUND = "b" * 64
ONE, CHOOSING = ("pin",), ("pin", "new", "repeat")


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("epp")
    clock = FileClock(made / "clock")
    pki.create_pki(made, clock, SystemIds(clock))
    return made


@pytest.fixture
def keys() -> PinPad:
    return PinPad()


@pytest.fixture
def pad(state: Path, keys: PinPad, tmp_path: Path) -> Iterator[SocketPad]:
    simulated = SimulatedEncryptingPad(tmp_path / "epp.sock", keys, state / "pki" / "root.pem", FileClock(state / "clock"))
    yield SocketPad(tmp_path / "epp.sock")
    simulated.close()


def certificate(state: Path) -> str:
    found = pki.pin_certificate(state)
    assert found is not None
    return found.public_bytes(Encoding.PEM).decode()


class Entry:
    """One entry, under way."""

    def __init__(self, pad: SocketPad, certificate: str, prompts: tuple[str, ...] = ONE, seconds: int = 20) -> None:
        self.digits: list[int] = []
        self._outcome: list[PadOutcome] = []
        self._thread = threading.Thread(
            target=lambda: self._outcome.append(pad.read_encrypted(certificate, BOUND, prompts, seconds, self.digits.append)),
        )
        self._thread.start()

    def outcome(self) -> PadOutcome:
        self._thread.join(10)
        return self._outcome[0]


def test_the_pin_leaves_the_pad_sealed_and_counted(state: Path, keys: PinPad, pad: SocketPad) -> None:
    entry = Entry(pad, certificate(state))
    assert keys.wait_entering(5)
    keys.press(*"4801", "back", *"193", "enter")
    outcome = entry.outcome()
    assert isinstance(outcome, SealedPin)
    assert open_pins(outcome.sealed.encode(), BOUND, pki.pin_keys(state)) == ("480193",)
    assert entry.digits == [1, 2, 3, 4, 3, 4, 5, 6]
    assert "480193" not in outcome.sealed


def test_a_letter_s_and_the_one_chosen_instead(state: Path, keys: PinPad, pad: SocketPad) -> None:
    entry = Entry(pad, certificate(state), CHOOSING)
    assert keys.wait_entering(5)
    keys.press(*"326266", "enter", *"480193", "enter", *"480193", "enter")
    outcome = entry.outcome()
    assert isinstance(outcome, SealedPin)
    assert open_pins(outcome.sealed.encode(), BOUND, pki.pin_keys(state)) == ("326266", "480193")


@pytest.mark.parametrize(
    ("prompts", "pressed", "why"),
    [
        (ONE, ["cancel"], PadEnding.CANCELLED),
        (ONE, ["1", "2", "enter"], PadEnding.LENGTH),
        (CHOOSING, [*"326266", "enter", *"480193", "enter", *"480194", "enter"], PadEnding.DIFFER),
    ],
)
def test_an_entry_that_ends_without_a_pin(  # noqa: PLR0917
    state: Path, keys: PinPad, pad: SocketPad, prompts: tuple[str, ...], pressed: list[str], why: PadEnding
) -> None:
    entry = Entry(pad, certificate(state), prompts)
    assert keys.wait_entering(5)
    keys.press(*pressed)
    assert entry.outcome() == PadEnded(why)


def test_nobody_types(state: Path, pad: SocketPad) -> None:
    assert Entry(pad, certificate(state), seconds=1).outcome() == PadEnded(PadEnding.TIMED_OUT)


def test_the_host_ends_it_and_the_keys_are_idle_again(state: Path, keys: PinPad, pad: SocketPad) -> None:
    entry = Entry(pad, certificate(state))
    assert keys.wait_entering(5)
    keys.press("4")
    pad.cancel()
    assert isinstance(entry.outcome(), PadEnded)
    assert keys.wait_entering(5, entering=False)


def test_it_seals_to_nobody_else_whatever_the_host_says(keys: PinPad, pad: SocketPad, tmp_path: Path) -> None:
    clock = FileClock(tmp_path / "clock")
    pki.create_pki(tmp_path, clock, SystemIds(clock))
    entry = Entry(pad, certificate(tmp_path))
    assert keys.wait_entering(5)
    keys.press(*"480193", "enter")
    assert entry.outcome() == PadEnded(PadEnding.FAULT)


@pytest.mark.parametrize(
    "other", [{"prompts": ["plain"]}, {"prompts": ["new"]}, {"minimum": 0}, {"maximum": 99}, {"seconds": "x"}, {"bound": None, "certificate": "é"}]
)
def test_a_request_that_is_none_is_refused_before_a_key_is_read(
    state: Path, keys: PinPad, pad: SocketPad, tmp_path: Path, other: dict[str, Any]
) -> None:
    request = {"certificate": certificate(state), "bound": BOUND, "prompts": ["pin"], "minimum": 6, "maximum": 8, "seconds": 5}
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(5)
        line.connect(str(tmp_path / "epp.sock"))
        line.sendall(json.dumps(request | other).encode() + b"\n")
        assert json.loads(line.makefile("rb").readline()) == {"fault": "that is no request"}
    assert not keys.display.entering


def test_a_terminal_without_one_has_none(tmp_path: Path) -> None:
    assert pad_at("", tmp_path) is None
    assert isinstance(pad_at("workbench", tmp_path), SocketPad)
    gone = pad_at(str(tmp_path / "gone.sock"), tmp_path)
    assert gone is not None
    assert gone.read_encrypted("", BOUND, ONE, 1, lambda _digits: None) == PadEnded(PadEnding.FAULT)
    gone.cancel()


def test_the_socket_is_the_owner_s_alone(pad: SocketPad, tmp_path: Path) -> None:
    assert (tmp_path / "epp.sock").stat().st_mode & 0o077 == 0
