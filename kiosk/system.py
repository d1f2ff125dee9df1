"""The one module that asks the machine for the time and for randomness, and to keep a process' memory to itself.

Rules:
- Everything else takes a `Clock` or an `Ids` as a parameter, so that a test decides what time it is.
- Wall time is aware UTC; waiting is measured on the monotonic clock.
- Randomness is the operating system's (`secrets`), never a seeded generator.
- Every process of a terminal calls `close_memory` before it loads anything else.
"""

from __future__ import annotations

import ctypes
import os
import resource
import secrets
import threading
import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    from pathlib import Path

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O, U, so that a code survives being read aloud."""

PR_SET_DUMPABLE = 4
"""prctl(2)."""

_REMEDY = "Write the number of seconds as one integer into it, or delete it."


def close_memory() -> None:
    """Ask for no core dumps, and that no other process of the same user may read this one's memory.

    The limit also binds a core pattern that is a file; a piped one ignores it, and heeds PR_SET_DUMPABLE (core(5)).
    Children inherit the limit; they close their memory themselves, for execve(2) opens it again.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


def give_memory_back() -> None:
    """Return to the system what starting needed and nobody uses any more (malloc_trim(3)); nothing where there is no glibc."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


class Clock(Protocol):
    """What time it is."""

    def now(self) -> datetime:
        """Wall time, aware, UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never go backwards, from an arbitrary start."""
        ...


class Ids(Protocol):
    """New names and secrets."""

    def new(self) -> str:
        """Make a UUIDv7 (RFC 9562 5.7) in its 36-character form, later ones greater than earlier ones."""
        ...

    def token(self, n_bytes: int) -> bytes:
        """`n_bytes` unpredictable bytes."""
        ...

    def digits(self, n: int) -> str:
        """`n` unpredictable decimal digits."""
        ...

    def crockford(self, n: int) -> str:
        """`n` unpredictable characters of Crockford's base 32 (5 bits each)."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Wall time, aware, UTC."""
        return datetime.now(UTC)  # noqa: TID251 - this is the door

    def monotonic(self) -> float:
        """Seconds of the machine's monotonic clock."""
        return time.monotonic()


class FileClock:
    """The machine's clock moved by the seconds in a file, so that a demonstration can wait a fortnight.

    A missing file means no offset. The monotonic clock is not moved. A file that holds anything but one integer
    of at most a hundred years is an `EnvironmentFault` for `offset` and `add`, and for `now` until it has once told
    the time: a process that runs goes on with the offset it understood last, whatever the file has become.
    """

    _LIMIT = 100 * 366 * 86_400

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int, int] | None = None
        self._offset = timedelta()
        self._told = False

    def now(self) -> datetime:
        """Wall time plus the offset, aware, UTC."""
        try:
            offset = self.offset()
        except EnvironmentFault:
            if not self._told:
                raise
            offset = self._offset
        self._told = True
        return datetime.now(UTC) + offset  # noqa: TID251 - this is the door

    def monotonic(self) -> float:
        """Seconds of the machine's monotonic clock."""
        return time.monotonic()

    def offset(self) -> timedelta:
        """How far the clock is moved; the file is read again only when it has changed."""
        try:
            stat = self._path.stat()
            seen = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
            if seen != self._seen:
                self._offset = self._parse(self._path.read_text("ascii", "replace"))
                self._seen = seen
        except FileNotFoundError:
            self._seen, self._offset = None, timedelta()
        except OSError as error:
            raise EnvironmentFault(
                f"The clock file {self._path} cannot be read ({error.strerror}).", _REMEDY
            ) from error
        return self._offset

    def add(self, delta: timedelta) -> timedelta:
        """Move the clock by `delta`, for every process that reads the same file; answers the whole offset."""
        total = self.offset() + delta
        seconds = int(total.total_seconds())
        self._parse(str(seconds))
        draft = self._path.with_name(f"{self._path.name}.{os.getpid()}.new")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            draft.write_text(f"{seconds}\n", "ascii")
            draft.replace(self._path)
        except OSError as error:
            raise EnvironmentFault(
                f"The clock file {self._path} cannot be written ({error.strerror}).", "Free space, or make it writable."
            ) from error
        return self.offset()

    def _parse(self, text: str) -> timedelta:
        try:
            seconds = int(text.strip() or "0")
        except ValueError:
            seconds = self._LIMIT + 1
        if abs(seconds) > self._LIMIT:
            raise EnvironmentFault(
                f"The clock file {self._path} holds {text.strip()[:40]!r}, not a number of seconds.", _REMEDY
            )
        return timedelta(seconds=seconds)


class SystemIds:
    """Names and secrets from the operating system.

    `new` follows RFC 9562 5.7 with 12 bits of sub-millisecond time (6.2, method 3) and never repeats or
    goes back within one process, whatever the clock does.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._last = 0
        self._lock = threading.Lock()

    def new(self) -> str:
        """Make a UUIDv7 in its 36-character form."""
        since = self._clock.now() - datetime(1970, 1, 1, tzinfo=UTC)
        micros = (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
        millis, rest = divmod(micros, 1_000)
        stamp = millis << 12 | rest * 4_096 // 1_000
        with self._lock:
            stamp = self._last = max(stamp, self._last + 1)
        value = (stamp >> 12) << 80 | 7 << 76 | (stamp & 0xFFF) << 64 | 2 << 62 | secrets.randbits(62)
        return str(uuid.UUID(int=value))

    def token(self, n_bytes: int) -> bytes:
        """`n_bytes` unpredictable bytes."""
        return secrets.token_bytes(n_bytes)

    def digits(self, n: int) -> str:
        """`n` unpredictable decimal digits."""
        return "".join(secrets.choice("0123456789") for _ in range(n))

    def crockford(self, n: int) -> str:
        """`n` unpredictable characters of Crockford's base 32."""
        return "".join(secrets.choice(CROCKFORD) for _ in range(n))
