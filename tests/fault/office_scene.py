"""A whole office on a virtual screen for tests that break it: the real visit, the real agent, real faults."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
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


ASK_TO_CLOSE = """
import ctypes, sys
class Message(ctypes.Structure):
    _fields_ = [("type", ctypes.c_int), ("serial", ctypes.c_ulong), ("send_event", ctypes.c_int), ("display", ctypes.c_void_p),
                ("window", ctypes.c_ulong), ("message_type", ctypes.c_ulong), ("format", ctypes.c_int), ("data", ctypes.c_long * 5),
                ("room", ctypes.c_long * 24)]
x = ctypes.CDLL("libX11.so.6")
x.XOpenDisplay.restype, x.XInternAtom.restype = ctypes.c_void_p, ctypes.c_ulong
display, window = ctypes.c_void_p(x.XOpenDisplay(None)), ctypes.c_ulong(int(sys.argv[1]))
protocols, delete = (x.XInternAtom(display, name, 0) for name in (b"WM_PROTOCOLS", b"WM_DELETE_WINDOW"))
message = Message(33, 0, 1, display, window, protocols, 32, (ctypes.c_long * 5)(delete, 0))
sent = x.XSendEvent(display, window, 0, ctypes.c_long(0), ctypes.byref(message))
x.XSync(display, 0)
sys.exit(0 if sent else 1)
"""


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
        assert done.returncode == 0, (words, done.stderr)
        return done.stdout

    def window_of(self, pid: int) -> str:
        """The one window that shows: the visit's; a hidden successor has none to be seen."""
        found: list[str] = []

        def seen() -> bool:
            done = subprocess.run(
                ["xdotool", "search", "--onlyvisible", "--name", "^Guichet$"], capture_output=True, text=True, check=False,
                env=self.office.processes.environment,
            )  # fmt: skip
            found[:] = done.stdout.split()
            return bool(found)

        self.until(seen, f"a window of process {pid}")
        return found[0]

    def ask_to_close(self, window: int) -> None:
        """WM_DELETE_WINDOW, as a window manager sends it (ICCCM 4.2.8.1)."""
        done = subprocess.run(
            [sys.executable, "-c", ASK_TO_CLOSE, str(window)], env=self.office.processes.environment, check=False
        )
        assert done.returncode == 0

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
                elif entry.get("event") in {
                    "visit_died",
                    "visit_too_late",
                    "agent_died",
                    "fault_caught",
                    "supervisor_task",
                }:
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
