"""`journal_append`: a sealed envelope handed over the link until it is durable, beside plain SQLite doing that commit.

Ours: from the call in the visit's end of the link to the agent's word, back in this process, that the entry is in the
encrypted, chained journal and synced. The envelope is sealed right before, as the visit seals it, and the agent was told
when that began, as the visit tells it when the card has signed (`expect_append`). The peer: `sqlite3` of the standard
library in this process, WAL and synchronous=FULL, the schema of the journal word for word, the same values, an envelope
sealed right before as well. Turn by turn, each first every other time, with a pause as long as the agent needs to come to
rest: a terminal records one act at a time.
"""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import statistics
import threading
import time
from typing import TYPE_CHECKING

from cryptography import x509

from benchmarks.figures import Figure, spread_of
from kiosk.domain.errors import EnvironmentFault
from kiosk.link import VERSION, Accepted, FrameReader, OpenVisit, SuperviseHello, VisitLink, encode_frame
from kiosk.system import SystemClock, SystemIds
from kiosk.terminal_folder import TerminalFolder
from kiosk.wire.envelope import seal
from kiosk.wire.timestamps import timestamp
from offline_cache.migrations import STEPS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.world import World
    from kiosk.link import Durable, Posted

GOAL = 1.7
ROUNDS = 300
WARM_UP = 20
PAUSE_SECONDS = 0.04
VISIT = "bench"
PATIENCE_SECONDS = 20.0


def figure(world: World) -> Figure:
    """The row. The terminal's own processes must have ended, and the line is cut: nobody else writes."""
    size, certificate = signed_bytes(world), sealing_certificate(world)
    folder = TerminalFolder(world.state)
    plain = Plain(world)
    world.processes.start(
        "agent", "agent", "--state", str(world.state), "--log", str(world.processes.log("bench-agent"))
    )
    world.processes.wait_until(lambda: _announced(folder), "agent")
    visit = Visit(folder)
    ours: list[float] = []
    theirs: list[float] = []
    try:
        for number in range(ROUNDS + WARM_UP):
            id_, signed = SystemIds().new(), os.urandom(size)
            for which in (visit, plain) if number % 2 else (plain, visit):
                which.expect()
                took = which.append(id_, seal(signed, certificate)) * 1000
                if number >= WARM_UP:
                    (ours if which is visit else theirs).append(took)
                time.sleep(PAUSE_SECONDS)
    finally:
        visit.close()
        plain.close()
        world.processes.stop(["agent"])
    name = "plain SQLite, FULL"
    return Figure(
        "journal_append", statistics.median(ours), "ms", name, statistics.median(theirs), ROUNDS, GOAL, spread_of(ours)
    )


def signed_bytes(world: World) -> int:
    """How long a signed act is before it is sealed: the median of those that the visits have left in the journal."""
    target = world.state / "bench-export"
    world.processes.run("journal", "export", "--to", str(target), "--state", str(world.state))
    lines = (target / "entries.jsonl").read_text("utf-8").splitlines()
    sealed = [len(entry["body"]) for entry in map(json.loads, lines) if "body" in entry]
    if not sealed:
        raise EnvironmentFault("The journal is empty.", "Let somebody sign first.")
    empty = len(seal(b"", sealing_certificate(world)))
    return int((statistics.median(sealed) - empty) * 3 / 4)  # what is sealed stands there in base 64


def sealing_certificate(world: World) -> x509.Certificate:
    """To whom the visits seal."""
    return x509.load_pem_x509_certificate(min((world.state / "pki").glob("sealing-*.pem")).read_bytes())


class Visit:
    """The visit's end of the link, in this process."""

    def __init__(self, folder: TerminalFolder) -> None:
        self._supervisor = _announce(folder)
        self._accepted = threading.Event()
        self._durable = threading.Event()
        self._at = 0.0
        self._link = VisitLink(folder.socket, VISIT, self._posted, on_durable=self._is_durable)
        self._link.start()
        if not self._accepted.wait(PATIENCE_SECONDS):
            raise EnvironmentFault("The agent does not accept the visit.", "See the agent's log.")

    def _posted(self, message: Posted) -> None:
        if isinstance(message, Accepted):
            self._accepted.set()

    def _is_durable(self, message: Durable) -> None:
        self._at = time.monotonic()
        del message
        self._durable.set()

    def expect(self) -> None:
        """The card has signed."""
        self._link.expect_append()

    def append(self, id_: str, body: bytes) -> float:
        """Seconds until it was durable."""
        self._durable.clear()
        began = time.monotonic()
        self._link.append(
            id_, body, kind="transaction", schema=1, sealing_key_id="bench", service="bank_account.change"
        )
        if not self._durable.wait(PATIENCE_SECONDS):
            raise EnvironmentFault("The agent did not make an entry durable.", "See the agent's log.")
        return self._at - began

    def close(self) -> None:
        """Hang up."""
        self._link.close()
        self._supervisor.close()


def _announce(folder: TerminalFolder) -> socket.socket:
    """Be the supervisor (which whoever started the agent is) and announce this process as the visit."""
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(PATIENCE_SECONDS)
    connection.connect(str(folder.socket))
    reader = FrameReader.at_visit()
    for message in (SuperviseHello(VERSION), OpenVisit(1, VISIT, os.getpid())):
        connection.sendall(encode_frame(message))
        while not reader.feed(connection.recv(4096)):
            continue
    return connection


def _announced(folder: TerminalFolder) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(folder.socket)) == 0


class Plain:
    """The journal's schema in a plain SQLite file beside it."""

    def __init__(self, world: World) -> None:
        self._db = sqlite3.connect(world.state / "terminal" / "bench-plain.db", isolation_level=None)
        for statement in self._statements():
            self._db.execute(statement)
        self._seq = 0
        self._clock = SystemClock()

    def _statements(self) -> Iterator[str]:
        yield "PRAGMA journal_mode = WAL"
        yield "PRAGMA synchronous = FULL"
        for step in STEPS:
            yield from step

    def expect(self) -> None:
        """Nobody has to be told."""

    def append(self, id_: str, body: bytes) -> float:
        """Seconds of one commit."""
        self._seq += 1
        at = timestamp(self._clock.now())
        row = (self._seq, id_, "transaction", 1, "bench", at, body, bytes(32), bytes(32))
        began = time.monotonic()
        self._db.execute(
            "INSERT INTO entry (seq, id, kind, schema, sealing_key_id, recorded_at, body, previous_hash, hash)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            row,
        )
        return time.monotonic() - began

    def close(self) -> None:
        """Close it."""
        self._db.close()
