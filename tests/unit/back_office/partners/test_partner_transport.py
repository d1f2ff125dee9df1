"""The HTTP door: whatever a peer does, a call ends in time and is returned, not raised."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from back_office import pki
from back_office.partners import http_server
from back_office.partners.http_server import Answer, PartnerServer, server_tls
from back_office.partners.transport import ANSWER_LIMIT_BYTES, HttpTransport, Reply
from back_office.ports import Unavailable
from kiosk.domain.errors import EnvironmentFault
from kiosk.system import SystemClock, SystemIds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


def echo(body: bytes) -> Answer:
    return Answer(200, "text/plain", body)


@contextmanager
def peer(behave: Callable[[socket.socket], None]) -> Iterator[str]:
    """A peer of one connection that behaves as given."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def run() -> None:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                try:
                    behave(connection)
                except OSError:
                    return

        thread = threading.Thread(target=run)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.close()
        thread.join(10)


def post(url: str, seconds: float = 5.0, root: Path | None = None) -> Reply | Unavailable:
    return HttpTransport(url, root).post("/x", b"hello", "text/plain", timeout_seconds=seconds)


def silent(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.recv(1)  # until the caller goes away


def dripping(connection: socket.socket) -> None:
    connection.recv(65536)
    stop = threading.Event()
    for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b"x" * 100_000:
        connection.sendall(bytes([byte]))
        stop.wait(0.01)  # a slow peer, not a slow test: the caller cuts it


@pytest.mark.parametrize("behave", [silent, dripping])
def test_a_call_ends_when_its_time_is_over(behave: Callable[[socket.socket], None]) -> None:
    began = time.monotonic()
    with peer(behave) as url:
        assert isinstance(post(url, 0.3), Unavailable)
        assert time.monotonic() - began < 3


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
        b"HTTP/1.1 99999 x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 70_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n" + b"z" * (ANSWER_LIMIT_BYTES + 10),
    ],
)
def test_a_peer_that_answers_nonsense_is_unavailable(answer: bytes) -> None:
    def behave(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(answer)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):
            pass

    with peer(behave) as url:
        found = post(url)
    assert isinstance(found, Unavailable), found
    assert "hello" not in found.detail


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert isinstance(post(f"http://127.0.0.1:{port}"), Unavailable)


def test_a_redirection_is_an_answer_and_not_followed() -> None:
    server = PartnerServer("127.0.0.1", 0, {"/x": lambda _: Answer(302, "text/plain", b"")})
    server.start()
    assert post(server.url) == Reply(302, b"")
    server.stop()


def test_tls_is_verified_against_the_one_root(tmp_path: Path) -> None:
    pki.create_pki(tmp_path / "ours", SystemClock(), SystemIds())
    pki.create_pki(tmp_path / "other", SystemClock(), SystemIds())
    keys = tmp_path / "ours" / "pki"
    server = PartnerServer("127.0.0.1", 0, {"/x": echo}, tls=server_tls(keys / "tls.pem", keys / "tls.key"))
    server.start()
    try:
        assert post(server.url, root=keys / "root.pem") == Reply(200, b"hello")
        assert isinstance(post(server.url, root=tmp_path / "other/pki/root.pem"), Unavailable)
        assert isinstance(post(server.url.replace("https", "http")), Unavailable)
    finally:
        server.stop()


@pytest.mark.parametrize("url", ["", "ftp://x", "http://", "bank"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(EnvironmentFault, match="address"):
        HttpTransport(url)


def test_https_without_a_root_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match="root"):
        HttpTransport("https://localhost")
    with pytest.raises(EnvironmentFault, match="root"):
        post("https://127.0.0.1:1", root=tmp_path / "missing.pem")


# --- the server's side -------------------------------------------------------------------------------


@pytest.fixture
def server() -> Iterator[PartnerServer]:
    def handler(body: bytes) -> Answer:
        if body == b"fault":
            raise ValueError("secret")
        return echo(body)

    server = PartnerServer("127.0.0.1", 0, {"/x": handler}, deadline_seconds=0.3)
    server.start()
    yield server
    server.stop()


def raw(server: PartnerServer, data: bytes) -> bytes:
    host, _, port = server.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(data)
        answer = b""
        while part := connection.recv(65536):
            answer += part
        return answer


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n", b"405"),
        (b"POST /x HTTP/1.1\r\nHost: a\r\n\r\n", b"411"),
        (b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", b"411"),
        (b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n", b"413"),
        (b"POST /../../x HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", b"404"),
        (b"nonsense\r\n\r\n", b"400"),
        (b"PUT /x HTTP/1.1\r\nHost: a\r\n\r\n", b"501"),
    ],
)
def test_requests_that_cannot_be_are_answered(server: PartnerServer, data: bytes, status: bytes) -> None:
    assert status in raw(server, data).split(b"\r\n", 1)[0]


def test_a_body_that_does_not_come_is_not_waited_for(server: PartnerServer) -> None:
    assert raw(server, b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc") == b""
    assert raw(server, b"POST /x HT") == b""
    assert post(server.url) == Reply(200, b"hello")


def test_a_fault_ends_one_request_and_says_nothing_of_it(
    server: PartnerServer, capsys: pytest.CaptureFixture[str]
) -> None:
    reply = HttpTransport(server.url).post("/x", b"fault", "text/plain", timeout_seconds=5)
    assert isinstance(reply, Reply)
    assert reply.status == 500
    assert b"secret" not in reply.body
    assert "Traceback" not in capsys.readouterr().err
    assert post(server.url) == Reply(200, b"hello")


def test_plain_http_stays_on_this_machine() -> None:
    with pytest.raises(EnvironmentFault, match="loopback"):
        PartnerServer("0.0.0.0", 0, {})  # noqa: S104 - this is what must be refused
    http_server.refuse_open_plain("localhost", None)
    http_server.refuse_open_plain("::1", None)


def test_a_port_that_is_taken_is_said(server: PartnerServer) -> None:
    port = int(server.url.rsplit(":", 1)[1])
    with pytest.raises(EnvironmentFault, match=str(port)):
        PartnerServer("127.0.0.1", port, {})
