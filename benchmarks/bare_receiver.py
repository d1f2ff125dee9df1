"""The least that a server in Python can do with a push: how far `push_1k_s` and `receive_vs_pgbench` could come at all.

    python -m benchmarks.bare_receiver STATE URL PUBLIC_KEYS     prints its port

TLS, the length of the body, its digest and signature, the entries read with their hashes, one INSERT into a table like the
inbox, COMMIT, an answer. No framework, no nonce, limits, deadlines, chain, head, evidence, idempotence, or deciding.

Rules:
- Same interpreter, TLS, digest, signature, decoder and statement as the product; one thread a connection to the database.
"""

from __future__ import annotations

import asyncio
import ssl
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from back_office.api_types import Item
from back_office.database import open_database
from back_office.repository import many
from kiosk.domain.errors import Bug
from kiosk.system import SystemClock
from kiosk.wire import request_signatures
from kiosk.wire.problem import Problem

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ec

THREADS = 2
READ_BYTES = 256 * 1024
TABLE = "bare_inbox"
_COLUMNS = {
    "id": "text", "terminal": "text", "epoch": "bigint", "seq": "bigint", "office": "text", "kind": "text",
    "schema": "bigint", "sealing_key_id": "text", "previous_hash": "text", "hash": "text", "body": "bytea",
    "body_hash": "text", "reference": "text", "recorded_at": "text", "received_at": "text", "status": "text",
}  # fmt: skip




class _Plain(Item, frozen=True):
    body: str


class _Pushed(msgspec.Struct):
    items: list[_Plain]
    prints: list[Any]


_DECODER = msgspec.json.Decoder(_Pushed)


class _Bare:
    def __init__(self, url: str, keys: Path) -> None:
        self._database = open_database(url)
        pems = msgspec.json.decode(keys.read_bytes(), type=dict[str, str])
        self._keys: dict[str, Any] = {name: load_pem_public_key(pem.encode()) for name, pem in pems.items()}
        self._pool = ThreadPoolExecutor(THREADS)
        self._clock = SystemClock()
        self._lock = threading.Lock()
        with self._database.write() as db:
            db.execute(f"CREATE TABLE {TABLE} (LIKE inbox INCLUDING ALL)")

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection's requests."""
        loop = asyncio.get_running_loop()
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                lines = head.decode("latin-1").split("\r\n")[1:-2]
                headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
                body = await reader.readexactly(int(headers["content-length"]))
                answer = await loop.run_in_executor(self._pool, self._take, headers, body)
                writer.write(
                    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b"
                    % (len(answer), answer)
                )
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def _take(self, headers: dict[str, str], body: bytes) -> bytes:
        def key_of(name: str) -> ec.EllipticCurvePublicKey | None:
            return self._keys.get(name)

        now = self._clock.now()
        signed = request_signatures.verify("POST", "/v1/transactions", "", headers, body, key_of, now)
        if isinstance(signed, Problem):
            raise Bug(signed.detail)
        rows = []
        for item in _DECODER.decode(body).items:
            sealed = item.body.encode()
            hashed = sha256(sealed)
            sha256(bytes.fromhex(item.previous_hash) + hashed.digest() + item.id.encode())
            rows.append(
                (item.id, signed.key_id, item.epoch, item.seq, "101", item.kind, item.schema, item.sealing_key_id,
                 item.previous_hash, item.hash, sealed, hashed.hexdigest(), "", item.recorded_at, "", "received")
            )  # fmt: skip
        with self._database.write_alongside() as db:
            many.insert(db, TABLE, _COLUMNS, rows, "ON CONFLICT DO NOTHING")
        results = [{"id": row[0], "status": "received"} for row in rows]
        return msgspec.json.encode({"results": results, "head": {"epoch": 1, "seq": 0, "hash": "0" * 64}})


async def _serve(bare: _Bare, state: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(state / "pki/tls.pem", state / "pki/tls.key")
    server = await asyncio.start_server(bare.talk, "127.0.0.1", 0, ssl=context, limit=4 * READ_BYTES)
    sys.stdout.write(f"https://localhost:{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


def main() -> None:
    """Serve until killed."""
    state, url, keys = sys.argv[1:4]
    sys.setswitchinterval(0.0005)
    asyncio.run(_serve(_Bare(url, Path(keys)), Path(state)))


if __name__ == "__main__":
    main()
