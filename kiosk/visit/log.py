"""The visit's log: steps and faults, one JSON object a line, keys from an allow-list; nothing about who.

Rules:
- A key that is not on the list is dropped; an exception is logged by its type and place, never by its values.
"""

from __future__ import annotations

import logging
import os
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from structlog.typing import EventDict, WrappedLogger

ALLOWED_KEYS = frozenset({
    "event", "level", "timestamp", "pid", "step", "before", "cause", "why", "event_type", "error", "place", "problem", "seconds",
    "device", "state",
})  # fmt: skip


def allow_list(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Drop every key that is not on the list."""
    for key in [key for key in event if key not in ALLOWED_KEYS]:
        del event[key]
    return event


def describe_exception(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Type and place of the exception, without its words."""
    if event.pop("exc_info", None):
        kind, _, trace = sys.exc_info()
        frames = traceback.extract_tb(trace)
        event["error"] = kind.__name__ if kind else ""
        event["place"] = " < ".join(f"{Path(f.filename).name}:{f.lineno}" for f in reversed(frames[-4:]))
    return event


def configure(path: Path | None) -> None:
    """Log to a file (appended), or to stderr when there is none."""
    stream = sys.stderr if path is None else path.open("a", encoding="utf-8", buffering=1)
    pid = os.getpid()

    def add_pid(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        event["pid"] = pid
        return event

    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            describe_exception,
            add_pid,
            allow_list,
            structlog.processors.JSONRenderer(sort_keys=True),
        ],
        logger_factory=structlog.PrintLoggerFactory(stream),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=False,
    )
