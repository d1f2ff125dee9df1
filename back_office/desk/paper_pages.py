"""Attaching a scan to a case on the desk page, and looking at one.

Rules:
- A scan is sent whole in one form; it is the only page on which more than a form's size may come.
- Looked at, it comes as a file to be kept apart: never shown as part of the page, whatever is in it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.datastructures import UploadFile
from starlette.responses import Response

from back_office.desk import papers

if TYPE_CHECKING:
    from collections.abc import MutableMapping
    from typing import Any

    from starlette.requests import Request

LIMIT_BYTES = papers.LARGEST + 64 * 1024
_WHERE = re.compile(r"/cases/[0-9]+/papers")


def takes_scan(scope: MutableMapping[str, Any]) -> bool:
    """Tell whether a request may bring a scan."""
    return scope["type"] == "http" and scope["method"] == "POST" and bool(_WHERE.fullmatch(scope["path"]))


async def read_form(request: Request) -> tuple[dict[str, str], str, bytes]:
    """Read the form: its fields, the file's name and its bytes; no file is an empty one."""
    async with request.form(max_files=1, max_fields=4, max_part_size=16_384) as form:
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
        scan = form.get("scan")
        if not isinstance(scan, UploadFile):
            return fields, "", b""
        return fields, scan.filename or "", await scan.read(papers.LARGEST + 1)


def as_file(scan: papers.Scan) -> Response:
    """Give a scan as a file."""
    disposition = f"attachment; filename*=UTF-8''{quote(scan.name)}"
    return Response(scan.content, media_type=scan.media_type, headers={"content-disposition": disposition})
