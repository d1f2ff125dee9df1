"""One filter before the window, which sees everything first: nobody leaves it, and every touch is noticed.

Rules (security, promise 10; interface, "Escapes"):
- Close and quit requests, function, menu and system keys, everything with Ctrl, Alt or Meta, the wheel, drags,
  gestures and other buttons than the first are swallowed. What Qt cannot see is the operating system's part.
- A held key counts once: repeats are dropped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent

if TYPE_CHECKING:
    from collections.abc import Callable

_TOUCHES = frozenset({QEvent.Type.MouseButtonPress, QEvent.Type.KeyPress, QEvent.Type.TouchBegin})
_DROPPED = frozenset({
    QEvent.Type.DragEnter, QEvent.Type.DragMove, QEvent.Type.Drop, QEvent.Type.ContextMenu, QEvent.Type.NativeGesture,
    QEvent.Type.Wheel, QEvent.Type.TabletPress, QEvent.Type.Shortcut,
})  # fmt: skip
_ALLOWED_KEYS = frozenset({
    Qt.Key.Key_Tab, Qt.Key.Key_Backtab, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space, Qt.Key.Key_Up,
    Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Right,
})  # fmt: skip
_FORBIDDEN_MODIFIERS = (
    Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
)


class EscapeGuard(QObject):
    """Install it on the window; `touched` is called for every touch and key that is let through."""

    def __init__(self, touched: Callable[[], None], *, may_quit: Callable[[], bool]) -> None:
        super().__init__()
        self._touched = touched
        self._may_quit = may_quit
        self.swallowed: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """True swallows the event."""
        kind = event.type()
        if kind in {QEvent.Type.Close, QEvent.Type.Quit} and not self._may_quit():
            event.ignore()
            return self._swallow(kind.name)
        if kind in _DROPPED:
            return self._swallow(kind.name)
        if isinstance(event, QKeyEvent) and kind != QEvent.Type.KeyRelease and self._escape_key(event):
            return self._swallow(f"{kind.name}:{event.key()}")
        if isinstance(event, QMouseEvent) and event.button() not in {Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton}:
            return self._swallow(kind.name)
        if kind in _TOUCHES and watched.isWindowType():
            self._touched()
        return False

    def _escape_key(self, event: QKeyEvent) -> bool:
        forbidden = bool(event.modifiers() & _FORBIDDEN_MODIFIERS)
        return forbidden or event.isAutoRepeat() or Qt.Key(event.key()) not in _ALLOWED_KEYS

    def _swallow(self, what: str) -> bool:
        self.swallowed = [*self.swallowed[-99:], what]
        return True
