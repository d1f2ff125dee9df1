"""Ask the back office for the holder's record and read its answer; one document, whichever way it comes.

The other way, without the line, is `cached_record`.

Rules:
- The question is signed by the card's 9A and carries the visit's own key; only this visit can open the answer.
- Whatever does not fit (signature, kind, addressee, request) is not shown: the record is then *untrusted*, not empty.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from kiosk.domain.card import Signed
from kiosk.domain.session.states import HeldBy, PaymentAccount, Person, RequestLine
from kiosk.wire.envelope import seal
from kiosk.wire.problem import Problem, ProblemCode
from kiosk.wire.question import Question, open_answer, question_signing_input
from kiosk.wire.timestamps import timestamp

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from kiosk.application.ports import CardPort
    from kiosk.application.submit import Place
    from kiosk.application.trust import Trust
    from kiosk.application.visit_secrets import VisitSecrets

KIND = "person_record"


class _Account(msgspec.Struct, frozen=True):
    iban: str
    domestic: str = ""
    bank: str = ""


class _Request(msgspec.Struct, frozen=True):
    transaction_id: str
    reference: str
    service: str
    stage: str
    recorded_on: str
    in_force_on: str = ""
    stoppable: bool = False
    reason: str = ""
    holder_name: str = ""
    account: str = ""


class _Holder(msgspec.Struct, frozen=True):
    office: str
    name: str
    reasons: tuple[str, ...] = ()


class _Record(msgspec.Struct, frozen=True):
    name: str
    number: str
    version: int
    as_of: str
    account: _Account | None = None
    next_payment_on: str = ""
    next_payment_amount: str = ""
    changes_blocked: bool = False
    requests: tuple[_Request, ...] = ()
    cacheable: bool = True
    held_by: tuple[_Holder, ...] = ()


def ask_for_record(
    card: CardPort, card_number: str, secrets: VisitSecrets, trust: Trust, place: Place, *, id_: str, at: datetime
) -> bytes | Problem | None:
    """Seal the question, or say why there is none; None when the card was pulled or would not sign."""
    key = trust.sealing_key(at)
    certificate = card.certificate("9A")
    if key is None or certificate is None:
        return None
    question = Question(
        id=id_, kind=KIND, terminal=place.terminal, office=place.office, at=timestamp(at),
        answer_key=secrets.answer_key.jwk, parameters={}, card=card_number,
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


def person_of(document: Mapping[str, Any], *, confirmed_at: str = "") -> Person | Problem:
    """Read the document that the back office signed, as an answer or as the record that a terminal keeps."""
    try:
        record = msgspec.convert(document, _Record)
    except msgspec.ValidationError as error:
        return Problem(ProblemCode.MALFORMED, str(error))
    account = record.account
    return Person(
        name=record.name,
        number=record.number,
        account=PaymentAccount(account.iban, account.domestic, account.bank) if account else None,
        version=record.version,
        as_of=record.as_of,
        next_payment_on=record.next_payment_on,
        next_payment_amount=record.next_payment_amount,
        requests=tuple(
            RequestLine(**{name: getattr(line, name) for name in _Request.__struct_fields__})
            for line in record.requests
        ),
        changes_blocked=record.changes_blocked,
        cacheable=record.cacheable,
        held_by=tuple(HeldBy(one.office, one.name, one.reasons) for one in record.held_by),
        confirmed_at=confirmed_at,
    )
