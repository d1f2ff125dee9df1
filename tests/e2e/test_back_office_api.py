"""The API as a terminal meets it: real HTTPS sockets, the terminal's own client, background rounds and all."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import requests
from back_office_bench import Bench, bench, signed

from back_office import fleet
from back_office.serve import Running, running
from kiosk.back_office_client import BackOfficeClient
from kiosk.back_office_client.api import (
    Item,
    NewReference,
    NotModified,
    Ping,
    Print,
    Pushed,
    Refused,
    Standing,
    VerdictPage,
)
from kiosk.domain.bank_change import State
from kiosk.domain.errors import EnvironmentFault
from kiosk.system import SystemClock
from kiosk.wire.reference_data import Bundle, verify_bundle

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass
class Online:
    office: Bench
    server: Running
    client: BackOfficeClient

    @property
    def port(self) -> int:
        return int(self.server.url.rsplit(":", 1)[1])

    def push(self, *entries: dict[str, Any], prints: tuple[Print, ...] = ()) -> Pushed:
        answer = self.client.push([Item(**entry) for entry in entries], list(prints))
        assert isinstance(answer, Pushed), answer
        return answer

    def decided(self, id_: str, seconds: float = 8) -> Standing:
        answer = self.client.standing(id_, wait_seconds=seconds)
        assert isinstance(answer, Standing), answer
        return answer


@pytest.fixture
def online(tmp_path: Path, database: str) -> Iterator[Online]:
    with bench(tmp_path, database) as office, running(office.it, office.partners) as server:
        client = BackOfficeClient(
            server.url,
            office.it.state / "pki/root.pem",
            office.terminal.id,
            office.terminal.key,
            clock=office.it.clock,
            ids=office.it.ids,
        )
        yield Online(office, server, client)
        client.close()


def test_a_change_goes_from_the_terminal_into_force_while_the_person_waits(online: Online) -> None:
    office = online.office
    marie = office.holder("marie")
    office.bank_knows("marie_second", "match")
    entry = office.change_entry(marie, "marie_second")
    began = time.monotonic()
    pushed = online.push(entry)
    assert pushed.results[0].status == "received"
    assert pushed.head.seq == 1
    standing = online.decided(entry["id"])
    assert standing.decision == "in_force"
    assert time.monotonic() - began < 4, "a person waits at most 8 s"
    assert standing.sealed is not None
    assert office.verdict(marie, entry["id"]).first_payment_date
    page = online.client.verdicts(0)
    assert isinstance(page, VerdictPage)
    assert [(line.id, line.decision) for line in page.verdicts][-1] == (entry["id"], "in_force")
    rest = online.client.verdicts(page.next)
    assert isinstance(rest, VerdictPage)
    assert rest.verdicts == []


def test_a_long_poll_wakes_at_the_decision_and_not_at_its_end(online: Online) -> None:
    office = online.office
    office.bank_knows("marie_second", "match")
    office.bank.before_answer = threading.Event()
    entry = office.change_entry(office.holder("marie"), "marie_second")
    online.push(entry)
    threading.Timer(0.5, office.bank.before_answer.set).start()
    began = time.monotonic()
    assert online.decided(entry["id"], 30).decision == "in_force"
    assert time.monotonic() - began < 5


def test_a_long_poll_answers_undecided_when_its_time_is_over(online: Online) -> None:
    online.office.bank.down = True
    entry = online.office.change_entry(online.office.holder("marie"), "marie_second")
    online.push(entry)
    began = time.monotonic()
    standing = online.decided(entry["id"], 0.3)
    assert (standing.status, standing.decision) == ("received", None)
    assert 0.25 < time.monotonic() - began < 3
    online.office.bank_knows("marie_second", "match")
    online.office.bank.down = False
    assert online.decided(entry["id"]).decision == "in_force"


def test_what_an_officer_decides_in_another_process_wakes_the_poll(online: Online) -> None:
    """Another connection to the database stands for the other process: the desk's command line."""
    from back_office import firewall
    from back_office.installation import open_installation
    from kiosk.domain.audit import Actor
    from kiosk.domain.bank_change import events

    office = online.office
    office.bank.down = True
    entry = office.change_entry(office.holder("marie"), "marie_second")
    online.push(entry)
    assert online.decided(entry["id"], 0).decision is None

    def refuse() -> None:
        with open_installation(office.it.state) as other, other.work() as work:
            event = events.OfficerRefused(work.at, "alena", "not today")
            firewall.happen(work, entry["id"], event, actor=Actor("officer", "alena", "101"), purpose="desk")

    deadline = time.monotonic() + 10
    while not office.rows("SELECT 1 FROM bank_change WHERE state = 'received' AND id = ?", entry["id"]):
        assert time.monotonic() < deadline
    threading.Timer(0.3, refuse).start()
    began = time.monotonic()
    assert online.decided(entry["id"], 30).decision == "refused"
    assert time.monotonic() - began < 5


def test_reference_data_and_ping(online: Online) -> None:
    assert isinstance(online.client.ping(), Ping)
    fetched = online.client.reference_data("")
    assert isinstance(fetched, NewReference)
    anchors = online.office.it.keyring.keys().anchors
    assert isinstance(verify_bundle(fetched.bundle, anchors, online.office.it.clock.now()), Bundle)
    assert isinstance(online.client.reference_data(fetched.etag), NotModified)


def test_a_moved_clock_is_learnt_from_the_refusal(online: Online) -> None:
    online.office.later(days=14)
    client = BackOfficeClient(
        online.server.url,
        online.office.it.state / "pki/root.pem",
        online.office.terminal.id,
        online.office.terminal.key,
        clock=SystemClock(),
        ids=online.office.it.ids,
    )
    assert isinstance(client.ping(), Ping)
    assert 13 < client.clock_offset.total_seconds() / 86400 < 15
    client.close()


def test_a_suspension_holds_at_the_next_request_and_loses_nothing(online: Online) -> None:
    office = online.office
    office.bank_knows("marie_second", "match")
    entry = office.change_entry(office.holder("marie"), "marie_second")
    with office.it.work() as work:
        fleet.change_state(work, office.terminal.id, "suspended", by="olga", reason="tamper")
    refused = online.client.ping()
    assert isinstance(refused, Refused)
    assert (refused.status, refused.code) == (403, "suspended")
    kept = online.client.push([Item(**entry)], [])
    assert isinstance(kept, Pushed)
    assert kept.results[0].reason == "terminal_suspended"
    with office.it.work() as work:
        fleet.change_state(work, office.terminal.id, "in_service", by="olga", reason="checked")
    assert online.decided(entry["id"]).decision == "in_force"


def test_staff_are_called_and_a_heartbeat_is_kept(online: Online) -> None:
    assert online.client.call_staff("awaiting_pin", "2027-01-01T10:00:00Z") == "1"
    assert online.client.heartbeat({"backlog": 0}) is None


def test_a_question_is_carried_and_answered(online: Online) -> None:
    marie = online.office.holder("marie")
    id_, sealed, key = online.office.question(marie, "person_record", {})
    answer = online.client.ask(id_, sealed.encode(), wait_seconds=8)
    assert isinstance(answer, bytes), answer
    assert online.office.open(answer.decode(), id_, "person_record", key)["name"] == "Marie Novotná"


# --- at the edge -------------------------------------------------------------------------------------


def raw(online: Online) -> ssl.SSLSocket:
    context = ssl.create_default_context(cafile=str(online.office.it.state / "pki/root.pem"))
    plain = socket.create_connection(("127.0.0.1", online.port), timeout=20)
    return context.wrap_socket(plain, server_hostname="localhost")


def read_all(connection: ssl.SSLSocket) -> bytes:
    parts = []
    try:
        while part := connection.recv(65536):
            parts.append(part)
    except OSError:
        pass
    return b"".join(parts)


def test_plain_http_and_a_foreign_root_get_nothing(online: Online) -> None:
    with pytest.raises(requests.exceptions.ConnectionError):
        requests.get(f"http://127.0.0.1:{online.port}/v1/ping", timeout=5)
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(f"https://localhost:{online.port}/v1/ping", timeout=5)


def test_old_tls_is_refused(online: Online) -> None:
    context = ssl.create_default_context(cafile=str(online.office.it.state / "pki/root.pem"))
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    with (
        socket.create_connection(("127.0.0.1", online.port), timeout=20) as plain,
        pytest.raises((ssl.SSLError, OSError)),
    ):
        context.wrap_socket(plain, server_hostname="localhost")


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"POST /v1/transactions HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n", b"413"),
        (
            b"POST /v1/transactions HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Encoding: gzip\r\n\r\nabcde",
            b"415",
        ),
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n", b"400"),
        (b"NONSENSE\r\n\r\n", b"400"),
        (b"GET /v1/nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", b"404"),
    ],
)
def test_what_is_too_large_or_no_http_is_refused(online: Online, head: bytes, status: bytes) -> None:
    with raw(online) as connection:
        connection.sendall(head)
        answer = read_all(connection)
    assert answer.startswith(b"HTTP/1.1 " + status), answer[:200]
    assert b"Traceback" not in answer
    assert b"server:" not in answer.lower()


def test_a_body_that_never_ends_is_cut_at_the_limit(online: Online) -> None:
    with raw(online) as connection:
        connection.sendall(b"POST /v1/transactions HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        try:
            for _ in range(64):
                connection.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")
        except OSError:
            pass
        answer = read_all(connection)
    assert b" 413 " in answer[:40] or answer == b""
    assert isinstance(online.client.ping(), Ping)


@pytest.fixture
def hasty(tmp_path: Path) -> Iterator[Online]:
    """A server that waits half a second for headers and bodies."""
    from dataclasses import replace

    with bench(tmp_path) as office:
        settings = office.it.settings
        quick = replace(settings.server, header_deadline_seconds=0.5, body_deadline_seconds=0.5)
        it = replace(office.it, settings=replace(settings, server=quick))
        with running(it, office.partners) as server:
            yield Online(office, server, None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "sent", [b"", b"GET /v1/ping HTTP/1.1\r\nHost:", b"GET /v1/ping HTTP/1.1\r\nHost: x\r\n\r\nGET /v1/pi"]
)
def test_who_does_not_finish_the_headers_is_cut_off(hasty: Online, sent: bytes) -> None:
    with raw(hasty) as connection:
        connection.sendall(sent)
        began = time.monotonic()
        read_all(connection)
        assert time.monotonic() - began < 5


def test_who_does_not_finish_the_body_is_told(hasty: Online) -> None:
    with raw(hasty) as connection:
        connection.sendall(b"POST /v1/transactions HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\nabc")
        answer = read_all(connection)
    assert answer.startswith(b"HTTP/1.1 408")


def test_a_kept_connection_serves_again_and_again(online: Online) -> None:
    with requests.Session() as session:
        session.verify = str(online.office.it.state / "pki/root.pem")
        session.trust_env = False
        for _ in range(3):
            answer = session.get(
                f"{online.server.url}/v1/ping", headers=signed(online.office, "GET", "/v1/ping"), timeout=10
            )
            assert answer.status_code == 200


def test_two_servers_on_one_folder_are_refused(online: Online) -> None:
    with pytest.raises(EnvironmentFault, match="is running on"), running(online.office.it, online.office.partners):
        pass


def test_a_stopping_server_answers_its_long_polls(tmp_path: Path, database: str) -> None:
    with bench(tmp_path, database) as office:
        office.bank.down = True
        answers: list[Any] = []
        with running(office.it, office.partners) as server:
            client = BackOfficeClient(
                server.url, office.it.state / "pki/root.pem", office.terminal.id, office.terminal.key,
                clock=office.it.clock, ids=office.it.ids,
            )  # fmt: skip
            entry = office.change_entry(office.holder("marie"), "marie_second")
            client.push([Item(**entry)], [])
            poll = threading.Thread(target=lambda: answers.append(client.standing(entry["id"], wait_seconds=45)))
            poll.start()
            deadline = time.monotonic() + 10
            state = server.app.state.service.wakeups
            while entry["id"] not in state._waiting:
                assert time.monotonic() < deadline
            began = time.monotonic()
        poll.join()
        client.close()
        assert time.monotonic() - began < 8
        assert isinstance(answers[0], Standing)
        assert office.change(entry["id"]).state is State.RECEIVED
