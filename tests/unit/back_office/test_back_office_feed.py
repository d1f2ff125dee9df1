"""GET /v1/feed: who may read, what a cursor, an ETag and a wait do."""

from __future__ import annotations

import asyncio
import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from back_office_bench import application, asgi, ask, enrolled, signed

from back_office import feed, fleet, records
from back_office.app import Service, create_app
from back_office.reference_data import ReferenceData
from back_office.repository import people
from back_office.rounds import Rounds
from back_office.wakeups import Bell, Wakeups
from kiosk.wire.feed import MEDIA_TYPE, FrameSplitter, Mark, Upsert

if TYPE_CHECKING:
    from back_office_bench import Bench, Reply

    from kiosk.wire.feed import Frame


@pytest.fixture
def app(office: Bench) -> Any:
    while records.publish(office.it):
        pass
    return application(office)


def frames(reply: Reply) -> list[Frame]:
    assert reply.status == 200, reply.body
    found = FrameSplitter().feed(reply.body)
    assert isinstance(found, list)
    return found


def read(office: Bench, app: Any, query: str = "", **headers: str) -> Reply:
    return ask(office, app, "GET", "/v1/feed", query, **headers)


def test_a_terminal_reads_its_office_s_records(office: Bench, app: Any) -> None:
    reply = read(office, app)
    assert reply.headers["content-type"] == MEDIA_TYPE
    found = frames(reply)
    last = found[-1]
    assert isinstance(last, Mark)
    assert not last.more
    assert reply.headers["etag"] == f'"{last.cursor}"'
    ours = {frame.record_id for frame in found if isinstance(frame, Upsert)}
    elsewhere = enrolled(office.it, "T0103", "103")
    headers = signed(office, "GET", "/v1/feed", key_id=elsewhere.id, key=elsewhere.key)
    theirs = {
        frame.record_id for frame in frames(asgi(app, "GET", "/v1/feed", "", headers)) if isinstance(frame, Upsert)
    }
    assert ours
    assert theirs
    assert not ours & theirs


def test_nothing_new_is_304_for_who_says_what_he_has(office: Bench, app: Any) -> None:
    etag = read(office, app).headers["etag"]
    query = f"cursor={etag.strip(chr(34))}"
    same = read(office, app, query, **{"If-None-Match": etag})
    assert (same.status, same.body, same.headers["etag"]) == (304, b"", etag)
    without = read(office, app, query)
    assert [type(frame) for frame in frames(without)] == [Mark]


def test_the_same_request_may_be_sent_again_within_the_minute_only(office: Bench, app: Any) -> None:
    headers = signed(office, "GET", "/v1/feed")
    first = asgi(app, "GET", "/v1/feed", "", headers)
    assert asgi(app, "GET", "/v1/feed", "", headers).body == first.body
    old = signed(office, "GET", "/v1/feed", at=office.it.clock.now() - timedelta(seconds=61))
    reply = asgi(app, "GET", "/v1/feed", "", old)
    assert (reply.status, reply.error) == (401, "clock")


def test_only_a_terminal_in_service_reads(office: Bench, app: Any) -> None:
    assert asgi(app, "GET", "/v1/feed").status == 401
    with office.it.work() as work:
        fleet.change_state(work, office.terminal.id, "suspended", by="olga", reason="stolen")
    reply = read(office, app)
    assert (reply.status, reply.error) == (403, "suspended")


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("cursor=nonsense", 422, "cursor"),
        ("cursor=" + "0" * 16 + ".1.", 410, "epoch_changed"),
        ("limit=0", 422, "parameters"),
        ("limit=100001", 422, "parameters"),
        ("limit=many", 422, "parameters"),
        ("wait=51", 422, "parameters"),
        ("wait=nan", 422, "parameters"),
        ("wait=-1", 422, "parameters"),
    ],
)
def test_what_cannot_be_answered_is_said_so(office: Bench, app: Any, query: str, status: int, code: str) -> None:
    reply = read(office, app, query)
    assert (reply.status, reply.error) == (status, code)


def test_pages_go_on_where_the_last_ended(office: Bench, app: Any) -> None:
    whole = [frame for frame in frames(read(office, app)) if isinstance(frame, Upsert)]
    found: list[Frame] = []
    cursor = ""
    while True:
        page = frames(read(office, app, f"limit=2&cursor={cursor}"))
        found += [frame for frame in page if isinstance(frame, Upsert)]
        last = page[-1]
        assert isinstance(last, Mark)
        assert last.people_left == len(whole) - len(found)
        cursor = last.cursor
        if not last.more:
            break
    assert found == whole


def test_a_long_answer_is_made_of_pages(office: Bench, app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = [frame for frame in frames(read(office, app)) if isinstance(frame, Upsert)]
    monkeypatch.setattr(feed, "FIRST_ROWS", 2)
    monkeypatch.setattr(feed, "PAGE_ROWS", 2)
    found = frames(read(office, app))
    assert [frame for frame in found if isinstance(frame, Upsert)] == whole
    marks = [frame for frame in found if isinstance(frame, Mark)]
    assert [mark.more for mark in marks] == [True] * (len(marks) - 1) + [False]
    assert [mark.people_left for mark in marks] == [max(len(whole) - 2 * n, 0) for n in range(1, len(marks) + 1)]
    limited = frames(read(office, app, "limit=5"))
    assert [frame for frame in limited if isinstance(frame, Upsert)] == whole[:5]
    assert isinstance(limited[-1], Mark)
    assert limited[-1].more


def test_pages_of_a_long_answer_begin_small_and_grow(office: Bench, app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the terminal has something to write while the next one is read."""
    whole = [frame for frame in frames(read(office, app)) if isinstance(frame, Upsert)]
    monkeypatch.setattr(feed, "FIRST_ROWS", 1)
    monkeypatch.setattr(feed, "PAGE_ROWS", 3)
    found = frames(read(office, app))
    assert [frame for frame in found if isinstance(frame, Upsert)] == whole
    places = [n for n, frame in enumerate(found) if isinstance(frame, Mark)]
    lengths = [here - before - 1 for before, here in zip([-1, *places], places, strict=False)]
    assert lengths[:3] == [1, 2, 3]
    assert set(lengths[3:-1]) <= {3}


@pytest.mark.parametrize("limit", ["ANSWER_BYTES", "ANSWER_SECONDS"])
def test_an_answer_that_is_long_or_takes_long_ends_at_a_mark_and_goes_on(
    office: Bench, app: Any, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    whole = [frame for frame in frames(read(office, app)) if isinstance(frame, Upsert)]
    monkeypatch.setattr(feed, "FIRST_ROWS", 2)
    monkeypatch.setattr(feed, limit, 0)
    found: list[Upsert] = []
    cursor, answers = "", 0
    while True:
        some = frames(read(office, app, f"cursor={cursor}"))
        found += [frame for frame in some if isinstance(frame, Upsert)]
        last, answers = some[-1], answers + 1
        assert isinstance(last, Mark)
        cursor = last.cursor
        if not last.more:
            break
    assert (found, answers) == (whole, -(-len(whole) // 2))


def test_a_server_that_stops_ends_a_long_answer_at_a_mark(
    office: Bench, app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "FIRST_ROWS", 2)
    app.state.service.wakeups.close()
    found = frames(read(office, app))
    assert sum(isinstance(frame, Upsert) for frame in found) == 2
    assert isinstance(found[-1], Mark)
    assert found[-1].more


def test_the_feed_names_nobody(office: Bench, app: Any) -> None:
    body = read(office, app).body
    for name in office.demo["persons"]:
        assert office.person(name).encode() not in body
        assert office.demo["persons"][name]["card"].encode() not in body
    assert b"Novotn" not in body


def test_a_restart_by_hand_ends_every_cursor(office: Bench, app: Any) -> None:
    cursor = read(office, app).headers["etag"].strip('"')
    with office.it.work() as work:
        feed.restart(work, "olga", "restored")
    reply = read(office, app, f"cursor={cursor}")
    assert (reply.status, reply.error) == (410, "epoch_changed")
    assert len([frame for frame in frames(read(office, app)) if isinstance(frame, Upsert)]) > 3


# --- waiting --------------------------------------------------------------------------------------------------


def test_a_change_wakes_who_waits(office: Bench) -> None:
    """Through the rounds: a change touches the record, it is sealed anew, and the office's poll is answered."""
    while records.publish(office.it):
        pass
    bell, wakeups = Bell(), Wakeups()
    app = create_app(Service(office.it, ReferenceData(office.it), bell, wakeups))
    rounds = Rounds(office.it, office.partners, bell, wakeups)
    rounds.round()
    cursor = read(office, app).headers["etag"].strip('"')
    subscribed = threading.Event()
    plain = wakeups.subscribe_feed

    def subscribing(where: str) -> Any:
        wakeups.attach(asyncio.get_running_loop())
        subscribed.set()
        return plain(where)

    wakeups.subscribe_feed = subscribing  # type: ignore[method-assign]
    replies: list[Reply] = []
    poll = threading.Thread(target=lambda: replies.append(read(office, app, f"cursor={cursor}&wait=40")))
    poll.start()
    assert subscribed.wait(20)
    with office.it.work() as work:
        people.block_changes(work.db, office.person("marie"), blocked=True)
    while poll.is_alive():
        rounds.round()
        poll.join(0.05)
    (reply,) = replies
    assert [type(frame) for frame in frames(reply)] == [Upsert, Mark]


def test_a_stopping_server_answers_who_waits(office: Bench, app: Any) -> None:
    wakeups = Wakeups()
    app = create_app(Service(office.it, ReferenceData(office.it), Bell(), wakeups))
    etag = read(office, app).headers["etag"]
    wakeups.closing = True
    reply = read(office, app, f"cursor={etag.strip(chr(34))}&wait=40", **{"If-None-Match": etag})
    assert reply.status == 304
