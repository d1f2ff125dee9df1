"""A back office for the figures of delivery: people with cards, enrolled terminals, a server of its own on PostgreSQL.

Rules:
- The server is its own process, with TLS, signatures, limits and rounds as in service; only the limits are wider.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from back_office.demo.seed import seed
from back_office.installation import Installation, create_installation
from back_office.repository import terminals
from back_office.repository.terminals import Terminal as Row
from back_office.settings import DatabaseSettings, PartnerSettings, ServerSettings, Settings, write_settings
from benchmarks.served_office import cluster
from kiosk.back_office_client.api import Item
from kiosk.wire.journal_chain import GENESIS, ClearHeader, chain_hash
from kiosk.wire.timestamps import timestamp

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator
    from pathlib import Path

    from back_office.database.private_cluster import PrivateCluster

OFFICE = "101"
SHORT_BYTES = 1700
MEAN_BYTES = 4096
_MIX = (2, 2, 2, 2, 2, 3, 3, 3, 4, 4, 5, 8, 16)
"""Sizes in KiB, drawn evenly: 2 to 32 with the odd largest, mean 4."""


@dataclass
class Terminal:
    """An enrolled terminal: key and journal."""

    id: str
    key: ec.EllipticCurvePrivateKey
    epoch: int
    seq: int = 0
    head: bytes = GENESIS

    def entry(self, it: Installation, body: bytes, kind: str = "transaction", id_: str = "") -> Item:
        """Append to the journal."""
        self.seq += 1
        at, entry_id = timestamp(it.clock.now()), id_ or it.ids.new()
        header = ClearHeader(entry_id, kind, self.id, self.epoch, self.seq, 1, "bench", at)
        previous, self.head = self.head, chain_hash(self.head, body, header)
        return Item(
            entry_id, kind, self.epoch, self.seq, 1, "bench", previous.hex(), self.head.hex(), at, body.decode("ascii")
        )


@dataclass
class PostOffice:
    """One back office and its database server."""

    it: Installation
    cluster: PrivateCluster
    database: str
    url: str = ""
    _process: subprocess.Popen[str] | None = field(default=None)

    def enrol(self, count: int) -> list[Terminal]:
        """Enrol terminals T1000 and on; without the codes, whose hashing is slow on purpose."""
        made = []
        with self.it.work() as work:
            for number in range(1000, 1000 + count):
                key = ec.generate_private_key(ec.SECP256R1())
                public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
                row = Row(
                    id=f"T{number}", office=OFFICE, state="in_service", public_key=public, certificate="",
                    certificate_serial=str(number), receipt_certificate=b"", key_protection="file", journal_epoch=1,
                    technician="bench", enrolled_at=work.time, last_seen_at=None, heartbeat="{}", anomaly=None,
                )  # fmt: skip
                terminals.put_terminal(work.db, row)
                terminals.bind_epoch(work.db, row.id, 1, work.time)
                made.append(Terminal(row.id, key, 1))
        return made

    def forget_undecided(self) -> None:
        """Let nothing be left for the rounds, so that deciding is no part of what is measured next."""
        with self.it.database.write() as db:
            db.execute("UPDATE inbox SET status = 'decided' WHERE status = 'received'")

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Run the server while the block runs; its address."""
        command = [sys.executable, "-m", "kiosk", "back-office", "serve", "--state", str(self.it.state)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None  # noqa: S101 - asked for
        try:
            yield process.stdout.readline().split()[-1]
        finally:
            process.terminate()
            process.wait(30)
            process.stdout.close()


@contextmanager
def post_office(folder: Path, persons: int = 20) -> Iterator[PostOffice]:
    """Make one in an empty folder."""
    with cluster(folder) as database:
        url = database.create_database("bench")
        settings = Settings(
            server=ServerSettings(port=0, requests_per_second=100_000, request_burst=100_000),
            database=DatabaseSettings(url=url),
            partners=PartnerSettings(bank_url="http://127.0.0.1:1", sms_url="http://127.0.0.1:1", smtp_port=1),
        )
        state = folder / "state"
        with create_installation(state, settings, write_settings(settings)) as it:
            it.keyring.create(it.clock, it.ids)
            seed(it, count=persons)
            with contextlib.closing(it.database):
                yield PostOffice(it, database, url)


def bodies(count: int, size: int, chance: random.Random) -> list[bytes]:
    """Make sealed-looking bodies (base64url): all of one size, or with `MEAN_BYTES` the mix."""
    made = []
    for number in range(count):
        length = size
        if size == MEAN_BYTES:
            length = 32 * 1024 if number % 200 == 199 else chance.choice(_MIX) * 1024
        made.append(random_text(length, chance))
    return made


def random_text(length: int, chance: random.Random) -> bytes:
    """Text of base64url characters that does not compress."""
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return chance.randbytes(length).translate((alphabet * 4)[:256])
