"""What the back office forgot of earlier journals: sent until it is taken, and not again for ever."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from fakes.journals import append, open_journal

from kiosk.agent.redelivery import Redelivery
from kiosk.back_office_client import ChainHead, Pushed, Refused, Unreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from kiosk.back_office_client import Failure
    from offline_cache.entries import Entry

BAD = Refused(422, "entry", "It is bad.", "Nothing.")


class Earlier:
    """One earlier journal, of epoch 1."""

    def __init__(self, entries: list[Entry]) -> None:
        self.entries = entries

    def after(self, epoch: int, seq: int, _hash: str) -> Iterator[Entry]:
        yield from (entry for entry in self.entries if epoch == 1 and entry.seq > seq)


def entries(folder: Path, count: int) -> list[Entry]:
    journal = open_journal(folder)
    made = [journal.entry(append(journal).id) for _ in range(count)]
    journal.close()
    return [entry for entry in made if entry is not None]


class Office:
    """Takes pushes, or answers as it is told to."""

    def __init__(self, answer: Callable[[Sequence[Entry]], Pushed | Failure] = lambda _: Pushed([])) -> None:
        self.answer = answer
        self.pushed: list[tuple[int, list[int]]] = []

    async def send(self, batch: Sequence[Entry], epoch: int) -> Pushed | Failure:
        self.pushed.append((epoch, [entry.seq for entry in batch]))
        return self.answer(batch)


def offer(redelivery: Redelivery, *heads: tuple[int, int], history: str = "one") -> bool:
    return asyncio.run(redelivery.offer(history, [ChainHead(epoch, seq) for epoch, seq in heads]))


def test_what_is_beyond_the_head_goes_once_and_again_when_less_is_known(tmp_path: Path) -> None:
    office = Office()
    redelivery = Redelivery(Earlier(entries(tmp_path, 4)), office.send)  # type: ignore[arg-type]
    assert offer(redelivery, (1, 2), (2, 0))
    assert offer(redelivery, (1, 4))
    assert offer(redelivery, (1, 4))
    assert office.pushed == [(1, [3, 4])]
    assert offer(redelivery, (1, 3))  # put back once more
    assert office.pushed == [(1, [3, 4]), (1, [4])]


def test_a_hole_that_stays_is_no_loop(tmp_path: Path) -> None:
    office = Office()
    redelivery = Redelivery(Earlier(entries(tmp_path, 4)[2:]), office.send)  # type: ignore[arg-type]
    for _ in range(3):
        assert offer(redelivery, (1, 1))
    assert office.pushed == [(1, [3, 4])]
    for _ in range(3):  # put back: nobody knows what else it forgot
        assert offer(redelivery, (1, 1), history="another")
    assert office.pushed == [(1, [3, 4])] * 2


def test_what_did_not_arrive_is_tried_again(tmp_path: Path) -> None:
    office = Office(lambda _: Unreachable("down"))
    redelivery = Redelivery(Earlier(entries(tmp_path, 2)), office.send)  # type: ignore[arg-type]
    assert not offer(redelivery, (1, 0))
    office.answer = lambda _: Pushed([])
    assert offer(redelivery, (1, 0))
    assert office.pushed == [(1, [1, 2])] * 2


def test_a_bad_entry_delays_nobody(tmp_path: Path) -> None:
    office = Office(lambda batch: BAD if any(entry.seq == 2 for entry in batch) else Pushed([]))
    redelivery = Redelivery(Earlier(entries(tmp_path, 3)), office.send)  # type: ignore[arg-type]
    assert offer(redelivery, (1, 0))
    assert office.pushed == [(1, [1, 2, 3]), (1, [1]), (1, [2]), (1, [3])]
