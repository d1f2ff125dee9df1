"""What the back office has forgotten of journals before this one goes to it once more.

Its database may be put back from a copy that is older than this terminal's last enrolment. The journal of then was set
aside as delivered, and nobody else has what was in it.

Rules:
- The back office says how far it knows each earlier journal, when it is asked; whatever lies beyond is sent, in order.
- A journal that the back office knows otherwise goes whole: an old copy of this disk was put back once, and of what was
  written over it the head says nothing.
- All that is once for each history of the back office, and again when it knows less than it said before: an entry that
  cannot be read any more is a hole that stays, and no reason to send the rest for ever. This journal remembers it.
- It goes in pieces, after everything that waits in this journal, and goes on where it was interrupted.
- What the back office cannot take delays nobody: it lies where it lay, and the log names it.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kiosk.agent.batches import BATCH_ENTRIES, blames_item, cut, tell
from kiosk.agent.log import logger
from kiosk.back_office_client import Pushed
from offline_cache.database import DatabaseFault

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from kiosk.back_office_client import ChainHead, Failure
    from offline_cache.earlier_journals import Aside, Stretch
    from offline_cache.entries import Entry
    from offline_cache.journal import Journal


@dataclass(slots=True)
class _Offer:
    """One earlier journal on its way: which of its files are left, how far the first one went, and what became of it."""

    head: ChainHead
    files: deque[Aside]
    after: int | None = None
    sent: int = 0
    lost: int = 0

    def pass_by(self, stretch: Stretch, seq: int) -> None:
        """Go on behind this number; what could not be read up to it is counted."""
        self.lost += sum((self.after or 0) < lost <= seq for lost in stretch.lost)
        self.after = seq


class Redelivery:
    """Knows what is to be offered, and offers it piece by piece; `send` takes entries and their epoch."""

    def __init__(self, journal: Journal, send: Callable[[Sequence[Entry], int], Awaitable[Pushed | Failure]]) -> None:
        self._journal = journal
        self._send = send
        self._history, self._told = journal.offered()
        self._offers: dict[int, _Offer] = {}

    @property
    def pending(self) -> bool:
        """Whether something is to be offered."""
        return bool(self._offers)

    def hear(self, history: str, known: Sequence[ChainHead]) -> None:
        """Compare: how far the back office knows earlier journals, and in which history of its own.

        A disk that does not take the history's name now is asked the next time; what was forgotten is not on its way before.
        """
        if history != self._history:
            if not self._journal.begin_history(history):
                return
            self._history = history
            self._told.clear()
            self._offers.clear()
        for head in known:
            told, under_way = self._told.get(head.epoch), self._offers.get(head.epoch)
            if under_way is not None and head.seq >= under_way.head.seq:
                continue
            if told is None or head.seq < told:
                self._offers[head.epoch] = _Offer(head, deque(self._journal.earlier.of(head.epoch)))
            elif head.seq > told:
                self._note(head.epoch, head.seq)

    async def go_on(self) -> bool:
        """Offer the next piece; False when it has to be tried again later."""
        epoch, offer = next(iter(self._offers.items()))
        if not offer.files:
            self._finish(epoch, offer)
            return True
        aside = offer.files[0]
        try:
            if offer.after is None:
                offer.after = self._journal.earlier.begin(aside, offer.head.seq, offer.head.hash)
            stretch = self._journal.earlier.read(aside, offer.after, BATCH_ENTRIES)
        except DatabaseFault as fault:
            logger().warning("earlier_journal_unreadable", epoch=epoch, journal=aside.path.name, detail=fault.detail)
            self._offers[epoch] = self._offers.pop(epoch)  # another one's turn, if there is another
            return False
        for batch in cut(stretch.entries):
            if not await self._push(batch, epoch):
                return False
            offer.sent += len(batch)
            offer.pass_by(stretch, batch[-1].seq)
        offer.pass_by(stretch, stretch.through)
        if stretch.ended:
            offer.files.popleft()
            offer.after = None
        return True

    def _finish(self, epoch: int, offer: _Offer) -> None:
        if self._offers.get(epoch) is offer:
            del self._offers[epoch]
        self._note(epoch, offer.head.seq)
        if offer.sent:
            logger().error("back_office_put_back", epoch=epoch, seq=offer.head.seq, count=offer.sent)
        if offer.lost:
            remedy = "guichet journal export --journal FILE --to FOLDER, and give the folder to the desk."
            logger().error("earlier_journal_unreadable", epoch=epoch, count=offer.lost, remedy=remedy)

    def _note(self, epoch: int, seq: int) -> None:
        self._told[epoch] = seq
        self._journal.note_offered(epoch, seq)

    async def _push(self, batch: Sequence[Entry], epoch: int) -> bool:
        outcome = await self._send(batch, epoch)
        if isinstance(outcome, Pushed):
            return True
        if not blames_item(outcome):
            tell(outcome)
            return False
        if len(batch) == 1:
            logger().warning("refused", epoch=epoch, seq=batch[0].seq, status=outcome.status, code=outcome.code)
            return True
        for entry in batch:
            if not await self._push([entry], epoch):
                return False
        return True
