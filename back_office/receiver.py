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
from concurrent.futures import ThreadPoolExecutor
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
        batch = await asyncio.get_running_loop().run_in_executor(self._checks, self._check, call)
        if isinstance(batch, Refused):
            return batch
        # Shielded: a caller who goes away stops nothing that was begun for others of the group too.
        outcome = await asyncio.shield(asyncio.wrap_future(self._groups.submit(batch)))
        if isinstance(outcome, Refused):
            return outcome
        if outcome.new:
            self._bell.ring()
        return outcome.answer

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
