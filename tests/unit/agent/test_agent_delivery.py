"""Every entry reaches the back office once, whatever the line and the server do."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from typing import Any

import pytest
from fakes.back_office import FakeBackOffice, Request, Response, refusal
from fakes.terminal import Inbox, Terminal, until

from back_office import pki
from kiosk.__main__ import main
from kiosk.link import Answer, Appended, Done, EnvironmentChanged, NoAnswer, Progress, StaffCalled
from kiosk.terminal_folder import read_journal_key
from kiosk.wire.canonical import digest
from kiosk.wire.receipt import verify_statement
from kiosk.wire.trust import terminal_issuers
from offline_cache.database import open_database
from offline_cache.inspection import SELECT_ENTRY, entry_of


@pytest.fixture
def running(terminal: Terminal) -> Terminal:
    terminal.start_inside()
    return terminal


def state_of(terminal: Terminal, id_: str) -> tuple[str, str, str]:
    database = open_database(terminal.folder.journal, read_journal_key(terminal.folder), read_only=True)
    row = database.row(f"{SELECT_ENTRY} WHERE id = ?", (id_,))
    database.close()
    if row is None:
        return "not yet there", "", ""
    found = entry_of(row)
    return found.state, found.decision, found.detail


def until_state(terminal: Terminal, id_: str, *wanted: str) -> tuple[str, str, str]:
    """Wait until the journal says so; it is written just after the reply."""
    until(lambda: state_of(terminal, id_)[: len(wanted)] == wanted)
    return state_of(terminal, id_)


def lines(inbox: Inbox) -> list[str]:
    """How the visit was told the line was, one after the other."""
    return [message.environment.line for message in inbox.messages if isinstance(message, EnvironmentChanged)]


def cut_and_mend(terminal: Terminal) -> None:
    """Cut the line until the agent has noticed, then mend it."""
    before = terminal.log().count('"line": "offline"')
    terminal.office.stop()
    until(lambda: terminal.log().count('"line": "offline"') > before)
    terminal.office.start()


def test_an_entry_is_delivered_by_itself_with_its_clear_header_and_chain(
    running: Terminal, office: FakeBackOffice
) -> None:
    link, inbox = running.visit()
    body = b"sealed.envelope.of.a.visit"
    id_ = running.append(link, body)
    appended = inbox.wait(Appended)
    office.wait_for(lambda: id_ in office.entries)
    item = office.entries[id_]
    assert (item["seq"], item["epoch"], item["body"]) == (appended.seq, 1, body.decode())
    assert (item["recorded_at"], item["previous_hash"]) == (appended.recorded_at, "00" * 32)
    assert set(item) == {
        "id", "kind", "epoch", "seq", "schema", "sealing_key_id", "previous_hash", "hash", "recorded_at", "body",
    }  # fmt: skip
    assert until_state(running, id_, "received")


def test_the_statement_is_verifiable_and_says_what_was_recorded(running: Terminal, office: FakeBackOffice) -> None:
    office.stop()
    link, inbox = running.visit()
    id_ = running.append(link, b"sealed.body")
    appended = inbox.wait(Appended)
    (issuer,) = terminal_issuers(pki.anchors(office.state))
    statement: Any = verify_statement(appended.statement, issuer, frozenset())
    assert (statement.transaction_id, statement.reference) == (id_, appended.reference)
    assert (statement.terminal, statement.office, statement.service) == ("T0007", "prague-1", "bank_account.change")
    assert statement.body_hash == digest(b"sealed.body")


def test_a_followed_entry_goes_alone_and_its_verdict_comes_as_it_is(running: Terminal, office: FakeBackOffice) -> None:
    link, inbox = running.visit()
    id_ = running.append(link)
    n = link.follow(id_, wait_seconds=8)
    inbox.wait(Done, n=n)
    inbox.wait(Progress, id=id_, stage="sent")
    office.decide(id_, "in_force", "sealed.verdict")
    decided = inbox.wait(Progress, id=id_, stage="decided")
    assert (decided.verdict_code, decided.sealed) == ("in_force", b"sealed.verdict")
    assert [ids for ids in office.pushes if ids] == [[id_]]
    assert until_state(running, id_, "received", "in_force")


def test_a_decision_in_the_reply_to_the_push_needs_no_poll(running: Terminal, office: FakeBackOffice) -> None:
    office.verdict = lambda _: ("waiting", "sealed.at.once")
    link, inbox = running.visit()
    id_ = running.append(link)
    link.follow(id_, wait_seconds=8)
    assert inbox.wait(Progress, stage="decided").sealed == b"sealed.at.once"
    assert not [r for r in office.requests if r.path.startswith("/v1/transactions/")]


def test_following_what_was_delivered_before_tells_its_verdict_again(running: Terminal, office: FakeBackOffice) -> None:
    link, inbox = running.visit()
    id_ = running.append(link)
    office.wait_for(lambda: id_ in office.entries)
    office.decide(id_, "refused", "sealed.no")
    until_state(running, id_, "received")
    link.follow(id_, wait_seconds=8)
    assert inbox.wait(Progress, stage="decided").sealed == b"sealed.no"


def test_the_line_is_noticed_both_ways_and_its_return_delivers(running: Terminal, office: FakeBackOffice) -> None:
    link, inbox = running.visit()
    until(lambda: '"line": "online"' in running.log())
    office.stop()
    ids = [running.append(link) for _ in range(3)]
    inbox.wait(Appended, id=ids[-1])
    until(lambda: "offline" in lines(inbox))
    assert not set(ids) & set(office.entries)
    office.start()
    office.wait_for(lambda: set(ids) <= set(office.entries))
    assert [office.entries[id_]["seq"] for id_ in ids] == [1, 2, 3]
    until(lambda: lines(inbox)[-1] == "online")


def test_a_visit_that_follows_while_the_line_is_down_is_told_when_it_is_back(running: Terminal, office) -> None:
    office.verdict = lambda _: ("in_force", "sealed.word")
    office.stop()
    link, inbox = running.visit()
    id_ = running.append(link)
    link.follow(id_, wait_seconds=20)
    inbox.wait(Appended)
    office.start()
    assert inbox.wait(Progress, stage="decided", seconds=20).verdict_code == "in_force"


@pytest.mark.parametrize("status", [500, 502, 503, 429, 401, 404])
def test_a_server_in_trouble_delays_and_loses_nothing(running: Terminal, office: FakeBackOffice, status: int) -> None:
    refused: list[int] = []

    def trouble(request: Request) -> Response | None:
        if request.path == "/v1/transactions" and len(refused) < 3:
            refused.append(status)
            return refusal(status, "trouble")
        return None

    office.rule = trouble
    link, inbox = running.visit()
    id_ = running.append(link)
    inbox.wait(Appended)
    office.wait_for(lambda: id_ in office.entries)
    assert refused == [status] * 3
    assert until_state(running, id_, "received")


@pytest.mark.parametrize("status", [400, 413, 415, 422])
def test_an_entry_that_is_refused_is_kept_and_delays_nobody(
    running: Terminal, office: FakeBackOffice, status: int
) -> None:
    link, inbox = running.visit()
    office.stop()
    ids = [running.append(link) for _ in range(4)]
    inbox.wait(Appended, id=ids[-1])
    bad = ids[1]
    office.rule = lambda request: (
        refusal(status, "body")
        if request.path == "/v1/transactions" and bad in [item["id"] for item in request.body["items"]]
        else None
    )
    office.start()
    office.wait_for(lambda: {ids[0], ids[2], ids[3]} <= set(office.entries))
    state, _, detail = until_state(running, bad, "refused")
    assert (state, detail) == ("refused", f"{status} body: message of body")
    for good in (ids[0], ids[2], ids[3]):
        assert until_state(running, good, "received")


@pytest.mark.parametrize("status", ["conflict", "quarantined", "refused"])
def test_what_the_server_says_about_an_entry_is_kept_and_told(
    running: Terminal, office: FakeBackOffice, status
) -> None:
    office.rule = lambda request: (
        Response(
            200, {"results": [{"id": i["id"], "status": status, "reason": "because"} for i in request.body["items"]]}
        )
        if request.path == "/v1/transactions"
        else None
    )
    link, inbox = running.visit()
    id_ = running.append(link)
    link.follow(id_, wait_seconds=8)
    assert inbox.wait(Progress, stage="refused").verdict_code == status
    assert until_state(running, id_, status)[2] == "because"


def test_a_reply_that_was_lost_is_asked_for_again(running: Terminal, office: FakeBackOffice) -> None:
    lost: list[str] = []

    def lose(request: Request) -> Response | None:
        if request.path == "/v1/transactions" and request.body["items"] and not lost:
            lost.append(request.body["items"][0]["id"])
            office._post_transactions(request)
            return Response(502, b"<html>gateway</html>")
        return None

    office.rule = lose
    link, _ = running.visit()
    id_ = running.append(link)
    assert until_state(running, id_, "received")
    assert lost == [id_]
    assert [ids for ids in office.pushes if id_ in ids] == [[id_]] * 2
    assert len(office.entries) == 1


def test_a_half_answered_batch_is_finished(running: Terminal, office: FakeBackOffice) -> None:
    office.stop()
    link, inbox = running.visit()
    ids = [running.append(link) for _ in range(3)]
    inbox.wait(Appended, id=ids[-1])
    first: list[int] = []

    def half(request: Request) -> Response | None:
        if request.path == "/v1/transactions" and len(request.body["items"]) == 3 and not first:
            first.append(1)
            response = office._post_transactions(request)
            response.body["results"] = response.body["results"][:1]
            return response
        return None

    office.rule = half
    office.start()
    for id_ in ids:
        assert until_state(running, id_, "received")
    assert first


def test_nonsense_from_the_server_settles_nothing(running: Terminal, office: FakeBackOffice) -> None:
    answers = [
        b"no json",
        b"{}",
        json.dumps({"results": [{"id": "x", "status": "received"}]}).encode(),
        b'{"results": 7}',
    ]

    def nonsense(request: Request) -> Response | None:
        if request.path == "/v1/transactions" and answers:
            return Response(200, answers.pop())
        return None

    office.rule = nonsense
    link, _ = running.visit()
    id_ = running.append(link)
    assert until_state(running, id_, "received")
    assert not answers


def test_a_wrong_clock_is_corrected_by_the_servers_and_reported(terminal: Terminal, office: FakeBackOffice) -> None:
    office.offset = timedelta(days=3, hours=2)
    terminal.start_inside()
    link, _ = terminal.visit()
    id_ = terminal.append(link)
    office.wait_for(lambda: id_ in office.entries)
    office.wait_for(lambda: office.heartbeats)
    offset = office.heartbeats[-1]["clock_offset_seconds"]
    assert abs(offset - timedelta(days=3, hours=2).total_seconds()) < 60


def test_a_clock_refusal_without_a_time_is_no_loop(running: Terminal, office: FakeBackOffice) -> None:
    office.rule = lambda request: refusal(401, "clock", time="soon") if request.path == "/v1/questions" else None
    link, inbox = running.visit()
    n = link.ask(running.ids.new(), b"sealed", wait_seconds=5)
    answer = inbox.wait(NoAnswer, n=n)
    assert (answer.reason, answer.detail) == ("refused", "clock")
    assert len([r for r in office.requests if r.path == "/v1/questions"]) == 1


def test_the_log_holds_no_body_no_key_and_no_question(running: Terminal, office: FakeBackOffice) -> None:
    link, inbox = running.visit()
    id_ = running.append(link, b"CANARY.sealed.body")
    link.ask(running.ids.new(), b"CANARY.question", wait_seconds=5)
    inbox.wait(Answer)
    until_state(running, id_, "received")
    office.rule = lambda _: refusal(422, "body", message="CANARY?")
    until_state(running, running.append(link, b"CANARY.refused.body"), "refused")
    running.stop_inside()
    logged = running.log()
    secrets = [path.read_text().strip() for path in running.folder.keys.iterdir()]
    assert len(secrets) == 5
    assert "CANARY" not in logged
    assert not any(line in logged for secret in secrets for line in secret.splitlines() if "KEY" not in line)


def test_questions_and_answers_pass_through_as_they_are(running: Terminal, office: FakeBackOffice) -> None:
    link, inbox = running.visit()
    n = link.ask(running.ids.new(), b"sealed.question", wait_seconds=8)
    assert inbox.wait(Answer, n=n).sealed == b"answer.sealed.question"


def test_a_question_is_not_waited_for_longer_than_asked(running: Terminal, office: FakeBackOffice) -> None:
    link, inbox = running.visit()
    office.wait_for(lambda: office.requests)

    def hold(request: Request) -> Response | None:
        if request.path == "/v1/questions":
            office.changed.wait_for(lambda: inbox.count(NoAnswer), 10)
        return None

    office.rule = hold
    n = link.ask(running.ids.new(), b"sealed", wait_seconds=0.3)
    assert inbox.wait(NoAnswer, n=n).reason == "timed_out"


def test_a_question_without_a_line_is_answered_so(running: Terminal, office: FakeBackOffice) -> None:
    office.stop()
    link, inbox = running.visit()
    n = link.ask(running.ids.new(), b"sealed", wait_seconds=8)
    assert inbox.wait(NoAnswer, n=n).reason == "offline"


def test_staff_are_called_with_a_number_or_told_that_they_were_not(running: Terminal, office: FakeBackOffice) -> None:
    link, inbox = running.visit()
    n = link.call_staff("enter_account")
    assert inbox.wait(StaffCalled, n=n).number == "1"
    assert office.calls == ["enter_account"]
    office.stop()
    n = link.call_staff("menu")
    assert inbox.wait(StaffCalled, n=n).number == ""


def test_a_suspended_terminal_says_so_and_keeps_its_entries(running: Terminal, office: FakeBackOffice) -> None:
    link, inbox = running.visit()
    office.rule = lambda _: refusal(403, "suspended")
    id_ = running.append(link)
    inbox.wait(Appended)
    until(lambda: any(isinstance(m, EnvironmentChanged) and m.environment.suspended for m in inbox.messages))
    assert state_of(running, id_)[0] == "waiting"
    office.rule = lambda _: None
    assert until_state(running, id_, "received")


def test_print_reports_are_delivered_after_their_entry(running: Terminal, office: FakeBackOffice) -> None:
    office.stop()
    link, inbox = running.visit()
    id_ = running.append(link)
    inbox.wait(Done, n=link.report_print(id_, stage="received", outcome="failed"))
    inbox.wait(Done, n=link.report_print(id_, stage="received", outcome="printed"))
    office.start()
    office.wait_for(lambda: len(office.prints) == 2)
    assert [report["outcome"] for report in office.prints] == ["failed", "printed"]


def test_decisions_made_after_the_visit_are_read(running: Terminal, office: FakeBackOffice) -> None:
    link, _ = running.visit()
    id_ = running.append(link)
    assert until_state(running, id_, "received")
    office.decide(id_, "in_force")
    cut_and_mend(running)
    assert until_state(running, id_, "received", "in_force")


def test_heartbeats_hold_states_and_no_bodies(terminal: Terminal, office: FakeBackOffice) -> None:
    terminal.start_inside()
    link, inbox = terminal.visit()
    inbox.wait(Done, n=link.report_devices({"printer": "ONLINE"}))
    office.wait_for(lambda: office.heartbeats)
    report = office.heartbeats[-1]
    assert (report["key_protection"], report["journal"], report["backlog"]) == ("file", "ok", 0)


def test_reference_data_that_do_not_verify_are_not_passed_on(running: Terminal, office: FakeBackOffice) -> None:
    from kiosk.link import Accepted

    until(lambda: '"version": 1' in running.log())
    good = office.bundle()
    office.rule = lambda request: (
        Response(200, good[:-9] + b"AAAAAAAAA", {"ETag": '"bad"'}) if request.path == "/v1/reference-data" else None
    )
    before = len(office.requests)
    cut_and_mend(running)
    until(lambda: any(r.path == "/v1/reference-data" for r in office.requests[before:]))
    _, inbox = running.visit()
    passed_on = inbox.wait(Accepted).reference
    assert passed_on
    assert not passed_on.endswith(b"AAAAAAAAA")
    until(lambda: "reference_untrusted" in running.log())


def test_older_reference_data_are_a_replay(running: Terminal, office: FakeBackOffice) -> None:
    until(lambda: '"version": 1' in running.log())
    office.bundle_version = 0
    cut_and_mend(running)
    until(lambda: "reference_went_back" in running.log())


def test_told_to_come_back_later_it_sends_nothing_before(running: Terminal, office: FakeBackOffice) -> None:
    link, inbox = running.visit()
    told: list[float] = []

    def later(request: Request) -> Response | None:
        if request.path == "/v1/transactions" and not told:
            told.append(time.monotonic())
            return Response(429, refusal(429, "too_many_requests").body, {"Retry-After": "1"})
        return None

    office.rule = later
    first = running.append(link)
    inbox.wait(Appended)
    office.wait_for(lambda: told)
    before = len(office.requests)
    second = running.append(link)  # wakes the delivery, which has been told otherwise
    office.wait_for(lambda: {first, second} <= set(office.entries))
    assert time.monotonic() - told[0] >= 0.95
    pushes = [request for request in office.requests[before:] if request.path == "/v1/transactions"]
    early = [request for request in pushes if request.at < told[0] + 0.95]
    assert early == []
    assert until_state(running, first, "received")


def test_what_was_refused_by_a_mistake_is_sent_again(
    running: Terminal, office: FakeBackOffice, capsys: pytest.CaptureFixture[str]
) -> None:
    link, inbox = running.visit()
    office.rule = lambda request: refusal(422, "body") if request.path == "/v1/transactions" else None
    bad = running.append(link)
    appended = inbox.wait(Appended)
    assert "422 body" in until_state(running, bad, "refused")[2]
    office.rule = lambda _: None
    good = running.append(link)
    assert until_state(running, good, "received"), "a refused one delays nobody"
    assert journal(running, capsys, "show", str(appended.seq))[1].count("guichet journal resend") == 1
    code, _, said = journal(running, capsys, "resend", good)
    assert (code, "was not refused" in said) == (2, True)
    assert journal(running, capsys, "resend")[0] == 2, "say which"
    assert journal(running, capsys, "resend", appended.reference)[0] == 0
    assert until_state(running, bad, "received")
    assert office.entries[bad]["seq"] == appended.seq
    assert "No entry was refused" in journal(running, capsys, "resend", "--all")[1]


def journal(terminal: Terminal, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(["journal", *words, "--state", str(terminal.state)])
    said = capsys.readouterr()
    return code, said.out, said.err
