"""Kills a program between any two of its writes: at the n-th statement or commit its database says that it is dead.

Rules:
- `Killed` is no `Exception`: nothing in the product may catch it, as nothing catches SIGKILL.
- Once dead, always dead: every later statement of the same life dies as well, whoever makes it.
- Before or after the statement, before or after the commit: the four moments that differ for whoever comes back.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from back_office.database import StorageFault
from back_office.database.port import savepoint

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from back_office.database import Connection, Database
    from back_office.database.port import Cursor, Dialect


class Killed(BaseException):
    """This life is over."""


@dataclass(slots=True)
class Fuse:
    """Burns down by one at each step; at zero the program is killed. None: not lit."""

    left: int | None = None
    dead: bool = False
    steps: int = 0

    def light(self, steps: int) -> None:
        """Kill at the `steps`-th step from now."""
        self.left = steps

    def step(self) -> None:
        """Come to a place where a program can be killed. Raises `Killed`."""
        if self.dead:
            raise Killed
        self.steps += 1
        if self.left is not None:
            self.left -= 1
            if self.left <= 0:
                self.dead = True
                raise Killed


class MortalConnection:
    """One transaction of the back office, in which each write is a place to be killed at."""

    def __init__(self, real: Connection, fuse: Fuse) -> None:
        self._real = real
        self._fuse = fuse

    @property
    def dialect(self) -> Dialect:
        """As the port says."""
        return self._real.dialect

    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> Cursor:
        """As the port says, unless killed before or after."""
        self._fuse.step()
        return self._real.execute(sql, parameters)

    def executemany(self, sql: str, parameters: Iterable[Sequence[Any]], /) -> Cursor:
        """As the port says, unless killed before or after."""
        self._fuse.step()
        return self._real.executemany(sql, parameters)

    def run_script(self, sql: str) -> None:
        """As the port says."""
        self._real.run_script(sql)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


class MortalDatabase:
    """A database of the back office that can be killed, or whose disk can be full."""

    def __init__(self, real: Database, fuse: Fuse) -> None:
        self._real = real
        self._fuse = fuse
        self.full = False

    @property
    def dialect(self) -> Dialect:
        """As the port says."""
        return self._real.dialect

    @property
    def name(self) -> str:
        """As the port says."""
        return self._real.name

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """As the port says."""
        with self._mortal(self._real.write()) as db:
            yield db

    @contextmanager
    def write_alongside(self) -> Iterator[Connection]:
        """As the port says."""
        with self._mortal(self._real.write_alongside()) as db:
            yield db

    @contextmanager
    def _mortal(self, transaction: AbstractContextManager[Connection]) -> Iterator[Connection]:
        self._fuse.step()
        if self.full:
            raise StorageFault("The simulated disk is full.", "Wait.")
        with transaction as db:
            yield MortalConnection(db, self._fuse)
            self._fuse.step()  # killed before the commit
            if self.full:
                raise StorageFault("The simulated disk is full.", "Wait.")
        self._fuse.step()  # killed after the commit, before anybody was told

    def read(self) -> AbstractContextManager[Connection]:
        """As the port says."""
        if self._fuse.dead:
            raise Killed
        return self._real.read()

    def savepoint(self, db: Connection) -> AbstractContextManager[None]:
        """As the port says."""
        return savepoint(db)

    def change_counter(self) -> int:
        """As the port says."""
        return self._real.change_counter()

    def others_counter(self) -> int:
        """As the port says."""
        return self._real.others_counter()

    def close(self) -> None:
        """As the port says."""
        self._real.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


class MortalEngine:
    """The connection under a journal, in which each statement is a place to be killed at, before it or after it."""

    def __init__(self, real: Any, fuse: Fuse) -> None:
        self.real = real
        self._fuse = fuse

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> Any:
        """One statement."""
        self._fuse.step()
        done = self.real.execute(sql, parameters)
        if not sql.startswith(("SELECT", "PRAGMA")):
            self._fuse.step()
        return done

    def close(self) -> None:
        """Close: of a dead program nothing is closed, `Terminal.kill` does it afterwards."""
        if not self._fuse.dead:
            self.real.close()

    def bury(self) -> None:
        """Give the dead program's file back to the machine."""
        self.real.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)
