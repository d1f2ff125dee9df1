"""`visit_memory_growth_mb`: what pages leave behind, from the thousandth to the fourteen-thousandth of one process.

The process is a visit as the supervisor starts it, except that it turns pages by itself (`python -m
benchmarks.visit_memory_growth STATE`): every phase that looks different, in three languages, each drawn before the next.
Its memory (VmRSS) is read from outside when it says that it has come so far. The window is 540x960, as in the
demonstration with windows: what a page leaves behind does not depend on its size, and a quarter of the pixels is soon drawn.
"""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.figures import Figure, limited
from benchmarks.world import memory_mb
from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.world import World
    from kiosk.domain.session.states import Session

LIMIT_MB = 2.0
FROM_PAGE, TO_PAGE = 1_000, 14_000
SIZE = (540, 960)


def figure(world: World) -> Figure:
    """The row."""
    command = [sys.executable, "-m", "benchmarks.visit_memory_growth", str(world.state)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=world.processes.environment
    ) as child:
        found: dict[int, float] = {}
        for line in child.stdout or ():
            said = json.loads(line) if line.startswith("{") else {}
            if "page" in said:
                found[said["page"]] = memory_mb(child.pid)
            if TO_PAGE in found:
                child.kill()
                break
    if TO_PAGE not in found:
        raise EnvironmentFault("The visit that turns pages ended early.", f"Run `{' '.join(command)}` by hand.")
    growth = found[TO_PAGE] - found[FROM_PAGE]
    spread = f"{found[FROM_PAGE]:.1f} to {found[TO_PAGE]:.1f} MB"
    return limited("visit_memory_growth_mb", growth, "MB", LIMIT_MB, TO_PAGE - FROM_PAGE, spread)


def sessions() -> Iterator[Session]:
    """Every page in three languages, again and again."""
    from ui import examples  # noqa: PLC0415 - in the child only

    pages = [
        examples.session(phase, language=language) for language in ("en", "cs", "ar") for _, phase in examples.phases()
    ]
    return cycle(pages)


def turn_pages(state: Path) -> int:
    """Be that visit: draw one page after the other, and say how far it is."""
    from PySide6.QtGui import QGuiApplication  # noqa: PLC0415
    from PySide6.QtQuick import QQuickWindow  # noqa: PLC0415

    from kiosk.visit.process import VisitProcess  # noqa: PLC0415

    def say(**message: Any) -> None:
        print(json.dumps(message), flush=True)

    process = VisitProcess(state, size=SIZE, position=(0, 0), fullscreen=False, say=say)
    window = next(window for window in QGuiApplication.topLevelWindows() if isinstance(window, QQuickWindow))
    coming, turned = sessions(), 0

    def turn() -> None:
        nonlocal turned
        process.render(next(coming))
        turned += 1
        if turned in {FROM_PAGE, TO_PAGE}:
            say(page=turned)

    window.frameSwapped.connect(lambda: process.loop.call(turn))
    window.show()
    process.loop.call(turn)
    return process.loop.run()


if __name__ == "__main__":
    sys.exit(turn_pages(Path(sys.argv[1])))
