"""A scan on its way to the desk: nothing of it is read before it is known who sends it, and how long it is."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from desk_browser import HOST, Browser

from back_office.desk.case_pages import LIMIT_BYTES
from back_office.desk.pages import desk_app
from back_office.desk.serve import FORM_LIMIT_BYTES, guard
from back_office.desk.web import COOKIE

if TYPE_CHECKING:
    from back_office_bench import Bench


class Sent:
    """One request whose body comes only when it is asked for."""

    def __init__(self, app: Any, path: str, length: int, cookie: str = "") -> None:
        self.reads = 0
        self.messages: list[Any] = []
        headers = [(b"host", HOST.encode()), (b"content-length", str(length).encode())]
        if cookie:
            headers.append((b"cookie", f"{COOKIE}={cookie}".encode()))
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "https",
            "path": path, "raw_path": path.encode(), "root_path": "", "query_string": b"", "headers": headers,
            "server": ("desk.example", 8444), "client": ("192.0.2.1", 50000),
        }  # fmt: skip
        asyncio.run(guard(app, app, 5.0)(scope, self._receive, self._send))

    async def _receive(self) -> Any:
        self.reads += 1
        return {"type": "http.request", "body": b"", "more_body": False}

    async def _send(self, message: Any) -> None:
        self.messages.append(message)

    @property
    def status(self) -> int:
        return int(self.messages[0]["status"])

    @property
    def headers(self) -> dict[bytes, bytes]:
        return dict(self.messages[0]["headers"])


@pytest.mark.parametrize("cookie", ["", "made-up"])
@pytest.mark.parametrize("length", [100, 9_000_000, LIMIT_BYTES + 1])
def test_of_who_is_not_signed_in_nothing_is_read(office: Bench, cookie: str, length: int) -> None:
    sent = Sent(desk_app(office.it), "/cases/1/papers", length, cookie)
    assert (sent.status, sent.headers[b"location"], sent.headers[b"connection"]) == (303, b"/sign-in", b"close")
    assert sent.reads == 0


def test_a_session_that_is_over_is_none(office: Bench) -> None:
    browser = Browser(desk_app(office.it))
    browser.sign_in()
    token = browser.cookies[COOKIE]
    assert Sent(browser.app, "/cases/1/papers", 9_000_000, token).reads > 0
    browser.post("/sign-out", {"csrf": browser.get("/").text.partition('name="csrf" value="')[2].partition('"')[0]})
    assert Sent(browser.app, "/cases/1/papers", 9_000_000, token).reads == 0


@pytest.mark.parametrize(("path", "length"), [("/cases/1/papers", LIMIT_BYTES + 1), ("/cases/1", FORM_LIMIT_BYTES + 1)])
def test_what_says_it_is_too_long_is_not_read_either(office: Bench, path: str, length: int) -> None:
    browser = Browser(desk_app(office.it))
    browser.sign_in()
    sent = Sent(browser.app, path, length, browser.cookies[COOKIE])
    assert (sent.status, sent.reads) == (413, 0)
