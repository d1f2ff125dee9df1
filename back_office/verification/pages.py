"""The pages: a form for the code, and what the paper shows; plain HTML in every language of the scheme, without any script.

Rules:
- The code is posted, never part of an address; nothing is kept by the browser, no cookie is set.
- The strictest content policy, as at the desk.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from back_office.desk.web import SafeHeaders
from back_office.verification.asking import NotShown, Shown, ask
from kiosk.domain.content import Facts, Paragraph, Said, Table
from kiosk.schemes import load_texts
from kiosk.schemes.texts import RIGHT_TO_LEFT

if TYPE_CHECKING:
    from starlette.requests import Request

    from back_office.installation import Installation
    from kiosk.domain.content import Block, Content, Words

HERE = Path(__file__).parent
_STATUS = {"form": 422, "unknown": 404, "too_many": 429}
_NAMES = {"en": "English", "cs": "Čeština", "ar": "العربية"}
LONGEST_CODE = 64


class Verification:
    """The handlers over one installation."""

    def __init__(self, it: Installation) -> None:
        self._it = it
        self._texts = load_texts(it.scheme.code)
        self._pages = Environment(
            loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, auto_reload=False
        )

    async def form(self, request: Request) -> Response:
        """Show the form."""
        return self._page(request, self._language(request), 200, problem="", typed="", shown=None)

    async def check(self, request: Request) -> Response:
        """Answer a code."""
        form = await request.form()
        typed = str(form.get("code", ""))[:LONGEST_CODE]
        language = self._known(str(form.get("lang", ""))) or self._language(request)
        address = request.client.host if request.client else ""
        found = await run_in_threadpool(ask, self._it, typed, address)
        if isinstance(found, NotShown):
            problem = self._texts.text(language, f"certificate.page.{found.why}")
            return self._page(request, language, _STATUS[found.why], problem=problem, typed=typed, shown=None)
        return self._page(request, language, 200, problem="", typed="", shown=found)

    def _page(
        self, request: Request, language: str, status: int, *, problem: str, typed: str, shown: Shown | None
    ) -> Response:
        def say(key: str, **parameters: str) -> str:
            return self._texts.text(language, key, **parameters)

        parameters: dict[str, Any] = {
            "root": request.scope.get("root_path", ""),
            "language": language,
            "direction": "rtl" if language in RIGHT_TO_LEFT else "ltr",
            "languages": [(code, _NAMES.get(code, code)) for code in self._texts.languages],
            "say": say,
            "problem": problem,
            "typed": typed,
            "shown": None if shown is None else self._shown(shown.content, language),
            "issued": "" if shown is None else say("certificate.page.issued", day=shown.issued_on, until=shown.valid_until),
        }
        return HTMLResponse(self._pages.get_template("certificate.html").render(parameters), status)

    def _shown(self, content: Content, language: str) -> dict[str, Any]:
        """Return the paper's own words, as the paper has them."""

        def read(words: Words) -> str:
            return self._texts.text(language, words.key, **words.parameters) if isinstance(words, Said) else words

        def block(one: Block) -> dict[str, Any]:
            match one:
                case Facts(rows, title):
                    return {"kind": "facts", "title": read(title), "rows": [(read(r.label), read(r.value)) for r in rows]}
                case Table(columns, rows, title):
                    cells = [[read(cell) for cell in row.cells] for row in rows]
                    return {"kind": "table", "title": read(title), "columns": [read(c) for c in columns], "rows": cells}
                case Paragraph(text):
                    return {"kind": "paragraph", "title": "", "text": read(text)}
                case _:
                    return {"kind": "nothing", "title": ""}

        return {"title": read(content.title), "text": read(content.text), "blocks": [block(one) for one in content.blocks]}

    def _known(self, language: str) -> str:
        return language if language in self._texts.languages else ""

    def _language(self, request: Request) -> str:
        """Take the language of the address, or the browser's, or the official one."""
        wanted = [request.query_params.get("lang", "")]
        wanted += [part.split(";")[0].strip()[:2].lower() for part in request.headers.get("accept-language", "").split(",")]
        return next((found for found in map(self._known, wanted) if found), self._it.scheme.official_language)


def verification_app(it: Installation) -> Starlette:
    """Make the application."""
    pages = Verification(it)
    return Starlette(
        routes=[
            Route("/", pages.form, methods=["GET"]),
            Route("/", pages.check, methods=["POST"]),
            Mount("/static", StaticFiles(directory=HERE / "static")),
        ],
        middleware=[Middleware(SafeHeaders)],
    )
