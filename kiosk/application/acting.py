"""How an act becomes a promise: an officer attends, the card signs, it is sealed, recorded, followed to the verdict.

Rules:
- Until the card has signed nothing has happened; after it the envelope is handed over, the same bytes, until answered.
- Who signs aside of the holder signs first: without that word the act does not begin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from kiosk.application import submit
from kiosk.application.opening import visitor_of
from kiosk.application.visit_ports import VisitPorts, code_of
from kiosk.domain.session import effects as do
from kiosk.domain.session import events as ev
from kiosk.wire.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from kiosk.application.ports import CardPort
    from kiosk.application.visit_secrets import SealedTransaction
    from kiosk.domain.session.states import Session

log = structlog.get_logger("visit")
ENVELOPE_SCHEMA = 1


class Acting:
    """Signs, seals, records and follows what the person does."""

    def __init__(self, ports: VisitPorts) -> None:
        self._ports = ports

    def sign(self, session: Session, wanted: do.SignTransaction, started_at: datetime) -> None:
        """Let the card sign, after the officer who takes part."""
        ports, id_ = self._ports, self._ports.ids.new()
        visitor, language = visitor_of(session), session.comfort.language

        def job(attendance: str) -> None:
            if visitor is None:
                ports.post(ev.SigningFailed("card"))
                return
            at = ports.clock.now()
            transaction = submit.build_transaction(
                wanted, visitor, ports.secrets, ports.place, id_=id_, started_at=started_at, at=at, language=language,
                attendance=attendance,
            )  # fmt: skip
            self._keep(
                id_, submit.sign_and_seal(transaction, ports.card, ports.trust, at, signed=ports.agent.expect_append)
            )

        self._attended(wanted, id_, lambda attendance: ports.on_card(lambda: job(attendance)))

    def seal_report(self, session: Session, wanted: do.SealReport, started_at: datetime) -> None:
        """Seal what somebody tells without a card; in the end on the thread that owns the secrets."""
        ports, id_ = self._ports, self._ports.ids.new()
        language = session.comfort.language

        def job(attendance: str) -> None:
            outcome = submit.seal_report(
                wanted, ports.secrets, ports.trust, ports.place, id_=id_, started_at=started_at,
                at=ports.clock.now(), language=language, attendance=attendance,
                by_number=ports.secrets.number_pass if wanted.by_number else "",
            )  # fmt: skip
            self._keep(id_, outcome)

        self._attended(wanted, id_, lambda attendance: ports.on_card(lambda: job(attendance)))

    def seal_aside(self, wanted: do.SealTicket | do.SealFeedback) -> None:
        """Seal a ticket or a word on how it went, on the thread that owns the secrets."""
        ports = self._ports

        def job() -> None:
            id_ = ports.ids.new()
            self._keep(id_, submit.seal_aside(wanted, ports.trust, ports.place, id_=id_, at=ports.clock.now()))

        ports.on_card(job)

    def _attended(self, wanted: do.SignTransaction | do.SealReport, id_: str, go_on: Callable[[str], None]) -> None:
        """Let the officer who takes part sign so, then go on with the act; without an officer at once."""
        if not wanted.staff or self._ports.secrets.staff_pass:
            go_on(self._ports.secrets.staff_pass if wanted.staff else "")
            return

        def job(card: CardPort) -> None:
            signed = submit.attend(wanted, card, self._ports.place, id_=id_, at=self._ports.clock.now())
            if isinstance(signed, str):
                go_on(signed)
            else:
                self._keep(id_, signed)

        self._ports.with_staff(job)

    def _keep(self, id_: str, outcome: SealedTransaction | submit.NotSigned) -> None:
        if isinstance(outcome, submit.NotSigned):
            log.warning("not_signed", why=outcome.why, problem=outcome.detail.split(":")[0])
            self._ports.post(ev.SigningFailed(outcome.why))
            return
        self._ports.secrets.envelopes[id_] = outcome
        self._ports.post(ev.TransactionSigned(id_))

    def append(self, transaction_id: str) -> None:
        """Hand the sealed act to the agent, to make it durable."""
        append_sealed(self._ports, transaction_id, self._ports.secrets.envelopes[transaction_id])

    def progressed(self, id_: str, stage: str, sealed: bytes | None) -> None:
        """Take how far a followed transaction has come; the verdict is opened here, never by the agent."""
        ports = self._ports
        if stage == "sent":
            ports.post(ev.TransactionSent(id_))
            return
        if sealed is None:
            log.warning("verdict_not_sealed")
            return
        verdict = submit.read_verdict(sealed, id_, ports.secrets, ports.trust, ports.clock.now())
        if isinstance(verdict, Problem):
            log.warning("verdict_not_believed", problem=code_of(verdict))
            return
        ports.post(ev.VerdictArrived(id_, verdict))


def append_sealed(ports: VisitPorts, id_: str, sealed: SealedTransaction) -> None:
    """Hand these bytes to the agent."""
    ports.agent.append(
        id_, sealed.body, kind=sealed.kind, schema=ENVELOPE_SCHEMA, sealing_key_id=sealed.sealing_key_id,
        service=sealed.service,
    )  # fmt: skip
