"""The shapes of the fields that stand in more than one message; one spelling each, checked when a message is read.

Rules:
- Patterns end in a true end of text, so that a trailing line feed does not slip through.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import msgspec
from msgspec import Meta

from kiosk.wire.problem import Problem, ProblemCode
from kiosk.wire.timestamps import read_timestamp

if TYPE_CHECKING:
    from datetime import datetime

Id = Annotated[str, Meta(pattern=r"\A[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\Z")]
"""A UUIDv7 (RFC 9562) in lower case."""
Terminal = Annotated[str, Meta(pattern=r"\AT[0-9]{4}\Z")]
Office = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9._-]{1,16}\Z")]
Code = Annotated[str, Meta(pattern=r"\A[a-z][a-z0-9_.:-]{0,31}\Z")]
"""A name that programs compare: a service, a kind, a scheme, a question of a form, who typed."""
Card = Annotated[str, Meta(pattern=r"\A[0-9]{10}\Z")]
NoCard = Annotated[str, Meta(pattern=r"\A([0-9]{10})?\Z")]
PersonNumber = Annotated[str, Meta(max_length=32)]
Language = Annotated[str, Meta(pattern=r"\A[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}\Z")]
Timestamp = Annotated[str, Meta(pattern=r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z\Z")]
Version = Annotated[int, Meta(ge=0, le=2**53 - 1)]
AnswerText = Annotated[str, Meta(max_length=2000)]
Answers = Annotated[dict[Code, AnswerText], Meta(max_length=64)]
Jwk = Annotated[dict[str, Annotated[str, Meta(max_length=64)]], Meta(max_length=4)]

Attendance = Annotated[str, Meta(max_length=8 * 1024, pattern=r"\A[A-Za-z0-9_.-]+\Z")]
"""An officer's word about an act, as the act carries it: a compact JWS (kiosk.wire.attendance)."""

_Message = TypeVar("_Message", bound=msgspec.Struct)


def read_message(value: dict[str, Any], kind: type[_Message]) -> _Message | Problem:
    """Read a JSON object as a message of `kind`, every field of its shape and none unknown."""
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        return Problem(ProblemCode.MALFORMED, f"{kind.__name__}: {_place(str(error))}")


def _place(message: str) -> str:
    """Keep the place and the rule of a msgspec message; it never quotes a value."""
    return message[:200]


def read_times(*times: str) -> tuple[datetime, ...] | Problem:
    """Read timestamps that have the right shape; one of them may still be no date, such as 30 February."""
    read = tuple(moment for moment in (read_timestamp(text) for text in times) if moment is not None)
    return read if len(read) == len(times) else Problem(ProblemCode.MALFORMED, "a timestamp is no date")
