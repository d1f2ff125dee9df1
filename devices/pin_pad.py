"""PIN entry: on the reader's own pad (PC/SC v2 part 10), or by digits a technician hands over.

Rules:
- With a pad the digits go from its keys into the command to the card; this process never has them.
- A pad that reports key presses (START, GET_KEY_PRESSED, FINISH) is preferred: it can be stopped by the host and lets the
  screen show how many digits were typed. Others block until the person is done (VERIFY_PIN_DIRECT).
- A new PIN is typed on a pad only: old, new, new again in one entry, of which the host learns the card's answer.
- Every status word and every failure becomes one of the closed sets `PinOutcome`, `PinSetOutcome`.
"""

from __future__ import annotations

import struct
import threading
import time
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Protocol

from devices import apdu
from devices.transport import FaultKind, TransportFault
from kiosk.domain.card import (
    NewPinRefused,
    NewPinsDiffer,
    PadFailed,
    PinAccepted,
    PinBlocked,
    PinCancelled,
    PinOutcome,
    PinSetOutcome,
    PinTimedOut,
    PinWrong,
    PinWrongLength,
    Pulled,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from devices.transport import Silence, Transport

GET_FEATURES = 0x42000000 + 3400
"""CM_IOCTL_GET_FEATURE_REQUEST of pcsc-lite (SCARD_CTL_CODE(3400))."""

_FEATURE_BYTES = 6
_MAX_TIMEOUT_SECONDS = 255
_GRACE_SECONDS = 2.0
_QUICK_ANSWER_SECONDS = 0.005
_POLL_SECONDS = 0.01
_ON_ENTER = 0x02
_ENGLISH = 0x0409
_VERIFY = struct.Struct("<BBBBBHBBHB3sI")
_MODIFY = struct.Struct("<BBBBBBBHBBBHBBB3sI")


class Feature(IntEnum):
    """PC/SC v2 part 10, 2.3."""

    VERIFY_PIN_START = 0x01
    VERIFY_PIN_FINISH = 0x02
    MODIFY_PIN_START = 0x03
    MODIFY_PIN_FINISH = 0x04
    GET_KEY_PRESSED = 0x05
    VERIFY_PIN_DIRECT = 0x06
    MODIFY_PIN_DIRECT = 0x07
    ABORT = 0x0B


class _Key(IntEnum):
    """What GET_KEY_PRESSED answers; anything else means that nothing was pressed."""

    BACK = 0x08
    CLEARED = 0x0A
    DONE = 0x0D
    TIMED_OUT = 0x0E
    CANCELLED = 0x1B
    DIGIT = 0x2B
    ABORTED = 0x40


_LAST_KEYS = (_Key.DONE, _Key.TIMED_OUT, _Key.CANCELLED, _Key.ABORTED)
_REPORTING = (Feature.GET_KEY_PRESSED, Feature.ABORT)
_VERIFYING = (Feature.VERIFY_PIN_START, Feature.VERIFY_PIN_FINISH, Feature.VERIFY_PIN_DIRECT)
_MODIFYING = (Feature.MODIFY_PIN_START, Feature.MODIFY_PIN_FINISH, Feature.MODIFY_PIN_DIRECT)
_CONFIRM_NEW, _ASK_CURRENT = 0x01, 0x02


@dataclass(frozen=True, slots=True)
class PinPolicy:
    """How a card takes its PIN: the reference in P2, ASCII digits padded on the right to a block of fixed size."""

    reference: int
    min_digits: int
    max_digits: int
    block_bytes: int
    padding: int

    def command(self, digits: str = "") -> apdu.Command:
        """Give the VERIFY command, with an empty block when a pad is to fill it (ISO/IEC 7816-4 11.5.6)."""
        block = digits.encode("ascii").ljust(self.block_bytes, bytes([self.padding]))
        return apdu.Command(0x20, 0x00, self.reference, block)


    def change(self) -> apdu.Command:
        """Give CHANGE REFERENCE DATA (SP 800-73-4 part 2, 3.2.2) with two empty blocks: the old PIN, the new one."""
        empty = bytes([self.padding]) * self.block_bytes
        return apdu.Command(0x24, 0x00, self.reference, empty + empty)

    def unblock(self, puk: bytes) -> apdu.Command:
        """Give RESET RETRY COUNTER (3.2.3) with the PUK in its place and an empty block for the new PIN."""
        padding = bytes([self.padding])
        return apdu.Command(0x2C, 0x00, self.reference, puk.ljust(self.block_bytes, padding) + padding * self.block_bytes)


class PinStrategy(Protocol):
    """A way to get the holder's PIN to the card."""

    def verify(self, policy: PinPolicy, seconds: int, on_digits: Callable[[int], None]) -> PinOutcome:
        """Ask for the PIN and let the card check it; blocks for at most `seconds` or so."""

    def set(
        self, policy: PinPolicy, seconds: int, on_digits: Callable[[int], None], *, puk: bytes = b""
    ) -> PinSetOutcome:
        """Ask for the old PIN and twice for the new one, and let the card change it; with a PUK only for the new one."""

    def cancel(self) -> None:
        """End the entry that is on, or else the next one; from any thread. A blocking pad ends by its own time-out."""


def read_features(transport: Transport) -> Mapping[int, int] | Silence:
    """Give the control code of each feature of the reader; empty for a reader that knows none of part 10."""
    answer = transport.control(GET_FEATURES, b"")
    if isinstance(answer, TransportFault) and answer.kind in (FaultKind.UNSUPPORTED, FaultKind.FAILED):
        return {}
    if not isinstance(answer, bytes):
        return answer
    entries = (answer[at : at + _FEATURE_BYTES] for at in range(0, len(answer), _FEATURE_BYTES))
    return {
        entry[0]: int.from_bytes(entry[2:], "big")
        for entry in entries
        if len(entry) == _FEATURE_BYTES and entry[1] == _FEATURE_BYTES - 2
    }


def verify_structure(policy: PinPolicy, seconds: int) -> bytes:
    """Give the PIN_VERIFY_STRUCTURE (part 10, 2.5.2) for a policy; `seconds` is cut to 1..255."""
    command = apdu.encode(policy.command())
    return (
        _VERIFY.pack(
            min(max(seconds, 1), _MAX_TIMEOUT_SECONDS),
            0,  # no second limit after the first key: the screen shows one countdown
            0x82,  # units are bytes, the PIN begins right after Lc, left-justified, ASCII
            policy.block_bytes,  # no length field inside the block
            0x00,
            policy.min_digits << 8 | policy.max_digits,
            _ON_ENTER,
            1,
            _ENGLISH,
            0,
            bytes(3),
            len(command),
        )
        + command
    )


def modify_structure(policy: PinPolicy, seconds: int, puk: bytes = b"") -> bytes:
    """Give the PIN_MODIFY_STRUCTURE (part 10, 2.5.3): old and new and new again, or, with a PUK, new and new again."""
    command = apdu.encode(policy.unblock(puk) if puk else policy.change())
    return (
        _MODIFY.pack(
            min(max(seconds, 1), _MAX_TIMEOUT_SECONDS),
            0,
            0x82,
            policy.block_bytes,
            0x00,
            0,  # the old PIN begins right after Lc
            policy.block_bytes,  # the new one behind it
            policy.min_digits << 8 | policy.max_digits,
            _CONFIRM_NEW if puk else _CONFIRM_NEW | _ASK_CURRENT,
            _ON_ENTER,
            2 if puk else 3,
            _ENGLISH,
            0,
            1,
            0 if puk else 2,
            bytes(3),
            len(command),
        )
        + command
    )


def outcome_of_change(sw: int) -> PinSetOutcome:
    """Say what a status word of CHANGE REFERENCE DATA or RESET RETRY COUNTER, or of the pad, means."""
    match sw:
        case 0x6402:
            return NewPinsDiffer()
        case apdu.WRONG_DATA:
            return NewPinRefused()
        case _:
            return outcome_of(sw)


def outcome_of(sw: int) -> PinOutcome:
    """Say what a status word of VERIFY, or of the pad, means."""
    left = apdu.tries_left(sw)
    if left is not None:
        return PinWrong(left) if left else PinBlocked()
    match sw:
        case apdu.OK:
            return PinAccepted()
        case 0x6400:
            return PinTimedOut()
        case 0x6401:
            return PinCancelled()
        case 0x6403 | apdu.WRONG_DATA | 0x6700:
            return PinWrongLength()
        case _:
            return PadFailed(f"status word {sw:04X} to VERIFY")


class Part10Pad:
    """The pad of the reader behind a transport."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._cancelled = threading.Event()

    def verify(self, policy: PinPolicy, seconds: int, on_digits: Callable[[int], None]) -> PinOutcome:
        """Let the pad ask, and give what the card said; `on_digits` is called only when the pad reports key presses."""
        try:
            return self._verify(policy, seconds, on_digits)
        finally:
            self._cancelled.clear()

    def set(
        self, policy: PinPolicy, seconds: int, on_digits: Callable[[int], None], *, puk: bytes = b""
    ) -> PinSetOutcome:
        """Let the pad ask for the PINs, and give what the card said."""
        try:
            word = self._ask(_MODIFYING, modify_structure(policy, seconds, puk), seconds, on_digits)
        finally:
            self._cancelled.clear()
        return outcome_of_change(word) if isinstance(word, int) else word

    def _verify(self, policy: PinPolicy, seconds: int, on_digits: Callable[[int], None]) -> PinOutcome:
        word = self._ask(_VERIFYING, verify_structure(policy, seconds), seconds, on_digits)
        return outcome_of(word) if isinstance(word, int) else word

    def _ask(
        self, ways: tuple[Feature, Feature, Feature], structure: bytes, seconds: int, on_digits: Callable[[int], None]
    ) -> int | PinOutcome:
        """Give the status word; or how the entry ended without one."""
        features = read_features(self._transport)
        if isinstance(features, Pulled | TransportFault):
            return _no_answer(features)
        start, finish, blocking = ways
        if all(feature in features for feature in (start, finish, *_REPORTING)):
            return self._reporting(features, (start, finish), structure, seconds, on_digits)
        direct = features.get(blocking)
        if direct is None:
            return PadFailed(f"{self._transport.reader} has no PIN pad")
        return _word(self._transport.control(direct, structure))

    def cancel(self) -> None:
        """End the entry that is on, or else the next one; a pad that blocks cannot be stopped."""
        self._cancelled.set()

    def _reporting(
        self,
        features: Mapping[int, int],
        ways: tuple[Feature, Feature],
        structure: bytes,
        seconds: int,
        on_digits: Callable[[int], None],
    ) -> int | PinOutcome:
        started = self._transport.control(features[ways[0]], structure)
        if not isinstance(started, bytes):
            return _no_answer(started)
        deadline = time.monotonic() + seconds + _GRACE_SECONDS
        digits, key = 0, 0
        while key not in _LAST_KEYS:
            if self._cancelled.is_set() or time.monotonic() > deadline:
                self._transport.control(features[Feature.ABORT], b"")
                return PinCancelled() if self._cancelled.is_set() else PinTimedOut()
            asked = time.monotonic()
            answer = self._transport.control(features[Feature.GET_KEY_PRESSED], b"")
            if not isinstance(answer, bytes):
                return _no_answer(answer)
            key = answer[0] if answer else 0
            count = _counted(digits, key)
            if count != digits:
                on_digits(count)
            elif key == 0 and time.monotonic() - asked < _QUICK_ANSWER_SECONDS:
                self._cancelled.wait(_POLL_SECONDS)  # a reader that waits for the key itself needs no pause
            digits = count
        return _word(self._transport.control(features[ways[1]], b""))


class HandedPin:
    """Digits that a technician hands over (a pipe, never a command line); not for visitors."""

    def __init__(self, transport: Transport, digits: str) -> None:
        self._transport = transport
        self._digits = digits

    def verify(self, policy: PinPolicy, seconds: int, on_digits: Callable[[int], None]) -> PinOutcome:  # noqa: ARG002
        """Send the PIN to the card; a length that the card cannot have is not sent and costs no try."""
        digits = self._digits
        if not (digits.isascii() and digits.isdigit() and policy.min_digits <= len(digits) <= policy.max_digits):
            return PinWrongLength()
        reply = apdu.exchange(self._transport, policy.command(digits))
        return outcome_of(reply.sw) if isinstance(reply, apdu.Reply) else _no_answer(reply)

    def set(
        self, policy: PinPolicy, seconds: int, on_digits: Callable[[int], None], *, puk: bytes = b""  # noqa: ARG002
    ) -> PinSetOutcome:
        """Refuse: a new PIN is typed by its holder, on a pad, and handed over by nobody."""
        return PadFailed("a new PIN is typed on a pad only")

    def cancel(self) -> None:
        """Do nothing: it never waits."""


def _counted(digits: int, key: int) -> int:
    match key:
        case _Key.DIGIT:
            return digits + 1
        case _Key.BACK:
            return max(0, digits - 1)
        case _Key.CLEARED:
            return 0
        case _:
            return digits


def _word(answer: bytes | Silence) -> int | PinOutcome:
    if not isinstance(answer, bytes):
        return _no_answer(answer)
    if len(answer) < 2:  # noqa: PLR2004 - a status word
        return PadFailed(f"the pad answered {len(answer)} bytes")
    return int.from_bytes(answer[-2:], "big")


def _no_answer(silence: Silence) -> PinOutcome:
    return silence if isinstance(silence, Pulled) else PadFailed(silence.detail)
