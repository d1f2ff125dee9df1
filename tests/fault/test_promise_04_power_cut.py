"""Promise 4: acknowledged means durable. (Kills are in test_agent_killed.py; here the power is cut.)

The attack: a killed process loses nothing that it has written, a cut power supply loses what was not synced, in any part
and any order. The file calls of the real program are recorded together with its acknowledgements, and disks are built
that a cut between any two calls may leave (`simulation.power`). The real journal starts on each of them. The same cuts
through a weaker engine, or through a disk that does not sync, show that the test would notice.
"""

from __future__ import annotations

import itertools
import random
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from fakes.back_office import FakeBackOffice
from fakes.terminal import Terminal, sealed_body, until

from kiosk.domain.errors import EnvironmentFault
from kiosk.link import Appended, Durable
from kiosk.link.frames import FrameReader
from kiosk.terminal_folder import read_journal_key
from simulation.power.disk import Disk
from simulation.power.recording import compile_recorder, environment, record
from simulation.power.run import Plan, cut_power, replay, workspace
from simulation.power.trace import read_trace
from simulation.power.trial import Told, try_disk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from simulation.power.trace import Call

CUTS = 300


@pytest.fixture(scope="session")
def recorder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compile_recorder(tmp_path_factory.mktemp("recorder"))


@pytest.fixture(scope="session")
def life(recorder: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Call]:
    return record(tmp_path_factory.mktemp("life"), recorder, "promise 4", 120)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    office = FakeBackOffice(tmp_path)
    office.start()
    made = Terminal(tmp_path, office)
    yield made
    made.close()
    office.stop()


@pytest.fixture
def memory() -> Iterator[Path]:
    """A folder for trials: they are about what a disk does, and need none."""
    made = workspace()
    yield made
    shutil.rmtree(made)


# --- the journal's whole life ---------------------------------------------------------------------------


def test_the_power_is_cut_at_any_moment_of_a_journals_life() -> None:
    outcome = cut_power(Plan(CUTS, "promise 4"))
    assert outcome.good, outcome.examples
    assert outcome.acknowledged > 20 * CUTS, "the cuts fell where something had been acknowledged"


def test_a_weaker_engine_is_found_out() -> None:
    outcome = cut_power(Plan(100, "promise 4", synchronous="NORMAL"))
    assert outcome.losing > 3
    assert outcome.lost > 5


@pytest.mark.parametrize("deaf_to", ["s", "d"])
def test_a_disk_that_does_not_sync_is_found_out(life: list[Call], deaf_to: str, memory: Path) -> None:
    assert replay(life, 60, "1", memory, deaf_to=deaf_to).losing > 5


def test_a_cut_while_the_log_is_moved_into_the_file_is_no_corruption(life: list[Call], memory: Path) -> None:
    """Half a page in the file is whole in the log: the terminal stays in service."""
    pages = [call.kind == "w" and len(call.data) == 1024 for call in life]  # a log has a header before each page
    inside = [place for place in range(1, len(life)) if pages[place - 1] and pages[place]]
    moments = random.Random(4).sample(inside, 80)
    outcome = replay(life, moments, "4", memory)
    assert outcome.good, outcome.examples


def test_a_cut_while_the_log_is_lengthened_applies_nothing_twice(life: list[Call], memory: Path) -> None:
    """Killed, started, and the power cut: old commits in the log must not come back over newer pages."""
    runs = [list(run) for written, run in itertools.groupby(range(len(life)), lambda at: life[at].kind == "w") if written]
    moments = [moment for run in runs if len(run) > 500 for moment in run[4:104:8]]
    assert len(moments) >= 50, "it was lengthened at each start"
    outcome = replay(life, moments, "5", memory)
    assert outcome.good, outcome.examples


def test_a_cut_while_a_journal_is_set_aside_keeps_it(life: list[Call], memory: Path) -> None:
    """The names of the old journal are sure before there is a new one (found by `simulate power-cuts --seed 1`)."""
    renames = [place for place, call in enumerate(life) if call.kind == "r" and call.data == b"journal.db"]
    assert renames, "it was enrolled anew"
    moments = [place + after for place in renames for after in (*range(1, 7), 9, 12)] * (2 + 300 // (8 * len(renames)))
    outcome = replay(life, moments, "6", memory)
    assert outcome.good, outcome.examples


# --- the whole agent ------------------------------------------------------------------------------------


class Recorded:
    """A terminal whose agent is recorded, from its first call to its end."""

    def __init__(self, terminal: Terminal, recorder: Path) -> None:
        self.terminal = terminal
        self.trace = terminal.state / "trace"
        folder = terminal.folder.path.resolve()
        self.before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
        variables = environment(recorder, folder, self.trace, terminal.state / "marks") | {"FILE_CALLS_SENDS": "1"}
        terminal.start(wrap=("env", *(f"{name}={value}" for name, value in variables.items())))

    def acknowledgements(self) -> list[tuple[int, Any]]:
        """What the agent had told by when: the place in the trace, and the message."""
        readers: dict[int, FrameReader] = {}
        found = []
        for place, call in enumerate(read_trace(self.trace)):
            if call.kind == "a":
                reader = readers.setdefault(call.inode, FrameReader.at_visit())
                found += [(place, message) for message in reader.feed(call.data)]
        return found

    def cut(self, moment: int, chance: random.Random) -> dict[str, bytes]:
        disk = Disk(self.before)
        for call in read_trace(self.trace)[:moment]:
            disk.take(call)
        return disk.after_cut(chance)


def test_whatever_the_agent_acknowledged_survives_a_cut_at_that_moment(
    terminal: Terminal, recorder: Path, tmp_path: Path
) -> None:
    agent = Recorded(terminal, recorder)
    link, inbox = terminal.visit()
    bodies = {}
    for number in range(12):
        body = sealed_body(terminal.ids, 200 + 1700 * number)
        bodies[terminal.append(link, body)] = body
        until(lambda: inbox.count(Appended) == len(bodies))
    terminal.kill()
    durable = [(place, said) for place, said in agent.acknowledgements() if isinstance(said, Durable)]
    assert len(durable) == len(bodies)
    chance = random.Random(12)
    told = Told(epoch=terminal.enrolment.journal_epoch)
    for number, (place, said) in enumerate(durable):
        told.acknowledged[said.id] = (told.epoch, said.seq)
        for moment in (place, place + 1, place + chance.randint(0, 40)):
            folder = tmp_path / f"cut-{number}-{moment}"
            folder.mkdir(exist_ok=True)
            verdict = try_disk(
                folder, agent.cut(moment, chance), told, key=read_journal_key(terminal.folder), terminal=terminal.enrolment.terminal
            )  # fmt: skip
            assert (verdict.lost, verdict.acknowledged) == (0, number + 1)
            others = [flaw for flaw in verdict.flaws if "nobody tried" not in flaw]  # what was tried is not in this trace
            assert not others
            shutil.rmtree(folder)


def test_the_power_comes_back_and_the_agent_goes_on_where_it_was(terminal: Terminal, recorder: Path) -> None:
    """A cut right after an acknowledgement: the same id gets the same answer, and the next one the next number."""
    agent = Recorded(terminal, recorder)
    link, inbox = terminal.visit()
    body = sealed_body(terminal.ids)
    id_ = terminal.append(link, body)
    first = inbox.wait(Appended, id=id_)
    terminal.kill()
    moment = next(place for place, said in agent.acknowledgements() if isinstance(said, Durable))
    left = agent.cut(moment + 1, random.Random(1))
    for path in terminal.folder.path.glob("journal.*"):
        path.unlink()
    for name, data in left.items():
        if name.startswith("journal.") and not name.endswith("-shm"):
            (terminal.folder.path / name).write_bytes(data)
    terminal.start()
    link, inbox = terminal.visit("visit-2")
    terminal.append(link, body, id_=id_)
    again = inbox.wait(Appended, id=id_)
    assert (again.seq, again.reference, again.recorded_at) == (first.seq, first.reference, first.recorded_at)
    following = terminal.append(link)
    assert inbox.wait(Appended, id=following).seq == first.seq + 1


def test_a_recording_that_cannot_be_replayed_says_so(tmp_path: Path) -> None:
    (tmp_path / "trace").write_bytes(b"w\x00" + bytes(19))
    with pytest.raises(EnvironmentFault, match="middle of a record"):
        read_trace(tmp_path / "trace")
