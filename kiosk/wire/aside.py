"""What is told aside of a visit: a ticket with its draft, a word on how it went; sealed to the back office, signed by no card.

    Ticket | Feedback --canonical JSON--> JWE --journal, kind "ticket" | "feedback"--> back office

Rules:
- A ticket's draft is opened at the desk only, after identification; `card` says for whom, empty: for whoever has the number.
- A word on how it went holds no card, no time and no key: nothing in it leads to a person or a visit.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta

from kiosk.wire.canonical import canonical
from kiosk.wire.fields import Answers, Card, Code, Id, NoCard, Office, Terminal, Timestamp, read_message
from kiosk.wire.problem import Problem, ProblemCode

TICKET = "ticket"
FEEDBACK = "feedback"
AUDIT = "audit"
LIMIT = 64 * 1024
NoCode = Annotated[str, Meta(pattern=r"\A([a-z][a-z0-9_.:-]{0,31})?\Z")]
_Told = TypeVar("_Told", "Ticket", "Feedback", "PinSet")
Step = Annotated[str, Meta(pattern=r"\A[A-Za-z]{1,32}\Z")]


class Ticket(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A number for the desk. `service`, `draft`: what was being filled in; `step`: on which page."""

    id: Id
    kind: Literal["ticket"] = "ticket"
    terminal: Terminal
    office: Office
    about: Code
    step: Step
    service: NoCode
    draft: Answers
    card: NoCard


class Feedback(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How it went. `service`: about which one; empty: about none."""

    id: Id
    kind: Literal["feedback"] = "feedback"
    terminal: Terminal
    office: Office
    service: NoCode
    answers: Answers


class PinSet(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A card got a new PIN: `changed` with the old one, `unblocked` with the PUK. Told by the terminal, signed by no card."""

    id: Id
    kind: Literal["pin_set"] = "pin_set"
    terminal: Terminal
    office: Office
    card: Card
    how: Literal["changed", "unblocked"]
    at: Timestamp


def write(told: Ticket | Feedback | PinSet) -> bytes | Problem:
    """Give the bytes to seal; a `Problem` when a field breaks its shape."""
    value = msgspec.to_builtins(told)
    shape = read_message(value, type(told))
    return shape if isinstance(shape, Problem) else canonical(value)


def read_ticket(opened: bytes, *, expected_id: str, expected_terminal: str) -> Ticket | Problem:
    """Read a ticket as it came out of its seal, against what stood outside."""
    return _fitting(_read(opened, Ticket), expected_id, expected_terminal)


def read_feedback(opened: bytes, *, expected_id: str, expected_terminal: str) -> Feedback | Problem:
    """Read a word on how it went as it came out of its seal, against what stood outside."""
    return _fitting(_read(opened, Feedback), expected_id, expected_terminal)


def read_audit(opened: bytes, *, expected_id: str, expected_terminal: str) -> PinSet | Problem | None:
    """Read what a terminal reports of itself; None: nothing that has an effect here."""
    found = _read(opened, PinSet)
    if isinstance(found, Problem):
        return None if b'"pin_set"' not in opened else found
    return _fitting(found, expected_id, expected_terminal)


def _read(opened: bytes, kind: type[_Told]) -> _Told | Problem:
    if len(opened) > LIMIT:
        return Problem(ProblemCode.TOO_LARGE, f"{len(opened)} bytes")
    try:
        value: Any = json.loads(opened)
    except ValueError:
        return Problem(ProblemCode.MALFORMED, "it is no JSON")
    if not isinstance(value, dict):
        return Problem(ProblemCode.MALFORMED, "it is no object")
    return read_message(value, kind)


def _fitting(told: _Told | Problem, expected_id: str, terminal: str) -> _Told | Problem:
    if isinstance(told, Problem) or (told.id, told.terminal) == (expected_id, terminal):
        return told
    return Problem(ProblemCode.MISMATCH, "inner and outer id or terminal differ")
