"""One suite for the transport port, run against both implementations: in process, and the real pcscd with its driver."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from devices.pcsc_reader import PcscTransport, Share
from devices.pin_pad import Feature, read_features, verify_structure
from devices.profiles.piv import PIN_POLICY
from devices.simulators.in_process import InProcessTransport
from devices.transport import CardProtocol, Connected, FaultKind, TransportFault
from kiosk.domain.card import Pulled
from tests.card_bench import CardPlan, card_in, issue, shared_bench, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from devices.simulators.slot import SimulatedSlot
    from devices.transport import Transport

SELECT = bytes.fromhex("00A4040005A00000030800")
STATUS = bytes.fromhex("00200080")
VERIFY = bytes.fromhex("0020008008") + b"123456\xff\xff"


@dataclass
class Port:
    """A transport on a slot, and what its watcher said."""

    transport: Transport
    slot: SimulatedSlot
    events: list[str] = field(default_factory=list)

    def watch(self) -> None:
        self.transport.watch(lambda: self.events.append("in"), lambda: self.events.append("out"))

    def insert(self, plan: CardPlan | None = None) -> None:
        """Put a card in and wait until it can be connected to (or is known to be mute)."""
        self.slot.insert(issue(plan or CardPlan()))
        wait_until(lambda: not isinstance(self.transport.connect(), Pulled), what="the card can be connected to")


@pytest.fixture(params=["in process", "pcscd exclusive", "pcscd shared"])
def port(request: pytest.FixtureRequest) -> Iterator[Port]:
    bench = shared_bench()
    transport: Transport
    match request.param:
        case "in process":
            transport = InProcessTransport(bench.visitor)
        case "pcscd exclusive":
            transport = PcscTransport("Guichet Visitor")
        case _:
            transport = PcscTransport("Guichet Visitor", Share.SHARED)
    yield Port(transport, bench.visitor)
    transport.close()


def test_an_empty_slot(port: Port) -> None:
    assert port.transport.connect() == Pulled()


def test_a_connection(port: Port) -> None:
    port.insert()

    connected = port.transport.connect()

    assert isinstance(connected, Connected)
    assert connected.atr[0] == 0x3B
    assert connected.protocol is port.transport.protocol is CardProtocol.T1
    assert port.transport.reader.startswith("Guichet Visitor")


def test_commands_and_answers(port: Port) -> None:
    port.insert()

    answer = port.transport.transmit(SELECT)

    assert isinstance(answer, bytes)
    assert answer[-2:] == b"\x90\x00"
    assert port.transport.transmit(STATUS) == b"\x63\xc3"
    assert port.transport.transmit(b"\x00") == b"\x67\x00"


def test_reset_forgets_what_the_card_knew(port: Port) -> None:
    port.insert()
    port.transport.transmit(SELECT)
    port.transport.transmit(VERIFY)
    assert port.transport.transmit(STATUS) == b"\x90\x00"

    assert isinstance(port.transport.reset(), Connected)

    assert port.transport.transmit(STATUS) == b"\x69\x85"


def test_disconnecting_forgets_too_and_ends_the_connection(port: Port) -> None:
    port.insert()
    port.transport.transmit(SELECT)
    port.transport.transmit(VERIFY)
    port.transport.disconnect()
    port.transport.disconnect()

    gone = port.transport.transmit(STATUS)

    assert isinstance(gone, TransportFault)
    assert gone.kind is FaultKind.NOT_CONNECTED
    port.transport.connect()
    port.transport.transmit(SELECT)
    assert port.transport.transmit(STATUS) == b"\x63\xc3"


def test_a_card_that_leaves(port: Port) -> None:
    port.insert()
    features = read_features(port.transport)
    assert isinstance(features, dict)
    port.slot.remove()

    assert port.transport.transmit(SELECT) == Pulled()
    assert port.transport.reset() == Pulled()
    assert port.transport.control(features[Feature.VERIFY_PIN_DIRECT], verify_structure(PIN_POLICY, 30)) == Pulled()


def test_a_card_put_back_is_not_the_one_connected(port: Port) -> None:
    port.insert()
    card = card_in(port.slot)
    bench = shared_bench()  # empties the slot, and waits until pcscd has seen it
    bench.insert(card)

    assert port.transport.transmit(SELECT) == Pulled()


def test_a_mute_card(port: Port) -> None:
    port.insert(CardPlan(changes={"fault": "mute"}))

    outcome = port.transport.connect()

    assert isinstance(outcome, TransportFault)
    assert outcome.kind is FaultKind.MUTE


def test_features(port: Port) -> None:
    port.insert()
    features = read_features(port.transport)

    assert isinstance(features, dict)
    assert set(features) == set(port.slot.features)
    assert port.transport.control(features[Feature.VERIFY_PIN_FINISH], b"") == b"\x64\x01"


def test_unknown_control_codes(port: Port) -> None:
    port.insert()

    outcome = port.transport.control(0x42000000 + 0x330000 + 0x20, b"")

    assert isinstance(outcome, TransportFault)
    assert outcome.kind is FaultKind.UNSUPPORTED


def test_a_structure_that_does_not_add_up(port: Port) -> None:
    port.insert()
    features = read_features(port.transport)
    assert isinstance(features, dict)

    for data in (b"", bytes(19), bytes(64)):
        outcome = port.transport.control(features[Feature.VERIFY_PIN_DIRECT], data)
        assert isinstance(outcome, TransportFault)
    assert not port.slot.pad.display.entering


def test_watching(port: Port) -> None:
    port.watch()
    for _ in range(3):
        before = len(port.events)
        port.slot.insert(issue(CardPlan()))
        wait_until(lambda before=before: len(port.events) == before + 1, what="insertion seen")  # type: ignore[misc]
        port.slot.remove()
        wait_until(lambda before=before: len(port.events) == before + 2, what="removal seen")  # type: ignore[misc]

    assert port.events == ["in", "out"] * 3


def test_watching_ends_with_close(port: Port) -> None:
    port.watch()
    port.slot.insert(issue(CardPlan()))
    wait_until(lambda: port.events == ["in"], what="insertion seen")
    port.transport.close()
    port.slot.remove()
    shared_bench()  # waits until pcscd has seen the slot empty

    assert port.events == ["in"]
