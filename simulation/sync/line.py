"""The line between a terminal and the server: it goes down, loses, delays, repeats and garbles, by its seed.

Rules:
- The product's own client signs, reads and judges; only the carrying of bytes is simulated (`SimulatedClient`).
- What arrives twice or late is the very same signed request, as a network repeats it.
- A caller learns no more than over a real line: an answer, none in time, no connection, or rubbish.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from kiosk.agent import line as agent_line
from kiosk.back_office_client import BackOfficeClient, Broken, TimedOut, Unreachable, Unreadable
from kiosk.back_office_client import client as client_module
from simulation.sync.seams import swapped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from random import Random

_T = TypeVar("_T")
REPLY_SECONDS = 10.0
OK = 200
LATEST_SECONDS = 90.0
"""A request that was delayed longer is lost: its signature would be too old anyway."""


@dataclass(frozen=True, slots=True)
class Request:
    """One signed request on its way."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server sent back."""

    status: int
    headers: dict[str, str]
    body: bytes


class FarEnd(Protocol):
    """Who stands at the other end of a line."""

    async def handle(self, request: Request) -> Reply | None:
        """Answer, or None when there is no answer."""


@dataclass(frozen=True, slots=True)
class Weather:
    """How often things go wrong: chances for each request, and mean seconds between and of outages; 0: never."""

    lost: float = 0.02
    unanswered: float = 0.03
    delayed: float = 0.02
    repeated: float = 0.04
    garbled: float = 0.005
    broken_off: float = 0.05
    up_seconds: float = 900.0
    down_seconds: float = 120.0
    long_down_seconds: float = 1800.0


FINE = Weather(0, 0, 0, 0, 0, 0, 0, 0, 0)


@dataclass(slots=True)
class SimulatedLine:
    """The line of one terminal."""

    server: FarEnd
    chance: Random
    weather: Weather
    up: bool = True
    counts: Counter[str] = field(default_factory=Counter)
    _behind: set[asyncio.Task[None]] = field(default_factory=set)

    async def outages(self) -> None:
        """Let the line go down and come back for ever."""
        while self.weather.up_seconds:
            await asyncio.sleep(self.chance.expovariate(1 / self.weather.up_seconds))
            self.up = False
            self.counts["outages"] += 1
            mean = self.weather.long_down_seconds if self.chance.random() < 0.15 else self.weather.down_seconds  # noqa: PLR2004
            await asyncio.sleep(self.chance.expovariate(1 / mean))
            self.up = True

    async def carry(self, request: Request) -> Reply | TimedOut | Unreachable | Unreadable:
        """Take a request over and its reply back, or not."""
        chance, weather = self.chance, self.weather
        self.counts["requests"] += 1
        await asyncio.sleep(chance.uniform(0.004, 0.08))
        if not self.up or self._happens("lost", weather.lost):
            return await self._nothing()
        if self._happens("repeated", weather.repeated):
            self._later(request, chance.uniform(0.01, LATEST_SECONDS))
        if self._happens("delayed", weather.delayed):
            self._later(request, chance.uniform(REPLY_SECONDS / 2, LATEST_SECONDS))
            await asyncio.sleep(REPLY_SECONDS)
            return TimedOut(REPLY_SECONDS)
        reply = await self.server.handle(request)
        await asyncio.sleep(chance.uniform(0.004, 0.08))
        if reply is None or not self.up or self._happens("unanswered", weather.unanswered):
            return await self._nothing()
        return Unreadable("simulated: half a reply") if self._happens("garbled", weather.garbled) else reply

    async def _nothing(self) -> TimedOut | Unreachable:
        """A connection that is refused or breaks, or silence."""
        if not self.up or self.chance.random() < 0.5:  # noqa: PLR2004 - one or the other
            return Unreachable("simulated")
        await asyncio.sleep(REPLY_SECONDS)
        return TimedOut(REPLY_SECONDS)

    def breaks_off(self) -> bool:
        """Does a long reply end before its end."""
        return self._happens("broken off", self.weather.broken_off)

    def _happens(self, what: str, how_often: float) -> bool:
        happens = self.chance.random() < how_often
        self.counts[what] += happens
        return happens

    def _later(self, request: Request, seconds: float) -> None:
        async def arrive() -> None:
            await asyncio.sleep(seconds)
            await self.server.handle(request)

        task = asyncio.get_running_loop().create_task(arrive())
        self._behind.add(task)
        task.add_done_callback(self._behind.discard)


class Asked(BaseException):
    """The client wants to send; whoever called it does so, and calls it again with the reply."""

    def __init__(self, client: SimulatedClient, request: Request, headers: dict[str, str]) -> None:
        super().__init__()
        self.client = client
        self.request = request
        self.headers = headers


class SimulatedClient(BackOfficeClient):
    """The product's client over a simulated line. It does not block: it asks for the exchange, and is run again."""

    line: SimulatedLine
    script: list[Any]

    def _send(self, request: Any) -> Any:
        if self.script:
            return self._poured(request, self.script.pop(0))
        headers = self._headers(request)
        raise Asked(self, Request(request.method, request.path, request.query, headers, request.body), headers)

    def _poured(self, request: Any, reply: Any) -> Any:
        """Pour a page of the feed as it comes; it may break off anywhere."""
        if request.take is None or not isinstance(reply, client_module._Reply) or reply.status != OK:  # noqa: SLF001
            return reply
        body = reply.body
        if self.line.breaks_off():
            request.take(body[: self.line.chance.randint(0, len(body))])
            return Broken("simulated: broke off")
        request.take(body)
        return dataclasses.replace(reply, body=b"")


async def over_the_line(function: Callable[[], _T]) -> _T:
    """Stand in for `kiosk.agent.line.in_thread`: what blocks there, waits here in the world's time."""
    replies: list[Any] = []
    offset = None
    client: SimulatedClient | None = None
    while True:
        if client is not None:
            client.script = list(replies)
        try:
            outcome = function()
        except Asked as asked:
            client = asked.client
            offset = client.clock_offset
            reply = await client.line.carry(asked.request)
            if isinstance(reply, Reply):
                reply = client_module._Reply(  # type: ignore[assignment]  # noqa: SLF001 - what the product's client reads
                    reply.status,
                    reply.body,
                    reply.headers.get("etag", ""),
                    asked.headers["Signature"],
                    reply.headers.get("retry-after", ""),
                )
            replies.append(reply)
            continue
        if client is not None and len(replies) > 1 and offset is not None:
            client.clock_offset = offset  # learnt when the refusal came, not when the call ended
        return outcome


@contextmanager
def carried() -> Iterator[None]:
    """Let the agent's calls go over simulated lines while the block runs."""
    with swapped(agent_line, in_thread=over_the_line):
        yield
