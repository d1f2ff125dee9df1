"""The least that a server in Python can do with a push: how far `push_1k_s` and `receive_vs_pgbench` could come at all.

    python -m benchmarks.bare_receiver [ROUNDS]     the product and this, turn by turn: 1,000 entries of one terminal

TLS, the length of the body, its digest and signature, the entries read with their hashes, one INSERT into a table like the
inbox, COMMIT, an answer. No framework, no nonce, limits, deadlines, chain, head, evidence, idempotence, or deciding.

Rules:
- Same interpreter, TLS, digest, signature, decoder and statement as the product; one thread a connection to the database.
"""

from __future__ import annotations

import asyncio
import random
import ssl
import statistics
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from back_office.api_types import Item
from back_office.database import open_database
from back_office.repository import many
from back_office.serve import SWITCH_SECONDS
from benchmarks import receive
from benchmarks.fast_client import drive, signed_push
from benchmarks.post_office import SHORT_BYTES, bodies, post_office
from kiosk.agent.batches import BATCH_ENTRIES
from kiosk.domain.errors import Bug
from kiosk.system import SystemClock
from kiosk.wire import request_signatures
from kiosk.wire.problem import Problem

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ec

    from benchmarks.post_office import PostOffice

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


def serve(state: Path, url: str, keys: Path) -> None:
    """Serve until killed; says its address."""
    sys.setswitchinterval(SWITCH_SECONDS)
    asyncio.run(_serve(_Bare(url, keys), state))


def _compare(office: PostOffice, rounds: int) -> None:
    (terminal,) = office.enrol(1)
    it, chance = office.it, random.Random(7)
    public = terminal.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    keys = it.state / "keys.json"
    keys.write_bytes(msgspec.json.encode({terminal.id: public}))
    command = [sys.executable, "-m", "benchmarks.bare_receiver", str(it.state), office.database, str(keys)]
    took: dict[str, list[float]] = {}
    with office.serving() as url, subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as bare:
        assert bare.stdout is not None  # noqa: S101 - asked for
        urls = {"product": url, "bare": bare.stdout.readline().strip()}
        for number in range(rounds + 1):
            for name, address in urls.items():
                items = [terminal.entry(it, body, "audit") for body in bodies(receive.ENTRIES, SHORT_BYTES, chance)]
                lanes = [
                    [signed_push(terminal, items[at : at + BATCH_ENTRIES], it.clock, it.ids)]
                    for at in range(0, len(items), BATCH_ENTRIES)
                ]
                seconds = drive(address, it.state / "pki/root.pem", lanes)
                office.forget_undecided()
                if number:
                    took.setdefault(name, []).append(seconds)
        bare.terminate()
    for name, all_of_it in took.items():
        sys.stdout.write(f"{name}: {statistics.median(all_of_it):.3f} s, least {min(all_of_it):.3f} s\n")


def main() -> None:
    """Serve, or measure."""
    if len(sys.argv) == 4:
        serve(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
        return
    with tempfile.TemporaryDirectory(prefix="guichet-bench-") as name, post_office(Path(name)) as office:
        _compare(office, int(sys.argv[1]) if len(sys.argv) > 1 else receive.ROUNDS)


if __name__ == "__main__":
    main()
