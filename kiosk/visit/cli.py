"""`guichet visit`: the process of one visit. Screens, card, pad and printer; no network, no database.

Rules:
- It is started before it is needed: everything is loaded, nothing is shown, the reader is not touched, and it says
  so on standard output. It takes the screen when standard input gives it a visit id, and exits with the visit.
- Personal data in the clear live here only. The memory is neither dumped nor readable by others (PR_SET_DUMPABLE).
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    import argparse

    from kiosk.visit.process import VisitProcess


def add_parser(subparsers: argparse._SubParsersAction[Any]) -> None:
    """Register `guichet visit`."""
    parser = subparsers.add_parser(
        "visit", help="one visit: the screens, started hidden by the supervisor",
        description="The process of one visit. The supervisor starts it hidden and gives it a visit id on standard input: "
        '{"open": "<visit id>"}. It answers on standard output: {"state": "ready"|"shown"|"ended"}. '
        'Both also speak of paper that hangs in the printer: {"left_paper": "open"|"spoiled"}, {"paper": "cut"|...}.',
    )  # fmt: skip
    parser.add_argument("--state", type=Path, default=None, help="state folder (default: $GUICHET_STATE or .guichet)")
    parser.add_argument("--size", default="1080x1920", help="window size, e.g. 1080x1920 (portrait) or 1920x1080")
    parser.add_argument("--position", default="0,0", help="upper left corner of the window")
    parser.add_argument("--fullscreen", action="store_true", help="take the whole screen")
    parser.add_argument(
        "--log", type=Path, metavar="FILE", help="append the log (JSON lines) to FILE instead of stderr"
    )
    parser.set_defaults(run=run)


def leave_out() -> None:
    """Keep out of this process what libraries import when they find it, and no visit uses.

    structlog draws tracebacks with rich and knows greenlets. TLS stays: the checks of personal numbers (stdnum) import it.
    """
    for name in ("rich", "greenlet"):
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]  # None: not to be found


def say(**message: object) -> None:
    """One line to the supervisor."""
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def run(args: argparse.Namespace) -> int:
    """Load, wait for the visit id, serve, exit."""
    from kiosk.system import close_memory

    close_memory()
    leave_out()
    from kiosk.visit import log
    from kiosk.visit.process import VisitProcess  # the heavy half, after the memory is closed

    log.configure(args.log)
    process = VisitProcess(
        args.state, size=_pair(args.size, "x", "--size"), position=_pair(args.position, ",", "--position"),
        fullscreen=args.fullscreen, say=say,
    )  # fmt: skip
    process.loop.readable(sys.stdin.fileno(), lambda: _obey(process))
    say(state="ready", pid=os.getpid())
    return process.loop.run()


def _pair(text: str, separator: str, option: str) -> tuple[int, int]:
    """Two whole numbers of an option."""
    first, _, second = text.partition(separator)
    try:
        return int(first), int(second)
    except ValueError:
        raise EnvironmentFault(
            f"{option} {text!r} is not two whole numbers.", f"Write it like 1080{separator}1920."
        ) from None


def _obey(process: VisitProcess) -> None:
    """Do what the supervisor says; the end of its pipe is the end of this process."""
    line = os.read(sys.stdin.fileno(), 65_536)
    if not line:
        process.abandon()
        return
    for part in line.splitlines():
        try:
            message = json.loads(part)
        except ValueError:
            continue
        if message.get("left_paper") in {"open", "spoiled"}:
            process.take_over_paper(message["left_paper"])
        if "open" in message:
            process.open(str(message["open"]))
