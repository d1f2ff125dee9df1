"""The pages on which officers enter for somebody without a card: at the desk, and on the telephone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.routing import Route

from back_office.desk import acts, entries, web
from kiosk.domain.by_officer import CHANNELS
from kiosk.domain.reference import format as write_reference

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

_MOST_ANSWERS = 80
_ANSWER = "answer."
"""What the name of a field begins with that answers a question of the service."""


class EntryPages:
    """What is entered, page by page."""

    def __init__(self, on: web.Web) -> None:
        self._web, self._it = on, on.it

    def routes(self) -> list[Route]:
        """List what is answered here."""
        entry = "/entries/{channel}/{service}"
        return [
            Route("/entries", self._web.looking(self._choices)),
            Route(entry, self._web.looking(self._empty)),
            Route(entry, self._web.changing(self._enter, _MOST_ANSWERS), methods=["POST"]),
        ]

    async def _choices(self, request: Request, visit: web.Visit) -> Response:
        """Show what can be entered, by channel."""
        by_channel = [(channel.value, entries.offers(self._it, channel)) for channel in CHANNELS]
        return self._web.page(request, "entries.html", 200, visit=visit, by_channel=by_channel)

    async def _empty(self, request: Request, visit: web.Visit) -> Response:
        """Show the page of one service, empty."""
        return await self._entry_page(request, visit, _typed(request, {}))

    async def _enter(self, request: Request, visit: web.Visit, form: dict[str, str]) -> Response:
        """Go on with a page, go back to it, or enter what it says."""
        typed = _typed(request, form)
        if typed is None or form.get("step") != "enter":
            return await self._entry_page(request, visit, typed, edits=form.get("step") == "back")
        result = await run_in_threadpool(entries.enter, self._it, visit.session.officer, typed)
        if isinstance(result, entries.Sheet):
            return self._sheet(request, visit, web.CONFLICT, result)
        if isinstance(result, acts.NotDone):
            return self._web.message(request, visit, web.CONFLICT, result.why, result.remedy)
        target = "/" if result.case is None else f"/cases/{result.case}"
        said = f"{result.said} Reference {write_reference(result.reference)}."
        return self._web.then(request, visit, target, said)

    async def _entry_page(
        self, request: Request, visit: web.Visit, typed: entries.Typed | None, *, edits: bool = False
    ) -> Response:
        sheet = None
        if typed is not None:
            sheet = await run_in_threadpool(entries.look, self._it, visit.session.officer, typed)
        if sheet is None:
            what = "This cannot be entered in this way."
            return self._web.message(request, visit, web.NOT_FOUND, what, "Choose from the list.")
        return self._sheet(request, visit, 200, replace(sheet, ready=False) if edits else sheet)

    def _sheet(self, request: Request, visit: web.Visit, status: int, sheet: entries.Sheet) -> Response:
        return self._web.page(request, "entry.html", status, visit=visit, sheet=sheet, typed=sheet.typed)


def _typed(request: Request, form: dict[str, str]) -> entries.Typed | None:
    """Read what an officer typed; None for a channel on which no officer enters."""
    channel = next((one for one in CHANNELS if one.value == request.path_params["channel"]), None)
    if channel is None:
        return None
    answers = {name.removeprefix(_ANSWER): value for name, value in form.items() if name.startswith(_ANSWER)}
    service = str(request.path_params["service"])
    known = {name: form.get(name, "") for name in ("id", "person", "document", "seen_on")}
    return entries.Typed(channel, service, answers=answers, **known)
