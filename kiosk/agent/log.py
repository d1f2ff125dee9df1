"""The log of agent and supervisor: one JSON object a line, keys from an allow-list.

Rules:
- A key that is not on the list is dropped and counted; its value is never looked at, so no name can slip through.
- Values are short: codes, numbers, states. Bodies, keys, codes of enrolment and addresses of people have no key here.
"""

from __future__ import annotations

import atexit
import logging
import sys
from typing import TYPE_CHECKING, Any, TextIO

import structlog

from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    from pathlib import Path

    from structlog.typing import EventDict, WrappedLogger

ALLOWED_KEYS = frozenset(
    {
        "event", "level", "timestamp", "dropped", "attempt", "backlog", "bytes", "bytes_left", "cache", "code", "count", "detail", "epoch", "error", "exit_code",
        "id", "journal", "kind", "line", "offset_seconds", "office", "people", "people_left", "pid", "place", "process", "protection", "reason", "reference",
        "remedy", "seconds", "seconds_left", "seq", "signal", "stage", "state", "status", "terminal", "version", "visit", "why",
    }
)  # fmt: skip
LONGEST_VALUE = 300
_opened: list[TextIO] = []


def allow_list(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Drop every key that is not on the list; shorten what is too long."""
    strangers = [key for key in event if key not in ALLOWED_KEYS]
    for key in strangers:
        del event[key]
    if strangers:
        event["dropped"] = len(strangers)
    for key, value in event.items():
        if isinstance(value, str) and len(value) > LONGEST_VALUE:
            event[key] = value[:LONGEST_VALUE]
    return event


def configure(path: Path | None = None) -> None:
    """Log to a file (appended), or to stderr when there is none. Raises `EnvironmentFault` for a file that cannot be."""
    try:
        stream: TextIO = sys.stderr if path is None else path.open("a", encoding="utf-8", buffering=1)
    except OSError as error:
        raise EnvironmentFault(
            f"The log {path} cannot be opened ({error.strerror}).", "Name another with --log."
        ) from error
    _close()
    _opened[:] = [] if path is None else [stream]
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


@atexit.register
def _close() -> None:
    for opened in _opened:
        opened.close()


def logger() -> Any:
    """Return the log; `logger().info("appended", seq=4)`."""
    return structlog.get_logger()
