"""From checked answers to a sealed transaction, and from a sealed verdict to words.

Rules:
- The transaction is signed by the card's 9C over its canonical bytes, then sealed to the back office.
- Once the card has returned a signature the act stands; sealing needs nothing but bytes that are already here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import msgspec

from kiosk.application.visit_secrets import SealedTransaction
from kiosk.domain.card import Pulled, Signed
from kiosk.domain.content import Content
from kiosk.domain.services import feedback, pin, ticket
from kiosk.domain.session.effects import SealFeedback, SealTicket
from kiosk.domain.session.states import DocumentPaper, Verdict
from kiosk.domain.transaction import HOLDER
from kiosk.wire import aside
from kiosk.wire.aside import Feedback, PinSet, Ticket
from kiosk.wire.attendance import Attendance, answers_digest, prepare
from kiosk.wire.document import read_document
from kiosk.wire.envelope import Transaction, seal, signing_input
from kiosk.wire.problem import Problem
from kiosk.wire.report import KIND as REPORT
from kiosk.wire.report import Report, write_report
from kiosk.wire.timestamps import timestamp
from kiosk.wire.verdict import open_verdict

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from kiosk.application.ports import CardPort
    from kiosk.application.trust import Trust
    from kiosk.application.visit_secrets import VisitSecrets
    from kiosk.domain.session.effects import SealReport, SignTransaction
    from kiosk.domain.session.states import Visitor
    from kiosk.wire.envelope import ToBeSigned
    from kiosk.wire.verdict import VerdictBody


@dataclass(frozen=True, slots=True)
class Place:
    """Where this terminal stands: what every transaction and question names."""

    terminal: str
    office: str
    scheme: str
    office_name: str = ""
    demonstration: bool = False


@dataclass(frozen=True, slots=True)
class NotSigned:
    """No act: `pulled`, `card`, `staff` (the officer's card did not sign), or `seal`; the detail is for the technician."""

    why: str
    detail: str = ""


def build_transaction(
    wanted: SignTransaction, visitor: Visitor, secrets: VisitSecrets, place: Place, *,
    id_: str, started_at: datetime, at: datetime, language: str, attendance: str = "",
) -> Transaction:  # fmt: skip
    """Build the transaction as it will be signed; `attendance` is the word of an officer who takes part.

    Who acts for somebody else names that person, and signs with the own card.
    """
    own = visitor.person.number if visitor.person else ""
    whose = visitor.mandate.person if visitor.mandate else own
    return Transaction(
        id=id_,
        service=wanted.service,
        scheme=place.scheme,
        office=place.office,
        terminal=place.terminal,
        person=whose,
        card=visitor.card.number,
        base_version=wanted.base_version,
        answers=dict(wanted.answers),
        entered_by=_authors(wanted),
        evidence={"kind": "represented" if visitor.mandate else "signed"},
        started_at=timestamp(started_at),
        signed_at=timestamp(at),
        language=language,
        answer_key=secrets.answer_key.jwk,
        attendance=attendance or msgspec.UNSET,
    )


def _authors(wanted: SignTransaction | SealReport) -> dict[str, str]:
    """Say who typed each answer; what nobody is named for, whoever stands there typed."""
    return {name: wanted.entered_by.get(name, HOLDER) for name in wanted.answers}


def attend(
    wanted: SignTransaction | SealReport, staff: CardPort, place: Place, *, id_: str, at: datetime
) -> str | NotSigned:
    """Let the staff card sign that its officer takes part in this act; it has shown its PIN when it joined."""
    certificate = staff.certificate("9A")
    if certificate is None:
        return NotSigned("staff", "the staff card has no authentication certificate (9A)")
    prepared = prepare(
        Attendance(
            transaction=id_, service=wanted.service, terminal=place.terminal, card=wanted.staff,
            answers=answers_digest(wanted.answers), at=timestamp(at),
        ), certificate, at,
    )  # fmt: skip
    if isinstance(prepared, Problem):
        return NotSigned("staff", str(prepared))
    outcome = staff.sign("9A", prepared.signing_input)
    signed = prepared.finish(outcome.signature) if isinstance(outcome, Signed) else NotSigned("staff", str(outcome))
    if isinstance(signed, bytes):
        return signed.decode("ascii")
    return signed if isinstance(signed, NotSigned) else NotSigned("staff", str(signed))


def seal_report(
    wanted: SealReport, secrets: VisitSecrets, trust: Trust, place: Place, *,
    id_: str, started_at: datetime, at: datetime, language: str, attendance: str = "", by_number: str = "",
) -> SealedTransaction | NotSigned:  # fmt: skip
    """Seal what somebody tells without a card.

    `attendance` is the word of an officer who takes part, `by_number` the back office's on whose number and PIN were shown.
    """
    key = trust.sealing_key(at)
    if key is None:
        return NotSigned("seal", "no valid sealing certificate of the back office is at hand")
    written = write_report(
        Report(
            id=id_,
            service=wanted.service,
            scheme=place.scheme,
            office=place.office,
            terminal=place.terminal,
            answers=dict(wanted.answers),
            entered_by=_authors(wanted),
            started_at=timestamp(started_at),
            signed_at=timestamp(at),
            language=language,
            answer_key=secrets.answer_key.jwk,
            attendance=attendance or msgspec.UNSET,
            by_number=by_number or msgspec.UNSET,
        )
    )
    if isinstance(written, Problem):
        return NotSigned("seal", str(written))
    return SealedTransaction(seal(written, key.certificate), key.kid, wanted.service, REPORT)


def seal_aside(
    wanted: SealTicket | SealFeedback, trust: Trust, place: Place, *, id_: str, at: datetime
) -> SealedTransaction | NotSigned:
    """Seal a ticket with its draft, or a word on how it went; nobody signs either."""
    key = trust.sealing_key(at)
    if key is None:
        return NotSigned("seal", "no valid sealing certificate of the back office is at hand")
    told: Ticket | Feedback
    service = ticket.ID if isinstance(wanted, SealTicket) else feedback.ID
    if isinstance(wanted, SealTicket):
        told = Ticket(
            id=id_, terminal=place.terminal, office=place.office, about=wanted.about, step=wanted.step,
            service=wanted.service, draft=dict(wanted.draft), card=wanted.card,
        )  # fmt: skip
    else:
        told = Feedback(
            id=id_, terminal=place.terminal, office=place.office, service=wanted.service, answers=dict(wanted.answers)
        )
    written = aside.write(told)
    if isinstance(written, Problem):
        return NotSigned("seal", str(written))
    return SealedTransaction(seal(written, key.certificate), key.kid, service, told.kind)


def seal_pin_set(
    card: str, how: Literal["changed", "unblocked"], trust: Trust, place: Place, *, id_: str, at: datetime
) -> SealedTransaction | NotSigned:
    """Seal that a card got a new PIN."""
    key = trust.sealing_key(at)
    if key is None:
        return NotSigned("seal", "no valid sealing certificate of the back office is at hand")
    told = PinSet(id=id_, terminal=place.terminal, office=place.office, card=card, how=how, at=timestamp(at))
    written = aside.write(told)
    if isinstance(written, Problem):
        return NotSigned("seal", str(written))
    return SealedTransaction(seal(written, key.certificate), key.kid, pin.ID, aside.AUDIT)


def sign_and_seal(
    transaction: Transaction, card: CardPort, trust: Trust, at: datetime, *, signed: Callable[[], None]
) -> SealedTransaction | NotSigned:
    """Let the card sign, call `signed` when it has, then seal. The sealing key is looked up before, lest it sign in vain."""
    key = trust.sealing_key(at)
    if key is None:
        return NotSigned("seal", "no valid sealing certificate of the back office is at hand")
    certificate = card.certificate("9C")
    if certificate is None:
        return NotSigned("card", "the card has no signature certificate (9C)")
    prepared = signing_input(transaction, certificate, at)
    act = prepared if isinstance(prepared, Problem) else _sign(prepared, card, signed)
    if isinstance(act, NotSigned):
        return act
    if isinstance(act, Problem):
        return NotSigned("card", str(act))
    return SealedTransaction(seal(act, key.certificate), key.kid, transaction.service)


def _sign(prepared: ToBeSigned, card: CardPort, signed: Callable[[], None]) -> bytes | Problem | NotSigned:
    outcome = card.sign("9C", prepared.signing_input)
    if isinstance(outcome, Signed):
        signed()
        return prepared.finish(outcome.signature)
    return NotSigned("pulled") if isinstance(outcome, Pulled) else NotSigned("card", str(outcome))


def read_verdict(
    sealed: bytes, transaction_id: str, secrets: VisitSecrets, trust: Trust, at: datetime
) -> Verdict | Problem:
    """Open the back office's word; nothing is shown whose signature, kind, addressee or request does not fit."""
    body = open_verdict(sealed, secrets.answer_key, transaction_id, trust.anchors, at)
    if isinstance(body, Problem):
        return body
    return Verdict(
        decision=body.decision,
        reason_key=body.text_key,
        reason_parameters=dict(body.parameters),
        account_verification=body.account_verification,
        first_payment_on=body.first_payment_date,
        holder_name=body.holder_name,
        effective_on=body.effective_on,
        paper=_paper(body),
    )


def _paper(body: VerdictBody) -> DocumentPaper | None:
    """Read what is to be printed on A4; what cannot be read is not printed."""
    content = read_document(body.document) if body.document else None
    if not isinstance(content, Content):
        return None
    return DocumentPaper(content, body.code, body.valid_until, body.address)
