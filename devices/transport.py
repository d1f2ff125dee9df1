"""The port between card protocols and whatever carries their bytes: a PC/SC reader, or a simulator in process.

Rules:
- A card that leaves (`Pulled`) and a reader that fails (`TransportFault`) are returned, never raised.
- All calls except `watch` and `close` are made on one thread, the card thread; `watch` calls back on a thread of its own.
- `disconnect` always resets the card (SCARD_RESET_CARD), so that no PIN state survives.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Protocol

from kiosk.domain.card import Pulled

if TYPE_CHECKING:
    from collections.abc import Callable


class CardProtocol(Enum):
    """Transmission protocols of ISO/IEC 7816-3; T=0 carries no Le in a case 4 command."""

    T0 = 0
    T1 = 1


class FaultKind(Enum):
    """What kept a card or reader from answering, as far as the terminal can tell."""

    MUTE = "mute"  # a card is there but gives no usable answer
    BUSY = "busy"  # another program holds the card
    READER_GONE = "reader_gone"  # unplugged, or never there
    SERVICE_GONE = "service_gone"  # pcscd does not run
    UNSUPPORTED = "unsupported"  # the reader does not know this control code
    NOT_CONNECTED = "not_connected"  # called before `connect`, or after `disconnect`
    FAILED = "failed"  # anything else; `detail` has the code


@dataclass(frozen=True, slots=True)
class TransportFault:
    """No answer came, though the card was not seen to leave; `detail` is for the technician."""

    kind: FaultKind
    detail: str


@dataclass(frozen=True, slots=True)
class Connected:
    """The card is powered; `atr` is its answer to reset (ISO/IEC 7816-3 clause 8)."""

    atr: bytes
    protocol: CardProtocol = CardProtocol.T1


Silence = Pulled | TransportFault


class Transport(Protocol):
    """One slot of one reader."""

    @property
    def reader(self) -> str:
        """Name of the reader as people know it."""

    @property
    def protocol(self) -> CardProtocol:
        """The protocol of the connection (T=1 when there is none)."""

    def connect(self) -> Connected | Silence:
        """Power the card in the slot; an empty slot is `Pulled`. Connecting again replaces the old connection."""

    def transmit(self, command: bytes) -> bytes | Silence:
        """Send one command APDU and give the response with its status word."""

    def control(self, code: int, data: bytes) -> bytes | Silence:
        """Send a control request to the reader (SCardControl); may block while a person types on the pad."""

    def reset(self) -> Connected | Silence:
        """Warm-reset the card: every security state in it is lost."""

    def disconnect(self) -> None:
        """Reset the card and let it go; harmless when nothing is connected."""

    def watch(
        self,
        on_insert: Callable[[], None],
        on_remove: Callable[[], None],
        on_reader_lost: Callable[[], None] = ...,
        on_reader_found: Callable[[], None] = ...,
    ) -> None:
        """Call back at each change, starting from an empty slot in a reader that is there; once per transport."""

    def close(self) -> None:
        """End watching and disconnect."""


def nothing() -> None:
    """Do nothing: the callback of those who do not ask."""
