"""The agent is killed at any moment, again and again: nothing acknowledged is lost, nothing is doubled."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from fakes.back_office import FakeBackOffice
from fakes.terminal import Inbox, Terminal, sealed_body, until

from kiosk.link import Accepted, AgentLost, Appended, VisitLink
from kiosk.terminal_folder import read_journal_key
from offline_cache.database import open_database
from offline_cache.head_mark import mark_path, read_mark
from offline_cache.inspection import SELECT_ENTRY, entry_of, inspect

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KILLS = 6


@pytest.fixture
def office(tmp_path: Path) -> Iterator[FakeBackOffice]:
    made = FakeBackOffice(tmp_path)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def terminal(tmp_path: Path, office: FakeBackOffice) -> Iterator[Terminal]:
    made = Terminal(tmp_path, office)
    made.start()
    yield made
    made.close()


def test_killed_between_any_two_writes_it_loses_nothing_it_acknowledged(terminal: Terminal, office) -> None:
    chance = random.Random(20260304)
    link, inbox = terminal.visit("visit-0")
    bodies: dict[str, bytes] = {}
    for kill in range(1, KILLS + 1):
        acknowledged = inbox.count(Appended)
        wanted = acknowledged + chance.randrange(1, 25)
        while inbox.count(Appended) < wanted:
            for _ in range(chance.randrange(1, 4)):
                body = sealed_body(terminal.ids, chance.randrange(64, 20_000))
                bodies[terminal.append(link, body)] = body
            until(lambda: len(bodies) - inbox.count(Appended) < 8)
        terminal.kill()  # with up to eight appends on their way
        seen = len(inbox.messages)
        terminal.start()
        assert terminal.supervisor is not None
        terminal.supervisor.open("visit-0")
        inbox.wait(Accepted, after=seen)
        assert inbox.count(AgentLost) <= kill
    until(lambda: {m.id for m in inbox.messages if isinstance(m, Appended)} == set(bodies))
    office.wait_for(lambda: set(bodies) <= set(office.entries), 20)
    terminal.kill()

    acknowledged_at = {}
    for message in inbox.messages:
        if isinstance(message, Appended):  # said twice is said alike
            assert acknowledged_at.setdefault(message.id, message.seq) == message.seq
    database = open_database(terminal.folder.journal, read_journal_key(terminal.folder))
    assert inspect(database, read_mark(mark_path(terminal.folder.journal))).flaws == ()
    entries = {row[1]: entry_of(row) for row in database.rows(SELECT_ENTRY)}
    database.close()
    assert {id_: entry.body for id_, entry in entries.items()} == bodies
    assert {id_: entry.seq for id_, entry in entries.items()} == acknowledged_at
    assert {id_: item["seq"] for id_, item in office.entries.items()} == acknowledged_at
    assert {id_: item["body"].encode() for id_, item in office.entries.items()} == bodies


def test_killed_right_after_the_append_was_durable_it_answers_the_same_when_it_is_back(terminal: Terminal) -> None:
    """Visit 9: the agent dies between its commit and its answer; receipt and record still agree."""
    assert terminal.supervisor is not None
    terminal.supervisor.open("visit-0")
    inbox = Inbox()

    assert terminal.process is not None
    dying = terminal.process

    def die(_: object) -> None:  # the agent after it says durable as well, and lives
        dying.kill()

    link = VisitLink(terminal.folder.socket, "visit-0", inbox.post, on_durable=die)
    link.start()
    inbox.wait(Accepted)
    id_ = terminal.append(link)
    dying.wait(10)
    terminal.kill()
    already = inbox.count(Appended)  # the statement may have been quicker than the kill
    terminal.start()
    assert terminal.supervisor is not None
    terminal.supervisor.open("visit-0")
    appended = inbox.wait(Appended)
    assert (appended.id, appended.seq) == (id_, 1)
    assert already <= 1
    link.close()


def test_an_agent_that_is_asked_to_stop_leaves_a_tidy_journal(terminal: Terminal) -> None:
    link, inbox = terminal.visit()
    terminal.append(link)
    inbox.wait(Appended)
    assert terminal.stop() == 0
    assert not terminal.folder.journal.with_name("journal.db-wal").exists()
    assert not terminal.folder.socket.exists()
    assert "Traceback" not in terminal.log()
