"""The scripted visits, played on the running program through the accessibility tree, a real pointer and a real reader.

After each visit nothing of the visitor is left in any process of the terminal, on its disk or in its logs (promise 1),
and the PIN never was in any (promise 3).
"""

from __future__ import annotations

import json

import pytest

from kiosk.demo.evidence import Evidence
from kiosk.demo.office import Office
from kiosk.demo.person import Person, Photographer
from kiosk.demo.screen import VirtualScreen
from kiosk.demo.scripted import play_one
from kiosk.demo.visits import VISITS, Stage
from tests.e2e.leftovers import in_memory, needles, on_disk, terminal_processes
from workbench.hands import Hands

SHORT = {"idle_seconds": 12.0, "warning_seconds": 5.0, "pin_seconds": 20.0, "card_left_seconds": 4.0}


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


@pytest.mark.timeout(1500)
def test_every_scripted_visit_ends_as_it_must_and_leaves_nothing(stage, subtests):
    stage, photographer = stage
    for name, visit in VISITS.items():
        with subtests.test(visit=name):
            result = play_one(stage, photographer, name, visit)
            assert not result.faults, (result.faults, _log_tail(stage))
            assert not _left(stage)


def _left(stage) -> list[str]:
    """Names, accounts and PINs of the demonstration's people, wherever the terminal could have kept them."""
    people = [p["name"] for p in stage.facts["persons"].values()]
    accounts = [a for n, a in stage.facts["accounts"].items() if n.split("_")[0] in {"marie", "karel", "ludmila", "of", "close"}]
    wanted = needles(*people, *accounts)
    stage.person.until(lambda: stage.office.running().get("successor_stage") == "ready", "a successor", 30)
    state = stage.office.state
    hits = []
    for pid in terminal_processes(stage.office.running(), state / "workbench" / "pcscd.log"):
        hits += in_memory(pid, wanted)
    return hits + on_disk(
        [state / "terminal", state / "log" / "supervisor.log", state / "workbench" / "pcscd.log"], wanted
    )


def _log_tail(stage) -> str:
    return "\n".join(stage.office.processes.log("supervisor").read_text("utf-8", "replace").splitlines()[-25:])
