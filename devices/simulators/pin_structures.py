"""PIN_VERIFY and PIN_MODIFY structures as a pad reads them (PC/SC v2 part 10, clauses 2.5.2 and 2.5.3).

Rules:
- Read here independently of `devices.pin_pad`, which writes them: the two hold each other, and OpenSC is a third.
- A structure that does not add up is refused whole (None): a pad sends no half-built command to a card.
- Multi-byte fields are little endian, as CCID has them and hosts of this kind send them.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

_VERIFY = struct.Struct("<BBBBBHBBHB3sI")
_MODIFY = struct.Struct("<BBBBBBBHBBBHBBB3sI")
_APDU_HEAD_BYTES = 5
_UNITS_ARE_BYTES_FORMAT = 0x80
_UNITS_ARE_BYTES_LENGTH = 0x10
_RIGHT_JUSTIFIED = 0x04
_BINARY, _BCD, _ASCII = 0, 1, 2
_CONFIRM_NEW, _ASK_CURRENT = 0x01, 0x02
_MAX_COMMAND_BYTES = 261


@dataclass(frozen=True, slots=True)
class PinPlace:
    """How and where the digits go into the command."""

    format_string: int
    block_string: int
    length_format: int


@dataclass(frozen=True, slots=True)
class PinRequest:
    """What the host wants asked, and the command that takes the answer."""

    timeout_seconds: int
    timeout_after_key_seconds: int
    min_digits: int
    max_digits: int
    conditions: int
    place: PinPlace
    command: bytes
    modify: bool = False
    ask_current: bool = False
    confirm_new: bool = False
    offset_old: int = 0
    offset_new: int = 0


def read_verify(data: bytes) -> PinRequest | None:
    """Read a PIN_VERIFY_STRUCTURE."""
    if len(data) < _VERIFY.size:
        return None
    first, later, form, block, length, extra, conditions, _, _, _, _, size = _VERIFY.unpack_from(data)
    command = data[_VERIFY.size :]
    if not _plausible(command, size, extra):
        return None
    return PinRequest(first, later, extra >> 8, extra & 0xFF, conditions, PinPlace(form, block, length), command)


def read_modify(data: bytes) -> PinRequest | None:
    """Read a PIN_MODIFY_STRUCTURE."""
    if len(data) < _MODIFY.size:
        return None
    fields = _MODIFY.unpack_from(data)
    first, later, form, block, length, old, new, extra, confirm, conditions = fields[:10]
    command = data[_MODIFY.size :]
    if not _plausible(command, fields[-1], extra):
        return None
    return PinRequest(
        first,
        later,
        extra >> 8,
        extra & 0xFF,
        conditions,
        PinPlace(form, block, length),
        command,
        modify=True,
        ask_current=bool(confirm & _ASK_CURRENT),
        confirm_new=bool(confirm & _CONFIRM_NEW),
        offset_old=old,
        offset_new=new,
    )


def fill_command(request: PinRequest, pins: tuple[str, ...]) -> bytes | None:
    """Put the typed digits into the command; None when they do not fit where the structure wants them."""
    command: bytes | None = request.command
    if not request.modify:
        return _insert(request.command, pins[0], request.place, 0)
    new = pins[-1]
    if request.ask_current:
        command = _insert(request.command, pins[0], request.place, request.offset_old)
    return None if command is None else _insert(command, new, request.place, request.offset_new)


def _plausible(command: bytes, announced: int, extra: int) -> bool:
    lowest, highest = extra >> 8, extra & 0xFF
    whole = _APDU_HEAD_BYTES <= len(command) == announced <= _MAX_COMMAND_BYTES
    return whole and command[4] == len(command) - _APDU_HEAD_BYTES and highest > 0 and lowest <= highest


def _insert(command: bytes, pin: str, place: PinPlace, offset: int) -> bytes | None:
    digits = _coded(pin, place.format_string & 0x03)
    unit_bits = 8 if place.format_string & _UNITS_ARE_BYTES_FORMAT else 1
    position_bits = (place.format_string >> 3 & 0x0F) * unit_bits
    size = place.block_string & 0x0F or len(digits)
    start = _APDU_HEAD_BYTES + position_bits // 8 + offset
    if position_bits % 8 or len(digits) > size or start + size > len(command):
        return None
    filler = command[start : start + size]
    if place.format_string & _RIGHT_JUSTIFIED:
        block = filler[: size - len(digits)] + digits
    else:
        block = digits + filler[len(digits) :]
    return _insert_length(command[:start] + block + command[start + size :], len(pin), place)


def _insert_length(command: bytes, digits: int, place: PinPlace) -> bytes | None:
    """Write the PIN's length where bmPINBlockString and bmPINLengthFormat say (nothing when its size is 0 bits)."""
    width = place.block_string >> 4
    if not width:
        return command
    unit_bits = 8 if place.length_format & _UNITS_ARE_BYTES_LENGTH else 1
    position = (place.length_format & 0x0F) * unit_bits
    at, shift = _APDU_HEAD_BYTES + position // 8, 8 - width - position % 8
    if at >= len(command) or shift < 0 or digits >> width:
        return None
    mask = ((1 << width) - 1) << shift
    return command[:at] + bytes([command[at] & ~mask & 0xFF | digits << shift]) + command[at + 1 :]


def _coded(pin: str, form: int) -> bytes:
    if form == _ASCII:
        return pin.encode("ascii")
    if form == _BCD:
        return bytes.fromhex(pin + "F" * (len(pin) % 2))
    return bytes(int(digit) for digit in pin)
