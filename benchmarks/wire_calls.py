"""Many terminals from one process: signed requests over TLS 1.3, written and read by hand so that a client costs little.

Rules:
- The signature is the product's; the certificate is checked against the pinned root, as the terminal does.
- Only what the back office answers is understood: a status, a content-length, a body.
- Who gives up hangs up at once, as a terminal does, also in the middle of a handshake: asyncio would go on with it for a minute.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from kiosk.wire import request_signatures

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from benchmarks.served_office import Key
    from kiosk.system import Clock, Ids

BUFFER = 4096
_END = b"\r\n\r\n"


class Caller:
    """Opens connections to one back office and signs for any terminal."""

    def __init__(self, url: str, root: Path, clock: Clock, ids: Ids) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "localhost", parts.port or 443
        found = socket.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)[0]
        self._family: int = found[0]
        self._address: Any = found[4]
        self._tls = ssl.create_default_context(cafile=str(root))
        self._clock, self._ids = clock, ids

    @contextlib.asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """Give one connection, closed with the block. Raises `OSError`."""
        made = await self.connect()
        try:
            yield made
        finally:
            made.close()

    async def connect(self) -> Connection:
        """Open one connection. Raises `OSError`."""
        plain = socket.socket(self._family)
        plain.settimeout(0)
        try:
            await asyncio.get_running_loop().sock_connect(plain, self._address)
        except BaseException:
            plain.close()
            raise
        try:
            reader, writer = await asyncio.open_connection(
                sock=plain, ssl=self._tls, server_hostname="localhost", limit=BUFFER
            )
        except BaseException:
            with contextlib.suppress(OSError):
                plain.shutdown(socket.SHUT_RDWR)  # its transport sees the end, and closes it
            raise
        return Connection(reader, writer)

    def request(self, key: Key, method: str, path: str, query: str = "", body: bytes = b"") -> bytes:
        """Write a signed request down."""
        headers = request_signatures.sign(
            method, path, query, body, key.terminal, key.private, self._clock.now(), self._ids.token(12).hex()
        )
        headers |= {"Host": f"{self._host}:{self._port}", "Content-Length": str(len(body))}
        target = f"{path}?{query}" if query else path
        lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        return "\r\n".join(lines).encode() + _END + body


class Connection:
    """One connection; one request at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def send(self, request: bytes) -> None:
        """Send a request. Raises `OSError`."""
        self._writer.write(request)
        await self._writer.drain()

    async def answer(self) -> tuple[int, bytes]:
        """Status and body of the next answer. Raises `OSError`, `EOFError` when the connection ends before it."""
        head = (await self._reader.readuntil(_END)).lower()
        _, _, rest = head.partition(b"content-length:")
        length = int(rest.split(b"\r\n", 1)[0]) if rest else 0
        return int(head.split(b" ", 2)[1]), await self._reader.readexactly(length)

    @property
    def silent(self) -> bool:
        """Whether nothing came: neither an answer nor the end."""
        return not self._reader.at_eof() and not self._reader._buffer  # type: ignore[attr-defined]  # noqa: SLF001

    def close(self) -> None:
        """Hang up."""
        self._writer.transport.abort()
