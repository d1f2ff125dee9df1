"""What one back office works with: its folder, settings, scheme, database, clock and keys, opened together.

Rules:
- The server, the desk and every command line open the same thing the same way; nothing is global.
- The clock is the machine's moved by STATE/clock, so that waits can be tried out without waiting.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from back_office.database import migrate, open_database
from back_office.keyring import Keyring
from back_office.repository import timestamp
from back_office.settings import FILE, Settings, load_settings, parse_settings, write_settings
from kiosk.domain.errors import EnvironmentFault
from kiosk.schemes import load_scheme
from kiosk.system import Clock, FileClock, Ids, SystemIds

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from back_office.database import Connection, Database
    from kiosk.domain.scheme import Scheme

DATABASE = "back-office/back_office.db"
CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class Installation:
    """One opened back office."""

    state: Path
    settings: Settings
    scheme: Scheme
    database: Database
    clock: Clock
    ids: Ids
    keyring: Keyring

    @contextmanager
    def work(self) -> Iterator[Work]:
        """Begin one unit of work; it is durable when the block has ended without an exception."""
        with self.database.write() as db:
            yield Work(db, self, self.clock.now())


@dataclass(frozen=True, slots=True)
class Work:
    """One open transaction that may change things, and the moment at which all of it happens."""

    db: Connection
    it: Installation
    at: datetime

    @property
    def time(self) -> str:
        """The moment as the database keeps it."""
        return timestamp(self.at)


def state_folder(named: Path | None) -> Path:
    """Choose the state folder: the one named, or $GUICHET_STATE, or .guichet."""
    return named if named is not None else Path(os.environ.get("GUICHET_STATE", ".guichet"))


@contextmanager
def open_installation(
    state: Path, *, settings: Settings | None = None, database: str | None = None
) -> Iterator[Installation]:
    """Open STATE, bring its schema up to date, close it at the end. Raises EnvironmentFault naming what is missing.

    `database` is the URL of a PostgreSQL database, instead of the one in the settings.
    """
    if settings is None:
        settings = load_settings(state)
    if database is not None:
        settings = with_database(settings, database)
    if not settings.database.url and not (state / DATABASE).is_file():
        raise EnvironmentFault(f"There is no {state / DATABASE}.", f"Run: guichet back-office init --state {state}")
    with _opened(state, settings) as opened:
        yield opened


def with_database(settings: Settings, url: str) -> Settings:
    """Take another database, checked as the settings file would be. Raises EnvironmentFault."""
    wanted = replace(settings, database=replace(settings.database, url=url))
    return parse_settings(write_settings(wanted), "--database")


def open_record(state: Path, settings: Settings) -> Database:
    """Open the database alone, as it is; close it afterwards. Raises EnvironmentFault."""
    return open_database(settings.database.url or state / DATABASE, connections=settings.database.connections)


@contextmanager
def _opened(state: Path, settings: Settings) -> Iterator[Installation]:
    clock = FileClock(state / CLOCK)
    database = open_record(state, settings)
    try:
        migrate(database)
        yield Installation(
            state, settings, load_scheme(settings.scheme), database, clock, SystemIds(clock), Keyring(state)
        )
    finally:
        database.close()


@contextmanager
def create_installation(state: Path, settings: Settings, settings_text: str) -> Iterator[Installation]:
    """Make what `open_installation` needs, apart from the keys; what is there already stays. Raises EnvironmentFault."""
    path = state / FILE
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.write_text(settings_text, encoding="utf-8")
    except OSError as error:
        raise EnvironmentFault(
            f"{path} cannot be made ({error.strerror}).", "Give --state a folder you may write to."
        ) from error
    with _opened(state, settings) as opened:
        yield opened
