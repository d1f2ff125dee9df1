"""Questions that a visit asks the back office online; a transaction is what it tells, a question what it asks.

    Question --9A--> JWS --seal--> JWE --agent--> back office --answer.seal_answer--> visit

Rules:
- What concerns a person's record is signed by the card's authentication key (9A), which the card gives only after the
  PIN; what a code alone opens (`UNSIGNED_KINDS`) travels as plain canonical JSON, sealed all the same.
- A question carries the public key of the visit; nothing answers anywhere else.
- A question is good for ten minutes, so that one taken down cannot be asked again later.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from kiosk.domain.errors import Bug
from kiosk.wire.answer import AnswerKey as AnswerKey  # noqa: PLC0414 - part of this module's offer
from kiosk.wire.answer import open_answer as open_answer  # noqa: PLC0414
from kiosk.wire.answer import seal_answer as seal_answer  # noqa: PLC0414
from kiosk.wire.canonical import canonical
from kiosk.wire.certificates import common_name, load_certificate
from kiosk.wire.envelope import CLOCK_STEP, holder
from kiosk.wire.fields import (
    Answers,
    Code,
    Id,
    Jwk,
    NoCard,
    Office,
    Terminal,
    Timestamp,
    read_message,
    read_times,
)
from kiosk.wire.keys import key_from_jwk
from kiosk.wire.problem import Problem, ProblemCode
from kiosk.wire.signed import Judgement, ToBeSigned, for_card, verify
from kiosk.wire.signed import Signer as AnswerSigner  # noqa: F401 - part of this module's offer
from kiosk.wire.strict_json import read_object
from kiosk.wire.trust import Usage

if TYPE_CHECKING:
    from kiosk.wire.card_check import CardCertificate
    from kiosk.wire.trust import Anchors, Revocations

SIGNED_KINDS = frozenset({"person_record", "my_requests", "puk", "confirm_holder"})
"""Asked by a card, after the PIN."""
UNSIGNED_KINDS = frozenset({"request_status", "stop_change", "number_record", "staff_code"})
"""Asked with a code from a receipt, a notice or an officer, or with a number and a sealed PIN; the back office checks and throttles both."""

QUESTION_TYPE = "guichet-question+jws"
QUESTION_LIMIT = 32 * 1024
TOLERANCE = timedelta(minutes=10)


class Question(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One question. `card` is the asking card's number for the signed kinds, "" for the others."""

    id: Id
    kind: Code
    terminal: Terminal
    office: Office
    at: Timestamp
    answer_key: Jwk
    parameters: Answers
    card: NoCard = ""


@dataclass(frozen=True, slots=True)
class VerifiedQuestion:
    """A question in good shape and time; `card` asked it, or nobody proved anything (None, unsigned kinds only)."""

    question: Question
    card: CardCertificate | None


def question_signing_input(question: Question, certificate_der: bytes, at: datetime) -> ToBeSigned | Problem:
    """Prepare a question of a signed kind for the card's 9A, whose certificate this is; then seal what `finish` gives."""
    if question.kind not in SIGNED_KINDS:
        raise Bug(f"{question.kind} is not asked with a card.")
    value = msgspec.to_builtins(question)
    shape = read_message(value, Question)
    certificate = load_certificate(certificate_der)
    if isinstance(shape, Problem):
        return shape
    if isinstance(certificate, Problem):
        return certificate
    if common_name(certificate) != question.card:
        return Problem(ProblemCode.MISMATCH, "the question names another card than the certificate")
    return for_card(QUESTION_TYPE, value, certificate_der, at)


def unsigned_question(question: Question) -> bytes:
    """Write a question of an unsigned kind, to be sealed as it is."""
    if question.kind not in UNSIGNED_KINDS or question.card:
        raise Bug(f"{question.kind} is not asked without a card.")
    return canonical(msgspec.to_builtins(question))


def read_question(
    opened: bytes,
    anchors: Anchors,
    revocations: Revocations,
    at: datetime,
    *,
    expected_id: str | None = None,
    expected_terminal: str | None = None,
    tolerance: timedelta = TOLERANCE,
) -> VerifiedQuestion | Problem:
    """Verify a question as it came out of its seal, at `at` (now, aware), against what stood outside.

    Whether a signature is needed follows from the kind inside: a signed kind without a signature is `WRONG_TYPE`.
    """
    if len(opened) > QUESTION_LIMIT:
        return Problem(ProblemCode.TOO_LARGE, f"a question of {len(opened)} bytes")
    if opened.startswith(b"{"):
        value = read_object(opened, "Question")
        question = value if isinstance(value, Problem) else read_message(value, Question)
        found = question if isinstance(question, Problem) else VerifiedQuestion(question, None)
    else:
        found = _signed(opened, anchors, revocations, at, tolerance)
    if isinstance(found, Problem):
        return found
    return _fits(found, expected_id, expected_terminal, at, tolerance) or found


def _signed(
    opened: bytes, anchors: Anchors, revocations: Revocations, at: datetime, tolerance: timedelta
) -> VerifiedQuestion | Problem:
    judgement = Judgement(
        QUESTION_TYPE, Usage.CARD_AUTHENTICATION, anchors, at, QUESTION_LIMIT, longest_delay=tolerance
    )
    document = verify(opened, judgement)
    if isinstance(document, Problem):
        return document
    question = read_message(document.value, Question)
    card = holder(document, revocations)
    if isinstance(question, Problem):
        return question
    if isinstance(card, Problem):
        return card
    times = read_times(question.at)
    if isinstance(times, Problem) or abs(times[0] - document.signed_at) > CLOCK_STEP:
        return Problem(ProblemCode.CLOCK, "at and the header's iat differ")
    return VerifiedQuestion(question, card)


def _fits(
    found: VerifiedQuestion, expected_id: str | None, expected_terminal: str | None, at: datetime, tolerance: timedelta
) -> Problem | None:
    question, number = found.question, "" if found.card is None else found.card.number
    answer_key = key_from_jwk(question.answer_key)
    times = read_times(question.at)
    if question.kind not in (UNSIGNED_KINDS if found.card is None else SIGNED_KINDS):
        return Problem(ProblemCode.WRONG_TYPE, "a kind of question that is not asked this way")
    if isinstance(answer_key, Problem):
        return answer_key
    if isinstance(times, Problem):
        return times
    if abs(times[0] - at) > tolerance:
        return Problem(ProblemCode.CLOCK, "the question is too old, or from a clock too fast")
    id_fits = expected_id in (None, question.id)
    terminal_fits = expected_terminal in (None, question.terminal)
    if not (id_fits and terminal_fits and question.card == number):
        return Problem(ProblemCode.MISMATCH, "inner and outer id, terminal or card differ")
    return None
