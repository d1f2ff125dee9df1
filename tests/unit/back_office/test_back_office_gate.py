"""Who gets in: signature, clock, nonce, state; and what a wrong body gets."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from back_office_bench import TerminalKeys, application, asgi, ask, enrolled, signed
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from back_office import fleet, gate
from back_office.database import StorageFault
from back_office.repository import arrivals, terminals, timestamp
from kiosk.domain.errors import EnvironmentFault
from kiosk.wire.canonical import digest
from kiosk.wire.problem import Problem
from kiosk.wire.signed import Judgement, verify
from kiosk.wire.trust import Usage

if TYPE_CHECKING:
    from back_office_bench import Bench


@pytest.fixture
def app(office: Bench) -> Any:
    return application(office)


def set_state(office: Bench, state: str) -> None:
    with office.it.work() as work:
        fleet.change_state(work, office.terminal.id, state, by="olga", reason="test")


def test_an_enrolled_terminal_is_admitted(office: Bench, app: Any) -> None:
    reply = ask(office, app, "GET", "/v1/ping")
    assert reply.status == 200
    assert (reply.json["terminal"], reply.json["state"]) == ("T0007", "in_service")


def test_without_a_signature_nothing_is_served(app: Any) -> None:
    for method, path in [
        ("GET", "/v1/ping"),
        ("POST", "/v1/transactions"),
        ("GET", "/v1/transactions/x"),
        ("GET", "/v1/verdicts"),
        ("POST", "/v1/questions"),
        ("POST", "/v1/staff-calls"),
        ("POST", "/v1/heartbeats"),
        ("GET", "/v1/reference-data"),
    ]:
        reply = asgi(app, method, path)
        assert (reply.status, reply.error) == (401, "signature_invalid"), path


def test_a_request_is_served_once(office: Bench, app: Any) -> None:
    headers = signed(office, "GET", "/v1/ping")
    assert asgi(app, "GET", "/v1/ping", headers=headers).status == 200
    replay = asgi(app, "GET", "/v1/ping", headers=headers)
    assert (replay.status, replay.error) == (401, "nonce_used")


def test_a_nonce_is_kept_across_a_restart_and_dropped_when_it_is_useless(office: Bench, app: Any) -> None:
    asgi(app, "GET", "/v1/ping", headers=signed(office, "GET", "/v1/ping", nonce="kept-across-it"))
    assert [row["nonce"] for row in office.rows("SELECT nonce FROM nonce")] == ["kept-across-it"]
    for minutes, left in ((1, 1), (2, 0)):
        moment = office.it.clock.now() + timedelta(minutes=minutes)
        with office.it.work() as work:
            terminals.forget_nonces(work.db, timestamp(moment))
        assert len(office.rows("SELECT nonce FROM nonce")) == left


@pytest.mark.parametrize("change", ["method", "path", "query", "body", "digest", "key", "key_id"])
def test_whatever_is_signed_cannot_be_changed(office: Bench, app: Any, change: str) -> None:
    body = msgspec.json.encode({"items": [], "prints": []})
    key = ec.generate_private_key(ec.SECP256R1()) if change == "key" else None
    key_id = "T0009" if change == "key_id" else ""
    headers = signed(office, "POST", "/v1/transactions", "", body, key=key, key_id=key_id)
    method = "PUT" if change == "method" else "POST"
    path = "/v1/heartbeats" if change == "path" else "/v1/transactions"
    if change == "digest":
        headers.pop("Content-Digest")
    sent = body + b" " if change == "body" else body
    reply = asgi(app, method, path, "wait=1" if change == "query" else "", headers, sent)
    assert reply.status in {401, 405}
    assert office.rows("SELECT count(*) AS n FROM nonce")[0]["n"] == 0, "a forged request spends no nonce"


@pytest.mark.parametrize("seconds", [-3600, -61, 61, 86400])
def test_a_wrong_clock_is_told_the_right_time(office: Bench, app: Any, seconds: int) -> None:
    now = office.it.clock.now()
    headers = signed(office, "GET", "/v1/ping", at=now + timedelta(seconds=seconds))
    reply = asgi(app, "GET", "/v1/ping", headers=headers)
    assert (reply.status, reply.error) == (401, "clock")
    error = reply.json["error"]
    assert error["time"][:16] == now.strftime("%Y-%m-%dT%H:%M")
    judgement = Judgement(
        gate.TIME_TYPE, Usage.BACK_OFFICE_SIGNING, office.it.keyring.keys().anchors, office.it.clock.now(), 10_000
    )
    told = verify(error["signed_time"].encode(), judgement)
    assert not isinstance(told, Problem), told
    assert told.value == {"time": error["time"], "request": digest(headers["Signature"].encode())}
    assert asgi(app, "GET", "/v1/ping", headers=signed(office, "GET", "/v1/ping")).status == 200


def test_a_forger_is_not_told_the_time(office: Bench, app: Any) -> None:
    headers = signed(
        office,
        "GET",
        "/v1/ping",
        key=ec.generate_private_key(ec.SECP256R1()),
        at=office.it.clock.now() - timedelta(days=1),
    )
    reply = asgi(app, "GET", "/v1/ping", headers=headers)
    assert reply.error == "signature_invalid"
    assert "time" not in reply.json["error"]


def test_a_suspended_terminal_is_refused_at_once_and_served_again_when_resumed(office: Bench, app: Any) -> None:
    set_state(office, "suspended")
    reply = ask(office, app, "GET", "/v1/ping")
    assert (reply.status, reply.error) == (403, "suspended")
    entry = office.change_entry(office.holder("marie"), "marie_second")
    kept = ask(office, app, "POST", "/v1/transactions", body={"items": [entry]}).json["results"][0]
    assert (kept["status"], kept["reason"], kept["decision"]) == ("received", "terminal_suspended", None)
    set_state(office, "in_service")
    assert ask(office, app, "GET", "/v1/ping").status == 200


def test_retired_is_for_good(office: Bench, app: Any) -> None:
    set_state(office, "retired")
    assert ask(office, app, "GET", "/v1/ping").error == "retired"
    push = ask(office, app, "POST", "/v1/transactions", body={"items": []})
    assert (push.status, push.error) == (403, "retired")
    with pytest.raises(EnvironmentFault, match="retired"):
        set_state(office, "in_service")
    with pytest.raises(AssertionError, match="retired"):
        enrolled(office.it)


def test_an_old_key_ends_with_a_new_enrolment(office: Bench, app: Any) -> None:
    old = office.terminal
    office.terminal = enrolled(office.it)
    assert ask(office, app, "GET", "/v1/ping").status == 200
    office.terminal = TerminalKeys(old.id, old.office, old.key, old.epoch)
    assert ask(office, app, "GET", "/v1/ping").error == "signature_invalid"


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("/v1/transactions", b"{", "not_json"),
        ("/v1/transactions", b"\xff\xfe", "not_json"),
        ("/v1/transactions", b'{"items":{}}', "body"),
        ("/v1/transactions", b'{"things":[]}', "body"),
        ("/v1/heartbeats", b'{"x":' + b"[" * 5000, "not_json"),
        ("/v1/questions", b'{"id":"x","sealed":"a"}', "body"),
        ("/v1/staff-calls", b'{"step":"pin","at":"today"}', "body"),
        ("/v1/heartbeats", b"[]", "body"),
        ("/v1/heartbeats", b'{"x":"' + b"y" * 20000 + b'"}', "too_large"),
    ],
)
def test_a_wrong_body_is_named(office: Bench, app: Any, path: str, body: bytes, code: str) -> None:
    reply = ask(office, app, "POST", path, body=body)
    assert reply.error == code
    assert 400 <= reply.status < 500
    assert reply.json["error"]["remedy"]


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("/v1/transactions/x", "wait=never", 422),
        ("/v1/transactions/x", "wait=51", 422),
        ("/v1/transactions/x", "wait=-1", 422),
        ("/v1/transactions/x", "wait=nan", 422),
        ("/v1/transactions/x", "", 404),
        ("/v1/transactions/%2e%2e%2fping", "", 404),
        ("/v1/verdicts", "after=x", 422),
        ("/v1/verdicts", "after=99999999999999999999", 200),
        ("/v1/nothing", "", 404),
    ],
)
def test_wrong_parameters_are_named(office: Bench, app: Any, path: str, query: str, status: int) -> None:
    reply = ask(office, app, "GET", path, query)
    assert reply.status == status
    assert status == 200 or reply.json["error"]["message"]


def test_calls_for_staff_keep_their_number_until_answered(office: Bench, app: Any) -> None:
    body = {"step": "awaiting_pin", "at": "2027-01-01T10:00:00Z"}
    first = ask(office, app, "POST", "/v1/staff-calls", body=body)
    again = ask(office, app, "POST", "/v1/staff-calls", body=body | {"step": "menu"})
    assert first.json["number"] == again.json["number"]
    assert office.rows("SELECT terminal, office, step FROM staff_call") == [
        {"terminal": "T0007", "office": "101", "step": "menu"}
    ]


def test_a_heartbeat_is_kept(office: Bench, app: Any) -> None:
    assert ask(office, app, "POST", "/v1/heartbeats", body={"backlog": 3}).status == 200
    kept = office.rows("SELECT heartbeat, last_seen_at FROM terminal")[0]
    assert json.loads(kept["heartbeat"]) == {"backlog": 3}


def test_a_disk_that_fails_is_said_and_nothing_is_taken(
    office: Bench, app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise StorageFault("The disk is full.", "Free some.")

    monkeypatch.setattr(arrivals, "add", full)
    entry = office.change_entry(office.holder("marie"), "marie_second")
    reply = ask(office, app, "POST", "/v1/transactions", body={"items": [entry]})
    assert (reply.status, reply.error) == (503, "storage")
    assert int(reply.headers["retry-after"]) >= 1
    monkeypatch.undo()
    assert (
        ask(office, app, "POST", "/v1/transactions", body={"items": [entry]}).json["results"][0]["status"] == "received"
    )


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.sampled_from(["/v1/transactions", "/v1/questions", "/v1/staff-calls", "/v1/heartbeats", "/v1/enrolments"]),
    body=st.binary(max_size=300) | st.text(max_size=200).map(lambda text: json.dumps(text).encode()),
    headers=st.dictionaries(
        st.sampled_from(["Signature", "Signature-Input", "Content-Digest"]),
        st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=120),
        max_size=3,
    ),
)
def test_hostile_requests_are_answered_not_suffered(
    office: Bench, app: Any, path: str, body: bytes, headers: dict[str, str]
) -> None:
    rightly_signed = ask(office, app, "POST", path, body=body)
    assert rightly_signed.status < 500
    forged = asgi(app, "POST", path, headers=signed(office, "POST", path, "", body) | headers, body=body)
    assert forged.status < 500
    assert office.rows("SELECT count(*) AS n FROM inbox")[0]["n"] == 0
