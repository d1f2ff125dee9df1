"""What somebody tells at a terminal without a card: sealed to the back office, attributed to the terminal alone.

    Report --canonical JSON--> JWE --journal, kind "report"--> back office

Rules:
- No card signs it; the terminal's signature over the batch says where and when it was told, nothing says by whom, unless
  number and PIN were shown in the visit.
- A service takes it only when its catalogue entry asks for no card (`Assurance.NONE`), and then it never touches a person's
  record by itself; or when the entry takes number and PIN as evidence.
"""

from __future__ import annotations

import json
from typing import Literal

import msgspec

from kiosk.wire.canonical import canonical
from kiosk.wire.fields import (
    Answers,
    Attendance,
    Code,
    Id,
    Jwk,
    Language,
    Office,
    Terminal,
    Timestamp,
    read_message,
    read_times,
)
from kiosk.wire.problem import Problem, ProblemCode

KIND = "report"
"""The kind of the journal's entry."""
SCHEMA = 1
REPORT_LIMIT = 64 * 1024


class Report(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was told. All times RFC 3339 UTC; `answer_key` is the visit's public JWK."""

    id: Id
    kind: Literal["report"] = "report"
    service: Code
    scheme: Code
    office: Office
    terminal: Terminal
    answers: Answers
    entered_by: dict[Code, Code]
    started_at: Timestamp
    signed_at: Timestamp
    """When it was told for good; nobody signed it."""
    language: Language
    answer_key: Jwk
    attendance: Attendance | msgspec.UnsetType = msgspec.UNSET
    """The word of an officer who took part; where a service needs one, it stands for what is told."""
    by_number: Attendance | msgspec.UnsetType = msgspec.UNSET
    """The back office's word that number and PIN were shown (kiosk.wire.visit_pass), where a service takes them."""


def write_report(report: Report) -> bytes | Problem:
    """Give the bytes to seal; a `Problem` when a field breaks its shape."""
    value = msgspec.to_builtins(report)
    shape = read_message(value, Report)
    return shape if isinstance(shape, Problem) else canonical(value)


def read_report(opened: bytes, *, expected_id: str, expected_terminal: str) -> Report | Problem:
    """Read a report as it came out of its seal, against what stood outside."""
    if len(opened) > REPORT_LIMIT:
        return Problem(ProblemCode.TOO_LARGE, f"a report of {len(opened)} bytes")
    try:
        value = json.loads(opened)
    except ValueError:
        return Problem(ProblemCode.MALFORMED, "the report is no JSON")
    if not isinstance(value, dict):
        return Problem(ProblemCode.MALFORMED, "the report is no object")
    report = read_message(value, Report)
    if isinstance(report, Problem):
        return report
    if (report.id, report.terminal) != (expected_id, expected_terminal):
        return Problem(ProblemCode.MISMATCH, "inner and outer id or terminal differ")
    times = read_times(report.started_at, report.signed_at)
    return times if isinstance(times, Problem) else report
