"""`guichet supervisor`: agent and visits of one terminal."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse


def add_parser(subparsers: argparse._SubParsersAction[Any]) -> None:
    """Register `supervisor`."""
    verb = subparsers.add_parser(
        "supervisor",
        help="start the agent, and one visit after the other",
        description="Starts the agent and a visit, keeps a hidden successor ready, and puts it on the screen as soon as "
        "the visit ends. Ends all of them when it is ended. STATE/terminal/processes.json says who runs.",
    )
    verb.add_argument("--state", type=Path, metavar="DIR", help="state folder (default: $GUICHET_STATE or .guichet)")
    verb.add_argument(
        "--visit-argument",
        action="append",
        default=[],
        metavar="ARGUMENT",
        help="passed on to `guichet visit`; repeat it (--visit-argument=--fullscreen)",
    )
    verb.add_argument("--log", type=Path, metavar="FILE", help="append the log (JSON lines) to FILE instead of stderr")
    verb.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Supervise until SIGTERM or SIGINT."""
    state = str(args.state)
    log = [] if args.log is None else ["--log", str(args.log)]
    return supervise(
        args.state,
        agent=[sys.executable, "-m", "kiosk", "agent", "--state", state, *log],
        visit=[sys.executable, "-m", "kiosk", "visit", "--state", state, *args.visit_argument],
        log=args.log,
    )


def supervise(state: Path, *, agent: list[str], visit: list[str], log: Path | None = None) -> int:
    """Supervise these two commands until SIGTERM or SIGINT."""
    from kiosk.system import close_memory

    close_memory()
    import asyncio
    import signal

    from kiosk.agent.log import configure
    from kiosk.supervisor.process import Supervisor
    from kiosk.system import SystemClock, SystemIds
    from kiosk.terminal_folder import TerminalFolder

    configure(log)
    folder = TerminalFolder(state)
    folder.create()

    async def main() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await Supervisor(folder, agent=agent, visit=visit, clock=SystemClock(), ids=SystemIds()).run(stop)

    asyncio.run(main())
    return 0
