"""PIN entry from both sides: the structure the host writes, the pad that reads it, and what each outcome becomes."""

from __future__ import annotations

import struct
import threading
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.pin_pad import HandedPin, Part10Pad, outcome_of, read_features, verify_structure
from devices.profiles.piv import PIN_POLICY
from devices.simulators.in_process import InProcessTransport
from devices.simulators.pin_pad import (
    BACK,
    CANCEL,
    CLEAR,
    ENTER,
    ON_ENTER,
    ON_MAX_DIGITS,
    ON_TIMEOUT,
    Display,
    Echo,
    Ended,
    EntryRules,
    PinPad,
    Prompt,
    Typed,
)
from devices.simulators.pin_structures import PinPlace, PinRequest, fill_command, read_modify, read_verify
from devices.simulators.slot import BLOCKING_PAD, NO_PAD, REPORTING_PAD, Feature, SimulatedSlot
from kiosk.domain import card as outcomes
from tests.card_bench import PIN, PUK, CardPlan, card_in, issue, type_when_asked, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

BOTH_PADS = pytest.mark.parametrize("features", [BLOCKING_PAD, REPORTING_PAD], ids=["blocking", "reporting"])
RULES = EntryRules(6, 8)


class Clock:
    """Monotonic time that moves when told."""

    def __init__(self) -> None:
        self.time = 100.0

    def __call__(self) -> float:
        return self.time


# --- the pad alone --------------------------------------------------------------------------------


def test_digits_and_enter() -> None:
    pad = PinPad()
    pad.begin(RULES)
    pad.press(*PIN, ENTER)

    assert pad.wait() == Typed((PIN,))


def test_keys_pressed_while_nobody_asks_are_lost() -> None:
    pad = PinPad()
    pad.press(*"999", ENTER)
    pad.begin(RULES)
    assert pad.display == Display(entering=True, prompt=Prompt.PIN, digits=0)
    pad.press(*PIN, ENTER, *"777")
    assert pad.wait() == Typed((PIN,))

    pad.begin(RULES)

    assert pad.display.digits == 0


@pytest.mark.parametrize(
    ("keys", "outcome"),
    [
        (("1", CANCEL), Ended(0x6401)),
        (("1", "2", ENTER), Ended(0x6403)),
        ((ENTER,), Ended(0x6403)),
        ((*"99", CLEAR, *PIN, ENTER), Typed((PIN,))),
        ((*"1234567", BACK, ENTER), Typed((PIN,))),
        ((BACK, CLEAR, *PIN, ENTER), Typed((PIN,))),
        ((*"123456789", ENTER), Typed(("12345678",))),
    ],
)
def test_keys_of_the_pad(keys: tuple[str, ...], outcome: Typed | Ended) -> None:
    pad = PinPad()
    pad.begin(RULES)
    pad.press(*keys)

    assert pad.wait() == outcome


def test_a_key_that_the_pad_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="'x'"):
        PinPad().press("x")


def test_new_pins_that_differ_and_new_pins_that_agree() -> None:
    pad = PinPad()
    rules = EntryRules(6, 8, prompts=(Prompt.PIN, Prompt.NEW, Prompt.REPEAT))
    pad.begin(rules)
    pad.press(*PIN, ENTER, *"271828", ENTER)
    assert pad.display == Display(entering=True, prompt=Prompt.REPEAT, digits=0)
    pad.press(*"271820", ENTER)
    assert pad.wait() == Ended(0x6402)

    pad.begin(rules)
    pad.press(*PIN, ENTER, *"271828", ENTER, *"271828", ENTER)

    assert pad.wait() == Typed((PIN, "271828", "271828"))


def test_time_limits() -> None:
    clock = Clock()
    pad = PinPad(clock)
    pad.begin(EntryRules(6, 8, timeout_seconds=10))
    pad.press("1")
    clock.time += 9.9
    pad.press("2")
    assert pad.display.digits == 2
    clock.time += 0.1
    pad.press("3")
    assert pad.wait() == Ended(0x6400)

    pad.begin(EntryRules(6, 8, timeout_seconds=10, timeout_after_key_seconds=3))
    pad.press("1")
    clock.time += 3
    assert pad.wait() == Ended(0x6400)


def test_an_entry_may_end_by_length_or_by_time() -> None:
    clock = Clock()
    pad = PinPad(clock)
    pad.begin(EntryRules(4, 6, conditions=ON_MAX_DIGITS))
    pad.press(*PIN)
    assert pad.wait() == Typed((PIN,))

    pad.begin(EntryRules(4, 6, conditions=ON_TIMEOUT | ON_ENTER, timeout_seconds=5))
    pad.press(*"1234")
    clock.time += 5

    assert pad.wait() == Typed(("1234",))


def test_listeners_see_how_many_digits_and_never_which() -> None:
    pad = PinPad()
    seen: list[Display] = []
    pad.listen(seen.append)
    pad.begin(RULES)
    pad.press(*"12", BACK, ENTER)
    pad.wait()

    assert [(one.entering, one.digits) for one in seen] == [(True, 0), (True, 1), (True, 2), (True, 1), (False, 0)]
    assert PIN not in repr(Typed((PIN,)))


def test_echoes_tell_key_presses_only() -> None:
    pad = PinPad()
    pad.begin(RULES)
    pad.press("9", BACK, CLEAR, *PIN, ENTER)

    echoes = [pad.echo(0) for _ in range(11)]

    assert echoes == [Echo.DIGIT, Echo.BACK, Echo.CLEARED, *[Echo.DIGIT] * 6, Echo.DONE, Echo.NONE]
    assert pad.wait() == Typed((PIN,))
    assert pad.echo(0) is Echo.ABORTED


def test_interrupting_ends_a_waiting_entry() -> None:
    pad = PinPad()
    pad.begin(EntryRules(6, 8, timeout_seconds=60))
    result: list[Typed | Ended] = []
    thread = threading.Thread(target=lambda: result.append(pad.wait()))
    thread.start()
    pad.interrupt()
    thread.join(20)

    assert result == [Ended(0x6401)]
    assert not pad.wait_entering(0)


# --- the structures ---------------------------------------------------------------------------------


def test_the_host_writes_what_the_design_says() -> None:
    structure = verify_structure(PIN_POLICY, 30)

    assert structure.hex() == "1e00820800" + "0806" + "02" + "01" + "0904" + "00" + "000000" + "0d000000" + (
        "0020008008" + "ff" * 8
    )


def test_the_pad_reads_what_the_host_writes() -> None:
    request = read_verify(verify_structure(PIN_POLICY, 300))

    assert request is not None
    assert (request.timeout_seconds, request.min_digits, request.max_digits) == (255, 6, 8)
    assert fill_command(request, ("1234567",)) == bytes.fromhex("0020008008") + b"1234567\xff"


@pytest.mark.parametrize(
    ("place", "command", "pin", "filled"),
    [
        (PinPlace(0x82, 0x08, 0), "0020008008ffffffffffffffff", "1234", "002000800831323334ffffffff"),  # PIV
        (PinPlace(0x81, 0x08, 0), "0020008008ffffffffffffffff", "12345", "002000800812345fffffffffff"),  # BCD
        (PinPlace(0x80, 0x04, 0), "002000800400000000", "1234", "002000800401020304"),  # binary
        (PinPlace(0x86, 0x08, 0), "0020008008ffffffffffffffff", "1234", "0020008008ffffffff31323334"),  # right
        # Belgian eID and German eGK: format 2 PIN block, control nibble and length in front, BCD after 1 byte
        (PinPlace(0x89, 0x47, 0x04), "002000800820ffffffffffffff", "1234", "0020008008241234ffffffffff"),
        (PinPlace(0x92, 0x08, 0), "002000800affffffffffffffffffff", "1234", "002000800affff31323334ffffffff"),
    ],
)
def test_digits_go_where_the_structure_says(place: PinPlace, command: str, pin: str, filled: str) -> None:
    request = PinRequest(30, 0, 4, 12, ON_ENTER, place, bytes.fromhex(command))

    result = fill_command(request, (pin,))

    assert result is not None
    assert result.hex() == filled


def test_digits_that_do_not_fit_are_not_sent() -> None:
    place = PinPlace(0x82, 0x08, 0)
    short = PinRequest(30, 0, 4, 12, ON_ENTER, place, bytes.fromhex("0020008004ffffffff"))

    assert fill_command(short, ("1234",)) is None
    assert fill_command(PinRequest(30, 0, 4, 12, ON_ENTER, place, short.command + bytes(9)), ("1" * 9,)) is None


@pytest.mark.parametrize("cut", [0, 18, 19, 23, 31])
def test_a_structure_cut_short_is_refused(cut: int) -> None:
    assert read_verify(verify_structure(PIN_POLICY, 30)[:cut]) is None


@given(st.binary(max_size=60), st.from_regex(r"\A[0-9]{4,12}\Z"))
def test_any_structure_is_refused_or_filled_within_its_command(data: bytes, pin: str) -> None:
    for read in (read_verify, read_modify):
        request = read(data)
        filled = None if request is None else fill_command(request, (pin, pin, pin))
        assert request is None or filled is None or len(filled) == len(request.command)


# --- host, pad and card together ------------------------------------------------------------------


@pytest.fixture
def slot() -> Iterator[SimulatedSlot]:
    slot = SimulatedSlot("Guichet Visitor")
    slot.insert(issue(CardPlan()))
    yield slot
    slot.remove()


def connected(slot: SimulatedSlot, features: tuple[Feature, ...]) -> InProcessTransport:
    slot.features = features
    transport = InProcessTransport(slot)
    transport.connect()
    transport.transmit(bytes.fromhex("00A4040005A00000030800"))
    return transport


@BOTH_PADS
@pytest.mark.parametrize(
    ("keys", "outcome"),
    [
        ((*PIN, ENTER), outcomes.PinAccepted()),
        ((*"000000", ENTER), outcomes.PinWrong(2)),
        ((*"12", ENTER), outcomes.PinWrongLength()),
        ((*"12", CANCEL), outcomes.PinCancelled()),
        ((*"99", CLEAR, *PIN, ENTER), outcomes.PinAccepted()),
    ],
)
def test_outcomes(
    slot: SimulatedSlot, features: tuple[Feature, ...], keys: tuple[str, ...], outcome: outcomes.PinOutcome
) -> None:
    pad = Part10Pad(connected(slot, features))
    type_when_asked(slot, *keys)

    assert pad.verify(PIN_POLICY, 20, lambda _: None) == outcome


@BOTH_PADS
def test_wrong_until_blocked(slot: SimulatedSlot, features: tuple[Feature, ...]) -> None:
    pad = Part10Pad(connected(slot, features))
    seen = []
    for keys in ("000000", "000000", "000000", PIN):
        type_when_asked(slot, *keys, ENTER)
        seen.append(pad.verify(PIN_POLICY, 20, lambda _: None))

    assert seen == [outcomes.PinWrong(2), outcomes.PinWrong(1), outcomes.PinBlocked(), outcomes.PinBlocked()]


def modify(confirm: int, command: str, old: int, new: int) -> bytes:
    data = bytes.fromhex(command)
    head = struct.pack(
        "<BBBBBBBHBBBHBBB3sI", 20, 0, 0x82, 8, 0, old, new, 0x0608, confirm, 2, 3, 0x409, 0, 1, 2, b"", len(data)
    )
    return head + data


def test_pin_change_asks_for_the_old_and_twice_for_the_new(slot: SimulatedSlot) -> None:
    transport = connected(slot, BLOCKING_PAD)
    code = read_features(transport)[Feature.MODIFY_PIN_DIRECT]  # type: ignore[index]
    request = modify(3, "0024008010" + "ff" * 16, 0, 8)
    prompts: list[Prompt | None] = []
    slot.pad.listen(lambda display: prompts.append(display.prompt))

    type_when_asked(slot, *PIN, ENTER, *"271828", ENTER, *"271820", ENTER)
    assert transport.control(code, request) == b"\x64\x02"
    type_when_asked(slot, *PIN, ENTER, *"271828", ENTER, *"271828", ENTER)
    assert transport.control(code, request) == b"\x90\x00"

    assert card_in(slot).file.pin == "271828"
    assert list(dict.fromkeys(prompts)) == [Prompt.PIN, Prompt.NEW, Prompt.REPEAT, None]


def test_a_new_pin_may_be_asked_for_once(slot: SimulatedSlot) -> None:
    transport = connected(slot, BLOCKING_PAD)
    code = read_features(transport)[Feature.MODIFY_PIN_DIRECT]  # type: ignore[index]
    type_when_asked(slot, *"271828", ENTER)

    puk = PUK.encode().hex()
    assert transport.control(code, modify(0, "002C008010" + puk + "ff" * 8, 0, 8)) == b"\x90\x00"

    assert card_in(slot).file.pin == "271828"


@BOTH_PADS
def test_nobody_types(slot: SimulatedSlot, features: tuple[Feature, ...]) -> None:
    assert Part10Pad(connected(slot, features)).verify(PIN_POLICY, 1, lambda _: None) == outcomes.PinTimedOut()


@BOTH_PADS
def test_the_card_leaves_during_the_entry(slot: SimulatedSlot, features: tuple[Feature, ...]) -> None:
    transport = connected(slot, features)

    def pull() -> None:
        assert slot.pad.wait_entering(20)
        slot.pad.press("1", "2")
        slot.remove()

    thread = threading.Thread(target=pull)
    thread.start()

    assert Part10Pad(transport).verify(PIN_POLICY, 60, lambda _: None) == outcomes.Pulled()
    thread.join(20)
    assert slot.pad.display == Display()


def test_a_reporting_pad_lets_the_screen_count(slot: SimulatedSlot) -> None:
    counted: list[int] = []
    type_when_asked(slot, "1", "2", BACK, "3", CLEAR, *PIN, ENTER)

    Part10Pad(connected(slot, REPORTING_PAD)).verify(PIN_POLICY, 20, counted.append)

    assert counted == [1, 2, 1, 2, 0, 1, 2, 3, 4, 5, 6]


def test_a_blocking_pad_counts_nothing(slot: SimulatedSlot) -> None:
    counted: list[int] = []
    type_when_asked(slot, *PIN, ENTER)

    assert Part10Pad(connected(slot, BLOCKING_PAD)).verify(PIN_POLICY, 20, counted.append) == outcomes.PinAccepted()
    assert counted == []


def test_the_host_can_stop_a_reporting_pad(slot: SimulatedSlot) -> None:
    pad = Part10Pad(connected(slot, REPORTING_PAD))
    result: list[outcomes.PinOutcome] = []
    thread = threading.Thread(target=lambda: result.append(pad.verify(PIN_POLICY, 60, lambda _: None)))
    thread.start()
    assert slot.pad.wait_entering(20)
    pad.cancel()
    thread.join(20)

    assert result == [outcomes.PinCancelled()]
    wait_until(lambda: slot.pad.display == Display(), what="the pad stops asking")


def test_a_cancel_that_comes_early_is_not_lost(slot: SimulatedSlot) -> None:
    pad = Part10Pad(connected(slot, REPORTING_PAD))
    pad.cancel()

    assert pad.verify(PIN_POLICY, 60, lambda _: None) == outcomes.PinCancelled()
    type_when_asked(slot, *PIN, ENTER)
    assert pad.verify(PIN_POLICY, 60, lambda _: None) == outcomes.PinAccepted()


def test_a_reader_without_a_pad(slot: SimulatedSlot) -> None:
    transport = connected(slot, NO_PAD)

    outcome = Part10Pad(transport).verify(PIN_POLICY, 20, lambda _: None)

    assert read_features(transport) == {}
    assert outcome == outcomes.PadFailed("Guichet Visitor has no PIN pad")


@pytest.mark.parametrize(
    ("digits", "outcome"),
    [
        (PIN, outcomes.PinAccepted()),
        ("999999", outcomes.PinWrong(2)),
        ("12", outcomes.PinWrongLength()),
        ("", outcomes.PinWrongLength()),
        ("abcdef", outcomes.PinWrongLength()),
        ("١٢٣٤٥٦", outcomes.PinWrongLength()),
    ],
)
def test_a_pin_handed_over_by_a_technician(slot: SimulatedSlot, digits: str, outcome: outcomes.PinOutcome) -> None:
    assert HandedPin(connected(slot, NO_PAD), digits).verify(PIN_POLICY, 20, lambda _: None) == outcome


@given(st.integers(0, 0xFFFF))
def test_every_status_word_has_an_outcome(sw: int) -> None:
    outcome = outcome_of(sw)

    assert isinstance(outcome, outcomes.PinAccepted) == (sw == 0x9000)
    assert not isinstance(outcome, outcomes.Pulled)


# --- a new PIN ---------------------------------------------------------------------------------------


@BOTH_PADS
def test_a_new_pin_is_set_by_old_new_and_new_again(slot: SimulatedSlot, features: tuple[Feature, ...]) -> None:
    pad = Part10Pad(connected(slot, features))
    seen: list[object] = []
    for keys in (
        (*PIN, ENTER, *"271828", ENTER, *"271829", ENTER),
        (*PIN, ENTER, *"111111", ENTER, *"111111", ENTER),
        (*PIN, ENTER, *"12", ENTER),
        ("000000", ENTER),
        (*"999999", ENTER, *"271828", ENTER, *"271828", ENTER),
        (CANCEL,),
        (*PIN, ENTER, *"271828", ENTER, *"271828", ENTER),
    ):
        type_when_asked(slot, *[key for part in keys for key in (part if part.isdigit() else [part])])
        seen.append(pad.set(PIN_POLICY, 2 if keys == ("000000", ENTER) else 20, lambda _: None))

    assert seen == [
        outcomes.NewPinsDiffer(), outcomes.NewPinRefused(), outcomes.PinWrongLength(), outcomes.PinTimedOut(),
        outcomes.PinWrong(2), outcomes.PinCancelled(), outcomes.PinAccepted(),
    ]  # fmt: skip
    assert card_in(slot).file.pin == "271828"


@BOTH_PADS
def test_with_the_puk_only_the_new_pin_is_asked_for(slot: SimulatedSlot, features: tuple[Feature, ...]) -> None:
    pad = Part10Pad(connected(slot, features))
    prompts: list[Prompt | None] = []
    slot.pad.listen(lambda display: prompts.append(display.prompt))
    for _ in range(3):
        type_when_asked(slot, *"000000", ENTER)
        pad.verify(PIN_POLICY, 20, lambda _: None)
    prompts.clear()

    type_when_asked(slot, *"271828", ENTER, *"271828", ENTER)
    assert pad.set(PIN_POLICY, 20, lambda _: None, puk=b"00000000") == outcomes.PinWrong(2), "of the PUK"
    type_when_asked(slot, *"271828", ENTER, *"271828", ENTER)
    assert pad.set(PIN_POLICY, 20, lambda _: None, puk=PUK.encode()) == outcomes.PinAccepted()

    assert Prompt.PIN not in prompts
    assert (card_in(slot).file.pin, card_in(slot).file.pin_tries) == ("271828", 3)


@BOTH_PADS
def test_a_card_pulled_while_a_new_pin_is_typed(slot: SimulatedSlot, features: tuple[Feature, ...]) -> None:
    pad = Part10Pad(connected(slot, features))
    threading.Thread(target=lambda: slot.pad.wait_entering(5) and slot.remove(), daemon=True).start()
    assert pad.set(PIN_POLICY, 20, lambda _: None) == outcomes.Pulled()


def test_a_reader_without_a_pad_and_handed_digits_set_no_pin(slot: SimulatedSlot) -> None:
    transport = connected(slot, NO_PAD)
    assert isinstance(Part10Pad(transport).set(PIN_POLICY, 1, lambda _: None), outcomes.PadFailed)
    assert isinstance(HandedPin(transport, PIN).set(PIN_POLICY, 1, lambda _: None), outcomes.PadFailed)
