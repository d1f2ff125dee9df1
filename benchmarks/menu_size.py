"""`catalogue_60_vs_15`: the menu of sixty services of five agencies against that of fifteen, from the session to the frame.

The process is a visit as the supervisor starts it (`python -m benchmarks.menu_size STATE`), except that it shows by itself:
now the one menu, now the other, and between them another page, so that each menu is drawn anew, on a whole screen.
The services are samples (`ui.samples`): a catalogue of sixty real ones does not exist yet.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.figures import Figure, spread_of
from benchmarks.world import HEIGHT, WIDTH
from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    from benchmarks.world import World
    from kiosk.domain.session.states import Session

MANY, FEW = 60, 15
REHEARSED, MEASURED = 3, 60
GOAL = 1.1


def figure(world: World) -> Figure:
    """The row."""
    command = [sys.executable, "-m", "benchmarks.menu_size", str(world.state)]
    done = subprocess.run(
        command, capture_output=True, text=True, env=world.processes.environment, timeout=120, check=False
    )
    said = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"services"')]
    times = {count: [one["ms"] for one in said if one["services"] == count] for count in (MANY, FEW)}
    if not all(times.values()):
        raise EnvironmentFault("The visit that shows menus ended early.", f"Run `{' '.join(command)}` by hand.")
    many, few = (statistics.median(times[count]) for count in (MANY, FEW))
    spread = spread_of(times[MANY])
    return Figure("catalogue_60_vs_15", many, "ms", f"{FEW} services", few, len(times[MANY]), goal=GOAL, spread=spread)


def sessions() -> list[tuple[int, Session]]:
    """The two menus, each after another page; the number says how many services (0: not measured)."""
    from kiosk.domain.session import states as at  # noqa: PLC0415 - in the child only
    from ui import examples, samples  # noqa: PLC0415

    names = tuple(one.id for one in samples.many(MANY))
    made: list[tuple[int, Session]] = []
    for count in (MANY, FEW):
        made.append((0, examples.session(at.Showing(examples.VISITOR, "access.show"))))
        made.append((count, examples.session(at.Menu(examples.VISITOR), services=names[:count])))
    return made


def show_menus(state: Path) -> int:
    """Be that visit: show one page after the other, and say how long each menu took."""
    from PySide6.QtGui import QGuiApplication  # noqa: PLC0415
    from PySide6.QtQuick import QQuickWindow  # noqa: PLC0415

    from kiosk.visit.process import VisitProcess  # noqa: PLC0415
    from ui import samples  # noqa: PLC0415

    def say(**message: Any) -> None:
        print(json.dumps(message), flush=True)

    process = VisitProcess(state, size=(WIDTH, HEIGHT), position=(0, 0), fullscreen=False, say=say)
    window = next(window for window in QGuiApplication.topLevelWindows() if isinstance(window, QQuickWindow))
    pages = sessions()
    turned, began, quiet = 0, 0.0, False

    def turn() -> None:
        nonlocal turned, began, quiet
        quiet = False
        began = time.monotonic()
        process.render(pages[turned % len(pages)][1])

    def drawn() -> None:
        """The first frame after a page counts; what settles afterwards has its time before the next one."""
        nonlocal turned, quiet
        if quiet or not began:
            return
        quiet = True
        count = pages[turned % len(pages)][0]
        if count and turned >= REHEARSED * len(pages):
            say(services=count, ms=(time.monotonic() - began) * 1000)
        turned += 1
        if turned >= (REHEARSED + MEASURED) * len(pages):
            process.loop.call(process.loop.stop)
            return
        process.loop.after(40, turn)

    window.frameSwapped.connect(drawn)
    with samples.installed():
        window.show()
        process.loop.after(500, turn)
        return process.loop.run()


if __name__ == "__main__":
    sys.exit(show_menus(Path(sys.argv[1])))
