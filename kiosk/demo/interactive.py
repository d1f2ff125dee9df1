"""The demonstration with windows: kiosk and workbench side by side, until they are closed."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING

from kiosk.demo.office import Office

if TYPE_CHECKING:
    import argparse


GREETING = """\
The kiosk and the workbench are open. Choose a card in the workbench and insert it; the PIN is 123456.
State: {state}. End with Ctrl+C or by closing the workbench.
"""


def run(args: argparse.Namespace) -> int:
    """Start everything and wait for Ctrl+C, or for the workbench window to be closed."""
    size = "960x540" if args.landscape else "540x960"
    visit = ["--fullscreen"] if args.fullscreen else [f"--size={size}", "--position=40,40"]
    office = Office(args.state, window=True, visit_arguments=tuple(visit), database=args.database)
    try:
        office.start()
        sys.stdout.write(GREETING.format(state=office.state))
        sys.stdout.flush()
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        office.processes.wait_for("workbench")
    except KeyboardInterrupt:
        pass
    finally:
        office.stop()
    return 0
