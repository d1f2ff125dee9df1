"""TLS for asyncio that reads into one buffer an event loop, instead of one a connection.

Rules:
- A loop reads one connection after the other, and what was read is handed to TLS before the next is read: so one buffer will do.
- It holds what came over the line, still enciphered.
- Why: asyncio keeps 256 KiB a connection, which thousands of waiting terminals cannot have; buffers of 4 KiB, which they
  can, cost a push of 2 MB five hundred turns of the loop, and at each the interpreter changed hands.
"""

from __future__ import annotations

from asyncio.sslproto import SSLProtocol
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    import asyncio

READ_BYTES: Final = 256 * 1024
RECORD_BYTES: Final = 16 * 1024
"""The most that one read of TLS gives (RFC 8446 5.1)."""

_buffers: WeakKeyDictionary[asyncio.AbstractEventLoop, memoryview] = WeakKeyDictionary()


class OneBuffer(SSLProtocol):
    """asyncio's own protocol, whose buffer is its loop's."""

    max_size = RECORD_BYTES

    def __init__(self, loop: asyncio.AbstractEventLoop, *rest: Any, **more: Any) -> None:
        super().__init__(loop, *rest, **more)
        shared = _buffers.get(loop)
        if shared is None:
            shared = _buffers[loop] = memoryview(bytearray(READ_BYTES))
        self._ssl_buffer = self._ssl_buffer_view = shared
