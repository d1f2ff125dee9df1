"""Serves the desk page on a port of its own, so that the terminals' network need not reach it.

Rules:
- A scan is read only once it is known, from the headers, that whoever sends it is signed in, and how long it says it is.
- HTTPS only, TLS 1.2 at least, with the certificate of STATE/pki; the same limits on size and time as the API.
- It says when it listens: one line `desk page ADDRESS` on standard output; it ends with SIGTERM or SIGINT.
- A fault of ours is a line with its kind in the log, never with the data it happened to.
"""

from __future__ import annotations

import signal
import socket
import ssl
import sys
import threading
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog
import uvicorn

from back_office import logs
from back_office.desk.case_pages import LIMIT_BYTES, takes_scan
from back_office.desk.pages import desk_app
from back_office.http_edge import BodyGuard, DeadlineProtocol
from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, MutableMapping

    from starlette.applications import Starlette

    from back_office.http_edge import Application
    from back_office.installation import Installation

    Scope = MutableMapping[str, Any]

FORM_LIMIT_BYTES = 32_768
LOG = "back-office/desk.log"
START_SECONDS = 20.0


class _Quiet:
    """Keeps a fault's details out of the server's log; the officer has seen a page that says so."""

    def __init__(self, app: Starlette) -> None:
        self._app = app

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        try:
            await self._app(scope, receive, send)
        except Exception as error:  # noqa: BLE001 - the page has been answered with 500 by then
            structlog.get_logger().warning("desk_page_failed", **logs.describe(error))


class ByPath:
    """Lets a scan come where one is expected and somebody is signed in, and only forms elsewhere.

    Who is not signed in is answered at once, by the headers alone: nothing of the scan is read, and the connection closes.
    """

    def __init__(
        self, forms: BodyGuard, scans: BodyGuard, unread: Application, is_signed_in: Callable[[Scope], bool]
    ) -> None:
        self._forms, self._scans, self._unread, self._is_signed_in = forms, scans, unread, is_signed_in

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Choose by path and headers."""
        if not takes_scan(scope):
            await self._forms(scope, receive, send)
        elif self._is_signed_in(scope):
            await self._scans(scope, receive, send)
        else:
            await self._unread(scope, _nothing, _closing(send))


async def _nothing() -> dict[str, Any]:
    """Stand for a body that is not read."""
    return {"type": "http.request", "body": b"", "more_body": False}


def _closing(send: Any) -> Any:
    """Send an answer after which the connection closes, so that what is still on its way is not read either."""

    async def sent(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", []), (b"connection", b"close")]
        await send(message)

    return sent


class _Server(uvicorn.Server):
    """uvicorn's server, which says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        await super().startup(sockets)
        self.listening.set()


@dataclass(frozen=True, slots=True)
class Pages:
    """A set of pages with a port of its own: what it is called when it listens, where it logs, and its application."""

    name: str
    log: str
    application: Callable[[Installation], Starlette]


DESK = Pages("desk page", LOG, desk_app)


def serve(it: Installation, host: str, port: int, pages: Pages = DESK) -> None:
    """Serve until a signal comes; `port` 0 lets the system choose. Raises EnvironmentFault naming what is wrong."""
    logs.configure(it.state / pages.log)
    for number in (signal.SIGTERM, signal.SIGINT):
        # uvicorn raises the signal again when it has stopped; then the database still has to be closed.
        signal.signal(number, lambda *_: None)
    with closing(_listen(host, port)) as bound:
        server = _Server(_config(it, pages))
        threading.Thread(target=_announce, args=(server, f"{pages.name} {_url(host, bound)}/"), daemon=True).start()
        server.run(sockets=[bound])


@contextmanager
def running(it: Installation, host: str = "127.0.0.1", pages: Pages = DESK) -> Iterator[str]:
    """Serve in a thread while the block runs; gives the address."""
    with closing(_listen(host, 0)) as bound:
        server = _Server(_config(it, pages))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, name="desk")
        thread.start()
        try:
            if not server.listening.wait(START_SECONDS):
                raise EnvironmentFault(f"The {pages.name} does not begin to listen.", f"Look into {it.state / pages.log}.")
            yield _url(host, bound)
        finally:
            server.should_exit = True
            thread.join()


def _announce(server: _Server, said: str) -> None:
    if server.listening.wait(START_SECONDS):
        sys.stdout.write(f"{said}\n")
        sys.stdout.flush()


def _config(it: Installation, pages: Pages) -> uvicorn.Config:
    certificate, key = it.keyring.tls_files()
    settings = it.settings.server

    class Protocol(DeadlineProtocol):
        header_deadline_seconds = settings.header_deadline_seconds

    made = pages.application(it)
    guarded = guard(_Quiet(made), made, settings.body_deadline_seconds)
    config = uvicorn.Config(
        guarded,
        http=Protocol,
        ws="none",
        lifespan="off",
        ssl_certfile=str(certificate),
        ssl_keyfile=str(key),
        timeout_graceful_shutdown=settings.graceful_stop_seconds,
        limit_concurrency=settings.connections,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
    )
    try:
        config.load()
    except (OSError, ssl.SSLError) as error:
        raise EnvironmentFault(
            f"The TLS certificate {certificate} or its key cannot be used: {error}.",
            f"Remove both and run: guichet back-office init --state {it.state}",
        ) from error
    if config.ssl is not None:
        config.ssl.minimum_version = ssl.TLSVersion.TLSv1_2
    return config


def guard(application: Application, made: Starlette, deadline: float) -> ByPath:
    """Put limits before an application; pages that know nobody signed in take no scan."""
    return ByPath(
        BodyGuard(application, limit_bytes=FORM_LIMIT_BYTES, deadline_seconds=deadline),
        BodyGuard(application, limit_bytes=LIMIT_BYTES, deadline_seconds=deadline),
        application,
        getattr(made.state, "is_signed_in", lambda _scope: False),
    )


def _listen(host: str, port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except (OSError, OverflowError) as error:
        bound.close()
        raise EnvironmentFault(
            f"Nothing can listen on {host} port {port}: {error}.", "Give another --host or --port."
        ) from error
    return bound


def _url(host: str, bound: socket.socket) -> str:
    name = "localhost" if host in {"127.0.0.1", "::1"} else f"[{host}]" if ":" in host else host
    return f"https://{name}:{bound.getsockname()[1]}"
