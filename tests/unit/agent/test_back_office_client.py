"""The one way to the back office: pinned, signed, bounded; every failure is a value."""

from __future__ import annotations

import socket
import ssl
import threading
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from fakes.back_office import TERMINAL, FakeBackOffice, Response, refusal

from back_office import pki
from kiosk.back_office_client import (
    BackOfficeClient,
    NewReference,
    NotModified,
    Ping,
    Pushed,
    Refused,
    TimedOut,
    Unreachable,
    Unreadable,
    check_url,
)
from kiosk.back_office_client import client as client_module
from kiosk.domain.errors import EnvironmentFault
from kiosk.system import SystemClock, SystemIds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

KEY = ec.generate_private_key(ec.SECP256R1())


@pytest.fixture
def client(office: FakeBackOffice) -> Iterator[BackOfficeClient]:
    office.keys[TERMINAL] = KEY.public_key()
    made = make(office.url, office.root)
    yield made
    made.close()


def make(url: str, root: Path, key: ec.EllipticCurvePrivateKey = KEY) -> BackOfficeClient:
    return BackOfficeClient(url, root, TERMINAL, key, clock=SystemClock(), ids=SystemIds())


def test_a_signed_request_is_accepted_and_each_nonce_is_new(client: BackOfficeClient, office: FakeBackOffice) -> None:
    assert [type(client.ping()) for _ in range(3)] == [Ping] * 3
    assert len(office.nonces) == 3


def test_another_key_is_refused(office: FakeBackOffice, client: BackOfficeClient) -> None:
    stranger = make(office.url, office.root, ec.generate_private_key(ec.SECP256R1()))
    refused = stranger.ping()
    assert isinstance(refused, Refused)
    assert (refused.status, refused.code) == (401, "signature_invalid")
    stranger.close()


def test_another_root_is_no_back_office(office: FakeBackOffice, tmp_path: Path, client: BackOfficeClient) -> None:
    pki.create_pki(tmp_path / "other", SystemClock(), SystemIds())
    outcome = make(office.url, tmp_path / "other" / "pki" / "root.pem").ping()
    assert isinstance(outcome, Unreachable)
    assert "certificate" in outcome.detail.lower()


def test_the_environment_cannot_redirect_or_unpin(client: BackOfficeClient, monkeypatch, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.pem"
    bundle.write_text("")
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    monkeypatch.setenv("CURL_CA_BUNDLE", str(bundle))
    assert isinstance(client.ping(), Ping)


def test_redirects_are_not_followed(client: BackOfficeClient, office: FakeBackOffice) -> None:
    office.rule = lambda _: Response(307, {}, {"Location": office.url + "/v1/heartbeats"})
    assert isinstance(client.ping(), Unreadable)
    assert len(office.requests) == 1


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b'{"time": 1}', b"\xff", b"[" * 5000])
def test_a_reply_that_is_not_the_apis_is_unreadable(
    client: BackOfficeClient, office: FakeBackOffice, body: bytes
) -> None:
    office.rule = lambda _: Response(200, body)
    assert isinstance(client.ping(), Unreadable)


def test_a_reply_without_end_is_cut_off(client: BackOfficeClient, office: FakeBackOffice, monkeypatch) -> None:
    monkeypatch.setattr(client_module, "LARGEST_REPLY", 10_000)
    office.rule = lambda _: Response(200, b"x" * 200_000)
    assert isinstance(client.ping(), Unreadable)


def test_a_refusal_without_the_apis_form_is_still_a_refusal(client: BackOfficeClient, office: FakeBackOffice) -> None:
    office.rule = lambda _: Response(503, b"<html>")
    refused = client.push([], [])
    assert isinstance(refused, Refused)
    assert (refused.status, refused.code) == (503, "http_503")


def test_reference_data_are_fetched_once(client: BackOfficeClient, office: FakeBackOffice) -> None:
    first = client.reference_data("")
    assert isinstance(first, NewReference)
    assert isinstance(client.reference_data(first.etag), NotModified)
    office.bundle_version = 2
    assert isinstance(client.reference_data(first.etag), NewReference)


def test_a_connection_that_died_while_idle_is_replaced(client: BackOfficeClient, office: FakeBackOffice) -> None:
    assert isinstance(client.ping(), Ping)
    office.stop()
    office.start()
    assert isinstance(client.ping(), Ping)


@pytest.mark.parametrize("offset", [timedelta(hours=5), timedelta(minutes=-30)])
def test_a_clock_refusal_is_answered_with_the_servers_time(
    client: BackOfficeClient, office: FakeBackOffice, offset: timedelta
) -> None:
    office.offset = offset
    assert isinstance(client.push([], []), Pushed)
    assert abs(client.clock_offset - offset) < timedelta(seconds=30)


def test_a_server_that_always_says_clock_is_asked_twice_at_most(
    client: BackOfficeClient, office: FakeBackOffice
) -> None:
    office.rule = lambda request: office.wrong_clock(request.signature)
    assert isinstance(client.push([], []), Refused)
    assert len(office.requests) == 2


@pytest.mark.parametrize(
    "tell",
    [
        lambda _office, _: refusal(401, "clock"),
        lambda _office, _: refusal(401, "clock", time="2031-01-01T00:00:00Z"),
        lambda _office, _: refusal(401, "clock", time="2031-01-01T00:00:00Z", signed_time="a.b.c"),
        lambda office, request: office.wrong_clock(request.signature, asked="another request"),
        lambda office, request: other_time(office.wrong_clock(request.signature)),
    ],
)
def test_a_time_that_is_not_signed_for_this_request_changes_nothing(client, office: FakeBackOffice, tell) -> None:
    office.rule = lambda request: tell(office, request)
    outcome = client.push([], [])
    assert isinstance(outcome, Refused)
    assert outcome.code == "clock"
    assert client.clock_offset == timedelta()
    assert len(office.requests) == 1


def other_time(response: Response) -> Response:
    response.body["error"]["time"] = "2031-01-01T00:00:00Z"
    return response


def raw_server(tmp_path: Path, behave: Callable[[ssl.SSLSocket], None]) -> tuple[str, Path]:
    """One TLS connection after the other, answered by `behave`."""
    pki.create_pki(tmp_path, SystemClock(), SystemIds())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "pki" / "tls.pem", tmp_path / "pki" / "tls.key")
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(10)

    def serve() -> None:
        with listener:
            raw, _ = listener.accept()
            with context.wrap_socket(raw, server_side=True) as connection:
                connection.settimeout(10)
                connection.recv(65536)
                behave(connection)

    threading.Thread(target=serve, daemon=True).start()
    return f"https://127.0.0.1:{listener.getsockname()[1]}", tmp_path / "pki" / "root.pem"


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{",
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
    ],
)
def test_half_a_reply_is_none(tmp_path: Path, said: bytes) -> None:
    url, root = raw_server(tmp_path, lambda connection: connection.sendall(said))
    client = make(url, root)
    assert isinstance(client.push([], []), Unreachable | Unreadable)
    client.close()


def test_silence_times_out(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(client_module, "REPLY_SECONDS", 0.2)
    released = threading.Event()
    url, root = raw_server(tmp_path, lambda _: released.wait(10) and None)
    client = make(url, root)
    assert isinstance(client.push([], []), TimedOut)
    released.set()
    client.close()


def test_nobody_listens(tmp_path: Path) -> None:
    pki.create_pki(tmp_path, SystemClock(), SystemIds())
    client = make("https://127.0.0.1:1", tmp_path / "pki" / "root.pem")
    outcome = client.ping()
    assert isinstance(outcome, Unreachable)
    assert "refused" in outcome.detail
    assert "0x" not in outcome.detail


@pytest.mark.parametrize(
    "url", ["", "http://host", "https://", "https://user:pw@host", "https://host/path", "https://host:99999", "https://h?q",
            "https://ho st", "host:443", "https://host:0", "https://[::1"],
)  # fmt: skip
def test_an_address_that_is_none_is_refused_with_its_place(url: str) -> None:
    with pytest.raises(EnvironmentFault, match=r"terminal\.toml, line 3"):
        check_url(url, place="terminal.toml, line 3")


def test_an_address_is_kept_without_its_slash() -> None:
    assert check_url("https://host:8443/", place="x") == "https://host:8443"
