"""The rows of the catalogue: a long record, an estimate, pages of services, and a menu of many."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks import long_record, menu_size, service_pages
from benchmarks.figures import say
from benchmarks.screen import WatchedScreen
from benchmarks.world import HEIGHT, WIDTH, World

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.figures import Figure


def measure(folder: Path, visits: int) -> list[Figure]:
    """Everything, one thing at a time."""
    screen = WatchedScreen(WIDTH, HEIGHT, folder / "screen")
    world = World(folder / "state", screen)
    try:
        say("starting the office")
        world.set_up_back_office()
        shape = long_record.give(world.state, str(world.facts["persons"][service_pages.WHO]["number"]))
        say(f"a record of {shape.years} years, {shape.employers} employers, {shape.lines} lines")
        world.start()
        readers = service_pages.Readers(world)
        readers.rehearse()
        say(f"{visits} visits")
        seen = [readers.look() for _ in range(visits)]
        say(f"pages, in ms\n{service_pages.pages(seen)}")
        world.processes.stop(["supervisor"])
        say(f"menus of {menu_size.MANY} and {menu_size.FEW} services")
        menus = menu_size.figure(world)
    finally:
        world.stop()
        screen.close()
    return [*service_pages.figures(seen), menus]
