"""Keeps signed reference data (revocations, sealing keys, scheme pack, configuration) fresh, with their age.

Rules:
- What does not verify under the pinned root is not kept, and never replaces what does.
- A version never goes back: an old bundle with a good signature is a replay.
- The agent is a carrier: visits get the bytes as they came and verify them again.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from kiosk.agent.log import logger
from kiosk.back_office_client import NewReference, NotModified
from kiosk.domain.errors import EnvironmentFault
from kiosk.wire.problem import Problem
from kiosk.wire.reference_data import verify_bundle
from kiosk.wire.timestamps import read_timestamp, timestamp
from offline_cache.reference_store import StoredReference

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiosk.agent.line import Line
    from kiosk.system import Clock
    from kiosk.wire.reference_data import Bundle
    from kiosk.wire.trust import Anchors
    from offline_cache.reference_store import ReferenceStore


AGAIN_SECONDS = 5.0
"""Ask again so soon when a question was not answered though the line seems to be there."""


class ReferenceKeeper:
    """The newest bundle that verified, and the loop that asks for newer ones."""

    def __init__(
        self, store: ReferenceStore, line: Line, anchors: Anchors, clock: Clock, *, every_seconds: float
    ) -> None:
        self._store = store
        self._line = line
        self._anchors = anchors
        self._clock = clock
        self._every = every_seconds
        self._wanted = asyncio.Event()
        self._watchers: list[Callable[[bytes], None]] = []
        self._stored: StoredReference | None = None
        self._bundle: Bundle | None = None
        line.on_return(self._wanted.set)
        self._adopt(store.load())

    @property
    def bundle(self) -> bytes:
        """The signed bundle as it came; empty when there is none yet."""
        return self._stored.bundle if self._stored else b""

    @property
    def age_seconds(self) -> int | None:
        """Seconds since the back office last said that these are the newest."""
        checked = read_timestamp(self._stored.checked_at) if self._stored else None
        return None if checked is None else max(0, int((self._clock.now() - checked).total_seconds()))

    @property
    def revocation_age_seconds(self) -> int | None:
        """Seconds since the revocation list was made."""
        if self._bundle is None:
            return None
        return max(0, int(self._bundle.revocations.age(self._clock.now()).total_seconds()))

    def on_change(self, watcher: Callable[[bytes], None]) -> None:
        """Call `watcher` with every new bundle."""
        self._watchers.append(watcher)

    async def run(self) -> None:
        """Ask for ever: at the start, when the line comes back, and every so often."""
        while True:
            self._wanted.clear()
            answered = await self.refresh()
            try:
                async with asyncio.timeout(self._every if answered else min(self._every, AGAIN_SECONDS)):
                    await self._wanted.wait()
            except TimeoutError:
                continue

    async def refresh(self) -> bool:
        """Ask once; False when there was no answer."""
        etag = self._stored.etag if self._stored else ""
        outcome = await self._line.call(lambda client: client.reference_data(etag))
        at = timestamp(self._clock.now())
        if isinstance(outcome, NotModified) and self._stored:
            self._keep(StoredReference(self._stored.bundle, etag, at))
        elif isinstance(outcome, NewReference) and self._adopt(StoredReference(outcome.bundle, outcome.etag, at)):
            self._keep(self._stored)
            for watcher in self._watchers:
                watcher(outcome.bundle)
        return isinstance(outcome, NotModified | NewReference)

    def _keep(self, stored: StoredReference | None) -> None:
        if stored is None:
            return
        self._stored = stored
        try:
            self._store.save(stored)
        except EnvironmentFault as fault:  # they are used from memory until the disk takes them
            logger().warning("reference_not_stored", detail=fault.what, remedy=fault.remedy)

    def _adopt(self, stored: StoredReference | None) -> bool:
        """Use these data if they verify and are not older than what is in use."""
        if stored is None:
            return False
        now = self._clock.now() + self._line.client.clock_offset
        bundle = verify_bundle(stored.bundle, self._anchors, now)
        if isinstance(bundle, Problem):
            logger().error("reference_untrusted", code=bundle.code.value, detail=bundle.detail)
            return False
        if self._bundle is not None and bundle.version < self._bundle.version:
            logger().error("reference_went_back", version=bundle.version)
            return False
        self._stored, self._bundle = stored, bundle
        logger().info("reference", version=bundle.version)
        return True
