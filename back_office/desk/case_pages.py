"""A case on the desk page: shown whole, decided, and what was brought to the desk for it kept with it.

Rules:
- Looked at, a scan comes as a file to be kept apart: never shown as part of the page, whatever is in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.concurrency import run_in_threadpool
from starlette.routing import Route

from back_office.desk import acts, papers, queues, scans, web
from back_office.desk.examined import ENTERED

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

_LABELS: Final = {
    acts.Act.APPROVE: ("Approve", "Let the change go on (waiting times still apply)."),
    acts.Act.REFUSE: ("Refuse", "End the change; the person is told, with your reason."),
    acts.Act.BANK_PROOF: ("Enter the bank's paper", "You saw a paper of the bank that names the holder."),
    acts.Act.HOLD: ("Hold", "Nothing goes on before an officer has approved."),
    acts.Act.UPHOLD: ("Uphold the dispute", "Payments go back to the account before."),
    acts.Act.DISMISS: ("Dismiss the dispute", "The change was the person's own; takes two officers."),
    acts.Act.ACCEPT: ("Accept as it is", "Let it be decided by the rules, as the person signed it."),
    acts.Act.RETRY: ("Try again", "Have it decided again as it came."),
    acts.Act.CLOSE: ("Close the case", "Nothing more is to be done here."),
}
_OF_AN_ITEM: Final = {
    acts.Act.REFUSE: ("Refuse", "End it; the person is told, with your reason, where it is known whose it is."),
}
_OF_AN_ENTRY: Final = {
    acts.Act.ACCEPT: ("Approve the entry", "You stand beside your colleague for what was seen."),
}


class CasePages:
    """Cases and their papers."""

    def __init__(self, on: web.Web) -> None:
        self._web, self._it = on, on.it

    def routes(self) -> list[Route]:
        """List what is answered here."""
        return [
            Route("/cases/{number:int}", self._web.looking(self._show)),
            Route("/cases/{number:int}", self._web.changing(self._decide), methods=["POST"]),
            Route("/cases/{number:int}/papers", self._web.looking(self._attach), methods=["POST"]),
            Route("/papers/{number:int}", self._web.looking(self._paper)),
        ]

    async def _show(self, request: Request, visit: web.Visit) -> Response:
        """Show a case whole."""
        return await self._case_page(request, visit, 200)

    async def _decide(self, request: Request, visit: web.Visit, form: dict[str, str]) -> Response:
        """Take one act on a case."""
        decision = _decision(form)
        if decision is None:
            problem = acts.NotDone("Nothing was chosen.", "Choose what to do, and write why.")
            return await self._case_page(request, visit, web.CONFLICT, problem, form)
        number = str(request.path_params["number"])
        result = await run_in_threadpool(acts.decide, self._it, visit.session.officer, number, decision)
        if isinstance(result, acts.NotDone):
            return await self._case_page(request, visit, web.CONFLICT, result, form)
        said = f"{result.said} Stage: {result.stage}." if result.stage else result.said
        return self._web.then(request, visit, f"/cases/{number}", said)

    async def _attach(self, request: Request, visit: web.Visit) -> Response:
        """Keep a scan with a case."""
        read = await scans.read_form(request)
        if isinstance(read, acts.NotDone):
            return await self._case_page(request, visit, web.TOO_LARGE, read)
        form, name, content = read
        if not self._web.may_change(request, visit, form):
            return self._web.refused(request, visit)
        number = str(request.path_params["number"])
        result = await run_in_threadpool(papers.attach, self._it, visit.session.officer, number, name, content)
        if isinstance(result, acts.NotDone):
            return await self._case_page(request, visit, web.CONFLICT, result)
        return self._web.then(request, visit, f"/cases/{number}", result.said)

    async def _paper(self, request: Request, visit: web.Visit) -> Response:
        """Give a scan to look at."""
        number = int(request.path_params["number"])
        scan = await run_in_threadpool(papers.read, self._it, visit.session.officer, number)
        if scan is None:
            what = "There is no such paper in your office."
            return self._web.message(request, visit, web.NOT_FOUND, what, "Go back to the list.")
        return web.as_file(scan.name, scan.media_type, scan.content)

    async def _case_page(
        self,
        request: Request,
        visit: web.Visit,
        status: int,
        problem: acts.NotDone | None = None,
        form: dict[str, str] | None = None,
    ) -> Response:
        number = str(request.path_params["number"])
        file = await run_in_threadpool(self._open, number, visit)
        if isinstance(file, queues.NoSuchCase):
            what = "There is no such case in your office."
            return self._web.message(request, visit, web.NOT_FOUND, what, "Go back to the list.")
        barred = queues.is_barred(file, visit.session.officer.id)
        labels = _labels(file)
        choices = [(act.value, *labels[act]) for act in acts.possible(file) if not (barred and act in acts.FOR_ANOTHER)]
        return self._web.page(
            request,
            "case.html",
            status,
            visit=visit,
            file=file,
            choices=choices,
            barred=barred,
            problem=problem,
            form=form or {},
        )

    def _open(self, number: str, visit: web.Visit) -> queues.CaseFile | queues.NoSuchCase:
        with self._it.work() as work:
            return queues.open_file(work, number, visit.session.officer)


def _labels(file: queues.CaseFile) -> dict[acts.Act, tuple[str, str]]:
    """Name every act as it is called on this case, and say what it does."""
    of_an_item = {} if file.item is None else _OF_AN_ITEM
    of_an_entry = _OF_AN_ENTRY if file.kind == ENTERED else {}
    return _LABELS | of_an_item | of_an_entry


def _decision(form: dict[str, str]) -> acts.Decision | None:
    try:
        revision = int(form.get("revision", ""))
        return acts.Decision(acts.Act(form.get("act", "")), form.get("reason", ""), form.get("document", ""), revision)
    except ValueError:
        return None
