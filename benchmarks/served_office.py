"""A back office on a PostgreSQL of its own, served over HTTPS by the program that `guichet back-office serve` is.

Rules:
- The server is another process; what is measured of it comes over the loopback interface, with its TLS and its checks.
- Everything is in a folder that the caller made, and that can be removed afterwards.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from back_office.api_types import Enrolled, Enrolment
from back_office.database.private_cluster import PrivateCluster
from back_office.enrolment import Certificates, enrol, new_code, read_requests
from back_office.installation import Installation, create_installation
from back_office.repository import terminals
from back_office.serve import LISTENING
from back_office.settings import DatabaseSettings, ServerSettings, Settings, write_settings
from kiosk.back_office_client import BackOfficeClient
from kiosk.demo.processes import Processes, plain_environment
from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

OFFICE = "101"
TERMINAL = "T0007"
SERVER = "back-office"
CONNECTIONS, REQUESTS = 8_000, 100_000.0
"""More than any figure opens at once: what is measured is the server, not its setting."""


@dataclass(frozen=True, slots=True)
class Key:
    """An enrolled terminal: what it signs with, and its journal's epoch."""

    terminal: str
    private: ec.EllipticCurvePrivateKey
    epoch: int


@dataclass(frozen=True, slots=True)
class ServedOffice:
    """`it` is the same installation, opened here too: for what an operator or a worker would do beside the server."""

    it: Installation
    database_url: str
    url: str
    server: subprocess.Popen[bytes]
    terminal: Key

    @property
    def root(self) -> Path:
        """The certificate that terminals pin."""
        return self.it.state / "pki" / "root.pem"

    def client(self) -> BackOfficeClient:
        """Call the server as the terminal does."""
        return BackOfficeClient(
            self.url, self.root, self.terminal.terminal, self.terminal.private, clock=self.it.clock, ids=self.it.ids
        )


@contextlib.contextmanager
def cluster(folder: Path) -> Iterator[PrivateCluster]:
    """A PostgreSQL server for as long as the block runs. Raises `EnvironmentFault`."""
    folder.chmod(0o711)  # the server's own user must get through
    started = PrivateCluster(folder / "postgresql")
    try:
        started.start()
        yield started
    finally:
        started.remove()


@contextlib.contextmanager
def prepared(
    folder: Path, database: PrivateCluster, name: str, *, as_shipped: bool = False
) -> Iterator[Installation]:
    """An installation with keys and an office, on a new database of that name; nobody serves it yet.

    `as_shipped`: with no more connections than the product's settings allow.
    """
    server = ServerSettings(port=0)
    if not as_shipped:  # one terminal asks for thousands
        server = ServerSettings(
            port=0, connections=CONNECTIONS, requests_per_second=REQUESTS, request_burst=int(REQUESTS)
        )
    settings = Settings(server=server, database=DatabaseSettings(database.create_database(name)))
    state = folder / name
    state.mkdir()
    with create_installation(state, settings, write_settings(settings)) as it:
        it.keyring.create(it.clock, it.ids)
        with it.work() as work:
            terminals.add_office(work.db, OFFICE, "Praha 1")
        yield it


@contextlib.contextmanager
def served(it: Installation) -> Iterator[ServedOffice]:
    """The installation with its server running. Raises `EnvironmentFault` when it does not listen."""
    terminal = enrolled(it, TERMINAL)
    processes = Processes(it.state, plain_environment(it.state))
    listening = it.state / LISTENING
    listening.unlink(missing_ok=True)
    server = processes.start(SERVER, "back-office", "serve", "--state", str(it.state))
    try:
        processes.wait_until(listening.exists, SERVER)
        url = listening.read_text("ascii").strip()
        yield ServedOffice(it, it.settings.database.url, url, server, terminal)
    finally:
        processes.stop()


def enrolled(it: Installation, terminal: str) -> Key:
    """Enrol a terminal as its request would."""
    key, receipt = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    with it.work() as work:
        code = new_code(
            work, terminal_id=terminal, office=OFFICE, technician="bench", lifetime=timedelta(minutes=15)
        )
    request = Enrolment(code, _request(key, terminal), _request(receipt, terminal), "file")
    asked = read_requests(request)
    answer = enrol(it, request, asked) if isinstance(asked, Certificates) else asked
    if not isinstance(answer, Enrolled):
        raise EnvironmentFault(f"The terminal {terminal} was not enrolled: {answer.message}", answer.remedy)
    return Key(terminal, key, answer.journal_epoch)


def _request(key: ec.EllipticCurvePrivateKey, name: str) -> str:
    builder = x509.CertificateSigningRequestBuilder().subject_name(
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    )
    return builder.sign(key, SHA256()).public_bytes(Encoding.PEM).decode()
