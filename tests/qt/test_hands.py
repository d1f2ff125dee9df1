"""What fingers and keys do: each act leaves once, nobody leaves the application."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QCloseEvent, QKeyEvent, QWheelEvent
from PySide6.QtTest import QTest

from kiosk.domain.session import events as ev
from kiosk.domain.session import states as at
from ui import examples

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.qt.conftest import Screen


@pytest.fixture(autouse=True)
def _untouched(screen: Screen) -> Iterator[None]:
    """Each test begins with a door that has not been touched, and no time passes but what `later` lets pass."""
    screen.kiosk.bridge.touched()
    screen.evaluate("Door.last = Door.lifted = ''")
    screen.evaluate("Door.clock = { time: 1e12, now: function () { return this.time } }")
    yield
    screen.evaluate("Door.clock = Date")
    screen.events()


def touch(screen: Screen, id_: str) -> None:
    """A real click in the middle of a control."""
    item = next(i for i in screen.items() if i["id"] == id_ and i["kind"] == "button")
    place = QPoint(round(item["x"] + item["w"] / 2), round(item["y"] + item["h"] / 2))
    QTest.mouseClick(screen.kiosk.window, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)


def acts(screen: Screen) -> list[ev.Event]:
    """What left the screen, without the touches that keep a visit alive."""
    return [event for event in screen.events() if not isinstance(event, ev.ScreenTouched)]


@pytest.mark.parametrize(
    ("phase", "id_", "event"),
    [
        (at.ChoosingLanguage(), "language-cs", ev.LanguageChosen("cs")),
        (at.AwaitingCard(), "have-code", ev.CodePressed()),
        (at.AwaitingCard(), "back", ev.BackPressed()),
        (at.LastPinTry(examples.CARD), "staff", ev.CallStaffPressed()),
        (at.LastPinTry(examples.CARD), "continue", ev.ContinuePressed()),
        (at.Menu(examples.VISITOR), "service-bank_account.change", ev.ServiceChosen("bank_account.change")),
        (at.Menu(examples.VISITOR), "service-requests.show", ev.ServiceChosen("requests.show")),
        (at.Menu(examples.VISITOR), "who-holds", ev.ServiceChosen("access.show")),
        (at.Showing(examples.VISITOR, "access.show"), "back", ev.BackPressed()),
        (at.Showing(examples.VISITOR, "requests.show"), "stop-0", ev.ActionPressed("stop-0")),
        (at.Showing(examples.WAITED_FOR, "requests.show"), "confirm-0", ev.ActionPressed("confirm-0")),
        (examples.CONFIRMED, "sign", ev.SignPressed()),
        (examples.CONFIRMED, "stop", ev.StopPressed("t-3")),
        (at.ShowingReceipt(examples.CHECKED, examples.RECORDED, examples.CLOSE, at.Printing.PRINTED), "confirm", ev.ConfirmPressed("0193-7")),
        (at.Answering(examples.VISITOR, examples.CHANGE, 0), "key-6", ev.Typed("CZ6")),
        (at.EnteringCode("7K"), "key-Q", ev.Typed("7KQ")),
        (examples.CHECKED, "change-account", ev.ChangePressed("account")),
        (examples.CHECKED, "sign", ev.SignPressed()),
        (at.ShowingReceipt(examples.CHECKED, examples.RECORDED, None, at.Printing.FAILED), "print-again", ev.PrintAgainPressed()),
        (at.Menu(examples.VISITOR), "end-session", ev.EndPressed()),
        (at.Menu(examples.VISITOR), "control-language", ev.LanguagePressed()),
        (at.Menu(examples.VISITOR), "control-text-size", ev.TextSizePressed()),
        (at.Menu(examples.VISITOR), "control-contrast", ev.ContrastPressed()),
        (at.Menu(examples.VISITOR), "control-lowered", ev.LowerScreenPressed()),
        (at.Menu(examples.VISITOR), "control-help", ev.HelpPressed()),
        (at.Menu(examples.VISITOR), "control-staff", ev.CallStaffPressed()),
    ],
)  # fmt: skip
def test_a_touch_is_an_event_and_a_double_strike_is_one(
    screen: Screen, phase: at.Phase, id_: str, event: ev.Event
) -> None:
    screen.show(examples.session(at.ExaminingCard()))
    screen.show(examples.session(phase))
    screen.events()
    touch(screen, "control-help" if id_ != "control-help" else "control-staff")  # another control in between
    screen.events()
    touch(screen, id_)
    touch(screen, id_)
    assert acts(screen) == [event]


def later(screen: Screen, milliseconds: int) -> None:
    """As if the finger had left the last key so long ago."""
    screen.evaluate(f"Door.clock.time += {milliseconds}")


def keys(screen: Screen) -> str:
    """What the keys that counted added to an empty field."""
    return "".join(event.text for event in acts(screen) if isinstance(event, ev.Typed))


def test_a_key_bounced_on_counts_once_and_a_key_pressed_anew_twice(screen: Screen) -> None:
    screen.show(examples.session(at.EnteringCode()))
    touch(screen, "key-1")
    touch(screen, "key-1")  # the finger was away for no time at all
    assert keys(screen) == "1"
    later(screen, 100)
    touch(screen, "key-1")  # a trembling hand
    assert keys(screen) == ""
    later(screen, 160)
    touch(screen, "key-1")
    assert keys(screen) == "1"


def test_another_key_counts_at_once_and_so_does_the_first_one_after_it(screen: Screen) -> None:
    screen.show(examples.session(at.EnteringCode()))
    for key in "1212":
        touch(screen, f"key-{key}")
    assert keys(screen) == "1212"


def test_a_long_press_that_bounces_counts_once(screen: Screen) -> None:
    screen.show(examples.session(at.EnteringCode()))
    item = next(i for i in screen.items() if i["id"] == "key-1" and i["kind"] == "button")
    place = QPoint(round(item["x"] + item["w"] / 2), round(item["y"] + item["h"] / 2))
    window, left, no = screen.kiosk.window, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    touch(screen, "key-1")
    later(screen, 1000)
    QTest.mousePress(window, left, no, place)
    screen.settle()  # however long the finger rests
    QTest.mouseRelease(window, left, no, place)
    QTest.mouseClick(window, left, no, place)
    assert keys(screen) == "11"


def test_a_clock_that_was_set_back_closes_no_key(screen: Screen) -> None:
    screen.show(examples.session(at.EnteringCode()))
    touch(screen, "key-1")
    later(screen, -3_600_000)
    touch(screen, "key-1")
    assert keys(screen) == "11"


def test_any_place_of_the_welcome_begins(screen: Screen) -> None:
    screen.show(examples.session(at.Welcome(), card=False))
    screen.events()
    QTest.mouseClick(screen.kiosk.window, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(500, 700))
    assert screen.events() == [ev.ScreenTouched()]


def test_an_overlay_shields_the_page(screen: Screen) -> None:
    screen.show(examples.session(at.Menu(examples.VISITOR), overlay=at.HelpShown()))
    screen.events()
    touch(screen, "service-bank_account.change")
    assert acts(screen) == []
    touch(screen, "overlay-close")
    assert acts(screen) == [ev.OverlayClosed()]


@pytest.mark.parametrize(
    ("key", "modifiers"),
    [
        (Qt.Key.Key_F4, Qt.KeyboardModifier.AltModifier),
        (Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier),
        (Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier),
        (Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_F1, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_F11, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_Print, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_Menu, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_Super_L, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_Tab, Qt.KeyboardModifier.AltModifier),
        (Qt.Key.Key_Delete, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier),
    ],
)
def test_keys_that_lead_out_are_swallowed(screen: Screen, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> None:
    screen.show(examples.session(at.Menu(examples.VISITOR)))
    screen.events()
    event = QKeyEvent(QEvent.Type.KeyPress, key, modifiers)
    screen.kiosk.app.sendEvent(screen.kiosk.window, event)
    assert screen.kiosk.guard.swallowed[-1].startswith("KeyPress")
    assert acts(screen) == []
    assert screen.kiosk.window.isVisible()


def test_close_wheel_and_the_other_buttons_are_swallowed(screen: Screen) -> None:
    screen.show(examples.session(at.Menu(examples.VISITOR)))
    screen.events()
    window, app = screen.kiosk.window, screen.kiosk.app
    screen.kiosk.guard.swallowed.clear()
    app.sendEvent(window, QCloseEvent())
    assert window.isVisible()
    assert screen.kiosk.guard.swallowed == ["Close"]
    place = QPointF(500, 600)
    app.sendEvent(window, QWheelEvent(
        place, place, QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase, False,
    ))  # fmt: skip
    QTest.mouseClick(window, Qt.MouseButton.RightButton, Qt.KeyboardModifier.NoModifier, QPoint(500, 600))
    QTest.mouseClick(window, Qt.MouseButton.MiddleButton, Qt.KeyboardModifier.NoModifier, QPoint(500, 600))
    assert "Wheel" in screen.kiosk.guard.swallowed
    assert acts(screen) == []


def test_a_held_key_counts_once(screen: Screen) -> None:
    screen.show(examples.session(at.Menu(examples.VISITOR)))
    screen.kiosk.guard.swallowed.clear()
    repeated = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier, "\r", True)
    screen.kiosk.app.sendEvent(screen.kiosk.window, repeated)
    assert [what.split(":")[0] for what in screen.kiosk.guard.swallowed] == ["KeyPress"]
    assert acts(screen) == []


def test_tab_reaches_every_control(screen: Screen) -> None:
    """No focus trap: tabbing goes round through all controls that show."""
    screen.show(examples.session(at.Menu(examples.VISITOR)))
    screen.kiosk.window.requestActivate()
    wanted = {b["id"] for b in screen.items() if b["kind"] == "button"}
    reached = set()
    for _ in range(2 * len(wanted)):
        QTest.keyClick(screen.kiosk.window, Qt.Key.Key_Tab)
        reached.add(screen.evaluate("activeFocusItem ? String(activeFocusItem.Accessible.id) : ''"))
    assert wanted <= reached


def test_what_is_too_long_moves_by_buttons(screen: Screen) -> None:
    phase = at.ShowingReceipt(examples.CHECKED, examples.RECORDED, examples.HELD, at.Printing.FAILED)
    screen.show(examples.session(at.Ended(at.EndReason.FINISHED), scale=200))
    screen.show(examples.session(phase, scale=200))
    before = {i["id"]: i["y"] for i in screen.items() if i["kind"] == "text" and i["id"]}
    touch(screen, "scroll-down")
    screen.settle()
    after = {i["id"]: i["y"] for i in screen.items() if i["kind"] == "text" and i["id"]}
    assert after["receipt-title"] < before["receipt-title"]
    assert acts(screen) == []
