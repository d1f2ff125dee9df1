"""What a desk page tells a browser and believes of it: headers, cookies, forms, and whether the page it comes from is ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from starlette.responses import RedirectResponse, Response

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from starlette.requests import Request
    from starlette.types import ASGIApp

SEE_OTHER = 303

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",  # with no-referrer a browser would not say the origin of a form
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


class SafeHeaders:
    """Adds the headers that every answer has, whoever made it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        """Answer, with the headers."""

        async def with_headers(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                known = {name.lower() for name, _ in message.get("headers", [])}
                ours = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
                message["headers"] = [*message.get("headers", []), *(pair for pair in ours if pair[0] not in known)]
            await send(message)

        await self._app(scope, receive, with_headers)


async def fields(request: Request, most: int = 20) -> dict[str, str]:
    """Read a form; a file in it is not read."""
    async with request.form(max_files=0, max_fields=most, max_part_size=16_384) as form:
        return {name: value for name, value in form.items() if isinstance(value, str)}


def is_foreign(request: Request) -> bool:
    """Tell whether the browser says that the request comes from another origin."""
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        return True
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != request.headers.get("host", "")


def root(request: Request) -> str:
    """Give the path under which the pages are mounted."""
    return str(request.scope.get("root_path", "")).rstrip("/")


def to_sign_in(request: Request) -> Response:
    """Send the browser to the page on which one signs in."""
    return RedirectResponse(f"{root(request)}/sign-in", SEE_OTHER)


def set_cookie(answer: Response, name: str, value: str, *, seconds: int | None = None) -> None:
    """Set a cookie that only this server is told, and no script."""
    answer.set_cookie(name, value, max_age=seconds, path="/", secure=True, httponly=True, samesite="strict")
