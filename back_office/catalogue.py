"""The catalogue as the API publishes it: every service with its rules as data, and a JSON Schema of its answers.

Rules:
- It is the same catalogue that terminals and decisions read; what cannot be said in a schema is said by the refusal.
- It is public: it holds no person's data, so that no signature is asked for it.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from typing import TYPE_CHECKING, Any

from fastapi import Request  # noqa: TC002 - the framework reads the annotation
from starlette.responses import Response

from back_office import openapi
from kiosk.domain.catalogue import SERVICES
from kiosk.domain.form import AS_TYPED, KEPT_AS_TYPED
from kiosk.domain.service import Question, QuestionType, Service
from kiosk.schemes import load_scheme, load_texts

if TYPE_CHECKING:
    from fastapi import FastAPI

    from kiosk.domain.scheme import Scheme
    from kiosk.schemes import Texts

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_UUID = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"


def publish(app: FastAPI, scheme_code: str) -> None:
    """Serve `GET /v1/catalogue`."""

    @app.get("/v1/catalogue", openapi_extra=openapi.public("application/json", "the catalogue", 304))
    async def catalogue(request: Request) -> Response:
        """Give every service that this office's scheme offers, with a JSON Schema of its answers."""
        body, etag = _body(scheme_code)
        headers = {"ETag": etag, "Cache-Control": "max-age=300"}
        if request.headers.get("if-none-match", "") == etag:
            return Response(status_code=304, headers=headers)
        return Response(body, media_type="application/json", headers=headers)


@cache
def _body(scheme_code: str) -> tuple[bytes, str]:
    scheme = load_scheme(scheme_code)
    body = json.dumps(document(scheme, load_texts(scheme_code)), ensure_ascii=False, sort_keys=True).encode()
    return body, f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def document(scheme: Scheme, texts: Texts) -> dict[str, Any]:
    """Describe every service that the scheme offers, in the order of its menu."""
    offered = [SERVICES[name] for name in scheme.services if name in SERVICES]
    return {"scheme": scheme.code, "languages": list(texts.languages), "services": [_entry(s, texts) for s in offered]}


def _entry(service: Service, texts: Texts) -> dict[str, Any]:
    return {
        "id": service.id,
        "kind": service.kind.value,
        "agency": service.agency.value,
        "life_events": [event.value for event in service.life_events],
        "title": _in_all(texts, service.title_key),
        "consequences": _in_all(texts, service.consequences_key),
        "roles": sorted(role.value for role in service.roles),
        "assurance": service.assurance.value,
        "channels": {
            channel.value: sorted(kind.value for kind in kinds) for channel, kinds in sorted(
                service.channels.items(), key=lambda item: item[0].value
            )
        },
        "needs_staff": service.needs_staff,
        "enters_as": service.entry.value,
        "offline": service.offline.value,
        "conflict": service.conflict.value,
        "edits": service.edits.value,
        "questions": [_question(service, question, texts) for question in service.questions],
        "answers": answers_schema(service),
    }  # fmt: skip


def _question(service: Service, question: Question, texts: Texts) -> dict[str, Any]:
    key = f"question.{service.id}.{question.id}"
    choices = {
        value: _in_all(texts, f"{key}.choice.{value}")
        for value in question.choices
        if texts.has(f"{key}.choice.{value}")
    }
    return {
        "id": question.id,
        "type": question.type.value,
        "text": _in_all(texts, key) if texts.has(key) else {},
        "choices": choices,
        "from_record": question.choices_from is not None,
        "always_asked": _always(question),
        "optional": question.optional,
    }


def answers_schema(service: Service) -> dict[str, Any]:
    """Write the JSON Schema (2020-12) of a transaction's `answers`: what every record allows.

    A page whose condition is a function of the record is optional here; `asked_if` becomes `if`/`then`.
    """
    properties: dict[str, Any] = {}
    for question in service.questions:
        properties[question.id] = _schema(question)
        if question.type in KEPT_AS_TYPED:
            properties[question.id + AS_TYPED] = {"type": "string", "maxLength": 200}
    schema: dict[str, Any] = {
        "$schema": DIALECT,
        "type": "object",
        "properties": properties,
        "required": [question.id for question in service.questions if _always(question)],
        "additionalProperties": False,
    }
    conditions = [
        _condition(question) for question in service.questions if question.asked_if and question.asked is None
    ]
    return schema | ({"allOf": conditions} if conditions else {})


def _always(question: Question) -> bool:
    return question.asked_if is None and question.asked is None


def _condition(question: Question) -> dict[str, Any]:
    condition = question.asked_if
    assert condition is not None  # noqa: S101 - chosen by the caller
    values = {condition.question: {"enum": sorted(condition.values)}}
    return {
        "if": {"properties": values, "required": [condition.question]},
        "then": {"required": [question.id]},
        "else": {"not": {"required": [question.id]}},
    }


def _schema(question: Question) -> dict[str, Any]:
    found = _form(question)
    return {"anyOf": [{"const": ""}, found]} if question.optional else found


def _form(question: Question) -> dict[str, Any]:  # noqa: PLR0911 - one line a type
    match question.type:
        case QuestionType.CHOICE if question.choices_from is None:
            return {"enum": list(question.choices)}
        case QuestionType.DATE:
            return {"type": "string", "format": "date"}
        case QuestionType.AMOUNT:
            return {"type": "string", "pattern": r"^[0-9]{1,12}(\.[0-9]+)?$"}
        case QuestionType.WHOLE_NUMBER:
            return {"type": "string", "pattern": "^[0-9]{1,12}$"}
        case QuestionType.ACCOUNT:
            return {"type": "string", "pattern": "^[A-Z]{2}[0-9]{2}[0-9A-Z]+$", "maxLength": 34}
        case QuestionType.EMAIL:
            return {"type": "string", "format": "email", "maxLength": 254}
        case QuestionType.PHONE:
            return {"type": "string", "pattern": r"^\+[0-9]{5,15}$"}
        case QuestionType.REQUEST:
            return {"type": "string", "pattern": _UUID}
        case _:
            return {"type": "string", "minLength": 1, "maxLength": max(question.longest, 300)}


def _in_all(texts: Texts, key: str) -> dict[str, str]:
    return {language: texts.template(language, key) for language in texts.languages}
