"""A code without a card: from a notice it stops a change, from a receipt it shows where the request stands."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.problem import Problem
from kiosk.domain.session.effects import AskByCode
from kiosk.domain.session.events import (
    BackPressed,
    BarcodeScanned,
    CodeWasAnswered,
    ContinuePressed,
    Event,
    Typed,
)
from kiosk.domain.session.states import (
    AskingByCode,
    AwaitingCard,
    CodeAnswered,
    EndReason,
    EnteringCode,
    Session,
)
from kiosk.domain.session.turn import Turn, go, leave, stay

SHORTEST_CODE = 8
"""Characters of a cancellation code (Crockford); a receipt's reference has 12."""


def ask_by_code(session: Session, text: str) -> Turn:
    """Ask the back office about `text`; a signed receipt (QR) may be long, a typed code is not."""
    return go(session, AskingByCode(text), AskByCode(text))


def entering_code(session: Session, phase: EnteringCode, event: Event) -> Turn:
    """Typing or scanning the code."""
    match event:
        case Typed(text):
            return go(session, EnteringCode(text))
        case BarcodeScanned(text):
            return ask_by_code(session, text)
        case ContinuePressed():
            compact = "".join(phase.typed.split()).replace("-", "")
            if len(compact) < SHORTEST_CODE:
                return go(session, replace(phase, problem=Problem("code.too_short")))
            return ask_by_code(session, compact.upper())
        case BackPressed():
            return go(session, AwaitingCard())
        case _:
            return stay(session)


def asking_by_code(session: Session, event: Event) -> Turn:
    """Wait for the back office's word."""
    match event:
        case CodeWasAnswered(outcome, reference, detail):
            return go(session, CodeAnswered(outcome, reference, detail))
        case _:
            return stay(session)


def code_answered(session: Session, event: Event, now: float) -> Turn:
    """Keep the answer on the screen until it has been read."""
    match event:
        case BackPressed():
            return go(session, EnteringCode())
        case ContinuePressed():
            return leave(session, EndReason.FINISHED, now)
        case _:
            return stay(session)
