"""A whole office on a virtual screen for tests that break it: the real visit, the real agent, real faults."""

from __future__ import annotations

import contextlib
import json
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiosk.demo.office import Office
from kiosk.demo.person import Person
from kiosk.demo.screen import VirtualScreen
from workbench.hands import Hands

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TIMES = {"idle_seconds": 60.0, "warning_seconds": 20.0, "pin_seconds": 30.0, "card_left_seconds": 20.0}


class Scene:
    """The office, somebody's hands, and what the terminal says of itself."""

    def __init__(self, office: Office, screen: VirtualScreen, hands: Hands) -> None:
        self.office, self.screen, self.hands = office, screen, hands
        self.person = Person(office, hands)
        self.state = office.state

    def xdotool(self, *words: str) -> str:
        done = subprocess.run(
            ["xdotool", *words], capture_output=True, text=True, check=False, env=self.office.processes.environment
        )
        return done.stdout

    def windows(self) -> list[str]:
        """The windows that can be seen."""
        return sorted(self.xdotool("search", "--onlyvisible", "--name", ".*").split())

    def log(self) -> str:
        return self.office.processes.log("supervisor").read_text("utf-8", "replace")

    def steps(self) -> list[str]:
        """The phases that visits have entered since the start, and why visits ended or died."""
        found = []
        for line in self.log().splitlines():
            with contextlib.suppress(ValueError):
                entry: dict[str, Any] = json.loads(line)
                if entry.get("event") == "step":
                    found.append(str(entry["step"]))
                elif entry.get("event") in {"visit_died", "visit_too_late", "agent_died", "fault_caught", "supervisor_task"}:
                    found.append(str(entry["event"]))
        return found

    def until(self, true: Callable[[], bool], what: str, seconds: float = 20) -> None:
        self.person.until(true, what, seconds)


@contextlib.contextmanager
def scene(size: tuple[int, int] = (1080, 1920), times: dict[str, float] | None = None) -> Iterator[Scene]:
    """Start everything; UNIX socket names are short, so not under pytest's folder."""
    with tempfile.TemporaryDirectory(prefix="guichet-") as folder, contextlib.ExitStack() as ends:
        screen = VirtualScreen(*size)
        ends.callback(screen.close)
        office = Office(Path(folder) / "s", window=False, screen=screen.environment, times=times or TIMES)
        ends.callback(office.stop)
        office.start()
        hands = Hands({**office.processes.environment, **screen.environment})
        ends.callback(hands.close)
        made = Scene(office, screen, hands)
        made.person.approach()
        yield made
