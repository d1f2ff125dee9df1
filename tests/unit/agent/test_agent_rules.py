"""The parts of the agent that need no process: who is served, how long to wait, what may be logged."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.agent import log
from kiosk.agent.backoff import Backoff
from kiosk.agent.visits import Visits
from kiosk.system import SystemIds

if TYPE_CHECKING:
    from pathlib import Path

PIDS = st.integers(1, 3)
NAMES = st.sampled_from(["a", "b", "c"])


@given(st.lists(st.tuples(st.sampled_from(["announce", "close"]), NAMES, PIDS), max_size=20))
def test_at_most_one_visit_is_open_and_a_closed_one_never_again(steps) -> None:
    visits, closed = Visits(), set()
    for act, name, pid in steps:
        if act == "announce":
            before = visits.open_id
            visits.announce(name, pid)
            if before and before != visits.open_id:
                closed.add(before)
        else:
            visits.close(name)
            closed.add(name)
        standings = {(n, p): visits.standing(n, p) for n in "abc" for p in (1, 2, 3)}
        assert sum(standing == "open" for standing in standings.values()) <= 1
        assert all(standings[n, p] == "visit_closed" for n in closed for p in (1, 2, 3))


def test_another_process_cannot_speak_for_an_open_visit() -> None:
    visits = Visits()
    visits.announce("a", 1)
    assert visits.standing("a", 1) == "open"
    assert visits.standing("a", 2) == "wrong_process"
    assert visits.standing("b", 1) == "not_announced"


class FixedIds(SystemIds):
    def __init__(self, draw: int) -> None:
        super().__init__()
        self.draw = draw

    def token(self, n_bytes: int) -> bytes:
        return self.draw.to_bytes(n_bytes, "big")


@given(st.integers(0, 2**32 - 1), st.integers(1, 60))
def test_backoff_is_full_jitter_under_a_doubling_bound(draw: int, tries: int) -> None:
    backoff = Backoff(FixedIds(draw), first_seconds=1, most_seconds=60)
    for attempt in range(tries):
        bound = min(60, 2**attempt)
        seconds = backoff.next_seconds()
        assert 0 <= seconds < bound
        assert seconds == pytest.approx(bound * draw / 2**32)
    backoff.reset()
    assert backoff.next_seconds() < 1


def test_a_log_line_holds_listed_keys_only(tmp_path: Path) -> None:
    log.configure(tmp_path / "log")
    log.logger().info("appended", seq=4, name="CANARY", account="CANARY", detail="x" * 1000)
    log.configure()
    line = json.loads((tmp_path / "log").read_text())
    assert "CANARY" not in json.dumps(line)
    assert (line["seq"], line["dropped"], len(line["detail"])) == (4, 2, 300)
