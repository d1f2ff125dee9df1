"""Asks the back office about the code with which an officer at the desk takes part in this visit.

Rules:
- What comes back is signed and sealed to this visit; the pass in it goes with the visit's acts and is forgotten with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kiosk.wire.envelope import seal
from kiosk.wire.problem import Problem
from kiosk.wire.question import Question, open_answer, unsigned_question
from kiosk.wire.timestamps import timestamp

if TYPE_CHECKING:
    from datetime import datetime

    from kiosk.application.submit import Place
    from kiosk.application.trust import Trust
    from kiosk.application.visit_secrets import VisitSecrets

KIND = "staff_code"


@dataclass(frozen=True, slots=True)
class CodeWord:
    """What the back office said: `joined` with the officer's card and name, or why not."""

    outcome: str
    card: str = ""
    name: str = ""


def ask(
    number: str, code: str, secrets: VisitSecrets, trust: Trust, place: Place, *, id_: str, at: datetime
) -> bytes | None:
    """Seal the question; None while nothing can be sealed."""
    key = trust.sealing_key(at)
    if key is None:
        return None
    question = Question(
        id=id_, kind=KIND, terminal=place.terminal, office=place.office, at=timestamp(at),
        answer_key=secrets.answer_key.jwk, parameters={"call": number, "code": code},
    )  # fmt: skip
    secrets.questions[id_] = (KIND, "")
    return seal(unsigned_question(question), key.certificate)


def read(sealed: bytes, id_: str, secrets: VisitSecrets, trust: Trust, at: datetime) -> CodeWord:
    """Open the answer, and keep the pass for this visit's acts."""
    body = open_answer(sealed, secrets.answer_key, id_, KIND, trust.anchors, at)
    if isinstance(body, Problem):
        return CodeWord("wrong")
    secrets.staff_pass = str(body.get("pass", ""))
    return CodeWord(str(body.get("outcome", "wrong")), str(body.get("card", "")), str(body.get("name", "")))
