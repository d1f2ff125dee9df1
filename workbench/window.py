"""The workbench's window: the same verbs as the command line, with hands.

Rules:
- The one place of the workbench that knows Qt. It asks the bench and calls its verbs; it holds nothing of its own.
- Changes come from the bench's threads and reach the window through one queued signal.
- No digit that is pressed is kept or shown.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

os.environ.setdefault("QT_QUICK_BACKEND", "software")
os.environ.setdefault("QT_QUICK_CONTROLS_STYLE", "Basic")

from PySide6.QtCore import Property, QObject, Qt, QTimer, QUrl, Signal, Slot
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtQml import QQmlApplicationEngine

from kiosk.a4 import FONTS
from kiosk.domain.errors import EnvironmentFault
from workbench.bench import Refused

if TYPE_CHECKING:
    from workbench.bench import Bench, DrawerCard
    from workbench.stop import Stop

_QML = Path(__file__).parent / "qml" / "Main.qml"
_SHOWN_PAPERS = 30
_TICK_MILLISECONDS = 150
_CODE = re.compile(r"^\s*\[QR (.+)\]$", re.MULTILINE)
_TONES = {
    "employer": "#6a3d8f",
    "staff": "#8a4b00",
    "technician": "#46545e",
    "revoked": "#a61b1b",
    "stranger": "#3c6e3c",
}
_TONE = "#0b4a6f"
_PROMPTS = {"pin": "PIN:", "new": "NEW PIN:", "repeat": "AGAIN:", "": ""}
_READY = "Touch a card to put it into the reader."


class BenchView(QObject):
    """What the window shows of a bench, and what it can do to it."""

    changed = Signal()
    _news = Signal()

    def __init__(self, bench: Bench, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bench = bench
        self._message, self._refused = _READY, False
        self._papers: list[dict[str, Any]] = []
        self._seen: dict[str, Any] = {}
        self._pending = False
        self._news.connect(self._refresh, Qt.ConnectionType.QueuedConnection)
        self.close = bench.listen(self._announce)
        """Look at the bench no more."""
        self._refresh()

    def _announce(self) -> None:
        """On any thread. Changes that come together are looked at once."""
        if not self._pending:
            self._pending = True
            self._news.emit()

    def _refresh(self) -> None:
        self._pending = False
        cards = self._bench.cards()
        status = self._bench.status()
        seen = {
            "cards": [_card(card) for card in cards],
            **{name: self._reader(name, cards) for name in self._bench.slots},
            "printer": status["printer"],
            "standing": str(status["standing"]).strip().rpartition("\n")[2].strip(),
            "line": status["network"],
            "sound": _heard(self._bench.speaker.last, self._bench.speaker.count),
            "papers": self._slips(),
        }
        if seen != self._seen:
            self._seen = seen
            self.changed.emit()

    def _reader(self, name: str, cards: list[DrawerCard]) -> dict[str, Any]:
        display = self._bench.slots[name].pad.display
        inside = next((card for card in cards if card.slot == name), None)
        prompt = _PROMPTS[display.prompt.value if display.prompt else ""]
        shown = f"{prompt}\n{'*' * display.digits}_" if display.entering else "GUICHET"
        about = _card(inside) if inside else {"title": "", "kind": "", "tone": _TONE}
        return {
            "card": inside.name if inside else "",
            "title": about["title"],
            "kind": about["kind"],
            "tone": about["tone"],
            "entering": display.entering,
            "shown": shown,
        }

    def _slips(self) -> list[dict[str, Any]]:
        """Give the newest papers; each is read once."""
        count = self._bench.printer.count
        if not self._papers or self._papers[-1]["number"] != count:
            self._papers = [
                {
                    "number": slip.number,
                    "text": slip.text,
                    "url": QUrl.fromLocalFile(str(slip.picture)).toString(),
                    "code": match.group(1) if (match := _CODE.search(slip.text)) else "",
                }
                for slip in self._bench.papers()[-_SHOWN_PAPERS:]
            ]
        return self._papers

    def _say(self, done: Refused | None, words: str) -> bool:
        self._refused = isinstance(done, Refused)
        self._message = f"{done.what} {done.remedy}" if isinstance(done, Refused) else words
        self.changed.emit()
        self._announce()
        return done is None

    # --- seen ------------------------------------------------------------------------------------

    def _get(self, name: str) -> Any:
        return self._seen[name]

    cards = Property(list, lambda self: self._get("cards"), notify=changed)
    visitor = Property(dict, lambda self: self._get("visitor"), notify=changed)
    staff = Property(dict, lambda self: self._get("staff"), notify=changed)
    printer = Property(str, lambda self: self._get("printer"), notify=changed)
    standing = Property(str, lambda self: self._get("standing"), notify=changed)
    sound = Property(str, lambda self: self._get("sound"), notify=changed)
    line = Property(str, lambda self: self._get("line"), notify=changed)
    papers = Property(list, lambda self: self._get("papers"), notify=changed)
    message = Property(str, lambda self: self._message, notify=changed)
    refused = Property(bool, lambda self: self._refused, notify=changed)

    # --- done ------------------------------------------------------------------------------------

    @Slot(str, str, result=bool)
    def insert(self, card: str, slot: str) -> bool:
        """Put a card in."""
        return self._say(self._bench.insert(card, slot), f"The card {card} is in the {slot} reader.")

    @Slot(str, result=bool)
    def pull(self, slot: str) -> bool:
        """Take the card out."""
        return self._say(self._bench.pull(slot), f"The {slot} reader is empty.")

    @Slot(str, str, result=bool)
    def press(self, key: str, slot: str) -> bool:
        """Press one key."""
        return self._say(self._bench.press([key], slot), "")

    @Slot(str, result=bool)
    def typePin(self, slot: str) -> bool:  # noqa: N802 - called from QML
        """Type the PIN that all cards of the demonstration have."""
        return self._say(self._bench.press(["123456", "enter"], slot), "The PIN has been typed.")

    @Slot(str, result=bool)
    def arm(self, moment: str) -> bool:
        """Let the visitor's card leave around its next signature."""
        when = moment.split("-")[1]
        return self._say(self._bench.arm(moment), f"The card leaves by itself {when} its next signature.")

    @Slot(str, result=bool)
    def scan(self, text: str) -> bool:
        """Hold a code under the scanner."""
        return self._say(self._bench.scan(text), "The code has been scanned.")

    @Slot(str, result=bool)
    def setPrinter(self, fault: str) -> bool:  # noqa: N802 - called from QML
        """Break or mend the printer."""
        return self._say(
            self._bench.set_printer(fault), "The printer works." if fault == "ok" else f"Printer: {fault}."
        )

    @Slot(bool, result=bool)
    def setLine(self, up: bool) -> bool:  # noqa: FBT001, N802 - called from QML
        """Restore or cut the line."""
        return self._say(self._bench.network(up=up), f"The line is {'restored' if up else 'cut'}.")


def _heard(name: str, count: int) -> str:
    """Say what the speaker played last, and which sound of the day it was; empty while it was silent."""
    return f"Speaker: {name.replace('_', ' ')} (sound {count})" if name else ""


def _card(card: DrawerCard) -> dict[str, Any]:
    """Give a card as the drawer shows it; its label is "holder, what it is"."""
    title, _, kind = card.label.partition(", ")
    tone = _TONES.get(card.name, _TONE)
    title = title[:1].upper() + title[1:]
    return {"name": card.name, "title": title, "kind": kind, "slot": card.slot, "tries": card.pin_tries, "tone": tone}


def show(bench: Bench, stop: Stop) -> int:
    """Show the window until it is closed, or until it is asked to stop."""
    app = QGuiApplication.instance() or QGuiApplication(["guichet workbench"])
    if not isinstance(app, QGuiApplication):
        raise EnvironmentFault("There is no graphical application.", "Start the workbench with --headless.")
    engine, view = open_window(bench)
    tick = QTimer()  # a signal of the operating system is seen only when Python runs
    tick.timeout.connect(lambda: app.quit() if stop.is_asked else None)
    tick.start(_TICK_MILLISECONDS)
    try:
        return int(app.exec())
    finally:
        tick.stop()
        view.close()
        engine.deleteLater()


def open_window(bench: Bench) -> tuple[QQmlApplicationEngine, BenchView]:
    """Load and show the window; keep both as long as it is open, then close the view. Needs a QGuiApplication."""
    for file in sorted(FONTS.glob("*.ttf")):
        QFontDatabase.addApplicationFont(str(file))
    engine = QQmlApplicationEngine()
    view = BenchView(bench, engine)  # which outlives everything that shows it
    engine.setInitialProperties({"bench": view})
    engine.load(QUrl.fromLocalFile(str(_QML)))
    if not engine.rootObjects():
        raise EnvironmentFault("The window of the workbench could not be loaded.", "The lines above name the file.")
    return engine, view
