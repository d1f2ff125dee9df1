"""The journal's way to the back office: by itself, in order, again and again, until every entry is answered.

Rules:
- Independent of everything else: an append never waits for it, a failed download never stops it.
- Entries go out by sequence number in batches; one entry that the back office cannot take delays nobody.
- Nothing is dropped on 4xx: what is refused stays in the journal with the reason, for the desk and the person; a
  technician can have it sent again (`guichet journal resend`).
- Told to come back later (429, Retry-After) it does, whatever wakes it meanwhile.
- Backoff with full jitter; an append, a visit that follows, or the returning line ends the wait at once. While the
  line is down an append asks for a ping instead of pushing into the void.
- A followed entry goes alone and at once. The server acts once however often it is sent.
- A back office that has forgotten what it acknowledged (its database was put back from a copy) gets it again: every
  answer says how far it knows this journal, and after each return of the line, and now and again, it is asked; also
  about journals that were set aside here (`redelivery`).
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeAlias

from kiosk.agent.batches import BATCH_BYTES, BATCH_ENTRIES, blames_item, cut, item_of, tell
from kiosk.agent.log import logger
from kiosk.agent.redelivery import Redelivery
from kiosk.back_office_client import ItemResult, Print, Pushed, Refused, Unreadable
from offline_cache.entries import Settled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kiosk.agent.backoff import Backoff
    from kiosk.agent.line import Line
    from kiosk.back_office_client import ChainHead, Failure
    from offline_cache.entries import Entry, EntryState, PrintReport
    from offline_cache.journal import Journal

ABREAST = 2
"""Pushes under way at once: while the back office writes one it reads the next. It closes the hole if they cross."""
PRINTS = 200
GATHER_SECONDS = 0.05
"""How long the loop lets a visit follow its own entry before it takes it along."""
ASK_AGAIN_SECONDS = 3600.0
"""So long nothing has to be delivered before the back office is asked whether it still has what it had."""
_STATES: dict[str, EntryState] = {
    "received": "received",
    "decided": "received",
    "conflict": "conflict",
    "quarantined": "quarantined",
    "refused": "refused",
}

Outcome: TypeAlias = "ItemResult | Failure"


class Delivery:
    """Pushes what waits; knows what is on its way."""

    def __init__(self, journal: Journal, line: Line, backoff: Backoff) -> None:
        self._journal = journal
        self._line = line
        self._backoff = backoff
        self._wanted = asyncio.Event()
        self._alone: dict[str, asyncio.Task[Outcome]] = {}
        self._gathering: asyncio.TimerHandle | None = None
        self._patience = 0.0
        self._unsure = True
        self._forgotten = Redelivery(journal, self._send)
        line.on_return(self._returned)

    def wake(self) -> None:
        """Try now: something was appended or reported, or the line is back."""
        self._gathering = None
        self._backoff.reset()
        self._wanted.set()

    def _returned(self) -> None:
        """The line is back: perhaps the back office was gone meanwhile, and is not the one that it was."""
        self._unsure = True
        self.wake()

    def wake_soon(self) -> None:
        """Try in a moment, together with what comes until then, unless a visit that follows its entry is quicker."""
        if self._gathering is None:
            self._gathering = asyncio.get_running_loop().call_later(GATHER_SECONDS, self.wake)

    async def run(self) -> None:
        """Deliver for ever."""
        self._wanted.set()
        while True:
            try:
                async with asyncio.timeout(ASK_AGAIN_SECONDS):
                    await self._wanted.wait()
            except TimeoutError:
                self._unsure = True
            self._wanted.clear()
            if not self._line.online:
                self._line.look()  # whose success wakes this loop again
            elif await self._drain():
                await self._pause()

    async def deliver_now(self, id_: str) -> Outcome:
        """Send this entry alone and at once, or join whoever is doing so. What is settled already is told from the journal."""
        under_way = self._alone.get(id_)
        if under_way is not None:
            return await asyncio.shield(under_way)
        entry = self._journal.entry(id_)
        if entry is None:
            return Unreadable("this entry is not in the journal")
        if entry.state != "waiting":
            return ItemResult(id=id_, status=entry.state, reason=entry.detail)
        task = asyncio.get_running_loop().create_task(self._push_alone(entry))
        self._alone[id_] = task
        task.add_done_callback(lambda _: self._alone.pop(id_, None))
        return await asyncio.shield(task)

    # --- the loop --------------------------------------------------------------------------------------

    async def _pause(self) -> None:
        at_least, self._patience = self._patience, 0.0
        if at_least:  # the back office named the moment: nothing that happens here comes before it
            await asyncio.sleep(at_least)
        try:
            async with asyncio.timeout(self._backoff.next_seconds()):
                await self._wanted.wait()
        except TimeoutError:
            self._wanted.set()

    async def _drain(self) -> bool:
        """Send until nothing waits; True when something went wrong and has to be tried again later."""
        if self._unsure and not await self._ask():
            return True
        while True:
            entries = self._journal.waiting(limit=ABREAST * BATCH_ENTRIES, most_bytes=ABREAST * BATCH_BYTES)
            batches = cut([entry for entry in entries if entry.id not in self._alone])[:ABREAST]
            prints = self._journal.waiting_prints(limit=PRINTS)
            if not batches and not prints:
                if not self._forgotten.pending:
                    return False
                if not await self._forgotten.go_on():
                    return True
                self._backoff.reset()
                continue
            done = (
                await asyncio.gather(*(self._push_batch(batch) for batch in batches))
                if batches
                else [await self._push_prints(prints)]
            )
            if not all(done):
                return True

    async def _ask(self) -> bool:
        """Ask how far the back office knows this journal and earlier ones, by a push of nothing; False: no answer.

        The journal in use may be an earlier one: after a new enrolment it stays until it is drained and the agent starts.
        """
        self._unsure = False  # at once: the line may be gone and back again before the answer is here
        outcome = await self._send([])
        if isinstance(outcome, Pushed):
            heads = {head.epoch: head for head in (*outcome.earlier, outcome.head)}
            self._compare(heads.pop(self._journal.head.epoch, outcome.head), frozenset())
            self._forgotten.hear(outcome.history, list(heads.values()))
        elif not blames_item(outcome):
            tell(outcome)
            self._unsure = True
            return False
        return True

    async def _push_batch(self, batch: Sequence[Entry]) -> bool:
        if len(batch) == 1:
            return isinstance(await self.deliver_now(batch[0].id), ItemResult)
        outcome = await self._send(batch)
        if isinstance(outcome, Pushed):
            results = self._settle(batch, outcome)
            return len(results) == len(batch)
        if blames_item(outcome):  # one of them is bad: each alone, so that it delays nobody
            for entry in batch:
                if not isinstance(await self.deliver_now(entry.id), ItemResult):
                    return False
            return True
        tell(outcome)
        return False

    async def _push_alone(self, entry: Entry) -> Outcome:
        outcome = await self._send([entry])
        if isinstance(outcome, Pushed):
            results = self._settle([entry], outcome)
            return results.get(entry.id, Unreadable("the back office answered without this entry"))
        if blames_item(outcome):
            detail = f"{outcome.status} {outcome.code}: {outcome.message}"
            self._journal.settle([Settled(entry.id, "refused", detail=detail)])
            logger().warning("refused", seq=entry.seq, status=outcome.status, code=outcome.code)
            return ItemResult(id=entry.id, status="refused", reason=detail)
        tell(outcome)
        return outcome

    async def _push_prints(self, prints: Sequence[PrintReport]) -> bool:
        sent = [Print(report.id, report.stage, report.outcome) for report in prints]
        outcome = await self._line.call(lambda client: client.push([], sent))
        if isinstance(outcome, Pushed):
            return self._journal.settle_prints(prints, received=True)
        if blames_item(outcome):
            if len(prints) == 1:
                return self._journal.settle_prints(prints, received=False)
            for report in prints:
                if not await self._push_prints([report]):
                    return False
            return True
        tell(outcome)
        return False

    async def _send(self, batch: Sequence[Entry], epoch: int = 0) -> Pushed | Failure:
        """Push entries of this journal, or of the one that is named."""
        epoch = epoch or self._journal.head.epoch
        items = [item_of(entry, epoch) for entry in batch]
        outcome = await self._line.call(lambda client: client.push(items, []))
        if isinstance(outcome, Refused):
            self._patience = max(self._patience, outcome.retry_after)
        return outcome

    def resend(self, seqs: Sequence[int]) -> int:
        """Let entries that were refused wait again, and try now; how many there were."""
        count = self._journal.resend(seqs)
        if count:
            logger().info("resend", count=count)
            self.wake()
        return count

    def _settle(self, batch: Sequence[Entry], pushed: Pushed) -> dict[str, ItemResult]:
        """Keep every answer that fits; what was not answered, or not kept, waits on."""
        known = {entry.id: entry for entry in batch}
        results = {result.id: result for result in pushed.results if result.id in known and result.status in _STATES}
        settled = [
            Settled(id_, _STATES[result.status], result.decision or "", result.reason)
            for id_, result in results.items()
        ]
        if settled and not self._journal.settle(settled):
            return {}
        self._backoff.reset()
        self._compare(pushed.head, frozenset(entry.seq for entry in batch))
        logger().info("delivered", count=len(results), backlog=self._journal.backlog)
        return results

    def _compare(self, theirs: ChainHead, just_sent: frozenset[int]) -> None:
        """Hold what the back office knows of this journal against what this journal knows of the back office."""
        head = self._journal.head
        if theirs.epoch != head.epoch:
            return
        if theirs.seq > head.seq:
            logger().error("journal_put_back", seq=head.seq, count=theirs.seq - head.seq)
            return
        following = theirs.seq + 1
        if following in just_sent or not self._journal.is_with_back_office(following):
            return
        count = self._journal.deliver_again(theirs.seq)
        logger().error("back_office_put_back", seq=theirs.seq, count=count)
        self._wanted.set()
