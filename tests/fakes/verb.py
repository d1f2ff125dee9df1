"""Runs one room's verb the way `guichet` does, without the other rooms: `python verb.py kiosk.agent.cli agent --state DIR`."""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def main(module: str, arguments: list[str]) -> int:
    from kiosk.domain.errors import EnvironmentFault  # here, so that this tree's is taken and not an installed one

    parser = argparse.ArgumentParser(prog="guichet")
    importlib.import_module(module).add_parser(parser.add_subparsers(dest="verb", required=True))
    args = parser.parse_args(arguments)
    try:
        return int(args.run(args))
    except EnvironmentFault as fault:
        print(f"guichet {args.verb}: {fault.what} {fault.remedy}", file=sys.stderr)  # noqa: T201 - as the command line does
        return 2


def command(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-W", "error", str(Path(__file__)), module, *arguments]


if __name__ == "__main__":
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
    sys.exit(main(sys.argv[1], sys.argv[2:]))
