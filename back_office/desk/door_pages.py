"""Signing in at the desk, and out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from back_office.desk import web
from back_office.desk.officers import Door, SignedIn, SignInClosed
from back_office.desk.sessions import same

if TYPE_CHECKING:
    from starlette.requests import Request

FORM_COOKIE = "__Host-guichet-form"
_FORM_SECONDS = 600


class DoorPages:
    """The pages at the door."""

    def __init__(self, on: web.Web) -> None:
        self._web = on
        self._door = Door(on.it)

    def routes(self) -> list[Route]:
        """List what is answered here."""
        return [
            Route("/sign-in", self.show_sign_in),
            Route("/sign-in", self.sign_in, methods=["POST"]),
            Route("/sign-out", self.sign_out, methods=["POST"]),
        ]

    async def show_sign_in(self, request: Request) -> Response:
        """Show the form, with a token that its answer must bring back."""
        return self._page(request, status=200, problem="")

    async def sign_in(self, request: Request) -> Response:
        """Check name and password; a right one begins a new session."""
        form = await web.fields(request)
        if web.is_foreign(request) or not same(request.cookies.get(FORM_COOKIE, ""), form.get("token", "")):
            return self._page(request, web.FORBIDDEN, "The page was open too long. Sign in again.")
        address = request.client.host if request.client else ""
        result = await run_in_threadpool(self._door.sign_in, form.get("officer", ""), form.get("password", ""), address)
        if isinstance(result, SignInClosed):
            local = result.until.astimezone(self._web.it.scheme.bank_change.zone)
            problem = f"Too many attempts. Signing in is possible again at {local:%H:%M}."
            return self._page(request, web.TOO_MANY, problem)
        if not isinstance(result, SignedIn):
            return self._page(request, web.UNAUTHORIZED, "Name or password is wrong. Check both and try again.")
        self._web.sessions.end(request.cookies.get(web.COOKIE, ""))
        answer = RedirectResponse(f"{web.root(request)}/", web.SEE_OTHER)
        _set_cookie(answer, web.COOKIE, self._web.sessions.begin(result.officer))
        answer.delete_cookie(FORM_COOKIE, path="/", secure=True, httponly=True, samesite="strict")
        return answer

    async def sign_out(self, request: Request) -> Response:
        """End the session."""
        visit = self._web.visit(request)
        form = await web.fields(request)
        if visit is not None and self._web.may_change(request, visit, form):
            self._web.sessions.end(visit.token)
        answer = web.to_sign_in(request)
        answer.delete_cookie(web.COOKIE, path="/", secure=True, httponly=True, samesite="strict")
        return answer

    def _page(self, request: Request, status: int, problem: str) -> Response:
        token = self._web.it.ids.token(16).hex()
        answer = self._web.page(request, "sign_in.html", status, token=token, problem=problem)
        _set_cookie(answer, FORM_COOKIE, token, seconds=_FORM_SECONDS)
        return answer


def _set_cookie(answer: Response, name: str, value: str, *, seconds: int | None = None) -> None:
    answer.set_cookie(name, value, max_age=seconds, path="/", secure=True, httponly=True, samesite="strict")
