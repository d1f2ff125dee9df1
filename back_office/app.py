"""The HTTP API that terminals use; its OpenAPI document is the contract (/openapi.json).

Rules:
- Every path but /openapi.json and /v1/catalogue is served to enrolled terminals only (`gate`); enrolment is signed with the key it brings.
- Handlers read the raw body, because the signature covers its bytes; work on the database runs in threads.
- Whatever a caller can cause is answered in the form {"error": {"code", "message", "remedy"}}, never with a traceback.
- A long poll subscribes, looks, then waits: it misses nothing, and a stopping server answers it at once.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response, StreamingResponse

from back_office import api_types as api
from back_office import audit, catalogue, decisions, enrolment, feed, gate, intake, logs, openapi, questions
from back_office.api_types import Refused, read_body
from back_office.http_edge import error_body
from back_office.limits import Limits
from back_office.receiver import Receiver
from back_office.repository import changes, desk, inbox
from kiosk.domain.audit import Actor
from kiosk.domain.errors import EnvironmentFault
from kiosk.wire.feed import MEDIA_TYPE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from back_office.installation import Installation
    from back_office.reference_data import ReferenceData
    from back_office.repository.terminals import Terminal
    from back_office.wakeups import Bell, Wakeups

LONGEST_WAIT_SECONDS = 50.0
HEARTBEAT_LIMIT = 16_384
RETRY_AFTER_SECONDS = 2
"""While the database has no leader (RFC 9110 10.2.3); agents wait with their own jitter besides."""
_JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Service:
    """What the handlers work with."""

    it: Installation
    reference: ReferenceData
    bell: Bell
    wakeups: Wakeups
    limits: Limits = field(init=False)

    def __post_init__(self) -> None:
        """Fill the terminals' buckets."""
        server = self.it.settings.server
        limits = Limits(server.requests_per_second, server.request_burst, self.it.clock.monotonic)
        object.__setattr__(self, "limits", limits)


def create_app(service: Service) -> FastAPI:
    """Build the API over an opened installation."""
    app = FastAPI(
        title="Guichet back office",
        version="1",
        description="What terminals say to their back office. All bodies are JSON; what is personal is sealed.",
        docs_url=None,
        redoc_url=None,
    )
    app.state.service = service
    app.state.receiver = Receiver(service.it, service.bell, service.limits)
    _enrolments(app, service)
    _transactions(app, service)
    _questions(app, service)
    _state(app, service)
    _feed(app, service)
    catalogue.publish(app, service.it.scheme.code)
    _errors(app)
    openapi.describe(app)
    return app


def _enrolments(app: FastAPI, service: Service) -> None:
    @app.post("/v1/enrolments", openapi_extra=openapi.takes(api.Enrolment, api.Enrolled, 400, 401, 403, 422))
    async def enrol(request: Request) -> Response:
        """Exchange a one-time code and two certificate requests for an identity."""
        call = await _call(request)
        return _answer(await run_in_threadpool(_enrol, service.it, call))


def _enrol(it: Installation, call: gate.SignedCall) -> api.Enrolled | Refused:
    asked = read_body(call.body, api.Enrolment, "enrolment")
    if isinstance(asked, Refused):
        return asked
    requests = enrolment.read_requests(asked)
    if isinstance(requests, Refused):
        return requests
    return gate.admit_enrolment(it, call, requests.key) or enrolment.enrol(it, asked, requests)


def _transactions(app: FastAPI, service: Service) -> None:
    it = service.it
    receiver = app.state.receiver

    @app.post(
        "/v1/transactions", openapi_extra=openapi.takes(api.DescribedPush, api.Pushed, 400, 401, 403, 413, 422, 429)
    )
    async def push(request: Request) -> Response:
        """Deliver journal entries: durable when this answers. A bad entry is answered alone."""
        return _answer(await receiver.push(await _call(request)))

    @app.get("/v1/transactions/{transaction_id}", openapi_extra=openapi.takes(None, api.Standing, 401, 403, 404, 422))
    async def follow(request: Request, transaction_id: str, wait: float = 0.0) -> Response:
        """Tell where a transaction stands; with `wait` (seconds) as soon as it is decided, or then."""
        call = await _call(request)
        terminal = await run_in_threadpool(_admit, service, call)
        if isinstance(terminal, Refused):
            return _answer(terminal)
        if not 0 <= wait <= LONGEST_WAIT_SECONDS:
            message = f"wait is {wait:g}; it must be 0 to {LONGEST_WAIT_SECONDS:g} seconds."
            return _answer(Refused(422, "wait", message, "Ask again with a shorter wait."))
        return _answer(await _follow(service, terminal, transaction_id, wait))

    @app.get("/v1/verdicts", openapi_extra=openapi.takes(None, api.VerdictPage, 401, 403, 422))
    async def verdicts(request: Request, after: int = 0) -> Response:
        """List the words on this terminal's transactions since `after`, also those of long after the visit."""

        def work(_call: gate.SignedCall, terminal: Terminal) -> api.VerdictPage:
            with it.database.read() as db:
                rows = inbox.verdicts_after(db, terminal.id, min(max(after, 0), 2**62))
            lines = [api.VerdictLine(row.n, row.id, row.decision, _text(row.sealed)) for row in rows]
            return api.VerdictPage(lines, lines[-1].n if lines else after)

        return await _admitted(service, request, work)


async def _follow(service: Service, terminal: Terminal, transaction_id: str, wait: float) -> api.Standing | Refused:
    """Tell as soon as it is decided. Whoever waits need not wait for others: it is decided here, alone and at once."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + wait
    with service.wakeups.subscribe(transaction_id) as event:
        if wait:
            await run_in_threadpool(_decide_now, service, terminal, transaction_id)
        while True:
            event.clear()
            standing = await run_in_threadpool(_standing, service.it, terminal, transaction_id)
            remaining = deadline - loop.time()
            waits = isinstance(standing, api.Standing) and standing.decision is None and standing.status == "received"
            if not waits or remaining <= 0 or service.wakeups.closing:
                return standing
            try:
                async with asyncio.timeout(remaining):  # unlike wait_for it makes no task: thousands wait here
                    await event.wait()
            except TimeoutError:
                return standing


def _decide_now(service: Service, terminal: Terminal, transaction_id: str) -> None:
    with service.it.database.read() as db:
        row = inbox.by_id(db, transaction_id)
    if row is None or row.terminal != terminal.id or row.status != "received" or row.held:
        return
    moved = decisions.decide(service.it, transaction_id)
    if moved:
        service.wakeups.tell(moved)
        service.bell.ring()


def _standing(it: Installation, terminal: Terminal, transaction_id: str) -> api.Standing | Refused:
    with it.database.read() as db:
        row = inbox.by_id(db, transaction_id)
        if row is None or row.terminal != terminal.id:
            message = "This terminal has delivered no such transaction."
            return Refused(404, "unknown_transaction", message, "Deliver it first, then ask.")
        word = inbox.newest_verdict(db, transaction_id)
        change = changes.change(db, transaction_id)
    result = intake.result_of(row.id, row.status, row.reason or row.held, word)
    stage = row.status if change is None else change.state
    return api.Standing(row.id, result.status, result.decision, result.sealed, stage)


def _questions(app: FastAPI, service: Service) -> None:
    it = service.it

    @app.post("/v1/questions", openapi_extra=openapi.takes(api.SealedQuestion, api.SealedAnswer, 400, 401, 403, 422))
    async def ask(request: Request) -> Response:
        """Answer a visit's sealed question, sealed to the visit."""

        def work(call: gate.SignedCall, terminal: Terminal) -> api.SealedAnswer | Refused:
            asked = read_body(call.body, api.SealedQuestion, "question")
            if isinstance(asked, Refused):
                return asked
            answered = questions.answer(it, terminal, asked)
            service.bell.ring()
            return answered

        return await _admitted(service, request, work)

    @app.post("/v1/staff-calls", openapi_extra=openapi.takes(api.StaffCall, api.Called, 400, 401, 403, 422))
    async def call_staff(request: Request) -> Response:
        """Call staff to this terminal."""

        def work(call: gate.SignedCall, terminal: Terminal) -> api.Called | Refused:
            asked = read_body(call.body, api.StaffCall, "staff call")
            if isinstance(asked, Refused):
                return asked
            with it.work() as unit:
                number = desk.add_call(
                    unit.db, terminal=terminal.id, office=terminal.office, step=asked.step, at=unit.time
                )
                actor = Actor("terminal", terminal.id, terminal.office)
                audit.record(
                    unit.db, unit.at, actor, "staff.called", terminal.id, purpose="help", details={"step": asked.step}
                )
            return api.Called(number)

        return await _admitted(service, request, work)


def _state(app: FastAPI, service: Service) -> None:
    it = service.it

    @app.get("/v1/ping", openapi_extra=openapi.takes(None, api.Pong, 401, 403))
    async def ping(request: Request) -> Response:
        """Say the time, and in which state the terminal is."""

        def work(_call: gate.SignedCall, terminal: Terminal) -> api.Pong:
            return api.Pong(it.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"), terminal.id, terminal.state)

        return await _admitted(service, request, work)

    @app.post("/v1/heartbeats", openapi_extra=openapi.takes(None, None, 400, 401, 403, 413))
    async def heartbeat(request: Request) -> Response:
        """Keep how the terminal is."""

        def work(call: gate.SignedCall, terminal: Terminal) -> dict[str, str] | Refused:
            if len(call.body) > HEARTBEAT_LIMIT:
                return Refused(413, "too_large", f"A heartbeat has at most {HEARTBEAT_LIMIT} bytes.", "Send less.")
            report = read_body(call.body, dict[str, Any], "heartbeat")
            if isinstance(report, Refused):
                return report
            with it.work() as unit:
                intake.keep_heartbeat(unit, terminal, report)
            return {}

        return await _admitted(service, request, work)

    @app.get("/v1/reference-data", openapi_extra=openapi.takes(None, None, 304, 401, 403))
    async def reference_data(request: Request) -> Response:
        """Give the signed bundle, unless the caller has it (If-None-Match)."""
        call = await _call(request)
        terminal = await run_in_threadpool(_admit, service, call)
        if isinstance(terminal, Refused):
            return _answer(terminal)
        bundle = await run_in_threadpool(service.reference.current)
        headers = {"ETag": bundle.etag, "Cache-Control": "no-cache"}
        if call.headers.get("if-none-match", "") == bundle.etag:
            return Response(status_code=304, headers=headers)
        return Response(bundle.data, media_type="application/jose", headers=headers)


def _feed(app: FastAPI, service: Service) -> None:
    @app.get("/v1/feed", openapi_extra=openapi.gives(MEDIA_TYPE, "frames of kiosk.wire.feed", 304, 401, 403, 410, 422))
    async def read_feed(request: Request, cursor: str = "", limit: int = feed.ANSWER_ROWS, wait: float = 0.0) -> Response:
        """Give the records this terminal's office may hold, as they changed since `cursor`; `wait` (seconds) for a change."""
        call = await _call(request)
        terminal = await run_in_threadpool(_admit, service, call, spends_nonce=False)
        if isinstance(terminal, Refused):
            return _answer(terminal)
        if not 0 <= wait <= LONGEST_WAIT_SECONDS or not 0 < limit <= feed.MOST_ROWS:
            message = f"wait must be 0 to {LONGEST_WAIT_SECONDS:g} seconds, limit 1 to {feed.MOST_ROWS} rows."
            return _answer(Refused(422, "parameters", message, "Ask again within these."))
        page = await _next_page(service, terminal.office, cursor, limit, wait)
        if isinstance(page, Refused):
            return _answer(page)
        if page.more and page.rows < limit:
            pages = _pages(service, terminal.office, page, limit)
            return StreamingResponse(pages, media_type=MEDIA_TYPE, headers={"Cache-Control": "no-store"})
        headers = {"ETag": f'"{page.cursor}"', "Cache-Control": "no-store"}
        if not page.new and call.headers.get("if-none-match", "") == f'"{page.cursor}"':
            return Response(status_code=304, headers=headers)
        return Response(page.body, media_type=MEDIA_TYPE, headers=headers)


async def _next_page(service: Service, office: str, cursor: str, limit: int, wait: float) -> feed.Page | Refused:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + wait
    with service.wakeups.subscribe_feed(office) as event:
        while True:
            event.clear()
            page = await _page(service, office, cursor, limit)
            remaining = deadline - loop.time()
            if isinstance(page, Refused) or page.new or remaining <= 0 or service.wakeups.closing:
                return page
            try:
                async with asyncio.timeout(remaining):  # unlike wait_for it makes no task: thousands wait here
                    await event.wait()
            except TimeoutError:
                return page


async def _page(service: Service, office: str, cursor: str, limit: int) -> feed.Page | Refused:
    return await run_in_threadpool(feed.read, service.it.database, office, cursor, min(limit, feed.PAGE_ROWS))


async def _pages(service: Service, office: str, page: feed.Page, limit: int) -> AsyncIterator[bytes]:
    """Give a page and those after it, up to `limit` rows: the next one is read while this one travels.

    It may end early, always with a MARK that says that there is more: when the server stops, or when the cursor ended.
    """
    rows = page.rows
    while page.more and rows < limit and not service.wakeups.closing:
        following = asyncio.ensure_future(_page(service, office, page.cursor, limit - rows))
        try:
            yield page.body
            read = await following
        finally:
            following.cancel()
        if isinstance(read, Refused):
            return
        page = read
        rows += page.rows
    yield page.body


# --- requests and answers --------------------------------------------------------------------------------


async def _call(request: Request) -> gate.SignedCall:
    raw_path = request.scope.get("raw_path") or request.scope["path"].encode()
    return gate.SignedCall(
        method=request.method,
        path=raw_path.decode("ascii", "replace"),
        query=request.scope["query_string"].decode("ascii", "replace"),
        headers=dict(request.headers),
        body=await request.body(),
    )


def _admit(service: Service, call: gate.SignedCall, *, spends_nonce: bool = True) -> Terminal | Refused:
    """Find out who calls, and whether it may call so often."""
    terminal = gate.admit(service.it, call, spends_nonce=spends_nonce)
    if isinstance(terminal, Refused):
        return terminal
    return service.limits.take(terminal.id) or terminal


async def _admitted(
    service: Service, request: Request, work: Callable[[gate.SignedCall, Terminal], Any | Refused]
) -> Response:
    """Admit the caller, then do the work, both in a thread."""
    call = await _call(request)

    def both() -> Any | Refused:
        terminal = _admit(service, call)
        return terminal if isinstance(terminal, Refused) else work(call, terminal)

    return _answer(await run_in_threadpool(both))


def _answer(value: Any | Refused) -> Response:
    if isinstance(value, Refused):
        structlog.get_logger().info("refused", code=value.code, status=value.status)
        error = api.ErrorBody(api.Error(value.code, value.message, value.remedy, value.time, value.signed_time))
        headers = {"Retry-After": str(value.retry_after)} if value.retry_after else None
        return Response(msgspec.json.encode(error), value.status, headers, _JSON)
    return Response(msgspec.json.encode(value), media_type=_JSON)


def _text(sealed: bytes | None) -> str | None:
    return None if sealed is None else sealed.decode("ascii")


def _errors(app: FastAPI) -> None:
    async def http(_request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        message = "There is nothing here." if status == 404 else "This is not done here."  # noqa: PLR2004 - HTTP
        return Response(error_body(f"http_{status}", message, "See /openapi.json."), status, media_type=_JSON)

    async def parameters(_request: Request, error: Exception) -> Response:
        places = error.errors() if isinstance(error, RequestValidationError) else []
        named = ", ".join(".".join(str(part) for part in place["loc"]) for place in places)
        message = f"These parameters are wrong: {named}."
        return Response(error_body("parameters", message, "See /openapi.json."), 422, media_type=_JSON)

    async def storage(_request: Request, error: Exception) -> Response:
        structlog.get_logger().warning("storage_failed", **logs.describe(error))
        message = "The back office cannot store anything now; nothing was taken."
        headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
        return Response(error_body("storage", message, "Send it again later."), 503, headers, _JSON)

    async def fault(_request: Request, error: Exception) -> Response:
        structlog.get_logger().warning("request_failed", **logs.describe(error))
        message = "The back office failed; what it acknowledged before stands."
        return Response(error_body("fault", message, "Send it again later."), 500, media_type=_JSON)

    handlers: dict[type[Exception], Callable[[Request, Exception], Awaitable[Response]]] = {
        HTTPException: http,
        RequestValidationError: parameters,
        EnvironmentFault: storage,
        Exception: fault,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)
