"""Kills the leader of a PostgreSQL cluster under load, and counts whether every acknowledged entry is there exactly once.

    python -m deploy.patroni.three_nodes [--kills 2] [--seconds 60] [--seed 1] [--mode quorum|asynchronous]

Rules:
- Everything is real: etcd, three Patroni nodes, `guichet back-office serve` on a multi-host URL, terminals over HTTPS.
- Before every second kill, beginning with the first, the standbys are told nothing for `--hold` seconds: what is acknowledged
  then and only on the leader is lost with it. That is why `--mode asynchronous` can fail, and quorum must not.
- The count is made on every node, after all have replayed what the leader wrote.
- Exit code 0: nothing lost, doubled or altered, and the audit log links; 1: not so; 2: it could not be run.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from back_office import audit
from back_office.database import open_database
from deploy.patroni import tools
from deploy.patroni.cluster import START_SECONDS, Cluster, plan
from deploy.patroni.comparison import Comparison, Entry, Kill, compare, longest_gap
from deploy.patroni.configuration import Timing
from deploy.patroni.load import Load, enrol
from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PERSONS = 20
FAILOVER_SECONDS = 120.0
WARM_SECONDS = (3.0, 8.0)
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asks for."""

    folder: Path
    report: Path
    kills: int
    seconds: float
    seed: int
    writers: int
    hold: float
    mode: str
    timing: Timing
    keep: bool


def main(arguments: list[str] | None = None) -> int:
    """Run the test. What cannot be run ends with one line that says what to do, and exit code 2."""
    wanted = _read(arguments)
    try:
        result = run(wanted)
    except EnvironmentFault as fault:
        sys.stderr.write(f"three_nodes: {fault.what} {fault.remedy}\n")
        return 2
    except KeyboardInterrupt:
        return 130
    text = json.dumps(result, indent=1)
    wanted.report.write_text(text + "\n", encoding="utf-8")
    sys.stdout.write(text + "\n")
    return 0 if result["good"] else 1


def run(wanted: Wanted) -> dict[str, Any]:
    """Start, load, kill, compare. Raises EnvironmentFault when something does not start or come back."""
    found = tools.prepare(wanted.folder)
    home = wanted.folder / "run"
    shutil.rmtree(home, ignore_errors=True)
    tools.own_folder(home, None)
    passfile = wanted.folder / "passwords"
    os.environ["PGPASSFILE"] = str(passfile)
    layout = plan(home, found, "asynchronous" if wanted.mode == "asynchronous" else "quorum", wanted.timing)
    started = time.monotonic()
    with Cluster(layout, found, passfile) as cluster:
        _say(started, f"{wanted.mode}: leader {_leader(cluster)}, two standbys")
        state = home / "state"
        with _server(cluster, state) as address:
            load = Load(enrol(state, address, wanted.writers, wanted.seed))
            kills, seconds = _under_load(wanted, cluster, load, lambda words: _say(started, words))
        cluster.wait_caught_up()
        counts = {node.name: _count(cluster.url(node, target="any"), load) for node in layout.nodes}
        broken = _audit(cluster.url())
    result = _result(wanted, load, kills, seconds, counts=counts, broken=broken)
    if result["good"] and not wanted.keep:
        shutil.rmtree(home)  # programs stay; after a bad run everything does
        passfile.unlink()
    return result


def _under_load(wanted: Wanted, cluster: Cluster, load: Load, say: Callable[[str], None]) -> tuple[list[Kill], float]:
    chance = random.Random(wanted.seed)  # noqa: S311 - when to kill, no secret
    since = time.monotonic()
    load.start()
    try:
        kills = []
        for n in range(wanted.kills):
            _pause(chance.uniform(*WARM_SECONDS))
            kill = _kill(cluster, load, wanted.hold if n % 2 == 0 else 0.0)
            say(f"{kill.killed} killed, {kill.promoted} leads after {kill.leader_seconds} s, gap {kill.gap_seconds} s")
            kills.append(kill)
        _pause(max(chance.uniform(*WARM_SECONDS), wanted.seconds - (time.monotonic() - since)))
    finally:
        load.stop()
    seconds = time.monotonic() - since
    say(f"{load.acknowledged()} entries acknowledged in {seconds:.0f} s")
    return kills, seconds


def _kill(cluster: Cluster, load: Load, hold: float) -> Kill:
    """Kill the leader, wait for the next one and for acknowledgements, bring the killed node back."""
    before = cluster.wait("a leader", START_SECONDS, cluster.whole)
    begun = time.monotonic()
    if hold:
        cluster.hold_standbys(before.name)
        _pause(hold)
    cluster.kill(before.name)
    killed = time.monotonic()

    def other() -> Any:
        leader = cluster.leader()
        return (
            leader if leader is not None and leader.name != before.name and leader.timeline > before.timeline else None
        )

    after = cluster.wait("a new leader", FAILOVER_SECONDS, other)
    led = time.monotonic()
    known = len(load.moments())
    cluster.wait("an acknowledgement", FAILOVER_SECONDS, lambda: after if len(load.moments()) > known else None)
    cluster.start_node(before.name)
    restarted = time.monotonic()
    cluster.wait("the killed node back", FAILOVER_SECONDS, cluster.whole)
    ended = time.monotonic()
    return Kill(
        killed=before.name,
        promoted=after.name,
        timeline_before=before.timeline,
        timeline_after=after.timeline,
        leader_seconds=round(led - killed, 2),
        gap_seconds=round(longest_gap(load.moments(), begun, ended), 2),
        standbys_held_seconds=hold,
        rejoined_seconds=round(ended - restarted, 2),
    )


# --- the back office -----------------------------------------------------------------------------------------


@contextmanager
def _server(cluster: Cluster, state: Path) -> Iterator[str]:
    """Make a back office in the cluster, serve it, give its address."""
    _guichet("init", "--state", str(state), "--database", cluster.url(), "--port", "0")
    _guichet("seed", "--state", str(state), "--persons", str(PERSONS))
    listening = state / "back-office" / "listening"
    command = [sys.executable, "-m", "kiosk", "back-office", "serve", "--state", str(state)]
    with ExitStack() as undo:
        output = undo.enter_context((state / "server-output").open("wb"))
        server = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=output)  # noqa: S603 - ours
        undo.callback(_end, server)
        deadline = time.monotonic() + START_SECONDS
        while not listening.exists():
            if server.poll() is not None or time.monotonic() > deadline:
                raise EnvironmentFault("The back office does not start.", f"See {state / 'server-output'}.")
            _pause(0.05)
        yield listening.read_text("ascii").strip()
        if server.poll() is not None:
            raise EnvironmentFault("The back office ended under load.", f"See {state / 'server-output'}.")


def _end(server: subprocess.Popen[bytes]) -> None:
    server.send_signal(signal.SIGTERM)
    try:
        server.wait(60)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def _guichet(*words: str) -> None:
    command = [sys.executable, "-m", "kiosk", "back-office", *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    if done.returncode != 0:
        raise EnvironmentFault(f"guichet back-office {words[0]}: {done.stderr.strip()}", "Mend that first.")


def _count(url: str, load: Load) -> Comparison:
    database = open_database(url, connections=1)
    try:
        with database.read() as db:
            rows = db.execute("SELECT id, terminal, epoch, seq, body_hash FROM inbox ORDER BY n").fetchall()
    finally:
        database.close()
    return compare(load.tally.acknowledged, [Entry(*row) for row in rows])


def _audit(url: str) -> str:
    database = open_database(url, connections=1)
    try:
        with database.read() as db:
            found = audit.verify(db)
    finally:
        database.close()
    return f"broken at line {found.line}: {found.how}" if isinstance(found, audit.Broken) else ""


# --- the report ------------------------------------------------------------------------------------------------


def _result(
    wanted: Wanted, load: Load, kills: list[Kill], seconds: float, *, counts: dict[str, Comparison], broken: str
) -> dict[str, Any]:
    worst = max(counts.values(), key=lambda count: (len(count.lost), len(count.doubled), len(count.altered)))
    tally = load.tally
    return {
        "good": all(count.good for count in counts.values()) and not broken and not tally.refused,
        "mode": wanted.mode,
        "acknowledged": worst.acknowledged,
        "lost": len(worst.lost),
        "doubled": len(worst.doubled),
        "altered": len(worst.altered),
        "stored_without_acknowledgement": worst.unacknowledged,
        "gap_seconds": max((kill.gap_seconds for kill in kills), default=0.0),
        "kills": [asdict(kill) for kill in kills],
        "entries_per_second": round(worst.acknowledged / seconds, 1),
        "seconds": round(seconds, 1),
        "batches_repeated": tally.repeated,
        "answers_that_were_none": dict(tally.failures),
        "refused": tally.refused[:5],
        "audit_log": broken or "links",
        "nodes": {name: count.summary() for name, count in counts.items()},
        "seed": wanted.seed,
        "writers": wanted.writers,
        "timing": asdict(wanted.timing),
        "lock": tools.lock_digest(),
    }


def _say(started: float, words: str) -> None:
    sys.stderr.write(f"{time.monotonic() - started:6.1f} s  {words}\n")


def _leader(cluster: Cluster) -> str:
    leader = cluster.leader()
    return "unknown" if leader is None else leader.name


def _pause(seconds: float) -> None:
    threading.Event().wait(seconds)


def _read(arguments: list[str] | None) -> Wanted:
    parser = argparse.ArgumentParser(prog="three_nodes", description="Kill the leader under load; count afterwards.")
    default = Path(tempfile.gettempdir()) / "guichet-three-nodes"
    parser.add_argument("--folder", type=Path, default=default, help=f"for programs and state (default {default})")
    parser.add_argument("--report", type=Path, help="where to write the result (default FOLDER/result.json)")
    parser.add_argument("--kills", type=int, default=2, help="how often the leader is killed (default 2)")
    parser.add_argument("--seconds", type=float, default=60.0, help="the load runs at least so long (default 60)")
    parser.add_argument("--seed", type=int, default=1, help="decides when to kill, and the load's filling")
    parser.add_argument("--writers", type=int, default=4, help="terminals that push at once (default 4)")
    parser.add_argument(
        "--hold", type=float, default=1.0, help="seconds in which the standbys hear nothing before a kill (default 1)"
    )
    parser.add_argument("--mode", choices=("quorum", "asynchronous"), default="quorum")
    parser.add_argument("--keep", action="store_true", help="keep data and logs of a good run, too")
    for name, value in asdict(Timing()).items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=value, help=f"Patroni's (default {value})")
    args = parser.parse_args(arguments)
    if args.kills < 0 or args.writers < 1 or args.hold < 0:
        parser.error("--kills and --hold cannot be negative, and there is at least one writer")
    folder = args.folder.absolute()
    return Wanted(
        folder, args.report or folder / "result.json", args.kills, args.seconds, args.seed, args.writers, args.hold,
        args.mode, Timing(args.ttl, args.loop_wait, args.retry_timeout), args.keep,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
