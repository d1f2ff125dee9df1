"""Promise 12: no secret in the repository, in logs, on a command line, or in the environment of another process.

The attack: a whole office is set up and enrolled and serves a visit with a card whose PIN nobody could guess, while every
process on the machine is looked at again and again, from outside, as any program of the same user could. Then everything
that was written or shown is searched for every secret there is: private keys, the journal's key, PIN, PUK, the one-time
code. The repository is searched for what looks like a secret at all.
"""

from __future__ import annotations

import base64
import json
import re
import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from kiosk.demo.processes import Processes
from tests.e2e.leftovers import on_disk
from tests.fault.office_scene import Scene, scene
from tests.fault.test_promise_03_pin import unguessed

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
OTHERS = 0o077
LOOK_SECONDS = 0.01


class Onlooker:
    """Reads command line and environment of every process, for as long as it is there."""

    def __init__(self) -> None:
        self.seen: dict[bytes, set[bytes]] = {"cmdline": set(), "environ": set()}  # type: ignore[dict-item]
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            for process in Path("/proc").iterdir():
                if not process.name.isdigit():
                    continue
                for what, seen in self.seen.items():
                    try:
                        seen.add((process / str(what)).read_bytes())
                    except OSError:
                        continue

    def close(self) -> None:
        self._over.set()
        self._thread.join()


class Run:
    """One office, what was seen of it, and its secrets."""

    def __init__(self, office: Scene, onlooker: Onlooker, code: str, pins: tuple[str, ...]) -> None:
        self.office, self.onlooker, self.code, self.pins = office, onlooker, code, pins

    def secrets(self) -> dict[str, list[bytes]]:
        """Each secret by where it belongs, in the forms in which it might be written down."""
        state = self.office.state
        found: dict[str, list[bytes]] = {"the one-time code": [self.code.encode(), self.code.replace("-", "").encode()]}
        found["a PIN or PUK"] = [pin.encode() for pin in self.pins]
        for path in sorted([*state.glob("pki/*.key"), *state.glob("terminal/keys/*")]):
            found[path.name] = _forms(path.read_bytes())
        for path in sorted(state.glob("cards/*.json")):
            for slot, key in json.loads(path.read_text("utf-8"))["keys"].items():
                found[f"{path.stem} {slot}"] = _forms(key["private_key"].encode())
        return found


def _forms(key: bytes) -> list[bytes]:
    """A key as text, as the lines of its private half, and as a number."""
    if b"PRIVATE KEY" not in key:
        text = key.strip()
        raw = bytes.fromhex(text.decode("ascii")) if re.fullmatch(rb"[0-9A-Fa-f]{32,}", text) else key
        return [raw, raw.hex().encode(), raw.hex().upper().encode(), base64.b64encode(raw)[:-4]]
    lines = [line for line in key.splitlines() if len(line) > 40 and b"-----" not in line]
    numbers = load_pem_private_key(key, None).private_numbers()  # type: ignore[union-attr]
    number = getattr(numbers, "private_value", None) or numbers.d  # type: ignore[union-attr]
    private = lines[1:2] if len(lines) < 8 else lines[8:]  # the rest is the public key or the modulus
    return [
        *private,
        f"{number:x}".encode(),
        str(number).encode(),
        number.to_bytes(256 if number.bit_length() > 256 else 32, "big"),
    ]


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    onlooker = Onlooker()
    said: list[str] = []
    patch = pytest.MonkeyPatch()
    plain = Processes.run

    def listening(self: Processes, *arguments: str, text: str = "", seconds: float = 60) -> str:
        answer = plain(self, *arguments, text=text, seconds=seconds)
        if arguments[:2] == ("back-office", "enrolment-code"):
            said.append(answer)
        return answer

    patch.setattr(Processes, "run", listening)
    try:
        with scene() as office:
            pin, puk = unguessed(), unguessed()
            path = office.state / "cards" / "marie.json"
            card = json.loads(path.read_text("utf-8")) | {"pin": pin, "puk": puk}
            path.write_text(json.dumps(card), "utf-8")
            facts = json.loads((office.state / "demo.json").read_text("utf-8"))
            person = office.person
            person.insert("marie")
            person.hands.see("page-pin")
            person.type_pin(pin)
            person.hands.see("page-menu")
            person.enter_account(facts["accounts"]["marie_second"])
            person.hands.touch("sign")
            person.type_pin(pin)
            person.receipt()
            person.finish()
            onlooker.close()
            code = next(word for word in said[0].split() if len(word.replace("-", "")) == 10)
            yield Run(office, onlooker, code, (pin, puk))
    finally:
        onlooker.close()
        patch.undo()


def test_no_secret_on_a_command_line_or_in_an_environment(run: Run) -> None:
    for what, seen in run.onlooker.seen.items():
        texts = [text for text in seen if text]
        assert len(texts) > 5
        for name, forms in run.secrets().items():
            hits = [text[:300] for text in texts for form in forms if form in text]
            assert not hits, f"{name} in {what!r}: {hits}"
    commands = run.onlooker.seen["cmdline"]  # type: ignore[index]
    for word in (b"supervisor\0", b"agent\0", b"visit\0", b"enroll\0", b"back-office\0serve\0", b"pcscd\0"):
        assert any(word in command for command in commands), f"the onlooker missed {word!r}"


def test_no_secret_in_any_log(run: Run) -> None:
    state = run.office.state
    logs = [
        path for path in state.rglob("*") if path.is_file() and (path.suffix == ".log" or path.parent.name == "log")
    ]
    assert {"supervisor.log", "back-office.log", "pcscd.log"} <= {path.name for path in logs}
    for name, forms in run.secrets().items():
        assert not on_disk(logs, forms), name


def test_the_one_time_code_is_kept_nowhere(run: Run) -> None:
    """Not in the database (its hash is), not at the terminal, not in a log."""
    assert not on_disk([run.office.state], run.secrets()["the one-time code"])


def test_terminal_secrets_lie_in_their_own_closed_files_only(run: Run) -> None:
    state = run.office.state
    for path in [*state.glob("pki/*.key"), *state.glob("terminal/keys/*")]:
        assert not path.stat().st_mode & OTHERS, path
    assert not (state / "terminal").stat().st_mode & OTHERS
    for name, forms in run.secrets().items():
        if name in {"journal.key", "receipt.key", "terminal.key"}:
            hits = [hit for hit in on_disk([state], forms) if "/terminal/keys/" not in hit]
            assert not hits, hits
        if name == "a PIN or PUK":
            hits = [hit for hit in on_disk([state], forms) if "/cards/" not in hit]
            assert not hits, hits


def test_the_sockets_of_the_terminal_are_their_user_s(run: Run) -> None:
    for name in ("terminal/agent.sock", "workbench/control.sock"):
        assert not (run.office.state / name).stat().st_mode & OTHERS, name


# --- the repository ----------------------------------------------------------------------------------

SECRETS = {
    "a private key": re.compile(rb"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s*(?:\\n)?[A-Za-z0-9+/]{40}"),
    "a private key in base64": re.compile(rb"\bMI(?:GHAgEAMBMGByqGSM49|IE[0-9A-Za-z+/]{2}IBADANBgkqhkiG9w0)"),
    "a key of JOSE": re.compile(rb'"d"\s*:\s*"[A-Za-z0-9_-]{40,}"'),
    "a password": re.compile(
        rb"""(?i)\b(?:password|passwd|secret|token|api_?key)\b["']?\s*[:=]\s*["'][^"'{}\s<>$]{8,}["']"""
    ),
    "a key of a cloud": re.compile(rb"\b(?:AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}|xox[baprs]-[A-Za-z0-9-]{10,})"),
    "a PIN": re.compile(rb"""(?i)\b(?:pin|puk)\b["']?\s*[:=]\s*["'][0-9]{4,12}["']"""),
}
FIXTURES = ("tests/", "kiosk/demo/", "back_office/demo/")
"""Synthetic people and their cards; everything there is the demonstration's and says so."""


def _tracked() -> list[Path]:
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if done.returncode:
        pytest.skip("this is no checkout")
    return [ROOT / name for name in done.stdout.decode().split("\0") if name]


def test_nothing_in_the_repository_looks_like_a_secret() -> None:
    found = []
    for path in _tracked():
        if not path.is_file():
            continue
        name = str(path.relative_to(ROOT))
        for what, pattern in SECRETS.items():
            if what in {"a PIN", "a password"} and name.startswith(FIXTURES):
                continue
            found += [f"{name}: {what}: {match[0][:60]!r}" for match in pattern.finditer(path.read_bytes())]
    assert not [one for one in found if not one.startswith("tests/conformance/vectors/")], found


def test_the_search_finds_what_it_looks_for() -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    for key in (ec.generate_private_key(ec.SECP256R1()), rsa.generate_private_key(65537, 2048)):
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        assert SECRETS["a private key"].search(pem)
        assert SECRETS["a private key in base64"].search(b"".join(pem.splitlines()[1:-1]))
    assert SECRETS["a password"].search(b'password = "correct horse"'.replace(b" horse", b"-horse"))
    assert SECRETS["a PIN"].search(b'pin: "4711"')


def test_no_state_or_key_file_is_tracked() -> None:
    names = [str(path.relative_to(ROOT)) for path in _tracked()]
    wrong = [
        n
        for n in names
        if n.endswith((".key", ".db", ".p12", ".pfx", ".eml", ".sock")) or n.startswith((".guichet", "demo-output"))
    ]
    assert not wrong
