"""Runs etcd and three Patroni nodes on this machine, and does to them what a test wants.

Rules:
- A kill is SIGKILL to Patroni, to the postmaster and to each of its processes: nothing of the node says goodbye.
- Whoever leads is told by Patroni (`/cluster`), asked at every node that answers.
- Everything ends with our process, also when that is killed (setpriv --pdeathsig).
"""

from __future__ import annotations

import json
import os
import secrets
import select
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import psycopg
from psycopg import sql

from deploy.patroni.configuration import (
    DATABASE,
    HOST,
    NODES,
    OWNER,
    SUPERUSER,
    Etcd,
    Layout,
    Mode,
    Node,
    Passwords,
    Timing,
    database_url,
    etcd_command,
    node_configuration,
    password_file,
)
from deploy.patroni.tools import Tools, own_folder
from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    from collections.abc import Callable

START_SECONDS = 120.0
STOP_SECONDS = 40.0
CAUGHT_UP_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Member:
    """One node as Patroni sees it; role leader, replica, quorum_standby, ..."""

    name: str
    role: str
    state: str
    timeline: int

    @property
    def follows(self) -> bool:
        """Whether it streams from the leader."""
        return self.role != "leader" and self.state == "streaming"


def plan(folder: Path, tools: Tools, mode: Mode, timing: Timing) -> Layout:
    """Choose ports and passwords for a cluster whose state lies in `folder`. Raises EnvironmentFault for bad times."""
    timing.check()
    ports = iter(_free_ports(2 * NODES + 2))
    nodes = tuple(Node(f"n{n}", folder / f"n{n}", next(ports), next(ports)) for n in range(1, NODES + 1))
    passwords = Passwords(*(secrets.token_urlsafe(18) for _ in range(4)))
    etcd = Etcd(folder / "etcd1", next(ports), next(ports))
    return Layout(nodes, etcd, passwords, tools.postgresql, mode, timing)


class Cluster:
    """The cluster of a layout; `with` starts and stops it."""

    def __init__(self, layout: Layout, tools: Tools, passfile: Path) -> None:
        self.layout = layout
        self._tools = tools
        self._passfile = passfile
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        """Start everything, and wait until two standbys follow a leader. Raises EnvironmentFault."""
        with ExitStack() as undo:
            undo.callback(self.stop)
            self._start()
            undo.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop everything."""
        self.stop()

    def _start(self) -> None:
        self._passfile.touch(0o600)
        self._passfile.write_text(password_file(self.layout), encoding="ascii")
        etcd = self.layout.etcd
        self._folder(etcd.folder)
        self._spawn("etcd1", etcd.folder, etcd_command(self._tools.etcd, etcd))
        for node in self.layout.nodes:
            self._folder(node.folder)
            path = node.folder / "patroni.yml"
            path.touch(0o600)
            path.write_text(json.dumps(node_configuration(self.layout, node), indent=1) + "\n", encoding="utf-8")
            if self._tools.user is not None:
                os.chown(path, self._tools.user.uid, self._tools.user.gid)
            self.start_node(node.name)
        self.wait("a leader and two standbys", START_SECONDS, self.whole)
        self._make_database()

    def _folder(self, folder: Path) -> None:
        folder.mkdir()
        if self._tools.user is not None:
            os.chown(folder, self._tools.user.uid, self._tools.user.gid)
        own_folder(folder, self._tools.user)

    def start_node(self, name: str) -> None:
        """Start a node's Patroni, which starts its PostgreSQL."""
        node = self.node(name)
        self._spawn(name, node.folder, [str(self._tools.patroni), str(node.folder / "patroni.yml")])

    def _spawn(self, name: str, folder: Path, command: list[str]) -> None:
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "LC_ALL": "C.UTF-8"}
        with (folder / "log").open("ab") as log:
            self._processes[name] = subprocess.Popen(  # noqa: S603 - our own command
                self._tools.as_user(*command),
                cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip

    def _make_database(self) -> None:
        with psycopg.connect(self.url(database="postgres", user=SUPERUSER), **self._secret(), autocommit=True) as db:
            role = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}")
            db.execute(role.format(sql.Identifier(OWNER), sql.Literal(self.layout.passwords.owner)))
            made = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'")
            db.execute(made.format(sql.Identifier(DATABASE), sql.Identifier(OWNER)))

    def _secret(self) -> dict[str, Any]:
        return {"passfile": str(self._passfile)}

    def url(self, *nodes: Node, database: str = DATABASE, user: str = OWNER, target: str = "read-write") -> str:
        """URL of some nodes, or of all."""
        return database_url(nodes or self.layout.nodes, database, user, target)

    def node(self, name: str) -> Node:
        """Find a node by its name."""
        return next(node for node in self.layout.nodes if node.name == name)

    # --- what Patroni says -------------------------------------------------------------------------------

    def members(self) -> list[Member]:
        """Ask Patroni, at whichever node answers; nothing when none does."""
        for node in self.layout.nodes:
            with suppress(OSError, ValueError, KeyError, urllib.error.URLError):
                url = f"http://{HOST}:{node.rest_port}/cluster"
                with urllib.request.urlopen(url, timeout=2) as answer:
                    found = json.load(answer)["members"]
                return [Member(m["name"], m["role"], m["state"], int(m.get("timeline") or 0)) for m in found]
        return []

    def leader(self) -> Member | None:
        """Find who leads and runs."""
        return next((m for m in self.members() if m.role == "leader" and m.state == "running"), None)

    def whole(self) -> Member | None:
        """Give the leader when all other nodes stream from it (in quorum mode: as members of the quorum)."""
        members = self.members()
        leader = next((m for m in members if m.role == "leader" and m.state == "running"), None)
        wanted = "quorum_standby" if self.layout.mode == "quorum" else "replica"
        following = [m for m in members if m.follows and m.role == wanted and leader and m.timeline == leader.timeline]
        return leader if len(following) == NODES - 1 else None

    def wait(self, what: str, seconds: float, holds: Callable[[], Member | None]) -> Member:
        """Wait for a member to be so. Raises EnvironmentFault after `seconds`."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = holds()
            if found is not None:
                return found
            select.select([], [], [], 0.05)
        seen = ", ".join(f"{m.name} {m.role} {m.state}" for m in self.members()) or "no node answers"
        raise EnvironmentFault(
            f"After {seconds:g} s there is not {what}: {seen}.", f"See the logs below {self.layout.etcd.folder.parent}."
        )

    def wait_caught_up(self) -> None:
        """Wait until every standby has replayed all that the leader has written."""
        with self._admin(self._leading(), "read-write") as db:
            end = _one(db, "SELECT pg_current_wal_lsn()::text")
        deadline = time.monotonic() + CAUGHT_UP_SECONDS
        for node in self.layout.nodes:
            with self._admin(node, "any") as db:
                while _one(db, f"SELECT pg_is_in_recovery() AND pg_last_wal_replay_lsn() < '{end}'::pg_lsn"):
                    if time.monotonic() > deadline:
                        raise EnvironmentFault(f"{node.name} does not catch up.", f"See {node.folder / 'log'}.")
                    select.select([], [], [], 0.05)

    def _leading(self) -> Node:
        return self.node(self.wait("a leader", START_SECONDS, self.leader).name)

    def _admin(self, node: Node, target: str) -> psycopg.Connection[Any]:
        url = self.url(node, database="postgres", user=SUPERUSER, target=target)
        return psycopg.connect(url, **self._secret(), autocommit=True)

    # --- what is done to it --------------------------------------------------------------------------------

    def hold_standbys(self, name: str) -> None:
        """Let a leader's standbys hear nothing more: its WAL senders stand still (until it is killed)."""
        for pid in self._postgres_processes(name):
            with suppress(OSError):
                if b"walsender" in Path(f"/proc/{pid}/cmdline").read_bytes():
                    os.kill(pid, signal.SIGSTOP)

    def kill(self, name: str) -> None:
        """End a node as a power cut of its machine would."""
        patroni = self._processes.pop(name)
        pids = self._postgres_processes(name)
        patroni.kill()
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        patroni.wait()

    def _postgres_processes(self, name: str) -> list[int]:
        """List the postmaster and, after it, its processes."""
        note = self.node(name).data / "postmaster.pid"
        try:
            postmaster = int(note.read_text("ascii").split()[0])
        except (OSError, ValueError, IndexError):
            return []
        children = [pid for pid in _pids() if _parent(pid) == postmaster]
        return [postmaster, *children]

    def stop(self) -> None:
        """Stop the nodes (each stops its PostgreSQL), standbys first, then etcd; kill what does not end."""
        leader = self.leader()
        first = "" if leader is None else leader.name
        order = sorted(self._processes, key=lambda name: (name == "etcd1", name == first))
        for name in order:
            process = self._processes.pop(name)
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._processes[name] = process
                if name == "etcd1":
                    process.kill()
                    process.wait()
                else:
                    self.kill(name)


def _one(db: psycopg.Connection[Any], statement: str) -> Any:
    row = db.execute(statement.encode()).fetchone()
    return None if row is None else row[0]


def _pids() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def _parent(pid: int) -> int:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return 0
    return int(stat.rpartition(")")[2].split()[1])


def _free_ports(count: int) -> list[int]:
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind((HOST, 0))
        return [int(one.getsockname()[1]) for one in sockets]
