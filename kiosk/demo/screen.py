"""A virtual display with its own session and accessibility bus, for machines that have none."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from kiosk.domain.errors import EnvironmentFault


class VirtualScreen:
    """Xvfb and a private session bus; `environment` leads programs to both."""

    def __init__(self, width: int, height: int, server_arguments: tuple[str, ...] = ()) -> None:
        for program in ("Xvfb", "dbus-daemon", "xdotool"):
            if shutil.which(program) is None:
                raise EnvironmentFault(
                    f"{program} is not installed.", "Run ./setup.sh, or: apt-get install xvfb dbus xdotool"
                )
        self._folder = Path(tempfile.mkdtemp(prefix="guichet-screen-"))
        self._xvfb = self._start_display(width, height, server_arguments)
        self._bus = self._start_bus()

    def _start_display(self, width: int, height: int, more: tuple[str, ...]) -> subprocess.Popen[bytes]:
        read, write = os.pipe()
        command = ["setpriv", "--pdeathsig", "TERM", "Xvfb", "-displayfd", str(write), "-screen", "0",
                   f"{width}x{height}x24", "-nolisten", "tcp", "-noreset", *more]  # fmt: skip
        child = subprocess.Popen(command, pass_fds=[write], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603
        os.close(write)
        with os.fdopen(read) as reply:
            number = reply.readline().strip()
        if not number:
            raise EnvironmentFault("Xvfb did not start.", "Run `Xvfb :99` by hand and see what it says.")
        self.display = f":{number}"
        return child

    def _start_bus(self) -> subprocess.Popen[str]:
        command = ["setpriv", "--pdeathsig", "TERM", "dbus-daemon", "--session", "--nofork", "--print-address=1"]
        environment = {**os.environ, "DISPLAY": self.display, "XDG_RUNTIME_DIR": str(self._folder)}
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment)  # noqa: S603
        if child.stdout is None or not (address := child.stdout.readline().strip()):
            raise EnvironmentFault("dbus-daemon did not start.", "Run `dbus-daemon --session` by hand.")
        self.address = address
        return child

    @property
    def environment(self) -> dict[str, str]:
        """What a program needs to draw here and to be read by assistive technology."""
        return {
            "DISPLAY": self.display,
            "DBUS_SESSION_BUS_ADDRESS": self.address,
            "XDG_RUNTIME_DIR": str(self._folder),
            "QT_QPA_PLATFORM": "xcb",
            "QT_QUICK_BACKEND": "software",
            "QT_ACCESSIBILITY": "1",
            "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
            "NO_AT_BRIDGE": "0",
        }

    def close(self) -> None:
        """Take the display and the bus away."""
        for child in (self._bus, self._xvfb):
            child.terminate()
            child.wait(10)
        if self._bus.stdout:
            self._bus.stdout.close()
        shutil.rmtree(self._folder, ignore_errors=True)
