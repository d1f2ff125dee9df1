"""Cuts the power many times: recordings of the journal's life, cuts at seeded moments, one trial a cut.

Rules:
- A run is its seed: the same seed gives the same lives, the same cuts and the same luck of the disk.
- A third of the cuts fall anywhere, two thirds next to a sync, an acknowledgement or a change of names or lengths.
- Work is shared among processes by recordings; the numbers do not depend on how many there are.
"""

from __future__ import annotations

import random
import shutil
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulation.power.disk import Disk
from simulation.power.recording import compile_recorder, record
from simulation.power.trial import Told, try_disk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from simulation.power.trace import Call

STEPS = 160
CUTS_A_RECORDING = 250
_NEAR = 2
_EXAMPLES = 40
MEMORY = Path("/dev/shm")  # noqa: S108 - a folder in memory: the trials need no disk, they are one
_TELLING = 2 / 3


@dataclass(slots=True)
class Outcome:
    """What many cuts showed. `losing` counts the cuts that lost something acknowledged, `lost` the entries."""

    cuts: int = 0
    acknowledged: int = 0
    losing: int = 0
    lost: int = 0
    flawed: int = 0
    calls: int = 0
    syncs: int = 0
    appends: int = 0
    seconds: float = 0.0
    examples: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Nothing was lost and nothing was wrong."""
        return not self.losing and not self.flawed

    def add(self, other: Outcome) -> None:
        """Count another share of the same run."""
        for name, value in asdict(other).items():
            if name == "examples":
                self.examples = (self.examples + value)[:_EXAMPLES]
            else:
                setattr(self, name, getattr(self, name) + value)

    def document(self) -> dict[str, Any]:
        """The outcome as JSON values."""
        return asdict(self) | {"good": self.good}


@dataclass(frozen=True, slots=True)
class Plan:
    """One run; `synchronous` weakens the engine."""

    cuts: int
    seed: str
    steps: int = STEPS
    synchronous: str = ""
    processes: int = 1


def workspace(state: Path | None = None) -> Path:
    """Make a new folder for one run: in memory where the machine has such a place."""
    parent = state or (MEMORY if MEMORY.is_dir() else None)
    if state is not None:
        state.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix="guichet-power-", dir=parent))


def cut_power(plan: Plan, state: Path | None = None) -> Outcome:
    """Do a whole run. Raises EnvironmentFault when it cannot be recorded."""
    started = time.monotonic()
    work = workspace(state)
    try:
        recorder = compile_recorder(work)
        shares = [
            (work / str(number), recorder, plan, number, min(CUTS_A_RECORDING, plan.cuts - first))
            for number, first in enumerate(range(0, plan.cuts, CUTS_A_RECORDING))
        ]
        total = Outcome()
        if plan.processes > 1:
            with ProcessPoolExecutor(plan.processes) as pool:
                for outcome in pool.map(_share, *zip(*shares, strict=True)):
                    total.add(outcome)
        else:
            for share in shares:
                total.add(_share(*share))
    finally:
        shutil.rmtree(work, ignore_errors=True)
    total.seconds = round(time.monotonic() - started, 1)
    return total


def _share(work: Path, recorder: Path, plan: Plan, number: int, cuts: int) -> Outcome:
    """One recording and its cuts."""
    seed = f"{plan.seed}/{number}"
    calls = record(work, recorder, seed, plan.steps, synchronous=plan.synchronous)
    outcome = replay(calls, cuts, seed, work)
    shutil.rmtree(work)
    return outcome


def replay(calls: list[Call], cuts: int | Sequence[int], seed: str, work: Path, *, deaf_to: str = "") -> Outcome:
    """Cut at so many moments of a recording (or at those named), and try each disk; `deaf_to` as in `Disk`."""
    chance = random.Random(f"{seed}/cuts")
    moments = sorted(_moments(calls, cuts, chance) if isinstance(cuts, int) else cuts)
    kinds = Counter(call.kind for call in calls)
    outcome = Outcome(calls=len(calls), syncs=kinds["s"] + kinds["d"])
    disk, told, done = Disk(deaf_to=deaf_to), Told(), 0
    for moment in moments:
        for call in calls[done:moment]:
            disk.take(call)
            told.take(call)
        done = moment
        folder = work / "cut"
        folder.mkdir()
        verdict = try_disk(folder, disk.after_cut(chance), told)
        shutil.rmtree(folder)
        outcome.cuts += 1
        outcome.acknowledged += verdict.acknowledged
        outcome.lost += verdict.lost
        outcome.losing += bool(verdict.lost)
        outcome.flawed += bool(verdict.flaws)
        if (verdict.lost or verdict.flaws) and len(outcome.examples) < _EXAMPLES:
            said = [f"{verdict.lost} of {verdict.acknowledged} lost"] if verdict.lost else []
            outcome.examples.append(f"{seed}, cut after call {moment}: {'; '.join([*said, *verdict.flaws[:2]])}")
    for call in calls[done:]:
        told.take(call)
    outcome.appends = len(told.acknowledged)
    return outcome


def _moments(calls: list[Call], cuts: int, chance: random.Random) -> list[int]:
    """A third anywhere, the others about syncs and acknowledgements, names, and renames and lengths, a like share each."""
    places = [
        [place for place, call in enumerate(calls) if call.kind in kinds] or [0] for kinds in ("sa", "crud", "rt")
    ]
    moments = []
    for _ in range(cuts):
        near = chance.choice(chance.choice(places)) + chance.randint(-_NEAR, _NEAR)
        moment = near if chance.random() < _TELLING else chance.randint(0, len(calls))
        moments.append(max(0, min(len(calls), moment)))
    return moments
