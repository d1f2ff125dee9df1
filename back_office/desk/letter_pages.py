"""The pages for letters with a first PIN: what waits, printed once, handed over by another officer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.routing import Route

from back_office.desk import certificate_papers, pin_papers, web
from back_office.desk.acts import Done, NotDone
from back_office.pin_letters import GivenOut

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response


class LetterPages:
    """Letters of cards, and of numbers."""

    def __init__(self, on: web.Web) -> None:
        self._web, self._it = on, on.it

    def routes(self) -> list[Route]:
        """List what is answered here."""
        changing = self._web.changing
        return [
            Route("/letters", self._web.looking(self._list)),
            Route("/letters/card/{of}/print", changing(self._print_for_card), methods=["POST"]),
            Route("/letters/card/{of}/hand-over", changing(self._hand_over_for_card), methods=["POST"]),
            Route("/letters/number/print", changing(self._print_for_number), methods=["POST"]),
            Route("/letters/number/hand-over", changing(self._hand_over_for_number), methods=["POST"]),
        ]

    async def _list(self, request: Request, visit: web.Visit) -> Response:
        """Show what waits."""
        return await self._page(request, visit, 200, None)

    async def _print_for_card(self, request: Request, visit: web.Visit, form: dict[str, str]) -> Response:
        """Print the letter of a card."""
        del form
        card = str(request.path_params["of"])
        printed = await run_in_threadpool(pin_papers.print_for_card, self._it, visit.session.officer, card)
        return await self._answer(request, visit, printed)

    async def _hand_over_for_card(self, request: Request, visit: web.Visit, form: dict[str, str]) -> Response:
        """Note that the holder has it."""
        card, document = str(request.path_params["of"]), form.get("document", "")
        officer = visit.session.officer
        handed = await run_in_threadpool(pin_papers.hand_over_for_card, self._it, officer, card, document)
        return await self._answer(request, visit, handed)

    async def _print_for_number(self, request: Request, visit: web.Visit, form: dict[str, str]) -> Response:
        """Draw a PIN for a number and print its letter."""
        number, way = form.get("person", ""), form.get("way", "")
        printed = await run_in_threadpool(pin_papers.print_for_number, self._it, visit.session.officer, number, way)
        return await self._answer(request, visit, printed)

    async def _hand_over_for_number(self, request: Request, visit: web.Visit, form: dict[str, str]) -> Response:
        """Note that the person has it. The number comes in the form: it stands in no address, and so in no log."""
        number, document = form.get("person", ""), form.get("document", "")
        officer = visit.session.officer
        handed = await run_in_threadpool(pin_papers.hand_over_for_number, self._it, officer, number, document)
        return await self._answer(request, visit, handed)

    async def _answer(self, request: Request, visit: web.Visit, result: GivenOut | Done | NotDone) -> Response:
        if isinstance(result, GivenOut):
            return web.as_file(result.name, "application/pdf", result.pdf)
        if isinstance(result, NotDone):
            return await self._page(request, visit, web.CONFLICT, result)
        return self._web.then(request, visit, "/letters", result.said)

    async def _page(self, request: Request, visit: web.Visit, status: int, problem: NotDone | None) -> Response:
        found = await run_in_threadpool(pin_papers.waiting, self._it, visit.session.officer)
        documents = certificate_papers.documents(self._it)
        return self._web.page(
            request, "letters.html", status, visit=visit, waiting=found, problem=problem, documents=documents,
            me=visit.session.officer.id,
        )  # fmt: skip
