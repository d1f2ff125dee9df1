"""The agent process: everything wired together, from a state folder to a served socket.

Rules:
- One agent a terminal: a lock on a file, held as long as the process lives.
- Not enrolled is a state, not an error: visits are told so, and the enrolment is noticed when it comes.
- A task that fails takes the process down; the supervisor starts a new one, and the journal is what counts.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import signal
import sys
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from kiosk.agent.alert import Alert
from kiosk.agent.backoff import Backoff
from kiosk.agent.cache_keeper import CacheKeeper, Settings
from kiosk.agent.delivery import Delivery
from kiosk.agent.heartbeat import Heartbeat, boot_id, disk_free
from kiosk.agent.line import Line
from kiosk.agent.log import logger
from kiosk.agent.reference_keeper import ReferenceKeeper
from kiosk.agent.replies import Replies
from kiosk.agent.server import AgentServer
from kiosk.agent.statement import StatementSigner
from kiosk.agent.tickets import TicketLimit
from kiosk.agent.verdict_reader import VerdictReader
from kiosk.back_office_client import BackOfficeClient
from kiosk.domain.errors import EnvironmentFault
from kiosk.link import VERSION, Accepted, Environment, EnvironmentChanged, Reference, Rejected
from kiosk.system import Clock, FileClock, Ids, SystemClock, SystemIds
from kiosk.wire.trust import Anchors
from offline_cache import resend
from offline_cache.cache import Cache, CacheReader
from offline_cache.cache_database import Lent
from offline_cache.cache_key import CacheKeyFile
from offline_cache.entries import JournalStatus
from offline_cache.journal import Journal
from offline_cache.reference_store import ReferenceStore
from provisioning.configuration import CacheSection, Configuration, for_visits, load_configuration
from provisioning.enrolment import Enrolment, certificate_days, load_enrolment, read_anchors
from provisioning.key_store import FileKeyStore

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator, Sequence
    from pathlib import Path

    from kiosk.link import FromAgent
    from kiosk.terminal_folder import TerminalFolder

TICK_SECONDS = 1.0
QUIET_SECONDS = 0.03
"""So long nothing is asked before the agent tidies up: whoever asks again soon does not wait for that."""
AGES_EVERY_TICKS = 15
RECOVER_EVERY_TICKS = 5
SWITCH_SECONDS = 0.0005
"""How long another thread may keep the interpreter while an append waits (Python's default is ten times that)."""


class NotEnrolled:
    """Stands behind the link until the terminal is enrolled."""

    def accepted(self) -> Rejected:
        """Say so."""
        return Rejected("not_enrolled")

    def reply(self, request: Any, send: Callable[[FromAgent], None]) -> None:
        """Answer nobody."""


@dataclass(slots=True)
class Agent:
    """An enrolled terminal's agent; stands behind the link."""

    folder: TerminalFolder
    configuration: Configuration
    enrolment: Enrolment
    journal: Journal
    line: Line
    delivery: Delivery
    references: ReferenceKeeper
    cache: CacheKeeper
    replies: Replies
    heartbeat: Heartbeat
    verdicts: VerdictReader
    tell: Callable[[FromAgent], None]
    _told: Environment | None = None
    _tidy: asyncio.TimerHandle | None = field(default=None)

    def accepted(self) -> Accepted:
        """Greet a visit."""
        return Accepted(
            VERSION,
            self.enrolment.terminal,
            self.enrolment.office,
            for_visits(self.configuration),
            self.references.bundle,
            self.environment(),
        )

    def reply(self, request: Any, send: Callable[[FromAgent], None]) -> asyncio.Task[None] | None:
        """Answer a request; afterwards, when nobody waits, tidy and tell what changed."""
        task = self.replies.reply(request, send)
        if self._tidy is not None and not self.journal.is_overdue:
            self._tidy.cancel()
            self._tidy = None
        if self._tidy is None:
            self._tidy = asyncio.get_running_loop().call_later(QUIET_SECONDS, self._afterwards)
        return task

    def environment(self) -> Environment:
        """Return what works now."""
        status = self.journal.status
        return Environment(
            line="online" if self.line.online else "offline",
            since=self.line.since,
            reference_age_seconds=self.references.age_seconds,
            revocation_age_seconds=self.references.revocation_age_seconds,
            backlog=self.journal.backlog,
            disk_free_bytes=disk_free(self.folder.path),
            journal="full" if status is JournalStatus.FULL else "ok" if status is JournalStatus.OK else "corrupt",
            suspended=self.line.suspended,
            cache=self.cache.status,
            cache_age_seconds=self.cache.age_seconds,
            cache_people=self.cache.people,
        )

    def notify(self, *, ages: bool = False) -> None:
        """Tell the visit what works now, if something that matters has changed (or its ages are due)."""
        now, before = self.environment(), self._told
        if before is None or ages or _matters(now) != _matters(before):
            self._told = now
            self.tell(EnvironmentChanged(now))

    def tasks(self) -> list[Coroutine[Any, Any, None]]:
        """Return what runs for ever."""
        self.line.on_change(self.notify)
        self.cache.on_change(self.notify)
        self.references.on_change(lambda bundle: self.tell(Reference(0, bundle)))
        return [
            self.line.run(), self.delivery.run(), self.references.run(), self.verdicts.run(), self.heartbeat.run(),
            self.cache.run(), self._watch(),
        ]  # fmt: skip

    async def _watch(self) -> None:
        """Look after the journal: take entries again when the disk has room, tell when something changed."""
        ticks = 0
        while True:
            await asyncio.sleep(TICK_SECONDS)
            ticks += 1
            if ticks % RECOVER_EVERY_TICKS == 0:
                self.journal.recover()
            wanted = resend.take(self.folder.path)
            if wanted:
                self.delivery.resend(wanted)
            self.notify(ages=ticks % AGES_EVERY_TICKS == 0)

    def _afterwards(self) -> None:
        self._tidy = None
        if self.journal.wants_tidying:
            self.journal.tidy()
        self.notify()


def _matters(environment: Environment) -> tuple[object, ...]:
    return (environment.line, environment.journal, environment.suspended, environment.backlog, environment.cache)


def build(folder: TerminalFolder, enrolment: Enrolment, tell: Callable[[FromAgent], None]) -> Agent:
    """Build the agent of an enrolled terminal. Raises `EnvironmentFault` for what a technician must mend."""
    configuration = load_configuration(folder.configuration)
    clock: Clock = FileClock(folder.state / "clock") if configuration.demonstration else SystemClock()
    ids: Ids = SystemIds(clock)
    keys = FileKeyStore(folder)
    anchors = read_anchors(folder.root)
    office = configuration.back_office
    client = BackOfficeClient(office.url, folder.root, enrolment.terminal, keys.terminal_key(), clock=clock, ids=ids)
    signer = StatementSigner(enrolment.terminal, enrolment.office, keys.receipt_key(), _receipt_certificate(folder))
    journal = Journal.open(
        folder.journal,
        keys.journal_key(),
        terminal=enrolment.terminal,
        epoch=enrolment.journal_epoch,
        clock=clock,
        ballast_bytes=configuration.journal.ballast_mebibytes << 20,
    )
    logger().info(
        "journal", status=journal.status.value, detail=journal.detail, epoch=journal.head.epoch, seq=journal.head.seq,
        backlog=journal.backlog,
    )  # fmt: skip
    line = Line(client, clock, ids, ping_seconds=office.ping_seconds, probe_seconds=office.probe_seconds)

    def retry() -> Backoff:
        return Backoff(ids, first_seconds=office.retry_first_seconds, most_seconds=office.retry_most_seconds)

    delivery = Delivery(journal, line, retry())
    references = ReferenceKeeper(
        ReferenceStore(folder.reference), line, Anchors(anchors.root), clock, every_seconds=office.reference_seconds
    )
    cache = _cache(folder, configuration.cache, enrolment, line=line, clock=clock, ids=ids)
    replies = Replies(
        tickets=TicketLimit(clock),
        journal=journal, delivery=delivery, line=line, references=references, cache=cache, signer=signer, clock=clock,
        retry=retry, alert=Alert(journal.rehearse),
    )  # fmt: skip
    heartbeat = Heartbeat(
        journal=journal,
        line=line,
        references=references,
        cache=cache,
        replies=replies,
        folder=folder.path,
        protection=keys.protection,
        certificate_days=certificate_days(enrolment, clock.now()),
        clock=clock,
        every_seconds=office.heartbeat_seconds,
    )
    verdicts = VerdictReader(journal, line)
    return Agent(
        folder, configuration, enrolment, journal, line, delivery, references, cache, replies, heartbeat, verdicts, tell
    )


def _cache(
    folder: TerminalFolder, section: CacheSection, enrolment: Enrolment, *, line: Line, clock: Clock, ids: Ids
) -> CacheKeeper:  # fmt: skip
    lease = timedelta(days=section.lease_days)
    cache = Cache(
        folder, CacheKeyFile(folder, ids.token), clock, lent=Lent(f"{enrolment.terminal} {enrolment.office}", boot_id()),
        lease=lease,
        reserve_bytes=section.reserve_mebibytes << 20,
    )  # fmt: skip
    settings = Settings(lease, section.page_people, section.poll_seconds, section.gap_seconds, folder.cache_report)
    backoff = Backoff(ids, first_seconds=section.retry_first_seconds, most_seconds=section.retry_most_seconds)
    return CacheKeeper(
        cache, CacheReader(folder, clock), line, clock=clock, ids=ids, backoff=backoff, settings=settings
    )


def _receipt_certificate(folder: TerminalFolder) -> bytes:
    try:
        return folder.receipt_certificate.read_bytes()
    except OSError as error:
        raise EnvironmentFault(
            f"{folder.receipt_certificate} cannot be read ({error.strerror}).", "Enrol this terminal again."
        ) from error


@contextlib.contextmanager
def only_agent(lock: Path) -> Iterator[None]:
    """Hold the terminal's lock. Raises `EnvironmentFault` when another agent has it."""
    try:
        descriptor = os.open(lock, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise EnvironmentFault(
            f"{lock} cannot be made ({error.strerror}).", "Give --state a folder you may write to."
        ) from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise EnvironmentFault(
                f"Another agent serves {lock.parent}.", "Stop it, or give --state another folder."
            ) from error
        yield
    finally:
        os.close(descriptor)


async def serve_until_signal(folder: TerminalFolder, supervisors: frozenset[int]) -> None:
    """Serve until SIGTERM or SIGINT. Raises `EnvironmentFault` when the terminal cannot be served as it is."""
    sys.setswitchinterval(SWITCH_SECONDS)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await serve(folder, supervisors, stop)


async def serve(folder: TerminalFolder, supervisors: frozenset[int], stop: asyncio.Event) -> None:
    """Serve until `stop` is set. Raises `EnvironmentFault` when the terminal cannot be served as it is."""
    enrolment = load_enrolment(folder)
    waiting = NotEnrolled()
    server = AgentServer(folder.socket, waiting, supervisors=supervisors)
    agent = build(folder, enrolment, server.tell) if enrolment else None
    if agent is not None:
        server.attendant = agent
    await server.start()
    logger().info(
        "agent_ready", terminal=enrolment.terminal if enrolment else "", state="" if enrolment else "not_enrolled"
    )
    try:
        if agent is None:
            agent = await _until_enrolled(folder, server, stop)
        if agent is not None:
            await _run(agent.tasks(), stop)
    finally:
        await server.close()
        if agent is not None:
            agent.journal.close()
            agent.cache.close()
            agent.line.client.close()
    logger().info("agent_stopped")


async def _until_enrolled(folder: TerminalFolder, server: AgentServer, stop: asyncio.Event) -> Agent | None:
    while not stop.is_set():
        enrolment = load_enrolment(folder)
        if enrolment is not None:
            agent = build(folder, enrolment, server.tell)
            server.attendant = agent
            logger().info("enrolled", terminal=enrolment.terminal)
            return agent
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(TICK_SECONDS):
                await stop.wait()
    return None


async def _run(coroutines: Sequence[Coroutine[Any, Any, None]], stop: asyncio.Event) -> None:
    """Run for ever; end with `stop`, or with the first that fails (raised)."""
    tasks = [asyncio.ensure_future(coroutine) for coroutine in coroutines]
    stopping = asyncio.ensure_future(stop.wait())
    done, _ = await asyncio.wait([stopping, *tasks], return_when=asyncio.FIRST_COMPLETED)
    for task in (stopping, *tasks):
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        if task is not stopping:
            task.result()
