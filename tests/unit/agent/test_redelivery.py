"""What the back office forgot of earlier journals: sent until it is taken, after what waits, and not again for ever."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from fakes.journals import EPOCH, IDS, append, entry, open_journal

from kiosk.agent.backoff import Backoff
from kiosk.agent.batches import BATCH_ENTRIES
from kiosk.agent.delivery import Delivery
from kiosk.agent.redelivery import Redelivery
from kiosk.back_office_client import ChainHead, ItemResult, Pushed, Refused, Unreachable
from offline_cache import salvage
from offline_cache.database import DatabaseFault, FaultKind
from offline_cache.entries import Settled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from kiosk.back_office_client import Failure
    from offline_cache.entries import Entry
    from offline_cache.journal import Journal

BAD = Refused(422, "entry", "It is bad.", "Nothing.")
LATER = Refused(429, "too_many", "It is too much.", "Come later.")


def fill(folder: Path, epoch: int, count: int, *, body: bytes = b"") -> list[str]:
    """Write entries and settle them; a journal of an earlier epoch is set aside by this. Return their ids."""
    journal = open_journal(folder, epoch=epoch)
    ids = [append(journal, entry(body) if body else None).id for _ in range(count)]
    journal.settle([Settled(id_, "received") for id_ in ids])
    journal.close()
    return ids


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """A journal of the third epoch, beside one of the first and one of the second, four delivered entries in each."""
    for epoch in (1, 2):
        fill(tmp_path, epoch, 4)
    journal = open_journal(tmp_path, epoch=EPOCH)
    yield journal
    journal.close()


class Office:
    """Takes pushes, or answers as it is told to."""

    def __init__(self, answer: Callable[[Sequence[Any]], Pushed | Failure] = lambda _: Pushed([])) -> None:
        self.answer = answer
        self.pushed: list[tuple[int, list[int]]] = []

    async def send(self, batch: Sequence[Entry], epoch: int) -> Pushed | Failure:
        self.pushed.append((epoch, [entry.seq for entry in batch]))
        return self.answer(batch)


def head(journal: Journal, epoch: int, seq: int) -> ChainHead:
    """The head of an earlier journal as a back office tells it that knows so much of it."""
    (aside,) = journal.earlier.of(epoch)
    entries = journal.earlier.read(aside, 0, 1000).entries
    return ChainHead(epoch, seq, entries[seq - 1].hash.hex() if seq else "")


def offer(redelivery: Redelivery, *heads: ChainHead, history: str = "one") -> bool:
    """Compare, and offer what there is; False when it has to be tried again."""

    async def all_of_it() -> bool:
        while redelivery.pending:
            if not await redelivery.go_on():
                return False
        return True

    redelivery.hear(history, heads)
    return asyncio.run(all_of_it())


def test_what_is_beyond_the_head_goes_once_and_again_when_less_is_known(journal: Journal) -> None:
    office = Office()
    redelivery = Redelivery(journal, office.send)
    assert offer(redelivery, head(journal, 1, 2), head(journal, 2, 4))
    for _ in range(2):
        assert offer(redelivery, head(journal, 1, 4), head(journal, 2, 4))
    assert office.pushed == [(1, [3, 4])]
    assert offer(redelivery, head(journal, 1, 3), head(journal, 2, 4))  # put back once more
    assert office.pushed == [(1, [3, 4]), (1, [4])]


def test_a_hole_that_stays_is_no_loop_and_no_reason_at_the_next_start(journal: Journal) -> None:
    office = Office()
    for _ in range(3):
        assert offer(Redelivery(journal, office.send), head(journal, 1, 1))
    assert office.pushed == [(1, [2, 3, 4])]
    for _ in range(3):  # put back: nobody knows what else it forgot
        assert offer(Redelivery(journal, office.send), head(journal, 1, 1), history="another")
    assert office.pushed == [(1, [2, 3, 4])] * 2


def test_in_another_history_verdicts_are_read_from_the_beginning(journal: Journal) -> None:
    """A back office that was put back gives numbers of verdicts anew; the first that it names is no change."""
    redelivery = Redelivery(journal, Office().send)
    journal.set_verdict_cursor(500)
    redelivery.hear("one", [])
    assert journal.verdict_cursor == 500
    redelivery.hear("another", [])
    assert journal.verdict_cursor == 0
    journal.set_verdict_cursor(3)
    Redelivery(journal, Office().send).hear("another", [])
    assert journal.verdict_cursor == 3


def test_on_a_full_disk_it_waits_for_room(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    office = Office()
    redelivery = Redelivery(journal, office.send)
    with monkeypatch.context() as full:
        full.setattr(journal, "begin_history", lambda _: False)
        assert offer(redelivery, ChainHead(1, 0))
        assert office.pushed == []
    assert offer(redelivery, ChainHead(1, 0))
    assert office.pushed == [(1, [1, 2, 3, 4])]


@pytest.mark.parametrize("failure", [Unreachable("down"), LATER])
def test_what_did_not_arrive_is_tried_again_and_what_did_is_not(tmp_path: Path, failure: Failure) -> None:
    count = 2 * BATCH_ENTRIES + 1
    fill(tmp_path, 1, count)
    journal = open_journal(tmp_path, epoch=EPOCH)
    office = Office(lambda batch: Pushed([]) if batch[0].seq == 1 else failure)
    redelivery = Redelivery(journal, office.send)
    assert not offer(redelivery, ChainHead(1, 0))
    office.answer = lambda _: Pushed([])
    assert offer(redelivery, ChainHead(1, 0)), "the same head again begins nothing anew"
    journal.close()
    assert [(seqs[0], seqs[-1]) for _, seqs in office.pushed] == [
        (1, BATCH_ENTRIES), (BATCH_ENTRIES + 1, 2 * BATCH_ENTRIES), (BATCH_ENTRIES + 1, 2 * BATCH_ENTRIES), (count, count),
    ]  # fmt: skip


def test_a_bad_entry_delays_nobody_and_a_refusal_to_listen_ends_the_search(journal: Journal) -> None:
    office = Office(lambda batch: BAD if any(entry.seq == 2 for entry in batch) else Pushed([]))
    redelivery = Redelivery(journal, office.send)
    assert offer(redelivery, ChainHead(1, 0))
    assert office.pushed == [(1, [1, 2, 3, 4]), (1, [1]), (1, [2]), (1, [3]), (1, [4])]
    office.pushed.clear()
    office.answer = lambda batch: BAD if len(batch) > 1 else LATER
    assert not offer(redelivery, ChainHead(2, 0))
    assert office.pushed == [(2, [1, 2, 3, 4]), (2, [1])]


def test_a_file_that_does_not_answer_keeps_no_other_from_being_sent(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = salvage.open_database

    def not_the_first(path: Path, *more: Any, **other: Any) -> Any:
        if path.name.startswith("journal-T0007-1"):
            raise DatabaseFault(FaultKind.UNUSABLE, "too many open files")
        return opened(path, *more, **other)

    office = Office()
    redelivery = Redelivery(journal, office.send)
    with monkeypatch.context() as scarce:
        scarce.setattr(salvage, "open_database", not_the_first)
        assert not offer(redelivery, ChainHead(1, 0), ChainHead(2, 0))
        assert not offer(redelivery, ChainHead(1, 0), ChainHead(2, 0))
        assert office.pushed == [(2, [1, 2, 3, 4])]
    assert offer(redelivery, ChainHead(1, 0), ChainHead(2, 4))
    assert office.pushed == [(2, [1, 2, 3, 4]), (1, [1, 2, 3, 4])]


class Client:
    """A back office that knows nothing of the first journal and of this one, and answers every push."""

    def __init__(self, line: OneLine) -> None:
        self._line = line

    def push(self, items: Sequence[Any], _prints: Sequence[Any]) -> Pushed | Failure:
        line = self._line
        line.pushed.append([(item.epoch, item.seq) for item in items])
        line.at_push()
        if not items:
            return Pushed([], ChainHead(EPOCH, 0), [ChainHead(1, 0)], "one")
        line.own = max([line.own, *(item.seq for item in items if item.epoch == EPOCH)])
        return Pushed([ItemResult(item.id, "received") for item in items], ChainHead(EPOCH, line.own), [], "")


class OneLine:
    """The line as `Delivery` knows it, always up."""

    online = True

    def __init__(self) -> None:
        self.pushed: list[list[tuple[int, int]]] = []
        self.own = 0
        self._awaited: list[tuple[int, asyncio.Event]] = []
        self.at_push: Callable[[], None] = lambda: None
        self.returned: Callable[[], None] = lambda: None

    def on_return(self, told: Callable[[], None]) -> None:
        self.returned = told

    async def call(self, what: Callable[[Client], Pushed | Failure]) -> Pushed | Failure:
        await asyncio.sleep(0)
        answer = what(Client(self))
        for done in [done for count, done in self._awaited if len(self.pushed) >= count]:
            done.set()
        return answer

    async def reached(self, pushes: int) -> None:
        """Wait until so many pushes were made."""
        done = asyncio.Event()
        self._awaited.append((pushes, done))
        await done.wait()


async def delivering(journal: Journal, line: OneLine, pushes: int) -> None:
    """Deliver until so many pushes were made."""
    delivery = Delivery(journal, line, Backoff(IDS, first_seconds=0.01, most_seconds=0.1))  # type: ignore[arg-type]
    running = asyncio.create_task(delivery.run())
    await line.reached(pushes)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


def test_what_waits_goes_before_what_was_forgotten_also_when_it_comes_in_between(tmp_path: Path) -> None:
    count = 3 * BATCH_ENTRIES
    fill(tmp_path, 1, count, body=b"short")
    journal = open_journal(tmp_path, epoch=EPOCH)
    append(journal)
    line = OneLine()

    def one_more() -> None:
        if len(line.pushed) == 3:  # the question, the own entry, the first piece of the old ones
            append(journal)

    line.at_push = one_more
    asyncio.run(delivering(journal, line, 6))
    journal.close()
    firsts = [sent[0] if sent else None for sent in line.pushed]
    assert firsts == [None, (EPOCH, 1), (1, 1), (EPOCH, 2), (1, BATCH_ENTRIES + 1), (1, 2 * BATCH_ENTRIES + 1)]


def test_a_line_that_comes_back_while_the_question_is_under_way_asks_again(tmp_path: Path) -> None:
    journal = open_journal(tmp_path, epoch=EPOCH)
    line = OneLine()

    def back_again() -> None:
        if len(line.pushed) == 1:
            line.returned()

    line.at_push = back_again
    asyncio.run(asyncio.wait_for(delivering(journal, line, 2), 20))
    journal.close()
    assert line.pushed == [[], []]
