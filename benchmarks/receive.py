"""Receiving on PostgreSQL: `push_1k_s`, `single_push`, `receive_vs_pgbench`. Alone: `python -m benchmarks.receive`.

push_1k_s: the agent's own client pushes 1,000 entries in the agent's batches, as many abreast as the agent has; from the first call to the last answer, each
durable. single_push: 256 terminals push one entry each, beside 256 pushes of nothing, signed and checked the same way.
receive_vs_pgbench: pushes of 50 entries from eight terminals, beside pgbench inserting 50 rows a statement of the same
size, into a table of the same columns and indexes, on as many connections as the server receives on.

Rules:
- Ours and the peer in one run, turn by turn, against the same server of PostgreSQL; medians.
"""

from __future__ import annotations

import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from back_office.database.private_cluster import binaries
from benchmarks.fast_client import drive, signed_push
from benchmarks.figures import Figure, limited, spread_of, table
from benchmarks.post_office import MEAN_BYTES, SHORT_BYTES, bodies, post_office, random_text
from kiosk.agent.batches import BATCH_BYTES, BATCH_ENTRIES
from kiosk.agent.delivery import ABREAST
from kiosk.back_office_client import BackOfficeClient
from kiosk.back_office_client.api import Pushed
from kiosk.domain.errors import Bug

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.post_office import PostOffice, Terminal
    from kiosk.back_office_client.api import Item

ENTRIES = 1000
ROUNDS = 9
TERMINALS = 256
PUSHERS = 8
ROWS = 50
PUSHES = 12
"""Of `ROWS` entries, each of `PUSHERS` terminals, a round."""
PGBENCH_SECONDS = 2
LIMIT_SECONDS = 0.05
SHARE = 1 / 0.6
"""At least 0.6 of the peer's rate: at most so many times its time."""


def figures(office: PostOffice, rounds: int = ROUNDS) -> list[Figure]:
    """Measure everything."""
    terminals = office.enrol(TERMINALS)
    root = office.it.state / "pki/root.pem"
    with office.serving() as url:
        pushed = {size: _push_1k(office, url, terminals[0], size, rounds) for size in (SHORT_BYTES, MEAN_BYTES)}
        singles, empties = _single(office, url, root, terminals, rounds)
        ours, peer = _against_pgbench(office, url, root, terminals[1 : 1 + PUSHERS], max(3, rounds // 3))
    names = {SHORT_BYTES: "push_1k_s", MEAN_BYTES: "push_1k_s_mix"}
    return [
        *(
            limited(names[size], statistics.median(took), "s", LIMIT_SECONDS, len(took), spread_of(took, 3))
            for size, took in pushed.items()
        ),
        Figure(
            "single_push", statistics.median(singles) * 1000, "ms", "empty signed", statistics.median(empties) * 1000,
            len(singles), SHARE, spread_of([took * 1000 for took in singles]),
        ),
        Figure(
            "receive_vs_pgbench", statistics.median(ours) * 1e6, "us", "pgbench", statistics.median(peer) * 1e6,
            len(ours), SHARE, spread_of([took * 1e6 for took in ours]),
        ),
    ]  # fmt: skip


def _push_1k(office: PostOffice, url: str, terminal: Terminal, size: int, rounds: int) -> list[float]:
    chance = random.Random(size)
    it = office.it
    client = BackOfficeClient(url, it.state / "pki/root.pem", terminal.id, terminal.key, clock=it.clock, ids=it.ids)
    abreast = ThreadPoolExecutor(ABREAST)
    took: list[float] = []
    for number in range(rounds + 2):
        items = [terminal.entry(it, body, "audit") for body in bodies(ENTRIES, size, chance)]
        batches = list(_batches(items))
        began = time.perf_counter()
        for answer in abreast.map(lambda batch: client.push(batch, []), batches):
            if not isinstance(answer, Pushed) or any(result.status != "received" for result in answer.results):
                raise Bug(f"a push was answered {answer}")
        if number >= 2:
            took.append(time.perf_counter() - began)
        office.forget_undecided()
    abreast.shutdown()
    client.close()
    return took


def _batches(items: Sequence[Item]) -> list[list[Item]]:
    """Cut as the agent does."""
    made: list[list[Item]] = [[]]
    size = 0
    for item in items:
        size += len(item.body)
        if made[-1] and (len(made[-1]) == BATCH_ENTRIES or size > BATCH_BYTES):
            made.append([])
            size = len(item.body)
        made[-1].append(item)
    return made


def _single(
    office: PostOffice, url: str, root: Path, terminals: Sequence[Terminal], rounds: int
) -> tuple[list[float], list[float]]:
    chance = random.Random(1)
    it = office.it
    singles: list[float] = []
    empties: list[float] = []
    for number in range(rounds + 1):
        (body,) = bodies(1, SHORT_BYTES, chance)
        one = [[signed_push(each, [each.entry(it, body, "audit")], it.clock, it.ids)] for each in terminals]
        none = [[signed_push(each, [], it.clock, it.ids)] for each in terminals]
        for lanes, took in ((one, singles), (none, empties)) if number % 2 else ((none, empties), (one, singles)):
            seconds = drive(url, root, lanes)
            if number:
                took.append(seconds)
        office.forget_undecided()
    return singles, empties


def _against_pgbench(
    office: PostOffice, url: str, root: Path, terminals: Sequence[Terminal], rounds: int
) -> tuple[list[float], list[float]]:
    """Seconds a row, ours and pgbench's."""
    chance = random.Random(2)
    it = office.it
    peer = _Pgbench(office, chance)
    ours: list[float] = []
    theirs: list[float] = []
    for number in range(rounds + 1):
        lanes = [
            [
                signed_push(
                    each,
                    [each.entry(it, body, "audit") for body in bodies(ROWS, SHORT_BYTES, chance)],
                    it.clock,
                    it.ids,
                )
                for _ in range(PUSHES)
            ]
            for each in terminals
        ]
        seconds = drive(url, root, lanes) / (len(terminals) * PUSHES * ROWS)
        office.forget_undecided()
        if number:
            ours.append(seconds)
            theirs.append(peer.seconds_a_row())
    return ours, theirs


class _Pgbench:
    """PostgreSQL's own load program, doing the statement of the inbox with 50 rows."""

    def __init__(self, office: PostOffice, chance: random.Random) -> None:
        self._url = office.database
        self._script = office.it.state / "pgbench.sql"
        with psycopg.connect(self._url, autocommit=True) as db:
            db.execute("CREATE TABLE peer (LIKE inbox INCLUDING ALL)")
            db.execute("CREATE SEQUENCE peer_seq")
        texts = ",".join(random_text(SHORT_BYTES, chance).decode() for _ in range(ROWS))
        self._bodies = f"{{{texts}}}"
        statement = (
            "INSERT INTO peer (id, terminal, epoch, seq, office, kind, schema, sealing_key_id, previous_hash, hash, body, "
            "body_hash, reference, recorded_at, received_at, status, reason, batch, held) "
            "SELECT gen_random_uuid()::text, 'T0001', 1, nextval('peer_seq'), '101', 'audit', 1, 'bench', "
            "repeat('a', 64), repeat('b', 64), body::bytea, repeat('c', 64), 'R' || currval('peer_seq'), "
            "'2026-01-01T00:00:00Z', '2026-01-01T00:00:00.000000Z', 'received', '', "
            "'01a20419-7638-7ddf-9d42-322b7f1ea2aa', 'x' FROM unnest(:bodies::text[]) AS body ON CONFLICT DO NOTHING;\n"
        )
        self._script.write_text(statement)

    def seconds_a_row(self) -> float:
        """Run for a while."""
        command = [
            str(binaries() / "pgbench"), "-n", "-M", "prepared", "-c", "2", "-j", "1", "-T", str(PGBENCH_SECONDS),
            "-D", f"bodies={self._bodies}", "-f", str(self._script), self._url,
        ]  # fmt: skip
        said = subprocess.run(command, capture_output=True, text=True, check=False)
        found = re.search(r"^tps = ([0-9.]+)", said.stdout, re.MULTILINE)
        if found is None:
            raise Bug(f"pgbench said: {said.stderr[-300:]}")
        return 1 / (float(found[1]) * ROWS)


def main() -> int:
    """Measure in a folder of its own, and print the rows."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    with tempfile.TemporaryDirectory(prefix="guichet-bench-") as name, post_office(Path(name)) as office:
        print(table(figures(office, rounds)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
