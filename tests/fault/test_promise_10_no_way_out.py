"""Promise 10: the visitor cannot leave the application.

The attack: the real visit on a virtual screen gets every key, chord, button and window message that closes, switches,
prints or opens something elsewhere, through the X server, one flood after the other, on the welcome page and in the middle
of a visit. After each flood a legitimate touch must still have its effect (events keep their order, so the flood was taken
before it), the same process must have the same window on top, and the visit must stand where it stood.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.fault.office_scene import Scene, scene

if TYPE_CHECKING:
    from collections.abc import Iterator

CHORDS = {
    "close": ["alt+F4", "ctrl+q", "ctrl+w", "ctrl+F4", "alt+space", "ctrl+c", "ctrl+shift+q", "super+q"],
    "escape": ["Escape", "ctrl+Escape", "shift+Escape", "alt+Escape", "ctrl+alt+Escape", "Cancel", "Break"],
    "switch": ["alt+Tab", "alt+shift+Tab", "super+Tab", "ctrl+alt+F1", "ctrl+alt+F2", "ctrl+alt+F7", "alt+F1", "alt+F2"],
    "system": ["Super_L", "Super_R", "Menu", "Hyper_L", "super+l", "super+r", "super+d", "super+e", "ctrl+alt+t",
               "ctrl+alt+Delete", "ctrl+alt+BackSpace", "ctrl+shift+Escape", "alt+Sys_Req"],
    "print": ["Print", "ctrl+p", "shift+Print", "alt+Print", "super+Print"],
    "functions": [f"F{number}" for number in range(1, 25)],
    "browser": ["ctrl+n", "ctrl+t", "ctrl+o", "ctrl+s", "ctrl+u", "ctrl+r", "ctrl+l", "ctrl+j", "ctrl+h", "ctrl+plus",
                "ctrl+minus", "ctrl+shift+i", "ctrl+shift+t", "alt+Left", "alt+Home", "alt+d", "BackSpace"],
    "media": ["XF86PowerOff", "XF86Sleep", "XF86HomePage", "XF86WWW", "XF86Mail", "XF86Calculator", "XF86Eject",
              "XF86Explorer", "XF86AudioRaiseVolume", "XF86LogOff", "XF86Terminal", "XF86Back", "XF86Close"],
    "text": ["a", "Z", "5", "slash", "ctrl+a", "ctrl+v", "ctrl+z", "shift+Insert", "Insert", "Delete", "Home", "End",
             "Page_Up", "Page_Down", "Pause", "Scroll_Lock", "Find", "Undo"],
}  # fmt: skip
BUTTONS = (2, 3, 4, 5, 6, 7, 8, 9)


@pytest.fixture
def office() -> Iterator[Scene]:
    with scene() as made:
        yield made


class Stand:
    """What must not change."""

    def __init__(self, office: Scene, page: str) -> None:
        self._office, self._page = office, page
        self._pid = office.office.running()["visit"]
        self._windows = office.windows()
        self._window = office.window_of(self._pid)
        self._geometry = office.xdotool("getwindowgeometry", "--shell", self._window)
        self._steps = office.steps()
        assert str(self._pid).isdigit()
        assert "WIDTH=1080" in self._geometry, self._geometry

    def check(self, what: str) -> None:
        office = self._office
        office.hands.touch("control-help")
        office.hands.see("overlay-close")
        office.hands.touch("overlay-close")
        office.hands.see_gone("overlay-close")
        office.hands.see(self._page, 5)
        running = office.office.running()
        assert (running["visit"], running["visit_stage"]) == (self._pid, "shown"), what
        os.kill(self._pid, 0)
        assert office.windows() == self._windows, f"{what}: another window"
        assert office.xdotool("getwindowgeometry", "--shell", self._window) == self._geometry, what
        assert office.steps() == self._steps, what


def _attack(office: Scene, page: str) -> None:
    stand = Stand(office, page)
    window = office.window_of(office.hands.pid)
    office.xdotool("mousemove", "540", "1000")
    stand.check("nothing at all")
    for what, chords in CHORDS.items():
        office.xdotool("key", "--delay", "0", *chords)
        stand.check(what)
    office.xdotool("key", "--delay", "0", *[chord for chords in CHORDS.values() for chord in chords] * 3)
    stand.check("a flood of all of them")
    for place in ((540, 1000), (20, 20), (1079, 1919), (200, 1850)):
        office.xdotool("mousemove", *map(str, place))
        for button in BUTTONS:
            office.xdotool("click", "--delay", "0", "--repeat", "5", str(button))
    stand.check("other buttons and the wheel")
    office.xdotool("mousemove", "540", "1000", "mousedown", "3", "mousemove", "900", "200", "mouseup", "3")
    office.xdotool("mousemove", "540", "0", "mousedown", "2", "mousemove", "540", "1900", "mouseup", "2")
    stand.check("drags")
    for _ in range(3):
        office.ask_to_close(int(window))
    stand.check("a request to close the window")
    office.xdotool("keydown", "alt", "key", "F4", "keydown", "ctrl", "key", "q", "keyup", "ctrl", "keyup", "alt")
    stand.check("keys held down together")


@pytest.mark.timeout(90)
def test_nothing_leaves_the_welcome_page(office: Scene) -> None:
    _attack(office, "page-welcome")


@pytest.mark.timeout(90)
def test_nothing_leaves_a_visit_under_way(office: Scene) -> None:
    office.person.insert("ludmila")
    office.hands.see("page-pin")
    office.person.type_pin()
    office.hands.see("page-menu")
    office.hands.touch("service-bank_account.change")
    office.hands.see("page-question")
    _attack(office, "page-question")
    office.hands.touch("end-session")
    office.person.pull()
    office.person.gone()


def test_the_attack_is_heard_at_all(office: Scene) -> None:
    """The counter-proof: the same keyboard and the same pointer do move the visit when they are used as meant."""
    office.person.approach()
    before = len(office.steps())
    office.xdotool("key", "--delay", "0", "Tab")
    office.hands.touch("start")
    office.hands.see("page-language")
    assert office.steps()[before:] == ["ChoosingLanguage"]
    assert not [step for step in office.steps() if step in {"visit_died", "fault_caught", "visit_too_late"}]
