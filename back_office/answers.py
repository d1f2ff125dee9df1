"""Answers in the API's form: a value as JSON, or {"error": {"code", "message", "remedy"}}, never a traceback."""

from __future__ import annotations

from typing import Any

import msgspec
import structlog
from starlette.responses import Response

from back_office import api_types as api
from back_office import logs
from back_office.api_types import Refused
from back_office.http_edge import error_body

RETRY_AFTER_SECONDS = 2
"""While the database has no leader (RFC 9110 10.2.3); agents wait with their own jitter besides."""
JSON = "application/json"


def answer(value: Any | Refused) -> Response:
    """Give a value, or say why there is none."""
    if isinstance(value, Refused):
        structlog.get_logger().info("refused", code=value.code, status=value.status)
        error = api.ErrorBody(api.Error(value.code, value.message, value.remedy, value.time, value.signed_time))
        headers = {"Retry-After": str(value.retry_after)} if value.retry_after else None
        return Response(msgspec.json.encode(error), value.status, headers, JSON)
    return Response(msgspec.json.encode(value), media_type=JSON)


def wrong_parameters(named: str) -> Response:
    """Say which parameters cannot be read."""
    return Response(
        error_body("parameters", f"These parameters are wrong: {named}.", "See /openapi.json."), 422, media_type=JSON
    )


def storage_failed(error: Exception) -> Response:
    """Say that nothing can be stored or read now."""
    structlog.get_logger().warning("storage_failed", **logs.describe(error))
    message = "The back office cannot store anything now; nothing was taken."
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
    return Response(error_body("storage", message, "Send it again later."), 503, headers, JSON)


def fault(error: Exception) -> Response:
    """Say that we failed."""
    structlog.get_logger().warning("request_failed", **logs.describe(error))
    message = "The back office failed; what it acknowledged before stands."
    return Response(error_body("fault", message, "Send it again later."), 500, media_type=JSON)
