"""Reads the decisions that came after their visits, so that the journal of the terminal shows how each entry ended.

Rules:
- Codes in clear only: the sealed words are for keys that were gone with the visit.
- The place in the list is kept in the journal, after the decisions before it.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from kiosk.back_office_client import VerdictPage

if TYPE_CHECKING:
    from kiosk.agent.line import Line
    from offline_cache.journal import Journal

EVERY_SECONDS = 30.0


class VerdictReader:
    """Pages through the verdicts of this terminal."""

    def __init__(self, journal: Journal, line: Line) -> None:
        self._journal = journal
        self._line = line
        self._wanted = asyncio.Event()
        line.on_return(self._wanted.set)

    async def run(self) -> None:
        """Read for ever: when the line comes back, and every so often."""
        while True:
            self._wanted.clear()
            if self._line.online:
                await self.read()
            try:
                async with asyncio.timeout(EVERY_SECONDS):
                    await self._wanted.wait()
            except TimeoutError:
                continue

    async def read(self) -> None:
        """Read to the end of the list, or until something does not work."""
        while True:
            after = self._journal.verdict_cursor
            page = await self._line.call(lambda client, after=after: client.verdicts(after))  # type: ignore[misc]
            if not isinstance(page, VerdictPage) or not page.verdicts or page.next <= after:
                return
            for verdict in page.verdicts:
                if not self._journal.decide(verdict.id, verdict.decision):
                    return
            if not self._journal.set_verdict_cursor(page.next):
                return
