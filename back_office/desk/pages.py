"""The desk page of one office: plain pages from the server, which work without JavaScript and load nothing from elsewhere.

    web                  sessions, forms, headers, how a page is set
    door_pages           signing in and out
    case_pages           a case, and the papers brought for it
    entry_pages          entering for somebody without a card
    certificate_pages    printing a certificate for a person
    letter_pages         letters with a first PIN

Rules:
- A page that renews itself is no act of the officer: it does not keep the session alive.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from back_office.desk import acts, queues, web
from back_office.desk.case_pages import CasePages
from back_office.desk.certificate_pages import CertificatePages
from back_office.desk.door_pages import DoorPages
from back_office.desk.entry_pages import EntryPages
from back_office.desk.letter_pages import LetterPages

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from back_office.installation import Installation

RENEW_SECONDS = 30

_CALLS = {"answer": acts.answer_call, "code": acts.help_from_desk}
"""What an officer can do about a call for staff."""


class QueuePages:
    """What waits: calls for staff, and cases."""

    def __init__(self, on: web.Web) -> None:
        self._web, self._it = on, on.it

    def routes(self) -> list[Route]:
        """List what is answered here."""
        answer_call = self._web.changing(self._answer_call)
        return [
            Route("/", self.show_queue),
            *(Route(f"/calls/{{number:int}}/{act}", answer_call, methods=["POST"]) for act in _CALLS),
        ]

    async def show_queue(self, request: Request) -> Response:
        """Show what waits; with `?renew=1` the page asks for itself again every half minute."""
        renews = request.query_params.get("renew", "1") != "0"
        visit = self._web.visit(request, acts=request.query_params.get("by") != "clock")
        if visit is None:
            return web.to_sign_in(request)
        waiting = await run_in_threadpool(queues.queue, self._it, visit.session.officer.office)
        return self._web.page(
            request, "queue.html", 200, visit=visit, queue=waiting, renews=renews, renew_seconds=RENEW_SECONDS
        )

    async def _answer_call(self, request: Request, visit: web.Visit, form: dict[str, str]) -> Response:
        """Note that this officer goes to the terminal, or give a code to help from here."""
        del form
        number, act = request.path_params["number"], _CALLS[request.url.path.rpartition("/")[2]]
        result = await run_in_threadpool(act, self._it, visit.session.officer, number)
        return self._web.then(
            request, visit, "/", result.said if isinstance(result, acts.Done) else f"{result.why} {result.remedy}"
        )


def desk_app(it: Installation) -> Starlette:
    """Build the page over an opened installation, to serve alone or to mount under a path."""
    on = web.Web(it)
    parts = (QueuePages(on), DoorPages(on), CasePages(on), EntryPages(on), CertificatePages(on), LetterPages(on))
    return Starlette(
        routes=[
            *(route for part in parts for route in part.routes()),
            Mount("/static", StaticFiles(directory=web.HERE / "static")),
        ],
        middleware=[Middleware(web.SafeHeaders)],
        exception_handlers={HTTPException: on.error, Exception: on.fault},
    )
