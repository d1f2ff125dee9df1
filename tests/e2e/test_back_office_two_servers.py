"""Two server processes' worth of one back office on one PostgreSQL: any of them answers, one of them sends."""

from __future__ import annotations

import shutil
import threading
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from back_office_bench import Bench, bench

from back_office.installation import open_installation
from back_office.serve import running
from kiosk.back_office_client import BackOfficeClient, Item, Pushed, Standing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[Bench, list[BackOfficeClient]]]:
    """One bench, and a client of each of two servers; the second has its own state folder and the first one's keys."""
    with bench(tmp_path, "postgresql") as office:
        second = tmp_path / "second"
        shutil.copytree(
            office.it.state / "back-office", second / "back-office", ignore=shutil.ignore_patterns("*.lock")
        )
        (second / "pki").symlink_to(office.it.state / "pki")
        with (
            open_installation(second) as other,
            running(office.it, office.partners) as one,
            running(other, office.partners) as two,
        ):
            clients = [
                BackOfficeClient(
                    server.url, office.it.state / "pki/root.pem", office.terminal.id, office.terminal.key,
                    clock=office.it.clock, ids=office.it.ids,
                )
                for server in (one, two)
            ]  # fmt: skip
            yield office, clients
            for client in clients:
                client.close()


def push(client: BackOfficeClient, entry: dict[str, Any]) -> str:
    answer = client.push([Item(**entry)], [])
    assert isinstance(answer, Pushed), answer
    return answer.results[0].status


def test_what_one_takes_the_other_answers_while_it_is_waited_for(pair: tuple[Bench, list[BackOfficeClient]]) -> None:
    office, (one, two) = pair
    office.bank.before_answer = threading.Event()
    office.bank_knows("marie_second", "match")
    entry = office.change_entry(office.holder("marie"), "marie_second")
    assert push(one, entry) == "received"
    assert push(two, entry) == "received", "the same again, elsewhere"
    answers: list[Any] = []
    polls = [
        threading.Thread(target=lambda c=client: answers.append(c.standing(entry["id"], wait_seconds=8)))
        for client in (one, two)
    ]
    for poll in polls:
        poll.start()
    office.bank.before_answer.set()
    for poll in polls:
        poll.join(10)
    assert [answer.decision for answer in answers if isinstance(answer, Standing)] == ["in_force", "in_force"]


def test_whoever_takes_it_each_message_goes_out_once(pair: tuple[Bench, list[BackOfficeClient]]) -> None:
    office, clients = pair
    ids = []
    for n, (person, account) in enumerate((("marie", "marie_second"), ("ludmila", "ludmila_second"))):
        office.bank_knows(account, "match")
        entry = office.change_entry(office.holder(person), account)
        assert push(clients[n], entry) == "received"
        ids.append(entry["id"])
    for id_ in ids:
        for client in clients:
            standing = client.standing(id_, wait_seconds=8)
            assert isinstance(standing, Standing)
            assert standing.decision == "in_force"
    deadline = threading.Event()
    for _ in range(400):
        if not office.rows("SELECT 1 AS x FROM outbox WHERE done_at IS NULL"):
            break
        deadline.wait(0.02)
    assert not office.rows("SELECT 1 AS x FROM outbox WHERE done_at IS NULL")
    assert len(office.bank.asked) == len(ids)
    assert len(office.bank.told) == len(ids)
    sent = Counter((message.channel, message.destination, message.text) for message in office.messages.sent)
    assert sent
    assert set(sent.values()) == {1}
