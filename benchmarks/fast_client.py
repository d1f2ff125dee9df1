"""Many terminals at once: requests signed beforehand, over TLS connections that are open already, as fast as answered.

Rules:
- What is measured is the server: signing, TLS handshakes and reading of answers' contents are outside.
- An answer that is not 200 ends the measurement: a figure of refusals is none.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from kiosk.domain.errors import Bug
from kiosk.wire import request_signatures

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from benchmarks.post_office import Terminal
    from kiosk.back_office_client.api import Item
    from kiosk.system import Clock, Ids

PATH = "/v1/transactions"


def signed_push(terminal: Terminal, items: Sequence[Item], clock: Clock, ids: Ids) -> bytes:
    """Write one push as it goes over the wire."""
    body = msgspec.json.encode({"items": list(items), "prints": []})
    nonce = ids.token(12).hex()
    headers = request_signatures.sign("POST", PATH, "", body, terminal.id, terminal.key, clock.now(), nonce)
    lines = [f"{name}: {value}" for name, value in headers.items()]
    head = [f"POST {PATH} HTTP/1.1", "Host: bench", "Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*head, *lines, "", ""]).encode() + body


def drive(url: str, root: Path, lanes: Sequence[Sequence[bytes]]) -> float:
    """Send each lane's requests one after the other, all lanes at once; seconds from the first byte to the last answer."""
    return asyncio.run(_drive(url, root, lanes))


async def _drive(url: str, root: Path, lanes: Sequence[Sequence[bytes]]) -> float:
    context = ssl.create_default_context(cafile=str(root))
    port = urlsplit(url).port or 443
    connections = [
        await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname="localhost") for _ in lanes
    ]
    began = time.perf_counter()
    await asyncio.gather(*(_lane(*both, lane) for both, lane in zip(connections, lanes, strict=True)))
    took = time.perf_counter() - began
    for _, writer in connections:
        writer.close()
    return took


async def _lane(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, lane: Sequence[bytes]) -> None:
    for request in lane:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        answer = await reader.readexactly(length)
        if b" 200 " not in head[:20]:
            raise Bug(f"the server answered {head[:20]!r} {answer[:200]!r}")
