"""Messages to bytes and back: a 4-byte big-endian length, then one msgpack map; at most 1 MiB."""

from __future__ import annotations

from typing import Any

import msgspec

from kiosk.domain.errors import Bug
from kiosk.link.messages import FromAgent, ToAgent

MAX_FRAME = 1 << 20
"""Bytes of one message, without its length."""

_encoder = msgspec.msgpack.Encoder()
_to_agent: msgspec.msgpack.Decoder[ToAgent] = msgspec.msgpack.Decoder(ToAgent)
_from_agent: msgspec.msgpack.Decoder[FromAgent] = msgspec.msgpack.Decoder(FromAgent)


class LinkViolation(Exception):  # noqa: N818 - what the peer did, caught by whoever holds the connection
    """The peer sent what the protocol does not allow; the connection ends."""


def encode_frame(message: ToAgent | FromAgent) -> bytes:
    """One frame. Raises `Bug` when it exceeds `MAX_FRAME`: nothing of ours may be that large."""
    body = _encoder.encode(message)
    if len(body) > MAX_FRAME:
        raise Bug(f"a {type(message).__name__} of {len(body)} bytes does not fit the link")
    return len(body).to_bytes(4, "big") + body


class FrameReader:
    """Cuts a byte stream into messages of one direction. Raises `LinkViolation` on anything else."""

    def __init__(self, decoder: msgspec.msgpack.Decoder[Any]) -> None:
        self._decoder = decoder
        self._buffer = bytearray()

    @classmethod
    def at_agent(cls) -> FrameReader:
        """Read what visits and the supervisor send."""
        return cls(_to_agent)

    @classmethod
    def at_visit(cls) -> FrameReader:
        """Read what the agent sends."""
        return cls(_from_agent)

    def feed(self, data: bytes) -> list[Any]:
        """Complete messages, in order; the rest is kept for the next call."""
        buffer = self._buffer
        buffer += data
        messages: list[Any] = []
        start = 0
        while len(buffer) - start >= 4:  # noqa: PLR2004 - the length field
            length = int.from_bytes(buffer[start : start + 4], "big")
            if length > MAX_FRAME:
                raise LinkViolation(f"a frame of {length} bytes; at most {MAX_FRAME} are allowed")
            if len(buffer) - start - 4 < length:
                break
            try:
                messages.append(self._decoder.decode(memoryview(buffer)[start + 4 : start + 4 + length]))
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise LinkViolation(f"not a message of this protocol: {error}") from error
            start += 4 + length
        del buffer[:start]
        return messages
