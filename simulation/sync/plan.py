"""Who does what, at which terminal, at which moment: drawn from the seed before the world begins.

Rules:
- An act is what a person signs there and then; what becomes of it nobody knows yet.
- Some acts are poison: they cannot be opened, are not what they say, or are signed by a card nobody knows.
- Clocks that will jump are drawn here as well, because what is signed bears the terminal's time.
"""

from __future__ import annotations

import bisect
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from simulation.sync import people
from simulation.sync.virtual_time import START, at_second

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from random import Random

    from simulation.sync.people import Person

Kind = Literal["change", "stop", "confirm", "note"]
Poison = Literal[
    "", "unopenable", "foreign_key", "wrong_id", "wrong_terminal", "unknown_service", "tampered", "id_reused"
]
POISONS: tuple[Poison, ...] = (
    "unopenable", "foreign_key", "wrong_id", "wrong_terminal", "unknown_service", "tampered", "id_reused",
)  # fmt: skip
USELESS_ACCOUNT = "CZ0001000000000000000000"
PAUSE_SECONDS = 25.0
"""Mean time between two acts at one terminal."""
_POISONED = 0.05
_STALE_VERSION = 999


@dataclass(frozen=True, slots=True)
class Act:
    """One act of a person at a terminal. `target` is the change that a stop or confirmation is about."""

    n: int
    id: str
    second: float
    terminal: int
    kind: Kind
    person: Person
    account: str = ""
    target: str = ""
    poison: Poison = ""
    base_version: int | None = None
    signed_at: datetime = START
    follows: bool = False


Jumps = tuple[tuple[float, float], ...]
"""(second of the world, offset in seconds from then on)."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole world before it begins."""

    persons: list[Person]
    acts: list[Act]
    jumps: list[Jumps]  # one clock a terminal
    server_jumps: Jumps
    length: float  # seconds

    def of_terminal(self, terminal: int) -> list[Act]:
        """The acts at one terminal, in order."""
        return [act for act in self.acts if act.terminal == terminal]


@dataclass(slots=True)
class _Draw:
    """What has been drawn so far."""

    chance: Random
    persons: Sequence[Person]
    changes: list[Act] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)


def draw(terminals: int, transactions: int, chance: Random, *, clocks_jump: bool = True) -> Plan:
    """Draw a world."""
    persons = people.draw(max(12, transactions // 5), chance)
    length = transactions / terminals * PAUSE_SECONDS
    jumps: list[Jumps] = [_jumps(length, chance) if clocks_jump else () for _ in range(terminals)]
    server_jumps = _server_jumps(length, chance) if clocks_jump else ()
    moments = sorted((chance.uniform(1.0, length), chance.randrange(terminals)) for _ in range(transactions))
    drawn = _Draw(chance, persons)
    for n, (second, terminal) in enumerate(moments):
        act = _act(drawn, n, second, terminal, jumps[terminal])
        drawn.acts.append(act)
        if act.kind == "change" and not act.poison:
            drawn.changes.append(act)
    return Plan(list(persons), drawn.acts, jumps, server_jumps, length)


def _act(drawn: _Draw, n: int, second: float, terminal: int, jumps: Jumps) -> Act:
    chance = drawn.chance
    signed_at = at_second(int(second + _offset(jumps, second)))
    id_ = _uuid(second, n, chance)
    kind: Kind = chance.choices(("change", "stop", "confirm", "note"), (66, 16, 8, 10))[0]
    poison: Poison = chance.choice(POISONS) if chance.random() < _POISONED else ""
    if poison == "id_reused":
        if not drawn.acts:
            poison = ""
        else:
            id_ = chance.choice(drawn.acts[-200:]).id
    if not drawn.changes and kind in {"stop", "confirm"}:
        kind = "change"
    if kind == "note" and poison not in {"unopenable", "foreign_key", "id_reused"}:
        poison = ""
    about = chance.choice(drawn.changes[-40:]) if kind in {"stop", "confirm"} else None
    person = about.person if about is not None and chance.random() < 0.93 else chance.choice(drawn.persons)  # noqa: PLR2004
    return Act(
        n=n,
        id=id_,
        second=second,
        terminal=terminal,
        kind=kind,
        person=person,
        account=_account(drawn, person) if kind == "change" else "",
        target="" if about is None else about.id,
        poison=poison,
        base_version=_STALE_VERSION if kind == "change" and chance.random() < 0.02 else None,  # noqa: PLR2004
        signed_at=signed_at,
        follows=chance.random() < 0.4,  # noqa: PLR2004 - the person waits at the terminal for the decision
    )


def _account(drawn: _Draw, person: Person) -> str:
    chance = drawn.chance
    kind = chance.choices(("new", "same", "shared", "useless"), (88, 5, 4, 3))[0]
    if kind == "shared" and drawn.changes:
        return chance.choice(drawn.changes[-40:]).account
    return {"same": person.account, "useless": USELESS_ACCOUNT}.get(kind) or people.iban(chance)


def _uuid(second: float, n: int, chance: Random) -> str:
    millis = int(at_second(second).timestamp() * 1000)
    return str(uuid.UUID(int=millis << 80 | 7 << 76 | (n & 0xFFF) << 64 | 2 << 62 | chance.getrandbits(62)))


def _offset(jumps: Jumps, second: float) -> float:
    place = bisect.bisect_right([moment for moment, _ in jumps], second)
    return jumps[place - 1][1] if place else 0.0


def _jumps(length: float, chance: Random) -> Jumps:
    """Some terminals' clocks are good, some drift, some are put wrong for a while: minutes, hours, or months."""
    if chance.random() < 0.5:  # noqa: PLR2004 - half of them
        return ()
    jumps: list[tuple[float, float]] = []
    second = 0.0
    while (second := second + chance.expovariate(4 / length)) < length:
        wrong = chance.choice((30.0, -30.0, 400.0, -400.0, 7200.0, -86_400.0, -65 * 86_400.0))
        until = second + chance.uniform(0.02, 0.1) * length
        jumps += [(second, wrong), (until, 0.0)]
        second = until
    return tuple(jumps)


def _server_jumps(length: float, chance: Random) -> Jumps:
    jumps: list[tuple[float, float]] = []
    second = 0.0
    while (second := second + chance.expovariate(3 / length)) < length:
        until = second + chance.uniform(0.02, 0.1) * length
        jumps += [(second, chance.choice((45.0, -45.0, 300.0, -300.0))), (until, 0.0)]
        second = until
    return tuple(jumps)
