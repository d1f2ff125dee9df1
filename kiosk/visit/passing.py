"""Pages that pass: what stands there only while something else works waits a moment before it is drawn.

To make and draw a page takes the processor about 10 ms, and the interpreter from the threads of card and printer: time
that the work needs which the page is about. With a quick card such a page was gone before it was complete.

Rules:
- The last session is the one that is drawn; a page that is there already is drawn anew at once.
- Whatever follows that does not pass is drawn at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.domain.session import states as at

if TYPE_CHECKING:
    from collections.abc import Callable

WAIT_MILLISECONDS = 40
"""Nobody sees that a page came so much later (that a touch was answered is seen by the control that was touched)."""

_PASSING = (at.ExaminingCard, at.OpeningRecord, at.Signing, at.Recording, at.Following)


class PassingPages:
    """Between the terminal, which shows each of its states, and the screen; used on the screen's thread only."""

    def __init__(self, show: Callable[[at.Session], None], after: Callable[[int, Callable[[], None]], None]) -> None:
        self._show = show
        self._after = after
        self._page: type[at.Phase] | None = None
        self._waiting: at.Session | None = None
        self._turn = 0

    @property
    def work_goes_on(self) -> bool:
        """Whether the page is one that passes: what can wait shall wait."""
        return self._page in _PASSING

    def render(self, session: at.Session) -> None:
        """Show this session: now, or in a moment unless another page comes first."""
        before, self._page = self._page, type(session.phase)
        if self._page not in _PASSING or (self._page is before and self._waiting is None):
            self._waiting = None
            self._show(session)
            return
        self._waiting = session
        if self._page is not before:
            self._turn += 1
            turn = self._turn
            self._after(WAIT_MILLISECONDS, lambda: self._over(turn))

    def _over(self, turn: int) -> None:
        session = self._waiting
        if session is not None and turn == self._turn:
            self._waiting = None
            self._show(session)
