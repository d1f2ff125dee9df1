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
from functools import partial
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response

from back_office import (
    answers,
    audit,
    catalogue,
    decisions,
    enrolment,
    feed,
    feed_route,
    gate,
    intake,
    openapi,
    questions,
)
from back_office import api_types as api
from back_office.answers import JSON, answer
from back_office.api_types import Refused, read_body
from back_office.feed_route import LONGEST_WAIT_SECONDS, FeedRoute, is_feed, signed_call
from back_office.http_edge import error_body
from back_office.limits import Limits
from back_office.push_route import PushRoute, is_push
from back_office.receiver import Receiver
from back_office.repository import changes, desk, inbox
from kiosk.domain.audit import Actor
from kiosk.domain.errors import Bug, EnvironmentFault
from kiosk.wire.feed import MEDIA_TYPE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from starlette.types import Receive, Scope, Send

    from back_office.installation import Installation
    from back_office.reference_data import ReferenceData
    from back_office.repository.terminals import Terminal
    from back_office.wakeups import Bell, Wakeups

HEARTBEAT_LIMIT = 16_384


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


class BackOffice(FastAPI):
    """The API, with two routes of their own.

    What waits in the feed must not keep a framework's objects, and what terminals push passes none on its way.
    """

    feed: FeedRoute
    pushes: PushRoute

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Coroutine[Any, Any, None]:
        """Answer one request."""
        if is_push(scope):
            return self.pushes(scope, receive, send)
        return self.feed(scope, receive, send) if is_feed(scope) else super().__call__(scope, receive, send)


def create_app(service: Service) -> FastAPI:
    """Build the API over an opened installation."""
    app = BackOffice(
        title="Guichet back office",
        version="1",
        description="What terminals say to their back office. All bodies are JSON; what is personal is sealed.",
        docs_url=None,
        redoc_url=None,
    )
    app.state.service = service
    app.feed = FeedRoute(service.it.database, service.wakeups, partial(_admit, service, spends_nonce=False))
    app.state.receiver = Receiver(service.it, service.bell, service.limits)
    app.pushes = PushRoute(app.state.receiver)
    _enrolments(app, service)
    _transactions(app, service)
    _questions(app, service)
    _state(app, service)
    _feed(app)
    catalogue.publish(app, service.it.scheme.code)
    _errors(app)
    openapi.describe(app)
    return app


def _enrolments(app: FastAPI, service: Service) -> None:
    @app.post("/v1/enrolments", openapi_extra=openapi.takes(api.Enrolment, api.Enrolled, 400, 401, 403, 422))
    async def enrol(request: Request) -> Response:
        """Exchange a one-time code and two certificate requests for an identity."""
        call = await _call(request)
        return answer(await run_in_threadpool(_enrol, service.it, call))


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

    @app.post(
        "/v1/transactions", openapi_extra=openapi.takes(api.DescribedPush, api.Pushed, 400, 401, 403, 413, 422, 429)
    )
    async def push() -> Response:
        """Deliver journal entries: durable when this answers. A bad entry is answered alone."""
        raise Bug("a push is answered by its own route (BackOffice)")  # this one is for the OpenAPI document

    @app.get("/v1/transactions/{transaction_id}", openapi_extra=openapi.takes(None, api.Standing, 401, 403, 404, 422))
    async def follow(request: Request, transaction_id: str, wait: float = 0.0) -> Response:
        """Tell where a transaction stands; with `wait` (seconds) as soon as it is decided, or then."""
        call = await _call(request)
        terminal = await run_in_threadpool(_admit, service, call)
        if isinstance(terminal, Refused):
            return answer(terminal)
        if not 0 <= wait <= LONGEST_WAIT_SECONDS:
            message = f"wait is {wait:g}; it must be 0 to {LONGEST_WAIT_SECONDS:g} seconds."
            return answer(Refused(422, "wait", message, "Ask again with a shorter wait."))
        return answer(await _follow(service, terminal, transaction_id, wait))

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
            return answer(terminal)
        bundle = await run_in_threadpool(service.reference.current)
        headers = {"ETag": bundle.etag, "Cache-Control": "no-cache"}
        if call.headers.get("if-none-match", "") == bundle.etag:
            return Response(status_code=304, headers=headers)
        return Response(bundle.data, media_type="application/jose", headers=headers)


def _feed(app: FastAPI) -> None:
    @app.get(
        feed_route.PATH,
        openapi_extra=openapi.gives(MEDIA_TYPE, "frames of kiosk.wire.feed", 304, 401, 403, 410, 422),
    )
    async def read_feed(cursor: str = "", limit: int = feed.ANSWER_ROWS, wait: float = 0.0) -> Response:  # noqa: ARG001
        """Give the records this terminal's office may hold, as they changed since `cursor`; `wait` (seconds) for a change."""
        raise Bug("the feed is answered by its own route (BackOffice)")  # this one is for the OpenAPI document


# --- requests and answers --------------------------------------------------------------------------------


async def _call(request: Request) -> gate.SignedCall:
    return await signed_call(request.scope, request.receive)


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

    return answer(await run_in_threadpool(both))


def _text(sealed: bytes | None) -> str | None:
    return None if sealed is None else sealed.decode("ascii")


def _errors(app: FastAPI) -> None:
    async def http(_request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        message = "There is nothing here." if status == 404 else "This is not done here."  # noqa: PLR2004 - HTTP
        return Response(error_body(f"http_{status}", message, "See /openapi.json."), status, media_type=JSON)

    async def parameters(_request: Request, error: Exception) -> Response:
        places = error.errors() if isinstance(error, RequestValidationError) else []
        return answers.wrong_parameters(", ".join(".".join(str(part) for part in place["loc"]) for place in places))

    async def storage(_request: Request, error: Exception) -> Response:
        return answers.storage_failed(error)

    async def fault(_request: Request, error: Exception) -> Response:
        return answers.fault(error)

    handlers: dict[type[Exception], Callable[[Request, Exception], Awaitable[Response]]] = {
        HTTPException: http,
        RequestValidationError: parameters,
        EnvironmentFault: storage,
        Exception: fault,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)
