"""The loop of a visit: one event in, `advance`, the effects out through a port each.

Rules:
- `handle` runs on one thread (the screen's); card and printer have one worker each and post their answers back.
- This is the only catch-all: whatever goes wrong in a worker or an effect ends the visit safely, and says so.
- Everything after "recorded" survives: the envelope is repeated, the same bytes, until the journal has answered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, assert_never

import structlog

from kiosk.application import by_code, cached_record, issue_receipt, open_record, submit, unblock
from kiosk.domain.card import Genuine, PadFailed, PinAccepted, Role
from kiosk.domain.offline_limits import record_is_closed
from kiosk.domain.receipt import Place as PrintedPlace
from kiosk.domain.session import effects as do
from kiosk.domain.session import events as ev
from kiosk.domain.session.advance import advance, begin, step_name
from kiosk.domain.session.states import TEXT_SCALES, AwaitingNewPin, Person, RecordAbsence, Recorded, Session, Visitor
from kiosk.wire.access import KIND as ACCESS
from kiosk.wire.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from kiosk.application.ports import (
        AgentPort,
        CardPort,
        DocumentPort,
        PrinterPort,
        ScreenPort,
        SounderPort,
        StaffPort,
        Worker,
    )
    from kiosk.application.submit import Place
    from kiosk.application.trust import Trust
    from kiosk.application.visit_secrets import SealedTransaction, VisitSecrets
    from kiosk.domain.receipt import Receipt
    from kiosk.domain.session.states import DocumentPaper
    from kiosk.system import Clock, Ids

log = structlog.get_logger("visit")
RECORD_WAIT_SECONDS = 8.0
ENVELOPE_SCHEMA = 1


class Terminal:
    """One visit. `post` may be called on any thread and ends in `handle` on the screen's."""

    def __init__(
        self, *, session: Session, place: Place, card: CardPort, agent: AgentPort, printer: PrinterPort,
        screen: ScreenPort, sounder: SounderPort, card_worker: Worker, print_worker: Worker, trust: Trust, secrets: VisitSecrets,
        clock: Clock, ids: Ids, post: Callable[[ev.Event], None], staff: StaffPort | None = None, documents: DocumentPort | None = None,
    ) -> None:  # fmt: skip
        self.session = session
        self._place, self._trust, self._secrets = place, trust, secrets
        self._where = PrintedPlace(place.office_name or place.office, place.terminal, place.demonstration)
        self._card, self._agent, self._printer, self._screen = card, agent, printer, screen
        self._sounder = sounder
        self._card_worker, self._print_worker = card_worker, print_worker
        self._clock, self._ids, self._post = clock, ids, post
        self._started_at: datetime = clock.now()
        self._append_request = 0
        self._staff, self._documents = staff, documents

    def begin(self) -> None:
        """Take the screen."""
        self._started_at = self._clock.now()
        self._turn(begin(self.session, self._clock.monotonic()), "Began")

    def handle(self, event: ev.Event) -> None:
        """One event; never raises."""
        try:
            self._turn(advance(self.session, event, self._clock.monotonic()), type(event).__name__)
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

    def _do(self, effect: do.Effect) -> None:  # noqa: C901, PLR0912 - the table of effects
        match effect:
            case do.ExamineCard():
                self._on_card(self._examine)
            case do.AskPin(seconds):
                self._on_card(lambda: self._ask_pin(seconds))
            case do.OpenRecord(person):
                self._open_record(person)
            case do.SetPin(seconds):
                self._set_pin(seconds)
            case do.UnblockPin():
                self._with_staff(lambda staff: self._ask_for_puk(staff, effect))
            case do.SignTransaction():
                self._sign(effect)
            case do.SealReport():
                self._seal_report(effect)
            case do.SealTicket() | do.SealFeedback():
                self._seal_aside(effect)
            case do.PrintTicket():
                self._print_paper(issue_receipt.slip_for(effect, self._where))
            case do.AppendTransaction(transaction_id):
                sealed = self._secrets.envelopes[transaction_id]
                self._append_request = self._agent.append(
                    transaction_id, sealed.body, kind=sealed.kind, schema=ENVELOPE_SCHEMA,
                    sealing_key_id=sealed.sealing_key_id, service=sealed.service,
                )  # fmt: skip
            case do.FollowTransaction(transaction_id):
                self._agent.follow(transaction_id, wait_seconds=self.session.limits.decision_seconds)
            case do.PrintReceipt():
                self._print(effect)
            case do.PrintShown():
                self._print_paper(issue_receipt.paper_for(effect, self._where))
            case do.PrintDocument(document):
                self._print_document(document)
            case do.AskByCode(code):
                self._ask_by_code(code)
            case do.CallStaff(step):
                self._agent.call_staff(step)
            case do.Play(sound):
                self._sounder.play(sound)
            case do.ResetCard():
                self._card.cancel_pin()  # an open entry would hold the card thread
                self._on_card(self._card.finish)
            case do.AdmitStaff(seconds):
                self._with_staff(lambda staff: self._admit(staff, seconds))
            case do.LetStaffGo():
                self._let_staff_go()
            case do.ForgetSecrets():
                self._on_card(self._secrets.forget)
                self._let_staff_go()
            case do.LeaveScreen(why):
                self._screen.leave(why)
            case _ as unreachable:
                assert_never(unreachable)

    # --- the card thread -------------------------------------------------------------------------

    def _on_card(self, job: Callable[[], None]) -> None:
        self._card_worker.submit(lambda: self._guarded(job))

    def _guarded(self, job: Callable[[], None]) -> None:
        try:
            job()
        except Exception:
            log.exception("fault_caught", event_type="worker", step=step_name(self.session))
            self._post(ev.FaultCaught())

    def _examine(self) -> None:
        outcome = self._card.examine(self._trust.anchors.pem(), self._trust.revocations, self._clock.now())
        self._post(ev.CardWasExamined(outcome))

    def _ask_pin(self, seconds: int) -> None:
        outcome = self._card.verify_pin(seconds, lambda digits: self._post(ev.PinDigitsCounted(digits)))
        self._post(ev.PinChecked(outcome))

    # --- the staff card's thread -----------------------------------------------------------------

    def _with_staff(self, job: Callable[[CardPort], None]) -> None:
        staff = self._staff
        if staff is None:
            self._post(ev.StaffNotJoined())
            return
        staff.worker.submit(lambda: self._guarded(lambda: job(staff.card)))

    def _admit(self, card: CardPort, seconds: int) -> None:
        """Let an officer in; the last try of a PIN is never used here, where anybody may type on the pad."""
        found = card.examine(self._trust.anchors.pem(), self._trust.revocations, self._clock.now())
        tries = found.identity.pin_tries_left if isinstance(found, Genuine) else 0
        if isinstance(found, Genuine) and found.identity.role is Role.STAFF and tries != 1:
            outcome = card.verify_pin(seconds, lambda _digits: None)
            if isinstance(outcome, PinAccepted):
                self._post(ev.StaffJoined(found.identity.number))
                return
        card.finish()
        self._post(ev.StaffNotJoined())

    def _let_staff_go(self) -> None:
        if self._staff is not None:
            self._staff.card.cancel_pin()
            self._with_staff(lambda card: card.finish())

    def _attended(self, wanted: do.SignTransaction | do.SealReport, id_: str, go_on: Callable[[str], None]) -> None:
        """Let the officer who takes part sign so, then go on with the act; without an officer at once."""
        if not wanted.staff:
            go_on("")
            return

        def job(card: CardPort) -> None:
            signed = submit.attend(wanted, card, self._place, id_=id_, at=self._clock.now())
            if isinstance(signed, str):
                go_on(signed)
            else:
                self._keep(id_, signed)

        self._with_staff(job)

    def _ask_for_puk(self, staff: CardPort, wanted: do.UnblockPin) -> None:
        """On the staff card's thread."""
        id_ = self._ids.new()
        sealed = unblock.ask_for_puk(
            staff, wanted.officer, wanted.card, self._secrets, self._trust, self._place, id_=id_, at=self._clock.now()
        )
        if sealed is None:
            self._post(ev.PinWasSet(PadFailed("the staff card did not ask for the PUK")))
        else:
            self._agent.ask(id_, sealed, wait_seconds=RECORD_WAIT_SECONDS)

    def _set_pin(self, seconds: int, puk: bytes = b"") -> None:
        visitor = self._visitor()

        def job() -> None:
            outcome = self._card.set_pin(seconds, lambda digits: self._post(ev.PinDigitsCounted(digits)), puk=puk)
            if isinstance(outcome, PinAccepted) and visitor is not None:  # told on whatever becomes of the visit
                self._tell_pin_set(visitor.card.number, "unblocked" if puk else "changed")
            self._post(ev.PinWasSet(outcome))

        self._on_card(job)

    def _tell_pin_set(self, card: str, how: Literal["changed", "unblocked"]) -> None:
        id_ = self._ids.new()
        sealed = submit.seal_pin_set(card, how, self._trust, self._place, id_=id_, at=self._clock.now())
        if isinstance(sealed, submit.NotSigned):
            log.warning("pin_not_told", problem=sealed.detail.split(":")[0])
            return
        self._secrets.untold.add(id_)
        self._agent.append(
            id_, sealed.body, kind=sealed.kind, schema=ENVELOPE_SCHEMA, sealing_key_id=sealed.sealing_key_id,
            service=sealed.service,
        )  # fmt: skip

    def _open_record(self, person: str = "") -> None:
        visitor = self._visitor()
        number = visitor.card.number if visitor else ""
        online = self.session.environment.line.value == "online"
        stale = self._record_is_closed()

        def job() -> None:
            if not online and person:
                self._post(ev.RecordAbsent(RecordAbsence.OFFLINE, self._secrets.holder_name))
                return
            if not online:
                self._read_holder()
                self._open_cached(number, stale=stale)
                return
            id_ = self._ids.new()
            sealed = open_record.ask_for_record(
                self._card, number, self._secrets, self._trust, self._place, id_=id_, at=self._clock.now(),
                person=person,
            )  # fmt: skip
            if isinstance(sealed, bytes):
                self._agent.ask(id_, sealed, wait_seconds=RECORD_WAIT_SECONDS)
            self._read_holder()  # while the question is on its way
            if not isinstance(sealed, bytes):
                log.warning("record_not_asked", problem=_code(sealed))
                self._post(ev.RecordAbsent(RecordAbsence.UNTRUSTED, self._secrets.holder_name))

        self._on_card(job)

    def _read_holder(self) -> None:
        self._secrets.holder_name = self._secrets.holder_name or self._card.read_holder() or ""

    def _record_is_closed(self) -> bool:
        age = self.session.environment.revocation_age_seconds
        return record_is_closed(self.session.offline_limits, age)

    def _open_cached(self, number: str, *, stale: bool) -> None:
        """On the card's thread: without the line, make the access line durable, and ask for the record then."""
        name = self._secrets.holder_name
        if stale:
            self._post(ev.RecordAbsent(RecordAbsence.STALE, name))
            return
        id_ = self._ids.new()
        entry = cached_record.write_access(
            self._card, number, self._trust, self._place, id_=id_, at=self._clock.now()
        )
        if isinstance(entry, RecordAbsence):
            self._post(ev.RecordAbsent(entry, name))
        elif isinstance(entry, cached_record.AccessEntry):
            self._secrets.accesses[id_] = entry.fingerprint
            self._agent.append(
                id_, entry.body, kind=ACCESS, schema=cached_record.SCHEMA, sealing_key_id=entry.sealing_key_id,
                service="record.open",
            )  # fmt: skip
        else:
            log.warning("access_not_written", problem=_code(entry))
            self._post(ev.RecordAbsent(RecordAbsence.OFFLINE, name))

    def recorded(self, recorded: Recorded) -> None:
        """Take it that an entry is durable: an access line opens the way to the record, anything else is the act."""
        if recorded.transaction_id in self._secrets.untold:  # no page waits for it
            return
        mark = self._secrets.accesses.get(recorded.transaction_id)
        if mark is None:
            self._post(ev.TransactionRecorded(recorded))
        else:
            self._agent.fetch_record(recorded.transaction_id, mark)

    def not_recorded(self, id_: str, reason: str) -> None:
        """Take it that the journal refused an entry; without its access line no record is shown."""
        if id_ in self._secrets.untold:
            log.warning("pin_not_told", problem=reason)
        elif self._secrets.accesses.pop(id_, None) is None:
            self._post(ev.RecordingRefused(reason))
        else:
            self._post(ev.RecordAbsent(RecordAbsence.REFUSED, self._secrets.holder_name))

    def lent(self, sealed: bytes, version: int, synced_at: str) -> None:
        """Take the sealed record that the agent keeps; the card opens it, on its own thread."""
        visitor = self._visitor()
        number = visitor.card.number if visitor else ""

        def job() -> None:
            at = self._clock.now()
            found = cached_record.read_cached(
                self._card, sealed, version=version, synced_at=synced_at, trust=self._trust, at=at
            )
            if isinstance(found, Person) and not cached_record.is_own(found, number):
                self._post(ev.RecordAbsent(RecordAbsence.NOT_CACHED, self._secrets.holder_name))
                return
            self._post(self._record_event(found))

        self._on_card(job)

    def not_lent(self, reason: str) -> None:
        """Take it that this terminal does not hold the record, and why."""
        self._post(ev.RecordAbsent(RecordAbsence(reason), self._secrets.holder_name))

    def _sign(self, wanted: do.SignTransaction) -> None:
        visitor = self._visitor()
        language = self.session.comfort.language
        id_ = self._ids.new()

        def job(attendance: str) -> None:
            if visitor is None:
                self._post(ev.SigningFailed("card"))
                return
            at = self._clock.now()
            transaction = submit.build_transaction(
                wanted,
                visitor,
                self._secrets,
                self._place,
                id_=id_,
                started_at=self._started_at,
                at=at,
                language=language,
                attendance=attendance,
            )
            self._keep(
                id_,
                submit.sign_and_seal(transaction, self._card, self._trust, at, signed=self._agent.expect_append),
            )

        self._attended(wanted, id_, lambda attendance: self._on_card(lambda: job(attendance)))

    def _seal_report(self, wanted: do.SealReport) -> None:
        language = self.session.comfort.language
        id_ = self._ids.new()

        def job(attendance: str) -> None:
            outcome = submit.seal_report(
                wanted, self._secrets, self._trust, self._place, id_=id_, started_at=self._started_at,
                at=self._clock.now(), language=language, attendance=attendance,
            )  # fmt: skip
            self._keep(id_, outcome)

        # in the end the thread that owns the secrets
        self._attended(wanted, id_, lambda attendance: self._on_card(lambda: job(attendance)))

    def _seal_aside(self, wanted: do.SealTicket | do.SealFeedback) -> None:
        def job() -> None:
            id_ = self._ids.new()
            self._keep(id_, submit.seal_aside(wanted, self._trust, self._place, id_=id_, at=self._clock.now()))

        self._on_card(job)  # the thread that owns the secrets

    def _keep(self, id_: str, outcome: SealedTransaction | submit.NotSigned) -> None:
        if isinstance(outcome, submit.NotSigned):
            log.warning("not_signed", why=outcome.why, problem=outcome.detail.split(":")[0])
            self._post(ev.SigningFailed(outcome.why))
            return
        self._secrets.envelopes[id_] = outcome
        self._post(ev.TransactionSigned(id_))

    def _visitor(self) -> Visitor | None:
        phase = self.session.phase
        holder = getattr(phase, "checked", phase)
        visitor = getattr(holder, "visitor", None)
        return visitor if isinstance(visitor, Visitor) else None

    # --- the printer thread ----------------------------------------------------------------------

    def _print(self, wanted: do.PrintReceipt) -> None:
        language, large = self.session.comfort.language, self.session.comfort.text_scale > TEXT_SCALES[0]
        receipt = issue_receipt.receipt_for(wanted, self._where)

        def job() -> None:
            outcome = self._printer.print_receipt(receipt, wanted.part, language, large=large)
            stage = wanted.verdict.decision if wanted.verdict else "received"
            self._agent.report_print(wanted.recorded.transaction_id, stage=stage, outcome=outcome)
            self._post(ev.PrintEnded(outcome))

        self._print_worker.submit(lambda: self._guarded(job))

    def _print_paper(self, paper: Receipt) -> None:
        """Print what no journal entry hangs on."""
        language, large = self.session.comfort.language, self.session.comfort.text_scale > TEXT_SCALES[0]

        def job() -> None:
            self._post(ev.PrintEnded(self._printer.print_receipt(paper, do.Part.WHOLE, language, large=large)))

        self._print_worker.submit(lambda: self._guarded(job))

    def _print_document(self, document: DocumentPaper) -> None:
        documents, language, place = self._documents, self.session.comfort.language, self._where

        def job() -> None:
            outcome = "failed" if documents is None else documents.print_document(document, place, language)
            self._post(ev.DocumentEnded(outcome))

        self._print_worker.submit(lambda: self._guarded(job))

    def _print_ticket(self, wanted: do.PrintTicket) -> None:
        language, large = self.session.comfort.language, self.session.comfort.text_scale > TEXT_SCALES[0]
        slip = issue_receipt.slip_for(wanted, self._where)

        def job() -> None:
            self._post(ev.PrintEnded(self._printer.print_receipt(slip, do.Part.WHOLE, language, large=large)))

        self._print_worker.submit(lambda: self._guarded(job))

    # --- the agent -------------------------------------------------------------------------------

    def _ask_by_code(self, code: str) -> None:
        id_, at = self._ids.new(), self._clock.now()
        asked = by_code.ask_about(code, self._secrets, self._trust, self._place, id_=id_, at=at)
        if isinstance(asked, by_code.CodeOutcome):
            self._post(ev.CodeWasAnswered(asked.outcome, asked.reference, asked.detail))
        elif self.session.environment.line.value != "online":
            number = self._secrets.questions.get(asked.id, ("", ""))[1]
            self._post(ev.CodeWasAnswered("genuine_offline" if number else "offline", number))
        else:
            self._agent.ask(asked.id, asked.sealed, wait_seconds=RECORD_WAIT_SECONDS)

    def answered(self, id_: str, sealed: bytes) -> None:
        """Take an answer to one of this visit's questions, as the agent carried it."""
        at = self._clock.now()
        kind, _ = self._secrets.questions.get(id_, ("", ""))
        if kind == open_record.KIND:
            found = open_record.read_record(sealed, id_, self._secrets, self._trust, at)
            if isinstance(found, Person):
                self._post(ev.RecordOpened(found))
            else:  # behind the card's name, which is still being read
                self._on_card(lambda: self._post(self._record_event(found)))
        elif kind == unblock.KIND:
            puk = unblock.read_puk(sealed, id_, self._secrets, self._trust, at)
            if puk and isinstance(self.session.phase, AwaitingNewPin):
                self._set_pin(2 * int(self.session.limits.pin_seconds), puk)
            else:
                self._post(ev.PinWasSet(PadFailed("no PUK for this officer")))
        elif kind:
            outcome = by_code.read_answer(sealed, id_, self._secrets, self._trust, at)
            self._post(ev.CodeWasAnswered(outcome.outcome, outcome.reference, outcome.detail))

    def _record_event(self, found: object) -> ev.Event:
        name = self._secrets.holder_name
        if isinstance(found, Person):
            return ev.RecordOpened(found)
        if isinstance(found, str):
            known = {"not_on_file": RecordAbsence.NOT_ON_FILE}
            return ev.RecordAbsent(known.get(found, RecordAbsence.REFUSED), name)
        log.warning("record_not_believed", problem=_code(found))
        return ev.RecordAbsent(RecordAbsence.UNTRUSTED, name)

    def unanswered(self, id_: str, reason: str) -> None:
        """Take it that the agent could not bring an answer."""
        kind, number = self._secrets.questions.get(id_, ("", ""))
        if kind == open_record.KIND and reason == "refused":
            self._on_card(lambda: self._post(ev.RecordAbsent(RecordAbsence.REFUSED, self._secrets.holder_name)))
        elif kind == open_record.KIND:  # the line failed meanwhile
            visitor, stale = self._visitor(), self._record_is_closed()
            if visitor is not None and visitor.mandate is not None:
                self._post(ev.RecordAbsent(RecordAbsence.OFFLINE, self._secrets.holder_name))
                return
            self._on_card(lambda: self._open_cached(visitor.card.number if visitor else "", stale=stale))
        elif kind == unblock.KIND:
            self._post(ev.PinWasSet(PadFailed("no answer about the PUK")))
        elif kind:
            self._post(ev.CodeWasAnswered("refused" if reason == "refused" else "offline", number))

    def progressed(self, id_: str, stage: str, sealed: bytes | None) -> None:
        """Take how far a followed transaction has come; the verdict is opened here, never by the agent."""
        if stage == "sent":
            self._post(ev.TransactionSent(id_))
            return
        if sealed is None:
            log.warning("verdict_not_sealed")
            return
        verdict = submit.read_verdict(sealed, id_, self._secrets, self._trust, self._clock.now())
        if isinstance(verdict, Problem):
            log.warning("verdict_not_believed", problem=_code(verdict))
            return
        self._post(ev.VerdictArrived(id_, verdict))

    def give_up_append(self) -> None:
        """Stop repeating: the person was told that it is not known."""
        self._agent.give_up(self._append_request)


def _code(problem: object) -> str:
    """Name a problem as a log may: by its code."""
    return problem.code.value if isinstance(problem, Problem) else "no card or no key"
