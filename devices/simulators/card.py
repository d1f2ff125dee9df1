"""A PIV card in software: NIST SP 800-73-4 part 2 at the APDU level, with keys and counters from a card file.

Rules:
- One command in, one response out; the state of a power cycle dies with it, counters and changed PINs are in the file.
- 9A and 9D need the PIN once, 9C right before each use (when the file says so), 9E never (SP 800-73-4 part 1 table 4b).
- Faults are answers too: a mute card has no ATR, a garbage card has one and then talks nonsense.
- `arm` calls back once, right before or right after the next signature by 9C: there the bench pulls the card.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, replace
from enum import Enum
from itertools import pairwise
from typing import TYPE_CHECKING

from devices import tlv
from devices.simulators.card_command import (
    AUTHENTICATE,
    CHANGE,
    GET_DATA,
    GET_RESPONSE,
    RESET_COUNTER,
    SELECT,
    VERIFY,
    CardCommand,
    Refusal,
    parse_command,
    without_pin,
)
from devices.simulators.card_file import read_card_file, write_card_file
from devices.simulators.card_keys import WrongInput, agree_secret, raw_operation
from kiosk.system import SystemIds

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from devices.simulators.card_file import CardFile

_HISTORICAL = bytes.fromhex("8073C82180")
"""Compact-TLV card capabilities: selection by name, command chaining, no extended lengths (ISO/IEC 7816-4 8.1.1.2.7)."""

ALGORITHM_IDS = {"RSA-2048": 0x07, "P-256": 0x11}
"""SP 800-78-4 table 6-2."""

_PIN, _PUK = 0x80, 0x81
_FORGET, _STATUS = 0xFF, 0x00
_MANAGEMENT_SLOT, _TRIPLE_DES = "9B", (0x00, 0x03)
_RID_BYTES = 5
_CHAIN_LIMIT_BYTES = 4096
_REFERENCE_BYTES = 8


class Moment(Enum):
    """Where the bench can reach into a signature by 9C."""

    BEFORE_SIGNATURE = "before"
    AFTER_SIGNATURE = "after"


@dataclass(slots=True)
class _PowerCycle:
    """What the card forgets at reset."""

    selected: bool = False
    verified: bool = False
    fresh: bool = False
    chained: bytes = b""
    chained_head: tuple[int, int, int] | None = None
    waiting: bytes = b""
    signature_waiting: bool = False


class SimulatedCard:
    """One card. `trace(command, response)` sees every exchange, PINs masked; `busy_seconds` is the time spent in here."""

    def __init__(self, file: CardFile, token: Callable[[int], bytes] | None = None) -> None:
        self.file = file
        self._token = token or SystemIds().token
        self.trace: Callable[[bytes, bytes], None] | None = None
        self.busy_seconds = 0.0
        self.commands = 0
        self._cycle = _PowerCycle()
        self._armed: tuple[Moment, Callable[[], object]] | None = None
        self._due: Callable[[], object] | None = None
        self._gone = False
        self._nonsense = 0

    @classmethod
    def load(cls, path: Path) -> SimulatedCard:
        """Give the card of a card file; raises `EnvironmentFault` when the file is wrong."""
        return cls(read_card_file(path))

    @property
    def name(self) -> str:
        """Name in the card file, as the bench knows the card."""
        return self.file.name

    def arm(self, moment: Moment, action: Callable[[], object]) -> None:
        """Call `action` once at the next signature by 9C; before it (no signature comes), or after it is out."""
        self._armed = (moment, action)

    def power_up(self) -> bytes | None:
        """Begin a power cycle and give the ATR, or None from a mute card."""
        self._cycle, self._gone, self._due = _PowerCycle(), False, None
        return None if self.file.fault == "mute" else answer_to_reset()

    def power_down(self) -> None:
        """End the power cycle."""
        self._cycle = _PowerCycle()

    def leave(self) -> None:
        """Take the contacts away: the command under way gets no answer."""
        self._gone = True

    def transmit(self, command: bytes) -> bytes | None:
        """Give the response to one command, or None when the card is mute or was pulled meanwhile."""
        begun = time.perf_counter()
        response = self._nonsense_answer(command) if self.file.fault == "garbage" else self._answer(command)
        self.busy_seconds += time.perf_counter() - begun
        self.commands += 1
        if self.file.fault == "mute" or self._gone:
            return None
        if self.trace:
            self.trace(without_pin(command), response)
        return response

    def response_delivered(self) -> None:
        """Be told that the last response has left the slot; what was armed for after a signature happens here."""
        due, self._due = self._due, None
        if due:
            due()

    # --- one command ---------------------------------------------------------------------------

    def _answer(self, command: bytes) -> bytes:
        try:
            parsed = parse_command(command)
            if parsed.ins == GET_RESPONSE:
                return self._emit(self._take_waiting(), parsed.le)
            self._cycle.waiting, self._cycle.signature_waiting = b"", False
            data = self._chain(parsed)
            if data is None:
                return b"\x90\x00"
            return self._emit(self._dispatch(parsed, data), parsed.le)
        except Refusal as refusal:
            return refusal.sw.to_bytes(2, "big")

    def _chain(self, parsed: CardCommand) -> bytes | None:
        """Gather a chain (ISO/IEC 7816-4 5.1.1); None while more is to come."""
        cycle, head = self._cycle, (parsed.ins, parsed.p1, parsed.p2)
        data = (cycle.chained if cycle.chained_head == head else b"") + parsed.data
        cycle.chained, cycle.chained_head = b"", None
        if not parsed.chained:
            return data
        if len(data) > _CHAIN_LIMIT_BYTES:
            raise Refusal(0x6700)
        cycle.chained, cycle.chained_head = data, head
        return None

    def _dispatch(self, parsed: CardCommand, data: bytes) -> bytes:
        cycle = self._cycle
        fresh, cycle.fresh = cycle.fresh, False
        if parsed.ins == SELECT:
            return self._select(parsed, data)
        if not cycle.selected:
            raise Refusal(0x6985)
        if parsed.ins == AUTHENTICATE:
            return self._authenticate(parsed, data, fresh=fresh)
        handlers = {
            GET_DATA: self._get_data,
            VERIFY: self._verify,
            CHANGE: self._change,
            RESET_COUNTER: self._reset_counter,
        }
        if parsed.ins not in handlers:
            raise Refusal(0x6D00)
        return handlers[parsed.ins](parsed, data)

    def _emit(self, data: bytes, le: int) -> bytes:
        cycle = self._cycle
        cycle.waiting = data[le:]
        if not cycle.waiting:
            if cycle.signature_waiting and self._armed and self._armed[0] is Moment.AFTER_SIGNATURE:
                self._due, self._armed = self._armed[1], None
            return data[:le] + b"\x90\x00"
        return data[:le] + bytes([0x61, min(len(cycle.waiting), 256) & 0xFF])

    def _take_waiting(self) -> bytes:
        waiting, self._cycle.waiting = self._cycle.waiting, b""
        if not waiting:
            raise Refusal(0x6985)
        return waiting

    # --- SP 800-73-4 part 2, clause 3 -------------------------------------------------------------

    def _select(self, parsed: CardCommand, data: bytes) -> bytes:
        """3.1.1: by the full application id or cut on the right; another name leaves the selection as it is."""
        if (parsed.p1, parsed.p2) != (0x04, 0x00):
            raise Refusal(0x6A86)
        application = self.file.application_id
        if len(data) < _RID_BYTES or not application.startswith(data):
            raise Refusal(0x6A82)
        self._cycle.selected = True
        name = application[_RID_BYTES:] if self.file.short_select_answer else application
        algorithms = b"".join(tlv.encode(0x80, bytes([number])) for number in ALGORITHM_IDS.values())
        return tlv.encode(
            0x61,
            tlv.encode(0x4F, name)
            + tlv.encode(0x79, tlv.encode(0x4F, application[:_RID_BYTES]))
            + tlv.encode(0x50, b"Guichet demonstration card")
            + tlv.encode(0xAC, algorithms + tlv.encode(0x06, b"\x00")),
        )

    def _get_data(self, parsed: CardCommand, data: bytes) -> bytes:
        """3.1.2."""
        if (parsed.p1, parsed.p2) != (0x3F, 0xFF):
            raise Refusal(0x6A86)
        name = tlv.find(data, 0x5C)
        if name is None:
            raise Refusal(0x6A80)
        tag = name.hex().upper()
        if tag in self.file.pin_gated and not self._cycle.verified:
            raise Refusal(0x6982)
        if tag not in self.file.objects:
            raise Refusal(0x6A82)
        return self.file.objects[tag]

    def _verify(self, parsed: CardCommand, data: bytes) -> bytes:
        """3.2.1, with P1 = FF to forget and an empty body to ask for the tries left."""
        cycle, file = self._cycle, self.file
        if parsed.p2 != _PIN:
            raise Refusal(0x6A88)
        if parsed.p1 == _FORGET and not data:
            cycle.verified = False
            return b""
        if parsed.p1 != _STATUS:
            raise Refusal(0x6A86)
        if not data:
            if cycle.verified:
                return b""
            raise Refusal(_tries(file.pin_tries) if file.pin_tries else 0x6983)
        self._check_pin(data)
        cycle.verified = cycle.fresh = True
        return b""

    def _check_pin(self, block: bytes) -> None:
        file = self.file
        if not file.pin_tries:
            raise Refusal(0x6983)
        pin = _digits(block)
        if pin != file.pin:
            self._cycle.verified = False
            self._keep(replace(file, pin_tries=file.pin_tries - 1))
            raise Refusal(_tries(file.pin_tries - 1))
        if file.pin_tries != file.pin_limit:
            self._keep(replace(file, pin_tries=file.pin_limit))

    def _check_puk(self, block: bytes) -> None:
        file = self.file
        if not file.puk_tries:
            raise Refusal(0x6983)
        if block.rstrip(b"\xff") != file.puk.encode("ascii"):
            self._keep(replace(file, puk_tries=file.puk_tries - 1))
            raise Refusal(_tries(file.puk_tries - 1))
        if file.puk_tries != file.puk_limit:
            self._keep(replace(file, puk_tries=file.puk_limit))

    def _change(self, parsed: CardCommand, data: bytes) -> bytes:
        """3.2.2: the old reference, then the new one, eight bytes each."""
        if parsed.p1 != 0 or parsed.p2 not in (_PIN, _PUK):
            raise Refusal(0x6A88)
        old, new = _two_blocks(data)
        if parsed.p2 == _PIN:
            fresh_pin = _not_common(_digits(new))
            self._check_pin(old)
            self._keep(replace(self.file, pin=fresh_pin))
            self._cycle.verified = True
        else:
            fresh_puk = _digits(new)
            self._check_puk(old)
            self._keep(replace(self.file, puk=fresh_puk))
        return b""

    def _reset_counter(self, parsed: CardCommand, data: bytes) -> bytes:
        """3.2.3: the PUK, then a new PIN; the PIN counter starts again."""
        if parsed.p1 != 0 or parsed.p2 != _PIN:
            raise Refusal(0x6A88)
        puk, new = _two_blocks(data)
        pin = _not_common(_digits(new))
        self._check_puk(puk)
        self._keep(replace(self.file, pin=pin, pin_tries=self.file.pin_limit))
        return b""

    def _authenticate(self, parsed: CardCommand, data: bytes, *, fresh: bool) -> bytes:
        """3.2.4: internal authenticate, signature, decipherment (81) and key agreement (85)."""
        slot = f"{parsed.p2:02X}"
        if slot == _MANAGEMENT_SLOT:
            return self._challenge(parsed, data)
        key = self.file.keys.get(slot)
        if key is None or ALGORITHM_IDS[key.algorithm] != parsed.p1:
            raise Refusal(0x6A86)
        needs_fresh = slot == "9C" and self.file.fresh_pin_for_9c
        if slot != "9E" and not (fresh if needs_fresh else self._cycle.verified):
            raise Refusal(0x6982)
        challenge, peer = tlv.find(data, 0x7C, 0x81), tlv.find(data, 0x7C, 0x85)
        if slot == "9C" and self._armed and self._armed[0] is Moment.BEFORE_SIGNATURE:
            action, self._armed = self._armed[1], None
            action()
        try:
            if peer and slot == "9D":
                result = agree_secret(key.private, peer)
            elif challenge:
                result = raw_operation(key.private, challenge)
            else:
                raise Refusal(0x6A80)
        except WrongInput as wrong:
            raise Refusal(0x6A80) from wrong
        self._cycle.signature_waiting = slot == "9C"
        return tlv.encode(0x7C, tlv.encode(0x82, result))

    def _challenge(self, parsed: CardCommand, data: bytes) -> bytes:
        """Give the management key's challenge (A.1), from which hosts take random bytes; no key will ever answer it."""
        if parsed.p1 not in _TRIPLE_DES or tlv.find(data, 0x7C, 0x81) != b"":
            raise Refusal(0x6982 if tlv.find(data, 0x7C) else 0x6A80)
        return tlv.encode(0x7C, tlv.encode(0x81, self._token(8)))

    # --- faults and the file ---------------------------------------------------------------------

    def _nonsense_answer(self, command: bytes) -> bytes:
        """Give bytes that look like noise, the same at each run; the status word is noise or 9000 or 61xx."""
        self._nonsense += 1
        noise = hashlib.sha256(self._nonsense.to_bytes(4, "big") + command).digest()
        status = (noise[:2], b"\x90\x00", bytes([0x61, noise[1]]), b"\x90\x00")[noise[2] % 4]
        return noise[3 : 3 + noise[3] % 28] + status

    def _keep(self, file: CardFile) -> None:
        self.file = file
        write_card_file(file)


def answer_to_reset() -> bytes:
    """Give the ATR: direct convention, T=1 only, the historical bytes, check byte (ISO/IEC 7816-3 clause 8.2)."""
    body = bytes([0x80 | len(_HISTORICAL), 0x81, 0x31, 0xFE, 0x45]) + _HISTORICAL
    check = 0
    for byte in body:
        check ^= byte
    return b"\x3b" + body + bytes([check])


def _tries(left: int) -> int:
    return 0x63C0 | min(left, 15)


def _digits(block: bytes) -> str:
    """Give the PIN of an eight-byte block (SP 800-73-4 part 2, 2.4.3); 6A80 for anything else, without a try used."""
    core = block.rstrip(b"\xff")
    if len(block) != _REFERENCE_BYTES or not 6 <= len(core) <= _REFERENCE_BYTES or not core.isdigit():  # noqa: PLR2004
        raise Refusal(0x6A80)
    return core.decode("ascii")


def _not_common(pin: str) -> str:
    """Give a new PIN back; 6A80 for one that everybody tries first (NIST SP 800-63B 5.1.1.2), as this issuer's cards do."""
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    if len(steps) == 1 and steps <= {0, 1, 9}:  # 000000, 123456, 987654
        raise Refusal(0x6A80)
    return pin


def _two_blocks(data: bytes) -> tuple[bytes, bytes]:
    if len(data) != 2 * _REFERENCE_BYTES:
        raise Refusal(0x6A80)
    return data[:_REFERENCE_BYTES], data[_REFERENCE_BYTES:]
