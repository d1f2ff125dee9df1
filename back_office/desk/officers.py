"""Who may sign in at the desk, and how often a password may be guessed.

Rules:
- Passwords are kept as Argon2id hashes (RFC 9106), an unknown name takes as long as a wrong password, and both get one answer.
- Guessing closes the way it came: a name from an address, then the address; a name as a whole only after fifty failures a day,
  so that nobody locks a colleague out from the next room.
- Every sign-in and every failure is in the audit log; what was typed as a name is not, unless an officer has it.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import argon2

from back_office import audit
from back_office.repository import desk, terminals
from back_office.repository.desk import Officer
from kiosk.domain.audit import Actor
from kiosk.domain.errors import EnvironmentFault
from kiosk.domain.lockout import Throttle, closed_until

if TYPE_CHECKING:
    from datetime import datetime

    from back_office.installation import Installation, Work

SHORTEST_PASSWORD, LONGEST_PASSWORD = 10, 200
_ID = re.compile(r"[a-z][a-z0-9.-]{1,31}", re.ASCII)
_NAME_AT_ADDRESS = Throttle(limit=5, window=timedelta(minutes=15), closed_for=timedelta(minutes=15))
_ADDRESS = Throttle(limit=20, window=timedelta(minutes=15), closed_for=timedelta(minutes=15))
_NAME = Throttle(limit=50, window=timedelta(days=1), closed_for=timedelta(hours=1))
_MOST_PLACES = 5_000
_HASHER = argon2.PasswordHasher()
_NOBODY = _HASHER.hash("the password of nobody")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The officer is who they say."""

    officer: Officer


@dataclass(frozen=True, slots=True)
class WrongPassword:
    """Name or password is wrong; which one is not told."""


@dataclass(frozen=True, slots=True)
class SignInClosed:
    """Too many failures; the right password does not help before `until`."""

    until: datetime


SignIn = SignedIn | WrongPassword | SignInClosed


def add_officer(work: Work, *, officer_id: str, name: str, office: str, password: str) -> Officer:
    """Add an officer, or give a known one a new name, office and password. Raises EnvironmentFault naming what is wrong."""
    if not _ID.fullmatch(officer_id):
        raise EnvironmentFault(
            f"{officer_id[:40]!r} is no sign-in name.", "Use 2 to 32 small letters, digits, dots and hyphens."
        )
    if not name.strip():
        raise EnvironmentFault("The officer has no name.", "Give --name.")
    if terminals.office_name(work.db, office) is None:
        raise EnvironmentFault(f"There is no office {office[:40]!r}.", "Give one that is on file (--office).")
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD or password.lower() in {officer_id, name.lower()}:
        raise EnvironmentFault(
            f"The password must have {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters, and not be the name.",
            "Choose another one.",
        )
    officer = Officer(officer_id, name.strip(), office, _HASHER.hash(password))
    desk.put_officer(work.db, officer)
    actor = Actor("operator", "desk", office)
    audit.record(
        work.db, work.at, actor, "desk.officer.put", officer_id, purpose="administration", details={"office": office}
    )
    return officer


class Door:
    """Lets officers in; remembers failures while the process runs."""

    def __init__(self, it: Installation) -> None:
        self._it = it
        self._failures: dict[tuple[str, str], list[datetime]] = {}
        self._lock = threading.Lock()

    def sign_in(self, officer_id: str, password: str, address: str) -> SignIn:
        """Check a password that came from an address; takes a tenth of a second, so not on an event loop."""
        officer_id = officer_id.strip().lower()
        now = self._it.clock.now()
        until = self._closed(officer_id, address, now)
        if until is not None:
            return SignInClosed(until)
        with self._it.database.read() as db:
            known = desk.officer(db, officer_id)
        right = _matches(_NOBODY if known is None else known.password, password[: LONGEST_PASSWORD + 1])
        if known is None or not right:
            self._failed(officer_id, address, now)
            self._note(known, "desk.sign_in.failed")
            return WrongPassword()
        with self._lock:
            self._failures.pop((officer_id, address), None)
        self._note(known, "desk.signed_in")
        return SignedIn(known)

    def _closed(self, officer_id: str, address: str, now: datetime) -> datetime | None:
        with self._lock:
            found = [
                closed_until(self._failures.get(place, ()), now, throttle)
                for place, throttle in _places(officer_id, address)
            ]
        return max((until for until in found if until is not None), default=None)

    def _failed(self, officer_id: str, address: str, now: datetime) -> None:
        with self._lock:
            if len(self._failures) > _MOST_PLACES:
                self._failures = {
                    place: times for place, times in self._failures.items() if times[-1] > now - _NAME.window
                }
            for place, throttle in _places(officer_id, address):
                times = self._failures.setdefault(place, [])
                times.append(now)
                del times[: -throttle.limit]

    def _note(self, known: Officer | None, action: str) -> None:
        actor = Actor("officer", "unknown") if known is None else Actor("officer", known.id, known.office)
        with self._it.work() as work:
            audit.record(work.db, work.at, actor, action, actor.number, purpose="desk")


def _places(officer_id: str, address: str) -> tuple[tuple[tuple[str, str], Throttle], ...]:
    return (((officer_id, address), _NAME_AT_ADDRESS), (("", address), _ADDRESS), ((officer_id, ""), _NAME))


def _matches(kept: str, password: str) -> bool:
    try:
        return _HASHER.verify(kept, password)
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False


def named(it: Installation, officer_id: str) -> Officer:
    """Find an officer by sign-in name. Raises EnvironmentFault when there is none."""
    with it.database.read() as db:
        officer = desk.officer(db, officer_id)
    if officer is None:
        raise EnvironmentFault(f"There is no officer {officer_id[:40]!r}.", "Add one: guichet desk officer add.")
    return officer
