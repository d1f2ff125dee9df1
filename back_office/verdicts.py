"""The back office's word on a request: kept for the desk, sealed for the visit that asked.

Rules:
- What is written here is what the person may read: never a flag, never an officer's doubt.
- A verdict row is added whenever the word changed; the newest counts, and a terminal fetches those it has not seen.
- After the visit nobody can open a sealed verdict any more; the person's notices and record tell the same.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from back_office.repository import changes, inbox, written
from back_office.repository.changes import RequestRow
from kiosk.domain.bank_change import (
    Change,
    State,
    decision_code,
    effective_on,
    explain,
    to_confirm,
    verification_code,
)
from kiosk.domain.payments import first_payment_on
from kiosk.wire.problem import Problem
from kiosk.wire.report import Report
from kiosk.wire.verdict import VerdictBody, seal_verdict

if TYPE_CHECKING:
    from datetime import date

    from back_office.installation import Work
    from kiosk.domain.scheme import Scheme
    from kiosk.wire.envelope import Transaction


def first_payment_date(change: Change, scheme: Scheme) -> date | None:
    """Find the first payment that the new account gets, once that is known."""
    moment = change.in_force_at if change.state is State.IN_FORCE else change.wait_until
    if moment is None or change.state not in {State.IN_FORCE, State.WAITING}:
        return None
    return first_payment_on(moment, scheme.payments)


def of_change(change: Change, scheme: Scheme) -> VerdictBody:
    """Say where a bank change stands, for its holder."""
    explanation = explain(change, scheme.bank_change)
    day = effective_on(change, scheme.bank_change)
    paid = first_payment_date(change, scheme)
    return VerdictBody(
        decision=decision_code(change),
        reason_code="" if change.refusal is None else change.refusal.value,
        text_key=explanation.key,
        parameters=dict(explanation.parameters),
        first_payment_date="" if paid is None else paid.isoformat(),
        account_verification=verification_code(change),
        holder_name=change.holder_name_at_bank if to_confirm(change) else "",
        effective_on="" if day is None else day.isoformat(),
    )


def new_request(work: Work, transaction: Transaction | Report, person: str | None, body: VerdictBody) -> RequestRow:
    """Make the row of a request that is being decided."""
    return RequestRow(
        id=transaction.id,
        service=transaction.service,
        person=person,
        card="" if isinstance(transaction, Report) else transaction.card,
        office=transaction.office,
        terminal=transaction.terminal,
        language=transaction.language,
        answer_key=written(transaction.answer_key),
        signed_at=transaction.signed_at,
        decision=body.decision,
        text_key=body.text_key,
        parameters=written(body.parameters),
        decided_at=work.time,
    )


def give(work: Work, request: RequestRow, body: VerdictBody) -> None:
    """Keep the word and seal it to the visit's key."""
    kept = request._replace(
        decision=body.decision, text_key=body.text_key, parameters=written(body.parameters), decided_at=work.time
    )
    changes.put_request(work.db, kept)
    sealed = seal_verdict(body, request.id, json.loads(request.answer_key), work.at, work.it.keyring.keys().signer)
    inbox.add_verdict(
        work.db,
        request.id,
        terminal=request.terminal,
        decision=body.decision,
        sealed=None if isinstance(sealed, Problem) else sealed,
        at=work.time,
    )
