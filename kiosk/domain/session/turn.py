"""The small vocabulary in which the transition functions are written."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.session.effects import Effect, ForgetSecrets, LeaveScreen, Play, ResetCard, Sound
from kiosk.domain.session.states import Ended, EndReason, Phase, Printing, Session, StaffDoor, TakingCard

Turn = tuple[Session, tuple[Effect, ...]]
"""What `advance` gives: where the visit is now, and what the world is asked to do."""


def stay(session: Session) -> Turn:
    """Change nothing: the event does not fit here."""
    return session, ()


def go(session: Session, phase: Phase, *effects: Effect) -> Turn:
    """On to `phase`."""
    return replace(session, phase=phase), effects


def without_staff(session: Session) -> Session:
    """Nobody of the office takes part any more."""
    return replace(session, joined="", staff_name="", staff_door=StaffDoor.CLOSED, helper_types=False)


def leave(session: Session, why: EndReason, now: float) -> Turn:
    """End the visit: secrets go first, then the card is waited for, then the screen is left."""
    if not session.card_present:
        return end(session, why)
    session = without_staff(session)
    limits = session.limits
    effects: tuple[Effect, ...] = (ResetCard(), ForgetSecrets())
    pause = limits.farewell_seconds
    if why is EndReason.TIMED_OUT:  # nobody is looking at the screen any more
        effects = (*effects, Play(Sound.CARD_LEFT))
        pause = limits.card_sound_seconds
    taking = TakingCard(why, until=now + limits.card_left_seconds, sound_at=now + pause)
    return replace(session, phase=taking, overlay=None), effects


def end(session: Session, why: EndReason) -> Turn:
    """End every path: card free, secrets gone, the screen left to a successor."""
    ended = replace(without_staff(session), phase=Ended(why), overlay=None)
    return ended, (ResetCard(), ForgetSecrets(), LeaveScreen(why.value))


def printing_of(outcome: str) -> Printing:
    """Translate the printer's word to the session's; a word it does not know is not known."""
    known = {"printed": Printing.PRINTED, "failed": Printing.FAILED}
    return known.get(outcome, Printing.UNKNOWN)
