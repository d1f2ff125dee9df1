from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from kiosk.agent import sync
from kiosk.agent.sync import BEGINNING, Sync, after, next_step, progress

INTO = st.sampled_from(["live", "draft"])
CURSORS = st.text("ab1:", max_size=4)
EVENTS = st.one_of(
    st.builds(sync.Opened, st.none() | CURSORS, st.none() | CURSORS, st.booleans()),
    st.builds(sync.DraftBegun),
    st.builds(sync.Received, INTO, CURSORS, st.booleans()),
    st.builds(sync.NothingNew),
    st.builds(sync.Cut, INTO, CURSORS),
    st.builds(sync.Gone, INTO),
    st.builds(sync.Failed),
    st.builds(sync.DiskFull, INTO),
    st.builds(sync.Damaged, INTO),
    st.builds(sync.Lapsed),
    st.builds(sync.Rested),
)


@given(st.lists(EVENTS, max_size=30))
def test_there_is_always_a_next_step_and_only_a_failure_makes_it_a_pause(events: list[Any]) -> None:
    state = Sync()
    for event in events:
        state = after(state, event)
        step = next_step(state)
        assert isinstance(step, sync.Pause) == state.pausing
        if isinstance(step, sync.Pause):
            assert step.failures == state.failures >= 1
        if isinstance(step, sync.Fetch):
            assert step.cursor == (state.live if step.into == "live" else state.draft)
            assert not (step.wait and step.into == "draft")
        if isinstance(step, sync.Publish):
            assert state.draft is not None
        assert (state.status == "ok") == (state.live is not None)


class World(RuleBasedStateMachine):
    """A server, two files and a line that do their worst; the machine is driven as the worker drives it."""

    def __init__(self) -> None:
        super().__init__()
        self.state = Sync()
        self.server: dict[int, int] = {}
        self.changes: list[tuple[int, int]] = []  # (key, version), version 0: removed
        self.epoch = 0
        self.live: dict[int, int] | None = None
        self.live_cursor = ""
        self.draft: dict[int, int] | None = None
        self.draft_cursor = ""
        self.lapsed = False
        self.served_before = False

    @initialize()
    def start(self) -> None:
        self.restart()

    # --- the world ------------------------------------------------------------------------------------

    @rule(key=st.integers(0, 5), version=st.integers(0, 3))
    def change(self, key: int, version: int) -> None:
        if version:
            self.server[key] = version
        else:
            self.server.pop(key, None)
        self.changes.append((key, version))

    @rule()
    def restore(self) -> None:
        """The server was put back: another epoch, all cursors are void."""
        self.epoch += 1
        self.changes = list(self.server.items())

    @rule()
    def restart(self) -> None:
        live = None if self.live is None else self.live_cursor
        draft = None if self.draft is None else self.draft_cursor
        self.state = after(self.state, sync.Opened(live, draft, self.lapsed))

    @rule()
    def lapse(self) -> None:
        self.live = self.draft = None
        self.lapsed = True
        self.state = after(self.state, sync.Lapsed())

    @rule(into=INTO)
    def damage(self, into: str) -> None:
        if into == "live" and self.live is not None:
            self.live = None
            self.state = after(self.state, sync.Damaged("live"))
        elif into == "draft" and self.draft is not None:
            self.draft = None
            self.state = after(self.state, sync.Damaged("draft"))

    # --- the worker -----------------------------------------------------------------------------------

    @rule(fault=st.sampled_from(["none", "none", "line", "cut", "full", "half"]), count=st.integers(0, 3))
    def work(self, fault: str, count: int) -> None:
        step = next_step(self.state)
        if isinstance(step, sync.Pause):
            event: sync.Event = sync.Rested()
        elif isinstance(step, sync.BeginDraft):
            self.draft, self.draft_cursor = {}, BEGINNING
            event = sync.DraftBegun()
        elif isinstance(step, sync.Publish):
            assert self.draft is not None
            self.live, self.live_cursor, self.draft, self.lapsed = self.draft, self.draft_cursor, None, False
            event = sync.Published()
        else:
            event = self.fetch(step, fault, count)
        self.state = after(self.state, event)

    def fetch(self, step: sync.Fetch, fault: str, count: int) -> sync.Event:
        assert step.cursor == (self.live_cursor if step.into == "live" else self.draft_cursor)
        if fault == "line":
            return sync.Failed()
        if step.cursor and not step.cursor.startswith(f"{self.epoch}:"):
            if step.into == "draft":
                self.draft = None
            return sync.Gone(step.into)
        at = int(step.cursor.partition(":")[2] or 0)
        if fault == "full" and self.changes[at:]:
            if step.into == "draft":
                self.draft = None
            return sync.DiskFull(step.into)
        if step.cursor and not self.changes[at:] and step.wait:
            return sync.NothingNew()
        rows = self.live if step.into == "live" else self.draft
        assert rows is not None
        end = len(self.changes) if fault == "none" and count == 3 else min(len(self.changes), at + count)
        for key, version in self.changes[at:end]:
            if version:
                rows[key] = version
            else:
                rows.pop(key, None)
        cursor = f"{self.epoch}:{end}"
        if step.into == "live":
            self.live_cursor = cursor
        else:
            self.draft_cursor = cursor
        return sync.Cut(step.into, cursor) if fault == "cut" else sync.Received(step.into, cursor, end < len(self.changes))

    # --- what must hold -------------------------------------------------------------------------------

    @invariant()
    def the_machine_knows_the_files(self) -> None:
        assert (self.state.live is not None) == (self.live is not None)
        assert (self.state.draft is not None) == (self.draft is not None)
        if self.live is not None:
            assert self.state.live == self.live_cursor

    @invariant()
    def what_serves_is_a_state_that_the_server_once_had(self) -> None:
        if self.live is not None and self.live_cursor.startswith(f"{self.epoch}:"):
            end = int(self.live_cursor.partition(":")[2])
            then: dict[int, int] = {}
            for key, version in self.changes[:end]:
                if version:
                    then[key] = version
                else:
                    then.pop(key, None)
            assert self.live == then

    def teardown(self) -> None:
        """Left in peace, it ends with what the server has, in a bounded number of steps, and waits."""
        for _ in range(12):
            self.work("none", 3)
        assert self.live == self.server
        assert self.state.status == "ok"
        assert next_step(self.state) == sync.Fetch("live", self.live_cursor, wait=True)
        assert self.state.failures == 0


TestWorld = World.TestCase
TestWorld.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)


def test_what_serves_goes_on_serving_while_a_full_copy_is_made() -> None:
    state = after(Sync(), sync.Opened("e1:9", None, lapsed=False))
    state = after(state, sync.Gone("live"))
    assert (next_step(state), state.status) == (sync.BeginDraft(), "ok")
    state = after(state, sync.DraftBegun())
    assert next_step(state) == sync.Fetch("draft", BEGINNING, wait=False)
    state = after(state, sync.Received("draft", "e2:4", more=True))
    state = after(state, sync.Received("draft", "e2:9", more=False))
    assert (next_step(state), state.status) == (sync.Publish(), "ok")
    state = after(state, sync.Published())
    assert next_step(state) == sync.Fetch("live", "e2:9", wait=True)


def test_a_copy_that_was_begun_is_continued_after_a_restart() -> None:
    state = after(Sync(), sync.Opened(None, "e1:256", lapsed=False))
    assert (next_step(state), state.status) == (sync.Fetch("draft", "e1:256", wait=False), "filling")


def test_a_server_that_refuses_the_beginning_itself_is_not_asked_without_a_pause() -> None:
    state = after(after(Sync(), sync.DraftBegun()), sync.Gone("draft"))
    assert next_step(state) == sync.Pause(1)


@pytest.mark.parametrize(
    ("taken", "seconds", "left", "expected"),
    [(0, 0.0, 100, None), (1000, 2.0, 500, 1), (1000, 2.0, 4000, 8), (1000, 2.0, 0, 0)],
)
def test_the_time_left_follows_from_the_rate(taken: int, seconds: float, left: int, expected: int | None) -> None:
    far = progress(people=3, taken_bytes=taken, seconds=seconds, people_left=int(left > 0), bytes_left=left)
    assert far.seconds_left == expected
