"""The small parts that pages are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kiosk.domain.accounts import grouped
from kiosk.domain.errors import Bug

if TYPE_CHECKING:
    from kiosk.domain.session.states import PaymentAccount, Problem
    from ui.words import Words

Fields = dict[str, Any]
Page = tuple[str, Fields]

LTR, END_LTR = "\u2066", "\u2069"  # numbers keep their direction inside any text: Unicode Annex 9, isolates
FIRST_STRONG = "\u2068"


def button(id_: str, text: str, act: str, *, argument: str = "", variant: str = "primary", icon: str = "") -> Fields:
    """A button of a page."""
    return {"id": id_, "text": text, "act": act, "argument": argument, "variant": variant, "icon": icon}


def back(say: Words) -> Fields:
    """One step back."""
    return button("back", say.say("chrome.back"), "back", variant="secondary", icon="arrow-left")


def forward(say: Words, text: str = "", *, icon: str = "arrow-right", variant: str = "primary") -> Fields:
    """The one way on."""
    return button("continue", text or say.say("chrome.continue"), "continue", icon=icon, variant=variant)


def message(
    title: str, text: str, *, icon: str, tone: str = "info", actions: list[Fields] | None = None, code: str = "",
    code_label: str = "", note: str = "", busy: bool = False, picture: str = "",
) -> Page:  # fmt: skip
    """A page that says one thing."""
    return "message", {
        "title": title, "text": text, "icon": icon, "tone": tone, "actions": actions or [], "code": code,
        "codeLabel": code_label, "note": note, "busy": busy, "picture": picture,
    }  # fmt: skip


def ltr(text: str) -> str:
    """Keep a number left to right inside text of any direction."""
    return f"{LTR}{text}{END_LTR}" if text else ""


def own_direction(text: str) -> str:
    """Words of a record, whose own first letter says how they run; digits alone run left to right."""
    return f"{FIRST_STRONG}{text}{END_LTR}" if text else ""


def account_lines(account: PaymentAccount | None, say: Words) -> list[str]:
    """An account as people compare it: grouped IBAN, domestic form, bank."""
    if account is None:
        return [say.say("check.none")]
    return [ltr(grouped(account.iban)), *([ltr(account.domestic)] if account.domestic else []), *([account.bank] if account.bank else [])]


def problem_text(problem: Problem | None, say: Words) -> str:
    """What is wrong and how to mend it, from the scheme's texts or the screens'."""
    if problem is None:
        return ""
    parameters = dict(problem.parameters)
    if say.scheme_has(problem.key):
        return say.scheme(problem.key, **parameters)
    if say.has(problem.key):
        return say.say(problem.key, **parameters)
    raise Bug(f"no text for the problem {problem.key!r}")


def keyboard_texts(say: Words) -> Fields:
    """What the keys that bear no letter are called."""
    return {name: say.say(f"keyboard.{name}") for name in _NAMED_KEYS}


_NAMED_KEYS = ("name", "backspace", "clear", "letters", "signs", "shift", "space", "enter", "language")
