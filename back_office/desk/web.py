"""What every page of the desk stands on: who is signed in, forms that are of a session, headers, and how a page is set.

Rules:
- Everything but signing in needs a session; the cookie is `__Host-`, HttpOnly, Secure and SameSite=Strict.
- Every form carries a token; a request that says it comes from another origin changes nothing.
- The strictest content policy: no script, styles of our own only, no frame. No page is kept by the browser.
- What a request brings is read only once it is known that it is of somebody who is signed in.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse, Response

from back_office.desk.sessions import IDLE_SECONDS, Session, Sessions, same

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    from starlette.requests import Request
    from starlette.types import ASGIApp

    from back_office.installation import Installation

    Endpoint = Callable[[Request], Awaitable[Response]]

HERE = Path(__file__).parent
COOKIE = "__Host-guichet-desk"
SEE_OTHER, UNAUTHORIZED, FORBIDDEN, NOT_FOUND, CONFLICT, TOO_LARGE, TOO_MANY = 303, 401, 403, 404, 409, 413, 429

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


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of a signed-in officer."""

    token: str
    session: Session


class Web:
    """The pages of one installation: who looks at them, and how they are answered."""

    def __init__(self, it: Installation) -> None:
        self.it = it
        self.sessions = Sessions(it.clock, it.ids)
        self._pages = Environment(
            loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, auto_reload=False
        )

    # --- who asks -------------------------------------------------------------------------------------

    def visit(self, request: Request, *, acts: bool = True) -> Visit | None:
        """Return who is signed in; `acts`: this request is the officer's own act."""
        token = request.cookies.get(COOKIE, "")
        session = self.sessions.find(token, acts=acts) if token else None
        return None if session is None else Visit(token, session)

    def may_change(self, request: Request, visit: Visit, form: dict[str, str]) -> bool:
        """Tell whether a form is of this session and of this origin."""
        return not is_foreign(request) and same(visit.session.csrf, form.get("csrf", ""))

    def looking(self, show: Callable[[Request, Visit], Awaitable[Response]]) -> Endpoint:
        """Make an endpoint of a page that only signed-in officers see."""

        async def endpoint(request: Request) -> Response:
            visit = self.visit(request)
            return to_sign_in(request) if visit is None else await show(request, visit)

        return endpoint

    def changing(
        self, act: Callable[[Request, Visit, dict[str, str]], Awaitable[Response]], most: int = 20
    ) -> Endpoint:
        """Make an endpoint of an act: of a signed-in officer, by a form of the session, with `most` fields."""

        async def endpoint(request: Request) -> Response:
            visit = self.visit(request)
            if visit is None:
                return to_sign_in(request)
            form = await fields(request, most)
            return await act(request, visit, form) if self.may_change(request, visit, form) else self.refused(request, visit)

        return endpoint

    # --- what is answered -----------------------------------------------------------------------------

    def page(self, request: Request, name: str, status: int, **values: Any) -> Response:
        """Set a page; what was to be said to the officer is said on it, once."""
        visit: Visit | None = values.pop("visit", None)
        flash = "" if visit is None else visit.session.flash
        if visit is not None and flash:
            self.sessions.say(visit.token, "")
        text = self._pages.get_template(name).render(
            root=root(request),
            officer=None if visit is None else visit.session.officer,
            csrf="" if visit is None else visit.session.csrf,
            flash=flash,
            idle_minutes=IDLE_SECONDS // 60,
            **values,
        )
        return HTMLResponse(text, status)

    def message(self, request: Request, visit: Visit | None, status: int, what: str, remedy: str) -> Response:
        """Say one thing, and what to do."""
        return self.page(request, "message.html", status, visit=visit, what=what, remedy=remedy)

    def refused(self, request: Request, visit: Visit) -> Response:
        """Say that a form was none of the session's."""
        what = "This form is not of your session; nothing was changed."
        return self.message(request, visit, FORBIDDEN, what, "Go back and try again.")

    def then(self, request: Request, visit: Visit, target: str, said: str) -> Response:
        """Go on to another page, and say there what was done."""
        self.sessions.say(visit.token, said)
        return RedirectResponse(f"{root(request)}{target}", SEE_OTHER)

    async def error(self, request: Request, exception: Exception) -> Response:
        """Say an error as a page; what it was stays in the server."""
        status = exception.status_code if isinstance(exception, HTTPException) else 500
        what = "There is no such page." if status == NOT_FOUND else "This cannot be done here."
        return self.message(request, None, status, what, "Go back to the list.")

    async def fault(self, request: Request, exception: Exception) -> Response:
        """Say that it is our fault, without the fault itself."""
        del exception
        return self.message(request, None, 500, "Something went wrong on our side.", "Try again; nothing was changed.")


def as_file(name: str, media_type: str, content: bytes) -> Response:
    """Give a file to be kept apart: never shown as part of a page, whatever is in it."""
    disposition = f"attachment; filename*=UTF-8''{quote(name)}"
    return Response(content, media_type=media_type, headers={"content-disposition": disposition})


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
    """Return under which path the pages are mounted."""
    return str(request.scope.get("root_path", "")).rstrip("/")


def to_sign_in(request: Request) -> Response:
    """Send who is not signed in to the door."""
    return RedirectResponse(f"{root(request)}/sign-in", SEE_OTHER)
