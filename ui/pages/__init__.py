"""One function a page: phase in, screen name and fields out."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from kiosk.domain.session import states as at
from ui.pages import acting, arriving, asking, leaving, serving, showing
from ui.pages.arriving import language_buttons

if TYPE_CHECKING:
    from ui.pages.parts import Page
    from ui.words import Words

__all__ = ["language_buttons", "page_of"]


def page_of(session: at.Session, say: Words, now: float) -> Page:  # noqa: C901, PLR0911, PLR0912 - the table of pages
    """The page of this session's phase."""
    match session.phase:
        case at.OutOfService(reason):
            return leaving.out_of_service(reason, say)
        case at.Welcome():
            return arriving.welcome(session, say)
        case at.ChoosingLanguage():
            return arriving.choosing_language(session, say)
        case at.AwaitingCard():
            return arriving.awaiting_card(session, say)
        case at.ExaminingCard():
            return arriving.examining(say)
        case at.CardRefusedPhase(reason):
            return arriving.card_refused(reason, say)
        case at.AwaitingPin() as phase:
            return arriving.awaiting_pin(phase, say, now)
        case at.PinPaused() as phase:
            return arriving.pin_paused(phase, say)
        case at.LastPinTry():
            return arriving.last_try(say)
        case at.PinIsBlocked() as phase:
            return arriving.blocked(session, phase, say)
        case at.OpeningRecord():
            return arriving.opening(say)
        case at.Menu() as phase:
            return serving.menu(session, phase, say)
        case at.Answering() as phase:
            return asking.answering(session, phase, say)
        case at.Showing() as phase:
            return showing.showing(session, phase, say)
        case at.Checking() as phase:
            return asking.checking(session, phase, say)
        case at.AwaitingSignature() as phase:
            return acting.awaiting_signature(phase, say, now)
        case at.AwaitingNewPin() as phase:
            return acting.awaiting_new_pin(phase, say, now)
        case at.AwaitingNumberPin() as phase:
            return acting.awaiting_number_pin(phase, say, now)
        case at.AskingByNumber():
            return acting.asking_by_number(say)
        case at.Signing():
            return acting.signing(say)
        case at.Recording() as phase:
            return acting.recording(phase, say)
        case at.Following() as phase:
            return acting.following(session, phase, say)
        case at.ShowingReceipt() as phase:
            return acting.showing_receipt(session, phase, say)
        case at.Noted() as phase:
            return leaving.noted(phase, say)
        case at.NothingRecorded() as phase:
            return acting.nothing_recorded(phase, say)
        case at.NotKnownWhetherRecorded(code):
            return acting.not_known(code, say)
        case at.EnteringCode() as phase:
            return leaving.entering_code(phase, say)
        case at.AskingByCode():
            return leaving.asking(say)
        case at.CodeAnswered() as phase:
            return leaving.code_answered(phase, say)
        case at.TakingCard(why):
            return leaving.taking_card(why, say)
        case at.Ended():
            return leaving.ended(say)
        case _ as unreachable:
            assert_never(unreachable)
