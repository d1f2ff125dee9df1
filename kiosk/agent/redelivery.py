"""What the back office has forgotten of journals before this one goes to it once more.

Its database may be put back from a copy that is older than this terminal's last enrolment. The journal of then was set
aside as delivered, and nobody else has what was in it.

Rules:
- The back office says how far it knows each earlier journal, when it is asked; whatever lies beyond is sent, in order.
- A journal that the back office knows otherwise goes whole: an old copy of this disk was put back once, and of what was
  written over it the head says nothing.
- All that is once in a life of the agent, and again when the back office knows less than it said before or tells of
  another history: an entry that cannot be read any more is a hole that stays, and no reason to send the rest for ever.
- What it cannot take delays nobody: it lies where it lay, and the log names it.
"""

from __future__ import annotations

import contextlib
from itertools import islice
from typing import TYPE_CHECKING

from kiosk.agent.batches import BATCH_ENTRIES, blames_item, cut, tell
from kiosk.agent.log import logger
from kiosk.back_office_client import Pushed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from kiosk.back_office_client import ChainHead, Failure
    from offline_cache.earlier_journals import EarlierJournals
    from offline_cache.entries import Entry


class Redelivery:
    """Compares, and sends; `send` takes entries and their epoch."""

    def __init__(
        self, journals: EarlierJournals, send: Callable[[Sequence[Entry], int], Awaitable[Pushed | Failure]]
    ) -> None:
        self._journals = journals
        self._send = send
        self._told: dict[int, int] = {}
        self._history = ""

    async def offer(self, history: str, known: Sequence[ChainHead]) -> bool:
        """Send what is beyond these heads; False when it has to be tried again later."""
        if history != self._history:
            self._told.clear()
            self._history = history
        for head in known:
            told = self._told.get(head.epoch)
            if (told is None or head.seq < told) and not await self._offer(head):
                return False
            self._told[head.epoch] = head.seq
        return True

    async def _offer(self, head: ChainHead) -> bool:
        count = 0
        with contextlib.closing(self._journals.after(head.epoch, head.seq, head.hash)) as entries:
            while some := list(islice(entries, BATCH_ENTRIES)):
                for batch in cut(some):
                    if not await self._push(batch, head.epoch):
                        return False
                count += len(some)
        if count:
            logger().error("back_office_put_back", epoch=head.epoch, seq=head.seq, count=count)
        return True

    async def _push(self, batch: Sequence[Entry], epoch: int) -> bool:
        outcome = await self._send(batch, epoch)
        if isinstance(outcome, Pushed):
            return True
        if not blames_item(outcome):
            tell(outcome)
            return False
        if len(batch) > 1:
            return all([await self._push([entry], epoch) for entry in batch])
        logger().warning("refused", epoch=epoch, seq=batch[0].seq, status=outcome.status, code=outcome.code)
        return True
