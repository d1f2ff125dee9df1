"""Promise 11: whatever is missing or wrong around it, the terminal says what still works, loses nothing, and comes back by itself.

The attack: one office, one fault after the other, each mended without touching the terminal: the line cut; half a line (it
accepts and never answers) with the printer gone in the same visit; a clock a year ahead, and one that holds nonsense; pcscd
killed; a disk that takes nothing in the middle of an act. After each, somebody walks up to the same terminal and is served.
"""

from __future__ import annotations

import json
import os
import re
import resource
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from devices.simulators.pcscd import Pcscd, ReaderLine
from devices.simulators.reader import STAFF_READER, VISITOR_READER
from tests.fault.office_scene import Scene, scene
from tests.fault.test_disk_full import NAMESPACE, ROOT, _may_mount

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DEATHS = {"visit_died", "visit_too_late", "agent_died", "fault_caught", "supervisor_task"}


@pytest.fixture(scope="module")
def office() -> Iterator[Scene]:
    with scene() as made:
        yield made


@pytest.fixture(autouse=True)
def nobody_dies(request: pytest.FixtureRequest) -> Iterator[None]:
    """No fault of the surroundings is a crash of the terminal."""
    if "office" not in request.fixturenames:
        yield
        return
    killed = {"visit_died"} if "reader" in request.node.name else set()
    office: Scene = request.getfixturevalue("office")
    before = len(office.steps())
    yield
    if office.person.bench.do("status")["status"]["slots"]["visitor"]["card"]:
        office.person.pull()  # so that one failure does not make the next
    assert not (DEATHS - killed) & set(office.steps()[before:]), office.log()[-3000:]
    assert "Traceback" not in office.log()


def _pid(office: Scene, *words: str) -> int:
    """The process of this office with these words on its command line."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                command = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if all(word.encode() in command for word in words) and str(office.state).encode() in b" ".join(command):
                return int(entry.name)
    raise AssertionError(f"no process {words}")


def _facts(office: Scene) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = json.loads((office.state / "demo.json").read_text("utf-8"))
    return found


def _since(office: Scene) -> Callable[[str], bool]:
    """Says whether a step was entered since now."""
    before = len(office.steps())
    return lambda step: step in office.steps()[before:]


def _serves(office: Scene) -> None:
    """Somebody walks up and sees their menu."""
    office.person.approach()
    office.hands.see("page-welcome", 20)
    office.person.identify("ludmila")
    office.hands.touch("end-session")
    office.person.pull()
    office.person.gone()


def test_no_network(office: Scene) -> None:
    office.person.approach()
    office.person.bench.do("network", "off")
    office.until(lambda: '"line": "offline"' in office.log(), "offline in the log")
    before = office.log().count('"line": "online"')
    office.person.insert("ludmila")
    office.hands.see("page-pin")
    office.person.type_pin()
    office.hands.see("page-menu")
    said = " ".join(str(node["name"]) for node in office.hands.everything()).lower()
    assert re.search(r"connection|line|offline", said), f"the menu does not say what works: {said}"
    office.hands.see("service-bank_account.change")
    office.hands.touch("end-session")
    office.person.pull()
    office.person.gone()
    office.person.bench.do("network", "on")
    office.until(lambda: office.log().count('"line": "online"') > before, "online again, by itself")
    _serves(office)


@pytest.mark.timeout(150)
def test_half_a_network_and_no_printer_in_the_same_visit(office: Scene) -> None:
    person = office.person
    person.approach()
    account = _facts(office)["accounts"]["marie_second"]
    before = len(office.office.journal())
    papers = person.papers()
    server = _pid(office, "back-office", "serve")
    os.kill(server, signal.SIGSTOP)  # the kernel goes on accepting for it
    try:
        person.bench.do("printer", "offline")
        person.insert("marie")
        person.hands.see("page-pin")
        person.type_pin()
        person.hands.see("page-menu", 30)
        person.enter_account(account)
        person.sign()
        said = person.hands.see("page-receipt", 60)
        assert said
        reference = person.hands.see("reference")["name"]
        entry = office.office.journal()[-1]
        assert len(office.office.journal()) == before + 1
        assert entry["reference"] == re.sub(r"[^0-9A-Z]", "", str(reference))
        assert entry["state"] == "waiting"
        assert person.papers() == papers
        person.finish()
    finally:
        os.kill(server, signal.SIGCONT)
        person.bench.do("printer", "ok")
    office.until(lambda: office.office.journal()[-1]["state"] == "received", "the delivery", 60)
    assert len(office.office.journal()) == before + 1
    _serves(office)


@pytest.mark.parametrize("text", ["40000000\n", "-40000000\n", "tomorrow\n"])
def test_a_wrong_clock(office: Scene, text: str) -> None:
    """A clock a year off refuses cards or works; it never breaks, and the right time is enough to mend it."""
    office.person.approach()
    (office.state / "clock").write_text(text, "ascii")
    try:
        office.person.insert("ludmila")
        seen = _since(office)
        office.until(
            lambda: any(
                re.match("page-(pin|card-refused|out-of-service)", str(node["id"]))
                for node in office.hands.everything()
            ),
            "a page that says how it stands",
        )
        assert not seen("FaultCaught")
    finally:
        (office.state / "clock").unlink()
    if any(node["id"] == "end-session" for node in office.hands.everything()):
        office.hands.touch("end-session")
    office.person.pull()
    office.person.gone(60)
    _serves(office)


def test_no_reader(office: Scene, request: pytest.FixtureRequest) -> None:
    """pcscd is killed and comes back, at the welcome and again and again around the moment when a visit takes the screen."""
    office.person.approach()
    folder = office.state / "workbench"
    seen = _since(office)
    os.kill(_pid(office, "--foreground"), signal.SIGKILL)
    office.until(lambda: seen("OutOfService"), "out of service")
    said = " ".join(str(node["name"]) for node in office.hands.everything())
    assert "reader" in said.lower(), said
    lines = (
        ReaderLine(VISITOR_READER, folder / "reader-visitor.sock"),
        ReaderLine(STAFF_READER, folder / "reader-staff.sock"),
    )
    daemon = Pcscd(folder, lines)
    daemon.start()
    request.node.getparent(pytest.Module).addfinalizer(daemon.stop)
    office.until(lambda: seen("Welcome"), "service again, by itself")
    _serves(office)
    for _ in range(4):
        office.person.approach()
        was = office.office.running()["visit"]
        daemon.kill()
        os.kill(int(was), signal.SIGKILL)
        office.until(lambda was=was: office.office.running().get("visit") not in {was, None}, "the successor")
        daemon.start()
        office.until(lambda was=was: office.office.running().get("visit") not in {was, None}, "a visit")
        office.person.approach()  # sees the welcome, or fails
    _serves(office)


def test_the_disk_takes_nothing_in_the_middle_of_an_act(office: Scene) -> None:
    person = office.person
    person.approach()
    account = _facts(office)["accounts"]["marie_third"]
    before = len(office.office.journal())
    agent = int(office.office.running()["agent"])
    limit = resource.prlimit(agent, resource.RLIMIT_FSIZE)
    person.identify("ludmila")
    person.enter_account(account)
    seen = _since(office)
    resource.prlimit(agent, resource.RLIMIT_FSIZE, (4096, limit[1]))
    try:
        person.sign()
        office.until(
            lambda: seen("NothingRecorded") or seen("NotKnownWhetherRecorded"), "the truth about the record", 40
        )
        assert seen("NothingRecorded")
        assert not seen("ShowingReceipt")
        person.hands.touch("end-session")
        person.pull()
        person.gone()
        office.until(lambda: seen("OutOfService"), "out of service for the next visitor")
    finally:
        resource.prlimit(agent, resource.RLIMIT_FSIZE, limit)
    office.until(lambda: seen("Welcome"), "service again, by itself", 60)
    assert len(office.office.journal()) == before
    _serves(office)


READ_ONLY = """
import subprocess, sys
from pathlib import Path
sys.path[:0] = [{root!r}, {tests!r}]
from fakes.journals import append, entry, open_journal
from offline_cache.entries import JournalStatus, Place, Refusal, Unknown
folder = Path(sys.argv[1])
journal = open_journal(folder)
before = [append(journal).id for _ in range(5)]
journal.close()
subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
journal = open_journal(folder)
refused = entry()
outcome = journal.append(refused)
assert isinstance(outcome, (Refusal, Unknown)), outcome
assert journal.status is not JournalStatus.OK, journal.detail
subprocess.run(["mount", "-o", "remount,rw", str(folder)], check=True)
journal.recover()
again = journal.append(refused)
assert isinstance(again, Place), (again, journal.status, journal.detail)
assert again.seq == 6
assert [found.id for found in journal.waiting(limit=99, most_bytes=1 << 30)] == [*before, refused.id]
print("served again")
"""


@pytest.mark.skipif(not _may_mount(), reason="this machine lets nobody mount a disk")
def test_a_disk_that_became_read_only(tmp_path: Path) -> None:
    script, small = tmp_path / "read_only.py", tmp_path / "small"
    script.write_text(READ_ONLY.format(root=str(ROOT), tests=str(ROOT / "tests")))
    small.mkdir()
    shell = f"mount -t tmpfs -o size=8m none {small} && exec {sys.executable} {script} {small}"
    done = subprocess.run([*NAMESPACE, "sh", "-c", shell], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout.strip()) == (0, "served again"), done.stderr
