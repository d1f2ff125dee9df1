"""pcscd dies and comes back, the reader goes and returns, a visit is killed: the next visit finds everything in order."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from devices.card_session import CardSession
from devices.pcsc_reader import PcscTransport, Share, list_readers
from devices.simulators.reader import SimulatedReader
from devices.simulators.slot import BLOCKING_PAD, REPORTING_PAD
from devices.transport import Connected, FaultKind, TransportFault
from kiosk.domain.card import CardFault, Genuine, PadFailed, PinAccepted, PinNeeded, Pulled
from kiosk.wire.trust import Revocations
from tests.card_bench import (
    AT,
    PIN,
    CardBench,
    CardPlan,
    authority,
    card_in,
    issue,
    shared_bench,
    type_when_asked,
    wait_until,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from devices.simulators.slot import Feature


@dataclass
class Watched:
    """A transport under watch, and what its watcher said, with the time."""

    transport: PcscTransport
    events: list[str] = field(default_factory=list)
    times: list[float] = field(default_factory=list)

    def note(self, event: str) -> None:
        self.times.append(time.monotonic())
        self.events.append(event)

    def await_event(self, *expected: str) -> None:
        wait_until(lambda: self.events[-len(expected) :] == list(expected), what=f"{expected}, after {self.events}")


@pytest.fixture
def bench() -> CardBench:
    return shared_bench()


@pytest.fixture
def watched(bench: CardBench) -> Iterator[Watched]:
    one = Watched(PcscTransport("Guichet Visitor"))
    one.transport.watch(
        lambda: one.note("in"), lambda: one.note("out"), lambda: one.note("lost"), lambda: one.note("found")
    )
    yield one
    one.transport.close()
    assert not [thread for thread in (one.transport._watcher,) if thread and thread.is_alive()]


def session_of(transport: PcscTransport) -> CardSession:
    return CardSession(transport, bytes)


def examine(session: CardSession) -> object:
    return session.examine(authority().pem, Revocations(frozenset(), AT), AT)


def test_insertion_and_removal_are_seen(bench: CardBench, watched: Watched) -> None:
    for _ in range(3):
        bench.insert(issue(CardPlan()))
        watched.await_event("in")
        bench.visitor.remove()
        watched.await_event("in", "out")
    assert watched.events == ["in", "out"] * 3


def test_a_card_swapped_in_no_time_is_another_card(bench: CardBench, watched: Watched) -> None:
    bench.insert(issue(CardPlan()))
    watched.await_event("in")
    session = session_of(watched.transport)
    assert isinstance(examine(session), Genuine)

    bench.visitor.insert(issue(CardPlan(name="josef", number="1000000025")))

    watched.await_event("in", "out", "in")
    assert session.sign("9A", b"question") == Pulled()
    identity = examine(session)
    assert isinstance(identity, Genuine)
    assert identity.identity.number == "1000000025"


def test_a_card_that_is_there_already_is_seen(bench: CardBench) -> None:
    bench.insert(issue(CardPlan()))
    late = Watched(PcscTransport("Guichet Visitor"))
    late.transport.watch(lambda: late.note("in"), lambda: late.note("out"))
    late.await_event("in")
    late.transport.close()

    assert late.events == ["in"]


def test_only_the_own_slot_is_watched(bench: CardBench, watched: Watched) -> None:
    bench.insert(issue(CardPlan(name="clerk")), bench.staff)
    bench.insert(issue(CardPlan()))
    watched.await_event("in")
    bench.staff.remove()
    bench.visitor.remove()
    watched.await_event("in", "out")

    assert watched.events == ["in", "out"]


def test_a_mute_card_is_in_the_slot_all_the_same(bench: CardBench, watched: Watched) -> None:
    bench.insert(issue(CardPlan(changes={"fault": "mute"})))
    watched.await_event("in")
    bench.visitor.remove()
    watched.await_event("in", "out")


def test_pcscd_killed_and_started_again(bench: CardBench, watched: Watched) -> None:
    bench.insert(issue(CardPlan()))
    watched.await_event("in")
    session = session_of(watched.transport)
    assert isinstance(examine(session), Genuine)

    bench.pcscd.kill()

    watched.await_event("out", "lost")
    assert isinstance(session.sign("9A", b"question"), CardFault)
    assert isinstance(session.verify_pin(5), PadFailed)
    assert session.read_holder() is None
    assert examine(session) == Pulled()
    readers = list_readers()
    assert isinstance(readers, TransportFault)
    assert readers.kind is FaultKind.SERVICE_GONE

    bench.pcscd.start()

    watched.await_event("found", "in")
    assert isinstance(examine(session), Genuine)
    type_when_asked(bench.visitor, *PIN, "enter")
    assert session.verify_pin(30) == PinAccepted()
    bench.visitor.remove()
    watched.await_event("in", "out")


def test_pcscd_stopped_in_order_is_no_different(bench: CardBench, watched: Watched) -> None:
    bench.pcscd.stop()
    watched.await_event("lost")
    bench.visitor.insert(issue(CardPlan()))
    bench.pcscd.start()
    watched.await_event("found", "in")


@pytest.mark.parametrize("features", [BLOCKING_PAD, REPORTING_PAD], ids=["blocking", "reporting"])
def test_pcscd_killed_while_the_pin_is_typed(features: tuple[Feature, ...]) -> None:
    bench = shared_bench(features)
    bench.insert(issue(CardPlan()))
    session = session_of(PcscTransport("Guichet Visitor"))
    assert isinstance(examine(session), Genuine)
    keys_down = type_when_asked(bench.visitor, "1", "2")
    bench.visitor.pad.listen(lambda display: bench.pcscd.kill() if display.digits == 2 else None)

    outcome = session.verify_pin(60)

    keys_down.join(20)
    bench.visitor.pad._listeners.clear()
    assert isinstance(outcome, PadFailed)
    bench.pcscd.start()
    assert isinstance(examine(session), Genuine)
    assert not bench.visitor.pad.display.entering
    session.finish()


def test_the_reader_goes_and_comes_back(bench: CardBench, watched: Watched) -> None:
    """The simulator hangs up: an empty slot to pcscd, whose driver dials again by itself."""
    bench.insert(issue(CardPlan()))
    watched.await_event("in")
    path = bench.readers[0].socket_path

    bench.readers[0].close()
    watched.await_event("in", "out")
    bench.readers = (SimulatedReader(path, bench.visitor), bench.readers[1])

    watched.await_event("in", "out", "in")
    assert isinstance(examine(session_of(watched.transport)), Genuine)


def test_an_unknown_reader_is_lost_and_not_waited_for(bench: CardBench) -> None:
    nobody = Watched(PcscTransport("Reader of nobody"))
    nobody.transport.watch(lambda: None, lambda: None, lambda: nobody.note("lost"), lambda: nobody.note("found"))
    nobody.await_event("lost")
    connected = nobody.transport.connect()
    nobody.transport.close()

    assert isinstance(connected, TransportFault)
    assert connected.kind is FaultKind.READER_GONE


def test_calls_without_a_connection_are_faults(bench: CardBench) -> None:
    transport = PcscTransport("Guichet Visitor")
    outcomes = [transport.transmit(b"\x00\xa4\x04\x00"), transport.control(0x42000D48, b""), transport.reset()]
    transport.disconnect()
    transport.close()

    assert [getattr(one, "kind", None) for one in outcomes] == [FaultKind.NOT_CONNECTED] * 3


def test_finish_resets_the_card_for_the_next_program(bench: CardBench) -> None:
    bench.insert(issue(CardPlan()))
    first = session_of(PcscTransport("Guichet Visitor"))
    examine(first)
    type_when_asked(bench.visitor, *PIN, "enter")
    assert first.verify_pin(30) == PinAccepted()
    first.finish()

    second = session_of(PcscTransport("Guichet Visitor"))
    assert isinstance(examine(second), Genuine)
    assert second.sign("9A", b"question") == PinNeeded()
    second.finish()


KILLED_VISIT = """
import os, signal, sys
from devices.pcsc_reader import PcscTransport
from devices.pin_pad import HandedPin
from devices.profiles.piv import PIN_POLICY, PivCard
transport = PcscTransport("Guichet Visitor")
transport.connect()
PivCard(transport).select()
print(HandedPin(transport, "123456").verify(PIN_POLICY, 1, lambda digits: None), flush=True)
signal.pause()
"""


def test_a_visit_killed_with_the_pin_shown_leaves_no_pin(bench: CardBench) -> None:
    """SIGKILL in the middle of a visit: pcscd resets the card of a client that died."""
    bench.insert(issue(CardPlan()))
    environment = bench.pcscd.environment() | {"PYTHONPATH": ":".join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", KILLED_VISIT], env=environment, stdout=subprocess.PIPE, text=True
    ) as visit:
        assert visit.stdout
        assert visit.stdout.readline() == "PinAccepted()\n"
        os.kill(visit.pid, signal.SIGKILL)
        successor = session_of(PcscTransport("Guichet Visitor"))
        outcome = examine(successor)

    assert isinstance(outcome, Genuine)
    assert successor.sign("9A", b"question") == PinNeeded()
    successor.finish()


def test_two_programs_never_share_an_exclusive_card(bench: CardBench) -> None:
    bench.insert(issue(CardPlan()))
    visit, other = PcscTransport("Guichet Visitor"), PcscTransport("Guichet Visitor", Share.SHARED)
    assert isinstance(visit.connect(), Connected)

    refused = other.connect()
    visit.disconnect()

    assert isinstance(refused, TransportFault)
    assert refused.kind is FaultKind.BUSY
    assert isinstance(other.connect(), Connected)
    assert isinstance(other.reset(), Connected)
    assert other.transmit(bytes.fromhex("00A4040005A00000030800"))[-2:] == b"\x90\x00"  # type: ignore[index]
    other.close()
    assert card_in(bench.visitor).commands
