"""The command line, and the workbench as a process of its own with the real pcscd."""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from workbench_benches import EchoServer, controlled, running_bench, short_state

from devices.receipt_layout import Cut, Words
from devices.receipt_printer import ReceiptPrinter
from devices.simulators.pin_pad import EntryRules
from kiosk.domain.errors import EnvironmentFault
from workbench import cli
from workbench.verbs import VERBS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from workbench.bench import Bench

ROOT = Path(__file__).parents[3]
VERB = ROOT / "tests" / "fakes" / "verb.py"


def run(*arguments: str, state: Path | None = None) -> int:
    """Run a command line as `guichet` does."""
    parser = argparse.ArgumentParser(prog="guichet")
    cli.add_parser(parser.add_subparsers(dest="verb", required=True))
    args = parser.parse_args(["workbench", *arguments])
    if args.state is None:
        args.state = state
    return int(args.run(args))


@pytest.fixture
def bench() -> Iterator[Bench]:
    server = EchoServer()
    with short_state() as state, running_bench(state, (0, server.port)) as made, controlled(made):
        yield made
    server.close()


def says(capsys: pytest.CaptureFixture[str], bench: Bench, *arguments: str) -> str:
    assert run(*arguments, state=bench.state) == 0
    return capsys.readouterr().out


def test_verbs_from_the_command_line(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    assert "Marie Novotná, test card" in says(capsys, bench, "cards")
    assert says(capsys, bench, "insert", "marie") == ""
    assert "in the visitor reader" in says(capsys, bench, "cards")
    bench.slots["visitor"].pad.begin(EntryRules(6, 8))
    says(capsys, bench, "wait", "pad", "--timeout", "5")
    says(capsys, bench, "press", "12")
    status = says(capsys, bench, "status")
    assert "visitor   card marie        pad asks for PIN, 2 digits typed" in status
    assert "staff     card none" in status
    assert "PCSCLITE_CSOCK_NAME=" in status
    says(capsys, bench, "network", "off")
    assert "network   off" in says(capsys, bench, "status")
    says(capsys, bench, "pull")
    says(capsys, bench, "printer", "jam")
    assert json.loads(says(capsys, bench, "status", "--json"))["status"]["printer"] == "jam"


def test_paper_is_shown_with_the_place_of_its_picture(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    for word in ("one", "two"):
        ReceiptPrinter(bench.folder / "printer").print([Words(word), Cut()])
    assert says(capsys, bench, "paper") == (
        f"--- 1: {bench.folder}/paper/001.png\none\n--- 2: {bench.folder}/paper/002.png\ntwo\n"
    )
    assert "one" not in says(capsys, bench, "paper", "--last")
    assert "one" in says(capsys, bench, "wait", "paper", "--count", "0")


def test_the_state_may_stand_before_or_after_the_verb(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["--state", str(bench.state), "status"], ["status", "--state", str(bench.state)]):
        assert run(*arguments, state=Path("/nowhere")) == 0
    assert "printer" in capsys.readouterr().out


def test_a_refusal_is_an_environment_fault_with_its_remedy(bench: Bench) -> None:
    with pytest.raises(EnvironmentFault, match="josef, marie"):
        run("insert", "nobody", state=bench.state)
    with pytest.raises(EnvironmentFault, match="wait pad"):
        run("press", "123456", "enter", state=bench.state)


def test_without_a_workbench_it_says_how_to_start_one(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match=rf"guichet workbench --state {tmp_path}"):
        run("status", state=tmp_path)


@pytest.mark.parametrize(
    "arguments",
    [("dance",), ("insert",), ("insert", "a", "b"), ("printer", "broken"), ("network", "maybe"), ("wait", "luck"),
     ("insert", "a", "--slot", "left"), ("wait", "pad", "--timeout", "soon"), ("--forward", "80"), ("--forward", "a:b"),
     ("--forward", "70000:1"), ("--forward", "1:0")],
)  # fmt: skip
def test_wrong_usage_ends_with_two_and_one_line(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run(*arguments)
    assert ended.value.code == 2
    assert "error:" in capsys.readouterr().err


def test_help_of_each_verb_says_what_it_does(capsys: pytest.CaptureFixture[str]) -> None:
    for verb in ("", *VERBS):
        with pytest.raises(SystemExit) as ended:
            run(*([verb] if verb else []), "--help")
        assert ended.value.code == 0
        text = " ".join(capsys.readouterr().out.split())
        assert len(text) > 100
        for other in VERBS if not verb else ():
            assert other in text
        if verb:
            assert VERBS[verb].help[1:] in text


def test_without_a_display_the_window_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(EnvironmentFault, match="--headless"):
        run(state=tmp_path)
    assert not (tmp_path / "workbench").exists()


def test_a_verb_needs_nothing_heavy() -> None:
    """A round trip is quick because the command line imports little."""
    code = (
        "import sys, workbench.cli, workbench.client\n"
        "heavy = {'PIL', 'PySide6', 'cryptography', 'escpos', 'smartcard', 'asyncio', 'ctypes'} & set(sys.modules)\n"
        "sys.exit(', '.join(sorted(heavy)) or 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


# --- as a process --------------------------------------------------------------------------------


class Running:
    """`guichet workbench --headless` in a process of its own."""

    def __init__(self, state: Path, *arguments: str) -> None:
        command = [sys.executable, "-W", "error", str(VERB), "workbench.cli", "workbench", "--state", str(state)]
        self.process = subprocess.Popen(
            [*command, "--headless", "--print-env", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.first = self.process.stdout.readline().strip()

    def close(self) -> tuple[int, str]:
        self.process.terminate()
        _, errors = self.process.communicate(timeout=20)
        return self.process.returncode, errors


@contextmanager
def running(state: Path, *arguments: str) -> Iterator[Running]:
    made = Running(state, *arguments)
    try:
        yield made
    finally:
        if made.process.poll() is None:
            made.process.kill()
        made.process.communicate(timeout=20)


def children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline, pause = time.monotonic() + seconds, threading.Event()
    while not condition():
        assert time.monotonic() < deadline
        pause.wait(0.01)


def outside(first: str, *command: str) -> str:
    """Run an outside PC/SC client with the variable that was printed."""
    name, _, value = first.partition("=")
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=30, env={**os.environ, name: value}
    )
    return done.stdout + done.stderr


def test_outside_clients_find_the_readers_by_the_first_line() -> None:
    with short_state() as state, running(state) as workbench:
        assert workbench.first == f"PCSCLITE_CSOCK_NAME={state}/workbench/pcscd.comm"
        assert run("insert", "marie", state=state) == 0
        listed = outside(workbench.first, "opensc-tool", "--list-readers")
        assert "Guichet Visitor" in listed
        assert "Guichet Staff" in listed
        code, errors = workbench.close()
        assert (code, errors) == (0, "")
        assert {path.name for path in (state / "workbench").iterdir()} <= {"paper", "lock", "pcscd.log", "reader.conf"}


@pytest.mark.parametrize("end", ["SIGTERM", "SIGINT", "SIGKILL", "stop"])
def test_however_it_ends_pcscd_ends_with_it(end: str) -> None:
    with short_state() as state, running(state) as workbench:
        daemons = children(workbench.process.pid)
        assert len(daemons) == 1
        if end == "stop":
            assert run("stop", state=state) == 0
        else:
            workbench.process.send_signal(signal.Signals[end])
        code = workbench.process.wait(20)
        assert code == (-signal.SIGKILL if end == "SIGKILL" else 0)
        until(lambda: not any(alive(pid) for pid in daemons))
        with running(state) as again:  # what a kill left does not hinder the next one
            assert again.first == workbench.first
            assert again.close()[0] == 0


def test_a_second_one_is_refused_in_one_line() -> None:
    with short_state() as state, running(state) as workbench:
        second = Running(state)
        code, errors = second.close()
        assert code == 2
        assert len(errors.splitlines()) == 1
        assert str(workbench.process.pid) in errors


def test_a_port_that_is_taken_ends_it_cleanly() -> None:
    server = EchoServer()
    with short_state() as state:
        refused = Running(state, "--forward", f"{server.port}:1")
        code, errors = refused.close()
        assert code == 2
        assert "--forward" in errors
        assert not (state / "workbench" / "control.sock").exists()
        with running(state) as workbench:
            assert workbench.close()[0] == 0
    server.close()


def test_the_status_of_a_running_one(capsys: pytest.CaptureFixture[str]) -> None:
    server = EchoServer()
    with short_state() as state, running(state, "--forward", f"0:{server.port}") as workbench:
        assert run("status", "--json", state=state) == 0
        status: dict[str, Any] = json.loads(capsys.readouterr().out)["status"]
        assert status["reader_service"] == "running"
        assert status["network"] == "on"
        assert status["pid"] == workbench.process.pid
        assert workbench.first in status["environment"]
        for daemon in children(workbench.process.pid):
            os.kill(daemon, signal.SIGKILL)
        until(lambda: run("status", state=state) == 0 and "pcscd ended" in capsys.readouterr().out)
        assert workbench.close()[0] == 0
    server.close()
