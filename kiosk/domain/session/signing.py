"""From the check page to the receipt: the act, and what must not be lost of it.

- The signature needs a fresh PIN, even if the card would not ask (ASVS 7.5.3).
- Until the card has returned the signature nothing has happened; after it the act stands, and a pulled card
  changes nothing any more.
- The receipt starts to print when the act is durable, never before; what is printed first says *received*.
"""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from kiosk.domain.availability import Availability, availability
from kiosk.domain.card import (
    PadFailed,
    PinAccepted,
    PinBlocked,
    PinCancelled,
    PinOutcome,
    PinTimedOut,
    PinWrong,
    PinWrongLength,
    Pulled,
)
from kiosk.domain.carrying import carried_by
from kiosk.domain.catalogue import service_named
from kiosk.domain.problem import Problem
from kiosk.domain.service import Entry, EvidenceKind, Offline
from kiosk.domain.services.bank_account import CHANGE, CONFIRM_HOLDER, STOP
from kiosk.domain.session import a4, aside, new_pin
from kiosk.domain.session.effects import (
    AppendTransaction,
    FollowTransaction,
    OpenRecord,
    Part,
    PrintReceipt,
    SealReport,
    SignTransaction,
)
from kiosk.domain.session.events import (
    ConfirmPressed,
    ContinuePressed,
    DocumentAgainPressed,
    DocumentEnded,
    Event,
    FeedbackPressed,
    PinChecked,
    PinDigitsCounted,
    PrintAgainPressed,
    PrintEnded,
    RecordingRefused,
    SigningFailed,
    Ticked,
    TransactionRecorded,
    TransactionSent,
    TransactionSigned,
    VerdictArrived,
)
from kiosk.domain.session.identification import start_pad
from kiosk.domain.session.staff import authors
from kiosk.domain.session.states import (
    AwaitingSignature,
    Checking,
    EndReason,
    Following,
    LastPinTry,
    Line,
    Menu,
    NothingRecorded,
    NotKnownWhetherRecorded,
    OpeningRecord,
    PinIsBlocked,
    Printing,
    Recorded,
    Recording,
    RequestLine,
    Session,
    ShowingReceipt,
    Signing,
    Step,
    Verdict,
    Visitor,
)
from kiosk.domain.session.turn import Turn, go, leave, printing_of, stay
from kiosk.domain.transaction import helper_roles

CODE_LENGTH = 8
"""Characters of a transaction id that the desk needs to find a filing whose record is in doubt."""


def start_signature(session: Session, checked: Checking) -> Turn:
    """Ask for the PIN again, if the act could be recorded at all, and decided where it needs the line."""
    problem = why_not_recorded(session, checked)
    if problem is None and session.helper_types:
        problem = Problem("sign.helper_types")
    if problem is not None:
        return go(session, replace(checked, problem=problem))
    return start_pad(session, AwaitingSignature(_with_authors(session, checked)))


def _with_authors(session: Session, checked: Checking) -> Checking:
    """Fix who typed what, and who takes part."""
    entered_by = authors(session, checked.service, checked.answers)
    return replace(checked, problem=None, entered_by=entered_by, staff=session.joined)


def why_not_recorded(session: Session, checked: Checking) -> Problem | None:
    """Return why the act could not be recorded, or not decided where it needs the line; None when it can."""
    world = session.environment
    if not (world.agent_connected and world.journal_works) or world.suspended:
        return Problem("sign.cannot_record")
    closed = session.closed
    service = service_named(checked.service)
    if service.needs_staff and not session.joined:
        return Problem("service.refused.needs_staff")
    never_closed = checked.service == STOP.id or service.offline is Offline.WORKS  # the journal may still refuse
    if closed is not None and not never_closed:  # stopping a fraud is never closed, nor the way to the desk
        return Problem(f"service.refused.closed.{closed.value}")
    if availability(service, online=world.line is Line.ONLINE) is Availability.NEEDS_LINE:
        return Problem("service.refused.needs_line")
    return None


def start_new_pin(session: Session, checked: Checking) -> Turn:
    """Let the card change its PIN, if that could be told on: who has a fresh PIN is looked at twice."""
    problem = why_not_recorded(session, checked)
    if problem is not None:
        return go(session, replace(checked, problem=problem))
    return new_pin.start(session, checked)


def start_report(session: Session, checked: Checking) -> Turn:
    """Without a card nothing is signed: what is told is sealed, recorded and sent like any other act.

    Where number and PIN carry it, the report says that they were shown; what anybody may tell says nothing of anybody.
    """
    problem = why_not_recorded(session, checked)
    if problem is not None:
        return go(session, replace(checked, problem=problem))
    told = _with_authors(session, checked)
    shown = carried_by(service_named(told.service), told.visitor.card.role) is EvidenceKind.NUMBER_AND_PIN
    effect = aside.seal(checked) or SealReport(told.service, told.answers, told.entered_by, told.staff, by_number=shown)
    return go(session, Signing(told), effect)


def awaiting_signature(session: Session, phase: AwaitingSignature, event: Event) -> Turn:
    """Let the pad ask again; every way it can fail leads back to the checked answers, which are kept."""
    match event:
        case PinDigitsCounted(digits):
            return go(session, replace(phase, digits=digits))
        case PinChecked(outcome):
            return _pin_checked(session, phase, outcome)
        case _:
            return stay(session)


def _pin_checked(session: Session, phase: AwaitingSignature, outcome: PinOutcome) -> Turn:  # noqa: PLR0911 - one line an outcome
    checked = phase.checked
    match outcome:
        case PinAccepted():
            return _let_sign(session, checked)
        case PinWrong(left) if left > 1:
            return start_pad(session, replace(phase, previous=outcome, digits=None))
        case PinWrong(left) if left == 1:
            card = replace(checked.visitor.card, pin_tries_left=1)
            return go(session, LastPinTry(card, resume=checked))
        case PinWrong() | PinBlocked():
            return go(session, PinIsBlocked(checked.visitor.card))
        case PinWrongLength():
            return start_pad(session, replace(phase, previous=outcome, digits=None))
        case PinCancelled():
            return go(session, replace(checked, problem=Problem("sign.cancelled")))
        case PinTimedOut():
            return go(session, replace(checked, problem=Problem("sign.timed_out")))
        case PadFailed():
            return go(session, replace(checked, problem=Problem("sign.pad_failed")))
        case Pulled():
            return go(session, NothingRecorded("card_pulled"))
        case _ as unreachable:
            assert_never(unreachable)


def _let_sign(session: Session, checked: Checking) -> Turn:
    """Let the card sign; an officer who left meanwhile takes no part, and what needs one stops here."""
    person = checked.visitor.person
    checked = replace(checked, staff=session.joined)
    if service_named(checked.service).needs_staff and not checked.staff:
        return go(session, replace(checked, problem=Problem("service.refused.needs_staff")))
    version = person.version if person else None
    wanted = SignTransaction(checked.service, checked.answers, version, checked.entered_by, checked.staff)
    return go(session, Signing(checked), wanted)


def signing(session: Session, phase: Signing, event: Event, now: float) -> Turn:
    """Let the card compute. A removal seen meanwhile decides nothing: the card's answer does."""
    match event:
        case TransactionSigned(transaction_id):
            until = now + session.limits.append_seconds
            recording = Recording(phase.checked, transaction_id, until)
            return go(session, recording, AppendTransaction(transaction_id))
        case SigningFailed("pulled"):
            return go(session, NothingRecorded("card_pulled"))
        case SigningFailed(why):
            return go(session, NothingRecorded(why, phase.checked.visitor))
        case _:
            return stay(session)


def recording(session: Session, phase: Recording, event: Event, now: float) -> Turn:
    """Signed, not yet durable."""
    match event:
        case TransactionRecorded(recorded) if recorded.transaction_id == phase.transaction_id:
            return recorded_now(session, phase.checked, recorded, now)
        case RecordingRefused(why):
            return go(session, NothingRecorded(why, phase.checked.visitor))
        case Ticked() if now >= phase.until:
            code = phase.transaction_id.replace("-", "")[-CODE_LENGTH:].upper()
            return go(session, NotKnownWhetherRecorded(code, phase.checked, phase.transaction_id))
        case _:
            return stay(session)


def not_known(session: Session, phase: NotKnownWhetherRecorded, event: Event, now: float) -> Turn:
    """Let the journal still answer while the person reads the code."""
    match event:
        case TransactionRecorded(recorded) if phase.checked and recorded.transaction_id == phase.transaction_id:
            return recorded_now(session, phase.checked, recorded, now)
        case ContinuePressed():
            return leave(session, EndReason.FINISHED, now)
        case _:
            return stay(session)


def recorded_now(session: Session, checked: Checking, recorded: Recorded, now: float) -> Turn:
    """Durable: the paper starts; while the line is up, the person sees how it goes on."""
    if service_named(checked.service).entry is not Entry.REQUEST:
        return aside.recorded_now(session, checked, recorded)
    online = session.environment.line is Line.ONLINE
    part = Part.RECEIVED if online else Part.WHOLE
    paper = _paper(checked, part, recorded, None)
    if not online:
        return a4.with_document(session, ShowingReceipt(checked, recorded, None, Printing.PRINTING), paper)
    until = now + session.limits.decision_seconds
    following = Following(checked, recorded, Step.SAVED, until, Printing.PRINTING)
    return go(session, following, paper, FollowTransaction(recorded.transaction_id))


def _paper(
    checked: Checking, part: Part, recorded: Recorded, verdict: Verdict | None, *, duplicate: bool = False
) -> PrintReceipt:
    """Ask for the paper of an act; who helped stands on it by role, and who acted for somebody else by name."""
    roles = helper_roles(checked.entered_by, attended=bool(checked.staff))
    visitor = checked.visitor
    acting = None if visitor.mandate is None or visitor.own is None else (visitor.own.name, visitor.name)
    return PrintReceipt(part, checked.service, checked.answers, recorded, verdict, duplicate, roles, acting)


def following(session: Session, phase: Following, event: Event, now: float) -> Turn:
    """Sent, and the bank is being asked: for at most `decision_seconds`."""
    match event:
        case TransactionSent():
            return go(session, replace(phase, reached=Step.SENT))
        case PrintEnded(outcome):
            return go(session, replace(phase, printing=printing_of(outcome)))
        case VerdictArrived(transaction_id, verdict) if transaction_id == phase.recorded.transaction_id:
            return _close_receipt(session, replace(phase, reached=Step.DECIDED), verdict)
        case Ticked() if now >= phase.until:
            return _close_receipt(session, phase, None)
        case _:
            return stay(session)


def _close_receipt(session: Session, phase: Following, decided: Verdict | None) -> Turn:
    """Print the second part below the first and cut; after a failed first part only a reprint helps."""
    shown = ShowingReceipt(phase.checked, phase.recorded, decided, phase.printing)
    if phase.printing in {Printing.FAILED, Printing.UNKNOWN}:
        return a4.with_document(session, shown)
    paper = _paper(phase.checked, Part.DECIDED, phase.recorded, decided)
    return a4.with_document(session, replace(shown, printing=Printing.PRINTING), paper)


def showing_receipt(session: Session, phase: ShowingReceipt, event: Event, now: float) -> Turn:  # noqa: C901, PLR0911 - one line an event
    """Show what was done and what happens next; the reference stays whatever the paper does."""
    match event:
        case PrintEnded(outcome):
            return go(session, replace(phase, printing=printing_of(outcome)))
        case VerdictArrived(transaction_id, verdict) if transaction_id == phase.recorded.transaction_id:
            return a4.with_document(session, replace(phase, verdict=verdict))
        case DocumentEnded(outcome):
            return a4.ended(session, phase, printing_of(outcome))
        case DocumentAgainPressed():
            return a4.again(session, phase)
        case PrintAgainPressed() if phase.printing is not Printing.PRINTING:
            paper = _paper(phase.checked, Part.WHOLE, phase.recorded, phase.verdict, duplicate=True)
            return go(session, replace(phase, printing=Printing.PRINTING, copies=phase.copies + 1), paper)
        case ConfirmPressed(wanted) if session.card_present and wanted == phase.recorded.transaction_id:
            visitor = with_holder_to_confirm(phase)
            if visitor is None:
                return stay(session)
            return go(session, Checking(visitor, CONFIRM_HOLDER.id, {"change": wanted}, origin=phase))
        case FeedbackPressed():
            return aside.ask_how_it_went(session, phase)
        case ContinuePressed() if not phase.checked.visitor.card.shown:
            return go(session, Menu(phase.checked.visitor))
        case ContinuePressed() if session.card_present:
            return reopened(session, phase.checked.visitor)
        case ContinuePressed():
            return leave(session, EndReason.FINISHED, now)
        case _:
            return stay(session)


def reopened(session: Session, visitor: Visitor) -> Turn:
    """Ask for the record again, of whomever the visitor acts for."""
    whose = visitor.mandate.person if visitor.mandate else ""
    return go(session, OpeningRecord(replace(visitor, person=None)), OpenRecord(whose))


_UNDECIDED = frozenset({"received", "waiting", "held"})


def with_holder_to_confirm(phase: ShowingReceipt) -> Visitor | None:
    """Return the visitor whose newest request waits for the holder's word, that request among the others.

    None when the bank left nothing to confirm, or the record is not here to compare the name with.
    """
    visitor, verdict, recorded = phase.checked.visitor, phase.verdict, phase.recorded
    person = visitor.person
    asked = verdict is not None and verdict.holder_name and verdict.decision in _UNDECIDED
    if person is None or verdict is None or not asked or phase.checked.service != CHANGE.id or visitor.mandate:
        return None
    line = RequestLine(
        recorded.transaction_id, recorded.reference, CHANGE.id, verdict.decision, recorded.recorded_at[:10],
        stoppable=True, holder_name=verdict.holder_name, account=phase.checked.answers["account"],
    )  # fmt: skip
    return replace(visitor, person=replace(person, requests=(line, *person.requests)))


def nothing_recorded(session: Session, phase: NothingRecorded, event: Event, now: float) -> Turn:
    """Read, understood: back to the menu while the card is in, otherwise the end."""
    match event:
        case ContinuePressed() if phase.visitor is not None and (session.card_present or not phase.visitor.card.shown):
            return go(session, Menu(phase.visitor))
        case ContinuePressed():
            return leave(session, EndReason.FINISHED, now)
        case _:
            return stay(session)
