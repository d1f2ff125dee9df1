"""Who is signed in at the desk page, and for how long.

Rules:
- A session is known by a random 256-bit token; only its SHA-256 is kept, so that memory read later signs nobody in.
- It ends after 15 minutes without an act of the officer, and after 8 hours in any case; signing in again begins a new one.
- Each session has its own token for forms; a form without it changes nothing.
- Sessions live in this process: after a restart everybody signs in again.
"""

from __future__ import annotations

import hashlib
import hmac
import threading
from base64 import urlsafe_b64encode
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from back_office.repository.desk import Officer
    from kiosk.system import Clock, Ids

IDLE_SECONDS = 15 * 60
LONGEST_SECONDS = 8 * 3600
MOST_SESSIONS = 1_000


@dataclass(frozen=True, slots=True)
class Session:
    """One officer signed in; times are of the monotonic clock. `flash` is shown once, on the next page."""

    officer: Officer
    csrf: str
    began: float
    used: float
    flash: str = ""


class Sessions:
    """Every session of this process."""

    def __init__(self, clock: Clock, ids: Ids) -> None:
        self._clock = clock
        self._ids = ids
        self._open: dict[str, Session] = {}
        self._lock = threading.Lock()

    def begin(self, officer: Officer) -> str:
        """Open a session and return its token, for the cookie."""
        token, now = self._random(), self._clock.monotonic()
        with self._lock:
            self._open = {key: kept for key, kept in self._open.items() if _lives(kept, now)}
            while len(self._open) >= MOST_SESSIONS:
                del self._open[min(self._open, key=lambda key: self._open[key].used)]
            self._open[_key(token)] = Session(officer, self._random(), now, now)
        return token

    def find(self, token: str, *, acts: bool) -> Session | None:
        """Find the session of a token; `acts`: the officer did something, so the idle time begins anew."""
        now = self._clock.monotonic()
        with self._lock:
            session = self._open.get(_key(token))
            if session is None or not _lives(session, now):
                self._open.pop(_key(token), None)
                return None
            if acts:
                session = self._open[_key(token)] = replace(session, used=now)
            return session

    def say(self, token: str, flash: str) -> None:
        """Have something said on the officer's next page."""
        with self._lock:
            session = self._open.get(_key(token))
            if session is not None:
                self._open[_key(token)] = replace(session, flash=flash)

    def end(self, token: str) -> None:
        """Sign out."""
        with self._lock:
            self._open.pop(_key(token), None)

    def _random(self) -> str:
        return urlsafe_b64encode(self._ids.token(32)).decode().rstrip("=")


def same(one: str, other: str) -> bool:
    """Compare two tokens in a time that does not depend on them; an empty one is never the same."""
    return bool(one) and hmac.compare_digest(one.encode(), other.encode())


def _lives(session: Session, now: float) -> bool:
    return now - session.used < IDLE_SECONDS and now - session.began < LONGEST_SECONDS


def _key(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
