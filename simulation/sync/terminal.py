"""A terminal of a world: the real journal, the real delivery, line and verdict reader of the agent, on a disk of its own.

Rules:
- An act is acknowledged as the agent does it: the journal's word, then the head mark, then delivery is told.
- A kill leaves the files as they are at that moment; a start opens them as the agent would, and nothing is kept in memory.
- A journal that is out of service is enrolled anew by a technician: a new epoch; what was delivered of the old one stands.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kiosk.agent.backoff import Backoff
from kiosk.agent.delivery import Delivery
from kiosk.agent.line import Line
from kiosk.agent.verdict_reader import VerdictReader
from kiosk.back_office_client import ItemResult
from kiosk.terminal_folder import TerminalFolder
from kiosk.wire.timestamps import timestamp
from offline_cache import journal_file
from offline_cache.database import open_database as open_file
from offline_cache.database import room_to_write
from offline_cache.entries import JournalStatus, NewEntry, Place, Refusal
from offline_cache.head_mark import mark_path
from offline_cache.journal import Journal
from simulation.sync.caches import keeper
from simulation.sync.failpoints import Fuse, Killed, MortalEngine
from simulation.sync.line import SimulatedClient
from simulation.sync.seams import swapped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric import ec

    from kiosk.agent.cache_keeper import CacheKeeper
    from kiosk.system import Ids
    from offline_cache.database import Database
    from simulation.sync.line import SimulatedLine
    from simulation.sync.mint import Minted
    from simulation.sync.virtual_time import WorldClock

KEY = bytes(range(32))
BALLAST_BYTES = 64 << 10
PING_SECONDS, PROBE_SECONDS = 120.0, 20.0
RETRY_FIRST_SECONDS, RETRY_MOST_SECONDS = 1.0, 60.0
HEARTBEAT_SECONDS = 900.0
TIDY_SECONDS = 5.0
STANDING_SECONDS = 4.0


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """What a person was told: recorded, and where."""

    act: int
    id: str
    body_hash: str
    terminal: str
    epoch: int
    seq: int


@dataclass(slots=True)
class _Life:
    """What is in the memory of one running agent."""

    journal: Journal
    fuse: Fuse
    line: Line
    delivery: Delivery
    verdicts: VerdictReader
    cache: CacheKeeper | None
    tasks: list[asyncio.Task[None]] = field(default_factory=list)


@dataclass(slots=True)
class Identity:
    """Who a terminal is: its name, office, key, and the epoch bound at its last enrolment."""

    name: str
    office: str
    key: ec.EllipticCurvePrivateKey
    epoch: int


class Terminal:
    """One terminal, its disk, and the line it hangs on."""

    def __init__(  # noqa: PLR0917 - who it is, its disk, its line, its time and names
        self, who: Identity, folder: Path, root: Path, line: SimulatedLine, clock: WorldClock, ids: Ids
    ) -> None:
        self.who = who
        self.place = TerminalFolder(folder)
        self.folder = self.place.path
        self.line = line
        self.counts: Counter[str] = Counter()
        self.acknowledged: list[Acknowledged] = []
        self.on_death: Callable[[Terminal], None] = lambda _: None
        self._root = root
        self.clock = clock
        self._ids = ids
        self._life: _Life | None = None
        self._engines: list[MortalEngine] = []
        self.disk_full = False
        self.keeps_cache = False
        self.place.create()

    @property
    def path(self) -> Path:
        """The journal's file."""
        return self.folder / "journal.db"

    @property
    def alive(self) -> bool:
        """Does the agent run."""
        return self._life is not None

    @property
    def journal(self) -> Journal | None:
        """The journal of the life that runs."""
        return self._life.journal if self._life is not None else None

    @property
    def cache(self) -> CacheKeeper | None:
        """The keeper of the cache of the life that runs."""
        return self._life.cache if self._life is not None else None

    @property
    def fuse(self) -> Fuse | None:
        """How to kill it; None while it is down."""
        return self._life.fuse if self._life is not None else None

    # --- lives ---------------------------------------------------------------------------------------------

    def start(self, *, fuse: Fuse | None = None) -> bool:
        """Start the agent; False when it was killed while it started."""
        fuse = fuse or Fuse()
        self._engines.clear()
        _fuses[self.path] = (fuse, self)
        try:
            journal = Journal.open(
                self.path, KEY, terminal=self.who.name, epoch=self.who.epoch, clock=self.clock, ballast_bytes=BALLAST_BYTES
            )  # fmt: skip
        except Killed:
            self._bury()
            self.counts["kills"] += 1
            return False
        client = SimulatedClient(
            "https://localhost:1", self._root, self.who.name, self.who.key, clock=self.clock, ids=self._ids
        )
        client.line, client.script = self.line, []
        line = Line(client, self.clock, self._ids, ping_seconds=PING_SECONDS, probe_seconds=PROBE_SECONDS)
        backoff = Backoff(self._ids, first_seconds=RETRY_FIRST_SECONDS, most_seconds=RETRY_MOST_SECONDS)
        owner = f"{self.who.name} {self.who.office}"
        cache = keeper(self.place, owner, line, self.clock, self._ids) if self.keeps_cache else None
        life = _Life(journal, fuse, line, Delivery(journal, line, backoff), VerdictReader(journal, line), cache)
        self._life = life
        self.counts["starts"] += 1
        for work in (line.run(), life.delivery.run(), life.verdicts.run(), self._report(life), self._tidy(life)):
            self._follow(life, work)
        if cache is not None:
            self._follow(life, cache.run())
        return True

    def kill(self) -> None:
        """End this life as SIGKILL does: the files stay as they are at this moment."""
        life, self._life = self._life, None
        if life is None:
            return
        life.fuse.dead = True
        for task in life.tasks:
            task.cancel()
        if life.cache is not None:
            life.cache.close()
        self._bury()
        self.counts["kills"] += 1
        self.on_death(self)

    def stop(self) -> None:
        """Stop as when asked to."""
        life, self._life = self._life, None
        if life is None:
            return
        for task in life.tasks:
            task.cancel()
        if life.cache is not None:
            life.cache.close()
        life.journal.close()

    def _bury(self) -> None:
        """Close what a dead agent left open, without letting the engine write its last words into the files."""
        kept = {path: path.read_bytes() for path in self._files() if not path.name.endswith(("-shm", ".ballast"))}
        for engine in self._engines:
            engine.bury()
        self._engines.clear()
        for path in self._files():
            if path not in kept and not path.name.endswith(".ballast"):
                path.unlink()
        for path, data in kept.items():
            if not path.exists() or path.read_bytes() != data:
                path.write_bytes(data)

    def _files(self) -> list[Path]:
        """The journal's files; the cache has a life of its own."""
        return [path for path in self.folder.iterdir() if path.name.startswith("journal") and path.is_file()]

    def _follow(self, life: _Life, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(work)
        life.tasks.append(task)

        def ended(done: asyncio.Task[None]) -> None:
            if life.tasks and done in life.tasks:
                life.tasks.remove(done)
            if done.cancelled():
                return
            error = done.exception()
            if isinstance(error, Killed):
                if life is self._life:
                    self.kill()
            elif error is not None:
                self.counts["faults"] += 1
                self.failure = error

        task.add_done_callback(ended)

    failure: BaseException | None = None

    # --- what happens there --------------------------------------------------------------------------------

    def take(self, act: int, minted: Minted, *, follows: bool) -> str:
        """Record an act as the agent does; what the visit is told."""
        life = self._life
        if life is None:
            return "down"
        new = NewEntry(minted.id, minted.kind, 1, minted.sealing_key_id, minted.body)
        try:
            outcome = life.journal.append(new)
        except Killed:
            self.kill()
            return "killed"
        if isinstance(outcome, Place):
            self.acknowledged.append(
                Acknowledged(act, outcome.id, minted.body_hash, self.who.name, outcome.epoch, outcome.seq)
            )
            life.journal.remember_head()
            life.delivery.wake_soon()
            if follows and life.line.online:
                self._follow(life, self._follow_decision(life, outcome.id))
            return "recorded"
        return outcome.value if isinstance(outcome, Refusal) else "unknown"

    async def _follow_decision(self, life: _Life, id_: str) -> None:
        """Wait for the decision as a visit does: deliver alone and at once, then ask."""
        outcome = await life.delivery.deliver_now(id_)
        if isinstance(outcome, ItemResult) and not outcome.decision:
            await asyncio.sleep(0.3)
            standing = await life.line.call(lambda client: client.standing(id_, wait_seconds=STANDING_SECONDS))
            if getattr(standing, "decision", None):
                self.counts["decided while they waited"] += 1
                life.journal.decide(id_, standing.decision or "")  # type: ignore[union-attr]

    async def _report(self, life: _Life) -> None:
        """Tell the back office how the journal is, as the heartbeat does."""
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            head = life.journal.head
            report = {
                "at": timestamp(self.clock.now()),
                "journal": life.journal.status.value,
                "journal_epoch": head.epoch,
                "journal_seq": head.seq,
                "backlog": life.journal.backlog,
            }
            if life.line.online:
                await life.line.call(lambda client, report=report: client.heartbeat(report))  # type: ignore[misc]

    async def _tidy(self, life: _Life) -> None:
        while True:
            await asyncio.sleep(TIDY_SECONDS)
            life.journal.recover()
            life.journal.tidy()

    # --- the disk ------------------------------------------------------------------------------------------

    def fill_disk(self) -> None:
        """Let the disk be full: the engine finds no page more, and nobody finds room."""
        self.disk_full = True
        if self._life is not None:
            self._life.journal._open_database().connection.real.execute("PRAGMA max_page_count = 1")  # noqa: SLF001

    def empty_disk(self) -> None:
        """Let there be room again."""
        self.disk_full = False

    def copy_disk(self, to: Path) -> None:
        """Keep a copy of the journal's files; only while the agent is down."""
        shutil.rmtree(to, ignore_errors=True)
        to.mkdir()
        for path in self._files():
            shutil.copy(path, to)

    def put_back(self, copy: Path, *, with_mark: bool) -> None:
        """Put an old copy in place of the journal's files; only while the agent is down."""
        mark = mark_path(self.path)
        newest = mark.read_bytes() if mark.exists() else b""
        for path in self._files():
            path.unlink()
        for path in copy.iterdir():
            shutil.copy(path, self.folder)
        if not with_mark and newest:
            mark.write_bytes(newest)
        self.counts["journals put back"] += 1

    def entries(self, path: Path) -> dict[tuple[int, int, str], str]:
        """(epoch, seq, id) and delivery state of what lies in a journal's file; only while the agent is down."""
        if not path.exists():
            return {}
        with contextlib.closing(open_file(path, KEY)) as database:
            rows = database.rows(
                "SELECT j.epoch, e.seq, e.id, coalesce(d.state, 'waiting')"
                " FROM journal j, entry e LEFT JOIN delivery d ON d.seq = e.seq"
            )
        return {(row[0], row[1], row[2]): row[3] for row in rows}

    @staticmethod
    def journals(folder: Path) -> list[Path]:
        """The journal's file and those that were set aside, in a folder of such files."""
        return sorted(folder.glob("journal*.db"))

    @property
    def out_of_service(self) -> bool:
        """Does the journal take nothing until a technician comes."""
        return self._life is not None and self._life.journal.status in {JournalStatus.CORRUPT, JournalStatus.UNUSABLE}

    @property
    def recognised(self) -> bool:
        """Does the back office know its key, as far as it knows."""
        return self._life is None or self._life.line.recognised

    @property
    def rests(self) -> bool:
        """Is everything delivered."""
        journal = self.journal
        return journal is not None and journal.status is JournalStatus.OK and not journal.backlog


_fuses: dict[Path, tuple[Fuse, Terminal]] = {}


@contextmanager
def mortal_journals() -> Iterator[None]:
    """Let the journals of this world's terminals be killed, and their disks be full, while the block runs."""

    def opened(path: Path, key: bytes, **named: Any) -> Database:
        database = open_file(path, key, **named)
        if path in _fuses:
            fuse, terminal = _fuses[path]
            database.connection = MortalEngine(database.connection, fuse)
            terminal._engines.append(database.connection)  # noqa: SLF001 - its own disk
            if terminal.disk_full:
                database.connection.real.execute("PRAGMA max_page_count = 1")
        return database

    def room(path: Path, *length: int) -> bool:
        if path in _fuses and _fuses[path][1].disk_full:
            return False
        return room_to_write(path, *length)

    with swapped(journal_file, open_database=opened, room_to_write=room):
        yield
    _fuses.clear()
