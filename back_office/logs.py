"""The server's log: one JSON object a line, with keys from an allow-list, so that no name or account can slip in.

Rules:
- A key that is not on the list is dropped and counted in `dropped`; its value is never looked at.
- An exception is logged by its type and the place in our code, never by its message or its traceback's values.
- Standard-library loggers (uvicorn's) give only their logger's name and level.
"""

from __future__ import annotations

import logging
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable

    from structlog.typing import EventDict, WrappedLogger

ALLOWED_KEYS = frozenset(
    {
        "event", "level", "timestamp", "dropped", "act", "address", "attempts", "backlog", "channel", "code", "count", "decision",
        "epoch", "error", "id", "kind", "logger", "milliseconds", "partner", "place", "reason", "seconds", "seq", "service",
        "stage", "status", "terminal", "version", "window",
    }
)  # fmt: skip


_configured: list[Callable[[], None]] = []
"""How to end the log that is configured now."""


def allow_list(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Drop every key that is not on the list."""
    strangers = [key for key in event if key not in ALLOWED_KEYS]
    for key in strangers:
        del event[key]
    if strangers:
        event["dropped"] = len(strangers)
    return event


class _Bridge(logging.Handler):
    """Passes the fact, not the text, of standard-library log records on."""

    def emit(self, record: logging.LogRecord) -> None:
        event: dict[str, Any] = {"logger": record.name}
        if record.exc_info and record.exc_info[1] is not None:
            event |= describe(record.exc_info[1])
        structlog.get_logger().log(record.levelno, "library", **event)


def describe(error: BaseException) -> dict[str, str]:
    """Say what kind of error happened where, without what it says."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return {"error": type(error).__name__, "place": place}


def configure(path: Path | None) -> Callable[[], None]:
    """Log to a file (appended), or to stderr when there is none; what it returns ends that and closes the file.

    One log a process: configuring again ends the one before.
    """
    if _configured:
        _configured[-1]()
    stream = sys.stderr
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        stream = path.open("a", encoding="utf-8", buffering=1)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            allow_list,
            structlog.processors.JSONRenderer(sort_keys=True),
        ],
        logger_factory=structlog.PrintLoggerFactory(stream),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    before = root.handlers[:]
    root.handlers[:] = [_Bridge(level=logging.WARNING)]

    def end() -> None:
        if end not in _configured:
            return
        _configured.remove(end)
        root.handlers[:] = before
        structlog.reset_defaults()
        if stream is not sys.stderr:
            stream.close()

    _configured.append(end)
    return end
