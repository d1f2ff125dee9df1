"""What a scan may be before it is a paper of a case: who sends it is asked first, and its size and time are limited."""

from __future__ import annotations

import re
import socket
import ssl
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from desk_browser import SECRET, hidden
from test_desk_page_rules import held

from back_office.desk import papers
from back_office.desk.serve import running
from back_office.desk.web import COOKIE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from back_office_bench import Bench


@pytest.fixture
def url(office: Bench) -> Iterator[str]:
    with running(office.it) as url:
        yield url


class Browser:
    """Asks the server itself, one connection a question."""

    def __init__(self, url: str) -> None:
        self._host, self._port = str(urlsplit(url).hostname), int(urlsplit(url).port or 0)
        self.cookies: dict[str, str] = {}

    def ask(self, method: str, path: str, body: bytes = b"", *, kind: str = "", length: int | None = None) -> tuple[int, str]:
        """Send the body, which may be shorter than the length that is said; give status and page."""
        lines = [f"{method} {path} HTTP/1.1", f"host: {self._host}:{self._port}", "connection: close"]
        lines += [f"origin: https://{self._host}:{self._port}", f"content-length: {len(body) if length is None else length}"]
        lines += [f"content-type: {kind}"] if kind else []
        lines += ["cookie: " + "; ".join(f"{name}={value}" for name, value in self.cookies.items())] if self.cookies else []
        context = ssl._create_unverified_context()  # noqa: S323 - who serves is not what is tried here
        with socket.create_connection((self._host, self._port)) as plain, context.wrap_socket(plain) as to:
            to.sendall("\r\n".join([*lines, "", ""]).encode() + body)
            answer = b""
            try:
                while part := to.recv(65_536):
                    answer += part
            except ConnectionResetError:
                pass  # it does not read on what it has refused
        head, _, page = answer.decode().partition("\r\n\r\n")
        self.cookies |= dict(re.findall(r"(?im)^set-cookie: ([^=]+)=\"?([^;\"]+)", head))
        return int(head.split()[1]), page

    def sign_in(self) -> str:
        """Sign in as an officer; gives the token of the session's forms."""
        token = hidden(self.ask("GET", "/sign-in")[1], "token")
        form = f"officer=alena&password={SECRET}&token={token}".encode()
        assert self.ask("POST", "/sign-in", form, kind="application/x-www-form-urlencoded")[0] == 303
        assert COOKIE in self.cookies
        return hidden(self.ask("GET", "/")[1], "csrf")


def multipart(csrf: str, content: bytes) -> bytes:
    return (
        f'--x\r\ncontent-disposition: form-data; name="csrf"\r\n\r\n{csrf}\r\n'
        '--x\r\ncontent-disposition: form-data; name="scan"; filename="a.pdf"\r\ncontent-type: application/pdf\r\n\r\n'
    ).encode() + content + b"\r\n--x--\r\n"  # fmt: skip


FORM = "multipart/form-data; boundary=x"


def test_nobody_s_scan_is_not_waited_for(office: Bench, url: str) -> None:
    """Not one byte of the body is sent: whoever answers has not read it."""
    case = held(office)
    status, page = Browser(url).ask("POST", f"/cases/{case}/papers", kind=FORM, length=papers.LARGEST)
    assert (status, page) == (303, "")


def test_an_officer_s_scan_is_kept(office: Bench, url: str) -> None:
    case, browser = held(office), Browser(url)
    form = multipart(browser.sign_in(), b"%PDF-1.7\n" + b"x" * 200_000 + b"\n%%EOF\n")
    assert browser.ask("POST", f"/cases/{case}/papers", form, kind=FORM)[0] == 303
    assert "a.pdf" in browser.ask("GET", f"/cases/{case}")[1]


def test_one_that_is_too_large_is_said_on_the_case(office: Bench, url: str) -> None:
    case, browser = held(office), Browser(url)
    form = multipart(browser.sign_in(), b"%PDF-1.7\n" + b"x" * (papers.LARGEST + 70_000))
    status, page = browser.ask("POST", f"/cases/{case}/papers", form, kind=FORM)
    assert status == 413
    assert "larger than 10 MB" in page
    assert "a.pdf" not in page


def test_one_that_does_not_come_is_not_waited_for_longer_than_any_body(office: Bench, url: str) -> None:
    case, browser = held(office), Browser(url)
    form = multipart(browser.sign_in(), b"%PDF-1.7\n")
    status, page = browser.ask("POST", f"/cases/{case}/papers", form[:-20], kind=FORM, length=len(form))
    assert status == 413
    assert "did not come whole" in page
