"""What is on the virtual display, read from its frame buffer, and a finger that taps on it.

Rules:
- The frame buffer is a file that the X server maps (Xvfb -fbdir): reading it asks nobody and holds nobody up.
- A tap is a press and a release through the XTEST extension, as a touch panel's driver would send them.
- A page has arrived when the points that it changed look as they do once the page has come to rest.
"""

from __future__ import annotations

import ctypes
import mmap
import struct
import time
from typing import TYPE_CHECKING

from kiosk.demo.screen import VirtualScreen
from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ROW_STEP = 48
"""So far apart are the rows that are looked at: on two cores, who looks at more takes time from who draws."""
POINT_STEP = 4
"""Of such a row, every fourth point is compared."""
PAUSE_SECONDS = 0.0005
AT_REST_SECONDS = 0.12
LONGEST_LOOK_SECONDS = 0.6
"""A page with moving pictures never comes to rest; what it looks like then counts as its look."""
ARRIVED_SHARE = 0.97
"""So much of what changed must look like the page at rest; the rest is moving pictures and the clock."""

_XWD_HEADER = struct.Struct(">25I")


class WatchedScreen(VirtualScreen):
    """A virtual display whose pixels can be read."""

    def __init__(self, width: int, height: int, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        super().__init__(width, height, server_arguments=("-fbdir", str(folder)))
        self._file = (folder / "Xvfb_screen0").open("rb")
        self._pixels = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)
        header = _XWD_HEADER.unpack_from(self._pixels)
        size, shown_width, shown_height, depth, stride = header[0], header[4], header[5], header[11], header[12]
        if (shown_width, shown_height, depth) != (width, height, 32):
            raise EnvironmentFault(f"The display has {depth} bits a point.", "Use an Xvfb with 32 bits a point.")
        first = size + 12 * header[19]
        self._rows = [first + y * stride for y in range(0, height, ROW_STEP)]
        self._row_bytes = width * 4
        self.finger = Finger(self.display)

    def look(self) -> bytes:
        """The rows that are looked at, as they are now."""
        pixels, length = self._pixels, self._row_bytes
        return b"".join([pixels[row : row + length] for row in self._rows])

    def tap_and_see(self, x: int, y: int) -> float | None:
        """Tap; seconds until the next page was on the screen, or None when nothing changed."""
        before = self.look()
        began = time.monotonic()
        self.finger.tap(x, y)
        return self.arrival(before, began)

    def arrival(
        self, before: bytes, began: float, *, until: Callable[[], bool] = lambda: True, patience: float = 10.0
    ) -> float | None:
        """Seconds from `began` until what followed `before` had come to the screen; None when nothing followed.

        With `until`, what comes to the screen before it is true is on the way only.
        """
        looks: list[tuple[float, bytes]] = []
        last, changed, there = before, 0.0, 0.0
        while True:
            now = time.monotonic()
            look = self.look()
            if look != last:
                looks.append((time.monotonic() - began, look))
                last, changed = look, now
            there = there or (now if until() else 0.0)
            if there and changed >= there and (now - changed > AT_REST_SECONDS or now - there > LONGEST_LOOK_SECONDS):
                return _arrived(before, looks)
            if now - began > patience:
                return None
            time.sleep(PAUSE_SECONDS)

    def close(self) -> None:
        """Take it away."""
        self.finger.close()
        self._pixels.close()
        self._file.close()
        super().close()


def _arrived(before: bytes, looks: list[tuple[float, bytes]]) -> float:
    """The first look from which on all looks are like the last one, in the points that differ from before."""
    was, final = _points(before), _points(looks[-1][1])
    changed = [i for i, (a, b) in enumerate(zip(was, final, strict=True)) if a != b]
    needed = ARRIVED_SHARE * len(changed)
    arrived = looks[-1][0]
    for at, look in reversed(looks[:-1]):
        points = _points(look)
        if sum(points[i] == final[i] for i in changed) < needed:
            break
        arrived = at
    return arrived


def _points(look: bytes) -> list[int]:
    return memoryview(look).cast("I")[::POINT_STEP].tolist()


class Finger:
    """The pointer of one display, through libX11 and libXtst (which xdotool brings along)."""

    def __init__(self, display: str) -> None:
        self._x11 = ctypes.CDLL("libX11.so.6")
        self._test = ctypes.CDLL("libXtst.so.6")
        self._x11.XOpenDisplay.restype = ctypes.c_void_p
        opened = self._x11.XOpenDisplay(display.encode())
        if not opened:
            raise EnvironmentFault(f"The display {display} cannot be opened.", "Is Xvfb running?")
        self._display = ctypes.c_void_p(opened)

    def tap(self, x: int, y: int) -> None:
        """Press and release there."""
        now = ctypes.c_ulong(0)
        self._test.XTestFakeMotionEvent(self._display, -1, x, y, now)
        self._test.XTestFakeButtonEvent(self._display, 1, 1, now)
        self._test.XTestFakeButtonEvent(self._display, 1, 0, now)
        self._x11.XFlush(self._display)

    def close(self) -> None:
        """Let go."""
        self._x11.XCloseDisplay(self._display)
