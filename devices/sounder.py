"""The terminal's speaker: short bundled tones, played by `aplay` (alsa-utils), or noted by the workbench.

Rules:
- Nothing waits for a sound, and no sound is worth a fault: what cannot be played is a state, which the agent reports.
- One tone at a time. A player that hangs is ended before the next one.
- Sounds have names of our own; nothing a person can cause reaches a command line.
"""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

SOUNDS = Path(__file__).parent / "sounds"
WORKBENCH = "workbench"
"""The name in the configuration for the speaker of the workbench."""
PLAYER = "aplay"
LONGEST_SECONDS = 3.0
"""A bundled tone has less than one second; a player that takes longer hangs."""
ONLINE, NO_DEVICE, BROKEN = "ONLINE", "NODEVICE", "HWERROR"


class Speaker(Protocol):
    """What every speaker can do; calls return at once."""

    def play(self, name: str) -> None:
        """Play the bundled tone of this name."""

    def state(self) -> str:
        """Say how it is: `ONLINE`, `NODEVICE` or `HWERROR`."""

    def close(self) -> None:
        """End what is playing."""


class NoSpeaker:
    """A terminal without one: silent."""

    def play(self, name: str) -> None:
        """Play nothing."""

    def state(self) -> str:
        """Say so."""
        return NO_DEVICE

    def close(self) -> None:
        """Nothing is playing."""


class AlsaSpeaker:
    """Plays through an ALSA device; `changed` is called on a thread of its own when the state has changed."""

    def __init__(self, device: str, changed: Callable[[str], None] = lambda _state: None, *, player: str = PLAYER) -> None:
        self._device = device
        self._changed = changed
        self._player = shutil.which(player)
        self._state = ONLINE if self._player else BROKEN
        self._playing: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def state(self) -> str:
        """Say how the last tone went; before the first, whether there is a player at all."""
        return self._state

    def play(self, name: str) -> None:
        """Begin to play, unless a tone is playing."""
        file = SOUNDS / f"{name}.wav"
        with self._lock:
            if self._player is None or self._playing is not None:
                return
            command = [self._player, "-q", "-D", self._device, str(file)]
            quiet = subprocess.DEVNULL
            try:  # our file, and a device that the configuration names
                playing = subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet)  # noqa: S603
            except OSError:
                playing = None
            self._playing = playing
        if playing is None:
            self._now(BROKEN)
        else:
            threading.Thread(target=self._wait, args=(playing,), name="speaker", daemon=True).start()

    def _wait(self, playing: subprocess.Popen[bytes]) -> None:
        try:
            code = playing.wait(LONGEST_SECONDS)
        except subprocess.TimeoutExpired:
            playing.kill()
            playing.wait()
            code = -1
        with self._lock:
            self._playing = None
        self._now(ONLINE if code == 0 else BROKEN)

    def _now(self, state: str) -> None:
        if state != self._state:
            self._state = state
            self._changed(state)

    def close(self) -> None:
        """End what is playing."""
        with self._lock:
            if self._playing is not None:
                self._playing.kill()


class WorkbenchSpeaker:
    """Tells the workbench the name of each tone, in one datagram; nobody there is no fault."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.settimeout(0)

    def play(self, name: str) -> None:
        """Send it."""
        with contextlib.suppress(OSError):
            self._socket.sendto(name.encode("ascii"), str(self._path))

    def state(self) -> str:
        """Say whether a workbench listens there."""
        return ONLINE if self._path.is_socket() else NO_DEVICE

    def close(self) -> None:
        """Hang up."""
        self._socket.close()


def speaker_of(device: str, bench: Path, changed: Callable[[str], None] = lambda _state: None) -> Speaker:
    """Return the speaker that the configuration names; `bench` is where the workbench listens."""
    if not device:
        return NoSpeaker()
    return WorkbenchSpeaker(bench) if device == WORKBENCH else AlsaSpeaker(device, changed)
