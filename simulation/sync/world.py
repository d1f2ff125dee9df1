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
import shutil
import time
from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import structlog

from back_office.repository import inbox, timestamp
from simulation.sync import mint as minting
from simulation.sync.enrol import enrol
from simulation.sync.failpoints import Fuse, Killed
from simulation.sync.ground import Ground, lay
from simulation.sync.judge import Evidence, Judgement, judge
from simulation.sync.line import FINE, SimulatedLine, Weather, carried
from simulation.sync.plan import draw
from simulation.sync.server import Outside, Server, in_one_thread
from simulation.sync.terminal import Terminal, mortal_journals
from simulation.sync.virtual_time import SeededIds, VirtualLoop, WorldClock, run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from simulation.sync.mint import Mint, Minted
    from simulation.sync.plan import Act, Plan

FORTNIGHT = timedelta(days=15)
HEALING_SECONDS = 6 * 3600.0
LOOK_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Faults:
    """Mean seconds of the world between faults of a kind, over all machines; 0: never."""

    terminal_kill: float = 120.0
    server_kill: float = 240.0
    terminal_disk_full: float = 900.0
    server_disk_full: float = 1800.0
    journal_put_back: float = 3600.0
    server_put_back: float = 0.0
    weather: Weather = field(default_factory=Weather)
    clocks_jump: bool = True


CALM = Faults(0, 0, 0, 0, 0, 0, FINE, clocks_jump=False)


@dataclass(frozen=True, slots=True)
class Order:
    """What world is wanted. `database` is the URL of an empty PostgreSQL database; empty: SQLite."""

    terminals: int
    transactions: int
    seed: str
    faults: Faults = field(default_factory=Faults)
    database: str = ""
    processes: int = 1


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
        with carried(), in_one_thread(), mortal_journals():
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
        self._chances = {name: random.Random(f"{order.seed}/{name}") for name in ("faults", "ids", "outside", "server")}
        self._clock = WorldClock(loop, plan.server_jumps)
        self._counts: Counter[str] = Counter()
        self._bodies: dict[tuple[str, str], int] = {}
        self._destroyed: set[tuple[str, int, int, str]] = set()
        self._healing = False
        self._backup: dict[int, Path] = {}
        self._unheard_of: list[str] = []
        self.outside = Outside(self._chances["outside"])
        self.server, self.terminals, self._mint = self._make(ground)

    def _make(self, ground: Ground) -> tuple[Server, list[Terminal], Mint]:
        order = self._order
        ids = SeededIds(self._chances["ids"], self._clock)
        settings = ground.settings
        server = Server(ground.state, settings, self._clock, ids, self.outside, self._chances["server"])
        server.on_death = self._server_died
        made_terminals = []
        for number, who in enumerate(ground.identities):
            line = SimulatedLine(server, random.Random(f"{order.seed}/line {number}"), order.faults.weather)
            clock = WorldClock(self._loop, self.plan.jumps[number])
            own = SeededIds(random.Random(f"{order.seed}/terminal {number}"), clock)
            terminal = Terminal(replace(who), self._work / who.name, ground.root, line, clock, own)
            terminal.on_death = self._terminal_died
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
        total = Counter(self._counts)
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
        faults = [asyncio.ensure_future(work) for work in self._faults()]
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
        self._healing = True
        await self._heal()
        self._clock.extra += FORTNIGHT
        for terminal in self.terminals:
            terminal.clock.extra += FORTNIGHT
        at_rest = await self._come_to_rest()
        with self.server.it.database.read() as db:
            evidence = Evidence(self.plan, self._bodies, self._acknowledged(), self._destroyed, self.outside)
            judgement = judge(db, evidence, self.terminals)
        if not at_rest:
            judgement.flaw("the world did not come to rest")
        for text in self._unheard_of:
            judgement.flaw(text)
        for terminal in self.terminals:
            if terminal.failure is not None:
                judgement.flaw(f"{terminal.who.name} failed: {terminal.failure!r}")
        return judgement

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

    # --- faults ----------------------------------------------------------------------------------------------

    def _faults(self) -> list[Any]:
        wanted = self._order.faults
        acts: tuple[tuple[float, Callable[[random.Random], None]], ...] = (
            (wanted.terminal_kill, self._kill_terminal),
            (wanted.server_kill, self._kill_server),
            (wanted.terminal_disk_full, self._fill_terminal),
            (wanted.server_disk_full, self._fill_server),
            (wanted.journal_put_back, self._put_journal_back),
            (wanted.server_put_back, self._put_server_back),
        )
        return [self._again_and_again(mean, act) for mean, act in acts if mean]

    async def _again_and_again(self, mean: float, act: Callable[[random.Random], None]) -> None:
        chance = random.Random(f"{self._order.seed}/{act.__name__}")
        while True:
            await asyncio.sleep(chance.expovariate(1 / mean))
            act(chance)

    def _kill_terminal(self, chance: random.Random) -> None:
        fuse = chance.choice(self.terminals).fuse
        if fuse is not None:
            fuse.light(chance.randint(1, 40))

    def _kill_server(self, chance: random.Random) -> None:
        if self.server.fuse is not None:
            self.server.fuse.light(chance.randint(1, 150))

    def _fill_terminal(self, chance: random.Random) -> None:
        terminal = chance.choice(self.terminals)
        if terminal.alive and not terminal.out_of_service:
            terminal.fill_disk()
            self._counts["faults: terminal's disk full"] += 1
            self._loop.call_later(chance.uniform(10, 600), terminal.empty_disk)

    def _fill_server(self, chance: random.Random) -> None:
        self.server.fill_disk(full=True)
        self._counts["faults: server's disk full"] += 1
        self._loop.call_later(chance.uniform(5, 120), lambda: self.server.fill_disk(full=False))

    def _put_journal_back(self, chance: random.Random) -> None:
        """Sooner or later: what was copied is put back over what has come since."""
        number = chance.randrange(len(self.terminals))
        terminal = self.terminals[number]
        copy = self._work / f"copy-{number}"
        self._down(terminal)
        if number in self._backup:
            self._note_destroyed(terminal, copy)
            terminal.put_back(copy, with_mark=chance.random() < 0.5)  # noqa: PLR2004 - a whole disk, or a file
            del self._backup[number]
        else:
            terminal.copy_disk(copy)
            self._backup[number] = copy
        self._loop.call_later(chance.uniform(1, 60), self._start_terminal, terminal, chance)

    def _put_server_back(self, chance: random.Random) -> None:
        copy = self._work / "server-copy"
        self.server.stop()
        if copy.exists():
            self.server.restore(copy)
            shutil.rmtree(copy)
        else:
            self.server.back_up(copy)
        self._loop.call_later(chance.uniform(1, 60), self._start_server)

    def _down(self, terminal: Terminal) -> None:
        terminal.on_death = lambda _: None
        terminal.kill()
        terminal.on_death = self._terminal_died

    def _note_destroyed(self, terminal: Terminal, copy: Path) -> None:
        """What was not known to be delivered, and is not in the copy, is gone when the copy is put back."""
        before, after = terminal.entries(terminal.path), terminal.entries(copy / "journal.db")
        gone = {(seq, id_) for (seq, id_), state in before.items() if state == "waiting" and (seq, id_) not in after}
        self._destroyed |= {(terminal.who.name, terminal.epoch_on_disk(), seq, id_) for seq, id_ in gone}

    def _server_died(self) -> None:
        self._loop.call_later(self._chances["faults"].uniform(0.5, 90), self._start_server)

    def _start_server(self) -> None:
        if not self.server.alive:
            self.server.start()

    def _terminal_died(self, terminal: Terminal) -> None:
        self._loop.call_later(
            self._chances["faults"].uniform(0.5, 30), self._start_terminal, terminal, self._chances["faults"]
        )

    def _start_terminal(self, terminal: Terminal, chance: random.Random) -> None:
        if terminal.alive:
            return
        fuse = Fuse()
        if chance.random() < 0.1 and not self._healing:  # noqa: PLR2004 - killed once more while it starts
            fuse.light(chance.randint(1, 600))
        if not terminal.start(fuse=fuse):
            self._terminal_died(terminal)
        elif terminal.out_of_service:
            self._loop.call_later(chance.uniform(60, 3600), self._technician, terminal)

    def _technician(self, terminal: Terminal) -> None:
        """Enrol a terminal anew that is out of service, or suspended, and start it."""
        if not self.server.alive:
            self._loop.call_later(120, self._technician, terminal)
            return
        if terminal.alive and not terminal.out_of_service and terminal.who.name not in self._suspended():
            return
        self._counts["technician came"] += 1
        self._down(terminal)
        terminal.who = enrol(self.server.it, terminal.who.name, terminal.who.office)
        self._start_terminal(terminal, self._chances["faults"])

    # --- healing ---------------------------------------------------------------------------------------------

    async def _heal(self) -> None:
        for terminal in self.terminals:
            terminal.line.up, terminal.line.weather = True, FINE
            terminal.empty_disk()
            if terminal.fuse is not None:
                terminal.fuse.left = None
        if self.server.fuse is not None:
            self.server.fuse.left = None
        self.outside.down = 0.0
        await asyncio.sleep(200)
        self._start_server()
        self.server.fill_disk(full=False)
        for terminal in self.terminals:
            self._start_terminal(terminal, self._chances["faults"])
        await self._come_to_rest()

    async def _come_to_rest(self) -> bool:
        """Give the world time, and technicians where they are needed; False when it does not come to rest."""
        until = self._loop.time() + HEALING_SECONDS
        quiet = 0
        while self._loop.time() < until:
            await asyncio.sleep(LOOK_SECONDS)
            suspended = self._suspended()
            for terminal in self.terminals:
                if terminal.out_of_service or terminal.who.name in suspended:
                    self._technician(terminal)
            quiet = quiet + 1 if self._rests() else 0
            if quiet > 3:  # noqa: PLR2004 - also the lists of verdicts have been read
                return True
        return False

    def _suspended(self) -> set[str]:
        """Which terminals the fleet page shows as suspended."""
        if not self.server.alive:
            return set()
        with self.server.it.database.read() as db:
            return {row["id"] for row in db.execute("SELECT id FROM terminal WHERE state = 'suspended'")}

    def _rests(self) -> bool:
        if not self.server.alive or not all(terminal.rests for terminal in self.terminals):
            return False
        now = timestamp(self._clock.now())
        with self.server.it.database.read() as db:
            return not (
                inbox.undecided(db, 1)
                or db.execute("SELECT 1 FROM outbox WHERE done_at IS NULL").fetchone()
                or db.execute("SELECT 1 FROM bank_change WHERE due_at <= ?", (now,)).fetchone()
            )
