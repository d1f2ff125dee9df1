"""One visit after the other: the rules of succession, and the supervisor with real processes."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from fakes.back_office import FakeBackOffice
from fakes.terminal import Terminal, until
from fakes.verb import ROOT
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from kiosk.supervisor.process import LONGEST_PAUSE_SECONDS, pause_seconds
from kiosk.supervisor.shift import Close, Finish, HandOver, Open, Shift, StartVisit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kiosk.supervisor.shift import Paper

# --- the rules ---------------------------------------------------------------------------------------


class Succession(RuleBasedStateMachine):
    """Visits start, speak and die in any order; the test carries out the orders as the supervisor does."""

    def __init__(self) -> None:
        super().__init__()
        ids = count(1)
        self.shift = Shift(lambda: f"visit-{next(ids)}")
        self.pids = count(100)
        self.starting = 0
        self.alive: dict[int, str] = {}
        self.opened: dict[str, int] = {}
        self.closed: list[str] = []
        self.paper = {0: "spoiled"}  # by whose it is; 0: of nobody who lives
        self.carry_out(self.shift.begin())

    def carry_out(self, orders: list[Any]) -> None:
        for order in orders:
            match order:
                case StartVisit():
                    self.starting += 1
                case HandOver(pid=pid, paper=paper):
                    assert paper == self.paper.pop(0)
                    self.paper.setdefault(pid, paper)
                case Open(pid=pid, visit_id=visit_id):
                    assert 0 not in self.paper  # no visit begins with paper it does not know of
                    assert self.alive[pid] == "ready"
                    assert visit_id not in self.opened
                    self.alive[pid], self.opened[visit_id] = "opened", pid
                case Close(visit_id=visit_id):
                    assert visit_id in self.opened
                    assert visit_id not in self.closed
                    self.closed.append(visit_id)
                case Finish(pid=pid):
                    assert self.alive[pid] == "opened"

    @rule(succeeds=st.booleans())
    def the_process_starts(self, succeeds: bool) -> None:
        if self.starting:
            self.starting -= 1
            if succeeds:
                pid = next(self.pids)
                self.alive[pid] = "starting"
                self.shift.started(pid)
            else:
                self.carry_out(self.shift.not_started())

    @rule(which=st.integers(0, 5), state=st.sampled_from(["ready", "shown", "ended", "nonsense"]))
    def a_visit_speaks(self, which: int, state: str) -> None:
        if self.alive:
            pid = sorted(self.alive)[which % len(self.alive)]
            if state == "ready" and self.alive[pid] == "starting":
                self.alive[pid] = "ready"
            self.carry_out(self.shift.told(pid, state))

    @rule(which=st.integers(0, 5), paper=st.sampled_from(["cut", "open", "spoiled"]))
    def a_visit_prints(self, which: int, paper: Paper) -> None:
        if self.alive:
            pid = sorted(self.alive)[which % len(self.alive)]
            self.shift.told_paper(pid, paper)
            self.paper[pid] = paper
            if paper == "cut":
                del self.paper[pid]

    @rule(which=st.integers(0, 5))
    def a_visit_is_gone(self, which: int) -> None:
        if self.alive:
            pid = sorted(self.alive)[which % len(self.alive)]
            del self.alive[pid]
            left = {self.paper.pop(pid, "cut"), self.paper.get(0, "cut")} - {"cut"}
            if left:
                self.paper[0] = "open" if "open" in left else "spoiled"
            self.carry_out(self.shift.exited(pid))

    @rule(pid=st.integers(1, 50))
    def a_stranger_speaks(self, pid: int) -> None:
        assert self.shift.told(pid, "ready") == []

    @invariant()
    def at_most_one_visit_has_the_screen(self) -> None:
        open_ids = [visit_id for visit_id in self.opened if visit_id not in self.closed]
        assert len(open_ids) <= 1
        current = self.shift.current
        assert [current.visit_id] == open_ids if current else not open_ids

    @invariant()
    def whoever_is_on_the_screen_answers_for_the_paper(self) -> None:
        assert self.shift.current is None or 0 not in self.paper

    @invariant()
    def somebody_is_always_on_the_way(self) -> None:
        assert self.starting <= 1
        waiting = [visit for visit in self.shift.visits.values() if visit.stage in {"starting", "ready"}]
        assert len(waiting) <= 1
        current = self.shift.current
        assert waiting or self.starting or (current is not None and current.stage == "opening")
        if waiting and waiting[0].stage == "ready":
            assert current is not None  # a ready successor never waits for an empty screen


Succession.TestCase.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)
TestSuccession = Succession.TestCase


def test_failures_in_a_row_make_starts_slower_and_a_good_end_forgives_them() -> None:
    shift = Shift(lambda: "v")
    (order,) = shift.begin()
    assert order == StartVisit(0)
    for failed in range(1, 5):
        shift.started(failed)
        (order,) = shift.exited(failed)
        assert order == StartVisit(failed)
    shift.started(9)
    shift.told(9, "ready")
    shift.told(9, "shown")
    orders = shift.told(9, "ended")
    assert StartVisit(0) in orders or shift.failures == 0


def test_pauses_grow_to_a_bound() -> None:
    pauses = [pause_seconds(failures) for failures in range(20)]
    assert pauses[:2] == [0, 0]
    assert pauses == sorted(pauses)
    assert pauses[2] > 0
    assert pauses[-1] == LONGEST_PAUSE_SECONDS


# --- with processes -------------------------------------------------------------------------------------


class Supervised:
    def __init__(self, terminal: Terminal, *options: str, visit: list[str] | None = None) -> None:
        self.folder = terminal.folder
        self._log = terminal.state / "supervisor.log"
        fakes = ROOT / "tests" / "fakes"
        command = visit or [sys.executable, str(fakes / "visit_process.py"), str(terminal.state), *options]
        self.process = subprocess.Popen(
            [sys.executable, str(fakes / "supervise.py"), str(terminal.state), str(self._log), *command],
            cwd=ROOT, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    def log(self) -> list[dict[str, Any]]:
        with contextlib.suppress(FileNotFoundError):
            return [json.loads(line) for line in self._log.read_text().splitlines() if line.endswith("}")]
        return []

    def events(self, name: str) -> list[dict[str, Any]]:
        return [line for line in self.log() if line["event"] == name]

    def who(self) -> dict[str, Any]:
        with contextlib.suppress(FileNotFoundError):
            return dict(json.loads((self.folder.path / "processes.json").read_text()))
        return {}

    def until_shown(self, *, other_than: int | None = None) -> dict[str, Any]:
        def shown() -> bool:
            who = self.who()
            return who.get("visit_stage") == "shown" and who["visit"] != other_than

        until(shown, 30)
        return self.who()

    def until_successor(self) -> dict[str, Any]:
        """A visit is shown, the agent knows it, and the next one is ready."""
        until(lambda: self.events("visit_open"), 30)
        until(lambda: self.who().get("visit_stage") == "shown" and self.who().get("successor_stage") == "ready", 30)
        return self.who()

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(20)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    office = FakeBackOffice(tmp_path)
    office.start()
    made = Terminal(tmp_path, office)
    office.stop()
    yield made
    made.close()


@pytest.fixture
def supervised(terminal: Terminal) -> Iterator[Supervised]:
    made = Supervised(terminal)
    yield made
    made.end()


def gone(*pids: int) -> bool:
    return not any(Path(f"/proc/{pid}").exists() and "Z" not in _state(pid) for pid in pids)


def _state(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    return "Z"


def test_a_visit_that_ends_is_followed_at_once_by_its_successor(supervised: Supervised) -> None:
    before = supervised.until_successor()
    os.kill(before["visit"], signal.SIGUSR1)
    after = supervised.until_shown(other_than=before["visit"])
    assert after["visit"] == before["successor"]
    assert after["visit_id"] != before["visit_id"]
    assert supervised.events("visit_ended")[-1]["why"] == "finished"
    assert supervised.events("turnover")
    until(lambda: [line["visit"] for line in supervised.events("visit_closed")] == [before["visit_id"]])
    until(lambda: supervised.events("visit_open")[-1]["visit"] == after["visit_id"])
    third = supervised.until_successor()
    assert third["successor"] not in {before["visit"], after["visit"]}
    assert not supervised.events("visit_died")


def test_a_killed_visit_is_replaced_and_its_id_closed(supervised: Supervised) -> None:
    before = supervised.until_successor()
    os.kill(before["visit"], signal.SIGKILL)
    after = supervised.until_shown(other_than=before["visit"])
    assert after["visit"] == before["successor"]
    assert supervised.events("visit_died")[-1]["exit_code"] == -signal.SIGKILL
    until(lambda: before["visit_id"] in [line["visit"] for line in supervised.events("visit_closed")])


def test_the_paper_of_a_killed_visit_is_handed_to_its_successor_before_it_is_shown(terminal: Terminal) -> None:
    supervised = Supervised(terminal, "--print")
    try:
        before = supervised.until_successor()
        os.kill(before["visit"], signal.SIGKILL)
        after = supervised.until_shown(other_than=before["visit"])
        told = (terminal.state / "left_paper.txt").read_text().splitlines()
        assert told == [f"{before['visit']} spoiled", f"{after['visit']} open"]  # the first: nobody knows what was before
    finally:
        supervised.end()


def test_a_killed_successor_is_replaced_before_it_is_needed(supervised: Supervised) -> None:
    before = supervised.until_successor()
    os.kill(before["successor"], signal.SIGKILL)
    until(lambda: supervised.who()["successor"] not in {None, before["successor"]}, 20)
    after = supervised.until_successor()
    assert after["visit"] == before["visit"]


def test_a_killed_agent_comes_back_and_knows_the_visit(terminal: Terminal) -> None:
    supervised = Supervised(terminal, "--wait-for-agent")
    try:
        before = supervised.until_shown()
        os.kill(before["agent"], signal.SIGKILL)
        until(lambda: supervised.who()["agent"] not in {None, before["agent"]}, 20)
        until(lambda: [line["visit"] for line in supervised.events("visit_open")] == [before["visit_id"]] * 2, 20)
        assert supervised.who()["visit"] == before["visit"]
        assert supervised.events("agent_died")[-1]["exit_code"] == -signal.SIGKILL
    finally:
        supervised.end()


def test_a_crash_loop_slows_down_and_says_so(terminal: Terminal) -> None:
    supervised = Supervised(terminal, "--crash-when-opened")
    try:
        until(lambda: supervised.events("crash_loop"), 30)
        said = supervised.events("crash_loop")[0]
        assert (said["process"], said["count"]) == ("visit", 3)
        assert said["seconds"] == pause_seconds(3)
    finally:
        supervised.end()


def test_a_visit_that_cannot_be_started_is_said_and_tried_again(terminal: Terminal) -> None:
    supervised = Supervised(terminal, visit=["/nonexistent/visit"])
    try:
        until(lambda: len(supervised.events("visit_not_started")) >= 3, 30)
        assert supervised.process.poll() is None
    finally:
        supervised.end()


def test_what_is_not_of_the_protocol_is_counted_and_not_kept(supervised: Supervised) -> None:
    who = supervised.until_shown()
    os.kill(who["visit"], signal.SIGKILL)
    until(lambda: supervised.events("lines_not_understood"), 20)
    assert supervised.events("lines_not_understood")[0]["count"] == 1
    assert "CANARY" not in json.dumps(supervised.log())


def test_neither_supervisor_nor_agent_leaves_a_core(supervised: Supervised) -> None:
    who = supervised.until_successor()
    for pid in (who["supervisor"], who["agent"]):
        limits = Path(f"/proc/{pid}/limits").read_text("ascii")
        assert [line.split()[4:6] for line in limits.splitlines() if line.startswith("Max core")] == [["0", "0"]]


def test_sigterm_ends_every_child(supervised: Supervised) -> None:
    who = supervised.until_successor()
    supervised.process.terminate()
    assert supervised.process.wait(20) == 0
    assert gone(who["agent"], who["visit"], who["successor"])
    assert not supervised.events("agent_died")
    assert not supervised.events("visit_died")


def test_a_killed_supervisor_takes_its_children_along(supervised: Supervised) -> None:
    who = supervised.until_successor()
    supervised.process.kill()
    supervised.process.wait()
    until(lambda: gone(who["agent"], who["visit"], who["successor"]), 20)
