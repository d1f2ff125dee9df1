"""Ask the back office for the holder's record and read its answer; one document, whichever way it comes.

The other way, without the line, is `cached_record`.

Rules:
- The question is signed by the card's 9A and carries the visit's own key; only this visit can open the answer.
- Whatever does not fit (signature, kind, addressee, request) is not shown: the record is then *untrusted*, not empty.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.domain.card import Signed
from kiosk.wire.envelope import seal
from kiosk.wire.person_record import person_of
from kiosk.wire.problem import Problem
from kiosk.wire.question import Question, open_answer, question_signing_input
from kiosk.wire.timestamps import timestamp

if TYPE_CHECKING:
    from datetime import datetime

    from kiosk.application.ports import CardPort
    from kiosk.application.submit import Place
    from kiosk.application.trust import Trust
    from kiosk.application.visit_secrets import VisitSecrets
    from kiosk.domain.record import Person

KIND = "person_record"


def ask_for_record(
    card: CardPort, card_number: str, secrets: VisitSecrets, trust: Trust, place: Place, *, id_: str, at: datetime,
    person: str = "", language: str = "",
) -> bytes | Problem | None:  # fmt: skip
    """Seal the question, or say why there is none; None when the card was pulled or would not sign.

    `person`: the number of somebody whom the holder acts for, whose record is asked for. `language`: the visit's.
    """
    key = trust.sealing_key(at)
    certificate = card.certificate("9A")
    if key is None or certificate is None:
        return None
    parameters = {name: value for name, value in (("person", person), ("language", language)) if value}
    question = Question(
        id=id_, kind=KIND, terminal=place.terminal, office=place.office, at=timestamp(at),
        answer_key=secrets.answer_key.jwk, parameters=parameters, card=card_number,
    )  # fmt: skip
    prepared = question_signing_input(question, certificate, at)
    if isinstance(prepared, Problem):
        return prepared
    outcome = card.sign("9A", prepared.signing_input)
    if not isinstance(outcome, Signed):
        return None
    signed = prepared.finish(outcome.signature)
    if isinstance(signed, Problem):
        return signed
    secrets.questions[id_] = (KIND, "")
    return seal(signed, key.certificate)


def read_record(sealed: bytes, id_: str, secrets: VisitSecrets, trust: Trust, at: datetime) -> Person | str | Problem:
    """Open the person's record; the back office's own word (`not_on_file`, `refused`); or why it cannot be believed."""
    body = open_answer(sealed, secrets.answer_key, id_, KIND, trust.anchors, at)
    if isinstance(body, Problem):
        return body
    return str(body["absent"]) if "absent" in body else person_of(body)
