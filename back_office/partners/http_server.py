"""The small HTTP server that a partner process runs: whole bodies in, whole answers out.

Rules:
- Only POST to a known path; a body needs its length, at most `limit_bytes`, within `deadline_seconds`.
- A handler is a function of the body; what it raises ends that request with 500 and a line on stderr, not the process.
- Without a certificate it listens on loopback only.
"""

from __future__ import annotations

import ipaddress
import json
import socket
import ssl
import sys
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from back_office.partners.transport import cut_after
from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

BODY_LIMIT_BYTES = 65_536
BODY_DEADLINE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a partner answers."""

    status: int
    content_type: str
    body: bytes


def problem(status: int, code: str, message: str, remedy: str) -> Answer:
    """Write an error in the form of the back office's own API."""
    body = json.dumps({"error": {"code": code, "message": message, "remedy": remedy}}, ensure_ascii=False)
    return Answer(status, "application/json; charset=utf-8", body.encode())


def server_tls(certificate: Path, key: Path) -> ssl.SSLContext:
    """Serve with this certificate. Raises EnvironmentFault naming what is wrong."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        raise EnvironmentFault(
            f"The certificate {certificate} or its key {key} cannot be used: {error}.", "Run: guichet back-office init"
        ) from error
    return context


def refuse_open_plain(host: str, tls: ssl.SSLContext | None) -> None:
    """Raise EnvironmentFault for a plain listener that others than this machine could reach."""
    if tls is not None or host == "localhost":
        return
    try:
        loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise EnvironmentFault(
            f"{host} is not a loopback address, and there is no TLS.", "Listen on 127.0.0.1, or add --tls."
        )


class PartnerServer:
    """One listening port with its handlers by path; `port` 0 lets the system choose."""

    def __init__(
        self,
        host: str,
        port: int,
        handlers: Mapping[str, Callable[[bytes], Answer]],
        *,
        tls: ssl.SSLContext | None = None,
        limit_bytes: int = BODY_LIMIT_BYTES,
        deadline_seconds: float = BODY_DEADLINE_SECONDS,
    ) -> None:
        refuse_open_plain(host, tls)

        class Endpoint(_Endpoint):
            pass

        Endpoint.handlers, Endpoint.limit_bytes, Endpoint.timeout = handlers, limit_bytes, deadline_seconds
        self._tls = tls
        try:
            self._server = _Listener((host, port), Endpoint, tls)
        except OSError as error:
            raise EnvironmentFault(
                f"The port {host}:{port} cannot be opened ({error.strerror}).",
                "Choose another port, or end who has it.",
            ) from error
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        host, port = self._server.server_address[:2]
        return f"{'https' if self._tls else 'http'}://{host!s}:{port}"

    def start(self) -> None:
        """Serve in the background until `stop`."""
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="partner", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop listening; what is being answered is finished."""
        if self._thread is not None:
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()


class _Listener(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], endpoint: type[_Endpoint], tls: ssl.SSLContext | None) -> None:
        self._tls = tls
        if ":" in address[0]:
            self.address_family = socket.AF_INET6
        super().__init__(address, endpoint)

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Shake hands in the request's own thread: a slow stranger must not keep others waiting."""
        if self._tls is not None:
            request.settimeout(BODY_DEADLINE_SECONDS)
            try:
                request = self._tls.wrap_socket(request, server_side=True)
            except OSError:
                return
        super().finish_request(request, client_address)
        if self._tls is not None:
            try:
                request.unwrap().close()
            except OSError:
                request.close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say that a connection ended badly, without a traceback."""
        del request, client_address
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            sys.stderr.write(f"partner: a request ended with {type(error).__name__}: {error}\n")


class _Endpoint(BaseHTTPRequestHandler):
    handlers: Mapping[str, Callable[[bytes], Answer]] = {}
    limit_bytes = BODY_LIMIT_BYTES
    protocol_version = "HTTP/1.1"
    server_version = "GuichetPartner"
    sys_version = ""

    def do_POST(self) -> None:
        """Answer one body."""
        handler = self.handlers.get(self.path)
        if handler is None:
            self._send(
                problem(404, "unknown_path", f"There is no {self.path[:80]}.", f"Known: {', '.join(self.handlers)}.")
            )
            return
        length = self.headers.get("Content-Length", "")
        if not length.isdigit():
            self._send(problem(411, "length_required", "The body has no length.", "Send Content-Length."))
            return
        if int(length) > self.limit_bytes:
            self._send(problem(413, "too_large", f"The body is larger than {self.limit_bytes} bytes.", "Send less."))
            return
        with cut_after(lambda: self.connection, self.timeout or BODY_DEADLINE_SECONDS):
            body = self.rfile.read(int(length))
        if len(body) < int(length):
            self.close_connection = True
            return
        try:
            answer = handler(body)
        except Exception as error:  # noqa: BLE001 - one bad request must not end the process
            sys.stderr.write(f"partner: {self.path} failed with {type(error).__name__}: {error}\n")
            answer = problem(500, "internal", "The request could not be worked on.", "Send it again later.")
        self._send(answer)

    def do_GET(self) -> None:
        """Say that only messages are taken here."""
        self._send(problem(405, "method", "Only POST is taken here.", f"Known: {', '.join(self.handlers)}."))

    def _send(self, answer: Answer) -> None:
        self.close_connection = True
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the standard library's
        """Write no access log: a path or an address may be personal."""
