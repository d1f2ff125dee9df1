"""The card is pulled in every state of a visit, through the real pcscd: each time a typed outcome, soon, and no half signature."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from devices.card_session import CardSession
from devices.pcsc_reader import PcscTransport
from devices.simulators.card import Moment
from devices.simulators.pin_pad import Display
from devices.simulators.slot import BLOCKING_PAD, REPORTING_PAD
from kiosk.domain.card import Genuine, PinAccepted, PinNeeded, Pulled, Signed
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
    from collections.abc import Callable, Iterator

    from devices.simulators.slot import Feature

SOON_SECONDS = 3.0
BOTH_PADS = pytest.mark.parametrize("features", [BLOCKING_PAD, REPORTING_PAD], ids=["blocking", "reporting"])
RSA = {"9A": "RSA-2048", "9C": "RSA-2048", "9D": "P-256", "9E": "P-256"}
BOTH_CARDS = pytest.mark.parametrize("algorithms", [CardPlan().algorithms, RSA], ids=["P-256", "RSA"])


@pytest.fixture
def bench() -> CardBench:
    return shared_bench()


@pytest.fixture
def session(bench: CardBench) -> Iterator[CardSession]:
    session = CardSession(PcscTransport("Guichet Visitor"), bytes)
    yield session
    session.finish()


def examine(session: CardSession) -> object:
    return session.examine(authority().pem, Revocations(frozenset(), AT), AT)


def show_pin(bench: CardBench, session: CardSession) -> None:
    type_when_asked(bench.visitor, *PIN, "enter")
    assert session.verify_pin(30) == PinAccepted()


def soon(call: Callable[[], object]) -> object:
    """Run a call that must not wait for any time-out."""
    begun = time.monotonic()
    outcome = call()
    assert time.monotonic() - begun < SOON_SECONDS
    return outcome


def test_no_card(session: CardSession) -> None:
    assert soon(lambda: examine(session)) == Pulled()


def test_pulled_during_the_examination_at_every_command(bench: CardBench, session: CardSession) -> None:
    bench.insert(issue(CardPlan()))
    assert isinstance(examine(session), Genuine)
    commands = card_in(bench.visitor).commands
    for nth in range(commands):
        card = issue(CardPlan())

        def pull(command: bytes, response: bytes, card: object = card, nth: int = nth) -> None:
            if card_in(bench.visitor).commands > nth:
                bench.visitor.remove()

        card.trace = pull
        bench.insert(card)
        outcome = soon(lambda: examine(session))
        # pulled while the last answer was on its way: the card has been proved, and the next call finds the empty slot
        assert outcome == Pulled() or (nth == commands - 1 and isinstance(outcome, Genuine))


@BOTH_PADS
@pytest.mark.parametrize("typed", [0, 3, 6])
def test_pulled_while_the_pin_is_typed(features: tuple[Feature, ...], typed: int, session: CardSession) -> None:
    bench = shared_bench(features)
    bench.insert(issue(CardPlan()))
    examine(session)

    def pull() -> None:
        assert bench.visitor.pad.wait_entering(20)
        bench.visitor.pad.press(*PIN[:typed])
        bench.visitor.remove()

    thread = threading.Thread(target=pull)
    thread.start()

    assert soon(lambda: session.verify_pin(60)) == Pulled()
    thread.join(20)
    assert bench.visitor.pad.display == Display()


@BOTH_CARDS
def test_pulled_between_pin_and_signature(bench: CardBench, session: CardSession, algorithms: dict[str, str]) -> None:
    bench.insert(issue(CardPlan(name="karel", algorithms=algorithms)))
    examine(session)
    show_pin(bench, session)
    bench.visitor.remove()

    assert soon(lambda: session.sign("9C", b"act")) == Pulled()


@BOTH_CARDS
def test_pulled_before_the_signature_is_back(
    bench: CardBench, session: CardSession, algorithms: dict[str, str]
) -> None:
    bench.insert(issue(CardPlan(name="karel", algorithms=algorithms)))
    examine(session)
    show_pin(bench, session)
    bench.visitor.arm_pull(Moment.BEFORE_SIGNATURE)

    assert soon(lambda: session.sign("9C", b"act")) == Pulled()
    assert bench.visitor.card is None


@BOTH_CARDS
def test_pulled_right_after_the_signature_the_act_stands(
    bench: CardBench, session: CardSession, algorithms: dict[str, str]
) -> None:
    bench.insert(issue(CardPlan(name="karel", algorithms=algorithms)))
    examine(session)
    show_pin(bench, session)
    bench.visitor.arm_pull(Moment.AFTER_SIGNATURE)

    assert isinstance(session.sign("9C", b"act"), Signed)
    wait_until(lambda: bench.visitor.card is None, what="the card pulls itself")
    assert soon(lambda: session.sign("9A", b"question")) == Pulled()


def test_armed_before_the_card_is_there(bench: CardBench, session: CardSession) -> None:
    bench.visitor.arm_pull(Moment.BEFORE_SIGNATURE)
    bench.insert(issue(CardPlan()))
    examine(session)
    show_pin(bench, session)

    assert session.sign("9C", b"act") == Pulled()


def test_pulled_and_put_back_is_another_card_without_its_pin(bench: CardBench, session: CardSession) -> None:
    card = issue(CardPlan())
    bench.insert(card)
    examine(session)
    show_pin(bench, session)
    bench.remove()
    bench.insert(card)

    assert soon(lambda: session.sign("9C", b"act")) == Pulled()
    assert isinstance(examine(session), Genuine)
    assert session.sign("9A", b"question") == PinNeeded()


def test_every_other_call_on_an_empty_slot(bench: CardBench, session: CardSession) -> None:
    bench.insert(issue(CardPlan()))
    examine(session)
    show_pin(bench, session)
    bench.visitor.remove()

    assert soon(lambda: session.agree(b"\x04" + bytes(64))) == Pulled()
    assert soon(session.read_holder) is None
    assert soon(lambda: session.verify_pin(30)) == Pulled()
    soon(session.finish)


def test_the_other_slot_does_not_matter(bench: CardBench, session: CardSession) -> None:
    bench.insert(issue(CardPlan()))
    bench.insert(issue(CardPlan(name="clerk")), bench.staff)
    examine(session)
    show_pin(bench, session)
    bench.staff.remove()

    assert isinstance(session.sign("9C", b"act"), Signed)
