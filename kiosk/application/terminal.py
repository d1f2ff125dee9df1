"""The loop of a visit: one event in, `advance`, the effects out through a port each.

    opening     the holder's record onto the screen       at_the_pad   PINs, and staff let in
    acting      signed, sealed, recorded, followed        printing     receipt, ticket, A4

Rules:
- `handle` runs on one thread (the screen's); card and printer have one worker each and post their answers back.
- This is the only catch-all: whatever goes wrong in a worker or an effect ends the visit safely, and says so.
- Everything after "recorded" survives: the envelope is repeated, the same bytes, until the journal has answered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

import structlog

from kiosk.application import by_code, by_number, open_record, unblock
from kiosk.application.acting import Acting
from kiosk.application.at_the_pad import AtThePad
from kiosk.application.by_number import ByNumber
from kiosk.application.opening import Opening
from kiosk.application.printing import Printing
from kiosk.application.visit_ports import ANSWER_WAIT_SECONDS, VisitPorts
from kiosk.domain.session import effects as do
from kiosk.domain.session import events as ev
from kiosk.domain.session.advance import advance, begin, step_name
from kiosk.domain.session.states import Line, Recorded, Session

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from kiosk.application.ports import (
        AgentPort,
        CardPort,
        DocumentPort,
        EncryptingPadPort,
        PrinterPort,
        ScreenPort,
        SounderPort,
        StaffPort,
        Worker,
    )
    from kiosk.application.submit import Place
    from kiosk.application.trust import Trust
    from kiosk.application.visit_secrets import VisitSecrets
    from kiosk.system import Clock, Ids

log = structlog.get_logger("visit")


class Terminal:
    """One visit. `post` may be called on any thread and ends in `handle` on the screen's."""

    def __init__(
        self, *, session: Session, place: Place, card: CardPort, agent: AgentPort, printer: PrinterPort,
        screen: ScreenPort, sounder: SounderPort, card_worker: Worker, print_worker: Worker, trust: Trust, secrets: VisitSecrets,
        clock: Clock, ids: Ids, post: Callable[[ev.Event], None], staff: StaffPort | None = None, documents: DocumentPort | None = None,
        encrypting_pad: EncryptingPadPort | None = None,
    ) -> None:  # fmt: skip
        self.session = session
        self._ports = VisitPorts(
            card=card, agent=agent, printer=printer, card_worker=card_worker, print_worker=print_worker, trust=trust,
            secrets=secrets, place=place, clock=clock, ids=ids, post=post, staff=staff, documents=documents,
        )  # fmt: skip
        self._screen, self._sounder = screen, sounder
        self._opening, self._pad = Opening(self._ports), AtThePad(self._ports)
        self._acting, self._printing = Acting(self._ports), Printing(self._ports)
        self._by_number = ByNumber(self._ports, encrypting_pad)
        self._started_at: datetime = clock.now()

    def begin(self) -> None:
        """Take the screen."""
        self._started_at = self._ports.clock.now()
        self._turn(begin(self.session, self._ports.clock.monotonic()), "Began")

    def handle(self, event: ev.Event) -> None:
        """One event; never raises."""
        try:
            self._turn(advance(self.session, event, self._ports.clock.monotonic()), type(event).__name__)
        except Exception:
            log.exception("fault_caught", event_type=type(event).__name__, step=step_name(self.session))
            if not isinstance(event, ev.FaultCaught):
                self.handle(ev.FaultCaught())

    def _turn(self, turn: tuple[Session, tuple[do.Effect, ...]], cause: str) -> None:
        before, (self.session, effects) = self.session, turn
        if type(before.phase) is not type(self.session.phase):
            log.info("step", step=step_name(self.session), before=step_name(before), cause=cause)
        if before.joined != self.session.joined:
            log.info("staff_joined" if self.session.joined else "staff_left", step=step_name(self.session))
        for effect in effects:
            self._do(effect)
        if self.session is not before:
            self._screen.render(self.session)

    def _do(self, effect: do.Effect) -> None:  # noqa: C901, PLR0912, PLR0915 - the table of effects
        session = self.session
        match effect:
            case do.ExamineCard():
                self._ports.on_card(self._examine)
            case do.AskPin(seconds):
                self._pad.ask_pin(seconds)
            case do.OpenRecord(person):
                self._opening.open(session, person)
            case do.OpenByNumber():
                self._by_number.open(effect)
            case do.SetPin(seconds):
                self._pad.set_pin(session, seconds)
            case do.UnblockPin():
                self._pad.ask_for_puk(effect)
            case do.SignTransaction():
                self._acting.sign(session, effect, self._started_at)
            case do.SealReport():
                self._acting.seal_report(session, effect, self._started_at)
            case do.SealTicket() | do.SealFeedback():
                self._acting.seal_aside(effect)
            case do.PrintTicket():
                self._printing.ticket(session, effect)
            case do.AppendTransaction(transaction_id):
                self._acting.append(transaction_id)
            case do.FollowTransaction(transaction_id):
                self._ports.agent.follow(transaction_id, wait_seconds=session.limits.decision_seconds)
            case do.PrintReceipt():
                self._printing.receipt(session, effect)
            case do.PrintShown():
                self._printing.shown(session, effect)
            case do.PrintDocument(document):
                self._printing.document(session, document)
            case do.AskByCode(code):
                self._ask_by_code(code)
            case do.CallStaff(step):
                self._ports.agent.call_staff(step)
            case do.Play(sound):
                self._sounder.play(sound)
            case do.ResetCard():
                self._ports.card.cancel_pin()  # an open entry would hold the card thread
                self._by_number.cancel()
                self._ports.on_card(self._ports.card.finish)
            case do.AdmitStaff(seconds):
                self._pad.admit(seconds)
            case do.LetStaffGo():
                self._pad.let_staff_go()
            case do.ForgetSecrets():
                self._ports.on_card(self._ports.secrets.forget)
                self._pad.let_staff_go()
            case do.LeaveScreen(why):
                self._screen.leave(why)
            case _ as unreachable:
                assert_never(unreachable)

    def _examine(self) -> None:
        ports = self._ports
        outcome = ports.card.examine(ports.trust.anchors.pem(), ports.trust.revocations, ports.clock.now())
        ports.post(ev.CardWasExamined(outcome))

    def _ask_by_code(self, code: str) -> None:
        ports, id_ = self._ports, self._ports.ids.new()
        asked = by_code.ask_about(code, ports.secrets, ports.trust, ports.place, id_=id_, at=ports.clock.now())
        if isinstance(asked, by_code.CodeOutcome):
            ports.post(ev.CodeWasAnswered(asked.outcome, asked.reference, asked.detail))
        elif self.session.environment.line is not Line.ONLINE:
            number = ports.secrets.questions.get(asked.id, ("", ""))[1]
            ports.post(ev.CodeWasAnswered("genuine_offline" if number else "offline", number))
        else:
            ports.agent.ask(asked.id, asked.sealed, wait_seconds=ANSWER_WAIT_SECONDS)

    # --- what the agent says of this visit --------------------------------------------------------

    def recorded(self, recorded: Recorded) -> None:
        """Take it that an entry is durable: an access line opens the way to the record, anything else is the act."""
        secrets = self._ports.secrets
        if recorded.transaction_id in secrets.untold:  # no page waits for it
            return
        mark = secrets.accesses.get(recorded.transaction_id)
        if mark is None:
            self._ports.post(ev.TransactionRecorded(recorded))
        else:
            self._ports.agent.fetch_record(recorded.transaction_id, mark)

    def not_recorded(self, id_: str, reason: str) -> None:
        """Take it that the journal refused an entry."""
        secrets = self._ports.secrets
        if id_ in secrets.untold:
            log.warning("pin_not_told", problem=reason)
        elif secrets.accesses.pop(id_, None) is None:
            self._ports.post(ev.RecordingRefused(reason))
        else:
            self._opening.access_refused()

    def lent(self, sealed: bytes, version: int, synced_at: str) -> None:
        """Take the sealed record that the agent keeps."""
        self._opening.lent(self.session, sealed, version, synced_at)

    def not_lent(self, reason: str) -> None:
        """Take it that this terminal does not hold the record, and why."""
        self._opening.not_lent(reason)

    def answered(self, id_: str, sealed: bytes) -> None:
        """Take an answer to one of this visit's questions, as the agent carried it."""
        ports, at = self._ports, self._ports.clock.now()
        kind, _ = ports.secrets.questions.get(id_, ("", ""))
        if kind == open_record.KIND:
            self._opening.answered(id_, sealed, at)
        elif kind == unblock.KIND:
            self._pad.puk_answered(self.session, id_, sealed, at)
        elif kind == by_number.KIND:
            self._by_number.answered(id_, sealed, at)
        elif kind:
            outcome = by_code.read_answer(sealed, id_, ports.secrets, ports.trust, at)
            ports.post(ev.CodeWasAnswered(outcome.outcome, outcome.reference, outcome.detail))

    def unanswered(self, id_: str, reason: str) -> None:
        """Take it that the agent could not bring an answer."""
        kind, number = self._ports.secrets.questions.get(id_, ("", ""))
        if kind == open_record.KIND:
            self._opening.unanswered(self.session, reason)
        elif kind == unblock.KIND:
            self._pad.puk_unanswered()
        elif kind == by_number.KIND:
            self._by_number.unanswered(reason)
        elif kind:
            self._ports.post(ev.CodeWasAnswered("refused" if reason == "refused" else "offline", number))

    def progressed(self, id_: str, stage: str, sealed: bytes | None) -> None:
        """Take how far a followed transaction has come."""
        self._acting.progressed(id_, stage, sealed)
