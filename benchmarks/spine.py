"""The rows of the spine: visits on a watched screen, their agent's journal, memory."""

from __future__ import annotations

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
from benchmarks.figures import say
from benchmarks.screen import WatchedScreen
from benchmarks.visits import Visitors, plan
from benchmarks.world import HEIGHT, WIDTH, World

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.figures import Figure
    from benchmarks.visits import Seen


def measure(folder: Path, visits: int) -> list[Figure]:
    """Everything, one thing at a time."""
    screen = WatchedScreen(WIDTH, HEIGHT, folder / "screen")
    world = World(folder / "state", screen)
    try:
        say("starting the office")
        world.start()
        seen, peers = walk(world, visits)
        say(f"pages, in ms\n{tap_to_screen.pages(seen)}")
        world.processes.stop(["supervisor"])
        world.hardware.line.switch(up=False)
        say("the journal, beside plain SQLite")
        appended = journal_append.figure(world)
        world.processes.stop(["back-office", "bank", "messages"])
        say(f"turning {visit_memory_growth.TO_PAGE} pages")
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
    say(f"{visits} visits")
    seen, peers = [], []
    for card, account, sign in plan(visits):
        visitors.settle()
        peers.append(card_to_menu.peer(world))
        seen.append(visitors.visit(card, account, sign=sign))
    return seen, peers
