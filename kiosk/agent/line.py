"""Is the line to the back office up? Every exchange tells; between them a cheap signed ping asks.

Rules:
- Unreachable, or no back office behind the address: offline. Any answer of the back office, also a refusal: online.
- While offline the ping is repeated with full jitter; its first success wakes everybody who waits for the line.
- The back office alone says whether this terminal is suspended.
- One that does not know this terminal's key (its record was restored from before the last enrolment) takes nothing from
  it: for visits that is no line, for the technician the reason is told, and the ping goes on asking.
"""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, TypeVar

from kiosk.agent.backoff import Backoff
from kiosk.agent.log import logger
from kiosk.back_office_client import Ping, Refused, TimedOut, Unreachable, Unreadable
from kiosk.wire.timestamps import timestamp

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiosk.back_office_client import BackOfficeClient, Failure
    from kiosk.system import Clock, Ids

_T = TypeVar("_T")
FORBIDDEN = 403
NOT_RECOGNISED = (401, "signature_invalid")
WHY_NOT_RECOGNISED = "the back office does not know this terminal's key: a technician enrols it anew"
OUT_OF_SERVICE_STATES = frozenset({"suspended", "retired"})


async def in_thread(function: Callable[[], _T]) -> _T:
    """Run what blocks in a thread of its own. A daemon: an agent that must stop does not wait for a slow server."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[_T] = loop.create_future()

    def finish(result: _T | None, error: Exception | None) -> None:
        if future.cancelled():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result, error = None, None
        try:
            result = function()
        except Exception as caught:  # noqa: BLE001 - handed to whoever awaits
            error = caught
        if not loop.is_closed():
            loop.call_soon_threadsafe(finish, result, error)

    threading.Thread(target=run, name="back-office-call", daemon=True).start()
    return await future


class Line:
    """What is known about the line, and the way every exchange takes."""

    def __init__(
        self, client: BackOfficeClient, clock: Clock, ids: Ids, *, ping_seconds: float, probe_seconds: float
    ) -> None:
        self.client = client
        self._clock = clock
        self._ping_seconds = ping_seconds
        self._backoff = Backoff(ids, first_seconds=probe_seconds / 8, most_seconds=probe_seconds)
        self._watchers: list[Callable[[], None]] = []
        self._returned: list[Callable[[], None]] = []
        self._look = asyncio.Event()
        self.online = False
        self.since = timestamp(clock.now())
        self.suspended = False
        self.recognised = True
        """Whether the back office knew this terminal's key when it was asked last."""

    def on_change(self, watcher: Callable[[], None]) -> None:
        """Call `watcher` whenever line or suspension change."""
        self._watchers.append(watcher)

    def on_return(self, waker: Callable[[], None]) -> None:
        """Call `waker` when the line comes back."""
        self._returned.append(waker)

    def look(self) -> None:
        """Ping now instead of later."""
        self._look.set()

    async def call(self, function: Callable[[BackOfficeClient], _T | Failure]) -> _T | Failure:
        """One exchange, in a thread of its own; what it says about the line is noted."""
        outcome = await in_thread(lambda: function(self.client))
        match outcome:
            case Unreachable() | Unreadable():
                self._set(online=False, suspended=self.suspended, why=outcome.detail)
            case TimedOut():
                self._look.set()
            case Refused(status=status, code=code) if (status, code) == NOT_RECOGNISED:
                if self.recognised:
                    logger().error("terminal_not_recognised", detail=WHY_NOT_RECOGNISED)
                self.recognised = False
                self._set(online=False, suspended=self.suspended, why=WHY_NOT_RECOGNISED)
                return outcome
            case Refused(status=status, code=code):
                self._set(
                    online=True, suspended=self.suspended or (status == FORBIDDEN and code in OUT_OF_SERVICE_STATES)
                )
            case Ping(state=state):
                self._set(online=True, suspended=state in OUT_OF_SERVICE_STATES)
            case _:
                self._set(online=True, suspended=self.suspended)
        self.recognised = self.recognised or self.online
        return outcome

    async def run(self) -> None:
        """Ping for ever."""
        while True:
            outcome = await self.call(lambda client: client.ping())
            if isinstance(outcome, TimedOut):
                self._set(online=False, suspended=self.suspended, why="ping timed out")
            if self.online:
                self._backoff.reset()
            wait = self._ping_seconds if self.online else self._backoff.next_seconds()
            self._look.clear()
            try:
                async with asyncio.timeout(wait):
                    await self._look.wait()
            except TimeoutError:
                continue

    def _set(self, *, online: bool, suspended: bool, why: str = "") -> None:
        before = (self.online, self.suspended)
        if (online, suspended) == before:
            return
        if online != self.online:
            self.since = timestamp(self._clock.now())
        self.online, self.suspended = online, suspended
        logger().info("line", line="online" if online else "offline", state="suspended" if suspended else "", why=why)
        for watcher in self._watchers:
            watcher()
        if online and not before[0]:
            for waker in self._returned:
                waker()
        elif not online and before[0]:
            self._look.set()  # begin to look for its return now, not at the next ping
