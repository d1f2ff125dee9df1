"""`guichet agent`: the process without a screen."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse


def add_parser(subparsers: argparse._SubParsersAction[Any]) -> None:
    """Register `agent`."""
    verb = subparsers.add_parser(
        "agent",
        help="journal, delivery, keys: the process without a screen",
        description="Keeps the journal, delivers it, keeps reference data; serves one visit at a time on "
        "STATE/terminal/agent.sock. Usually started by `guichet supervisor`.",
    )
    verb.add_argument("--state", type=Path, metavar="DIR", help="state folder (default: $GUICHET_STATE or .guichet)")
    verb.add_argument(
        "--supervisor-pid",
        type=int,
        action="append",
        default=[],
        metavar="PID",
        help="a process that may announce visits, beside the one that started the agent",
    )
    verb.add_argument("--log", type=Path, metavar="FILE", help="append the log (JSON lines) to FILE instead of stderr")
    verb.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Serve until SIGTERM."""
    from kiosk.system import close_memory

    close_memory()  # before anything of the terminal is in it
    import asyncio

    from kiosk.agent import log
    from kiosk.agent.process import only_agent, serve_until_signal
    from kiosk.terminal_folder import TerminalFolder

    log.configure(args.log)
    folder = TerminalFolder(args.state)
    folder.create()
    with only_agent(folder.lock):
        asyncio.run(serve_until_signal(folder, frozenset({os.getppid(), *args.supervisor_pid})))
    return 0
