"""One world from its beginning to its judgement: visits, faults, healing, and a fortnight more.

Rules:
- A run is its seed. Faults come while people act; then everything is mended, and the world is given time to come to rest.
- What is mended is what a technician mends: power and line come back, disks have room, clocks are right, a terminal that
  is out of service or suspended is enrolled anew.
- An entry that an old copy of a journal overwrote before it was delivered is gone for good: it is counted, not excused.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import structlog

from back_office import records
from back_office.repository import inbox, timestamp
from simulation.sync import mint as minting
from simulation.sync.caches import cached
from simulation.sync.failpoints import Killed
from simulation.sync.ground import Ground, lay
from simulation.sync.judge import Evidence, Judgement, judge
from simulation.sync.judge_caches import judge_caches
from simulation.sync.line import SimulatedLine, carried
from simulation.sync.plan import draw
from simulation.sync.server import Outside, Server, in_one_thread
from simulation.sync.terminal import Terminal, mortal_journals
from simulation.sync.trouble import Faults, Trouble
from simulation.sync.virtual_time import SeededIds, VirtualLoop, WorldClock, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from back_office.installation import Installation
    from simulation.sync.mint import Mint, Minted
    from simulation.sync.plan import Act, Plan

FORTNIGHT = timedelta(days=15)
HEALING_SECONDS = 6 * 3600.0
LOOK_SECONDS = 30.0
WALK_IN_EVERY = 9
QUIET_SECONDS = 4000.0
"""So long nothing moves before a world is at rest whose server was put back: every terminal has asked what it has."""
SHORT_QUIET_SECONDS = 150.0
"""The same for other worlds: the lists of verdicts have been read."""


@dataclass(frozen=True, slots=True)
class Order:
    """What world is wanted. `database` is the URL of an empty PostgreSQL database; empty: SQLite."""

    terminals: int
    transactions: int
    seed: str
    faults: Faults = field(default_factory=Faults)
    database: str = ""
    processes: int = 1
    caches: bool = True
    """Terminals keep caches as well, and people walk into offices that are not theirs."""


@dataclass(slots=True)
class Result:
    """What a world came to."""

    order: Order
    judgement: Judgement
    counts: Counter[str]
    world_seconds: float
    seconds: float

    @property
    def good(self) -> bool:
        """The state is the oracle's, and nothing is wrong."""
        return not self.judgement.flaw_count

    def document(self) -> dict[str, Any]:
        """The result as JSON values."""
        return {
            "simulation": "sync",
            "seed": self.order.seed,
            "terminals": self.order.terminals,
            "transactions": self.order.transactions,
            "database": "postgresql" if self.order.database else "sqlite",
            "good": self.good,
            "world_hours": round(self.world_seconds / 3600, 1),
            "seconds": round(self.seconds, 1),
            "transactions_a_second": round(self.order.transactions / self.seconds, 1),
            "records_cached": self.judgement.cached,
            "acknowledged": self.judgement.acknowledged,
            "destroyed_by_old_copies": self.judgement.destroyed,
            "fates": dict(sorted(self.judgement.fates.items())),
            "counts": dict(sorted(self.counts.items())),
            "flaws": self.judgement.flaws,
            "flaw_count": self.judgement.flaw_count,
            "faults": asdict(self.order.faults),
        }


def simulate(order: Order, work: Path) -> Result:
    """Play a world in the empty folder `work`."""
    started = time.monotonic()
    loop = VirtualLoop()
    with ExitStack() as stack:
        stack.enter_context(seams())
        plan = draw(
            order.terminals, order.transactions, random.Random(order.seed), clocks_jump=order.faults.clocks_jump
        )
        ground = lay(work / "state", plan.persons, order.terminals, order.seed, database=order.database)
        world = World(order, plan, ground, work, loop)
        stack.callback(world.close)
        judgement = run(loop, world.play())
        return Result(order, judgement, world.counts(), loop.time(), time.monotonic() - started)


@contextmanager
def seams() -> Iterator[None]:
    """Put the world's line, time and disks where the product has the machine's, while the block runs; log nothing."""
    before = structlog.get_config()
    structlog.configure(processors=[_nothing], logger_factory=structlog.ReturnLoggerFactory())
    try:
        with carried(), in_one_thread(), mortal_journals(), cached():
            yield
    finally:
        structlog.configure(**before)


def _nothing(*_: Any) -> Any:
    raise structlog.DropEvent


class World:
    """Everything of one world."""

    def __init__(self, order: Order, plan: Plan, ground: Ground, work: Path, loop: VirtualLoop) -> None:
        self._order = order
        self._work = work
        self._loop = loop
        self.plan = plan
        self._chances = {name: random.Random(f"{order.seed}/{name}") for name in ("ids", "outside", "server")}
        self.clock = WorldClock(loop, plan.server_jumps)
        self._counts: Counter[str] = Counter()
        self._bodies: dict[tuple[str, str], int] = {}
        self._unheard_of: list[str] = []
        self.outside = Outside(self._chances["outside"])
        self.server, self.terminals, self._mint = self._make(ground)
        self.trouble = Trouble(self.server, self.terminals, loop, work, order.seed)

    def _make(self, ground: Ground) -> tuple[Server, list[Terminal], Mint]:
        order = self._order
        ids = SeededIds(self._chances["ids"], self.clock)
        settings = ground.settings
        server = Server(ground.state, settings, self.clock, ids, self.outside, self._chances["server"])
        made_terminals = []
        for number, who in enumerate(ground.identities):
            line = SimulatedLine(server, random.Random(f"{order.seed}/line {number}"), order.faults.weather)
            clock = WorldClock(self._loop, self.plan.jumps[number])
            own = SeededIds(random.Random(f"{order.seed}/terminal {number}"), clock)
            terminal = Terminal(replace(who), self._work / who.name, ground.root, line, clock, own)
            terminal.keeps_cache = order.caches
            made_terminals.append(terminal)
        return (
            server,
            made_terminals,
            minting.Mint(self.plan.acts, ground.keys, ground.stamp, processes=order.processes),
        )

    def close(self) -> None:
        """Stop everything."""
        self._mint.close()
        for terminal in self.terminals:
            terminal.stop()
        self.server.stop()

    def counts(self) -> Counter[str]:
        """What happened how often."""
        total = self._counts + self.trouble.counts
        for name, count in self.server.counts.items():
            total[f"server: {name}"] += count
        for name, count in self.outside.told.items():
            total[f"outside: {name}"] += count
        for terminal in self.terminals:
            for name, count in terminal.counts.items():
                total[f"terminals: {name}"] += count
            for name, count in terminal.line.counts.items():
                total[f"line: {name}"] += count
        return total

    # --- the way of the world --------------------------------------------------------------------------------

    async def play(self) -> Judgement:
        """Let it begin, go on, heal, and be judged."""
        self.begin()
        faults = [asyncio.ensure_future(work) for work in self.trouble.faults(self._order.faults)]
        outages = [asyncio.ensure_future(terminal.line.outages()) for terminal in self.terminals]
        await self._visits()
        for task in (*faults, *outages):
            task.cancel()
        return await self.end()

    def begin(self) -> None:
        """Start every machine."""
        self._loop.set_exception_handler(self._unheard)
        self.server.start()
        for terminal in self.terminals:
            terminal.start()

    async def end(self) -> Judgement:
        """Mend everything, let a fortnight pass, and judge."""
        judgement = Judgement()
        await self._heal()
        self._judge_caches(judgement)
        self.clock.extra += FORTNIGHT  # whose leases end as well: every cache is destroyed and filled anew
        for terminal in self.terminals:
            terminal.clock.extra += FORTNIGHT
        at_rest = await self._come_to_rest()
        with self.server.it.database.read() as db:
            evidence = Evidence(
                self.plan,
                self._bodies,
                self._acknowledged(),
                self.trouble.overwritten if self.server.counts["restores"] else self.trouble.destroyed,
                self.outside,
                bool(self.server.counts["restores"]),
            )
            judge(db, evidence, self.terminals, judgement)
        self._judge_caches(judgement)
        if not at_rest:
            judgement.flaw("the world did not come to rest")
        for text in (*self._unheard_of, *self.server.failures):
            judgement.flaw(text)
        for terminal in self.terminals:
            if terminal.failure is not None:
                judgement.flaw(f"{terminal.who.name} failed: {terminal.failure!r}")
        return judgement

    def _judge_caches(self, judgement: Judgement) -> None:
        if self._order.caches and self.server.alive:
            with self.server.it.database.read() as db:
                judgement.cached = judge_caches(db, self.terminals, self.clock.now(), judgement.flaw)

    def visit(self, act: Act, minted: Minted) -> str:
        """Let a person do an act now; what they were told."""
        self._bodies[minted.id, minted.body_hash] = act.n
        told = self.terminals[act.terminal].take(act.n, minted, follows=act.follows)
        self._counts[f"visits: {told}"] += 1
        return told

    def _unheard(self, _: Any, context: dict[str, Any]) -> None:
        """Nobody waited for a task that failed: a kill is told by the fuse, everything else is a flaw."""
        error = context.get("exception")
        if not isinstance(error, Killed):
            self._unheard_of.append(f"{context.get('message')}: {error!r}")

    def _acknowledged(self) -> list[Any]:
        return [one for terminal in self.terminals for one in terminal.acknowledged]

    async def _visits(self) -> None:
        """Every act at its moment; who finds a terminal that does not take it goes home."""
        for act in self.plan.acts:
            minted = self._mint.take(act)
            wait = act.second - self._loop.time()
            if wait > 0:
                await asyncio.sleep(wait)
            self.visit(act, minted)
            if self._order.caches and act.n % WALK_IN_EVERY == 0 and self.terminals[act.terminal].line.up:
                self._walk_in(act)

    def _walk_in(self, act: Act) -> None:
        """Somebody is served online: the office that they are in may hold their record from now on."""
        office = self.terminals[act.terminal].who.office

        def note(it: Installation) -> None:
            with it.work() as work:
                records.visited(work, act.person.number, office)

        if act.person.known:
            self.server.do(note)
            self._counts["visits: walked in"] += 1

    # --- healing ---------------------------------------------------------------------------------------------

    async def _heal(self) -> None:
        self.trouble.mend()
        await asyncio.sleep(200)
        self.trouble.start_all()
        await self._come_to_rest()

    async def _come_to_rest(self) -> bool:
        """Give the world time, and technicians where they are needed; False when it does not come to rest."""
        until = self._loop.time() + HEALING_SECONDS
        quiet = 0
        while self._loop.time() < until:
            await asyncio.sleep(LOOK_SECONDS)
            self.trouble.call_technicians()
            quiet = quiet + 1 if self._rests() else 0
            if quiet * LOOK_SECONDS > (QUIET_SECONDS if self.server.counts["restores"] else SHORT_QUIET_SECONDS):
                return True
        return False

    def _rests(self) -> bool:
        if not self.server.alive or not all(terminal.rests for terminal in self.terminals):
            return False
        if any(terminal.cache is not None and terminal.cache.status != "ok" for terminal in self.terminals):
            return False
        now = timestamp(self.clock.now())
        with self.server.it.database.read() as db:
            return not (
                inbox.undecided(db, 1)
                or db.execute("SELECT 1 FROM outbox WHERE done_at IS NULL").fetchone()
                or db.execute("SELECT 1 FROM bank_change WHERE due_at <= ?", (now,)).fetchone()
            )
