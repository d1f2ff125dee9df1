from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from fakes.back_office import refusal
from fakes.feeds import fingerprint_of, upsert
from fakes.terminal import SEALING_KEY, until

from kiosk.link import AgentLost, Appended, EnvironmentChanged, NoRecord, Record
from kiosk.system import FileClock

if TYPE_CHECKING:
    from fakes.back_office import FakeBackOffice
    from fakes.terminal import Inbox, Terminal

    from kiosk.link import VisitLink


def fill(office: FakeBackOffice, *people: int) -> None:
    for n in people:
        office.change_feed(lambda feed, n=n: feed.put(n))


def status(terminal: Terminal) -> dict[str, object]:
    return json.loads(terminal.folder.cache_report.read_text()) if terminal.folder.cache_report.exists() else {}


def has(terminal: Terminal, people: int) -> None:
    until(lambda: status(terminal).get("people") == people and status(terminal)["status"] == "ok")


def access(terminal: Terminal, link: VisitLink, inbox: Inbox, kind: str = "access") -> str:
    id_ = terminal.ids.new()
    n = link.append(id_, b"sealed", kind=kind, schema=1, sealing_key_id=SEALING_KEY, service="record.open")
    inbox.wait(Appended, n=n)
    return id_


def ask(terminal: Terminal, link: VisitLink, inbox: Inbox, n: int) -> Record | NoRecord:
    request = link.fetch_record(access(terminal, link, inbox), fingerprint_of(n))

    def answers() -> list[Record | NoRecord]:
        return [m for m in inbox.messages if isinstance(m, Record | NoRecord) and m.n == request]

    until(answers)
    return answers()[0]


def why(terminal: Terminal, link: VisitLink, inbox: Inbox, n: int) -> str:
    answer = ask(terminal, link, inbox, n)
    return answer.reason if isinstance(answer, NoRecord) else ""


def test_a_new_terminal_fills_its_cache_page_by_page_and_follows_every_change(terminal, office) -> None:
    fill(office, *range(50))
    terminal.start_inside()
    has(terminal, 50)
    link, inbox = terminal.visit()
    found = ask(terminal, link, inbox, 7)
    assert isinstance(found, Record)
    assert (found.sealed, found.version) == (upsert(7).document, 1)
    office.change_feed(lambda feed: feed.put(7, 2))
    office.change_feed(lambda feed: feed.drop(8))
    has(terminal, 49)
    until(lambda: ask(terminal, link, inbox, 7).version == 2)
    assert why(terminal, link, inbox, 8) == "not_cached"
    asked = [r.query for r in office.requests if r.path == "/v1/feed"]
    assert [q.get("cursor", [""])[0] for q in asked[:4]] == ["", "e1:20", "e1:40", "e1:50"]
    assert asked[3]["wait"] == ["2"]


def test_a_visit_is_told_how_the_cache_is(terminal, office) -> None:
    fill(office, 1)
    terminal.start_inside()
    has(terminal, 1)
    _, inbox = terminal.visit()
    greeting = inbox.messages[0].environment
    assert (greeting.cache, greeting.cache_people) == ("ok", 1)
    assert greeting.cache_age_seconds in range(5)


def test_without_a_cache_nobody_is_unknown(terminal, office) -> None:
    office.rule = lambda request: refusal(503, "feed_closed") if request.path == "/v1/feed" else None
    terminal.start_inside()
    link, inbox = terminal.visit()
    assert ask(terminal, link, inbox, 1).reason == "no_cache"
    office.rule = lambda _: None
    fill(office, 1)
    assert inbox.wait(EnvironmentChanged, seconds=10).environment
    has(terminal, 1)
    assert isinstance(ask(terminal, link, inbox, 1), Record)


@pytest.mark.parametrize("cut", [0, 1, 700, 5000])
def test_a_cut_transfer_goes_on_where_it_was(terminal, office, cut) -> None:
    fill(office, *range(30))
    office.cut_feed_at = cut
    terminal.start_inside()
    has(terminal, 30)
    cursors = [r.query.get("cursor", [""])[0] for r in office.requests if r.path == "/v1/feed"]
    again = cursors[1]
    assert (again == "") == (cut < 8 * 380), cursors


def test_a_cursor_that_is_gone_leads_to_a_full_copy_while_the_old_one_serves(terminal, office) -> None:
    fill(office, *range(10))
    terminal.start_inside()
    has(terminal, 10)
    link, inbox = terminal.visit()
    held: list[int] = []

    def hold(request) -> object:
        if request.path == "/v1/feed" and not request.query.get("cursor"):
            held.append(1)
            return refusal(503, "later") if len(held) < 4 else None
        return None

    office.rule = hold
    office.change_feed(lambda feed: (setattr(feed, "epoch", "e2"), feed.drop(3)))
    until(lambda: held)
    assert isinstance(ask(terminal, link, inbox, 3), Record)  # the old one serves
    has(terminal, 9)
    assert isinstance(ask(terminal, link, inbox, 3), NoRecord)
    assert isinstance(ask(terminal, link, inbox, 4), Record)
    assert "feed_gone" in terminal.log()


def test_no_record_leaves_without_an_access_entry(terminal, office) -> None:
    fill(office, 1, 2)
    terminal.start_inside()
    has(terminal, 2)
    for attempt in ("none", "transaction", "twice"):
        link, inbox = terminal.visit(f"visit-{attempt}")
        kind = "transaction" if attempt == "transaction" else "access"
        id_ = terminal.ids.new() if attempt == "none" else access(terminal, link, inbox, kind)
        if attempt == "twice":
            inbox.wait(Record, n=link.fetch_record(id_, fingerprint_of(1)))
            inbox.wait(Record, n=link.fetch_record(id_, fingerprint_of(1)))
            link.fetch_record(id_, fingerprint_of(2))
        else:
            link.fetch_record(id_, fingerprint_of(1))
        inbox.wait(AgentLost)
        link.close()
    assert terminal.log().count("link_violation") >= 3


def test_it_is_there_after_a_restart_without_a_line(terminal, office) -> None:
    fill(office, 1)
    terminal.start_inside()
    has(terminal, 1)
    terminal.stop_inside()
    office.stop()
    terminal.start_inside()
    link, inbox = terminal.visit()
    until(lambda: isinstance(ask(terminal, link, inbox, 1), Record))


def test_damage_costs_the_cache_and_not_the_journal(terminal, office) -> None:
    fill(office, *range(20))
    terminal.start_inside()
    has(terminal, 20)
    link, inbox = terminal.visit()
    first = terminal.append(link)
    inbox.wait(Appended, id=first)
    terminal.stop_inside()
    damaged = bytearray(terminal.folder.cache.read_bytes())
    damaged[len(damaged) // 2] ^= 4
    terminal.folder.cache.write_bytes(damaged)
    terminal.folder.cache_report.unlink()
    terminal.start_inside()
    has(terminal, 20)
    assert "cache_thrown_away" in terminal.log()
    link, inbox = terminal.visit("visit-2")
    inbox.wait(Appended, id=terminal.append(link), seq=2)


def test_the_lease_runs_out_in_the_dark_and_the_next_line_fills_it_anew(terminal, office) -> None:
    fill(office, 1)
    terminal.start_inside()
    has(terminal, 1)
    link, inbox = terminal.visit()
    office.stop()
    FileClock(terminal.state / "clock").add(timedelta(days=8))
    until(lambda: why(terminal, link, inbox, 1) == "lapsed")
    until(lambda: not terminal.folder.cache_key.exists(), seconds=40)
    until(lambda: not terminal.folder.cache.exists())
    until(lambda: status(terminal)["status"] == "lapsed")


def test_a_cache_that_was_forgotten_by_hand_is_filled_anew_under_another_key(terminal, office) -> None:
    fill(office, 1)
    terminal.start_inside()
    has(terminal, 1)
    key = terminal.folder.cache_key.read_bytes()
    terminal.folder.cache_key.unlink()
    until(lambda: terminal.folder.cache_key.exists() and terminal.folder.cache_key.read_bytes() != key)
    has(terminal, 1)


def test_the_heartbeat_says_how_the_cache_is(terminal, office) -> None:
    fill(office, 1)
    terminal.start_inside()
    office.wait_for(lambda: office.heartbeats)
    told = office.heartbeats[0]["cache"]
    assert set(told) >= {"status", "people", "age_seconds", "hits", "misses", "problem"}
