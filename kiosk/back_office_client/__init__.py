"""The terminal's one way to the back office; `client` has the only import of `requests`, `api` the values."""

from __future__ import annotations

from kiosk.back_office_client.api import (
    Answer,
    Called,
    ChainHead,
    Enrolled,
    Error,
    ErrorBody,
    Failure,
    Item,
    ItemResult,
    NewReference,
    NotModified,
    Ping,
    Print,
    Pushed,
    Refused,
    Standing,
    TimedOut,
    Unreachable,
    Unreadable,
    VerdictLine,
    VerdictPage,
)
from kiosk.back_office_client.client import BackOfficeClient, check_url

__all__ = [
    "Answer",
    "BackOfficeClient",
    "Called",
    "ChainHead",
    "Enrolled",
    "Error",
    "ErrorBody",
    "Failure",
    "Item",
    "ItemResult",
    "NewReference",
    "NotModified",
    "Ping",
    "Print",
    "Pushed",
    "Refused",
    "Standing",
    "TimedOut",
    "Unreachable",
    "Unreadable",
    "VerdictLine",
    "VerdictPage",
    "check_url",
]
