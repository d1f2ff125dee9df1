"""The one transition function of a visit.

`advance(session, event, now)` gives the next session and the effects it asks for. It is total: an event that
does not fit is ignored. What every phase has in common (comfort, help, staff, time, a pulled card) stands here,
what belongs to one stretch of the way stands in that stretch's module.

`now` is monotonic seconds.
"""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from kiosk.domain.session import (
    answering,
    aside,
    by_number,
    choosing,
    codes,
    events,
    identification,
    new_pin,
    signing,
    staff,
    staff_code,
)
from kiosk.domain.session.effects import CallStaff, Play, Sound
from kiosk.domain.session.events import (
    BarcodeScanned,
    CallStaffPressed,
    CardInserted,
    CardRemoved,
    ContinuePressed,
    ContrastPressed,
    DeskPressed,
    EndPressed,
    EnvironmentChanged,
    Event,
    FaultCaught,
    HelpEnded,
    HelperTypesToggled,
    HelpPressed,
    LanguageChosen,
    LanguagePressed,
    LowerScreenPressed,
    OverlayClosed,
    PinChecked,
    PinDigitsCounted,
    StaffCallAnswered,
    StaffCardInserted,
    StaffJoined,
    StaffLeft,
    StaffNotJoined,
    TextSizePressed,
    Ticked,
)
from kiosk.domain.session.states import (
    TEXT_SCALES,
    Answering,
    AskingByCode,
    AskingByNumber,
    AskingStaffCode,
    AwaitingCard,
    AwaitingNewPin,
    AwaitingNumberPin,
    AwaitingPin,
    AwaitingSignature,
    CardRefusedPhase,
    Checking,
    ChoosingLanguage,
    CodeAnswered,
    Ended,
    EndReason,
    EnteringCode,
    EnteringStaffCode,
    Environment,
    ExaminingCard,
    Following,
    HelpShown,
    IdleWarning,
    LanguagePicker,
    LastPinTry,
    Menu,
    Noted,
    NothingRecorded,
    NotKnownWhetherRecorded,
    OpeningRecord,
    OutOfService,
    OutOfServiceReason,
    Phase,
    PinIsBlocked,
    PinPaused,
    Printing,
    Recording,
    Session,
    Showing,
    ShowingReceipt,
    Signing,
    StaffCalled,
    TakingCard,
    Welcome,
)
from kiosk.domain.session.turn import Turn, end, go, leave, stay

_ACTIVITY = (
    events.ScreenTouched, events.LanguageChosen, events.LanguagePressed, events.TextSizePressed,
    events.ContrastPressed, events.LowerScreenPressed, events.HelpPressed, events.CallStaffPressed,
    events.DeskPressed, events.FeedbackPressed, events.OverlayClosed, events.ContinuePressed, events.BackPressed, events.EndPressed, events.ServiceChosen,
    events.LifeEventChosen, events.WithoutCardPressed, events.ActionPressed, events.PrintEnded,
    events.StopPressed, events.ConfirmPressed, events.Typed, events.ChangePressed, events.SignPressed,
    events.PrintAgainPressed, events.CodePressed, CardInserted, CardRemoved, PinDigitsCounted, PinChecked, events.PinWasSet,
    events.CardWasExamined, events.RecordOpened, events.RecordAbsent, events.VerdictArrived, BarcodeScanned,
    events.CodeWasAnswered, StaffCardInserted, StaffJoined, StaffNotJoined, StaffLeft, HelperTypesToggled, HelpEnded,
    events.DocumentEnded, events.DocumentAgainPressed, events.StaffCodePressed, events.StaffCodeAnswered, events.NumberPinSealed, events.NumberAnswered,
)  # fmt: skip
"""What shows that somebody is there, or gives somebody something new to read."""

_READ_TO_THE_END = (
    AwaitingNewPin, Signing, Recording, Following, ShowingReceipt, Noted, NothingRecorded, NotKnownWhetherRecorded,
)  # fmt: skip
"""Phases that a pulled card does not end: the act stands already, or what is written must be read."""

_UNTIMED = (Welcome, OutOfService, AwaitingPin, AwaitingSignature, AwaitingNewPin, AwaitingNumberPin,
            Signing, Recording, Following, TakingCard, Ended)  # fmt: skip
"""Phases that nobody has to answer, or that keep their own time."""


def begin(session: Session, now: float) -> Turn:
    """Choose the first state of a new visit: a card that is already there was left behind and is to be taken."""
    reason = fault_of(session.environment)
    if reason is not None:
        return go(replace(session, idle_at=now), OutOfService(reason))
    if session.card_present:
        quiet_at = now + session.limits.card_left_seconds
        left = TakingCard(EndReason.CARD_LEFT, until=float("inf"), sound_at=now, quiet_at=quiet_at)
        return go(replace(session, idle_at=now), left)
    return go(replace(session, idle_at=now), Welcome())


def advance(session: Session, event: Event, now: float) -> Turn:  # noqa: C901, PLR0911, PLR0912 - the table of events
    """One event, one step. Never raises for any event in any state."""
    if isinstance(session.phase, Ended):
        return stay(session)
    if isinstance(event, _ACTIVITY):
        closes = isinstance(session.overlay, IdleWarning)
        session = replace(session, idle_at=now, overlay=None if closes else session.overlay)
        if closes and isinstance(event, OverlayClosed | events.ScreenTouched):
            return stay(session)
    match event:
        case LanguagePressed() | TextSizePressed() | ContrastPressed() | LowerScreenPressed() | LanguageChosen():
            return _comfort(session, event)
        case HelpPressed() | CallStaffPressed() | StaffCallAnswered() | OverlayClosed():
            return _overlay(session, event)
        case events.StaffCodePressed():
            return staff_code.pressed(session)
        case DeskPressed():
            return aside.ask_for_desk(session)
        case events.ServicesOffered(services):
            return stay(replace(session, services=services))
        case EnvironmentChanged(environment):
            return _environment(session, environment)
        case CardInserted() | CardRemoved() if session.practice:  # practice has a card of its own, in nobody's hands
            known = replace(session, card_present=isinstance(event, CardInserted))
            return _in_phase(known, events.ScreenTouched(), now) if isinstance(session.phase, Welcome) else stay(known)
        case CardRemoved():
            return _card_removed(replace(session, card_present=False), now)
        case CardInserted():
            return _in_phase(replace(session, card_present=True), event, now)
        case StaffCardInserted() | StaffJoined() | StaffNotJoined() | StaffLeft() | HelpEnded() | HelperTypesToggled():
            return staff.staff(session, event)
        case EndPressed():
            return _end_pressed(session, now)
        case FaultCaught():
            return _fault(session, now)
        case Ticked():
            return _ticked(session, now)
        case _:
            return _in_phase(session, event, now)


def _comfort(session: Session, event: Event) -> Turn:  # noqa: PLR0911 - one line a button
    """How the screen is shown; never where the visit is, but for the first choice of a language."""
    comfort = session.comfort
    match event:
        case LanguagePressed():
            return replace(session, overlay=LanguagePicker()), ()
        case LanguageChosen(language) if language in session.languages:
            spoken = replace(session, comfort=replace(comfort, language=language), overlay=None)
            if isinstance(session.phase, Welcome | ChoosingLanguage) and not isinstance(
                session.overlay, LanguagePicker
            ):
                return identification.spoken_to(spoken)
            return stay(spoken)
        case TextSizePressed():
            scales = TEXT_SCALES
            larger = scales[(scales.index(comfort.text_scale) + 1) % len(scales)]
            return stay(replace(session, comfort=replace(comfort, text_scale=larger)))
        case ContrastPressed():
            return stay(replace(session, comfort=replace(comfort, high_contrast=not comfort.high_contrast)))
        case LowerScreenPressed():
            return stay(replace(session, comfort=replace(comfort, lowered=not comfort.lowered)))
        case _:
            return stay(session)


def _overlay(session: Session, event: Event) -> Turn:
    """Change what lies over the screen: help, and the call for staff."""
    match event:
        case HelpPressed():
            return stay(replace(session, overlay=HelpShown()))
        case CallStaffPressed():
            return replace(session, overlay=StaffCalled()), (CallStaff(step_name(session)),)
        case StaffCallAnswered(number) if isinstance(session.overlay, StaffCalled):
            return stay(replace(session, overlay=StaffCalled(number, delivered=bool(number))))
        case OverlayClosed():
            return stay(replace(session, overlay=None))
        case _:
            return stay(session)


def step_name(session: Session) -> str:
    """Name the phase in the words of the log and of the staff's list; nothing about who."""
    return type(session.phase).__name__


def fault_of(environment: Environment) -> OutOfServiceReason | None:
    """Why nobody can be served now, if so."""
    if not environment.agent_connected:
        return OutOfServiceReason.NO_AGENT
    if environment.suspended:
        return OutOfServiceReason.SUSPENDED
    if not environment.journal_works:
        return OutOfServiceReason.JOURNAL
    if not environment.reader_works:
        return OutOfServiceReason.NO_READER
    return None


def _environment(session: Session, environment: Environment) -> Turn:
    """Take a changed world: a fault closes an idle terminal at once; a running visit goes on as far as it can."""
    session = replace(session, environment=environment)
    reason = fault_of(environment)
    match session.phase:
        case Welcome() if reason is not None:
            return go(session, OutOfService(reason))
        case OutOfService() if reason is None:
            return begin(session, session.idle_at)
        case OutOfService() if reason is not None:
            return go(session, OutOfService(reason))
        case _:
            return stay(session)


def _card_removed(session: Session, now: float) -> Turn:
    """End the visit that lost its card, except where the act already stands or the screen must be read."""
    if isinstance(session.phase, EnteringStaffCode | AskingStaffCode):  # what becomes of it, the page below decides
        session = replace(session, phase=session.phase.origin)
    if _needs_no_card(session.phase):
        return stay(session)
    match session.phase:
        case phase if isinstance(phase, _READ_TO_THE_END):
            return stay(session)
        case Answering() | Checking() | AwaitingSignature():
            return go(replace(session, overlay=None), NothingRecorded("card_pulled"))
        case CardRefusedPhase():
            return leave(session, EndReason.CARD_REFUSED, now)
        case TakingCard(why):
            return end(session, why)
        case _:
            return leave(session, EndReason.CARD_TAKEN, now)


def _needs_no_card(phase: Phase) -> bool:
    """Whether what is on the screen goes on whatever becomes of a card."""
    match phase:
        case OutOfService() | Welcome() | ChoosingLanguage() | AwaitingCard():
            return True
        case EnteringCode() | AskingByCode() | CodeAnswered() | AwaitingNumberPin() | AskingByNumber():
            return True
        case Menu(visitor) | Answering(visitor) | Showing(visitor) | Checking(visitor):
            return not visitor.card.shown
        case _:
            return False


def _end_pressed(session: Session, now: float) -> Turn:
    """End is always there; only an act under way is finished first."""
    match session.phase:
        case Welcome() | OutOfService() | Signing() | Recording() | TakingCard():
            return stay(session)
        case _:
            return leave(session, EndReason.FINISHED, now)


def _fault(session: Session, now: float) -> Turn:
    """Leave after an exception: what is journaled stays told, everything else ends safely."""
    match session.phase:
        case Recording(checked, transaction_id):
            code = transaction_id.replace("-", "")[-signing.CODE_LENGTH :].upper()
            return go(session, NotKnownWhetherRecorded(code, checked, transaction_id))
        case Following(checked, recorded):
            return go(session, ShowingReceipt(checked, recorded, None, Printing.UNKNOWN))
        case ShowingReceipt() as phase:
            return go(session, replace(phase, printing=Printing.UNKNOWN))
        case AwaitingNewPin():
            return go(session, NothingRecorded("pin_pulled"))
        case Answering() | Checking() | AwaitingSignature() | Signing():
            return go(session, NothingRecorded("fault"))
        case _:
            return leave(session, EndReason.FAULT, now)


def _ticked(session: Session, now: float) -> Turn:  # noqa: PLR0911 - one line a phase
    """Time: the warning first, then the end; some phases keep time of their own."""
    match session.phase:
        case TakingCard(why, until) if now >= until:
            return end(session, EndReason.CARD_LEFT if why is EndReason.FINISHED else why)
        case TakingCard(sound_at=due, quiet_at=quiet_at) as phase if due <= now < quiet_at:
            again = replace(phase, sound_at=now + session.limits.card_sound_seconds)
            return go(session, again, Play(Sound.CARD_LEFT))
        case Recording() | Following():
            return _in_phase(session, Ticked(), now)
        case Welcome() | OutOfService():
            return _as_nobody_left_it(session, now)
        case phase if isinstance(phase, _UNTIMED):
            return stay(session)
        case _:
            pass
    match session.overlay:
        case IdleWarning(until) if now >= until:
            return leave(session, EndReason.TIMED_OUT, now)
        case IdleWarning():
            return stay(session)
        case _ if now - session.idle_at >= session.limits.idle_seconds:
            warning = IdleWarning(until=now + session.limits.warning_seconds)
            return replace(session, overlay=warning), (Play(Sound.WARNING),)
        case _:
            return stay(session)


def _as_nobody_left_it(session: Session, now: float) -> Turn:
    """Whoever chose a size, a contrast or a language and walked off leaves the next person none of it."""
    changed = session.comfort != session.defaults or session.overlay is not None
    if changed and now - session.idle_at >= session.limits.idle_seconds:
        return stay(replace(session, comfort=session.defaults, overlay=None))
    return stay(session)


def _in_phase(session: Session, event: Event, now: float) -> Turn:  # noqa: C901, PLR0911, PLR0912 - the table of phases
    """Hand the event to the stretch of the way where the visit is."""
    match session.phase:
        case Welcome() | ChoosingLanguage() | AwaitingCard() as phase:
            return identification.from_nobody(session, phase, event)
        case ExaminingCard():
            return identification.examining(session, event)
        case AwaitingPin() as phase:
            return identification.awaiting_pin(session, phase, event, now)
        case PinIsBlocked() as phase if new_pin.can_unblock(session, phase):
            return new_pin.blocked(session, phase, event)
        case PinPaused() | LastPinTry() as phase:
            return identification.pin_stopped(session, phase, event)
        case OpeningRecord() as phase:
            return identification.opening_record(session, phase, event)
        case Menu() as phase:
            return choosing.menu(session, phase, event)
        case Answering() as phase:
            return answering.answering(session, phase, event)
        case Showing() as phase:
            return answering.showing(session, phase, event)
        case Checking() as phase:
            return answering.checking(session, phase, event)
        case AwaitingSignature() as phase:
            return signing.awaiting_signature(session, phase, event)
        case AwaitingNewPin() as phase:
            return new_pin.awaiting_new_pin(session, phase, event)
        case AwaitingNumberPin() as phase:
            return by_number.awaiting_number_pin(session, phase, event)
        case AskingByNumber() as phase:
            return by_number.asking_by_number(session, phase, event)
        case Signing() as phase:
            return signing.signing(session, phase, event, now)
        case Recording() as phase:
            return signing.recording(session, phase, event, now)
        case Following() as phase:
            return signing.following(session, phase, event, now)
        case ShowingReceipt() as phase:
            return signing.showing_receipt(session, phase, event, now)
        case Noted() as phase:
            return aside.noted(session, phase, event, now)
        case NothingRecorded() as phase:
            return signing.nothing_recorded(session, phase, event, now)
        case NotKnownWhetherRecorded() as phase:
            return signing.not_known(session, phase, event, now)
        case EnteringCode() as phase:
            return codes.entering_code(session, phase, event)
        case AskingByCode():
            return codes.asking_by_code(session, event)
        case CodeAnswered():
            return codes.code_answered(session, event, now)
        case EnteringStaffCode() as phase:
            return staff_code.entering(session, phase, event)
        case AskingStaffCode() as phase:
            return staff_code.asking(session, phase, event)
        case CardRefusedPhase() | PinIsBlocked():
            return leave(session, EndReason.CARD_REFUSED, now) if isinstance(event, ContinuePressed) else stay(session)
        case OutOfService() | TakingCard() | Ended():
            return stay(session)
        case _ as unreachable:
            assert_never(unreachable)
