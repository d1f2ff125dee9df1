"""What goes wrong in a world, and who mends it: kills, full disks, old files put back, and the technician.

Rules:
- A machine that died starts again by itself after a while; sometimes it is killed once more while it starts.
- A terminal that is out of service or suspended is enrolled anew by a technician, who comes within the hour; the journal
  that is out of service is exported, and taken in at the back office.
- An entry that an old copy of a journal overwrote before it was delivered is gone for good: it is noted as destroyed.
"""

from __future__ import annotations

import asyncio
import random
import shutil
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from back_office.take_in import take_in
from offline_cache.export import export
from simulation.sync.enrol import enrol
from simulation.sync.failpoints import Fuse
from simulation.sync.line import FINE, Weather
from simulation.sync.terminal import KEY

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from simulation.sync.server import Server
    from simulation.sync.terminal import Terminal


@dataclass(frozen=True, slots=True)
class Faults:
    """Mean seconds of the world between faults of a kind, over all machines; 0: never."""

    terminal_kill: float = 120.0
    server_kill: float = 240.0
    terminal_disk_full: float = 900.0
    server_disk_full: float = 1800.0
    journal_put_back: float = 3600.0
    server_put_back: float = 5400.0
    technician: float = 1800.0
    """Between two looks at the fleet page."""
    enrolment: float = 5400.0
    """Between two terminals that get a new identity though nothing is wrong with them."""
    weather: Weather = field(default_factory=Weather)
    clocks_jump: bool = True


CALM = Faults(0, 0, 0, 0, 0, 0, 0, 0, FINE, clocks_jump=False)


@dataclass(slots=True)
class Trouble:
    """Breaks and mends the machines of one world."""

    server: Server
    terminals: list[Terminal]
    loop: asyncio.AbstractEventLoop
    work: Path
    seed: str
    healing: bool = False
    counts: Counter[str] = field(default_factory=Counter)
    destroyed: set[tuple[str, int, int, str]] = field(default_factory=set)
    """(terminal, epoch, seq, id) of undelivered entries that an old copy overwrote."""
    overwritten: set[tuple[str, int, int, str]] = field(default_factory=set)
    """The same of all entries; they matter when the back office forgets them as well."""
    _copies: dict[int, Path] = field(default_factory=dict)
    _chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        """Be told when a machine dies."""
        self._chance = random.Random(f"{self.seed}/trouble")
        self.server.on_death = self._server_died
        for terminal in self.terminals:
            terminal.on_death = self._terminal_died

    def faults(self, wanted: Faults) -> list[Any]:
        """Make trouble for ever, each kind as often as wanted."""
        acts: tuple[tuple[float, Callable[[random.Random], None]], ...] = (
            (wanted.terminal_kill, self.kill_terminal),
            (wanted.server_kill, self.kill_server),
            (wanted.terminal_disk_full, self.fill_terminal),
            (wanted.server_disk_full, self.fill_server),
            (wanted.journal_put_back, self.put_journal_back),
            (wanted.server_put_back, self.put_server_back),
            (wanted.technician, self._look_round),
            (wanted.enrolment, self.enrol_anew),
        )
        return [self._again_and_again(mean, act) for mean, act in acts if mean]

    async def _again_and_again(self, mean: float, act: Callable[[random.Random], None]) -> None:
        chance = random.Random(f"{self.seed}/{act.__name__}")
        while True:
            await asyncio.sleep(chance.expovariate(1 / mean))
            act(chance)

    def kill_terminal(self, chance: random.Random) -> None:
        """Kill some terminal at one of its next writes."""
        fuse = chance.choice(self.terminals).fuse
        if fuse is not None:
            fuse.light(chance.randint(1, 40))

    def kill_server(self, chance: random.Random) -> None:
        """Kill the server at one of its next writes."""
        if self.server.fuse is not None:
            self.server.fuse.light(chance.randint(1, 150))

    def fill_terminal(self, chance: random.Random) -> None:
        """Let some terminal's disk be full for minutes."""
        terminal = chance.choice(self.terminals)
        if terminal.alive and not terminal.out_of_service:
            terminal.fill_disk()
            self.counts["faults: terminal's disk full"] += 1
            self.loop.call_later(chance.uniform(10, 600), terminal.empty_disk)

    def fill_server(self, chance: random.Random) -> None:
        """Let the server's disk be full for a while."""
        self.server.fill_disk(full=True)
        self.counts["faults: server's disk full"] += 1
        self.loop.call_later(chance.uniform(5, 120), lambda: self.server.fill_disk(full=False))

    def put_journal_back(self, chance: random.Random) -> None:
        """Sooner or later: what was copied is put back over what has come since."""
        number = chance.randrange(len(self.terminals))
        terminal = self.terminals[number]
        copy = self.work / f"copy-{number}"
        self.down(terminal)
        if number in self._copies:
            self._note_destroyed(terminal, copy)
            terminal.put_back(copy, with_mark=chance.random() < 0.5)  # noqa: PLR2004 - a whole disk, or a file
            del self._copies[number]
        else:
            terminal.copy_disk(copy)
            self._copies[number] = copy
        self.loop.call_later(chance.uniform(1, 60), self.start_terminal, terminal, chance)

    def put_server_back(self, chance: random.Random) -> None:
        """Sooner or later: what was copied of the database is put back over what has come since."""
        copy = self.work / "server-copy"
        self.server.stop()
        if copy.exists():
            self.server.restore(copy)
            shutil.rmtree(copy)
        else:
            self.server.back_up(copy)
        self.loop.call_later(chance.uniform(1, 60), self.start_server)

    def down(self, terminal: Terminal) -> None:
        """Switch a terminal off, by its plug."""
        terminal.on_death = lambda _: None
        terminal.kill()
        terminal.on_death = self._terminal_died

    def _note_destroyed(self, terminal: Terminal, copy: Path) -> None:
        """What was not known to be delivered, and is not in the copy, is gone when the copy is put back.

        So are journals that were set aside since the copy was made: they are files of the same disk.
        """
        after = {entry for path in terminal.journals(copy) for entry in terminal.entries(path)}
        for path in terminal.journals(terminal.folder):
            for entry, state in terminal.entries(path).items():
                if entry not in after:
                    self.overwritten.add((terminal.who.name, *entry))
                    if state == "waiting" and path == terminal.path:
                        self.destroyed.add((terminal.who.name, *entry))

    def _server_died(self) -> None:
        self.loop.call_later(self._chance.uniform(0.5, 90), self.start_server)

    def start_server(self) -> None:
        """Start the server if it is down."""
        if not self.server.alive:
            self.server.start()

    def _terminal_died(self, terminal: Terminal) -> None:
        self.loop.call_later(self._chance.uniform(0.5, 30), self.start_terminal, terminal, self._chance)

    def start_terminal(self, terminal: Terminal, chance: random.Random) -> None:
        """Start a terminal if it is down, and call the technician if its journal takes nothing."""
        if terminal.alive:
            return
        fuse = Fuse()
        if chance.random() < 0.1 and not self.healing:  # noqa: PLR2004 - killed once more while it starts
            fuse.light(chance.randint(1, 600))
        if not terminal.start(fuse=fuse):
            self._terminal_died(terminal)
        elif terminal.out_of_service:
            self.loop.call_later(chance.uniform(60, 3600), self.technician, terminal)

    def technician(self, terminal: Terminal) -> None:
        """Enrol a terminal anew; what a journal cannot deliver any more is taken in."""
        if not terminal.alive or self._needs_one(terminal, self.suspended()):
            self._enrol(terminal)

    def enrol_anew(self, chance: random.Random) -> None:
        """Give some terminal a new identity: its certificate runs out, or it moves."""
        self._enrol(chance.choice(self.terminals))

    def _enrol(self, terminal: Terminal) -> None:
        who = self.server.do(lambda it: enrol(it, terminal.who.name, terminal.who.office, had=terminal.who.epoch))
        if who is None:
            self.loop.call_later(120, self._enrol, terminal)
            return
        self.counts["technician came"] += 1
        broken = terminal.out_of_service
        self.down(terminal)
        if broken:
            target = self.work / f"export-{self.counts['technician came']}"
            export(terminal.path, KEY, target)
            self._take_in(target / "entries.jsonl")
        terminal.who = who
        self.start_terminal(terminal, self._chance)

    def _take_in(self, entries: Path) -> None:
        taken = self.server.do(lambda it: take_in(it, entries, by="tom"))
        if taken is None:
            self.loop.call_later(120, self._take_in, entries)
        else:
            self.counts["entries taken in"] += taken.new

    def suspended(self) -> set[str]:
        """Which terminals the fleet page shows as suspended."""
        if not self.server.alive:
            return set()
        with self.server.it.database.read() as db:
            return {row["id"] for row in db.execute("SELECT id FROM terminal WHERE state = 'suspended'")}

    def mend(self) -> None:
        """End every fault: no more kills, lines up, room on every disk, partners there."""
        self.healing = True
        for terminal in self.terminals:
            terminal.line.up, terminal.line.weather = True, FINE
            terminal.empty_disk()
            if terminal.fuse is not None:
                terminal.fuse.left = None
        if self.server.fuse is not None:
            self.server.fuse.left = None
        self.server.fill_disk(full=False)
        self.server.outside.down = 0.0

    def start_all(self) -> None:
        """Start what is down."""
        self.start_server()
        self.server.fill_disk(full=False)
        for terminal in self.terminals:
            self.start_terminal(terminal, self._chance)

    def _look_round(self, _chance: random.Random) -> None:
        self.call_technicians()

    def call_technicians(self) -> None:
        """Send a technician wherever one is needed."""
        suspended = self.suspended()
        for terminal in self.terminals:
            if self._needs_one(terminal, suspended):
                self.technician(terminal)

    @staticmethod
    def _needs_one(terminal: Terminal, suspended: set[str]) -> bool:
        """A journal that takes nothing, a suspension, or a back office that was put back and knows another key of it."""
        return terminal.out_of_service or terminal.who.name in suspended or not terminal.recognised
