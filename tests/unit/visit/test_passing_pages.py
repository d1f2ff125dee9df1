"""A page that passes is not drawn when what it waited for is there at once; whatever is last is always drawn."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.session import states as at
from kiosk.visit.passing import WAIT_MILLISECONDS, PassingPages
from ui import examples

MENU = examples.session(at.Menu(examples.VISITOR))
OPENING = examples.session(at.OpeningRecord(examples.VISITOR))
SIGNING = examples.session(at.Signing(examples.CHECKED))
RECORDING = examples.session(at.Recording(examples.CHECKED, "0193-7", 10))


class Screen:
    """What was drawn, and a clock that goes when it is told to."""

    def __init__(self):
        self.drawn, self.timers, self.now = [], [], 0
        self.pages = PassingPages(self.drawn.append, lambda ms, job: self.timers.append((self.now + ms, job)))

    def wait(self, milliseconds):
        self.now += milliseconds
        due = [job for at_, job in self.timers if at_ <= self.now]
        self.timers = [(at_, job) for at_, job in self.timers if at_ > self.now]
        for job in due:
            job()


@pytest.fixture
def screen():
    return Screen()


def test_a_record_that_comes_at_once_is_the_next_page(screen):
    screen.pages.render(OPENING)
    screen.wait(WAIT_MILLISECONDS - 1)
    screen.pages.render(MENU)
    screen.wait(1000)
    assert screen.drawn == [MENU]


def test_who_waits_is_told_what_for(screen):
    screen.pages.render(OPENING)
    screen.wait(WAIT_MILLISECONDS)
    assert screen.drawn == [OPENING]
    assert screen.pages.work_goes_on
    screen.pages.render(MENU)
    assert not screen.pages.work_goes_on


def test_a_page_that_is_there_changes_at_once_and_one_that_waits_in_its_time(screen):
    later, latest = replace(OPENING, idle_at=1.0), replace(OPENING, idle_at=2.0)
    screen.pages.render(OPENING)
    screen.wait(WAIT_MILLISECONDS // 2)
    screen.pages.render(later)
    screen.wait(WAIT_MILLISECONDS // 2)
    assert screen.drawn == [later]
    screen.pages.render(latest)
    assert screen.drawn == [later, latest]


def test_each_page_has_its_own_moment(screen):
    screen.pages.render(SIGNING)
    screen.wait(WAIT_MILLISECONDS - 1)
    screen.pages.render(RECORDING)
    screen.wait(WAIT_MILLISECONDS - 1)
    assert screen.drawn == []
    screen.wait(1)
    assert screen.drawn == [RECORDING]


@given(st.lists(st.tuples(st.sampled_from([MENU, OPENING, SIGNING, RECORDING]), st.integers(0, 60)), min_size=1))
def test_what_came_last_is_what_is_seen_in_the_end(turns):
    screen = Screen()
    for n, (session, pause) in enumerate(turns):
        screen.pages.render(replace(session, idle_at=float(n)))
        screen.wait(pause)
    screen.wait(WAIT_MILLISECONDS)
    assert screen.drawn[-1].idle_at == len(turns) - 1
