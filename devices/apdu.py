"""Command and response APDUs over a transport (ISO/IEC 7816-4 clauses 5.1 and 5.3; 7816-3 12.1 for T=0).

Rules:
- Commands go out in short form, long data by command chaining: every card of the last twenty years takes that.
- 61xx is answered by GET RESPONSE and 6Cxx by the same command with the right Le, within limits: a hostile card cannot
  keep the terminal busy.
- Takes and gives bytes; knows nothing of readers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from devices.transport import CardProtocol, FaultKind, TransportFault

if TYPE_CHECKING:
    from devices.transport import Silence, Transport

OK = 0x9000
SECURITY_STATUS_NOT_SATISFIED = 0x6982
AUTHENTICATION_METHOD_BLOCKED = 0x6983
CONDITIONS_NOT_SATISFIED = 0x6985
WRONG_DATA = 0x6A80
NOT_FOUND = 0x6A82
REFERENCE_NOT_FOUND = 0x6A88

LE_MAX = 256
"""Le that asks for as much as one short response can carry (coded 00)."""

_CHUNK = 255
_CHAINING = 0x10
_GET_RESPONSE = 0xC0
_MORE_DATA = 0x61
_WRONG_LE = 0x6C
_NO_STATUS = 0x60
"""Status words are 6XXX or 9XXX, and never 60XX (ISO/IEC 7816-4 5.6): anything else is noise."""

_STATUS_BYTES = 2
_RESPONSE_LIMIT_BYTES = 65_536
_RESPONSE_LIMIT_PARTS = 300


@dataclass(frozen=True, slots=True)
class Command:
    """A command without its coding; `le` None means no response data is expected."""

    ins: int
    p1: int
    p2: int
    data: bytes = b""
    le: int | None = None
    cla: int = 0x00


@dataclass(frozen=True, slots=True)
class Reply:
    """Response data, already gathered, and the last status word."""

    data: bytes
    sw: int

    @property
    def ok(self) -> bool:
        """Whether the status word is 9000."""
        return self.sw == OK


def tries_left(sw: int) -> int | None:
    """Give the tries that a status word reports: X of 63CX, 0 for 6983, else None (ISO/IEC 7816-4 table 6)."""
    if sw & 0xFFF0 == 0x63C0:  # noqa: PLR2004
        return sw & 0x0F
    return 0 if sw == AUTHENTICATION_METHOD_BLOCKED else None


def encode(command: Command, protocol: CardProtocol = CardProtocol.T1) -> bytes:
    """Give the bytes of one short command (at most 255 bytes of data)."""
    head = bytes([command.cla, command.ins, command.p1, command.p2])
    body = bytes([len(command.data)]) + command.data if command.data else b""
    drop_le = command.le is None or (protocol is CardProtocol.T0 and body)  # 7816-3 12.1.2: case 4 goes as case 3
    return head + body + (b"" if drop_le or command.le is None else bytes([command.le & 0xFF]))


def exchange(transport: Transport, command: Command) -> Reply | Silence:
    """Send a command, chained when it is long, and gather the whole response."""
    data = command.data
    while len(data) > _CHUNK:
        reply = _once(transport, replace(command, data=data[:_CHUNK], le=None, cla=command.cla | _CHAINING))
        if not isinstance(reply, Reply) or not reply.ok:
            return reply
        data = data[_CHUNK:]
    return _gather(transport, _once(transport, replace(command, data=data)))


def _gather(transport: Transport, reply: Reply | Silence) -> Reply | Silence:
    parts = bytearray()
    for _ in range(_RESPONSE_LIMIT_PARTS):
        if not isinstance(reply, Reply):
            return reply
        parts += reply.data
        if reply.sw >> 8 != _MORE_DATA:
            return Reply(bytes(parts), reply.sw)
        if len(parts) > _RESPONSE_LIMIT_BYTES:
            break
        reply = _once(transport, Command(_GET_RESPONSE, 0, 0, le=(reply.sw & 0xFF) or LE_MAX))
    return TransportFault(FaultKind.MUTE, "the card's response has no end")


def _once(transport: Transport, command: Command) -> Reply | Silence:
    reply = _send(transport, command)
    if isinstance(reply, Reply) and reply.sw >> 8 == _WRONG_LE:
        return _send(transport, replace(command, le=(reply.sw & 0xFF) or LE_MAX))
    return reply


def _send(transport: Transport, command: Command) -> Reply | Silence:
    answer = transport.transmit(encode(command, transport.protocol))
    if not isinstance(answer, bytes):
        return answer
    if len(answer) < _STATUS_BYTES:
        return TransportFault(FaultKind.MUTE, f"a response of {len(answer)} bytes has no status word")
    reply = Reply(answer[:-_STATUS_BYTES], int.from_bytes(answer[-_STATUS_BYTES:], "big"))
    if reply.sw >> 12 not in (0x6, 0x9) or reply.sw >> 8 == _NO_STATUS:
        return TransportFault(FaultKind.MUTE, f"{reply.sw:04X} is no status word")
    return reply
