"""A person at the terminal, for the scripted visits: sees, points, inserts, types, and waits for what comes.

Rules:
- Nothing is waited for by the clock: each step waits until its effect can be seen.
"""

from __future__ import annotations

import contextlib
import json
import select
import threading
import time
from typing import TYPE_CHECKING, Any

from kiosk.domain.errors import EnvironmentFault
from workbench.hands import Hands, NotSeen

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kiosk.demo.office import Office
    from workbench.client import Workbench

PIN = "123456"
WRONG_PIN = "654321"
_HEADER = ("clock", "demonstration", "offline")
MOST_TURNS = 20
"""Nobody looks further down a page."""


class Photographer:
    """Takes a picture of each new step of the visit, as the terminal's own log tells of it."""

    def __init__(self, office: Office, hands: Hands, folder: Path) -> None:
        self._log = office.processes.log("supervisor")
        self._hands = hands
        self._folder = folder
        self._folder.mkdir(parents=True, exist_ok=True)
        self._name = ""
        self._count = 0
        self._seen = 0
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def begin(self, name: str) -> None:
        """Let the pictures from now on belong to this visit."""
        with self._lock:
            self._name, self._count = name, 0

    def picture(self, step: str) -> None:
        """One picture now."""
        with self._lock:
            self._count += 1
            name = f"{self._name}-{self._count:02d}-{step}.png"
        self._hands.picture(self._folder / name)

    def settle(self, seconds: float = 5) -> None:
        """Wait until every step that was logged so far has its picture."""
        wanted = self._log.stat().st_size if self._log.exists() else 0
        deadline = time.monotonic() + seconds
        while self._seen < wanted and time.monotonic() < deadline:
            self._stop.wait(0.01)

    def close(self) -> None:
        """No more pictures."""
        self._stop.set()
        self._thread.join(5)

    def _watch(self) -> None:
        while not self._log.exists() and not self._stop.wait(0.05):
            pass
        with self._log.open("r", encoding="utf-8", errors="replace") as lines:
            lines.seek(0, 2)
            while not self._stop.is_set():
                line = lines.readline()
                if not line:
                    self._seen = lines.tell()
                    self._stop.wait(0.01)
                    continue
                with contextlib.suppress(ValueError):
                    entry = json.loads(line)
                    if entry.get("event") == "step" and entry.get("step") != "Ended" and self._name:
                        select.select([], [], [], 0.08)  # one frame for the renderer
                        self.picture(_words(str(entry["step"])))


def _words(step: str) -> str:
    """CamelCase to words with hyphens."""
    return "".join(f"-{c.lower()}" if c.isupper() else c for c in step).lstrip("-")


class Person:
    """Walks a visit."""

    def __init__(self, office: Office, hands: Hands, photographer: Photographer | None = None) -> None:
        if office.bench is None:
            raise EnvironmentFault("There is no workbench.", "Start the office first.")
        self.office = office
        self.hands = hands
        self.bench: Workbench = office.bench
        self._photographer = photographer
        self.second_language = ""
        """Each page that is photographed is kept in this language too; empty: only as it is."""

    def approach(self) -> None:
        """Stand before a terminal that is ready and shows its welcome; a successor waits behind it."""
        self.until(self._ready, "a visit on the screen", 60)
        self.hands.pid = int(self.office.running()["visit"])
        self.hands.see("start", 20)

    def _ready(self) -> bool:
        running = self.office.running()
        return running.get("visit_stage") == "shown" and running.get("successor_stage") == "ready"

    def until(self, true: Callable[[], bool], what: str, seconds: float = 20) -> None:
        """Wait until something is so."""
        deadline = time.monotonic() + seconds
        while not true():
            if time.monotonic() > deadline:
                raise NotSeen(f"waited {seconds:.0f} s in vain for {what}")
            select.select([], [], [], 0.02)

    def insert(self, card: str) -> None:
        """Put the card in."""
        self.bench.do("insert", card)

    def pull(self) -> None:
        """Take the card out."""
        self.bench.do("pull")

    def type_pin(self, pin: str = PIN) -> None:
        """Type a PIN when the pad asks for it."""
        self.bench.do("wait", "pad", timeout=30)
        self.bench.do("press", pin, "enter")

    def type_new_pin(self, *pins: str) -> None:
        """Type the old PIN, the new one and the new one again when the pad asks for them; what it asks for, in one entry."""
        self.bench.do("wait", "pad", timeout=30)
        self.bench.do("press", *(key for pin in pins for key in (pin, "enter")))

    def identify(self, card: str) -> None:
        """Card, PIN, menu."""
        self.insert(card)
        self.hands.see("page-pin")
        self.settle()
        self.type_pin()
        self.hands.see("page-menu")
        self.settle()

    def open(self, service: str) -> None:
        """Touch a service of the menu; how it begins is the journey's affair."""
        self.reach(f"service-{service}")

    def reach(self, control: str) -> None:
        """Touch a control; the page is turned down, then up, as far as it lies beyond the arrows, once it is there."""
        self.until(lambda: any(self._turn(arrow, control) for arrow in ("scroll-down", "scroll-up")), control)
        self.hands.touch(control)

    def to_the_end(self) -> None:
        """Turn the page down as far as it goes."""
        self._turn("scroll-down", "")

    def _turn(self, arrow: str, control: str) -> bool:
        """Touch an arrow until a control lies wholly between header and arrows; False when there is no further to go."""
        for _ in range(MOST_TURNS):
            shown = {node["id"]: node for node in self.hands.everything()}
            found = shown.get(control)
            edge = min((shown[one]["y"] for one in ("scroll-down", "scroll-up") if one in shown), default=None)
            head = max((shown[one]["y"] + shown[one]["height"] for one in _HEADER if one in shown), default=0)
            below = found is not None and edge is not None and found["y"] + found["height"] >= edge
            if found is not None and not below and (edge is None or found["y"] >= head):
                return True
            if arrow not in shown or not shown[arrow]["enabled"]:
                return False
            self.hands.touch(arrow)
        return False

    def type(self, text: str) -> None:
        """Type on the keyboard of the screen, one key a character."""
        for character in text:
            self.hands.touch(f"key-{character}")

    def choose(self, value: str) -> None:
        """Choose one of the choices of a page, and go on."""
        self.hands.touch(f"choice-{value}")
        self.hands.touch("continue")

    def enter_account(self, account: str) -> None:
        """Menu, the question, the check page."""
        self.reach("service-bank_account.change")
        self.hands.see("page-question")
        for key in account:
            self.hands.touch(f"key-{key}")
        self.hands.touch("continue")
        self.hands.see("page-check")

    def sign(self) -> None:
        """Press the button that names the act, and type the PIN again."""
        self.settle()
        self.hands.touch("sign")
        self.settle()
        self.type_pin()

    def receipt(self) -> dict[str, Any]:
        """Wait for the receipt page; what it says."""
        self.hands.see("page-receipt", 20)
        return {"title": self.hands.see("receipt-title")["name"], "reference": self.hands.see("reference")["name"]}

    def paper(self, more_than: int) -> str:
        """Wait for a cut paper; what it says."""
        self.bench.do("wait", "paper", count=more_than, timeout=30)
        return str(self.bench.do("paper")["papers"][-1]["text"])

    def papers(self) -> int:
        """How many papers lie there."""
        return len(self.bench.do("paper")["papers"])

    def settle(self) -> None:
        """Let the photographer keep up."""
        if self._photographer is not None:
            self._photographer.settle()

    def finish(self) -> None:
        """End the session and take the card."""
        self.settle()
        self.hands.touch("end-session")
        self.hands.see("page-taking-card")
        self.settle()
        self.pull()
        self.gone()

    def gone(self, seconds: float = 40) -> None:
        """Wait until this visit is over and another one has the screen."""
        was = self.hands.pid
        self.until(lambda: self.office.running().get("visit") not in {was, None}, "the successor", seconds)

    def photograph(self, step: str) -> None:
        """Take a picture for the record, and one in the second language."""
        if self._photographer is None:
            return
        self._photographer.picture(step)
        if self.second_language:
            self._speak(self.second_language)
            self._photographer.picture(f"{step}-{self.second_language}")
            self._speak("en")

    def _speak(self, language: str) -> None:
        """Change the language of the visit, as anybody can at any page."""
        self.hands.touch("control-language")
        self.hands.touch(f"language-{language}")
        self.hands.see_gone("overlay-language")
