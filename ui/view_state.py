"""From a session to what is on the screen: a screen's name and its fields, as plain values. Pure.

Rules:
- QML decides how things look, never what is said or offered: every text, picture name and button comes from here.
- A button is {"id", "text", "act", "argument", "variant", "icon"}; `act` is the name of an event in `ui.bridge`.
- Full account numbers are shown only after the PIN, grouped as the bank groups them, left to right in any language.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from kiosk.domain.services.access import SHOW as ACCESSES
from kiosk.domain.services.bank_account import CONFIRM_HOLDER
from kiosk.domain.session import states as at
from kiosk.domain.session.aside import can_ask_for_desk
from kiosk.domain.session.staff_code import can_join_by_code
from ui import pages
from ui.pages.parts import button
from ui.words import Words, words

if TYPE_CHECKING:
    from ui.pages.parts import Fields


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the screen needs to know beside the session."""

    office: str = ""
    terminal: str = ""
    scheme: str = "cz"
    demonstration: bool = True
    short_times: bool = False
    clock: str = ""
    now: float = 0.0


@dataclass(frozen=True, slots=True)
class View:
    """One screen."""

    screen: str
    fields: dict[str, Any] = field(default_factory=dict)
    chrome: dict[str, Any] = field(default_factory=dict)
    overlay: dict[str, Any] = field(default_factory=dict)


_WITHOUT_END = (
    at.OutOfService, at.Welcome, at.ChoosingLanguage, at.Signing, at.Recording, at.TakingCard, at.Ended,
)  # fmt: skip


def looks_alike(one: at.Session, other: at.Session) -> bool:
    """Whether nothing that is seen differs: every touch moves the time from which idleness counts, which nobody sees."""
    return one is other or replace(one, idle_at=other.idle_at) == other


def counts_down(session: at.Session) -> bool:
    """Whether what is seen changes with every second."""
    return isinstance(session.phase, _COUNTING) or isinstance(session.overlay, at.IdleWarning)


_COUNTING = (at.AwaitingPin, at.AwaitingSignature, at.AwaitingNewPin)


def view_of(session: at.Session, around: Surroundings) -> View:
    """What a person sees of this session."""
    say = words(session.comfort.language, around.scheme)
    screen, fields = pages.page_of(session, say, around.now)
    fields["page"] = _kebab(type(session.phase).__name__)
    return View(screen, fields, _chrome(session, say, around), _overlay(session, say, around.now))


def _chrome(session: at.Session, say: Words, around: Surroundings) -> Fields:
    """What stands around every screen, always in the same place; a control works or is absent."""
    online = session.environment.line is at.Line.ONLINE
    personal = not isinstance(session.phase, at.OutOfService | at.Welcome | at.Ended)
    controls = [
        {"id": "control-language", "text": say.say("chrome.language"), "act": "language", "icon": "languages", "on": False},
        {"id": "control-text-size", "text": say.say("chrome.text_size"), "act": "text_size", "icon": "a-large-small",
         "on": session.comfort.text_scale > at.TEXT_SCALES[0]},
        {"id": "control-contrast", "text": say.say("chrome.contrast"), "act": "contrast", "icon": "contrast",
         "on": session.comfort.high_contrast},
        {"id": "control-lowered", "text": say.say("chrome.lowered"), "act": "lowered", "icon": "accessibility",
         "on": session.comfort.lowered},
        {"id": "control-help", "text": say.say("chrome.help"), "act": "help", "icon": "circle-help", "on": False},
        {"id": "control-staff", "text": say.say("chrome.staff"), "act": "staff", "icon": "hand", "on": False},
    ]  # fmt: skip
    if can_ask_for_desk(session):
        controls.append({"id": "control-desk", "text": say.say("chrome.desk"), "act": "desk", "icon": "ticket", "on": False})
    return {
        "office": say.say("chrome.office"),
        "place": say.say("chrome.place", office=around.office, terminal=around.terminal),
        "demonstration": say.say("chrome.practice") if session.practice else say.say("chrome.demonstration") if around.demonstration else "",
        "practice": session.practice,
        "leave": say.say("joined.leave") if personal and session.joined else "",
        "joined": " · ".join(text for text in (_acting_for(session.phase, say), _joined(session, say)) if text) if personal else "",
        "shortTimes": say.say("chrome.short_times") if around.short_times else "",
        "offline": "" if online or not personal else say.say("chrome.offline"),
        "end": "" if isinstance(session.phase, _WITHOUT_END) else say.say("chrome.end"),
        "controls": controls,
        "scrollUp": say.say("chrome.scroll_up"),
        "scrollDown": say.say("chrome.scroll_down"),
    }


def _acting_for(phase: at.Phase, say: Words) -> str:
    """Whose affairs these are, where a representative's card is in the reader."""
    about = getattr(phase, "checked", phase)
    visitor = getattr(about, "visitor", None)
    if not isinstance(visitor, at.Visitor) or visitor.mandate is None:
        return ""
    if visitor.own is not None:
        return say.say("chrome.acting", representative=visitor.own.name, person=visitor.name)
    return say.say("chrome.acting_for", name=visitor.name)


def _joined(session: at.Session, say: Words) -> str:
    """Whether a member of staff takes part, or is about to."""
    names = {at.StaffDoor.PIN_ASKED: "asked", at.StaffDoor.OPEN: "open", at.StaffDoor.REFUSED: "refused"}
    name = "open" if session.joined else names.get(session.staff_door, "")
    if session.staff_name:
        return say.say("joined.by_name", name=session.staff_name)
    return say.say(f"joined.{name}") if name else ""


def _overlay(session: at.Session, say: Words, now: float) -> Fields:
    """What lies over the screen."""
    match session.overlay:
        case at.LanguagePicker():
            return {
                "kind": "language",
                "title": say.say("language.title"),
                "text": "",
                "languages": pages.language_buttons(session, say),
                "close": say.say("chrome.close"),
            }
        case at.HelpShown():
            key = f"help.{_helped(session.phase)}"
            return {
                "kind": "help",
                "title": say.say("help.title"),
                "text": say.say(key if say.has(key) else "help.default"),
                "close": say.say("chrome.close"),
            }
        case at.StaffCalled(number, delivered):
            by_code = button("staff-code", say.say("staff_code.have"), "staff_code", variant="secondary", icon="ticket")
            return {
                "kind": "staff",
                "close": say.say("chrome.close"),
                "more": by_code if can_join_by_code(session) else {},
                **_staff(say, number, delivered=delivered),
            }
        case at.IdleWarning(until):
            left = max(0, round(until - now))
            return {
                "kind": "idle",
                "title": say.say("idle.title"),
                "text": say.say("idle.text"),
                "secondsText": say.say("idle.seconds", count=str(left)),
                "share": min(1.0, left / max(1.0, session.limits.warning_seconds)),
                "close": say.say("idle.stay"),
                "seconds": left,
            }
        case _:
            return {}


def _staff(say: Words, number: str, *, delivered: bool | None) -> Fields:
    """Whether the call has reached somebody."""
    if delivered is None:
        return {"title": say.say("staff.calling"), "text": ""}
    if not delivered:
        return {"title": say.say("staff.failed.title"), "text": say.say("staff.failed.text")}
    return {"title": say.say("staff.title"), "text": " ".join((say.say("staff.number", number=number), say.say("staff.text")))}


def _helped(phase: at.Phase) -> str:
    """Name what the help is about: the phase, or what is special about the page."""
    if isinstance(phase, at.Checking) and phase.service == CONFIRM_HOLDER.id:
        return "ConfirmingHolder"
    if isinstance(phase, at.Showing) and phase.service == ACCESSES.id:
        return "WhoHolds"
    return type(phase).__name__


def _kebab(name: str) -> str:
    """`TakingCard` as `taking-card`: what scripts and tests tell message pages apart by."""
    return "".join(f"-{c.lower()}" if c.isupper() else c for c in name).lstrip("-")
