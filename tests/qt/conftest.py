"""One kiosk for the Qt tests of a module, on an offscreen platform whose screen is as large as a terminal's."""

from __future__ import annotations

import gc
import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

SCREEN = {
    "name": "terminal",
    "x": 0,
    "y": 0,
    "width": 1920,
    "height": 1920,
    "logicalDpi": 96,
    "logicalBaseDpi": 96,
    "dpr": 1,
}
_CONFIGURATION = Path(tempfile.mkdtemp(prefix="guichet-qt-")) / "offscreen.json"
_CONFIGURATION.write_text(json.dumps({"screens": [SCREEN]}))
os.environ.setdefault("QT_QPA_PLATFORM", f"offscreen:configfile={_CONFIGURATION}")
os.environ.setdefault("QT_QUICK_BACKEND", "software")
os.environ.setdefault("QT_QPA_UPDATE_IDLE_TIME", "0")  # no pause before each frame; by default it is 5 ms

import pytest
from gallery_pages import SIZES
from PySide6.QtCore import QtMsgType, qInstallMessageHandler
from PySide6.QtGui import QGuiApplication
from PySide6.QtQml import QQmlExpression, qmlContext

from ui.app import build, settle
from ui.view_state import Surroundings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtGui import QImage

    from kiosk.domain.session.events import Event
    from kiosk.domain.session.states import Session
    from ui.app import Kiosk

AROUND = Surroundings(office="Praha 2", terminal="T0007", demonstration=True, short_times=True, clock="09:41", now=0.0)
HARMLESS = ("This plugin does not support", "propagateSizeHints")
_WALK = (Path(__file__).parent / "walk.js").read_text("utf-8")


@pytest.fixture(scope="module", autouse=True)
def collected_here() -> Iterator[None]:
    """Qt objects die on the thread of the screen: elsewhere the collector would take them from under it."""
    gc.disable()
    yield
    gc.collect()


@pytest.fixture(scope="session")
def qapp_cls() -> type[QGuiApplication]:
    """pytest-qt would make a QApplication; Qt Quick needs no widgets."""
    return QGuiApplication


@dataclass
class Screen:
    """A kiosk under test: what it shows, what it says, what leaves it."""

    kiosk: Kiosk
    posted: list[Event]
    warnings: list[str]

    def show(self, session: Session, shape: str = "portrait") -> None:
        """Show a session and let its layouts settle."""
        window = self.kiosk.window
        if (window.width(), window.height()) != SIZES[shape]:
            window.setGeometry(0, 0, *SIZES[shape])
        if not window.isVisible():
            window.show()
        self.kiosk.render(session)
        self.settle()

    def settle(self) -> None:
        """Draw until everything has found its place."""
        settle(self.kiosk)

    def items(self) -> list[dict[str, Any]]:
        """Every text and control that shows; walked in QML (stale Python wrappers of items crash)."""
        found: list[dict[str, Any]] = json.loads(self.read())
        return found

    def read(self) -> str:
        """The same as JSON."""
        return self.evaluate(_WALK)

    def evaluate(self, script: str) -> str:
        """What QML says, in the window's own words."""
        window = self.kiosk.window
        context = qmlContext(window)
        assert context is not None
        expression = QQmlExpression(context, window, script)
        value, _ = expression.evaluate()
        assert not expression.hasError(), expression.error().toString()
        return str(value)

    def picture(self) -> QImage:
        """What a person sees."""
        return self.kiosk.window.grabWindow()

    def events(self) -> list[Event]:
        """What has left the screen since the last call."""
        found = list(self.posted)
        self.posted.clear()
        return found


@pytest.fixture(scope="module")  # a kiosk that is still there would refuse other windows' quit
def _screen(qapp: QGuiApplication) -> Iterator[Screen]:
    warnings: list[str] = []

    def keep(kind: QtMsgType, _context: object, text: str) -> None:
        if kind in {QtMsgType.QtWarningMsg, QtMsgType.QtCriticalMsg} and not text.startswith(HARMLESS):
            warnings.append(text)

    previous = qInstallMessageHandler(keep)
    posted: list[Event] = []
    kiosk = build(["guichet-test"], posted.append, AROUND)
    yield Screen(kiosk, posted, warnings)
    kiosk.may_quit = True
    kiosk.window.close()
    qInstallMessageHandler(previous)


@pytest.fixture
def screen(_screen: Screen) -> Iterator[Screen]:
    """The kiosk, shown; a warning of Qt during the test fails it."""
    _screen.warnings.clear()
    _screen.posted.clear()
    yield _screen
    assert _screen.warnings == []
