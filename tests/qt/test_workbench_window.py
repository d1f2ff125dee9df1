"""The workbench's window on a bench without pcscd: what it shows is the bench, what it does are the verbs."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtQml import QQmlExpression, qmlContext
from PySide6.QtQuick import QQuickWindow
from PySide6.QtTest import QTest

from devices.receipt_layout import Code, Cut, Words
from devices.receipt_printer import ReceiptPrinter
from devices.simulators.pin_pad import EntryRules, Typed
from devices.sounder import WorkbenchSpeaker
from tests.unit.workbench.workbench_benches import EchoServer, running_bench, short_state
from workbench.stop import Stop
from workbench.window import BenchView, open_window, show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

    from workbench.bench import Bench

WALK = """
(function (root) {
    const found = []
    function walk(item) {
        if (!item.visible)
            return
        const at = item.mapToItem(null, 0, 0)
        const id = item.identifier ?? (item.Accessible ? item.Accessible.id : "")
        const control = item.clicked !== undefined && item.down !== undefined
        if (id || control)
            found.push({ id: String(id), text: String(item.text ?? ""), name: String(item.Accessible.name), role: item.Accessible.role,
                accessibleId: String(item.Accessible.id), enabled: item.enabled && item.opacity > 0, control: control,
                source: String(item.source ?? ""), ready: item.status === Image.Ready, x: at.x, y: at.y, w: item.width, h: item.height })
        for (let i = 0; i < item.children.length; i++)
            walk(item.children[i])
    }
    walk(root)
    return JSON.stringify(found)
})(contentItem)
"""


class Shown:
    """The window under test. Items are walked in QML: stale Python wrappers of items crash."""

    def __init__(self, bench: Bench, qtbot: QtBot) -> None:
        self.bench = bench
        self.qtbot = qtbot
        self.engine, self.view = open_window(bench)
        window = self.engine.rootObjects()[0]
        assert isinstance(window, QQuickWindow)
        self.window = window
        qtbot.waitUntil(lambda: any(item["id"] == "card-marie" and item["w"] > 0 for item in self.items()))

    def items(self) -> list[dict[str, Any]]:
        context = qmlContext(self.window)
        assert context is not None
        expression = QQmlExpression(context, self.window, WALK)
        value, _ = expression.evaluate()
        assert not expression.hasError(), expression.error().toString()
        found: list[dict[str, Any]] = json.loads(value)
        return found

    def item(self, identifier: str) -> dict[str, Any]:
        found = [item for item in self.items() if item["id"] == identifier]
        assert len(found) == 1, (identifier, [item["id"] for item in self.items()])
        return found[0]

    def text(self, identifier: str) -> str:
        return str(self.item(identifier)["text"])

    def until(self, identifier: str, text: str) -> None:
        self.qtbot.waitUntil(lambda: self.text(identifier) == text)

    def click(self, identifier: str) -> None:
        item = self.item(identifier)
        assert item["enabled"], identifier
        middle = QPoint(round(item["x"] + item["w"] / 2), round(item["y"] + item["h"] / 2))
        QTest.mouseClick(self.window, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, middle)


@pytest.fixture(autouse=True)
def _stay(qapp: QGuiApplication) -> None:
    """A closed window is not the end of the other tests."""
    qapp.setQuitOnLastWindowClosed(False)


@pytest.fixture
def bench() -> Iterator[Bench]:
    server = EchoServer()
    with short_state() as state, running_bench(state, (0, server.port)) as made:
        yield made
    server.close()


@pytest.fixture
def shown(bench: Bench, qtbot: QtBot) -> Iterator[Shown]:
    made = Shown(bench, qtbot)
    yield made
    made.view.close()
    made.window.close()
    made.engine.deleteLater()


def test_cards_go_in_and_out_by_touch(shown: Shown) -> None:
    shown.click("card-marie")
    assert shown.bench.slots["visitor"].card is not None
    shown.until("in-visitor", "Marie Novotná, test card")
    shown.click("insert-into-staff")
    shown.click("card-josef")
    shown.until("in-staff", "Josef Svoboda, test card")
    shown.click("pull-visitor")
    shown.until("in-visitor", "no card")
    assert not shown.item("pull-visitor")["enabled"]
    assert shown.bench.slots["staff"].card is not None


def test_a_refusal_is_said(shown: Shown) -> None:
    shown.bench.insert("marie", "staff")
    shown.click("card-marie")
    assert "staff reader" in shown.text("message")
    assert shown.view.property("refused") is True
    shown.click("card-josef")
    assert shown.view.property("refused") is False


def test_the_pad_shows_how_many_digits_and_never_which(shown: Shown) -> None:
    pad = shown.bench.slots["visitor"].pad
    assert shown.text("pad-display") == "GUICHET"
    pad.begin(EntryRules(6, 8, timeout_seconds=60))
    shown.until("pad-display", "PIN:\n_")
    for key in "1234":
        shown.click(f"key-{key}")
    shown.click("key-back")
    shown.until("pad-display", "PIN:\n***_")
    for key in "456":
        shown.click(f"key-{key}")
    shown.click("key-enter")
    assert pad.wait() == Typed(("123456",))
    shown.until("pad-display", "GUICHET")
    assert "123456" not in "".join(item["text"] for item in shown.items() if item["id"] != "type-pin")


def test_the_pin_of_the_demonstration_in_one_touch_at_the_pad_that_asks(shown: Shown) -> None:
    pad = shown.bench.slots["staff"].pad
    assert not shown.item("type-pin")["enabled"]
    pad.begin(EntryRules(6, 8, timeout_seconds=60))
    shown.qtbot.waitUntil(lambda: shown.item("type-pin")["enabled"])
    assert "staff" in shown.text("pad-state")
    shown.click("type-pin")
    assert pad.wait() == Typed(("123456",))


def test_printer_faults_and_the_line(shown: Shown) -> None:
    shown.click("printer-jam")
    assert shown.bench.status()["printer"] == "jam"
    shown.until("printer-state", "out of order")
    shown.click("printer-ok")
    shown.until("printer-state", "ready")
    assert "works" in shown.text("line")
    shown.click("switch-line")
    shown.qtbot.waitUntil(lambda: "cut" in shown.text("line"))
    assert shown.bench.status()["network"] == "off"
    shown.bench.network(up=True)
    shown.qtbot.waitUntil(lambda: "works" in shown.text("line"))


def test_what_the_speaker_plays_is_noted(shown: Shown) -> None:
    assert "sound" not in [item["id"] for item in shown.items()]
    speaker = WorkbenchSpeaker(shown.bench.folder / "speaker.sock")
    for _ in range(2):
        speaker.play("card_left")
    speaker.close()
    shown.qtbot.waitUntil(lambda: any(item["text"] == "Speaker: card left (sound 2)" for item in shown.items()))


def test_paper_appears_as_printed_and_its_code_can_be_scanned(shown: Shown) -> None:
    printer = ReceiptPrinter(shown.bench.folder / "printer")
    assert shown.text("paper-number") == "no papers"
    assert printer.print([Words("first"), Cut()]) == "printed"
    assert printer.print([Words("second"), Code("GR1:ABC"), Cut()]) == "printed"
    shown.until("paper-number", "paper 2 of 2")
    shown.qtbot.waitUntil(lambda: shown.item("paper")["ready"])
    paper = shown.item("paper")
    assert paper["source"].endswith("/002.png")
    assert paper["h"] > paper["w"] / 4
    assert "second" in paper["name"]
    shown.click("scan-paper")
    assert shown.text("message") == "The code has been scanned."
    shown.click("paper-before")
    shown.until("paper-number", "paper 1 of 2")
    assert not shown.item("scan-paper")["enabled"]


def test_a_typed_code_is_scanned(shown: Shown) -> None:
    shown.click("scan-text")
    for character in "0007-1000-0AB0":
        for kind in (QKeyEvent.Type.KeyPress, QKeyEvent.Type.KeyRelease):  # Qt numbers printable keys by their ASCII codes
            key = QKeyEvent(kind, Qt.Key(ord(character)), Qt.KeyboardModifier.NoModifier, character)
            QGuiApplication.sendEvent(shown.window, key)
    assert shown.text("scan-text") == "0007-1000-0AB0"
    shown.click("scan")
    assert shown.text("message") == "The code has been scanned."
    assert shown.text("scan-text") == ""


def test_every_control_has_a_name_an_id_and_a_size_to_hit(shown: Shown) -> None:
    controls = [item for item in shown.items() if item["control"] and item["id"] != "key-"]  # the gaps of the pad
    for item in controls:
        assert item["name"], item
        assert item["accessibleId"], item
        assert min(item["w"], item["h"]) >= 24, item
    identifiers = [item["accessibleId"] for item in controls]
    assert len(identifiers) == len(set(identifiers)) >= 30


@pytest.mark.parametrize("full", [False, True])
def test_everything_is_inside_the_window_and_nothing_on_top_of_something(shown: Shown, *, full: bool) -> None:
    if not full:
        shown.window.setGeometry(0, 0, shown.window.minimumWidth(), shown.window.minimumHeight())
    window = shown.window
    shown.qtbot.waitUntil(lambda: abs(shown.item("message")["w"] - window.width() + 40) < 2)
    controls = [item for item in shown.items() if item["control"] and item["enabled"] and item["id"] != "key-"]
    for item in [*controls, shown.item("message")]:
        assert item["x"] >= 0, item
        assert item["y"] >= 0, item
        assert item["x"] + item["w"] <= window.width(), item
        assert item["y"] + item["h"] <= window.height(), item
    for number, one in enumerate(controls):
        for other in controls[number + 1 :]:
            apart = (
                one["x"] + one["w"] <= other["x"]
                or other["x"] + other["w"] <= one["x"]
                or one["y"] + one["h"] <= other["y"]
                or other["y"] + other["h"] <= one["y"]
            )
            assert apart, (one["id"], other["id"])


def test_changes_from_many_threads_are_seen_once(bench: Bench, qtbot: QtBot) -> None:
    view = BenchView(bench)
    with qtbot.waitSignal(view.changed, timeout=5000):
        bench.insert("marie")
    seen: list[str] = []
    view.changed.connect(lambda: seen.append(view.property("visitor")["card"]))
    for _ in range(20):
        bench.pull()
        bench.insert("josef")
    qtbot.waitUntil(lambda: bool(seen) and seen[-1] == "josef")
    assert len(seen) <= 3
    view.close()


def test_the_window_ends_when_the_workbench_is_stopped(bench: Bench, qtbot: QtBot) -> None:
    del qtbot
    with Stop() as stop:
        timer = threading.Timer(0.3, stop.ask)
        timer.start()
        assert show(bench, stop) == 0
        timer.join()
