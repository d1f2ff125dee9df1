"""`GET /v1/feed` as a bare ASGI application: thousands of terminals wait in it all day, and no framework waits along.

Rules:
- What waits is this coroutine, what was asked, and an event; headers, call and body are gone by then.
- A poll subscribes, looks, then waits: it misses nothing, and a stopping server answers it at once.
- Parameters are read as the OpenAPI document says, answers have the API's form (`answers`).
"""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from back_office import answers, feed, gate
from back_office.api_types import Refused
from kiosk.domain.errors import EnvironmentFault
from kiosk.wire.feed import MEDIA_TYPE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from starlette.types import Receive, Scope, Send

    from back_office.database import Database
    from back_office.repository.terminals import Terminal
    from back_office.wakeups import Wakeups

PATH = "/v1/feed"
LONGEST_WAIT_SECONDS = 50.0


class Asked(NamedTuple):
    """What a terminal asks: what came after `cursor`, at most `limit` rows, within `wait` seconds; `known` its ETag."""

    office: str
    cursor: str
    limit: int
    wait: float
    known: str


def is_feed(scope: Scope) -> bool:
    """Whether a request is one for the feed."""
    return bool(scope["type"] == "http" and scope["path"] == PATH and scope["method"] == "GET")


class FeedRoute:
    """The route; `admit` finds the terminal that signed a call, or says why it is not served."""

    def __init__(
        self, database: Database, wakeups: Wakeups, admit: Callable[[gate.SignedCall], Terminal | Refused]
    ) -> None:
        self._database = database
        self._wakeups = wakeups
        self._admit = admit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        response: Response
        try:
            asked = await self._asked(scope, receive)
            response = asked if isinstance(asked, Response) else self._response(asked, await self._next_page(asked))
        except EnvironmentFault as error:
            response = answers.storage_failed(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller gets an answer
            response = answers.fault(error)
        await response(scope, receive, send)

    async def _asked(self, scope: Scope, receive: Receive) -> Asked | Response:
        call = await signed_call(scope, receive)
        terminal = await run_in_threadpool(self._admit, call)
        if isinstance(terminal, Refused):
            return answers.answer(terminal)
        given = dict(parse_qsl(call.query, keep_blank_values=True))
        limit, wait = _integer(given.get("limit")), _seconds(given.get("wait"))
        wrong = [f"query.{name}" for name, value in (("limit", limit), ("wait", wait)) if value is None]
        if limit is None or wait is None:
            return answers.wrong_parameters(", ".join(wrong))
        if not 0 <= wait <= LONGEST_WAIT_SECONDS or not 0 < limit <= feed.MOST_ROWS:
            message = f"wait must be 0 to {LONGEST_WAIT_SECONDS:g} seconds, limit 1 to {feed.MOST_ROWS} rows."
            return answers.answer(Refused(422, "parameters", message, "Ask again within these."))
        known = call.headers.get("if-none-match", "")
        return Asked(terminal.office, given.get("cursor", ""), limit, wait, known)

    async def _next_page(self, asked: Asked) -> feed.Page | Refused:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + asked.wait
        with self._wakeups.subscribe_feed(asked.office) as event:
            while True:
                event.clear()
                page = await self._page(asked.office, asked.cursor, min(asked.limit, feed.FIRST_ROWS))
                remaining = deadline - loop.time()
                if isinstance(page, Refused) or page.new or remaining <= 0 or self._wakeups.closing:
                    return page
                try:
                    async with asyncio.timeout(remaining):  # unlike wait_for it makes no task: thousands wait here
                        await event.wait()
                except TimeoutError:
                    return page

    async def _page(self, office: str, cursor: str, limit: int) -> feed.Page | Refused:
        return await run_in_threadpool(feed.read, self._database, office, cursor, limit)

    def _response(self, asked: Asked, page: feed.Page | Refused) -> Response:
        if isinstance(page, Refused):
            return answers.answer(page)
        headers = {"Cache-Control": "no-store"}
        if page.more and page.rows < asked.limit:
            pages = self._pages(asked.office, page, asked.limit)
            return StreamingResponse(pages, media_type=MEDIA_TYPE, headers=headers)
        headers["ETag"] = f'"{page.cursor}"'
        if not page.new and asked.known == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        return Response(page.body, media_type=MEDIA_TYPE, headers=headers)

    async def _pages(self, office: str, page: feed.Page, limit: int) -> AsyncIterator[bytes]:
        """Give a page and those after it, up to `limit` rows: the next one is read while this one travels.

        It may end early, always with a MARK that says that there is more: when it is long or takes long, when the server
        stops, or when the cursor ended.
        """
        now = asyncio.get_running_loop().time
        latest, rows, size = now() + feed.ANSWER_SECONDS, page.rows, len(page.body)
        while page.more and rows < limit and size < feed.ANSWER_BYTES and now() < latest and not self._wakeups.closing:
            longer = min(2 * page.rows, feed.PAGE_ROWS, limit - rows)
            following = asyncio.ensure_future(self._page(office, page.cursor, longer))
            try:
                yield page.body
                read = await following
            finally:
                following.cancel()
            if isinstance(read, Refused):
                return
            page = read
            rows += page.rows
            size += len(page.body)
        yield page.body


async def signed_call(scope: Scope, receive: Receive) -> gate.SignedCall:
    """Read a request as its signature covers it."""
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    raw_path = scope.get("raw_path") or scope["path"].encode()
    return gate.SignedCall(
        method=scope["method"],
        path=raw_path.decode("ascii", "replace"),
        query=scope["query_string"].decode("ascii", "replace"),
        headers={name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
        body=body,
    )


def _integer(text: str | None) -> int | None:
    """Read `limit`; None for what is no integer."""
    if text is None:
        return feed.ANSWER_ROWS
    try:
        return int(text)
    except ValueError:
        return None


def _seconds(text: str | None) -> float | None:
    """Read `wait`; None for what is no number."""
    try:
        seconds = 0.0 if text is None else float(text)
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) else -1.0
