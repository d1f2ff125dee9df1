"""Commands as a simulated card reads them (ISO/IEC 7816-4 clause 5.1), and status words as it refuses them."""

from __future__ import annotations

from dataclasses import dataclass

SELECT, GET_DATA, GET_RESPONSE = 0xA4, 0xCB, 0xC0
VERIFY, CHANGE, RESET_COUNTER, AUTHENTICATE = 0x20, 0x24, 0x2C, 0x87

_CHAINING = 0x10
_HEAD_BYTES = 4
_MAX_LE = 256


class Refusal(Exception):  # noqa: N818 - carries a status word inside the simulated card only
    """The card refuses a command with this status word."""

    def __init__(self, sw: int) -> None:
        super().__init__(f"{sw:04X}")
        self.sw = sw


@dataclass(frozen=True, slots=True)
class CardCommand:
    """One short command; `le` is what the host takes at most, `chained` that more of it is to come."""

    chained: bool
    ins: int
    p1: int
    p2: int
    data: bytes
    le: int


def parse_command(command: bytes) -> CardCommand:
    """Take a command apart; 6700 for wrong (or extended) lengths, 6E00 for a foreign class."""
    if len(command) < _HEAD_BYTES:
        raise Refusal(0x6700)
    cla, ins, p1, p2 = command[:_HEAD_BYTES]
    if cla & ~_CHAINING:
        raise Refusal(0x6E00)
    body, chained = command[_HEAD_BYTES:], bool(cla & _CHAINING)
    if len(body) <= 1:
        return CardCommand(chained, ins, p1, p2, b"", (body[0] if body else 0) or _MAX_LE)
    size, rest = body[0], body[1:]
    if size == 0 or len(rest) not in (
        size,
        size + 1,
    ):  # 00 here begins an extended length, which the card does not announce
        raise Refusal(0x6700)
    le = (rest[size] if len(rest) > size else 0) or _MAX_LE
    return CardCommand(chained, ins, p1, p2, rest[:size], le)


def without_pin(command: bytes) -> bytes:
    """Mask the data of commands that carry a PIN or PUK, for traces."""
    head = _HEAD_BYTES + 1
    if len(command) > head and command[1] in (VERIFY, CHANGE, RESET_COUNTER):
        return command[:head] + b"*" * (len(command) - head)
    return command
