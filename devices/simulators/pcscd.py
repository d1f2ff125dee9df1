"""A private pcscd for bench and tests: its own socket, its own readers, beside whatever the machine runs.

Rules:
- pcscd's socket path is compiled in, but it takes a socket from whoever starts it (systemd's activation protocol): it gets
  ours as descriptor 3. Clients find it by PCSCLITE_CSOCK_NAME, which libpcsclite reads once in a process.
- The daemon dies with the thread that started it (PR_SET_PDEATHSIG is per thread): start it from the main thread.
- pcscd refuses a reader whose socket is not there yet: serve the slots first.
- A killed daemon leaves a socket that refuses connections, as a crashed one does; `start` makes a fresh one.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    from types import TracebackType

SOCKET_VARIABLE = "PCSCLITE_CSOCK_NAME"
DRIVER_FOLDER = Path(__file__).parent / "ifd"
DRIVER = DRIVER_FOLDER / "build" / "libifdguichet.so"

_READY_LINE = b"daemon ready"
_START_SECONDS = 60.0
_STOP_SECONDS = 5.0
_POLL_SECONDS = 0.002
_ON_DESCRIPTOR_3 = 'exec 3<&0 0</dev/null; export LISTEN_PID=$$ LISTEN_FDS=1; exec "$@"'
"""The listening socket comes as standard input; only the shell knows the process id that pcscd will have."""


@dataclass(frozen=True, slots=True)
class ReaderLine:
    """One reader of the daemon: its name, and the socket where its slot is served."""

    name: str
    socket_path: Path


def build_driver() -> Path:
    """Build the reader driver when it is missing or older than its source; gives its path."""
    if shutil.which("make") is None:
        raise EnvironmentFault("make is missing.", "Install the Debian packages make, gcc and libpcsclite-dev.")
    command = ["make", "-s", "-C", str(DRIVER_FOLDER)]
    made = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if made.returncode or not DRIVER.is_file():
        last = (made.stderr or made.stdout).strip().splitlines()[-1:] or ["no message"]
        raise EnvironmentFault(
            f"The reader driver in {DRIVER_FOLDER} does not build: {last[0]}.", "Install gcc and libpcsclite-dev."
        )
    return DRIVER


class Pcscd:
    """A daemon over a folder for its files; a context manager."""

    def __init__(self, folder: Path, readers: tuple[ReaderLine, ...], *, driver: Path = DRIVER) -> None:
        self.folder = folder
        self.socket_path = folder / "pcscd.comm"
        self.log_path = folder / "pcscd.log"
        self._readers = readers
        self._driver = driver
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def environment(self) -> dict[str, str]:
        """Give the environment with which a client finds this daemon."""
        return {**os.environ, SOCKET_VARIABLE: str(self.socket_path)}

    def start(self) -> None:
        """Start and wait until it serves; raises `EnvironmentFault` when it cannot."""
        daemon = shutil.which("pcscd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
        if daemon is None:
            raise EnvironmentFault("pcscd is missing.", "Install the Debian package pcscd.")
        if not self._driver.is_file():
            raise EnvironmentFault(f"The reader driver {self._driver} is missing.", "Run make setup.")
        self.folder.mkdir(parents=True, exist_ok=True)
        configuration = self.folder / "reader.conf"
        configuration.write_text("".join(self._section(reader) for reader in self._readers), encoding="utf-8")
        command = ["/bin/sh", "-c", _ON_DESCRIPTOR_3, "sh"]
        if shutil.which("setpriv"):
            command += ["setpriv", "--pdeathsig", "TERM"]
        command += [daemon, "--foreground", "--info", "--config", str(configuration)]
        with _listen(self.socket_path) as listener, self.log_path.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603
                command, stdin=listener.fileno(), stdout=log, stderr=subprocess.STDOUT
            )
        self._await_ready()

    def stop(self) -> None:
        """End it in order; harmless when it does not run."""
        self._end(signal.SIGTERM)
        self.socket_path.unlink(missing_ok=True)

    def kill(self) -> None:
        """End it as a crash would; the socket stays and refuses."""
        self._end(signal.SIGKILL)

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()

    def _section(self, reader: ReaderLine) -> str:
        if not reader.socket_path.exists():
            raise EnvironmentFault(
                f"Nobody serves {reader.name} at {reader.socket_path}.", "Start the simulated reader first."
            )
        for path in (self._driver, reader.socket_path):
            if any(character.isspace() or character == '"' for character in str(path)):
                raise EnvironmentFault(f"pcscd takes no spaces in {path}.", "Use a folder without spaces.")
        return f'FRIENDLYNAME "{reader.name}"\nDEVICENAME {reader.socket_path}\nLIBPATH {self._driver}\nCHANNELID 0\n\n'

    def _await_ready(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while _READY_LINE not in self.log_path.read_bytes():
            if self._process is None or self._process.poll() is not None or time.monotonic() > deadline:
                lines = self.log_path.read_text("utf-8", "replace").strip().splitlines()
                why = next((line for line in lines if "rror" in line), lines[-1] if lines else "no message")
                self._end(signal.SIGKILL)
                raise EnvironmentFault(f"pcscd did not start: {why}.", f"See {self.log_path}.")
            time.sleep(_POLL_SECONDS)

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        process.send_signal(how)
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _listen(path: Path) -> socket.socket:
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    try:
        listener.bind(str(path))
        path.chmod(0o600)
        listener.listen(64)
    except OSError as error:
        listener.close()
        raise EnvironmentFault(f"Cannot listen at {path}: {error}.", "Use a shorter or another folder.") from error
    return listener
