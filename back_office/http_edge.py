"""What a request meets before the application: limits on size and time, for bodies and for headers.

Rules:
- A body over the limit gets 413 as soon as that is known, a slow one 408, an encoded one 415; the connection closes.
- From the first byte of a request (or the connection) to the end of its headers there is a deadline.
- Errors have the API's form: {"error": {"code", "message", "remedy"}}.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]
    Application = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]


def error_body(code: str, message: str, remedy: str, **more: str) -> bytes:
    """Write an error as the API says it."""
    return json.dumps({"error": {"code": code, "message": message, "remedy": remedy, **more}}).encode()


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a request goes no further."""

    status: int
    code: str
    message: str
    remedy: str


class BodyGuard:
    """Reads each body whole, within limits, before the application sees the request."""

    def __init__(self, app: Application, *, limit_bytes: int, deadline_seconds: float) -> None:
        self._app = app
        self._limit = limit_bytes
        self._deadline = deadline_seconds

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Run one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = self._by_headers(dict(scope["headers"])) or await self._body(receive)
        if isinstance(body, Refused):
            await _refuse(send, body)
        elif body is not None:
            await self._app(scope, _replay(body, receive), send)

    def _by_headers(self, headers: dict[bytes, bytes]) -> Refused | None:
        length = headers.get(b"content-length", b"0")
        if not length.isdigit() or int(length) > self._limit:
            return self._too_large()
        if b"content-encoding" in headers:
            return Refused(415, "content_encoding", "The body is compressed.", "Send it as it is.")
        return None

    def _too_large(self) -> Refused:
        return Refused(413, "too_large", f"The body is larger than {self._limit} bytes.", "Send fewer items at a time.")

    async def _body(self, receive: Receive) -> bytes | Refused | None:
        """Read the body; None when the peer went away."""
        parts: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(self._deadline):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return None
                    part = message.get("body", b"")
                    size += len(part)
                    if size > self._limit:
                        return self._too_large()
                    parts.append(part)
                    if not message.get("more_body", False):
                        return b"".join(parts)
        except TimeoutError:
            return Refused(408, "too_slow", f"The body did not arrive within {self._deadline:g} s.", "Send it again.")


def _replay(body: bytes, receive: Receive) -> Receive:
    pending = True

    async def again() -> Message:
        nonlocal pending
        if pending:
            pending = False
            return {"type": "http.request", "body": body, "more_body": False}
        return await receive()

    return again


async def _refuse(send: Send, refused: Refused) -> None:
    body = error_body(refused.code, refused.message, refused.remedy)
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": refused.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class DeadlineProtocol(H11Protocol):
    """uvicorn's HTTP/1.1 protocol, with a deadline from connection (or first byte) to the end of the headers.

    A peer that does not answer the end of TLS is cut off too: asyncio would hold its connection for half a minute.
    """

    header_deadline_seconds: ClassVar[float] = 5.0
    _timer: asyncio.TimerHandle | None = None
    _linger_seconds = 10.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the deadline with the connection."""
        super().connection_made(transport)
        self._arm()

    def data_received(self, data: bytes) -> None:
        """Start it again with the first byte of the next request, end it with the end of the headers."""
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        """Start it again when the next request has begun to arrive already; see that a closed connection ends."""
        super().on_response_complete()
        if self.transport.is_closing():
            self._end_soon()
        elif self.conn.trailing_data[0]:
            self._look()

    def shutdown(self) -> None:
        """End soon: the server stops."""
        self._linger_seconds = 1.0
        super().shutdown()
        if self.transport.is_closing():
            self._end_soon()

    def connection_lost(self, exc: Exception | None) -> None:
        """End with the connection."""
        self._disarm()
        super().connection_lost(exc)

    def _look(self) -> None:
        if self.conn.their_state is not h11.IDLE:
            self._disarm()
        elif self._timer is None and not self.transport.is_closing():
            self._arm()

    def _arm(self) -> None:
        self._timer = self.loop.call_later(self.header_deadline_seconds, self.transport.abort)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _end_soon(self) -> None:
        self._disarm()
        self._timer = self.loop.call_later(self._linger_seconds, self.transport.abort)
