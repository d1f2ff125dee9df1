"""`python -m benchmarks`: measures everything, prints the table, writes benchmarks/results.json."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import (
    card_to_menu,
    journal_append,
    sign_to_receipt,
    successor_ready,
    tap_to_screen,
    visit_memory_growth,
    visit_rss,
    visit_turnover,
)
from benchmarks.figures import table, write
from benchmarks.screen import WatchedScreen
from benchmarks.visits import Visitors, plan
from benchmarks.world import HEIGHT, WIDTH, World
from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.figures import Figure
    from benchmarks.visits import Seen

RESULTS = Path(__file__).parent / "results.json"
VISITS = 30


def main(arguments: Sequence[str]) -> int:
    """Run; 0 when everything could be measured, whether the goals are met or not."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--visits", type=int, default=VISITS, help=f"fresh processes (default {VISITS}; fewer to try it out)"
    )
    parser.add_argument("--output", type=Path, default=RESULTS, help="where the rows go")
    parser.add_argument("--keep", action="store_true", help="keep the state folder with its logs")
    args = parser.parse_args(arguments)
    began, folder = time.monotonic(), Path(tempfile.mkdtemp(prefix="guichet-bench-"))
    _say(f"state in {folder}; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    try:
        figures = measure(folder, args.visits)
    except EnvironmentFault as fault:
        print(f"{fault.what} {fault.remedy}", file=sys.stderr)
        return 2
    finally:
        if not args.keep:
            shutil.rmtree(folder, ignore_errors=True)
    write(args.output, figures)
    print(f"\n{table(figures)}\n")
    _say(f"{time.monotonic() - began:.0f} s; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; {args.output}")
    return 0


def measure(folder: Path, visits: int) -> list[Figure]:
    """Everything, one thing at a time."""
    screen = WatchedScreen(WIDTH, HEIGHT, folder / "screen")
    world = World(folder / "state", screen)
    try:
        _say("starting the office")
        world.start()
        seen, peers = walk(world, visits)
        _say(f"pages, in ms\n{tap_to_screen.pages(seen)}")
        world.processes.stop(["supervisor"])
        world.hardware.line.switch(up=False)
        _say("the journal, beside plain SQLite")
        appended = journal_append.figure(world)
        world.processes.stop(["back-office", "bank", "messages"])
        _say(f"turning {visit_memory_growth.TO_PAGE} pages")
        growth = visit_memory_growth.figure(world)
    finally:
        world.stop()
        screen.close()
    return [
        successor_ready.figure(seen),
        visit_turnover.figure(seen),
        tap_to_screen.figure(seen),
        card_to_menu.figure(seen, peers),
        appended,
        sign_to_receipt.figure(seen),
        growth,
        visit_rss.figure(seen),
    ]


def walk(world: World, visits: int) -> tuple[list[Seen], list[float]]:
    """The visits, and between them OpenSC's turns with a card of the same kind."""
    visitors = Visitors(world)
    visitors.rehearse()
    _say(f"{visits} visits")
    seen, peers = [], []
    for card, account, sign in plan(visits):
        visitors.settle()
        peers.append(card_to_menu.peer(world))
        seen.append(visitors.visit(card, account, sign=sign))
    return seen, peers


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
