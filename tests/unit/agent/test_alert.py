from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

import pytest
from fakes.journals import append, open_journal

from kiosk.agent import alert as module
from kiosk.agent.alert import Alert
from kiosk.link import Appended

if TYPE_CHECKING:
    from fakes.terminal import Terminal


class Turns:
    """Counts how often a loop turns while something is awaited."""

    def __init__(self) -> None:
        self.count = 0
        self.rehearsed = 0

    def rehearse(self) -> None:
        self.rehearsed += 1

    async def while_waiting(self, seconds: float) -> int:
        loop = asyncio.get_running_loop()
        selector = loop._selector
        select, self.count = selector.select, 0

        def counted(timeout: float | None = None) -> object:
            self.count += 1
            return select(timeout)

        selector.select = counted
        try:
            await asyncio.sleep(seconds)
        finally:
            selector.select = select
        return self.count


@pytest.fixture
def turns() -> Turns:
    return Turns()


def made(turns: Turns) -> Alert:
    alert = Alert(turns.rehearse)
    alert.is_possible = True
    return alert


def test_it_keeps_the_loop_awake_until_the_append_is_here(turns: Turns) -> None:
    async def run() -> tuple[int, int]:
        alert = made(turns)
        alert.begin()
        alert.begin()
        awake = await turns.while_waiting(module.MOST_SECONDS / 2)
        alert.end()
        return awake, await turns.while_waiting(module.MOST_SECONDS / 2)

    awake, asleep = asyncio.run(run())
    assert turns.rehearsed == 1
    assert asleep <= 4 < awake


def test_it_gives_up_when_no_append_comes(turns: Turns) -> None:
    async def run() -> tuple[bool, int]:
        alert = made(turns)
        alert.begin()
        await asyncio.sleep(3 * module.MOST_SECONDS)
        return alert.is_on, await turns.while_waiting(module.MOST_SECONDS)

    assert asyncio.run(run()) == (False, pytest.approx(2, abs=2))


def test_a_single_processor_is_left_to_the_visit(turns: Turns, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {pid})
    alert = Alert(turns.rehearse)
    alert.begin()
    assert (alert.is_on, turns.rehearsed) == (False, 0)


def test_a_rehearsal_writes_nothing(tmp_path) -> None:
    journal = open_journal(tmp_path)
    for _ in range(2):
        before = {path.name: path.read_bytes() for path in tmp_path.glob("journal.*") if path.suffix != ".db-shm"}
        head, backlog = journal.head, journal.backlog
        journal.rehearse()
        assert (journal.head, journal.backlog) == (head, backlog)
        after = {path.name: path.read_bytes() for path in tmp_path.glob("journal.*") if path.suffix != ".db-shm"}
        assert after == before
        append(journal)
    journal.close()


def test_an_announced_append_is_taken_like_any_other(terminal: Terminal) -> None:
    terminal.start_inside()
    link, inbox = terminal.visit()
    link.expect_append()
    link.expect_append()
    id_ = terminal.append(link)
    assert inbox.wait(Appended).id == id_
    link.expect_append()
    assert terminal.append(link) != id_
