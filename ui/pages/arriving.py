"""Pages from the welcome to the open record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.domain import card as cards
from kiosk.domain.catalogue import menu as offered
from kiosk.domain.session.choosing import services_in
from kiosk.domain.session.new_pin import can_unblock
from ui.pages.parts import Fields, Page, back, button, forward, message

if TYPE_CHECKING:
    from kiosk.domain.session import states as at
    from ui.words import Words


def language_buttons(session: at.Session, say: Words) -> list[Fields]:
    """A button for each language, in that language."""
    chosen = session.comfort.language
    return [
        button(f"language-{code}", say.name_of(code), "choose_language", argument=code,
               variant="primary" if code == chosen else "secondary")
        for code in session.languages
    ]  # fmt: skip


def welcome(session: at.Session, say: Words) -> Page:
    """Nobody is here; greets in every language, in the one that is shown first."""
    spoken = session.comfort.language if session.comfort.language in session.languages else session.languages[0]
    return "welcome", {
        "title": say.say("welcome.title"),
        "hellos": [say.hello_in(code) for code in (spoken, *(c for c in session.languages if c != spoken))],
        "text": say.say("welcome.text"),
        "start": say.say("welcome.start"),
        "languages": language_buttons(session, say),
    }


def choosing_language(session: at.Session, say: Words) -> Page:
    """The first question."""
    return "language", {
        "title": say.say("language.title"),
        "text": say.say("language.text"),
        "languages": language_buttons(session, say),
    }


def awaiting_card(session: at.Session, say: Words) -> Page:
    """How to put the card in; what can be done without one."""
    without = button("without-card", say.say("insert_card.without"), "without_card", variant="secondary", icon="user")
    return "insertCard", {
        "title": say.say("insert_card.title"),
        "text": say.say("insert_card.text"),
        "picture": say.say("insert_card.picture"),
        "chip": say.say("insert_card.chip"),
        "back": back(say),
        "code": button("have-code", say.say("insert_card.code"), "code", variant="secondary", icon="ticket"),
        "without": without if any(cards.Role.NONE in service.roles for service in offered(services_in(session))) else {},
    }


def examining(say: Words) -> Page:
    """The card is proving itself."""
    return message(say.say("examining.title"), say.say("examining.text"), icon="credit-card", busy=True)


def card_refused(reason: cards.CardRefusal, say: Words) -> Page:
    """Why this card does not start a visit, and what to do."""
    key = f"card_refused.{reason.value}"
    return message(
        say.say(f"{key}.title"), say.say(f"{key}.text"), icon="circle-alert", tone="bad",
        note=say.say("card_refused.take"),
        actions=[button("staff", say.say("chrome.staff"), "staff", variant="secondary", icon="hand")],
    )  # fmt: skip


def previous_pin(previous: cards.PinOutcome | None, say: Words) -> tuple[str, str]:
    """What the last entry came to, and how many tries are left."""
    match previous:
        case cards.PinWrong(left):
            return say.say("pin.wrong"), say.say("pin.tries", count=str(left))
        case cards.PinWrongLength():
            return say.say("pin.wrong_length"), ""
        case _:
            return "", ""


def pin_fields(title: str, text: str, previous: cards.PinOutcome | None, digits: int | None, left: float, say: Words) -> Fields:  # noqa: PLR0917
    """The pad is in charge: its picture, the count of digits if the pad tells it, the time left."""
    problem, tries = previous_pin(previous, say)
    return {
        "title": title, "text": text, "safe": say.say("pin.safe"), "problem": problem, "tries": tries,
        "digits": -1 if digits is None else digits,
        "digitsText": "" if digits is None else say.say("pin.digits", count=str(digits)),
        "seconds": max(0, round(left)), "secondsText": say.say("pin.seconds", count=str(max(0, round(left)))),
        "picture": say.say("pin.picture"),
    }  # fmt: skip


def awaiting_pin(phase: at.AwaitingPin, say: Words, now: float) -> Page:
    """Type the PIN on the pad."""
    return "pin", pin_fields(
        say.say("pin.title"), say.say("pin.text"), phase.previous, phase.digits, phase.until - now, say
    )


def pin_paused(phase: at.PinPaused, say: Words) -> Page:
    """The entry ended without an answer."""
    names = {cards.PinCancelled: "cancelled", cards.PinTimedOut: "timed_out"}
    key = f"pin_paused.{names.get(type(phase.previous), 'pad_failed')}"
    return message(
        say.say(f"{key}.title"), say.say(f"{key}.text"), icon="lock", tone="warn", actions=[forward(say)]
    )


def last_try(say: Words) -> Page:
    """Before the last try staff are offered, first."""
    return message(
        say.say("last_try.title"), say.say("last_try.text"), icon="circle-alert", tone="warn",
        actions=[
            button("staff", say.say("last_try.staff"), "staff", icon="hand"),
            button("continue", say.say("last_try.continue"), "continue", variant="secondary"),
        ],
    )  # fmt: skip


def blocked(session: at.Session, phase: at.PinIsBlocked, say: Words) -> Page:
    """No tries are left, or a letter is too old; the holder keeps the card. An officer who has joined helps to a new PIN here."""
    now = [forward(say, say.scheme("pin_change.unblock"))] if can_unblock(session, phase) else []
    title, text = (
        (say.scheme("pin_change.old_letter_title"), say.scheme("pin_change.old_letter"))
        if phase.old_letter
        else (say.say("blocked.title"), say.say("blocked.text"))
    )
    return message(
        title, text, icon="lock", tone="bad",
        note=say.scheme("pin_change.not_unblocked") if phase.failed else "" if phase.old_letter else say.say("card_refused.take"),
        actions=now or [button("staff", say.say("chrome.staff"), "staff", icon="hand")],
    )  # fmt: skip


def opening(say: Words) -> Page:
    """The record is being asked for."""
    return message(say.say("opening.title"), say.say("opening.text"), icon="file-text", busy=True)
