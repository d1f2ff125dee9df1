"""The way of a push through the server: signature and entries checked in threads, limits, one transaction with others'.

Rules:
- The event loop checks nothing itself. ECDSA and long hashes release the interpreter, so those of several terminals run
  beside each other; reading JSON and chaining do not. In pushes of 200
  entries, reading and chaining are six sevenths of the checks, digest and signature the rest.
- Keys of terminals are remembered; the transaction that receives compares them with what is on record at that moment.
- A suspended terminal's push is received like any other and kept (`journals`); a retired one's is refused.
"""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from back_office import gate, intake, push
from back_office.api_types import Pushed, Refused
from back_office.coalescer import Coalescer
from back_office.evidence import Evidence
from back_office.limits import ENTRIES_A_TOKEN, Limits
from back_office.push import Batch
from back_office.repository import timestamp

if TYPE_CHECKING:
    from back_office.installation import Installation
    from back_office.wakeups import Bell

MOST_ENTRIES = 1000
"""In one transaction; about 50 ms of PostgreSQL."""


class Receiver:
    """Receives pushes for one server; `close` it before the database."""

    def __init__(self, it: Installation, bell: Bell, limits: Limits) -> None:
        self._it = it
        self._bell = bell
        self._limits = limits
        self._known = gate.KnownTerminals(it)
        self._checks = ThreadPoolExecutor(max(2, os.cpu_count() or 2), thread_name_prefix="check")
        self._groups: Coalescer[Batch, intake.Outcome] = Coalescer(
            lambda batches: intake.receive_group(it, batches),
            workers=1 if it.database.dialect == "sqlite" else 2,
            most=MOST_ENTRIES,
            size=lambda batch: len(batch.places) + 1,
        )

    async def push(self, call: gate.SignedCall) -> Pushed | Refused:
        """Receive a push: durable when this answers."""
        with self._bell.receiving():
            return await self._push(call)

    async def _push(self, call: gate.SignedCall) -> Pushed | Refused:
        answered: Future[intake.Outcome] = Future()
        answered.set_running_or_notify_cancel()  # a caller who goes away stops nothing that was begun for others too
        self._checks.submit(self._begin, call, answered)
        outcome = await asyncio.wrap_future(answered)
        if isinstance(outcome, Refused):
            return outcome
        if outcome.new:
            self._bell.ring()
        return outcome.answer

    def _begin(self, call: gate.SignedCall, answered: Future[intake.Outcome]) -> None:
        """Check a push and hand it on, in one of the threads: the event loop hears of it when it is durable, or refused."""
        try:
            batch = self._check(call)
            if isinstance(batch, Refused):
                answered.set_result(batch)
            else:
                self._groups.submit(batch, answered)
        except Exception as error:  # noqa: BLE001 - handed to whoever waits
            answered.set_exception(error)

    def close(self) -> None:
        """Finish what was begun."""
        self._checks.shutdown(wait=True)
        self._groups.close()

    def _check(self, call: gate.SignedCall) -> Batch | Refused:
        recognised = gate.recognise(self._it, call, self._known)
        if isinstance(recognised, Refused):
            return recognised
        terminal, signed = recognised.terminal, recognised.signed
        batch = push.read(call.body, Batch(self._it.ids.new(), terminal, self._it.clock.now()))
        cost = 1.0 if isinstance(batch, Refused) else 1.0 + len(batch.places) / ENTRIES_A_TOKEN
        refused = self._limits.take(terminal.id, cost)
        if refused is not None or isinstance(batch, Refused):
            return refused or batch
        batch.nonce = (signed.key_id, signed.nonce, timestamp(signed.created + gate.NONCE_KEPT))
        batch.evidence = Evidence(
            call.headers.get("content-digest", ""),
            call.headers.get("signature-input", ""),
            call.headers.get("signature", ""),
            terminal.public_key,
        )
        return batch
