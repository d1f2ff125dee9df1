"""The back office of a world: the real application, intake, decisions and outbox over one real database, killed and started again.

Rules:
- Requests come in as HTTP (ASGI) and are admitted, received and answered by the product's application.
- What the product does in threads is done here at once, in the one order that the world's time gives it.
- A start opens everything from the disk; of a life that ended nothing is kept in memory.
- The bank and the gateways answer by the account's own number, so that the oracle knows what they say.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections import Counter
from concurrent.futures import Executor, Future
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

from back_office import feed
from back_office.app import Service, create_app
from back_office.installation import DATABASE, Installation, open_installation
from back_office.openers import Openers
from back_office.ports import Delivered, Partners, Rejected, Unavailable, Verification
from back_office.reference_data import ReferenceData
from back_office.rounds import Rounds
from back_office.wakeups import Bell, Wakeups
from kiosk.domain.errors import EnvironmentFault
from simulation.sync.failpoints import Fuse, Killed, MortalDatabase
from simulation.sync.line import Reply
from simulation.sync.people import bank_says
from simulation.sync.seams import swapped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from random import Random

    from back_office.ports import AccountNotice, AccountQuestion, Message
    from back_office.settings import Settings
    from kiosk.system import Clock, Ids
    from simulation.sync.line import Request

_T = TypeVar("_T")
ROUND_SECONDS = 20.0
"""How often the server looks without having been rung for (the product: four times a second; the world has no desk)."""


class _AtOnce(Executor):
    """Stands in for a pool of threads: what is handed in is done before the hand is back."""

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        """Do it. Raises `Killed`, which nobody may keep in a future."""
        future: Future[Any] = Future()
        try:
            future.set_result(function(*arguments, **named))
        except Exception as error:  # noqa: BLE001 - for whoever asks the future
            future.set_exception(error)
        return future


class _Soon(Executor):
    """Stands in for the pool that commits groups: a commit takes a while, in which others come to be in the next one."""

    def __init__(self, chance: Random, died: Callable[[], None]) -> None:
        self._chance = chance
        self._died = died

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        """Do it a little later."""
        future: Future[Any] = Future()

        def do() -> None:
            try:
                future.set_result(function(*arguments, **named))
            except Killed:
                self._died()

        asyncio.get_running_loop().call_later(self._chance.uniform(0.005, 0.2), do)
        return future


class _Bell(Bell):
    """Rings on the world's loop."""

    def __init__(self) -> None:
        super().__init__()
        self.rung = asyncio.Event()

    def ring(self) -> None:
        """There is work."""
        self.rung.set()

    def wait_for_quiet(self, seconds: float) -> None:
        """Wait for nothing: nobody here has a hand for a push while the rounds are made."""


@dataclass(slots=True)
class Outside:
    """The bank and the gateways: they live on when the server dies, and remember what they were told."""

    chance: Random
    down: float = 0.05
    refusing: float = 0.01
    told: Counter[str] = field(default_factory=Counter)
    announced: dict[str, tuple[str, str]] = field(default_factory=dict)
    contradictions: list[str] = field(default_factory=list)

    def verify_account(self, question: AccountQuestion, *, timeout_seconds: float) -> Verification | Unavailable:  # noqa: ARG002
        """Answer as the account's number says."""
        if self._is_down():
            return Unavailable("simulated")
        self.told["questions"] += 1
        outcome = bank_says(question.iban)
        return Verification(outcome, question.name.upper() if outcome == "close_match" else "")

    def announce_account(self, notice: AccountNotice, *, timeout_seconds: float) -> Delivered | Unavailable:  # noqa: ARG002
        """Keep it; the same key again must say the same."""
        if self._is_down():
            return Unavailable("simulated")
        self.told["announcements"] += 1
        said = (notice.iban, notice.old_iban)
        if self.announced.setdefault(notice.key, said) != said:
            self.contradictions.append(f"the bank was told {notice.key} twice, and not the same")
        return Delivered()

    def send(self, message: Message, *, timeout_seconds: float) -> Delivered | Unavailable | Rejected:  # noqa: ARG002
        """Take a message, be down, or refuse it (then a letter goes instead)."""
        if self._is_down():
            return Unavailable("simulated")
        self.told["messages"] += 1
        if message.channel != "letter" and self.chance.random() < self.refusing:
            return Rejected("simulated")
        return Delivered()

    def _is_down(self) -> bool:
        return self.chance.random() < self.down


@dataclass(slots=True)
class _Life:
    """What is in the memory of one running server."""

    it: Installation
    app: Any
    rounds: Rounds
    bell: _Bell
    fuse: Fuse
    database: MortalDatabase
    stack: ExitStack
    looking: asyncio.Task[None] | None = None
    answering: set[asyncio.Task[None]] = field(default_factory=set)


class Server:
    """The one server of a world."""

    def __init__(  # noqa: PLR0917 - where it lives, its time and names, what is around it
        self, state: Path, settings: Settings, clock: Clock, ids: Ids, outside: Outside, chance: Random
    ) -> None:
        self._chance = chance
        self.state = state
        self.outside = outside
        self.counts: Counter[str] = Counter()
        self.failures: list[str] = []
        """Requests that the application did not know how to answer; there must be none."""
        self._settings = settings
        self._clock = clock
        self._ids = ids
        self._life: _Life | None = None
        self.on_death: Callable[[], None] = lambda: None

    @property
    def alive(self) -> bool:
        """Does it answer."""
        return self._life is not None and not self._life.fuse.dead

    @property
    def fuse(self) -> Fuse | None:
        """How to kill it; None while it is down."""
        return self._life.fuse if self._life is not None else None

    @property
    def it(self) -> Installation:
        """The installation of the life that runs."""
        if self._life is None:
            raise EnvironmentFault("The simulated server is down.", "Start it.")
        return self._life.it

    def start(self) -> None:
        """Open everything from the disk, and begin to look for work."""
        stack = ExitStack()
        opened = stack.enter_context(open_installation(self.state, settings=self._settings))
        fuse = Fuse()
        database = MortalDatabase(opened.database, fuse)
        it = replace(opened, database=database, clock=self._clock, ids=self._ids)
        feed.check_history(it, starting=True)
        bell, wakeups = _Bell(), Wakeups()
        wakeups.attach(asyncio.get_running_loop())
        rounds = Rounds(it, Partners(self.outside, self.outside), bell, wakeups)
        app = create_app(Service(it, ReferenceData(it), bell, wakeups))
        life = self._life = _Life(it, app, rounds, bell, fuse, database, stack)
        # Threads stand for nothing here but time; what they do is done in the world's order.
        rounds._pool = _AtOnce()  # type: ignore[assignment]  # noqa: SLF001
        rounds._openers = Openers(it.state, it.keyring, count=0)  # noqa: SLF001 - nothing happens beside the world
        app.state.receiver._checks = _AtOnce()  # noqa: SLF001
        app.state.receiver._groups._pool = _Soon(self._chance, lambda: self._die(life))  # noqa: SLF001
        self._life.looking = asyncio.get_running_loop().create_task(self._look(self._life))
        self.counts["starts"] += 1

    def stop(self) -> None:
        """End this life, however far it has come; nothing of it is written any more."""
        life, self._life = self._life, None
        if life is None:
            return
        life.fuse.dead = True
        if life.looking is not None:
            life.looking.cancel()
        for task in life.answering:
            task.cancel()
        life.stack.close()

    def fill_disk(self, *, full: bool) -> None:
        """Let the disk be full, or have room again."""
        if self._life is not None:
            self._life.database.full = full

    async def handle(self, request: Request) -> Reply | None:
        """Answer one request; None when nobody is there, or dies over it."""
        life = self._life
        if life is None or life.fuse.dead:
            return None
        sent: list[dict[str, Any]] = []
        task = asyncio.ensure_future(life.app(_scope(request), _body(request), _collector(sent)))
        life.answering.add(task)
        await asyncio.wait({task})  # it ends in any case: with the answer, or with the server
        life.answering.discard(task)
        error = None if task.cancelled() else task.exception()
        if isinstance(error, Killed):
            self._die(life)
            return None
        if error is not None:  # the application answered 500 and raised it again, as it does under uvicorn
            self.failures.append(f"{request.method} {request.path}: {error!r}"[:300])
        if task.cancelled() or life.fuse.dead or life is not self._life:
            self._die(life)
            return None
        start = next((message for message in sent if message["type"] == "http.response.start"), None)
        if start is None:
            return None
        body = b"".join(message.get("body", b"") for message in sent if message["type"] == "http.response.body")
        self.counts[f"answered {start['status']}"] += 1
        return Reply(start["status"], {name.decode(): value.decode() for name, value in start["headers"]}, body)

    def do(self, act: Callable[[Installation], _T]) -> _T | None:
        """Let an operator do something at the back office; None when it died or failed over it (try again later)."""
        life = self._life
        if life is None or life.fuse.dead:
            return None
        try:
            return act(life.it)
        except Killed:
            self._die(life)
        except EnvironmentFault:
            self.counts["operators' acts that failed"] += 1
        return None

    async def _look(self, life: _Life) -> None:
        """Make the rounds: when the bell rings, and every so often."""
        while life is self._life:
            life.bell.rung.clear()
            try:
                life.rounds.round()
            except Killed:
                self._die(life)
                return
            except EnvironmentFault:
                self.counts["rounds that failed"] += 1
            try:
                async with asyncio.timeout(ROUND_SECONDS):
                    await life.bell.rung.wait()
            except TimeoutError:
                continue
            await asyncio.sleep(0.02)

    def _die(self, life: _Life) -> None:
        if life is not self._life:
            return
        self.counts["kills"] += 1
        self.stop()
        self.on_death()

    # --- backups -------------------------------------------------------------------------------------------

    def back_up(self, to: Path) -> None:
        """Copy the database; only while it is down."""
        shutil.rmtree(to, ignore_errors=True)
        to.mkdir()
        for path in self._files():
            shutil.copy(path, to)

    def restore(self, backup: Path) -> None:
        """Put a copy of the database back in place of what is there; only while it is down. Other files stay."""
        for path in self._files():
            path.unlink()
        for path in backup.iterdir():
            shutil.copy(path, (self.state / DATABASE).parent)
        self.counts["restores"] += 1

    def _files(self) -> list[Path]:
        database = self.state / DATABASE
        return sorted(database.parent.glob(f"{database.name}*"))


@contextmanager
def in_one_thread() -> Iterator[None]:
    """Let the application do at once what it hands to threads, while the block runs."""

    async def at_once(function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        return function(*arguments, **named)

    with ExitStack() as stack:
        for name, module in list(sys.modules.items()):
            if name.startswith("back_office") and hasattr(module, "run_in_threadpool"):
                stack.enter_context(swapped(module, run_in_threadpool=at_once))
        yield


def _scope(request: Request) -> dict[str, Any]:
    headers = [(name.lower().encode(), value.encode()) for name, value in request.headers.items()]
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": "https",
        "path": request.path,
        "raw_path": request.path.encode("ascii"),
        "query_string": request.query.encode("ascii"),
        "root_path": "",
        "headers": headers,
        "server": ("localhost", 8443),
        "client": ("127.0.0.1", 1),
    }


def _body(request: Request) -> Callable[[], Any]:
    given: list[bool] = []

    async def receive() -> dict[str, Any]:
        if given:  # whoever listens for the peer to hang up, while an answer is on its way, hears nothing
            await asyncio.get_running_loop().create_future()
        given.append(True)
        return {"type": "http.request", "body": request.body, "more_body": False}

    return receive


def _collector(sent: list[dict[str, Any]]) -> Callable[[Any], Any]:
    async def send(message: Any) -> None:
        sent.append(message)

    return send
