"""The visit is killed between the two parts of its receipt: the paper is marked and cut, the next person's is clean."""

from __future__ import annotations

import json
import os
import signal
from contextlib import suppress
from pathlib import Path

import pytest

from tests.fault.office_scene import Scene, scene


def _server(state: Path) -> int:
    """The process of this office's server."""
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # another's, that ends while it is looked at
            command = (entry / "cmdline").read_bytes().split(b"\0")
            if {b"back-office", b"serve", str(state).encode()} <= set(command):
                return int(entry.name)
    raise AssertionError("no server")


@pytest.mark.timeout(150)
def test_half_a_receipt_is_marked_and_cut_and_the_next_one_is_clean() -> None:
    with scene() as office:
        person = office.person
        accounts = json.loads((office.state / "demo.json").read_text("utf-8"))["accounts"]
        person.identify("marie")
        person.enter_account(accounts["marie_second"])
        papers, server = person.papers(), _server(office.state)
        os.kill(server, signal.SIGSTOP)  # nobody decides: the second part does not come
        try:
            person.sign()
            office.until(lambda: "RECEIVED" in _status(office)["standing"], "the first part")
            visit = int(office.office.running()["visit"])
            office.until(lambda: '"following"' in office.log().lower(), "the wait for the decision")
            os.kill(visit, signal.SIGKILL)
            half = person.paper(papers)
        finally:
            os.kill(server, signal.SIGCONT)
        assert "RECEIVED" in half
        assert "Printing stopped here. Show this paper at the desk." in " ".join(half.split())
        assert person.papers() == papers + 1
        assert "paper_cut_off" in office.log()
        assert len(office.office.journal()) == 1  # the act stands

        office.until(lambda: office.office.running().get("visit_stage") == "shown", "the successor")
        person.pull()
        person.approach()
        person.identify("ludmila")
        person.enter_account(accounts["ludmila_second"])
        person.sign()
        whole = person.paper(papers + 1)
        assert whole.lstrip().startswith("Social security: receipt")
        assert "stopped here" not in whole
        person.finish()


def _status(office: Scene) -> dict[str, str]:
    return dict(office.person.bench.do("status")["status"])
