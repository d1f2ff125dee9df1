"""The transport port straight onto a simulated slot, where no pcscd is; the same pad features, the same answers."""

from __future__ import annotations

import queue
import struct
import threading
from enum import Enum
from typing import TYPE_CHECKING

from devices.simulators.slot import Trouble
from devices.transport import CardProtocol, Connected, FaultKind, TransportFault, nothing
from kiosk.domain.card import Pulled

if TYPE_CHECKING:
    from collections.abc import Callable

    from devices.simulators.slot import SimulatedSlot
    from devices.transport import Silence

CONTROL_BASE = 0x42000000
"""SCARD_CTL_CODE of pcsc-lite."""

GET_FEATURES = CONTROL_BASE + 3400
FEATURE_BASE = CONTROL_BASE + 0x330000
"""Control code of feature n in this project's reader driver is FEATURE_BASE + n."""


class _Event(Enum):
    CHANGED = 1
    CLOSED = 2


class InProcessTransport:
    """One slot, without a reader in between."""

    def __init__(self, slot: SimulatedSlot) -> None:
        self._slot = slot
        self._connected: int | None = None
        self._events: queue.SimpleQueue[_Event] = queue.SimpleQueue()
        self._watcher: threading.Thread | None = None

    @property
    def reader(self) -> str:
        """Name of the slot."""
        return self._slot.name

    @property
    def protocol(self) -> CardProtocol:
        """T=1, as the simulated card's ATR says."""
        return CardProtocol.T1

    def connect(self) -> Connected | Silence:
        """Power the card in the slot."""
        insertion = self._slot.insertion
        answer = self._slot.power_up()
        if isinstance(answer, bytes):
            self._connected = insertion
            return Connected(answer)
        return self._silence(answer, FaultKind.MUTE)

    def reset(self) -> Connected | Silence:
        """Power-cycle the card."""
        return self.connect() if self._still_there() else Pulled()

    def transmit(self, command: bytes) -> bytes | Silence:
        """Send one command APDU."""
        if self._connected is None:
            return TransportFault(FaultKind.NOT_CONNECTED, "no card is connected")
        if not self._still_there():
            return Pulled()
        answer = self._slot.transmit(command)
        if isinstance(answer, bytes):
            self._slot.delivered()
            return answer
        return self._silence(answer, FaultKind.MUTE)

    def control(self, code: int, data: bytes) -> bytes | Silence:
        """Answer as the driver in pcscd does."""
        if self._connected is None:
            return TransportFault(FaultKind.NOT_CONNECTED, "no card is connected")
        if code == GET_FEATURES:
            return b"".join(struct.pack(">BBI", number, 4, FEATURE_BASE + number) for number in self._slot.features)
        if not self._still_there():
            return Pulled()
        answer = self._slot.control(code - FEATURE_BASE, data)
        return answer if isinstance(answer, bytes) else self._silence(answer, FaultKind.UNSUPPORTED)

    def disconnect(self) -> None:
        """Reset the card and let it go."""
        if self._still_there():
            self._slot.power_up()
        self._connected = None

    def watch(
        self,
        on_insert: Callable[[], None],
        on_remove: Callable[[], None],
        on_reader_lost: Callable[[], None] = nothing,  # noqa: ARG002 - a slot in process is never unplugged
        on_reader_found: Callable[[], None] = nothing,  # noqa: ARG002
    ) -> None:
        """Call back on a thread of its own at each change."""

        def run() -> None:
            seen: int | None = None
            while self._events.get() is _Event.CHANGED:
                there = self._slot.insertion if self._slot.card else None
                if there != seen:
                    if seen is not None:
                        on_remove()
                    if there is not None:
                        on_insert()
                seen = there

        self._slot.listen(lambda: self._events.put(_Event.CHANGED))
        self._events.put(_Event.CHANGED)
        self._watcher = threading.Thread(target=run, name=f"watch {self.reader}", daemon=True)
        self._watcher.start()

    def close(self) -> None:
        """End watching and disconnect."""
        self._events.put(_Event.CLOSED)
        if self._watcher and self._watcher is not threading.current_thread():
            self._watcher.join()
        self.disconnect()

    def _still_there(self) -> bool:
        return self._connected is not None and self._slot.holds(self._connected)

    def _silence(self, trouble: Trouble, otherwise: FaultKind) -> Silence:
        if trouble is Trouble.NO_CARD:
            return Pulled()
        return TransportFault(otherwise, "the simulated slot gave no answer")
