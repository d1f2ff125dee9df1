"""What etcd and each Patroni node are told: pure, so that a test can read it without starting anything.

Rules:
- A commit is acknowledged when the leader and one of its standbys have it on disk (`synchronous_mode: quorum`); without a
  standby nothing is acknowledged at all (`synchronous_mode_strict`): terminals keep their journals until there is one.
- A killed node comes back by pg_rewind: data checksums are on, and what only it had is thrown away.
- Everything listens on loopback; every connection to PostgreSQL needs a password, every change through Patroni's REST too.
- Text is compared by its bytes (UTF8, locale C), as the back office asks.
- JSON is YAML: the files are written with no library (https://yaml.org/spec/1.2.2/#json-compatibility).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    from pathlib import Path

Mode = Literal["quorum", "asynchronous"]

HOST = "127.0.0.1"
SCOPE = "guichet"
DATABASE = "guichet"
OWNER = "guichet"
SUPERUSER = "postgres"
REPLICATOR = "replicator"
NODES = 3
LOWEST_TTL, LOWEST_LOOP_WAIT, LOWEST_RETRY_TIMEOUT = 20, 1, 3
"""Patroni raises what is lower (patroni/config.py)."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How soon a leader that says nothing is replaced, in seconds.

    The leader renews its key every `loop_wait`; the key ends `ttl` after it was renewed last. So a killed leader is missed
    after `ttl - loop_wait` to `ttl`, and then its successor is chosen within about a second. Patroni's lowest ttl is 20; a
    longer loop_wait shortens the gap (measured: 5 s 18 to 22 s, 10 s 13 to 20 s), and leaves the leader less time to be slow.
    """

    ttl: int = 20
    loop_wait: int = 10
    retry_timeout: int = 5

    def check(self) -> None:
        """Raise EnvironmentFault for times that Patroni would change or that depose a healthy leader."""
        floor = Timing(LOWEST_TTL, LOWEST_LOOP_WAIT, LOWEST_RETRY_TIMEOUT)
        low = self.ttl < floor.ttl or self.loop_wait < floor.loop_wait or self.retry_timeout < floor.retry_timeout
        if low or self.loop_wait + 2 * self.retry_timeout > self.ttl:
            raise EnvironmentFault(
                f"ttl {self.ttl}, loop_wait {self.loop_wait} and retry_timeout {self.retry_timeout} do not fit.",
                f"At least {floor.ttl}, {floor.loop_wait} and {floor.retry_timeout}; loop_wait + 2 retry_timeout <= ttl.",
            )


@dataclass(frozen=True, slots=True)
class Node:
    """One PostgreSQL with its Patroni. `folder` holds data, socket, configuration, password file and log."""

    name: str
    folder: Path
    postgres_port: int
    rest_port: int

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.folder / "data"


@dataclass(frozen=True, slots=True)
class Etcd:
    """The one etcd of this machine; a real cluster has three, on three machines."""

    folder: Path
    client_port: int
    peer_port: int


@dataclass(frozen=True, slots=True, repr=False)
class Passwords:
    """Made anew for each run; they stand in files of mode 0600 only."""

    superuser: str
    replicator: str
    owner: str
    rest: str


@dataclass(frozen=True, slots=True)
class Layout:
    """The whole cluster."""

    nodes: tuple[Node, ...]
    etcd: Etcd
    passwords: Passwords
    binaries: Path
    mode: Mode
    timing: Timing = Timing()


def etcd_command(program: Path, etcd: Etcd) -> list[str]:
    """Command line of etcd 3.4, API version 3 only."""
    client, peer = f"http://{HOST}:{etcd.client_port}", f"http://{HOST}:{etcd.peer_port}"
    return [
        str(program), "--name", "etcd1", "--data-dir", str(etcd.folder / "data"), "--enable-v2=false",
        "--listen-client-urls", client, "--advertise-client-urls", client,
        "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
        "--initial-cluster", f"etcd1={peer}", "--initial-cluster-token", SCOPE, "--logger", "zap",
    ]  # fmt: skip


def node_configuration(layout: Layout, node: Node) -> dict[str, Any]:
    """One node's patroni.yml (https://patroni.readthedocs.io/en/latest/yaml_configuration.html)."""
    passwords = layout.passwords
    return {
        "scope": SCOPE,
        "name": node.name,
        "restapi": {
            "listen": f"{HOST}:{node.rest_port}",
            "connect_address": f"{HOST}:{node.rest_port}",
            "authentication": {"username": "patroni", "password": passwords.rest},
        },
        "etcd3": {"hosts": [f"{HOST}:{layout.etcd.client_port}"]},
        "bootstrap": {
            "dcs": shared_configuration(layout.mode, layout.timing),
            "initdb": [{"encoding": "UTF8"}, {"locale": "C"}, "data-checksums"],
        },
        "postgresql": {
            "listen": f"{HOST}:{node.postgres_port}",
            "connect_address": f"{HOST}:{node.postgres_port}",
            "data_dir": str(node.data),
            "bin_dir": str(layout.binaries),
            "pgpass": str(node.folder / "pgpass"),
            "authentication": {
                "superuser": {"username": SUPERUSER, "password": passwords.superuser},
                "replication": {"username": REPLICATOR, "password": passwords.replicator},
            },
            "basebackup": [{"checkpoint": "fast"}],
            "remove_data_directory_on_rewind_failure": True,
            "remove_data_directory_on_diverged_timelines": True,
            "parameters": {"unix_socket_directories": str(node.folder)},
            "pg_hba": [
                f"host replication {REPLICATOR} {HOST}/32 scram-sha-256",
                f"host all all {HOST}/32 scram-sha-256",
                f"local all {SUPERUSER} scram-sha-256",
            ],
        },
    }


def shared_configuration(mode: Mode, timing: Timing) -> dict[str, Any]:
    """What all nodes agree on; it lives in etcd and is changed with `patronictl edit-config`."""
    synchronous = (
        {"synchronous_mode": "quorum", "synchronous_mode_strict": True, "synchronous_node_count": 1}
        if mode == "quorum"
        else {"synchronous_mode": "off"}
    )
    return {
        "ttl": timing.ttl,
        "loop_wait": timing.loop_wait,
        "retry_timeout": timing.retry_timeout,
        "maximum_lag_on_failover": 16 * 1024 * 1024,
        **synchronous,
        "postgresql": {
            "use_pg_rewind": True,
            "use_slots": True,
            "parameters": {
                "fsync": "on",
                "full_page_writes": "on",
                "synchronous_commit": "on",
                "password_encryption": "scram-sha-256",
                "wal_level": "replica",
                "max_connections": 100,
                "max_wal_senders": 10,
                "shared_buffers": "64MB",
                "lc_messages": "C",
                "log_line_prefix": "%m [%p] ",
            },
        },
    }


def database_url(
    nodes: tuple[Node, ...], database: str = DATABASE, user: str = OWNER, target: str = "read-write"
) -> str:
    """URL that finds the leader among all nodes, as the back office is given it; passwords come from PGPASSFILE."""
    places = ",".join(f"{HOST}:{node.postgres_port}" for node in nodes)
    return f"postgresql://{user}@{places}/{database}?target_session_attrs={target}&connect_timeout=3"


def password_file(layout: Layout) -> str:
    """Lines of PGPASSFILE (https://www.postgresql.org/docs/15/libpq-pgpass.html)."""
    known = ((SUPERUSER, layout.passwords.superuser), (OWNER, layout.passwords.owner))
    lines = [f"{HOST}:{node.postgres_port}:*:{user}:{word}" for node in layout.nodes for user, word in known]
    return "\n".join(lines) + "\n"
