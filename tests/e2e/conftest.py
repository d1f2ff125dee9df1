"""A whole office on a virtual screen for each test that takes it; tests in different files share nothing, and may run at once."""

from __future__ import annotations

import json

import pytest

from kiosk.demo.evidence import Evidence
from kiosk.demo.office import Office
from kiosk.demo.person import Person, Photographer
from kiosk.demo.screen import VirtualScreen
from kiosk.demo.stage import Stage
from workbench.hands import Hands

LONGEST_FIRST, LONGEST_LAST = "test_services.py", "test_visits.py"
SHORT = {"idle_seconds": 12.0, "warning_seconds": 5.0, "pin_seconds": 20.0, "card_left_seconds": 4.0}


@pytest.hookimpl(trylast=True)  # after the shuffle
def pytest_collection_modifyitems(items):
    """Put the two longest at the two ends, so that two processes that share the list have one each."""
    places = {LONGEST_FIRST: -1, LONGEST_LAST: 1}
    items.sort(key=lambda item: places.get(item.path.name, 0))


@pytest.fixture
def stage(tmp_path):
    screen = VirtualScreen(1080, 1920)
    office = Office(tmp_path / "s", window=False, screen=screen.environment, times=SHORT)
    hands = photographer = None
    try:
        office.start()
        hands = Hands({**office.processes.environment, **screen.environment})
        photographer = Photographer(office, hands, tmp_path / "screens")
        facts = json.loads((office.state / "demo.json").read_text("utf-8"))
        yield Stage(office, Person(office, hands, photographer), Evidence(office.state), facts), photographer
    finally:
        if photographer is not None:
            photographer.close()
        if hands is not None:
            hands.close()
        office.stop()
        screen.close()
