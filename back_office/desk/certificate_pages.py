"""The pages on which an officer prints, for a person, a certificate that was issued."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.routing import Route

from back_office.desk import certificate_papers, web
from back_office.desk.acts import NotDone
from back_office.desk.certificate_papers import Asked

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response


class CertificatePages:
    """Whose certificates, then which."""

    def __init__(self, on: web.Web) -> None:
        self._web, self._it = on, on.it

    def routes(self) -> list[Route]:
        """List what is answered here."""
        return [
            Route("/certificates", self._web.looking(self._whose)),
            Route("/certificates", self._web.changing(self._list), methods=["POST"]),
            Route("/certificates/{id}", self._web.changing(self._print), methods=["POST"]),
        ]

    async def _whose(self, request: Request, visit: web.Visit) -> Response:
        """Ask whose, and which document was seen."""
        return self._page(request, visit, 200, Asked(), None)

    async def _list(self, request: Request, visit: web.Visit, form: dict[str, str]) -> Response:
        """List what was issued to the person. It is noted, so that it comes by a form and not by an address."""
        asked = _asked(form)
        found = await run_in_threadpool(certificate_papers.look, self._it, visit.session.officer, asked)
        return self._page(request, visit, web.CONFLICT if isinstance(found, NotDone) else 200, asked, found)

    async def _print(self, request: Request, visit: web.Visit, form: dict[str, str]) -> Response:
        """Give the paper."""
        asked, certificate = _asked(form), str(request.path_params["id"])
        made = await run_in_threadpool(certificate_papers.make, self._it, visit.session.officer, asked, certificate)
        if isinstance(made, NotDone):
            return self._page(request, visit, web.CONFLICT, asked, made)
        return web.as_file(made.name, "application/pdf", made.pdf)

    def _page(
        self, request: Request, visit: web.Visit, status: int, asked: Asked, found: certificate_papers.Listed | NotDone | None
    ) -> Response:
        return self._web.page(
            request, "certificates.html", status, visit=visit, asked=asked,
            documents=certificate_papers.documents(self._it), listed=None if isinstance(found, NotDone) else found,
            problem=found if isinstance(found, NotDone) else None,
        )  # fmt: skip


def _asked(form: dict[str, str]) -> Asked:
    return Asked(form.get("person", "").strip(), form.get("document", ""))
