"""Plays visits one after the other in one office, and looks after each for what is wrong and what is left."""

from __future__ import annotations

from kiosk.demo.scripted import play_one
from tests.e2e.leftovers import in_memory, needles, on_disk, terminal_processes


def play(stage, photographer, subtests, visits) -> None:
    """Each visit is a subtest: it ends as it must, and nothing of the visitor is left."""
    for name, visit in visits.items():
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
