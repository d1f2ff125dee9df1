"""Describes the API as it is checked: the types of `api_types` become the schemas of the OpenAPI document.

Rules:
- One source: the types that read a body are the ones the document shows; nothing is described by hand twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from back_office import api_types

if TYPE_CHECKING:
    from fastapi import FastAPI

TYPES = (
    api_types.DescribedPush,
    api_types.Pushed,
    api_types.Standing,
    api_types.VerdictPage,
    api_types.SealedQuestion,
    api_types.SealedAnswer,
    api_types.Enrolment,
    api_types.Enrolled,
    api_types.StaffCall,
    api_types.Called,
    api_types.Pong,
    api_types.ErrorBody,
)
_REFERENCE = "#/components/schemas/{name}"


def takes(kind: type[Any] | None, gives: type[Any] | None, *errors: int) -> dict[str, Any]:
    """Describe one operation: what its body is, what it answers, and with which errors it refuses."""
    described: dict[str, Any] = {
        "responses": {str(status): _content(api_types.ErrorBody, "refused") for status in errors},
        "security": [{"terminalSignature": []}],
    }
    if gives is not None:
        described["responses"]["200"] = _content(gives, "done")
    if kind is not None:
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": _schema(kind)}}}
    return described


def gives(media_type: str, what: str, *others: int) -> dict[str, Any]:
    """Describe an operation that answers bytes of a media type."""
    described = takes(None, None, *(status for status in others if status >= 400))  # noqa: PLR2004 - HTTP
    content = {"description": what, "content": {media_type: {"schema": {"type": "string", "format": "binary"}}}}
    described["responses"] |= {"200": content}
    if 304 in others:  # noqa: PLR2004
        described["responses"] |= {"304": {"description": "nothing new"}}
    return described


def public(media_type: str, what: str, *others: int) -> dict[str, Any]:
    """Describe an operation that nobody signs for."""
    described = gives(media_type, what, *others)
    described["responses"]["200"]["content"] = {media_type: {"schema": {"type": "object"}}}
    return described | {"security": []}


def describe(app: FastAPI) -> None:
    """Let `/openapi.json` carry the schemas of the types above."""
    plain = app.openapi

    def complete() -> dict[str, Any]:
        document = plain()
        schemas = msgspec.json.schema_components(TYPES, ref_template=_REFERENCE)[1]
        components = document.setdefault("components", {})
        components.setdefault("schemas", {}).update(schemas)
        components["securitySchemes"] = {
            "terminalSignature": {
                "type": "http",
                "scheme": "signature",
                "description": "RFC 9421, tag guichet, keyid the terminal id; see kiosk.wire.request_signatures.",
            }
        }
        return document

    app.openapi = complete  # type: ignore[method-assign]


def _schema(kind: type[Any]) -> dict[str, str]:
    return {"$ref": _REFERENCE.format(name=kind.__name__)}


def _content(kind: type[Any], description: str) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": _schema(kind)}}}
