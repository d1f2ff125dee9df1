"""What a visit asks of the agent, and what it is told.

Rules:
- An append is acknowledged right after its commit, before anything else is done; its receipt statement follows.
- Whatever needs the back office is a task of its own; it ends with the connection that asked.
- The agent opens nothing: questions, answers, verdicts and records pass through as they came.
- No record leaves without its access entry in the journal, and one entry hands out one record.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias, assert_never

from kiosk.agent.log import logger
from kiosk.back_office_client import ItemResult, Refused, Standing, TimedOut, Unreachable, Unreadable
from kiosk.link import (
    MAX_FRAME,
    Answer,
    Append,
    Appended,
    AppendRefused,
    Ask,
    CallStaff,
    Done,
    Durable,
    ExpectAppend,
    FetchRecord,
    Follow,
    GetReference,
    LinkViolation,
    NoAnswer,
    NoRecord,
    Progress,
    Record,
    Reference,
    ReportDevices,
    ReportPrint,
    StaffCalled,
)
from kiosk.wire.timestamps import timestamp
from offline_cache.entries import NewEntry, Place, Refusal, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiosk.agent.alert import Alert
    from kiosk.agent.backoff import Backoff
    from kiosk.agent.cache_keeper import CacheKeeper
    from kiosk.agent.delivery import Delivery
    from kiosk.agent.line import Line
    from kiosk.agent.reference_keeper import ReferenceKeeper
    from kiosk.agent.statement import StatementSigner
    from kiosk.agent.tickets import TicketLimit
    from kiosk.link import FromAgent
    from kiosk.system import Clock
    from offline_cache.journal import Journal

    Send: TypeAlias = Callable[[FromAgent], None]

ACCESS = "access"
"""The kind of the entry that says who opened a record, where and when."""
TICKET = "ticket"
POLL_SECONDS = 8.0
"""The longest single poll for a decision; the back office allows no more."""
LARGEST_RECORD = MAX_FRAME - 1024
Request: TypeAlias = (
    ExpectAppend | Append | Ask | Follow | ReportPrint | ReportDevices | CallStaff | FetchRecord | GetReference
)


@dataclass(slots=True, kw_only=True)
class Replies:
    """Answers the requests of visits; `devices` is what a visit last said of them."""

    journal: Journal
    delivery: Delivery
    line: Line
    references: ReferenceKeeper
    cache: CacheKeeper
    signer: StatementSigner
    clock: Clock
    retry: Callable[[], Backoff]
    alert: Alert
    tickets: TicketLimit
    devices: dict[str, str] = field(default_factory=dict)
    _handed_out: dict[str, bytes] = field(default_factory=dict)
    """Access entry -> what it was used to look for."""

    def reply(self, request: Request, send: Send) -> asyncio.Task[None] | None:  # noqa: C901 - the table of requests
        """Answer now, or return the task that will."""
        match request:
            case Append():
                self._append(request, send)
            case ExpectAppend():
                self.alert.begin()
            case ReportPrint():
                if self.journal.report_print(request.id, request.stage, request.outcome):
                    send(Done(request.n))
                    self.delivery.wake_soon()
            case ReportDevices():
                self.devices = dict(request.states)
                send(Done(request.n))
            case GetReference():
                send(Reference(request.n, self.references.bundle))
            case Ask():
                return asyncio.get_running_loop().create_task(self._ask(request, send))
            case Follow():
                send(Done(request.n))
                return asyncio.get_running_loop().create_task(self._follow(request, send))
            case FetchRecord():
                self._allow(request)
                return asyncio.get_running_loop().create_task(self._fetch_record(request, send))
            case CallStaff():
                return asyncio.get_running_loop().create_task(self._call_staff(request, send))
            case _:
                assert_never(request)
        return None

    def _append(self, request: Append, send: Send) -> None:
        if request.kind == TICKET and not self.tickets.take(request.id):
            send(AppendRefused(request.n, request.id, "too_many_tickets"))
            logger().warning("append_refused", reason="too_many_tickets", detail="")
            return
        new = NewEntry(request.id, request.kind, request.schema, request.sealing_key_id, request.body)
        outcome = self.journal.append(new)
        self.alert.end()
        match outcome:
            case Place(id=id_, seq=seq, epoch=epoch, recorded_at=recorded_at):
                send(Durable(request.n, id_, seq))
                self.journal.remember_head()
                reference = self.journal.reference_of(outcome)
                statement = self.signer.sign(outcome, reference, request.service, request.body)
                send(Appended(request.n, id_, seq, epoch, reference, recorded_at, statement))
                self.delivery.wake_soon()
            case Refusal():
                send(AppendRefused(request.n, request.id, outcome.value))
                logger().warning("append_refused", reason=outcome.value, detail=self.journal.detail)
            case Unknown():  # no answer is the truth; the visit says "not known whether recorded"
                logger().error("append_unknown", detail=self.journal.detail)
            case _:
                assert_never(outcome)

    async def _ask(self, request: Ask, send: Send) -> None:
        try:
            async with asyncio.timeout(request.wait_seconds):
                outcome = await self.line.call(
                    lambda client: client.ask(request.id, request.sealed, wait_seconds=request.wait_seconds)
                )
        except TimeoutError:
            outcome = TimedOut(request.wait_seconds)
        match outcome:
            case bytes():
                send(Answer(request.n, request.id, outcome))
            case Refused(code=code):
                send(NoAnswer(request.n, request.id, "refused", code))
            case TimedOut():
                send(NoAnswer(request.n, request.id, "timed_out", ""))
            case Unreachable(detail=detail) | Unreadable(detail=detail):
                send(NoAnswer(request.n, request.id, "offline", detail))
            case _:
                assert_never(outcome)

    def _allow(self, request: FetchRecord) -> None:
        """Raise `LinkViolation` unless an access entry was recorded for this record, and for no other."""
        entry = self.journal.entry(request.access_id)
        if entry is None or entry.kind != ACCESS:
            raise LinkViolation("a record was asked for without an access entry")
        if self._handed_out.setdefault(request.access_id, request.fingerprint) != request.fingerprint:
            raise LinkViolation("one access entry was used for two records")

    async def _fetch_record(self, request: FetchRecord, send: Send) -> None:
        found = await self.cache.find(request.fingerprint)
        if isinstance(found, str):
            send(NoRecord(request.n, found))
            return
        record, synced_at = found
        if len(record.document) > LARGEST_RECORD:
            logger().error("record_too_large", bytes=len(record.document))
            send(NoRecord(request.n, "not_cached"))
            return
        send(Record(request.n, record.document, record.version, timestamp(synced_at)))

    async def _follow(self, request: Follow, send: Send) -> None:
        """Deliver, then poll until the decision is there or the visit no longer waits."""
        retry = self.retry()
        sent = False
        try:
            async with asyncio.timeout(request.wait_seconds) as limit:
                while True:
                    if not sent:
                        outcome: object = await self.delivery.deliver_now(request.id)
                    else:
                        left = (limit.when() or 0.0) - asyncio.get_running_loop().time()
                        outcome = await self._standing(request.id, min(POLL_SECONDS, max(0.1, left)))
                    if isinstance(outcome, ItemResult | Standing):
                        retry.reset()
                        if outcome.status in {"conflict", "refused", "quarantined"} and not outcome.decision:
                            send(Progress(request.id, "refused", outcome.status, None))
                            return
                        if not sent:
                            sent = True
                            send(Progress(request.id, "sent", "", None))
                        if outcome.decision and self._decided(request.id, outcome, send):
                            return
                    else:
                        patience = outcome.retry_after if isinstance(outcome, Refused) else 0.0
                        await asyncio.sleep(retry.next_seconds(patience))
        except TimeoutError:
            return

    async def _standing(self, id_: str, wait_seconds: float) -> object:
        return await self.line.call(lambda client: client.standing(id_, wait_seconds=wait_seconds))

    def _decided(self, id_: str, outcome: ItemResult | Standing, send: Send) -> bool:
        """Pass the verdict on. A decision without its sealed word is asked for once more by polling."""
        self.journal.decide(id_, outcome.decision or "")
        if outcome.sealed is None and isinstance(outcome, ItemResult):
            return False
        send(Progress(id_, "decided", outcome.decision or "", outcome.sealed.encode() if outcome.sealed else None))
        return True

    async def _call_staff(self, request: CallStaff, send: Send) -> None:
        at = timestamp(self.clock.now())
        outcome = await self.line.call(lambda client: client.call_staff(request.step, at))
        if not isinstance(outcome, str):
            logger().warning("staff_call_failed", reason=type(outcome).__name__)
        send(StaffCalled(request.n, outcome if isinstance(outcome, str) else ""))
