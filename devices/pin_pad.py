"""PIN entry: on the reader's own pad (PC/SC v2 part 10), or by digits a technician hands over.

Rules:
- With a pad the digits go from its keys into the command to the card; this process never has them.
- A pad that reports key presses (START, GET_KEY_PRESSED, FINISH) is preferred: it can be stopped by the host and lets the
  screen show how many digits were typed. Others block until the person is done (VERIFY_PIN_DIRECT).
- Every status word and every failure becomes one of the closed set `PinOutcome`.
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
    PadFailed,
    PinAccepted,
    PinBlocked,
    PinCancelled,
    PinOutcome,
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


class Feature(IntEnum):
    """PC/SC v2 part 10, 2.3."""

    VERIFY_PIN_START = 0x01
    VERIFY_PIN_FINISH = 0x02
    GET_KEY_PRESSED = 0x05
    VERIFY_PIN_DIRECT = 0x06
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
_REPORTING = (Feature.VERIFY_PIN_START, Feature.VERIFY_PIN_FINISH, Feature.GET_KEY_PRESSED, Feature.ABORT)


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


class PinStrategy(Protocol):
    """A way to get the holder's PIN to the card."""

    def verify(self, policy: PinPolicy, seconds: int, on_digits: Callable[[int], None]) -> PinOutcome:
        """Ask for the PIN and let the card check it; blocks for at most `seconds` or so."""

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

    def _verify(self, policy: PinPolicy, seconds: int, on_digits: Callable[[int], None]) -> PinOutcome:
        features = read_features(self._transport)
        if isinstance(features, Pulled | TransportFault):
            return _no_answer(features)
        structure = verify_structure(policy, seconds)
        if all(feature in features for feature in _REPORTING):
            return self._reporting(features, structure, seconds, on_digits)
        direct = features.get(Feature.VERIFY_PIN_DIRECT)
        if direct is None:
            return PadFailed(f"{self._transport.reader} has no PIN pad")
        return _outcome(self._transport.control(direct, structure))

    def cancel(self) -> None:
        """End the entry that is on, or else the next one; a pad that blocks cannot be stopped."""
        self._cancelled.set()

    def _reporting(
        self, features: Mapping[int, int], structure: bytes, seconds: int, on_digits: Callable[[int], None]
    ) -> PinOutcome:
        started = self._transport.control(features[Feature.VERIFY_PIN_START], structure)
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
        return _outcome(self._transport.control(features[Feature.VERIFY_PIN_FINISH], b""))


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


def _outcome(answer: bytes | Silence) -> PinOutcome:
    if not isinstance(answer, bytes):
        return _no_answer(answer)
    if len(answer) < 2:  # noqa: PLR2004 - a status word
        return PadFailed(f"the pad answered {len(answer)} bytes")
    return outcome_of(int.from_bytes(answer[-2:], "big"))


def _no_answer(silence: Silence) -> PinOutcome:
    return silence if isinstance(silence, Pulled) else PadFailed(silence.detail)
