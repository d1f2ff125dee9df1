"""The delivery beside its oracle: terminals and a server through faults of every kind, in a world whose time is simulated.

Real journals, the agent's own delivery, the whole server over a real database; see `simulation.sync`. The long run is
`guichet simulate sync`; here are a short seeded one on both databases, worlds that Hypothesis plays step by step, and
proofs that the judge would notice.
"""

from __future__ import annotations

import os
import random
import shutil
import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from postgresql_cluster import cluster

from back_office import outbox
from back_office.repository import inbox
from kiosk.agent import delivery
from offline_cache.journal import Journal
from simulation.power.run import MEMORY
from simulation.sync import people, world
from simulation.sync.line import FINE
from simulation.sync.oracle import Oracle
from simulation.sync.plan import USELESS_ACCOUNT
from simulation.sync.seams import swapped
from simulation.sync.stage import PERSONS, TERMINALS, Stage, lay_stage
from simulation.sync.trouble import CALM, Faults
from simulation.sync.world import Order, Result, simulate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulation.sync.ground import Ground

MORE = "ORACLE_EXAMPLES"
EXAMPLES = int(os.environ.get(MORE, "10"))
"""More, and others every time, when the variable is set."""
FAULTS = Faults(
    terminal_kill=60, server_kill=90, terminal_disk_full=300, server_disk_full=500, journal_put_back=900, server_put_back=0
)  # fmt: skip
KINDS = ["change", "change", "change", "stop", "confirm", "note"]
POISONS = ["", "unopenable", "wrong_id", "tampered", "", "", ""]
ACCOUNTS = [people.iban(random.Random(number)) for number in range(12)] + [USELESS_ACCOUNT]


def in_memory() -> Path | None:
    return MEMORY if MEMORY.is_dir() else None


@pytest.fixture
def work() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="oracle-", dir=in_memory()))
    yield made
    shutil.rmtree(made)


def play(work: Path, seed: str, transactions: int = 220, *, faults: Faults = FAULTS, database: str = "") -> Result:
    return simulate(Order(4, transactions, seed, faults, database, processes=0), work)


@contextmanager
def asked_often() -> Iterator[None]:
    """Terminals ask every few minutes, not every hour, what the back office has: the world comes to rest sooner."""
    with swapped(delivery, ASK_AGAIN_SECONDS=300.0), swapped(world, QUIET_SECONDS=400.0):
        yield


def test_after_every_fault_the_state_is_the_oracles(work: Path, database: str) -> None:
    url = cluster().create_database("oracle") if database == "postgresql" else ""
    result = play(work, "short", 130 if database == "sqlite" else 80, database=url)
    assert result.good, result.judgement.flaws
    counts = result.counts
    assert counts["server: kills"] > 1
    assert counts["terminals: kills"] > 4
    assert counts["line: outages"] > 1
    assert counts["line: repeated"] > 1
    assert result.judgement.fates["in_force"] > 5
    assert result.judgement.fates["quarantined"]


def test_a_server_that_was_put_back_gets_again_what_it_forgot(work: Path) -> None:
    with asked_often():
        result = play(work, "put back", 70, faults=replace(FAULTS, journal_put_back=0, server_put_back=80))
    assert result.counts["server: restores"]
    assert result.good, result.judgement.flaws


def test_the_same_seed_is_the_same_world(work: Path) -> None:
    first, second = (play(work / name, "again", 25) for name in ("one", "two"))
    assert (first.counts, first.judgement.fates) == (second.counts, second.judgement.fates)


# --- the judge would notice -----------------------------------------------------------------------------


def test_a_transaction_that_is_dropped_is_noticed(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A journal that believes in deliveries that never were."""
    real = Journal.waiting
    monkeypatch.setattr(world, "HEALING_SECONDS", 900.0)
    monkeypatch.setattr(Journal, "waiting", lambda self, **named: real(self, **named)[1:])
    result = play(work, "dropped", 25, faults=CALM)
    assert any("was acknowledged and is there 0 times" in flaw for flaw in result.judgement.flaws)


def test_a_decision_that_is_not_the_rule_is_noticed(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An oracle that does not know of blocks disagrees with a server that does."""
    real = Oracle.__init__

    def ignorant(self: Oracle, persons: list[people.Person]) -> None:
        real(self, [replace(one, blocked=False) for one in persons])

    monkeypatch.setattr(Oracle, "__init__", ignorant)
    monkeypatch.setattr(Oracle, "_stop", lambda *_: "in_force")
    result = play(work, "rule", 40, faults=CALM)
    assert any("should be" in flaw for flaw in result.judgement.flaws)


def test_a_message_that_is_sent_again_under_another_key_is_noticed(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = outbox.send

    def shifting(row, partners, timeout_seconds):
        if row.kind == "announce_account":
            partners.bank.announced[row.key] = ("another", "account")
        return real(row, partners, timeout_seconds)

    monkeypatch.setattr(outbox, "send", shifting)
    result = play(work, "key", 25, faults=CALM)
    assert any("twice, and not the same" in flaw for flaw in result.judgement.flaws)


def test_an_entry_that_nobody_decides_is_noticed(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world, "HEALING_SECONDS", 900.0)
    monkeypatch.setattr(inbox, "undecided", lambda _db, _limit: [])
    result = play(work, "undecided", 30, faults=CALM)
    assert any("never decided" in flaw for flaw in result.judgement.flaws)


def test_a_calm_world_is_calm(work: Path) -> None:
    result = play(work, "calm", 40, faults=replace(CALM, weather=FINE))
    assert result.good, result.judgement.flaws
    assert not result.counts["server: kills"]
    assert result.judgement.acknowledged >= 38


# --- worlds that Hypothesis plays -----------------------------------------------------------------------


_ground: list[Ground] = []


def ground() -> Ground:
    if not _ground:
        folder = Path(tempfile.mkdtemp(prefix="stage-", dir=in_memory()))
        _ground.append(lay_stage(folder / "ground"))
    return _ground[0]


@pytest.fixture(scope="module", autouse=True)
def clear_the_ground() -> Iterator[None]:
    yield
    while _ground:
        shutil.rmtree(_ground.pop().state.parent)


class Worlds(RuleBasedStateMachine):
    """Whatever happens in whatever order: after healing the state is the oracle's."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.stage: Stage | None = None

    @initialize(seed=st.integers(0, 9))
    def begin(self, seed: int) -> None:
        self.stack.enter_context(asked_often())
        work = Path(self.stack.enter_context(tempfile.TemporaryDirectory(dir=in_memory())))
        self.stage = Stage(ground(), work, seed)
        self.stack.callback(self.stage.close)

    @rule(
        person=st.integers(0, PERSONS - 1),
        terminal=st.integers(0, TERMINALS - 1),
        kind=st.sampled_from(KINDS),
        about=st.integers(0, 5),
        account=st.sampled_from(ACCOUNTS),
        poison=st.sampled_from(POISONS),
        follows=st.booleans(),
    )
    def somebody_acts(  # noqa: PLR0917 - what Hypothesis draws
        self, person, terminal, kind, about, account, poison, follows
    ) -> None:
        self.stage.act(person, terminal, kind, about, account, poison, follows=follows)

    @rule(seconds=st.sampled_from([0.01, 0.06, 0.2, 1.0, 5.0, 60.0, 700.0]))
    def time_passes(self, seconds: float) -> None:
        self.stage.wait(seconds)

    @rule(terminal=st.integers(0, TERMINALS - 1), up=st.booleans())
    def the_line_changes(self, terminal: int, up: bool) -> None:
        self.stage.world.terminals[terminal].line.up = up

    @rule(terminal=st.integers(0, TERMINALS - 1), what=st.sampled_from(["lost", "unanswered", "delayed", "repeated"]))
    def the_line_gets_worse(self, terminal: int, what: str) -> None:
        line = self.stage.world.terminals[terminal].line
        line.weather = replace(FINE, **{what: 0.5})

    @rule(seed=st.integers(0, 99))
    def a_terminal_is_killed(self, seed: int) -> None:
        self.stage.trouble("kill_terminal", seed)

    @rule(seed=st.integers(0, 99))
    def the_server_is_killed(self, seed: int) -> None:
        self.stage.trouble("kill_server", seed)

    @rule(seed=st.integers(0, 99), kind=st.sampled_from(["fill_terminal", "fill_server"]))
    def a_disk_is_full(self, seed: int, kind: str) -> None:
        self.stage.trouble(kind, seed)

    @rule(seed=st.integers(0, 99))
    def a_journal_is_copied_or_put_back(self, seed: int) -> None:
        self.stage.trouble("put_journal_back", seed)

    @rule(seed=st.integers(0, 99))
    def the_server_is_copied_or_put_back(self, seed: int) -> None:
        self.stage.trouble("put_server_back", seed)

    @rule(seed=st.integers(0, 99))
    def a_terminal_is_enrolled_anew(self, seed: int) -> None:
        self.stage.trouble("enrol_anew", seed)

    @rule(terminal=st.integers(-1, TERMINALS - 1), seconds=st.sampled_from([0.0, 50.0, -50.0, 7200.0, -86400.0]))
    @precondition(lambda self: self.stage is not None)
    def a_clock_jumps(self, terminal: int, seconds: float) -> None:
        self.stage.set_clock(None if terminal < 0 else terminal, seconds if terminal >= 0 else seconds / 100)

    def teardown(self) -> None:
        try:
            if self.stage is not None:
                judgement = self.stage.end()
                assert not judgement.flaw_count, judgement.flaws
        finally:
            self.stack.close()


Worlds.TestCase.settings = settings(
    max_examples=EXAMPLES, stateful_step_count=30, deadline=None, derandomize=MORE not in os.environ,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)  # fmt: skip
TestWorlds = Worlds.TestCase


def test_what_was_forgotten_of_a_journal_that_was_set_aside_is_sent_again() -> None:
    """A copy of the database, acts, new enrolments, the copy put back: the acts lie in no journal that is in use."""
    world = Worlds()
    world.begin(seed=1)
    try:
        world.the_server_is_copied_or_put_back(0)
        world.time_passes(60.0)
        for terminal in range(TERMINALS):
            for person in range(3):
                world.somebody_acts(person, terminal, "note", 0, ACCOUNTS[0], "", follows=False)
        world.time_passes(60.0)
        for seed in range(12):  # each several times: several earlier journals, most of them empty
            world.a_terminal_is_enrolled_anew(seed)
            world.time_passes(60.0)
        world.the_server_is_copied_or_put_back(0)
        world.time_passes(60.0)
        assert world.stage is not None
        trouble = world.stage.world.trouble
        assert trouble.counts["technician came"] == 12
        assert len({terminal.who.epoch for terminal in trouble.terminals}) > 1
    finally:
        world.teardown()


def test_what_was_forgotten_of_an_earlier_journal_that_is_still_in_use_is_sent_again() -> None:
    """Enrolled anew while entries waited: the journal stays in use under the epoch that it has."""
    world = Worlds()
    world.begin(seed=2)
    try:
        for terminal in range(TERMINALS):
            world.the_line_changes(terminal, up=False)
            for person in range(3):
                world.somebody_acts(person, terminal, "note", 0, ACCOUNTS[0], "", follows=False)
        for seed in range(6):
            world.a_terminal_is_enrolled_anew(seed)
        world.the_server_is_copied_or_put_back(0)
        world.time_passes(60.0)
        for terminal in range(TERMINALS):
            world.the_line_changes(terminal, up=True)
        world.time_passes(700.0)
        assert world.stage is not None
        in_use = {(one.journal.head.epoch, one.who.epoch) for one in world.stage.world.terminals if one.journal is not None}
        assert any(used < bound for used, bound in in_use), in_use
        world.the_server_is_copied_or_put_back(0)
        world.time_passes(60.0)
    finally:
        world.teardown()


def test_everything_happens_in_one_world() -> None:
    """Whatever Hypothesis draws in a short run: each kind of thing happens at least here."""
    world = Worlds()
    world.begin(seed=0)
    try:
        for number, what in enumerate(["lost", "unanswered", "delayed", "repeated"]):
            world.the_line_gets_worse(terminal=number % TERMINALS, what=what)
            for kind in KINDS:
                poison = POISONS[number] if kind == "change" else ""
                account = ACCOUNTS[number]
                world.somebody_acts(number, number % TERMINALS, kind, number, account, poison, follows=number < 2)
            world.time_passes(5.0)
        for number, trouble in enumerate(["fill_terminal", "fill_server"]):
            world.a_disk_is_full(number, trouble)
            world.somebody_acts(number, number, "change", 0, ACCOUNTS[-1 - number], "", follows=True)
            world.a_clock_jumps(number, 7200.0)
            world.the_line_changes(number, up=False)
            world.time_passes(60.0)
            world.the_line_changes(number, up=True)
        for happens in (
            world.a_journal_is_copied_or_put_back, world.the_server_is_copied_or_put_back, world.a_terminal_is_killed,
            world.the_server_is_killed, world.the_server_is_copied_or_put_back, world.a_journal_is_copied_or_put_back,
        ):  # fmt: skip
            happens(1)
            world.somebody_acts(4, 0, "change", 0, ACCOUNTS[5], "", follows=False)
            world.time_passes(700.0)
        assert world.stage is not None
        counts = world.stage.world.counts()
    finally:
        world.teardown()
    wanted = {"server: restores", "terminals: journals put back", "terminals: kills", "server: kills", "line: lost"}
    assert all(counts[name] for name in wanted), counts
