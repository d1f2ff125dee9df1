"""Promise 3: the PIN is never in a process of ours when a pad verifies it; never logged, never in a crash dump.

The attack: the card side of a visit runs as a process of its own against a real pcscd, its driver and a simulated pad.
Three ears listen: at the transport (every APDU and control buffer), on the socket between libpcsclite and pcscd (every
byte, both ways), and in the memory of the visit's process and of pcscd, while the visit still runs. A right PIN, a wrong
one and a changed mind (typed, cleared, cancelled) are typed; only the pad and the card, which are this test, may know them.
"""

from __future__ import annotations

import inspect
import os
import secrets
import select
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from devices.simulators.pcscd import SOCKET_VARIABLE
from devices.simulators.slot import BLOCKING_PAD, REPORTING_PAD
from kiosk.system import close_memory
from tests.card_bench import CardPlan, authority, issue, shared_bench, typing
from tests.e2e.leftovers import in_memory, needles, on_disk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from devices.simulators.slot import Feature

CLIENT = Path(__file__).with_name("pin_client.py")
PR_GET_DUMPABLE = 3


def unguessed(other: str = "") -> str:
    """Eight digits that stand in no table by chance."""
    while True:
        digits = "".join(secrets.choice("0123456789") for _ in range(8))
        if len(set(digits)) >= 6 and digits != other:
            return digits


class Tap:
    """Stands between a PC/SC client and pcscd on their socket and keeps what passes."""

    def __init__(self, path: Path, target: Path) -> None:
        self.heard = bytearray()
        self._target = target
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen(8)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            daemon = socket.socket(socket.AF_UNIX)
            daemon.connect(str(self._target))
            threading.Thread(target=self._carry, args=(client, daemon), daemon=True).start()

    def _carry(self, client: socket.socket, daemon: socket.socket) -> None:
        other = {client: daemon, daemon: client}
        with client, daemon:
            while True:
                for one in select.select([client, daemon], [], [])[0]:
                    try:
                        data = one.recv(65_536)
                        self.heard += data
                        if not data:
                            return
                        other[one].sendall(data)
                    except OSError:
                        return

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


class Client:
    """The visit's card side, told what to do."""

    def __init__(self, folder: Path, pcsc_socket: Path) -> None:
        self.trace = folder / "trace"
        self._log = (folder / "client.log").open("wb")
        (folder / "anchors.pem").write_bytes(authority().pem)
        self.process = subprocess.Popen(
            [sys.executable, str(CLIENT), str(self.trace), str(folder / "anchors.pem")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, text=True,
            env={**os.environ, SOCKET_VARIABLE: str(pcsc_socket)},
        )  # fmt: skip

    def do(self, act: str) -> str:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(act + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def close(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()
        self._log.close()


@pytest.fixture
def short_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Short enough for the names of sockets."""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="guichet-") as folder:
        yield Path(folder)


def _forms(pin: str) -> list[bytes]:
    """A PIN as it may lie somewhere: text, Qt's text, a card's block, packed digits, Python's digits as numbers."""
    packed = bytes.fromhex(pin)
    return [*needles(pin, pin[::-1]), pin.encode().ljust(8, b"\xff"), packed + b"\xff\xff", bytes(map(int, pin))]


@pytest.mark.parametrize("features", [REPORTING_PAD, BLOCKING_PAD], ids=["reporting pad", "blocking pad"])
def test_no_pin_passes_the_visit_s_side(features: tuple[Feature, ...], short_folder: Path) -> None:
    right, wrong = unguessed(), unguessed()
    bench = shared_bench(features)
    tap = Tap(short_folder / "tap", bench.pcscd.socket_path)
    client = Client(short_folder, short_folder / "tap")
    forms = [*_forms(right), *_forms(wrong)]
    try:
        bench.insert(issue(CardPlan(changes={"pin": right})))
        assert client.do("examine") == "Genuine"
        for keys, outcome in (
            ((wrong, "enter"), "PinWrong"),
            ((right, "clear", wrong[:5], "cancel"), "PinCancelled"),
            ((right, "enter"), "PinAccepted"),
        ):
            with typing(bench.visitor, *[key for word in keys for key in ([word] if word.isalpha() else list(word))]):
                assert client.do("pin") == outcome
        assert client.do("sign") == "Signed"

        # the scan itself can see: this process is pad and card, and the visit's memory holds what the visit knows
        assert in_memory(os.getpid(), [right.encode()])
        assert in_memory(client.process.pid, [b"Guichet Visitor"])
        assert bench.pcscd.pid is not None
        assert not in_memory(client.process.pid, forms)
        assert not in_memory(bench.pcscd.pid, forms)

        counted = client.do("counted")
        assert (counted != "[]") == (features is REPORTING_PAD)
    finally:
        client.close()
        tap.close()
        bench.visitor.remove()

    lines = client.trace.read_text("ascii").splitlines()
    buffers = [bytes.fromhex(line.partition(" ")[2]) for line in lines]
    assert any(line.startswith("control-") for line in lines)
    assert not [line for line, buffer in zip(lines, buffers, strict=True) if any(form in buffer for form in forms)]
    verifies = [
        buffer for line, buffer in zip(lines, buffers, strict=True) if line.startswith("command") and buffer[1] == 0x20
    ]
    assert all(len(command) <= 5 for command in verifies), "VERIFY with data was sent past the pad"
    assert len(tap.heard) > 1000
    assert not [form for form in forms if form in tap.heard]
    assert not on_disk([short_folder, bench.pcscd.log_path], forms)


def test_the_pad_tells_of_keys_and_never_which(short_folder: Path) -> None:
    """GET_KEY_PRESSED answers `+` for a digit, whichever it was: two PINs look the same on the wire."""
    traces = []
    for pin in ("13572468", "99999999"):
        bench = shared_bench(REPORTING_PAD)
        folder = short_folder / pin
        folder.mkdir()
        client = Client(folder, bench.pcscd.socket_path)
        try:
            bench.insert(issue(CardPlan(changes={"pin": pin})))
            assert client.do("examine") == "Genuine"
            with typing(bench.visitor, *pin, "enter"):
                assert client.do("pin") == "PinAccepted"
            assert client.do("counted") == "[1, 2, 3, 4, 5, 6, 7, 8]"
        finally:
            client.close()
            bench.visitor.remove()
        pressed = [
            line.partition(" ")[2]
            for line in client.trace.read_text("ascii").splitlines()
            if line.startswith("control-answer")
        ]
        traces.append([key for key in pressed if key in {"2b", "0d", "9000"}])
    assert traces[0] == traces[1]
    assert traces[0].count("2b") == 8


TOLD = (
    "import ctypes, resource, sys, types, argparse\n"
    "from pathlib import Path\n"
    "def told(*a, **k):\n"
    f"    d = ctypes.CDLL(None).prctl({PR_GET_DUMPABLE}, 0, 0, 0, 0)\n"
    "    heavy = sorted({'PySide6', 'smartcard', 'devices', 'ui', 'cryptography', 'sqlcipher3', 'requests'} & set(sys.modules))\n"
    "    print(d, *resource.getrlimit(resource.RLIMIT_CORE), heavy)\n"
    "    raise SystemExit\n"
    "def instead(name, **parts):\n"
    "    sys.modules[name] = fake = types.ModuleType(name)\n"
    "    vars(fake).update(parts)\n"
)
STARTS = {
    "visit": "instead('kiosk.visit.process', VisitProcess=told)\n"
    "from kiosk.visit import cli\n"
    "cli.run(argparse.Namespace(state=None, size='1x1', position='0,0', fullscreen=False, log=None))\n",
    "agent": "instead('kiosk.agent.process', only_agent=told, serve_until_signal=None)\n"
    "from kiosk.agent import cli\n"
    "cli.run(argparse.Namespace(state=Path(sys.argv[1]), supervisor_pid=[], log=None))\n",
    "supervisor": "instead('kiosk.supervisor.process', Supervisor=told)\n"
    "from kiosk.supervisor import cli\n"
    "cli.run(argparse.Namespace(state=Path(sys.argv[1]), visit_argument=[], log=None))\n",
}


@pytest.mark.parametrize("process", STARTS)
def test_a_process_closes_its_memory_before_it_loads_anything(process: str, short_folder: Path) -> None:
    """Core dumps off and not dumpable (a piped core pattern ignores the limit) before the first heavy import."""
    done = subprocess.run(
        [sys.executable, "-c", TOLD + STARTS[process], str(short_folder)],
        capture_output=True, text=True, check=False, cwd=CLIENT.parents[2],
    )  # fmt: skip
    assert done.stdout.strip() == "0 0 0 []", done.stderr


READER = """
import subprocess, sys
for wanted in ("open", "closed"):
    with subprocess.Popen([sys.executable, "-c", sys.argv[1], wanted], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        child.stdout.readline()
        try:
            open(f"/proc/{child.pid}/mem", "rb").close()
            print(wanted, "read")
        except PermissionError:
            print(wanted, "refused")
        child.stdin.close()
"""


def test_the_same_user_may_not_read_a_closed_memory() -> None:
    """Root's privilege to read everything is laid down first; the open child shows that the attempt is a real one."""
    target = "import ctypes, resource, sys\nPR_SET_DUMPABLE = 4\n" + inspect.getsource(close_memory)
    target += "if sys.argv[1] == 'closed':\n    close_memory()\nprint(flush=True)\nsys.stdin.read()\n"
    powerless = ["setpriv", "--bounding-set", "-all", "--inh-caps", "-all"] if os.geteuid() == 0 else []
    done = subprocess.run(
        [*powerless, sys.executable, "-I", "-c", READER, target], capture_output=True, text=True, check=False, cwd="/"
    )
    assert done.stdout.splitlines() == ["open read", "closed refused"], done.stderr


def test_a_visit_that_crashes_leaves_no_core(short_folder: Path) -> None:
    """The kernel is asked for a core by a signal; the limit inherited from a careless shell is unlimited."""
    script = (
        "import os, resource, signal\n"
        "hard = resource.getrlimit(resource.RLIMIT_CORE)[1]\n"
        "resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))\n"
        "from kiosk.system import close_memory\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        f"    os.chdir({str(short_folder)!r})\n"
        "    close_memory()\n"
        "    os.kill(os.getpid(), signal.SIGSEGV)\n"
        "status = os.waitpid(child, 0)[1]\n"
        "print(os.WTERMSIG(status), os.WCOREDUMP(status))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=CLIENT.parents[2]
    )
    assert done.stdout.split() == ["11", "False"], done.stderr
    assert not list(short_folder.iterdir())


def test_what_the_tap_stands_on_is_the_client_s_only_way(short_folder: Path) -> None:
    """Without the tap in between there is no reader: nothing could have gone around it."""
    client = Client(short_folder, short_folder / "nobody")
    try:
        assert client.do("examine") != "Genuine"
    finally:
        client.close()
