"""Pages without a card: codes, the end, and out of service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.domain import reference as references
from kiosk.domain.services.ticket import DRAW, number_of
from kiosk.domain.session import states as at
from ui.pages.parts import Page, back, button, forward, keyboard_texts, ltr, message, problem_text

if TYPE_CHECKING:
    from ui.words import Words

_GOOD = frozenset({"stopped", "disputed", "received", "decided", "genuine_offline"})


def entering_code(phase: at.EnteringCode, say: Words) -> Page:
    """Type or scan a code."""
    return "code", {
        "title": say.say("code.title"),
        "text": say.say("code.text"),
        "field": say.say("code.field"),
        "typed": phase.typed,
        "problemTitle": say.say("question.error_title"),
        "problem": problem_text(phase.problem, say),
        "keyboard": keyboard_texts(say),
        "back": back(say),
        "next": forward(say),
    }


def entering_staff_code(phase: at.EnteringStaffCode, say: Words) -> Page:
    """Type the code that an officer has at the desk."""
    return "code", {
        "title": say.say("staff_code.title"),
        "text": say.say("staff_code.text", number=phase.number),
        "field": say.say("staff_code.field"),
        "typed": phase.typed,
        "problemTitle": say.say("question.error_title"),
        "problem": problem_text(phase.problem, say),
        "keyboard": keyboard_texts(say),
        "back": back(say),
        "next": forward(say),
    }


def asking(say: Words) -> Page:
    """The office is being asked."""
    return message(say.say("code.asking"), "", icon="clock", busy=True)


def code_answered(phase: at.CodeAnswered, say: Words) -> Page:
    """What the code led to."""
    outcome = phase.outcome if say.has(f"code_answer.{phase.outcome}.title") else "unknown"
    number = ltr(references.format(phase.reference)) if references.is_valid(phase.reference) else ""
    return message(
        say.say(f"code_answer.{outcome}.title"), say.say(f"code_answer.{outcome}.text"),
        icon="circle-check" if outcome in _GOOD else "circle-alert", tone="ok" if outcome in _GOOD else "warn",
        code=number, code_label=say.say("receipt.reference") if number else "",
        actions=[
            button("back", say.say("code_answer.again"), "back", variant="secondary", icon="arrow-left"),
            forward(say, say.say("chrome.end"), icon="log-out"),
        ],
    )  # fmt: skip


def noted(phase: at.Noted, say: Words) -> Page:
    """The number for the desk, or thanks for a word."""
    key = f"noted.{phase.service}"
    drawn = phase.service == DRAW.id
    lost = phase.printing in {at.Printing.FAILED, at.Printing.UNKNOWN}
    number = ltr(number_of(phase.recorded.reference)) if drawn and phase.recorded else ""
    return message(
        say.scheme(f"{key}.title"), say.scheme(key), icon="ticket" if drawn else "circle-check", tone="ok",
        code=number, code_label=say.scheme(DRAW.title_key) if drawn else "",
        note=say.scheme(f"{key}.failed") if drawn and lost else "", actions=[forward(say)],
    )  # fmt: skip


def taking_card(why: at.EndReason, say: Words) -> Page:
    """The visit is over, the card is not taken."""
    key = "taking.left" if why is at.EndReason.CARD_LEFT else "taking"
    return message(say.say(f"{key}.title"), say.say(f"{key}.text"), icon="credit-card", tone="ok", picture="take")


def ended(say: Words) -> Page:
    """Goodbye."""
    return message(say.say("ended.title"), say.say("ended.text"), icon="circle-check", tone="ok")


def out_of_service(reason: at.OutOfServiceReason, say: Words) -> Page:
    """Says so, and where to go."""
    return message(
        say.say("out_of_service.title"), say.say(f"out_of_service.{reason.value}"), icon="circle-alert", tone="warn",
        note=say.say("out_of_service.where"),
    )  # fmt: skip
