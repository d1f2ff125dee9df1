"""`guichet`: one entry point, one verb a task.

Each room registers its own verbs; nothing heavy is imported before a verb runs.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from pathlib import Path

from kiosk.domain.errors import EnvironmentFault

VERBS = (
    "kiosk.demo.cli",
    "kiosk.visit.cli",
    "kiosk.agent.cli",
    "kiosk.supervisor.cli",
    "kiosk.pension_cases.cli",
    "workbench.cli",
    "devices.cli",
    "offline_cache.cli",
    "provisioning.cli",
    "back_office.cli",
    "simulation.cli",
)
DESCRIPTION = """\
The terminal that replaces the queue at a social security office.

  guichet demo            a whole office on this machine: back office, bank, agent, workbench, kiosk
  guichet workbench       play hands, cards, paper and line (add a verb: insert, press, network off, ...)
  guichet VERB --help     what a verb does and takes
"""
WRONG_INPUT = 2


def build_parser(only: str | None = None) -> argparse.ArgumentParser:
    """Build the whole command line; with `only`, just the rooms that may know that verb (a quicker start)."""
    parser = argparse.ArgumentParser(
        prog="guichet", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    subparsers = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    for module in VERBS:
        importlib.import_module(module).add_parser(subparsers)
        if only is not None and only in subparsers.choices:
            break
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run one verb. Wrong input ends with one line that says what to do, and exit code 2."""
    arguments = sys.argv[1:] if arguments is None else arguments
    first = arguments[0] if arguments and not arguments[0].startswith("-") else None
    args = build_parser(first).parse_args(arguments)
    if getattr(args, "state", "") is None:
        args.state = Path(os.environ.get("GUICHET_STATE", ".guichet"))
    try:
        return int(args.run(args))
    except EnvironmentFault as fault:
        print(f"guichet {args.verb}: {fault.what} {fault.remedy}", file=sys.stderr)
        return WRONG_INPUT
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 0


if __name__ == "__main__":
    sys.exit(main())
