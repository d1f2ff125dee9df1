"""A code without a card: what it is, what is asked about it, and what the answer means.

Rules:
- A receipt's signed statement is verified here, against the terminal CA and the deny list, before anything is asked.
- Without the card a receipt shows only *received* or *decided*, never what, for whom, or to which account.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kiosk.domain import reference
from kiosk.wire.envelope import seal
from kiosk.wire.problem import Problem
from kiosk.wire.question import Question, open_answer, unsigned_question
from kiosk.wire.receipt import PREFIX, verify_statement
from kiosk.wire.timestamps import timestamp

if TYPE_CHECKING:
    from datetime import datetime

    from kiosk.application.submit import Place
    from kiosk.application.trust import Trust
    from kiosk.application.visit_secrets import VisitSecrets

STOP = "stop_change"
STATUS = "request_status"


@dataclass(frozen=True, slots=True)
class Asked:
    """A sealed question about a code."""

    id: str
    sealed: bytes


@dataclass(frozen=True, slots=True)
class CodeOutcome:
    """What can be said at once, or what the back office answered."""

    outcome: str
    reference: str = ""
    detail: str = ""


def ask_about(
    text: str, secrets: VisitSecrets, trust: Trust, place: Place, *, id_: str, at: datetime
) -> Asked | CodeOutcome:
    """Seal the question that fits the code: a receipt's reference asks for its status, anything else stops a change."""
    number = ""
    if text.startswith(PREFIX):
        number = _reference_of(text, trust)
        if not number:
            return CodeOutcome("not_genuine")
    elif reference.is_valid(text):
        number = reference.compact(text)
    key = trust.sealing_key(at)
    if key is None:
        return CodeOutcome("offline", reference=number)
    kind, parameters = (STATUS, {"reference": number}) if number else (STOP, {"code": text})
    question = Question(
        id=id_, kind=kind, terminal=place.terminal, office=place.office, at=timestamp(at),
        answer_key=secrets.answer_key.jwk, parameters=parameters,
    )  # fmt: skip
    secrets.questions[id_] = (kind, number)
    return Asked(id_, seal(unsigned_question(question), key.certificate))


def _reference_of(text: str, trust: Trust) -> str:
    """Read the reference that a genuine receipt names, or nothing."""
    denied = trust.bundle.denied_terminals if trust.bundle else frozenset()
    for issuer in trust.anchors.issuers:
        statement = verify_statement(text, issuer, denied)
        if not isinstance(statement, Problem):
            return statement.reference
    return ""


def read_answer(sealed: bytes, id_: str, secrets: VisitSecrets, trust: Trust, at: datetime) -> CodeOutcome:
    """Read what the back office said about the code."""
    kind, number = secrets.questions.get(id_, ("", ""))
    body = open_answer(sealed, secrets.answer_key, id_, kind, trust.anchors, at)
    if isinstance(body, Problem):
        return CodeOutcome("untrusted", reference=number)
    detail = str(body.get("detail", ""))
    return CodeOutcome(str(body.get("outcome", "unknown")), reference=str(body.get("reference", number)), detail=detail)
