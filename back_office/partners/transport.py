"""The one door through which the back office speaks HTTP to its partners.

Rules:
- A call is over when its seconds are over, however slowly a partner drips; whatever a partner does wrong is returned, never raised.
- An answer is read up to a limit; redirections are not followed; no proxy of the environment is asked.
- `https` is verified against the one root given (the demonstration's own, or the agency's), never against a public list.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from back_office.ports import Unavailable
from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ANSWER_LIMIT_BYTES = 262_144


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back over HTTP."""

    status: int
    body: bytes


def tls_context(root: Path) -> ssl.SSLContext:
    """Trust the certificates of one root file (PEM) and nothing else. Raises EnvironmentFault when it cannot be read."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_verify_locations(cafile=str(root))
    except (OSError, ssl.SSLError) as error:
        raise EnvironmentFault(
            f"The root certificate {root} cannot be used: {error}.", "Run: guichet back-office init"
        ) from error
    return context


@contextmanager
def cut_after(connection: Callable[[], socket.socket | None], seconds: float) -> Iterator[threading.Event]:
    """Shut down whatever `connection` is by then when the time is over, so that whoever reads from it is freed.

    Gives an event that tells whether that happened: what was read then may look like a proper end and is none.
    """
    over = threading.Event()

    def cut() -> None:
        over.set()
        present = connection()
        if present is not None:
            with suppress(OSError):  # closed by itself meanwhile
                socket.socket.shutdown(present, socket.SHUT_RDWR)

    timer = threading.Timer(max(seconds, 0.001), cut)
    timer.daemon = True
    timer.start()
    try:
        yield over
    finally:
        timer.cancel()


class HttpTransport:
    """Posts bodies to one partner's address."""

    def __init__(self, url: str, root: Path | None = None) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise EnvironmentFault(f"The partner's address {url!r} is not a web address.", "Write http://HOST:PORT.")
        self._secure = parts.scheme == "https"
        if self._secure and root is None:
            raise EnvironmentFault(f"{url} needs a root certificate.", "Run: guichet back-office init")
        self._root = root
        self._host = parts.hostname
        self._port = parts.port or (443 if self._secure else 80)
        self._path = parts.path.rstrip("/")

    def post(self, path: str, body: bytes, content_type: str, *, timeout_seconds: float) -> Reply | Unavailable:
        """Send one body; any complete HTTP answer is a Reply, everything else Unavailable."""
        connection = self._connection(timeout_seconds)
        try:
            connection.connect()
            with cut_after(lambda: connection.sock, timeout_seconds) as over:
                headers = {"Content-Type": content_type, "Connection": "close"}
                connection.request("POST", f"{self._path}{path}", body, headers)
                answer = connection.getresponse()
                content = answer.read(ANSWER_LIMIT_BYTES + 1)
                whole = not answer.length and not over.is_set()
        except TimeoutError:
            return Unavailable(f"no answer within {timeout_seconds:g} s")
        except (OSError, http.client.HTTPException) as error:
            return Unavailable(f"no usable answer ({type(error).__name__})")
        finally:
            connection.close()
        if len(content) > ANSWER_LIMIT_BYTES:
            return Unavailable(f"the answer is larger than {ANSWER_LIMIT_BYTES} bytes")
        if not whole:
            return Unavailable("the answer ended before its end")
        return Reply(answer.status, content)

    def _connection(self, timeout_seconds: float) -> http.client.HTTPConnection:
        if self._secure and self._root is not None:
            return http.client.HTTPSConnection(
                self._host, self._port, timeout=timeout_seconds, context=tls_context(self._root)
            )
        return http.client.HTTPConnection(self._host, self._port, timeout=timeout_seconds)
