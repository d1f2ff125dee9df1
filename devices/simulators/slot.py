"""One simulated card slot with its PIN pad: what a reader's firmware does, whichever way the bytes come.

Rules:
- A card that leaves ends what is under way at once: the pad's entry, and the command that has no answer yet.
- Digits go from the pad into the command to the card inside this module; no caller ever gets them.
- Features are those of PC/SC v2 part 10; a feature that the slot does not announce is not answered.
"""

from __future__ import annotations

import struct
import threading
from enum import Enum, IntEnum
from typing import TYPE_CHECKING, Protocol

from devices.simulators.pin_pad import CANCELLED, Ended, EntryRules, PinPad, Prompt
from devices.simulators.pin_structures import PinRequest, fill_command, read_modify, read_verify

if TYPE_CHECKING:
    from collections.abc import Callable

    from devices.simulators.card import Moment


class Feature(IntEnum):
    """Numbers of PC/SC v2 part 10, 2.3."""

    VERIFY_PIN_START = 0x01
    VERIFY_PIN_FINISH = 0x02
    MODIFY_PIN_START = 0x03
    MODIFY_PIN_FINISH = 0x04
    GET_KEY_PRESSED = 0x05
    VERIFY_PIN_DIRECT = 0x06
    MODIFY_PIN_DIRECT = 0x07
    IFD_PIN_PROPERTIES = 0x0A
    ABORT = 0x0B
    GET_TLV_PROPERTIES = 0x12


BLOCKING_PAD = (
    Feature.VERIFY_PIN_DIRECT,
    Feature.MODIFY_PIN_DIRECT,
    Feature.IFD_PIN_PROPERTIES,
    Feature.GET_TLV_PROPERTIES,
)
"""What readers with a pad commonly offer: the request blocks until the person is done."""

REPORTING_PAD = (
    *BLOCKING_PAD,
    Feature.VERIFY_PIN_START,
    Feature.VERIFY_PIN_FINISH,
    Feature.MODIFY_PIN_START,
    Feature.MODIFY_PIN_FINISH,
    Feature.GET_KEY_PRESSED,
    Feature.ABORT,
)
"""A pad that also tells the host that a key was pressed, and can be stopped by it."""

NO_PAD: tuple[Feature, ...] = ()

_MIN_DIGITS, _MAX_DIGITS = 4, 12
_ECHO_PATIENCE_SECONDS = 0.05


class ChipCard(Protocol):
    """What a slot needs of a card; `devices.simulators.card.SimulatedCard` is one."""

    @property
    def name(self) -> str:
        """Name for the bench."""

    def power_up(self) -> bytes | None:
        """Begin a power cycle and give the ATR; None from a mute card."""

    def power_down(self) -> None:
        """End the power cycle."""

    def leave(self) -> None:
        """Lose the contacts: the command under way gets no answer."""

    def transmit(self, command: bytes) -> bytes | None:
        """Answer one command; None when mute, or gone meanwhile."""

    def response_delivered(self) -> None:
        """Be told that the last response has left the slot."""

    def arm(self, moment: Moment, action: Callable[[], object]) -> None:
        """Call `action` once around the next signature by 9C."""


class Trouble(Enum):
    """Why a slot gives no answer."""

    NO_CARD = 2
    UNKNOWN_REQUEST = 1


class SimulatedSlot:
    """A slot. The bench inserts and removes; a reader powers, transmits and controls, each from its own threads."""

    def __init__(self, name: str, *, features: tuple[Feature, ...] = REPORTING_PAD, pad: PinPad | None = None) -> None:
        self.name = name
        self.features = features
        self.pad = pad or PinPad()
        self.commands = 0
        self.insertion = 0
        """How often a card was put in: the same card put back is another insertion."""
        self._powered: int | None = None  # the insertion that has power
        self._card: ChipCard | None = None
        self._request: PinRequest | None = None
        self._listeners: list[Callable[[], None]] = []
        self._lock = threading.RLock()  # a listener of the pad may pull the card
        self._armed: Moment | None = None

    # --- the bench's side ------------------------------------------------------------------------

    @property
    def card(self) -> ChipCard | None:
        """The card in the slot."""
        return self._card

    def insert(self, card: ChipCard) -> None:
        """Put a card in, taking out the one that was there."""
        self.remove()
        with self._lock:
            self._card = card
            self.insertion += 1
            if self._armed:
                card.arm(self._armed, self.remove)
                self._armed = None
        self._changed()

    def remove(self) -> ChipCard | None:
        """Pull the card and give it, or None when there was none."""
        with self._lock:
            card, self._card, self._request = self._card, None, None
        if card is None:
            return None
        card.leave()
        self.pad.interrupt()
        self._changed()
        return card

    def arm_pull(self, moment: Moment) -> None:
        """Pull the card by itself around the next signature by 9C, of the card in the slot or of the next one."""
        with self._lock:
            if self._card:
                self._card.arm(moment, self.remove)
            else:
                self._armed = moment

    def listen(self, listener: Callable[[], None]) -> None:
        """Call `listener` after each insertion and removal."""
        self._listeners.append(listener)

    def _changed(self) -> None:
        for listener in tuple(self._listeners):
            listener()

    # --- the reader's side -----------------------------------------------------------------------

    def power_up(self) -> bytes | Trouble:
        """Power (or reset) the card and give its ATR; an entry left over from a host that died ends here."""
        card, insertion = self._card, self.insertion
        if card is None:
            return Trouble.NO_CARD
        self._request = None
        self.pad.interrupt()
        self._powered = insertion
        return card.power_up() or Trouble.UNKNOWN_REQUEST

    def power_down(self) -> None:
        """Take the power from the card, if there is one."""
        self._powered = None
        if self._card:
            self._card.power_down()

    def transmit(self, command: bytes) -> bytes | Trouble:
        """Pass one command to the card; the caller says `delivered` once the response is on its way."""
        card, insertion = self._card, self.insertion
        if card is None or self._powered != insertion:  # a card put back has no power: its host knows the one before
            return Trouble.NO_CARD
        self.commands += 1
        response = card.transmit(command)
        if response is None:
            return Trouble.UNKNOWN_REQUEST if self.holds(insertion) else Trouble.NO_CARD
        return response

    def holds(self, insertion: int) -> bool:
        """Whether the card of that insertion is still in the slot."""
        return self._card is not None and self.insertion == insertion

    def delivered(self) -> None:
        """Be told that the last response has gone to the host."""
        if self._card:
            self._card.response_delivered()

    def control(self, feature: int, data: bytes) -> bytes | Trouble:  # noqa: C901, PLR0911 - one line a feature
        """Answer one request of a feature of part 10."""
        if feature not in self.features:
            return Trouble.UNKNOWN_REQUEST
        match Feature(feature):
            case Feature.IFD_PIN_PROPERTIES:
                return struct.pack("<HBB", 0x0210, 7, 0)
            case Feature.GET_TLV_PROPERTIES:
                return _properties()
            case Feature.GET_KEY_PRESSED:
                return bytes([self.pad.echo(_ECHO_PATIENCE_SECONDS).value])
            case Feature.ABORT:
                self.pad.interrupt()
                return b""
            case Feature.VERIFY_PIN_FINISH | Feature.MODIFY_PIN_FINISH:
                return self._finish_entry()
            case Feature.MODIFY_PIN_START:
                return self._begin_entry(read_modify(data)) or b""
            case Feature.VERIFY_PIN_START:
                return self._begin_entry(read_verify(data)) or b""
            case Feature.VERIFY_PIN_DIRECT:
                return self._begin_entry(read_verify(data)) or self._finish_entry()
            case Feature.MODIFY_PIN_DIRECT:
                return self._begin_entry(read_modify(data)) or self._finish_entry()

    def _begin_entry(self, request: PinRequest | None) -> Trouble | None:
        if request is None:
            return Trouble.UNKNOWN_REQUEST
        with self._lock:
            if self._card is None:
                return Trouble.NO_CARD
            self._request = request
            self.pad.begin(
                EntryRules(
                    request.min_digits,
                    request.max_digits,
                    request.conditions,
                    request.timeout_seconds,
                    request.timeout_after_key_seconds,
                    _prompts(request),
                )
            )
        return None

    def _finish_entry(self) -> bytes | Trouble:
        insertion, request = self.insertion, self._request
        typed = self.pad.wait()
        if not self.holds(insertion):
            return Trouble.NO_CARD
        if request is None:
            return CANCELLED.to_bytes(2, "big")
        self._request = None
        if isinstance(typed, Ended):
            return typed.sw.to_bytes(2, "big")
        command = fill_command(request, typed.pins)
        return Trouble.UNKNOWN_REQUEST if command is None else self.transmit(command)


def _prompts(request: PinRequest) -> tuple[Prompt, ...]:
    if not request.modify:
        return (Prompt.PIN,)
    current = (Prompt.PIN,) if request.ask_current else ()
    return (*current, Prompt.NEW, Prompt.REPEAT) if request.confirm_new else (*current, Prompt.NEW)


def _properties() -> bytes:
    """Give the TLV properties (part 10, 2.6.14): one-byte tag and length, little-endian values."""
    values = {
        0x01: struct.pack("<H", 0x0210),  # display: 2 lines of 16
        0x02: bytes([7]),  # an entry ends by length, by Enter, or by time
        0x03: bytes([1]),  # a second time limit is kept
        0x04: struct.pack("<H", 16),
        0x05: struct.pack("<H", 2),
        0x06: bytes([_MIN_DIGITS]),
        0x07: bytes([_MAX_DIGITS]),
        0x08: b"Guichet simulated pad",
        0x09: bytes([0]),  # no pseudo-APDUs
        0x0A: struct.pack("<I", 255),
    }
    return b"".join(bytes([tag, len(value)]) + value for tag, value in values.items())
