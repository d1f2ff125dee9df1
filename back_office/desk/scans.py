"""How the scan of a paper comes to the desk page.

Rules:
- A scan is sent whole in one form; it is the only page on which more than a form's size may come. It is read only when
  the page asks for it, which it does of an officer who is signed in: nobody else makes the server keep ten megabytes.
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException

from back_office.desk import papers
from back_office.desk.acts import NotDone

if TYPE_CHECKING:
    from collections.abc import MutableMapping
    from typing import Any

    from starlette.requests import Request
    from starlette.types import ASGIApp

LIMIT_BYTES = papers.LARGEST + 64 * 1024
_WHERE = re.compile(r"/cases/[0-9]+/papers")


def takes_scan(scope: MutableMapping[str, Any]) -> bool:
    """Tell whether a request may bring a scan."""
    return scope["type"] == "http" and scope["method"] == "POST" and bool(_WHERE.fullmatch(scope["path"]))


class ScanGuard:
    """Lets a body come as the page asks for it: up to a size, and from the first asking on within a time."""

    def __init__(self, app: ASGIApp, *, deadline_seconds: float, limit_bytes: int = LIMIT_BYTES) -> None:
        self._app = app
        self._limit = limit_bytes
        self._deadline = deadline_seconds

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        """Run one request."""
        size, until = 0, 0.0

        async def within() -> Any:
            nonlocal size, until
            until = until or asyncio.get_running_loop().time() + self._deadline
            try:
                async with asyncio.timeout_at(until):
                    message = await receive()
            except TimeoutError:
                raise MultiPartException("too slow") from None
            size += len(message.get("body", b""))
            if size > self._limit:
                raise MultiPartException("too large")
            return message

        await self._app(scope, within, send)


async def read_form(request: Request) -> tuple[dict[str, str], str, bytes] | NotDone:
    """Read the form: its fields, the file's name and its bytes (no file is an empty one); or why it cannot be taken."""
    try:
        async with request.form(max_files=1, max_fields=4, max_part_size=16_384) as form:
            fields = {name: value for name, value in form.items() if isinstance(value, str)}
            scan = form.get("scan")
            if not isinstance(scan, UploadFile):
                return fields, "", b""
            return fields, scan.filename or "", await scan.read(papers.LARGEST + 1)
    except HTTPException:
        most = papers.LARGEST // 1_000_000
        return NotDone(
            f"The file did not come whole, or is larger than {most} MB; it was not kept.",
            "Scan with a lower resolution, or in several files, and attach it again.",
        )
