"""The A4 printer: a queue of CUPS, or a folder that takes the files; `printed`, `failed` or `unknown` comes out.

    devices.document_printer = "cups:QUEUE"       lp, over cupsd's UNIX socket; the spool is cupsd's own affair
    devices.document_printer = "folder:PATH"      NNN.pdf, 0600, as the workbench shows it
    devices.document_printer = ""                 there is none

Rules:
- The file goes to lp through a pipe: it lies nowhere on the terminal's disk but in cupsd's spool, until it is printed.
- A job that does not end within `WAIT_SECONDS` is cancelled, and nobody knows whether it came out.
"""

from __future__ import annotations

import os
import re
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

import structlog

if TYPE_CHECKING:
    from collections.abc import Sequence

Outcome: TypeAlias = Literal["printed", "failed", "unknown"]
WAIT_SECONDS = 60.0
ASK_SECONDS = 0.5
COMMAND_SECONDS = 10.0
_JOB = re.compile(r"request id is (\S+-\d+)")
log = structlog.get_logger("visit")


class CupsQueue:
    """A print queue of the machine's cupsd, by its own commands (lp, lpstat, cancel)."""

    def __init__(self, queue: str, *, wait_seconds: float = WAIT_SECONDS) -> None:
        self._queue = queue
        self._wait = wait_seconds

    def print_pdf(self, pdf: bytes) -> Outcome:
        """Hand over the job, and wait until it has left the queue."""
        said = _run(("lp", "-d", self._queue, "-t", "document", "-"), pdf)
        found = _JOB.search(said or "")
        if found is None:
            return "failed"
        deadline = time.monotonic() + self._wait
        while time.monotonic() < deadline:
            waiting = _run(("lpstat", "-W", "not-completed", "-o", self._queue))
            if waiting is None:
                return "unknown"
            if found[1] not in waiting.split():
                return "printed"
            time.sleep(ASK_SECONDS)
        _run(("cancel", found[1]))
        return "unknown"


class Folder:
    """A folder that takes the papers as files."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def print_pdf(self, pdf: bytes) -> Outcome:
        """Put the paper there, under the next number."""
        try:
            self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
            number = 1 + max((int(one.stem) for one in self._path.glob("[0-9][0-9][0-9].pdf")), default=0)
            handle = os.open(self._path / f"{number:03d}.pdf", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(pdf)
        except OSError as error:
            log.warning("document_not_printed", why=type(error).__name__)
            return "failed"
        return "printed"


def printer_at(target: str, bench: Path) -> CupsQueue | Folder | None:
    """Return the printer that the configuration names; `workbench` is the folder that the bench shows."""
    kind, _, rest = target.partition(":")
    match kind:
        case "cups" if rest:
            return CupsQueue(rest)
        case "folder" if rest:
            return Folder(Path(rest))
        case "workbench":
            return Folder(bench)
        case _:
            return None


def _run(command: Sequence[str], given: bytes = b"") -> str | None:
    """Run one of cupsd's commands; what it said, None when it failed."""
    try:
        done = subprocess.run(  # noqa: S603 - fixed commands; the queue comes from signed configuration
            command, input=given, capture_output=True, timeout=COMMAND_SECONDS, check=False,
            env={"LC_ALL": "C", "PATH": os.environ.get("PATH", "/usr/bin:/bin")},
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError) as error:
        log.warning("document_not_printed", why=type(error).__name__)
        return None
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None
