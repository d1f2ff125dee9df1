"""Framing of commands: coding, chaining, GET RESPONSE, wrong Le; and cards that never end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices import apdu
from devices.transport import CardProtocol, Connected, FaultKind, TransportFault
from kiosk.domain.card import Pulled

if TYPE_CHECKING:
    from collections.abc import Callable

    from devices.transport import Silence


@dataclass
class Scripted:
    """A transport that answers from a function and keeps what it was sent."""

    answer: Callable[[bytes], bytes | Silence]
    protocol: CardProtocol = CardProtocol.T1
    reader: str = "scripted"
    sent: list[bytes] = field(default_factory=list)

    def transmit(self, command: bytes) -> bytes | Silence:
        self.sent.append(command)
        return self.answer(command)

    def connect(self) -> Connected:
        return Connected(b"")

    def reset(self) -> Connected:
        return Connected(b"")

    def control(self, _code: int, _data: bytes) -> bytes | Silence:
        return TransportFault(FaultKind.UNSUPPORTED, "scripted")

    def watch(self, *callbacks: object) -> None: ...

    def disconnect(self) -> None: ...

    def close(self) -> None: ...


def script(*answers: str | Silence) -> Scripted:
    left = list(answers)

    def answer(_: bytes) -> bytes | Silence:
        one = left.pop(0)
        return bytes.fromhex(one) if isinstance(one, str) else one

    return Scripted(answer)


@pytest.mark.parametrize(
    ("command", "t1", "t0"),
    [
        (apdu.Command(0x20, 0, 0x80), "00200080", "00200080"),
        (apdu.Command(0xC0, 0, 0, le=0x10), "00c0000010", "00c0000010"),
        (apdu.Command(0x20, 0, 0x80, b"12"), "0020008002" + "3132", "0020008002" + "3132"),
        (apdu.Command(0xA4, 4, 0, b"\xa0", apdu.LE_MAX), "00a4040001a000", "00a4040001a0"),
    ],
)
def test_coding_of_the_four_cases(command: apdu.Command, t1: str, t0: str) -> None:
    assert apdu.encode(command, CardProtocol.T1).hex() == t1
    assert apdu.encode(command, CardProtocol.T0).hex() == t0


def test_long_data_goes_out_as_a_chain_with_le_on_the_last_link_only() -> None:
    transport = script("9000", "9000", "aabb9000")

    reply = apdu.exchange(transport, apdu.Command(0x87, 0x07, 0x9A, bytes(600), apdu.LE_MAX))

    assert reply == apdu.Reply(b"\xaa\xbb", 0x9000)
    assert [sent[0] for sent in transport.sent] == [0x10, 0x10, 0x00]
    assert [sent[4] for sent in transport.sent] == [255, 255, 90]
    assert [len(sent) for sent in transport.sent] == [260, 260, 96]


def test_a_refused_link_ends_the_chain() -> None:
    transport = script("6884")

    assert apdu.exchange(transport, apdu.Command(0x87, 0x07, 0x9A, bytes(600))) == apdu.Reply(b"", 0x6884)
    assert len(transport.sent) == 1


def test_more_data_is_fetched_and_joined() -> None:
    transport = script("01026105", "0304056100", "069000")

    assert apdu.exchange(transport, apdu.Command(0xCB, 0x3F, 0xFF)) == apdu.Reply(bytes(range(1, 7)), 0x9000)
    assert [sent.hex() for sent in transport.sent[1:]] == ["00c0000005", "00c0000000"]


def test_a_wrong_le_is_mended_once_anywhere() -> None:
    transport = script("6c04", "0102036102", "6c01", "049000")

    reply = apdu.exchange(transport, apdu.Command(0xCB, 0x3F, 0xFF, b"\x5c", apdu.LE_MAX))

    assert reply == apdu.Reply(b"\x01\x02\x03\x04", 0x9000)
    assert transport.sent[1].hex() == "00cb3fff015c04"


@pytest.mark.parametrize("silence", [Pulled(), TransportFault(FaultKind.READER_GONE, "x")])
def test_silence_comes_back_as_it_is(silence: Silence) -> None:
    assert apdu.exchange(script("0061ff", silence), apdu.Command(0xCB, 0x3F, 0xFF)) is silence


@pytest.mark.parametrize("answer", ["", "90", "00f29f", "3000", "6000"])
def test_what_has_no_status_word_is_no_answer(answer: str) -> None:
    reply = apdu.exchange(script(answer), apdu.Command(0x20, 0, 0x80))

    assert isinstance(reply, TransportFault)
    assert reply.kind is FaultKind.MUTE


def test_a_card_that_always_has_more_is_given_up() -> None:
    endless = Scripted(lambda _: bytes(256) + b"\x61\x00")
    empty = Scripted(lambda _: b"\x61\x01")

    for transport in (endless, empty):
        assert isinstance(apdu.exchange(transport, apdu.Command(0xCB, 0x3F, 0xFF)), TransportFault)
        assert len(transport.sent) < 400


@pytest.mark.parametrize(
    ("sw", "left"), [(0x63C3, 3), (0x63CF, 15), (0x63C0, 0), (0x6983, 0), (0x6982, None), (0x6300, None)]
)
def test_tries_of_a_status_word(sw: int, left: int | None) -> None:
    assert apdu.tries_left(sw) == left


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=8), st.binary(max_size=700))
def test_any_answers_end(answers: list[bytes], data: bytes) -> None:
    position = iter(range(10_000))
    transport = Scripted(lambda _: answers[next(position) % len(answers)])

    assert isinstance(apdu.exchange(transport, apdu.Command(0x87, 7, 0x9A, data, 256)), apdu.Reply | TransportFault)
