"""Chip-card readers through PC/SC: the transport port over pcscd, and the watcher of a slot. The only door to pyscard.

Rules:
- A card that leaves is `Pulled` (0x80100069 and its kin); the old handle stays dead, whatever comes back into the slot.
- The watcher waits in SCardGetStatusChange, never polls a card; when pcscd goes away (0x8010001D, 0x8010001E, 0x80100013)
  it drops its context, says that the reader is lost, and finds the next pcscd by itself.
- Readers are known by the beginning of their name: pcscd appends numbers that change with the order of plugging.
- Every connection ends with SCARD_RESET_CARD.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from smartcard import scard

from devices.transport import CardProtocol, Connected, FaultKind, TransportFault, nothing
from kiosk.domain.card import Pulled

if TYPE_CHECKING:
    from collections.abc import Callable

    from devices.transport import Silence

_CARD_LEFT = frozenset({scard.SCARD_W_REMOVED_CARD, scard.SCARD_E_NO_SMARTCARD})
_CARD_MUTE = frozenset(
    {
        scard.SCARD_W_UNRESPONSIVE_CARD,
        scard.SCARD_W_UNPOWERED_CARD,
        scard.SCARD_W_UNSUPPORTED_CARD,
        scard.SCARD_E_PROTO_MISMATCH,  # what pcscd says of a card without a usable ATR
    }
)
_READER_GONE = frozenset(
    {scard.SCARD_E_UNKNOWN_READER, scard.SCARD_E_READER_UNAVAILABLE, scard.SCARD_E_NO_READERS_AVAILABLE}
)
_SERVICE_GONE = frozenset(
    {
        scard.SCARD_E_NO_SERVICE,
        scard.SCARD_E_SERVICE_STOPPED,
        scard.SCARD_F_COMM_ERROR,
        scard.SCARD_E_INVALID_HANDLE,
        scard.SCARD_F_INTERNAL_ERROR,
    }
)
_UNSUPPORTED = frozenset({scard.SCARD_E_UNSUPPORTED_FEATURE})
_BUSY_SECONDS = 2.0
"""How long a connection waits for another program (the visit before, say) to let the card go."""

_REMOVAL_MILLISECONDS = 600
"""pcscd asks readers without card events every 400 ms: so long a pulled card may look present."""

_PAUSE_SECONDS = 0.02
_SERVICE_PAUSE_SECONDS = 0.1
_WAIT_MILLISECONDS = 60_000
_ANY_READER = "\\\\?PnP?\\Notification"
_NO_READER_STATES = scard.SCARD_STATE_UNKNOWN | scard.SCARD_STATE_IGNORE | scard.SCARD_STATE_UNAVAILABLE
_ANY_PROTOCOL = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1


class Share(Enum):
    """Whether other programs may talk to the card meanwhile."""

    EXCLUSIVE = scard.SCARD_SHARE_EXCLUSIVE
    SHARED = scard.SCARD_SHARE_SHARED


@dataclass(frozen=True, slots=True)
class ReaderState:
    """One reader as pcscd lists it."""

    name: str
    card_present: bool
    atr: bytes


def list_readers() -> tuple[ReaderState, ...] | TransportFault:
    """Give the readers that pcscd knows now, in its order."""
    result, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    if result != scard.SCARD_S_SUCCESS:
        return _fault(result, "pcscd")
    try:
        states = _reader_states(context)
    finally:
        scard.SCardReleaseContext(context)
    return states


def _reader_states(context: int) -> tuple[ReaderState, ...] | TransportFault:
    result, names = scard.SCardListReaders(context, [])
    if result in _READER_GONE:
        return ()
    if result == scard.SCARD_S_SUCCESS:
        asked = [(name, scard.SCARD_STATE_UNAWARE) for name in names]
        result, states = scard.SCardGetStatusChange(context, 0, asked)
        if result == scard.SCARD_S_SUCCESS:
            return tuple(ReaderState(n, bool(s & scard.SCARD_STATE_PRESENT), bytes(atr)) for n, s, atr in states)
    return _fault(result, "pcscd")


class PcscTransport:
    """The slot of the first reader whose name begins with `reader`."""

    def __init__(self, reader: str, share: Share = Share.EXCLUSIVE) -> None:
        self._prefix = reader
        self._share = share
        self._context: int | None = None
        self._card: int | None = None
        self._name: str | None = None
        self._protocol = CardProtocol.T1
        self._watcher: _Watcher | None = None

    @property
    def reader(self) -> str:
        """The beginning of the reader's name."""
        return self._prefix

    @property
    def protocol(self) -> CardProtocol:
        """Protocol of the connection."""
        return self._protocol

    def connect(self) -> Connected | Silence:
        """Power the card; waits up to two seconds for another program to let it go."""
        self.disconnect()
        result, self._context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
        if result != scard.SCARD_S_SUCCESS:
            self._context = None
            return _fault(result, self._prefix)
        answer = self._connect(self._context)
        if not isinstance(answer, Connected):
            self.disconnect()
        return answer

    def _connect(self, context: int) -> Connected | Silence:
        name = _full_name(context, self._prefix)
        if not isinstance(name, str):
            return name
        deadline = time.monotonic() + _BUSY_SECONDS
        while True:
            result, card, protocol = scard.SCardConnect(context, name, self._share.value, _ANY_PROTOCOL)
            if result != scard.SCARD_E_SHARING_VIOLATION or time.monotonic() > deadline:
                break
            time.sleep(_PAUSE_SECONDS)
        if result != scard.SCARD_S_SUCCESS:
            return _silence(result, name)
        self._card, self._name = card, name
        self._protocol = CardProtocol.T0 if protocol == scard.SCARD_PROTOCOL_T0 else CardProtocol.T1
        return self._powered(name)

    def _powered(self, name: str) -> Connected | Silence:
        result, _, _, _, atr = scard.SCardStatus(self._card)
        if result == scard.SCARD_S_SUCCESS and self._share is Share.SHARED:
            result = scard.SCardBeginTransaction(self._card)  # nobody between VERIFY and what it is for
        return Connected(bytes(atr), self._protocol) if result == scard.SCARD_S_SUCCESS else _silence(result, name)

    def transmit(self, command: bytes) -> bytes | Silence:
        """Send one command APDU (SCardTransmit)."""
        if self._card is None:
            return TransportFault(FaultKind.NOT_CONNECTED, f"{self._prefix}: no card is connected")
        header = scard.SCARD_PCI_T0 if self._protocol is CardProtocol.T0 else scard.SCARD_PCI_T1
        result, answer = scard.SCardTransmit(self._card, header, list(command))
        if result == scard.SCARD_S_SUCCESS:
            return bytes(answer)
        return Pulled() if self._has_left(result) else _silence(result, self._prefix)

    def control(self, code: int, data: bytes) -> bytes | Silence:
        """Send a control request (SCardControl); blocks as long as the reader does."""
        if self._card is None:
            return TransportFault(FaultKind.NOT_CONNECTED, f"{self._prefix}: no card is connected")
        result, answer = scard.SCardControl(self._card, code, list(data))
        if result == scard.SCARD_S_SUCCESS:
            return bytes(answer)
        return Pulled() if self._has_left(result) else _silence(result, self._prefix, otherwise=FaultKind.UNSUPPORTED)

    def _has_left(self, result: int) -> bool:
        """Whether a failed call means that the card was pulled; readers say so in their own ways, and pcscd a little later."""
        if result in _CARD_LEFT:
            return True
        if result in _SERVICE_GONE or self._context is None or self._name is None:
            return False
        looked, states = scard.SCardGetStatusChange(self._context, 0, [(self._name, scard.SCARD_STATE_UNAWARE)])
        if result not in _UNSUPPORTED and looked == scard.SCARD_S_SUCCESS and states[0][1] & scard.SCARD_STATE_PRESENT:
            as_it_is = [(self._name, states[0][1] & ~scard.SCARD_STATE_CHANGED)]
            looked, states = scard.SCardGetStatusChange(self._context, _REMOVAL_MILLISECONDS, as_it_is)
        return looked == scard.SCARD_S_SUCCESS and not states[0][1] & scard.SCARD_STATE_PRESENT

    def reset(self) -> Connected | Silence:
        """Warm-reset the card (SCardReconnect)."""
        if self._card is None:
            return TransportFault(FaultKind.NOT_CONNECTED, f"{self._prefix}: no card is connected")
        if self._share is Share.SHARED:
            scard.SCardEndTransaction(self._card, scard.SCARD_LEAVE_CARD)
        result, _ = scard.SCardReconnect(self._card, self._share.value, _ANY_PROTOCOL, scard.SCARD_RESET_CARD)
        return self._powered(self._prefix) if result == scard.SCARD_S_SUCCESS else _silence(result, self._prefix)

    def disconnect(self) -> None:
        """Reset the card and let it go."""
        card, self._card = self._card, None
        context, self._context = self._context, None
        if card is not None:
            if self._share is Share.SHARED:
                scard.SCardEndTransaction(card, scard.SCARD_LEAVE_CARD)
            scard.SCardDisconnect(card, scard.SCARD_RESET_CARD)
        if context is not None:
            scard.SCardReleaseContext(context)
        self._protocol = CardProtocol.T1

    def watch(
        self,
        on_insert: Callable[[], None],
        on_remove: Callable[[], None],
        on_reader_lost: Callable[[], None] = nothing,
        on_reader_found: Callable[[], None] = nothing,
    ) -> None:
        """Start the watcher thread; the callbacks run on it, starting from an empty slot in a reader that is there."""
        self._watcher = _Watcher(self._prefix, on_insert, on_remove, on_reader_lost, on_reader_found)
        self._watcher.start()

    def close(self) -> None:
        """End watching and disconnect; from any thread but the card thread's running calls."""
        if self._watcher:
            self._watcher.stop()
        self.disconnect()


class _Watcher(threading.Thread):
    """Waits for changes of one reader's slot, over all restarts of pcscd."""

    def __init__(
        self,
        prefix: str,
        on_insert: Callable[[], None],
        on_remove: Callable[[], None],
        on_reader_lost: Callable[[], None],
        on_reader_found: Callable[[], None],
    ) -> None:
        super().__init__(name=f"watch {prefix}", daemon=True)
        self._prefix = prefix
        self._on_insert, self._on_remove = on_insert, on_remove
        self._on_lost, self._on_found = on_reader_lost, on_reader_found
        self._present = False
        self._reader_there = True
        self._changes_seen = 0
        self._stopped = threading.Event()
        self._context: int | None = None
        self._context_lock = threading.Lock()

    def run(self) -> None:
        """Watch until stopped, with a fresh context for each pcscd."""
        while not self._stopped.is_set():
            result, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
            if result == scard.SCARD_S_SUCCESS:
                with self._context_lock:
                    self._context = context
                self._watch_context(context)
                with self._context_lock:
                    self._context = None
                scard.SCardReleaseContext(context)
            if not self._stopped.is_set():
                self._see(reader_there=False, present=False)
                self._stopped.wait(_SERVICE_PAUSE_SECONDS)

    def stop(self) -> None:
        """Wake the thread and let it end; returns when it has, unless called on the thread itself."""
        self._stopped.set()
        while self.is_alive() and self is not threading.current_thread():
            with self._context_lock:
                if self._context is not None:  # a cancel that comes before the wait is lost: repeat it
                    scard.SCardCancel(self._context)
            self.join(_PAUSE_SECONDS)

    def _watch_context(self, context: int) -> None:
        """Follow the slot until stopped or until this pcscd is gone."""
        name: str | None = None
        known = scard.SCARD_STATE_UNAWARE
        readers = scard.SCARD_STATE_UNAWARE
        while not self._stopped.is_set():
            if name is None:
                found = _full_name(context, self._prefix)
                if isinstance(found, str):
                    name, known = found, scard.SCARD_STATE_UNAWARE
                elif found.kind is FaultKind.READER_GONE:
                    self._see(reader_there=False, present=False)
                else:
                    return
            asked = [(_ANY_READER, readers)] + ([(name, known)] if name else [])
            result, states = scard.SCardGetStatusChange(context, _WAIT_MILLISECONDS, asked)
            if result == scard.SCARD_E_TIMEOUT:
                continue
            if result in _READER_GONE:
                name = None
                continue
            if result != scard.SCARD_S_SUCCESS:
                return
            readers = states[0][1] & ~scard.SCARD_STATE_CHANGED
            if name:
                known = states[1][1] & ~scard.SCARD_STATE_CHANGED
                if known & _NO_READER_STATES:
                    name = None
                else:
                    self._see(reader_there=True, present=bool(known & scard.SCARD_STATE_PRESENT), changes=known >> 16)

    def _see(self, *, reader_there: bool, present: bool, changes: int | None = None) -> None:
        """Call back what changed; a card swapped between two looks shows in pcscd's count of changes."""
        swapped = present and self._present and changes is not None and changes - self._changes_seen > 1
        if self._present and (not present or swapped):
            self._present = False
            self._on_remove()
        if reader_there != self._reader_there:
            self._reader_there = reader_there
            (self._on_found if reader_there else self._on_lost)()
        if present and not self._present:
            self._present = True
            self._on_insert()
        self._changes_seen = changes or 0


def _full_name(context: int, prefix: str) -> str | TransportFault:
    result, names = scard.SCardListReaders(context, [])
    if result != scard.SCARD_S_SUCCESS:
        return _fault(result, prefix)
    name = next((name for name in names if name.startswith(prefix)), None)
    return name or TransportFault(FaultKind.READER_GONE, f"{prefix}: no such reader")


def _silence(result: int, reader: str, *, otherwise: FaultKind = FaultKind.FAILED) -> Silence:
    return Pulled() if result in _CARD_LEFT else _fault(result, reader, otherwise)


def _fault(result: int, reader: str, otherwise: FaultKind = FaultKind.FAILED) -> TransportFault:
    kind = otherwise
    for codes, meaning in (
        (_CARD_MUTE, FaultKind.MUTE),
        (_READER_GONE, FaultKind.READER_GONE),
        (_SERVICE_GONE, FaultKind.SERVICE_GONE),
        (_UNSUPPORTED, FaultKind.UNSUPPORTED),
        (frozenset({scard.SCARD_E_SHARING_VIOLATION}), FaultKind.BUSY),
    ):
        if result in codes:
            kind = meaning
    message = str(scard.SCardGetErrorMessage(result)).strip()
    return TransportFault(kind, f"{reader}: {message} (0x{result & 0xFFFFFFFF:08X})")
