"""Child processes of a demonstration: started with a log each, ended together, never outliving their parent."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

STOP_SECONDS = 10.0


def free_ports(count: int) -> list[int]:
    """Ports of the loopback interface that nobody listens on now."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


class Processes:
    """The children, in the order of their start."""

    def __init__(self, state: Path, environment: dict[str, str]) -> None:
        self._logs = state / "log"
        self._logs.mkdir(parents=True, exist_ok=True)
        self.environment = environment
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def log(self, name: str) -> Path:
        """Where a child's output goes."""
        return self._logs / f"{name}.log"

    def start(self, name: str, *arguments: str) -> subprocess.Popen[bytes]:
        """Start `guichet ARGUMENTS`; the kernel ends it when this process dies."""
        command = ["setpriv", "--pdeathsig", "TERM", sys.executable, "-m", "kiosk", *arguments]
        with self.log(name).open("ab") as log:
            child = subprocess.Popen(  # noqa: S603
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, env=self.environment
            )
        self._running[name] = child
        return child

    def run(self, *arguments: str, text: str = "", seconds: float = 60) -> str:
        """Run `guichet ARGUMENTS` to its end and give what it printed."""
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "kiosk", *arguments], input=text, capture_output=True, text=True,
            env=self.environment, timeout=seconds, check=False,
        )  # fmt: skip
        if done.returncode != 0:
            said = (done.stderr or done.stdout).strip().splitlines()
            raise EnvironmentFault(
                f"`guichet {' '.join(arguments)}` ended with {done.returncode}: {said[-1] if said else 'no word'}",
                f"Its log may say more: {self._logs}.",
            )
        return done.stdout

    def wait_until(self, ready: Callable[[], bool], name: str, seconds: float = 30) -> None:
        """Wait until a child is ready; say why when it is not."""
        deadline = time.monotonic() + seconds
        child = self._running[name]
        while not ready():
            if child.poll() is not None:
                raise EnvironmentFault(f"{name} ended at once: {self._last_words(name)}", f"See {self.log(name)}.")
            if time.monotonic() > deadline:
                raise EnvironmentFault(f"{name} was not ready after {seconds:.0f} s.", f"See {self.log(name)}.")
            select.select([], [], [], 0.02)

    def _last_words(self, name: str) -> str:
        lines = self.log(name).read_text("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing"

    def wait_for(self, name: str) -> None:
        """Wait until a child ends by itself."""
        self._running[name].wait()

    def kill(self, name: str) -> None:
        """SIGKILL, as a power cut would."""
        child = self._running.pop(name)
        child.kill()
        child.wait()

    def stop(self, names: Sequence[str] | None = None) -> None:
        """End children in the opposite order of their start; whoever does not listen is killed."""
        for name in [n for n in reversed(self._running) if names is None or n in names]:
            child = self._running.pop(name)
            child.send_signal(signal.SIGTERM)
            try:
                child.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def listening(port: int) -> bool:
    """Whether somebody listens on this loopback port."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def plain_environment(state: Path, **changes: str) -> dict[str, str]:
    """Give the environment of the children: this one's, without what could redirect them."""
    dropped = {"REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "PCSCLITE_CSOCK_NAME"}
    kept = {k: v for k, v in os.environ.items() if k not in dropped}
    return {**kept, "GUICHET_STATE": str(state), "PYTHONUNBUFFERED": "1", **changes}
