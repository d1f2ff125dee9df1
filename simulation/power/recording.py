"""Records the file calls of the real journal: the workload as a program, the recorder before it.

Rules:
- The recorder is compiled when it is needed, with the machine's own compiler; nothing compiled is shipped.
- A recording counts only if replaying all of it gives, byte for byte, the folder that the program left.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.domain.errors import Bug, EnvironmentFault
from simulation.power.disk import Disk
from simulation.power.trace import read_trace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from simulation.power.trace import Call

_SOURCE = Path(__file__).with_name("file_calls.c")
_ROOT = Path(__file__).parents[2]
LIVES = 4
"""How often the recorded program ends and starts again in one recording; every second time as if killed."""


def compile_recorder(folder: Path) -> Path:
    """Compile file_calls.c into `folder`. Raises EnvironmentFault without a compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise EnvironmentFault("There is no C compiler.", "Install gcc: it compiles the recorder of file calls.")
    library = folder / "file_calls.so"
    done = subprocess.run(
        [compiler, "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", str(library), str(_SOURCE), "-ldl"],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise EnvironmentFault(f"The recorder does not compile: {done.stderr[-300:]}", "Install libc6-dev, then again.")
    return library


def environment(recorder: Path, folder: Path, trace: Path, marks: Path) -> dict[str, str]:
    """The variables that make a program in `folder` recorded."""
    return {
        "LD_PRELOAD": str(recorder),
        "FILE_CALLS_FOLDER": str(folder),
        "FILE_CALLS_TRACE": str(trace),
        "FILE_CALLS_MARKS": str(marks),
    }


def record(work: Path, recorder: Path, seed: str, steps: int, *, synchronous: str = "") -> list[Call]:
    """Let a journal live for about `steps` steps in `work`; its calls and marks in order. Raises EnvironmentFault."""
    work = work.resolve()
    folder, trace, marks = work / "terminal", work / "trace", work / "marks"
    folder.mkdir(parents=True)
    chance = random.Random(seed)
    epoch = 1
    for life in range(LIVES):
        _live(
            environment(recorder, folder, trace, marks),
            [
                str(folder), str(marks), f"{seed}/{life}", str(steps // LIVES), str(epoch),
                "exit" if life % 2 == 0 else "close", *([synchronous] if synchronous else []),
            ],
        )  # fmt: skip
        epoch = _newest_epoch(read_trace(trace)) + (chance.random() < 0.25)  # noqa: PLR2004 - every fourth time
    calls = read_trace(trace)
    _check(calls, folder)
    return calls


def _live(variables: Mapping[str, str], arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "simulation.power.workload", *arguments],
        env=dict(os.environ) | dict(variables),
        cwd=_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise EnvironmentFault(
            f"The recorded journal failed: {done.stderr[-500:]}", "See what it says; it is a finding."
        )


def _newest_epoch(calls: list[Call]) -> int:
    from simulation.power.trial import Told  # noqa: PLC0415 - it imports the journal, which the parent needs late

    told = Told()
    for call in calls:
        told.take(call)
    return told.epoch


def _check(calls: list[Call], folder: Path) -> None:
    disk = Disk()
    for call in calls:
        disk.take(call)
    replayed = {name: data for name, data in disk.now().items() if not name.endswith("-shm")}
    real = {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.endswith("-shm")}
    if replayed.keys() != real.keys():
        raise Bug(f"the replay has the files {sorted(replayed)}, the folder {sorted(real)}")
    for name, data in real.items():
        if replayed[name] != data:
            raise Bug(f"the replayed {name} is not the one in the folder")
