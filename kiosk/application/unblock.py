"""A blocked card gets a new PIN: the PUK is asked for by the officer who has joined, and goes to the card and nowhere else.

Rules:
- The staff card's 9A signs the question; the answer is sealed to this visit's key and is not kept after the card has had it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.domain.card import Signed
from kiosk.wire.envelope import seal
from kiosk.wire.problem import Problem
from kiosk.wire.question import Question, open_answer, question_signing_input
from kiosk.wire.timestamps import timestamp

if TYPE_CHECKING:
    from datetime import datetime

    from kiosk.application.ports import CardPort
    from kiosk.application.submit import Place
    from kiosk.application.trust import Trust
    from kiosk.application.visit_secrets import VisitSecrets

KIND = "puk"


def ask_for_puk(  # noqa: PLR0917 - who asks, about what, and with what
    staff: CardPort, officer: str, card: str, secrets: VisitSecrets, trust: Trust, place: Place, *, id_: str, at: datetime
) -> bytes | None:
    """Seal the question; None when the staff card will not sign it or nothing can be sealed."""
    key, certificate = trust.sealing_key(at), staff.certificate("9A")
    if key is None or certificate is None:
        return None
    question = Question(
        id=id_, kind=KIND, terminal=place.terminal, office=place.office, at=timestamp(at),
        answer_key=secrets.answer_key.jwk, parameters={"card": card}, card=officer,
    )  # fmt: skip
    prepared = question_signing_input(question, certificate, at)
    outcome = None if isinstance(prepared, Problem) else staff.sign("9A", prepared.signing_input)
    if isinstance(prepared, Problem) or not isinstance(outcome, Signed):
        return None
    signed = prepared.finish(outcome.signature)
    if isinstance(signed, Problem):
        return None
    secrets.questions[id_] = (KIND, card)
    return seal(signed, key.certificate)


def read_puk(sealed: bytes, id_: str, secrets: VisitSecrets, trust: Trust, at: datetime) -> bytes:
    """Open the answer; empty when there is none for this officer, or it cannot be believed."""
    body = open_answer(sealed, secrets.answer_key, id_, KIND, trust.anchors, at)
    return b"" if isinstance(body, Problem) else str(body.get("puk", "")).encode("ascii", "ignore")
