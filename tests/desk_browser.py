"""As much of a browser as the desk page takes without one: cookies, forms, and the headers that browsers send."""

from __future__ import annotations

import asyncio
import html
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

HOST = "desk.example:8444"
SECRET = "demonstration"


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    text: str
    body: bytes = b""


@dataclass
class Browser:
    """As much of a browser as signing in takes: cookies, forms, the headers that browsers send."""

    app: Any
    cookies: dict[str, str] = field(default_factory=dict)
    set_cookies: list[str] = field(default_factory=list)
    root: str = ""
    address: str = "192.0.2.1"

    def get(self, path: str) -> Answer:
        return self._ask("GET", path, b"", {})

    def post(self, path: str, values: dict[str, str], **headers: str) -> Answer:
        sent = {"origin": f"https://{HOST}", "sec-fetch-site": "same-origin", **headers}
        return self._ask(
            "POST", path, urlencode(values).encode(), {name.replace("_", "-"): value for name, value in sent.items()}
        )

    def sign_in(self, officer: str = "alena", password: str = SECRET) -> Answer:
        token = hidden(self.get("/sign-in").text, "token")
        return self.post("/sign-in", {"officer": officer, "password": password, "token": token})

    def _ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Answer:
        path, _, query = path.partition("?")
        headers = {"host": HOST, **headers}
        if body:
            headers |= {"content-type": "application/x-www-form-urlencoded", "content-length": str(len(body))}
        if self.cookies:
            headers["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "https",
            "path": self.root + path,
            "raw_path": (self.root + path).encode(),
            "root_path": self.root,
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            "server": ("desk.example", 8444),
            "client": (self.address, 50000),
        }
        parts = [{"type": "http.request", "body": body, "more_body": False}]
        sent: list[Any] = []

        async def receive() -> Any:
            return parts.pop(0) if parts else {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        asyncio.run(self.app(scope, receive, send))
        pairs = [(name.decode().lower(), value.decode()) for name, value in sent[0]["headers"]]
        for name, value in pairs:
            if name == "set-cookie":
                self._keep(value)
        content = b"".join(message.get("body", b"") for message in sent[1:])
        return Answer(sent[0]["status"], dict(pairs), content.decode("utf-8", "replace"), content)

    def _keep(self, value: str) -> None:
        self.set_cookies.append(value)
        name, _, rest = value.partition("=")
        content = rest.split(";", 1)[0].strip('"')
        if content and "Max-Age=0" not in value:
            self.cookies[name] = content
        else:
            self.cookies.pop(name, None)


def hidden(text: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', text)
    assert found, text
    return html.unescape(found[1])
