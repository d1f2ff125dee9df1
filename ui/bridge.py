"""Between the window and the program: acts in, events out; sessions in, views out.

Rules:
- `act` names are a closed table; what QML says beyond it is ignored.
- The text of a field lives in the session; a key of our keyboard gives the next text.
- Only what differs from the last view is handed to QML.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kiosk.domain.session import events as ev
from kiosk.domain.session import states as at
from kiosk.domain.session.answering import question_of, text_of
from ui.form_model import answer_pressed, text_in
from ui.view_state import Surroundings, View, counts_down, looks_alike, view_of
from ui.words import words

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtQuick import QQuickWindow

_PLAIN: dict[str, type] = {
    "touch": ev.ScreenTouched,
    "language": ev.LanguagePressed,
    "text_size": ev.TextSizePressed,
    "contrast": ev.ContrastPressed,
    "lowered": ev.LowerScreenPressed,
    "help": ev.HelpPressed,
    "staff": ev.CallStaffPressed,
    "staff_code": ev.StaffCodePressed,
    "desk": ev.DeskPressed,
    "how_it_went": ev.FeedbackPressed,
    "close": ev.OverlayClosed,
    "continue": ev.ContinuePressed,
    "back": ev.BackPressed,
    "end": ev.EndPressed,
    "sign": ev.SignPressed,
    "print_again": ev.PrintAgainPressed,
    "code": ev.CodePressed,
    "without_card": ev.WithoutCardPressed,
    "document_again": ev.DocumentAgainPressed,
    "helper_types": ev.HelperTypesToggled,
    "staff_leaves": ev.StaffLeft,
}
_WITH_ARGUMENT: dict[str, Callable[[str], ev.Event]] = {
    "choose_language": ev.LanguageChosen,
    "choose_service": ev.ServiceChosen,
    "change": ev.ChangePressed,
    "stop": ev.StopPressed,
    "confirm": ev.ConfirmPressed,
    "choose": ev.Typed,
    "life_event": ev.LifeEventChosen,
    "action": ev.ActionPressed,
}


def event_of(act: str, argument: str, session: at.Session) -> ev.Event | None:
    """The event that an act means now, or None for an act nobody knows."""
    if act in _PLAIN:
        event: ev.Event = _PLAIN[act]()
        return event
    if act in _WITH_ARGUMENT:
        return _WITH_ARGUMENT[act](argument)
    if act == "key":
        phase = session.phase
        question = question_of(session, phase) if isinstance(phase, at.Answering) else None
        return ev.Typed(answer_pressed(question, typed_text(session), argument, _country(session)))
    return None


def typed_text(session: at.Session) -> str:
    """What is in the field that is open now."""
    match session.phase:
        case at.Answering() as phase:
            return text_of(session, phase) or text_in(question_of(session, phase), phase.typed, _country(session))
        case at.EnteringCode(typed=typed) | at.EnteringStaffCode(typed=typed):
            return typed
        case _:
            return ""


def _country(session: at.Session) -> str:
    """The country whose account numbers are the rule here."""
    return session.scheme.country if session.scheme and isinstance(session.phase, at.Answering) else ""


class Bridge:
    """Keeps the last session and view; `post` takes the events."""

    def __init__(self, window: QQuickWindow, post: Callable[[ev.Event], None], around: Surroundings) -> None:
        self.around = around
        self._window = window
        self._post = post
        self._session: at.Session | None = None
        self._shown: dict[str, Any] = {}
        self._fields: dict[str, Any] = {}
        window.acted.connect(self._acted)  # type: ignore[attr-defined]

    def _acted(self, act: str, argument: str) -> None:
        if self._session is not None:
            event = event_of(act, argument, self._session)
            if event is not None:
                self._post(event)

    def touched(self) -> None:
        """Somebody touched something: whoever is warned of idleness stays."""
        if self._session is not None and not isinstance(self._session.phase, at.Welcome):
            self._post(ev.ScreenTouched())

    def render(self, session: at.Session) -> None:
        """Show a session, as far as it looks different."""
        before, self._session = self._session, session
        if before is None or not looks_alike(before, session):
            self._render(session)

    def _render(self, session: at.Session) -> None:
        pieces = self._pieces(session, view_of(session, self.around))
        news = {name: piece for name, piece in pieces.items() if self._shown.get(name) != piece}
        if news:
            self._shown |= news
            if "page" in news:
                news["page"] = self._page_news(news["page"])
            self._window.setProperty("news", json.dumps(news, ensure_ascii=False, separators=(",", ":")))

    def _page_news(self, page: dict[str, Any]) -> dict[str, Any]:
        """Of a page that shows what it showed when it was seen last, only the name: the way back costs nothing."""
        screen, fields = page["screen"], page["fields"]
        if self._fields.get(screen) == fields:
            return {"screen": screen}
        self._fields[screen] = fields
        return page

    def _pieces(self, session: at.Session, view: View) -> dict[str, Any]:
        """What the window takes, each piece by itself."""
        comfort = session.comfort
        return {
            "comfort": {
                "textScale": comfort.text_scale,
                "highContrast": comfort.high_contrast,
                "lowered": comfort.lowered,
                "rightToLeft": words(comfort.language, self.around.scheme).right_to_left,
            },
            "chrome": view.chrome,
            "clock": self.around.clock,
            "page": {"screen": view.screen, "fields": view.fields},
            "over": view.overlay,
        }

    def refresh(self, around: Surroundings) -> None:
        """The clock or a countdown has moved."""
        before, self.around = self.around, around
        session = self._session
        if session is not None and (counts_down(session) or replace(before, now=around.now) != around):
            self._render(session)
