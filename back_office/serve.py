"""Runs the back office: HTTPS server and background rounds over one opened installation, until it is told to stop.

Rules:
- One server a state folder (a lock on a file): two would send every message twice.
- On SIGTERM or SIGINT long polls are answered first, then requests under way are finished, then the rounds end.
- It says when it listens: a line on standard output and the address in STATE/back-office/listening.
- TLS 1.2 at least, with the certificate of STATE/pki; there is no plain HTTP.
- A connection that waits costs little: thousands of terminals wait for the next change all day.
"""

from __future__ import annotations

import asyncio
import asyncio.sslproto
import fcntl
import os
import signal
import socket
import ssl
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog
import uvicorn

from back_office import feed, logs
from back_office.app import Service, create_app
from back_office.http_edge import BodyGuard, DeadlineProtocol
from back_office.partners import connect
from back_office.reference_data import ReferenceData
from back_office.rounds import Rounds
from back_office.tls_buffer import OneBuffer
from back_office.wakeups import Bell, Wakeups
from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import FrameType

    from fastapi import FastAPI

    from back_office.installation import Installation
    from back_office.ports import Partners

LISTENING = "back-office/listening"
LOCK = "back-office/server.lock"
LOG = "back-office/log"
START_SECONDS = 20.0
SWITCH_SECONDS = 0.0005
"""How long a thread that reads a push may keep the interpreter while the next waits (Python's default is ten times that)."""


class _Server(uvicorn.Server):
    """uvicorn's server, which says when it listens and wakes long polls when it stops."""

    def __init__(self, config: uvicorn.Config, wakeups: Wakeups, say: Callable[[], None]) -> None:
        super().__init__(config)
        self._wakeups = wakeups
        self._say = say

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        self._wakeups.attach(asyncio.get_running_loop())
        await super().startup(sockets)
        self._say()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer the long polls, then stop."""
        self._wakeups.close()
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Answer the long polls as soon as the signal is here."""
        self._wakeups.close()
        super().handle_exit(sig, frame)


@dataclass(frozen=True, slots=True)
class Running:
    """A server that listens. `url` begins with https://."""

    url: str
    app: FastAPI


def serve(it: Installation, partners: Partners | None = None) -> None:
    """Serve until a signal; for the main thread. Raises EnvironmentFault when it cannot start."""
    end_log = logs.configure(it.state / LOG)
    sys.setswitchinterval(SWITCH_SECONDS)
    for number in (signal.SIGTERM, signal.SIGINT):
        # uvicorn raises the signal again when it has stopped; then everything below it still has to be closed.
        signal.signal(number, lambda *_: None)
    try:
        with _only_server(it.state), _bound(it) as bound, _assembled(it, partners) as (app, wakeups):
            server = _Server(_config(it, app), wakeups, lambda: _announce(it.state, _url(it, bound)))
            try:
                server.run(sockets=[bound])
            finally:
                (it.state / LISTENING).unlink(missing_ok=True)
        structlog.get_logger().info("stopped")
    finally:
        end_log()


@contextmanager
def running(it: Installation, partners: Partners | None = None) -> Iterator[Running]:
    """Serve in a thread while the block runs (tests, and programs that embed the server)."""
    with _only_server(it.state), _bound(it) as bound, _assembled(it, partners) as (app, wakeups):
        listening = threading.Event()
        server = _Server(_config(it, app), wakeups, listening.set)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, name="https")
        thread.start()
        try:
            if not listening.wait(START_SECONDS):
                raise EnvironmentFault("The server does not begin to listen.", "Look into STATE/back-office/log.")
            yield Running(_url(it, bound), app)
        finally:
            wakeups.close()
            server.should_exit = True
            thread.join()


@contextmanager
def _assembled(it: Installation, partners: Partners | None) -> Iterator[tuple[FastAPI, Wakeups]]:
    bell, wakeups = Bell(), Wakeups()
    it.keyring.keys()  # say now what is missing
    feed.check_history(it, starting=True)
    app = create_app(Service(it, ReferenceData(it), bell, wakeups))
    rounds = Rounds(it, partners or connect(it.settings.partners, it.state), bell, wakeups)
    rounds.start()
    try:
        yield app, wakeups
    finally:
        app.state.receiver.close()
        rounds.stop()


def _config(it: Installation, app: FastAPI) -> uvicorn.Config:
    settings = it.settings.server
    certificate, key = it.keyring.tls_files()

    class Protocol(DeadlineProtocol):
        header_deadline_seconds = settings.header_deadline_seconds

    config = uvicorn.Config(
        BodyGuard(app, limit_bytes=settings.body_limit_bytes, deadline_seconds=settings.body_deadline_seconds),
        http=Protocol,
        ws="none",
        lifespan="off",
        ssl_certfile=str(certificate),
        ssl_keyfile=str(key),
        timeout_keep_alive=settings.keep_alive_seconds,
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
        config.ssl.num_tickets = 0  # no terminal takes a session up again: it keeps its connection
    asyncio.sslproto.SSLProtocol = OneBuffer  # type: ignore[misc]
    return config


@contextmanager
def _bound(it: Installation) -> Iterator[socket.socket]:
    settings = it.settings.server
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind((settings.host, settings.port))
        except (OSError, OverflowError) as error:
            raise EnvironmentFault(
                f"Nothing can listen on {settings.host} port {settings.port}: {error}.",
                f"Choose another address in {it.state / 'back-office/settings.toml'}, section [server].",
            ) from error
        yield bound


@contextmanager
def _only_server(state: Path) -> Iterator[None]:
    path = state / LOCK
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600)) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise EnvironmentFault(
                f"A back office is running on {state} already.", "Stop it, or use another state folder."
            ) from error
        yield


def _url(it: Installation, bound: socket.socket) -> str:
    host = it.settings.server.host
    name = "localhost" if host in {"127.0.0.1", "::1"} else f"[{host}]" if ":" in host else host
    return f"https://{name}:{bound.getsockname()[1]}"


def _announce(state: Path, address: str) -> None:
    path = state / LISTENING
    draft = path.with_suffix(".new")
    draft.write_text(f"{address}\n", encoding="ascii")
    draft.replace(path)
    structlog.get_logger().info("listening", address=address)
    sys.stdout.write(f"guichet back-office listening on {address}\n")
    sys.stdout.flush()
