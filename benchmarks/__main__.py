"""`python -m benchmarks`: measures, prints the table, writes benchmarks/results.json.

python -m benchmarks                      everything that fits into 10 minutes
python -m benchmarks --only spine,sync    some of it
python -m benchmarks --long               what takes longer, into benchmarks/results-long.json
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.figures import say, table, write
from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.figures import Figure

RESULTS = Path(__file__).parent / "results.json"
LONG_RESULTS = Path(__file__).parent / "results-long.json"
VISITS = 30
READERS = 12
TERMINALS = 20_000


def _spine(folder: Path, args: argparse.Namespace) -> list[Figure]:
    from benchmarks import spine  # noqa: PLC0415 - a group loads only what it needs

    return spine.measure(folder, args.visits)


def _catalogue(folder: Path, args: argparse.Namespace) -> list[Figure]:
    from benchmarks import catalogue  # noqa: PLC0415 - as above

    return catalogue.measure(folder, args.readers)


def _sync(folder: Path, args: argparse.Namespace) -> list[Figure]:
    from benchmarks import sync  # noqa: PLC0415 - as above

    return sync.measure(folder, args.people)


def _feed(folder: Path, args: argparse.Namespace) -> list[Figure]:
    from benchmarks import sync  # noqa: PLC0415 - as above

    return sync.measure_feed(folder, args.rows)


def _polls(folder: Path, args: argparse.Namespace) -> list[Figure]:
    from benchmarks import sync  # noqa: PLC0415 - as above

    return sync.measure_polls(folder, args.polls)


def _fleet(folder: Path, args: argparse.Namespace) -> list[Figure]:
    from benchmarks import sync  # noqa: PLC0415 - as above

    return sync.measure_fleet(folder, args.terminals, args.entries)


def _delivery(folder: Path, args: argparse.Namespace) -> list[Figure]:
    from benchmarks import sync  # noqa: PLC0415 - as above

    return sync.measure_delivery(folder, args.pushes)


Groups = dict[str, "Callable[[Path, argparse.Namespace], list[Figure]]"]
GROUPS: Groups = {"spine": _spine, "catalogue": _catalogue, "sync": _sync, "delivery": _delivery}
LONG_GROUPS: Groups = {"feed": _feed, "polls": _polls, "fleet": _fleet}


def main(arguments: Sequence[str]) -> int:
    """Run; 0 when everything could be measured, whether the goals are met or not."""
    parser = _parser()
    args = parser.parse_args(arguments)
    groups = LONG_GROUPS if args.long else GROUPS
    names = args.only.split(",") if args.only else list(groups)
    strangers = [name for name in names if name not in groups]
    if strangers:
        parser.error(f"there is no group {', '.join(strangers)} here; there is {', '.join(groups)}")
    output = args.output or (LONG_RESULTS if args.long else RESULTS)
    began, folder = time.monotonic(), Path(tempfile.mkdtemp(prefix="guichet-bench-"))
    say(f"state in {folder}; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    figures: list[Figure] = []
    try:
        for name in names:
            place = folder / name
            place.mkdir()
            figures += groups[name](place, args)
    except EnvironmentFault as fault:
        print(f"{fault.what} {fault.remedy}", file=sys.stderr)
        return 2
    finally:
        if not args.keep:
            shutil.rmtree(folder, ignore_errors=True)
    write(output, figures)
    print(f"\n{table(figures)}\n")
    say(f"{time.monotonic() - began:.0f} s; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; {output}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("--long", action="store_true", help=f"the long groups: {', '.join(LONG_GROUPS)}")
    parser.add_argument("--only", default="", help=f"groups, with commas between (default all: {', '.join(GROUPS)})")
    parser.add_argument("--output", type=Path, help="where the rows go")
    parser.add_argument("--keep", action="store_true", help="keep the state folder with its logs")
    smaller = parser.add_argument_group("smaller, to try it out")
    for name, default, what in (
        ("visits", VISITS, "fresh processes (spine)"),
        ("readers", READERS, "fresh processes (catalogue)"),
        ("people", 50_000, "records of an office (sync)"),
        ("pushes", 9, "rounds of pushes and decisions (delivery)"),
        ("rows", 10_000_000, "feed rows (feed)"),
        ("polls", 5_000, "terminals that wait (polls)"),
        ("terminals", TERMINALS, "terminals that come back (fleet)"),
        ("entries", 20, "transactions of each (fleet)"),
    ):
        smaller.add_argument(f"--{name}", type=int, default=default, help=f"{what}; default {default}")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
