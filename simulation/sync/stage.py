"""A world played step by step from outside: whoever holds it says what happens next (Hypothesis does).

Rules:
- The ground is laid once and copied, so that a world begins in a moment.
- Nothing happens but what is asked for; time passes only in `wait`.
"""

from __future__ import annotations

import asyncio
import random
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from simulation.sync import mint as minting
from simulation.sync import people
from simulation.sync.ground import lay
from simulation.sync.mint import Order as MintOrder
from simulation.sync.plan import Act, Plan
from simulation.sync.trouble import CALM
from simulation.sync.virtual_time import VirtualLoop, run
from simulation.sync.world import Order, World, seams

if TYPE_CHECKING:
    from pathlib import Path

    from simulation.sync.ground import Ground
    from simulation.sync.judge import Judgement
    from simulation.sync.plan import Kind, Poison

TERMINALS = 2
PERSONS = 6


def lay_stage(state: Path) -> Ground:
    """Make the ground for stages: two terminals, a handful of people, one of them with a revoked card."""
    chance = random.Random("stage")
    drawn = [replace(one, blocked=False, pensioner=True, revoked=False, known=True, stranger=False) for one in people.draw(PERSONS, chance)]  # fmt: skip
    drawn[-1] = replace(drawn[-1], revoked=True)
    return lay(state, drawn, TERMINALS, "stage")


class Stage:
    """One world in somebody's hands."""

    def __init__(self, ground: Ground, work: Path, seed: int) -> None:
        self._stack = ExitStack()
        self._stack.enter_context(seams())
        self._loop = VirtualLoop()
        asyncio.set_event_loop(self._loop)
        own = ground.copy(work / "state")
        order = Order(TERMINALS, 0, f"stage {seed}", CALM, processes=0)
        plan = Plan(own.persons, [], [()] * TERMINALS, (), 0.0)
        self._ground = own
        self._ids = random.Random(f"stage {seed}")
        self.world = World(order, plan, own, work, self._loop)
        self._stack.callback(self.world.close)
        self._loop.run_until_complete(self._begin())

    async def _begin(self) -> None:
        self.world.begin()

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self._loop.run_until_complete(asyncio.sleep(seconds))

    def act(  # noqa: PLR0917 - who, where, what
        self, person: int, terminal: int, kind: Kind, about: int, account: str, poison: Poison, *, follows: bool
    ) -> str:
        """Let a person do something at a terminal, now; what they were told. `about` chooses an earlier change."""
        plan = self.world.plan
        earlier = [act for act in plan.acts if act.kind == "change"]
        if kind in {"stop", "confirm"} and not earlier:
            kind = "change"
        if kind == "note":
            poison = "unopenable" if poison == "unopenable" else ""
        act = Act(
            n=len(plan.acts),
            id=f"018f0000-0000-7{len(plan.acts):03x}-8000-{self._ids.getrandbits(48):012x}",
            second=self._loop.time(),
            terminal=terminal,
            kind=kind,
            person=plan.persons[person],
            account=account if kind == "change" else "",
            target=earlier[about % len(earlier)].id if kind in {"stop", "confirm"} else "",
            poison=poison,
            signed_at=self.world.terminals[terminal].clock.now().replace(microsecond=0),
            follows=follows,
        )
        plan.acts.append(act)
        keys = self._ground.keys[act.person.card]
        minted = minting.mint(MintOrder(act, keys.private, keys.certificate))

        async def visit() -> str:
            return self.world.visit(act, minted)

        return self._loop.run_until_complete(visit())

    def set_clock(self, terminal: int | None, seconds: float) -> None:
        """Put a terminal's clock (None: the server's) wrong by so much."""
        clock = self.world.clock if terminal is None else self.world.terminals[terminal].clock
        clock.extra = timedelta(seconds=seconds)

    def trouble(self, name: str, seed: int) -> None:
        """Let something go wrong: the name of a method of `Trouble` that takes its chance."""

        async def make() -> None:
            getattr(self.world.trouble, name)(random.Random(seed))

        self._loop.run_until_complete(make())

    def end(self) -> Judgement:
        """Mend everything, let it come to rest, and judge; nothing can be played after that."""
        for clock in (self.world.clock, *(terminal.clock for terminal in self.world.terminals)):
            clock.extra = timedelta()
        return self._loop.run_until_complete(self.world.end())

    def close(self) -> None:
        """Clear the stage."""

        async def nothing() -> None:
            return

        self._stack.close()
        run(self._loop, nothing())
