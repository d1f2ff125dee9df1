"""The ground that a world stands on: a state folder with keys, people, cards and enrolled terminals, before anything happens.

Rules:
- Made once, it can be copied: worlds that need the same people begin from a copy.
- Everything is registered and enrolled as the product does it.
"""

from __future__ import annotations

import asyncio
import random
import shutil
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from back_office.installation import create_installation
from back_office.settings import DatabaseSettings, PartnerSettings, Settings, write_settings
from simulation.sync import people
from simulation.sync.enrol import enrol, foreign_sealing_certificate
from simulation.sync.mint import Stamp, terminal_name
from simulation.sync.virtual_time import SeededIds, VirtualLoop, WorldClock

if TYPE_CHECKING:
    from pathlib import Path

    from simulation.sync.people import Keys, Person
    from simulation.sync.terminal import Identity

PARTNERS = PartnerSettings(retry_base_seconds=2.0, retry_cap_seconds=120.0, timeout_seconds=1.0)
TERMINALS_AN_OFFICE = 2


@dataclass(frozen=True, slots=True)
class Ground:
    """What there is when a world begins."""

    state: Path
    settings: Settings
    persons: list[Person]
    keys: dict[str, Keys]
    identities: list[Identity]
    stamp: Stamp

    @property
    def root(self) -> Path:
        """The root that every terminal has pinned."""
        return self.state / "pki" / "root.pem"

    def copy(self, state: Path) -> Ground:
        """The same ground for another world (SQLite only: the database lies in the folder)."""
        shutil.copytree(self.state, state)
        return replace(self, state=state)


def lay(state: Path, persons: list[Person], terminals: int, seed: str, *, database: str = "") -> Ground:
    """Make the ground in the new folder `state`. Raises EnvironmentFault."""
    offices = [str(101 + number) for number in range(max(1, terminals // TERMINALS_AN_OFFICE))]
    settings = Settings(partners=PARTNERS, database=DatabaseSettings(database))
    loop = VirtualLoop()
    clock, past = WorldClock(loop), WorldClock(loop)
    past.extra = people.REGISTERED - past.now() - timedelta(days=1)
    ids = SeededIds(random.Random(f"{seed}/ground"), clock)
    try:
        with create_installation(state, settings, write_settings(settings)) as made:
            it = replace(made, clock=clock, ids=ids)
            it.keyring.create(past, ids)
            sealing = foreign_sealing_certificate(it.state, clock, ids)
            keys = people.register(it, persons, offices)
            identities = [
                enrol(it, terminal_name(number), offices[number % len(offices)]) for number in range(terminals)
            ]
    finally:
        loop.close()
        asyncio.set_event_loop(None)
    stamp = Stamp(sealing.own, sealing.foreign, tuple(who.office for who in identities))
    return Ground(state, settings, persons, keys, identities, stamp)
