"""The load: terminals that enrol at a real server and push sealed entries over HTTPS, until told to stop.

Rules:
- Each terminal is one thread with its own key, journal and hash chain; the client is the one terminals have.
- What is not acknowledged is sent again as it is, after a short pause, like an agent does; nothing is given up.
- The bodies are sealed to the server's key (kind `access`: deciding files them), long enough to be a visit's.
- An acknowledgement counts only when it lets the terminal stop sending: status received or decided.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from back_office.enrolment import new_code
from back_office.installation import open_installation
from deploy.patroni.comparison import Entry
from kiosk.back_office_client import BackOfficeClient, Enrolled, Item, Pushed, Refused
from kiosk.domain.errors import EnvironmentFault
from kiosk.system import SystemClock, SystemIds
from kiosk.wire.envelope import seal, sealing_key_id
from kiosk.wire.journal_chain import GENESIS, ClearHeader, chain_hash
from kiosk.wire.timestamps import timestamp

if TYPE_CHECKING:
    from pathlib import Path

    from back_office.installation import Installation

OFFICE = "101"
BATCH = 10
BODY_BYTES = 1500
PAUSE_SECONDS = 0.25
LAST_SECONDS = 90.0
"""How long the last batch may take after the load was told to stop."""


@dataclass(slots=True)
class Tally:
    """What all terminals noted; only they write, under the lock."""

    acknowledged: dict[str, Entry] = field(default_factory=dict)
    moments: list[float] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)
    refused: list[str] = field(default_factory=list)
    repeated: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


class Terminal:
    """One terminal's journal and key."""

    def __init__(self, id_: str, epoch: int, client: BackOfficeClient, sealing: x509.Certificate, seed: int) -> None:
        self.id = id_
        self._epoch = epoch
        self._client = client
        self._sealing = sealing
        self._random = random.Random(seed)  # noqa: S311 - filling and pauses, no secret
        self._clock = SystemClock()
        self._ids = SystemIds(self._clock)
        self._seq = 0
        self._head = GENESIS

    def run(self, tally: Tally, stop: threading.Event) -> None:
        """Push batch after batch; the last one is still delivered after `stop`."""
        while not stop.is_set():
            self._deliver([self._append() for _ in range(BATCH)], tally, stop)
        self._client.close()

    def _deliver(self, batch: list[tuple[Item, Entry]], tally: Tally, stop: threading.Event) -> None:
        items = [item for item, _ in batch]
        tries, last = 0, None
        while last is None or time.monotonic() < last:
            if stop.is_set() and last is None:
                last = time.monotonic() + LAST_SECONDS
            answer = self._client.push(items, [])
            with tally.lock:
                if isinstance(answer, Pushed):
                    self._note(answer, batch, tally, tries)
                    return
                said = f"{answer.status} {answer.code}" if isinstance(answer, Refused) else type(answer).__name__
                tally.failures[said] += 1
            tries += 1
            threading.Event().wait(PAUSE_SECONDS * self._random.uniform(0.5, 1.5))
        with tally.lock:
            tally.failures["given up at the end"] += 1

    def _note(self, answer: Pushed, batch: list[tuple[Item, Entry]], tally: Tally, tries: int) -> None:
        statuses = {result.id: result.status for result in answer.results}
        for _, entry in batch:
            if statuses.get(entry.id) in {"received", "decided"}:
                tally.acknowledged[entry.id] = entry
            else:
                tally.refused.append(f"{entry.id} {statuses.get(entry.id, 'not answered')}")
        tally.moments.append(time.monotonic())
        tally.repeated += tries > 0

    def _append(self) -> tuple[Item, Entry]:
        body = seal(b'{"filling":"%b"}' % self._random.randbytes(BODY_BYTES // 2).hex().encode(), self._sealing)
        kid = sealing_key_id(body)
        if not isinstance(kid, str):
            raise EnvironmentFault(f"The sealed body cannot be read ({kid.detail}).", "Restore the installation.")
        self._seq += 1
        header = ClearHeader(
            self._ids.new(), "access", self.id, self._epoch, self._seq, 1, kid, timestamp(self._clock.now())
        )
        previous, self._head = self._head, chain_hash(self._head, body, header)
        item = Item(
            header.id, header.kind, header.epoch, header.seq, header.schema, kid, previous.hex(), self._head.hex(),
            header.recorded_at, body.decode("ascii"),
        )  # fmt: skip
        return item, Entry(header.id, self.id, self._epoch, self._seq, sha256(body).hexdigest())


def enrol(state: Path, server: str, count: int, seed: int) -> list[Terminal]:
    """Enrol so many new terminals over HTTPS. Raises EnvironmentFault when the server refuses one."""
    with open_installation(state) as it:
        codes = [(f"T{n:04d}", _code(it, f"T{n:04d}")) for n in range(1, count + 1)]
        sealing = it.keyring.keys().sealing_certificates[0]
    root = state / "pki" / "root.pem"
    clock = SystemClock()
    terminals = []
    for n, (id_, code) in enumerate(codes):
        key, receipt = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        first = BackOfficeClient(server, root, "enrolment", key, clock=clock, ids=SystemIds(clock))
        answer = first.enrol(code, _request(key, id_), _request(receipt, id_), "file")
        first.close()
        if not isinstance(answer, Enrolled):
            raise EnvironmentFault(f"{id_} was not enrolled: {answer}.", "See the server's log.")
        client = BackOfficeClient(server, root, id_, key, clock=clock, ids=SystemIds(clock))
        terminals.append(Terminal(id_, answer.journal_epoch, client, sealing, seed * 1000 + n))
    return terminals


def _code(it: Installation, id_: str) -> str:
    with it.work() as work:
        return new_code(work, terminal_id=id_, office=OFFICE, technician="load", lifetime=timedelta(minutes=15))


def _request(key: ec.EllipticCurvePrivateKey, name: str) -> str:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, SHA256())
    return made.public_bytes(Encoding.PEM).decode("ascii")


class Load:
    """All terminals at once; `with` starts them and lets each deliver its last batch."""

    def __init__(self, terminals: list[Terminal]) -> None:
        self.tally = Tally()
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=one.run, args=(self.tally, self._stop), name=one.id) for one in terminals
        ]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End after the batches under way."""
        self._stop.set()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join()

    def acknowledged(self) -> int:
        """How many entries so far."""
        with self.tally.lock:
            return len(self.tally.acknowledged)

    def moments(self) -> list[float]:
        """When acknowledgements came (monotonic clock)."""
        with self.tally.lock:
            return list(self.tally.moments)
