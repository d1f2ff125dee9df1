"""The desk page of one office: plain pages from the server, which work without JavaScript and load nothing from elsewhere.

Rules:
- Everything but signing in needs a session; the cookie is `__Host-`, HttpOnly, Secure and SameSite=Strict.
- Every form carries a token; a request that says it comes from another origin changes nothing.
- The strictest content policy: no script, styles of our own only, no frame. No page is kept by the browser.
- A page that renews itself is no act of the officer: it does not keep the session alive.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from back_office.desk import acts, browser, entries, paper_pages, papers, queues
from back_office.desk.examined import ENTERED
from back_office.desk.officers import Door, SignedIn, SignInClosed
from back_office.desk.sessions import IDLE_SECONDS, Session, Sessions, same
from kiosk.domain.by_officer import CHANNELS
from kiosk.domain.reference import format as write_reference

if TYPE_CHECKING:

    from starlette.requests import Request

    from back_office.installation import Installation

HERE = Path(__file__).parent
COOKIE, FORM_COOKIE = "__Host-guichet-desk", "__Host-guichet-form"
RENEW_SECONDS = 30
_MOST_ANSWERS = 80
_ANSWER = "answer."
"""What the name of a field begins with that answers a question of the service."""
_FORM_SECONDS = 600
_SEE_OTHER, _FORBIDDEN, _NOT_FOUND, _CONFLICT, _UNAUTHORIZED, _TOO_MANY = 303, 403, 404, 409, 401, 429
_TOO_LARGE = 413

_LABELS = {
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


_CALLS = {"answer": acts.answer_call, "code": acts.help_from_desk}
"""What an officer can do about a call for staff."""


@dataclass(frozen=True, slots=True)
class _Visit:
    """One request of a signed-in officer."""

    token: str
    session: Session


class Desk:
    """The handlers over one installation."""

    def __init__(self, it: Installation) -> None:
        self._it = it
        self._door = Door(it)
        self._sessions = Sessions(it.clock, it.ids)
        self._pages = Environment(
            loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, auto_reload=False
        )

    # --- signing in -----------------------------------------------------------------------------------

    async def show_sign_in(self, request: Request) -> Response:
        """Show the form, with a token that its answer must bring back."""
        return self._sign_in_page(request, status=200, problem="")

    async def sign_in(self, request: Request) -> Response:
        """Check name and password; a right one begins a new session."""
        form = await browser.fields(request)
        if browser.is_foreign(request) or not same(request.cookies.get(FORM_COOKIE, ""), form.get("token", "")):
            return self._sign_in_page(request, _FORBIDDEN, "The page was open too long. Sign in again.")
        address = request.client.host if request.client else ""
        result = await run_in_threadpool(self._door.sign_in, form.get("officer", ""), form.get("password", ""), address)
        if isinstance(result, SignInClosed):
            local = result.until.astimezone(self._it.scheme.bank_change.zone)
            problem = f"Too many attempts. Signing in is possible again at {local:%H:%M}."
            return self._sign_in_page(request, _TOO_MANY, problem)
        if not isinstance(result, SignedIn):
            return self._sign_in_page(request, _UNAUTHORIZED, "Name or password is wrong. Check both and try again.")
        self._sessions.end(request.cookies.get(COOKIE, ""))
        answer = RedirectResponse(f"{browser.root(request)}/", _SEE_OTHER)
        browser.set_cookie(answer, COOKIE, self._sessions.begin(result.officer))
        answer.delete_cookie(FORM_COOKIE, path="/", secure=True, httponly=True, samesite="strict")
        return answer

    async def sign_out(self, request: Request) -> Response:
        """End the session."""
        visit = self._visit(request)
        form = await browser.fields(request)
        if visit is not None and self._may_change(request, visit, form):
            self._sessions.end(visit.token)
        answer = RedirectResponse(f"{browser.root(request)}/sign-in", _SEE_OTHER)
        answer.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="strict")
        return answer

    def _sign_in_page(self, request: Request, status: int, problem: str) -> Response:
        token = self._it.ids.token(16).hex()
        answer = self._page(request, "sign_in.html", status, token=token, problem=problem)
        browser.set_cookie(answer, FORM_COOKIE, token, seconds=_FORM_SECONDS)
        return answer

    # --- the queue ------------------------------------------------------------------------------------

    async def show_queue(self, request: Request) -> Response:
        """Show what waits; with `?renew=1` the page asks for itself again every half minute."""
        renews = request.query_params.get("renew", "1") != "0"
        visit = self._visit(request, acts=request.query_params.get("by") != "clock")
        if visit is None:
            return browser.to_sign_in(request)
        waiting = await run_in_threadpool(queues.queue, self._it, visit.session.officer.office)
        return self._page(
            request, "queue.html", 200, visit=visit, queue=waiting, renews=renews, renew_seconds=RENEW_SECONDS
        )

    async def answer_call(self, request: Request) -> Response:
        """Note that this officer goes to the terminal, or give a code to help from here."""
        visit = self._visit(request)
        if visit is None:
            return browser.to_sign_in(request)
        if not self._may_change(request, visit, await browser.fields(request)):
            return self._refused(request, visit)
        number, act = request.path_params["number"], _CALLS[request.url.path.rpartition("/")[2]]
        result = await run_in_threadpool(act, self._it, visit.session.officer, number)
        self._sessions.say(
            visit.token, result.said if isinstance(result, acts.Done) else f"{result.why} {result.remedy}"
        )
        return RedirectResponse(f"{browser.root(request)}/", _SEE_OTHER)

    # --- a case ---------------------------------------------------------------------------------------

    async def show_case(self, request: Request) -> Response:
        """Show a case whole."""
        visit = self._visit(request)
        if visit is None:
            return browser.to_sign_in(request)
        return await self._case_page(request, visit, 200)

    async def decide(self, request: Request) -> Response:
        """Take one act on a case."""
        visit = self._visit(request)
        if visit is None:
            return browser.to_sign_in(request)
        form = await browser.fields(request)
        if not self._may_change(request, visit, form):
            return self._refused(request, visit)
        decision = _decision(form)
        if decision is None:
            problem = acts.NotDone("Nothing was chosen.", "Choose what to do, and write why.")
            return await self._case_page(request, visit, _CONFLICT, problem, form)
        number = str(request.path_params["number"])
        result = await run_in_threadpool(acts.decide, self._it, visit.session.officer, number, decision)
        if isinstance(result, acts.NotDone):
            return await self._case_page(request, visit, _CONFLICT, result, form)
        self._sessions.say(visit.token, f"{result.said} Stage: {result.stage}." if result.stage else result.said)
        return RedirectResponse(f"{browser.root(request)}/cases/{number}", _SEE_OTHER)

    # --- papers -----------------------------------------------------------------------------------------

    async def attach(self, request: Request) -> Response:
        """Keep a scan with a case."""
        visit = self._visit(request)
        if visit is None:
            return browser.to_sign_in(request)
        read = await paper_pages.read_form(request)
        if isinstance(read, acts.NotDone):
            return await self._case_page(request, visit, _TOO_LARGE, read)
        form, name, content = read
        if not self._may_change(request, visit, form):
            return self._refused(request, visit)
        number = str(request.path_params["number"])
        result = await run_in_threadpool(papers.attach, self._it, visit.session.officer, number, name, content)
        if isinstance(result, acts.NotDone):
            return await self._case_page(request, visit, _CONFLICT, result)
        self._sessions.say(visit.token, result.said)
        return RedirectResponse(f"{browser.root(request)}/cases/{number}", _SEE_OTHER)

    async def show_paper(self, request: Request) -> Response:
        """Give a scan to look at."""
        visit = self._visit(request)
        if visit is None:
            return browser.to_sign_in(request)
        number = int(request.path_params["number"])
        scan = await run_in_threadpool(papers.read, self._it, visit.session.officer, number)
        if scan is None:
            return self._message(request, visit, _NOT_FOUND, "There is no such paper in your office.", "Go back to the list.")
        return paper_pages.as_file(scan)

    # --- entering for somebody without a card ---------------------------------------------------------

    async def show_entries(self, request: Request) -> Response:
        """Show what can be entered: at the desk, and on the telephone."""
        visit = self._visit(request)
        if visit is None:
            return browser.to_sign_in(request)
        by_channel = [(channel.value, entries.offers(self._it, channel)) for channel in CHANNELS]
        return self._page(request, "entries.html", 200, visit=visit, by_channel=by_channel)

    async def show_entry(self, request: Request) -> Response:
        """Show the page of one service, empty."""
        visit = self._visit(request)
        if visit is None:
            return browser.to_sign_in(request)
        return await self._entry_page(request, visit, _typed(request, {}))

    async def enter(self, request: Request) -> Response:
        """Go on with a page, go back to it, or enter what it says."""
        visit = self._visit(request)
        if visit is None:
            return browser.to_sign_in(request)
        form = await browser.fields(request, most=_MOST_ANSWERS)
        if not self._may_change(request, visit, form):
            return self._refused(request, visit)
        typed = _typed(request, form)
        if typed is None or form.get("step") != "enter":
            return await self._entry_page(request, visit, typed, edits=form.get("step") == "back")
        result = await run_in_threadpool(entries.enter, self._it, visit.session.officer, typed)
        if isinstance(result, entries.Sheet):
            return self._sheet(request, visit, _CONFLICT, result)
        if isinstance(result, acts.NotDone):
            return self._message(request, visit, _CONFLICT, result.why, result.remedy)
        self._sessions.say(visit.token, f"{result.said} Reference {write_reference(result.reference)}.")
        target = "/" if result.case is None else f"/cases/{result.case}"
        return RedirectResponse(f"{browser.root(request)}{target}", _SEE_OTHER)

    async def _entry_page(
        self, request: Request, visit: _Visit, typed: entries.Typed | None, *, edits: bool = False
    ) -> Response:
        sheet = None
        if typed is not None:
            sheet = await run_in_threadpool(entries.look, self._it, visit.session.officer, typed)
        if sheet is None:
            return self._message(
                request, visit, _NOT_FOUND, "This cannot be entered in this way.", "Choose from the list."
            )
        return self._sheet(request, visit, 200, replace(sheet, ready=False) if edits else sheet)

    def _sheet(self, request: Request, visit: _Visit, status: int, sheet: entries.Sheet) -> Response:
        return self._page(request, "entry.html", status, visit=visit, sheet=sheet, typed=sheet.typed)

    # --- a case, whole --------------------------------------------------------------------------------

    async def _case_page(
        self,
        request: Request,
        visit: _Visit,
        status: int,
        problem: acts.NotDone | None = None,
        form: dict[str, str] | None = None,
    ) -> Response:
        number = str(request.path_params["number"])
        file = await run_in_threadpool(self._open, number, visit)
        if isinstance(file, queues.NoSuchCase):
            return self._message(
                request, visit, _NOT_FOUND, "There is no such case in your office.", "Go back to the list."
            )
        barred = queues.is_barred(file, visit.session.officer.id)
        refuse = ("Refuse", "End it; the person is told, with your reason, where it is known whose it is.")
        labels = _LABELS if file.item is None else _LABELS | {acts.Act.REFUSE: refuse}
        if file.kind == ENTERED:
            labels |= {acts.Act.ACCEPT: ("Approve the entry", "You stand beside your colleague for what was seen.")}
        choices = [(act.value, *labels[act]) for act in acts.possible(file) if not (barred and act in acts.FOR_ANOTHER)]
        return self._page(
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

    def _open(self, number: str, visit: _Visit) -> queues.CaseFile | queues.NoSuchCase:
        with self._it.work() as work:
            return queues.open_file(work, number, visit.session.officer)

    # --- parts ----------------------------------------------------------------------------------------

    async def error(self, request: Request, exception: Exception) -> Response:
        """Say an error as a page; what it was stays in the server."""
        status = exception.status_code if isinstance(exception, HTTPException) else 500
        what = "There is no such page." if status == _NOT_FOUND else "This cannot be done here."
        return self._message(request, None, status, what, "Go back to the list.")

    async def fault(self, request: Request, exception: Exception) -> Response:
        """Say that it is our fault, without the fault itself."""
        del exception
        return self._message(request, None, 500, "Something went wrong on our side.", "Try again; nothing was changed.")

    def _visit(self, request: Request, *, acts: bool = True) -> _Visit | None:
        token = request.cookies.get(COOKIE, "")
        session = self._sessions.find(token, acts=acts) if token else None
        return None if session is None else _Visit(token, session)

    def _may_change(self, request: Request, visit: _Visit, form: dict[str, str]) -> bool:
        return not browser.is_foreign(request) and same(visit.session.csrf, form.get("csrf", ""))

    def _refused(self, request: Request, visit: _Visit) -> Response:
        return self._message(
            request,
            visit,
            _FORBIDDEN,
            "This form is not of your session; nothing was changed.",
            "Go back and try again.",
        )

    def _message(self, request: Request, visit: _Visit | None, status: int, what: str, remedy: str) -> Response:
        return self._page(request, "message.html", status, visit=visit, what=what, remedy=remedy)

    def _page(self, request: Request, name: str, status: int, **values: Any) -> Response:
        visit: _Visit | None = values.pop("visit", None)
        flash = "" if visit is None else visit.session.flash
        if visit is not None and flash:
            self._sessions.say(visit.token, "")
        text = self._pages.get_template(name).render(
            root=browser.root(request),
            officer=None if visit is None else visit.session.officer,
            csrf="" if visit is None else visit.session.csrf,
            flash=flash,
            idle_minutes=IDLE_SECONDS // 60,
            **values,
        )
        return HTMLResponse(text, status)


def desk_app(it: Installation) -> Starlette:
    """Build the page over an opened installation, to serve alone or to mount under a path."""
    desk = Desk(it)
    return Starlette(
        routes=[
            Route("/", desk.show_queue),
            Route("/sign-in", desk.show_sign_in),
            Route("/sign-in", desk.sign_in, methods=["POST"]),
            Route("/sign-out", desk.sign_out, methods=["POST"]),
            Route("/cases/{number:int}", desk.show_case),
            Route("/cases/{number:int}", desk.decide, methods=["POST"]),
            Route("/cases/{number:int}/papers", desk.attach, methods=["POST"]),
            Route("/papers/{number:int}", desk.show_paper),
            Route("/entries", desk.show_entries),
            Route("/entries/{channel}/{service}", desk.show_entry),
            Route("/entries/{channel}/{service}", desk.enter, methods=["POST"]),
            *(Route(f"/calls/{{number:int}}/{act}", desk.answer_call, methods=["POST"]) for act in _CALLS),
            Mount("/static", StaticFiles(directory=HERE / "static")),
        ],
        middleware=[Middleware(browser.SafeHeaders)],
        exception_handlers={HTTPException: desk.error, Exception: desk.fault},
    )


def _decision(form: dict[str, str]) -> acts.Decision | None:
    try:
        revision = int(form.get("revision", ""))
        return acts.Decision(acts.Act(form.get("act", "")), form.get("reason", ""), form.get("document", ""), revision)
    except ValueError:
        return None


def _typed(request: Request, form: dict[str, str]) -> entries.Typed | None:
    """Read what an officer typed; None for a channel on which no officer enters."""
    channel = next((one for one in CHANNELS if one.value == request.path_params["channel"]), None)
    if channel is None:
        return None
    answers = {name.removeprefix(_ANSWER): value for name, value in form.items() if name.startswith(_ANSWER)}
    service = str(request.path_params["service"])
    known = {name: form.get(name, "") for name in ("id", "person", "document", "seen_on")}
    return entries.Typed(channel, service, answers=answers, **known)
