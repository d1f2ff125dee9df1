"""Bad input: whatever is wrong on a command line, in a file, on a socket or in a request gets an answer that names the place
and the remedy; nothing is lost, and no traceback is shown to a person.

The attack: every verb with every kind of wrong word, missing file and damaged file, through the one entry point. A command
line that is wrong ends with exit code 2 and a last line on standard error in which the place can be read.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from back_office_bench import fresh_state
from fakes.back_office import FakeBackOffice
from fakes.terminal import Terminal

from kiosk.__main__ import main

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]


def _said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    try:
        code = main(list(arguments))
    except SystemExit as left:
        code = int(left.code or 0)
    told = capsys.readouterr()
    return code, told.err


def _judge(code: int, error: str, *words: str) -> None:
    assert code == 2, (code, error)
    assert "Traceback" not in error
    lines = error.strip().splitlines()
    assert lines, "it said nothing"
    assert len(lines) == 1 or lines[0].startswith("usage:"), error
    for word in words:
        assert word in lines[-1], f"{word!r} is not in {lines[-1]!r}"


# --- command lines -----------------------------------------------------------------------------------

WRONG_WORDS = [
    ("",),
    ("fly",),
    ("--fly",),
    ("card",),
    ("card", "show", "--slot"),
    ("card", "fly"),
    ("journal",),
    ("journal", "fly"),
    ("journal", "show"),
    ("journal", "list", "--only", "lost"),
    ("journal", "export"),
    ("provision",),
    ("provision", "enroll"),
    ("provision", "fly"),
    ("back-office",),
    ("back-office", "fly"),
    ("back-office", "init", "--port", "many"),
    ("back-office", "seed", "--persons", "some"),
    ("back-office", "enrolment-code", "--terminal", "7", "--office", "101", "--technician", "T"),
    ("back-office", "terminal", "suspend", "T0007"),
    ("back-office", "terminal", "suspend", "kiosk", "--reason", "r"),
    ("back-office", "clock"),
    ("back-office", "clock", "--add", "soon"),
    ("back-office", "pay"),
    ("back-office", "pay", "--date", "yesterday"),
    ("desk",),
    ("desk", "decide", "1", "--officer", "alena", "--reason", "r"),
    ("desk", "decide", "1", "--officer", "alena", "--approve"),
    ("desk", "answer", "one", "--officer", "alena"),
    ("desk", "serve", "--port", "70000"),
    ("partner",),
    ("partner", "bank", "--port", "-1"),
    ("partner", "messages", "--sms-port", "x"),
    ("workbench", "fly"),
    ("workbench", "insert"),
    ("demo", "--fly"),
    ("visit", "--fly"),
    ("agent", "--supervisor-pid", "me"),
    ("supervisor", "--fly"),
]


@pytest.mark.parametrize("words", WRONG_WORDS, ids=" ".join)
def test_wrong_words_are_answered_with_the_right_ones(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    _judge(*_said(capsys, *words))


NOTHING_THERE = [
    (("journal", "list"), "journal"),
    (("journal", "show", "1"), "journal"),
    (("journal", "export", "--to", "{state}/out"), "journal"),
    (("provision", "enroll", "--code", "ABCDE12345", "--back-office", "https://127.0.0.1:1"), "root"),
    (("provision", "enroll", "--code", "ABCDE12345", "--back-office", "not a url"), ""),
    (("back-office", "serve"), "settings.toml"),
    (("back-office", "seed"), "settings.toml"),
    (("back-office", "seed", "--persons", "2"), "--persons"),
    (("back-office", "terminal", "list"), "settings.toml"),
    (("back-office", "audit", "verify"), "settings.toml"),
    (("back-office", "rotate-sealing-key"), "settings.toml"),
    (("back-office", "revoke-card", "1", "--reason", "r"), "settings.toml"),
    (("back-office", "pay", "--date", "2026-12-01"), "settings.toml"),
    (("desk", "list"), "settings.toml"),
    (("desk", "show", "1"), "settings.toml"),
    (("workbench", "insert", "marie"), "control.sock"),
    (("workbench", "status"), "control.sock"),
    (("workbench", "--forward", "here:there", "--headless"), "--forward"),
    (("partner", "bank", "--tls", "--port", "0"), "customers.json"),
    (("partner", "messages", "--tls", "--smtp-port", "0", "--sms-port", "0"), "pki"),
]


@pytest.mark.parametrize(
    ("words", "place"), NOTHING_THERE, ids=lambda value: " ".join(value) if isinstance(value, tuple) else None
)
def test_an_empty_state_folder_is_named_with_the_remedy(
    words: tuple[str, ...], place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [word.format(state=tmp_path) for word in words]
    _judge(*_said(capsys, *arguments, "--state", str(tmp_path)), place)


# --- files -------------------------------------------------------------------------------------------

NONSENSE = {
    "empty": b"",
    "binary": bytes(range(256)),
    "an open bracket": b"[",
    "another kind": b"[[1]]",
    "not UTF-8": b'a = "\xff"',
}
"""What may stand in a file instead of what should."""


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Path]:
    with fresh_state(tmp_path) as made:
        yield made


@pytest.mark.parametrize("text", [
    'scheme = "cz"\n[server]\nport = 99999\n', "scheme = 7\n", "color = 'red'\n", "[server\n", "server = 3\n", "[partners]\nbank_url = 'x'\n",
    "[server]\nport = nan\n", "[terminal]\nx = [1]\n", "\0",
])  # fmt: skip
def test_settings_that_are_wrong_name_file_and_line(
    text: str, office: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (office / "back-office" / "settings.toml").write_text(text)
    _judge(*_said(capsys, "back-office", "terminal", "list", "--state", str(office)), "settings.toml", "line")


@pytest.mark.parametrize("what", sorted(set(NONSENSE) - {"empty"}))  # empty: settings by default, a new database
@pytest.mark.parametrize("name", ["back-office/settings.toml", "back-office/back_office.db"])
def test_a_damaged_file_of_the_back_office_is_named(
    what: str, name: str, office: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for stale in office.glob(f"{name}-*"):
        stale.unlink()
    (office / name).write_bytes(NONSENSE[what] * 40)
    _judge(*_said(capsys, "back-office", "terminal", "list", "--state", str(office)), Path(name).name)


@pytest.mark.parametrize("text", ["tomorrow", "\0", "1e9", "99999999999999"])
def test_a_clock_file_that_is_wrong_is_named(text: str, office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (office / "clock").write_text(text)
    _judge(*_said(capsys, "back-office", "clock", "--show", "--state", str(office)), str(office / "clock"))


@pytest.fixture(scope="module")
def enrolled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A terminal that is enrolled, with an empty journal; each test takes a copy."""
    state = tmp_path_factory.mktemp("enrolled")
    back_office = FakeBackOffice(state)
    back_office.start()
    terminal = Terminal(state, back_office)
    terminal.start()
    terminal.stop()
    terminal.close()
    back_office.stop()
    return state


def _break_each(state: Path) -> list[str]:
    return sorted(str(path.relative_to(state)) for path in [
        state / "terminal" / "terminal.toml", state / "terminal" / "enrolment.json", state / "terminal" / "root.pem",
        state / "terminal" / "keys" / "terminal.key", state / "terminal" / "keys" / "journal.key",
        state / "terminal" / "keys" / "receipt.key",
    ])  # fmt: skip


def test_a_damaged_file_of_the_terminal_is_named_by_its_agent(enrolled: Path, tmp_path: Path) -> None:
    """Every file, with every nonsense: one line, exit code 2. One interpreter takes them all, for they are many."""
    cases = []
    for name in _break_each(enrolled):
        for what, data in NONSENSE.items():
            if (name, what) == ("terminal/terminal.toml", "empty"):
                continue  # says that the address of the back office is missing: covered by its own test
            state = tmp_path / f"{len(cases)}"
            shutil.copytree(enrolled, state, ignore=shutil.ignore_patterns("*.sock", "pki"))
            (state / name).write_bytes(data)
            (state / name).chmod(0o600)
            cases.append([name, what, str(state)])
    script = (
        "import contextlib, io, json, sys\n"
        "from kiosk.__main__ import main\n"
        "for name, what, state in json.load(sys.stdin):\n"
        "    told = io.StringIO()\n"
        "    with contextlib.redirect_stderr(told):\n"
        "        try:\n"
        "            code = main(['agent', '--state', state, '--log', state + '/agent.log'])\n"
        "        except BaseException as error:\n"
        "            code = repr(error)\n"
        "    print(json.dumps([name, what, code, told.getvalue()]), flush=True)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        timeout=90,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(cases), done.stderr
    wrong = []
    for name, what, code, told in answers:
        try:
            _judge(code, told, Path(name).name)
        except AssertionError as failure:
            wrong.append(f"{name}, {what}: {str(failure)[:300]}")
    assert not wrong, "\n".join(wrong)


def test_a_visit_that_cannot_start_says_one_line(enrolled: Path, tmp_path: Path) -> None:
    def empty(state: Path) -> None:
        (state / "terminal" / "root.pem").unlink()

    def clock(state: Path) -> None:
        (state / "clock").write_text("tomorrow")

    cases: list[tuple[Callable[[Path], None], tuple[str, ...], str]] = [
        (empty, (), "root.pem"), (clock, (), "clock"), (lambda _: None, ("--size", "large"), "--size"),
    ]  # fmt: skip
    for number, (spoil, more, place) in enumerate(cases):
        state = tmp_path / str(number)
        shutil.copytree(enrolled, state, ignore=shutil.ignore_patterns("*.sock"))
        spoil(state)
        done = subprocess.run(
            [sys.executable, "-m", "kiosk", "visit", "--state", str(state), *more], stdin=subprocess.DEVNULL,
            capture_output=True, text=True, check=False, cwd=ROOT, env={**os.environ, "QT_QPA_PLATFORM": "offscreen"}, timeout=30,
        )  # fmt: skip
        _judge(done.returncode, done.stderr, place)


def test_a_damaged_journal_is_named(enrolled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    state = tmp_path / "s"
    shutil.copytree(enrolled, state, ignore=shutil.ignore_patterns("*.sock"))
    (state / "terminal" / "journal.db").write_bytes(bytes(8192))
    _judge(*_said(capsys, "journal", "list", "--state", str(state)), str(state))
    assert (state / "terminal" / "journal.db").read_bytes() == bytes(8192)


@pytest.mark.parametrize(
    "wanted", ["0", "-1", "99999999999999999999999", "A", "0007-0000-0000", "\u0661", "' OR 1=1 --"]
)
def test_an_entry_that_is_not_there_is_named(wanted: str, enrolled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, error = _said(capsys, "journal", "show", "--state", str(enrolled), "--", wanted)
    _judge(code, error, wanted)


@pytest.mark.parametrize("what", sorted(NONSENSE))
def test_a_damaged_card_file_is_named(what: str, tmp_path: Path) -> None:
    from devices.simulators.card_file import read_card_file
    from kiosk.domain.errors import EnvironmentFault

    path = tmp_path / "marie.json"
    path.write_bytes(NONSENSE[what])
    with pytest.raises(EnvironmentFault) as fault:
        read_card_file(path)
    assert str(path) in fault.value.what
    assert fault.value.remedy


def test_a_state_folder_that_is_a_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "state"
    path.write_text("")
    for words in (
        ("back-office", "init"),
        ("back-office", "clock", "--add", "1d"),
        ("journal", "list"),
        ("agent",),
        ("supervisor",),
    ):
        _judge(*_said(capsys, *words, "--state", str(path)), str(path))


# --- the enrolment code, by itself --------------------------------------------------------------------


@pytest.mark.parametrize("code", ["", "short", "ABCDE1234!", "A" * 5000, "ABCDE\u0661\u06612345"])
def test_a_code_that_is_none_is_refused_before_anything_is_sent(
    code: str, enrolled: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (enrolled / "terminal" / "keys" / "terminal.key").read_bytes()
    answer = _said(
        capsys,
        "provision",
        "enroll",
        f"--code={code}",
        "--back-office",
        "https://127.0.0.1:1",
        "--state",
        str(enrolled),
    )
    _judge(*answer)
    assert (enrolled / "terminal" / "keys" / "terminal.key").read_bytes() == before


# --- codes that are scanned ---------------------------------------------------------------------------

SCANNED = [
    "",
    "GR1:",
    "GR1:!!!!",
    "GR1:" + "A" * 10_000,
    "GR2:AAAA",
    "https://example.org",
    "\0\0",
    "GR1:\u0661",
    "' OR 1=1 --",
    "GR1:" + "00" * 150,
]


@pytest.mark.parametrize("text", SCANNED)
def test_a_scanned_code_that_is_none_is_a_problem_and_no_fault(text: str) -> None:
    from kiosk.wire import receipt
    from kiosk.wire.problem import Problem

    read = receipt.verify_statement(text, _terminal_ca(), frozenset())
    assert isinstance(read, Problem), read


def _terminal_ca():
    from cryptography import x509

    from tests.card_bench import authority

    found = authority().card_ca
    assert isinstance(found, x509.Certificate)
    return found


def test_nonsense_on_the_agent_s_socket_ends_that_connection_only(enrolled: Path, tmp_path: Path) -> None:
    """(The frames themselves are fuzzed in tests/unit/link.) The agent serves the next one."""
    back_office = FakeBackOffice(tmp_path)
    back_office.start()
    terminal = Terminal(tmp_path, back_office)
    try:
        terminal.start()
        for data in (
            b"\0",
            b"\xff" * 64,
            b"GET / HTTP/1.1\r\n\r\n",
            b"\0\0\0\x01\xc1",
            b"\0\0\0\x02\x93\x01",
            b"\x7f\xff\xff\xff",
        ):
            with socket.socket(socket.AF_UNIX) as stranger:
                stranger.settimeout(5)
                stranger.connect(str(terminal.folder.socket))
                stranger.sendall(data)
                stranger.shutdown(socket.SHUT_WR)
                while stranger.recv(4096):
                    pass
        link, _ = terminal.visit()
        assert link is not None
        assert "Traceback" not in terminal.log()
    finally:
        terminal.close()
        back_office.stop()
