"""Attaching what somebody brought to the desk to its case: a scan, kept whole with its digest.

Rules:
- What a file is, its first bytes say, never its name: PDF, PNG, JPEG or TIFF, at most `LARGEST` bytes, `MOST` a case.
- An officer attaches to the open cases of the own office only; who attached what is in the audit log.
- Nothing is ever opened or converted here: a scan is bytes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from back_office import audit
from back_office.desk import queues
from back_office.desk.acts import Done, NotDone
from back_office.repository import desk, papers
from kiosk.domain.audit import Actor
from kiosk.wire.canonical import digest

if TYPE_CHECKING:
    from back_office.installation import Installation, Work
    from back_office.repository.desk import Officer

LARGEST = 10 * 1024 * 1024
MOST = 20
_LONGEST_NAME = 120
_BEGINNINGS = {
    b"%PDF-": "application/pdf",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"II*\x00": "image/tiff",
    b"MM\x00*": "image/tiff",
}


def attach(it: Installation, officer: Officer, identifier: str, name: str, content: bytes) -> Done | NotDone:
    """Keep a scan with a case (by its number, reference or transaction)."""
    media_type = next((kind for begin, kind in _BEGINNINGS.items() if content.startswith(begin)), "")
    if not media_type:
        return NotDone("This is no scan: only PDF, PNG, JPEG and TIFF are kept.", "Scan the paper again.")
    if len(content) > LARGEST:
        return NotDone(f"The scan has {len(content)} bytes, more than {LARGEST}.", "Scan it with fewer dots an inch.")
    with it.work() as work:
        case, _ = queues.find(work.db, identifier)
        if case is None or case.closed_at is not None or case.office != officer.office:
            return NotDone("There is no such open case in your office.", "Look at the list: guichet desk list.")
        if len(papers.of(work.db, case.subject)) >= MOST:
            return NotDone(f"The case has {MOST} papers already.", "Put several pages into one file.")
        added = papers.add(
            work.db, desk_case=case.n, subject=case.subject, name=_plain(name), media_type=media_type,
            digest=digest(content), content=content, officer=officer.id, at=work.time,
        )  # fmt: skip
        if not added:
            return NotDone("The case has this very paper already.", "Nothing more is needed.")
        _note(work, officer, case)
    return Done(f"The paper is kept with case {case.n}.")


@dataclass(frozen=True, slots=True)
class Scan:
    """A paper whole, to be looked at."""

    name: str
    media_type: str
    content: bytes


def read(it: Installation, officer: Officer, number: int) -> Scan | None:
    """Give a paper of the own office's cases to an officer; that it was looked at is noted."""
    with it.work() as work:
        found = papers.one(work.db, number)
        case = None if found is None else desk.case(work.db, found.desk_case)
        content = papers.content(work.db, number)
        if found is None or content is None or case is None or case.office != officer.office:
            return None
        _note(work, officer, case, "desk.paper.read")
    return Scan(found.name, found.media_type, content)


def _plain(name: str) -> str:
    """Return a file's name as a label: no folder, no sign that could mean anything to anyone."""
    return re.sub(r"[^\w. ()-]", "_", name.replace("\\", "/").rpartition("/")[2])[:_LONGEST_NAME] or "paper"


def _note(work: Work, officer: Officer, case: desk.DeskCase, action: str = "desk.paper.attached") -> None:
    actor = Actor("officer", officer.id, officer.office)
    details = {"kind": case.kind}
    audit.record(work.db, work.at, actor, action, case.subject, purpose="desk", details=details)
