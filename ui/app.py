"""The kiosk's window: built hidden, shown in one step.

Rules:
- Without a window manager FullScreen is ignored, so the geometry is set as well.
- Everything a visit can show exists when `build` returns; showing it takes some milliseconds.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("QT_QUICK_BACKEND", "software")
os.environ.setdefault("QT_QPA_UPDATE_IDLE_TIME", "0")  # without it Qt waits 5 ms before each frame
os.environ.setdefault("QT_QUICK_CONTROLS_STYLE", "Basic")

from PySide6.QtCore import QElapsedTimer, QEventLoop, QUrl
from PySide6.QtGui import QFont, QFontDatabase, QGuiApplication
from PySide6.QtQml import QQmlApplicationEngine
from PySide6.QtQuick import QQuickWindow

from kiosk.domain.errors import EnvironmentFault
from ui.bridge import Bridge
from ui.escape_guard import EscapeGuard
from ui.icons import Icons, Pictures

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kiosk.domain.session import states as at
    from kiosk.domain.session.events import Event
    from ui.view_state import Surroundings

HERE = Path(__file__).parent
FAMILIES = ["Noto Sans", "Noto Sans Arabic UI"]
SETTLING_FRAMES = 2
"""In the first the layouts find their sizes, in the second what depends on those."""


class Kiosk:
    """The window and its bridge."""

    def __init__(
        self, app: QGuiApplication, engine: QQmlApplicationEngine, window: QQuickWindow, post: Callable[[Event], None],
        around: Surroundings, *, fullscreen: bool,
    ) -> None:  # fmt: skip
        self.app, self.engine, self.window = app, engine, window
        self.bridge = Bridge(window, post, around)
        self.may_quit = False
        self._told = self._tidied = 0
        self._fullscreen = fullscreen
        self.guard = EscapeGuard(self.bridge.touched, may_quit=lambda: self.may_quit)
        window.installEventFilter(self.guard)  # on the application it would see every event of every item

    def show(self) -> None:
        """Take the screen."""
        if self._fullscreen:
            screen = self.app.primaryScreen().geometry()
            self.window.setGeometry(screen)
            self.window.showFullScreen()
        else:
            self.window.show()
        self.window.raise_()
        self.window.requestActivate()

    def hide(self) -> None:
        """Leave the screen."""
        self.window.hide()

    def render(self, session: at.Session) -> None:
        """Show this session."""
        self.bridge.render(session)

    def tidy(self) -> None:
        """To be called now and then: free what pages have left behind, once nothing has moved since the last call.

        It takes QML's collector 4 ms, which it would take while somebody waits for a page: each page brings it nearer to
        the mark at which it begins by itself.
        """
        told = self.bridge.told
        if told == self._told and told != self._tidied:
            self._tidied = told
            self.engine.collectGarbage()
        self._told = told


def build(
    argv: Sequence[str], post: Callable[[Event], None], around: Surroundings, *, size: tuple[int, int] = (1080, 1920),
    position: tuple[int, int] = (0, 0), fullscreen: bool = False,
) -> Kiosk:  # fmt: skip
    """Load everything, hidden. EnvironmentFault when the screens cannot be loaded."""
    app = QGuiApplication.instance() or QGuiApplication(list(argv))
    if not isinstance(app, QGuiApplication):
        raise EnvironmentFault("There is no graphical application.", "Start the visit with a display.")
    app.setApplicationName("guichet")
    app.setQuitOnLastWindowClosed(False)
    for file in sorted((HERE / "fonts").glob("*.ttf")):
        QFontDatabase.addApplicationFont(str(file))
    app.setFont(QFont(FAMILIES))
    engine = QQmlApplicationEngine()
    engine.addImportPath(str(HERE / "qml"))
    engine.addImageProvider("icon", Icons())
    engine.addImageProvider("picture", Pictures())
    engine.load(QUrl.fromLocalFile(str(HERE / "qml" / "Kiosk" / "Main.qml")))
    roots = engine.rootObjects()
    if not roots or not isinstance(roots[0], QQuickWindow):
        raise EnvironmentFault("The screens could not be loaded.", "The log above names the file and line.")
    window = roots[0]
    window.setGeometry(*position, *size)
    return Kiosk(app, engine, window, post, around, fullscreen=fullscreen)


def settle(kiosk: Kiosk, frames: int = 3, patience: int = 5000) -> None:
    """Draw `frames` frames, the last two of them after all of a long page is there (for pictures and tests).

    Parts of a long page are made between two frames and laid out with the next one, so that the window's word that it is
    settled says nothing yet about where things stand. EnvironmentFault when no frame comes for `patience` milliseconds.
    """
    window = kiosk.window
    drawn = whole = 0  # frames; those of them that began when all was there
    complete = False  # whether all was there when the frame that is now awaited was asked for

    def swapped() -> None:
        nonlocal drawn, whole
        drawn += 1
        whole = whole + 1 if complete and window.property("settled") else 0

    window.frameSwapped.connect(swapped)
    clock = QElapsedTimer()
    while drawn < frames or whole < SETTLING_FRAMES:
        wanted, complete = drawn + 1, bool(window.property("settled"))
        window.update()
        clock.start()
        while drawn < wanted:
            if clock.elapsed() > patience:
                raise EnvironmentFault("The window draws no frame.", "Is it shown, and is there a display?")
            kiosk.app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
    window.frameSwapped.disconnect(swapped)


__all__ = ["Kiosk", "build", "settle"]
