"""What the back office asks of a database, whichever it is: transactions, statements, rows, and three kinds of error.

Rules:
- SQL is written once, with `?` for values, in the subset that SQLite 3.40 and PostgreSQL 15 share (ON CONFLICT,
  RETURNING, CASE, window functions). Where they must differ, repository/ holds two named texts and takes the one of
  `db.dialect`. A value that only stands in `? IS NULL` is written `CAST(? AS TEXT) IS NULL`.
- Text is compared and sorted by its bytes in both.
- After any error inside a transaction nothing more is done in it, except after the end of a `savepoint` around it:
  PostgreSQL refuses every further statement.
- No message of an error tells a value: what a person wrote may stand in it.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Literal, Protocol

from kiosk.domain.errors import EnvironmentFault, KioskError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager

Dialect = Literal["sqlite", "postgresql"]


class Unfit(KioskError):  # noqa: N818 - what the schema says of the values
    """The schema refuses these values: a constraint, a trigger, text that cannot be kept. The same again fails again."""


class Taken(Unfit):
    """A unique value is there already."""


class StorageFault(EnvironmentFault):
    """Disk, connection, lock or rights: the transaction left nothing (or, cut during its commit, all); try again later."""


class Row(Protocol):
    """One row: `row["name"]`, `row[0]`, `dict(row)`."""

    def __getitem__(self, key: Any, /) -> Any:
        """Give one value, by name or place."""

    def keys(self) -> Iterable[str]:
        """Name the columns."""


class Cursor(Protocol):
    """What a statement gave."""

    @property
    def rowcount(self) -> int:
        """How many rows were written."""

    def fetchone(self) -> Any:
        """Give the next row, None after the last."""

    def fetchall(self) -> list[Any]:
        """Give the rows that are left."""

    def __iter__(self) -> Iterator[Any]:
        """Give the rows that are left, one by one."""


class Connection(Protocol):
    """One open transaction. Every method raises Taken, Unfit or StorageFault."""

    @property
    def dialect(self) -> Dialect:
        """Whose SQL it speaks, where it matters."""

    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> Cursor:
        """Run one statement."""

    def executemany(self, sql: str, parameters: Iterable[Sequence[Any]], /) -> Cursor:
        """Run one statement for each of many rows of values."""

    def run_script(self, sql: str) -> None:
        """Run the statements of a migration, still inside the transaction."""


class Database(Protocol):
    """One opened database."""

    @property
    def dialect(self) -> Dialect:
        """Whose SQL it speaks, where it matters."""

    @property
    def name(self) -> str:
        """What to call it in a message: path, or host and database; never a password."""

    def write(self) -> AbstractContextManager[Connection]:
        """One transaction that may change things; durable when the block has ended without an exception.

        Everybody's, of every process, come one after the other: what one reads, no other changes meanwhile.
        """

    def write_alongside(self) -> AbstractContextManager[Connection]:
        """One transaction that may change things beside others; durable when the block has ended without an exception.

        READ COMMITTED where the database can (SQLite: the same as `write`). For inserts that only unique keys order.
        """

    def read(self) -> AbstractContextManager[Connection]:
        """One consistent view; any attempt to write in it fails."""

    def savepoint(self, db: Connection) -> AbstractContextManager[None]:
        """Let what the block did be undone alone when it raises; the transaction goes on."""

    def change_counter(self) -> int:
        """Count commits: moves whenever anybody committed (what others wrote alongside may be left out)."""

    def others_counter(self) -> int:
        """Count commits of other processes: moves whenever one of them did (as above)."""

    def works_alone(self) -> bool:
        """Whether this process is the one of all that send messages; another is as soon as this one ended or lost its connection.

        SQLite: always, there is one server a state folder.
        """

    def close(self) -> None:
        """Close every connection; none may be in use."""


@contextmanager
def savepoint(db: Connection) -> Iterator[None]:
    """Do as `Database.savepoint` says; both databases share the words."""
    db.execute("SAVEPOINT item")
    try:
        yield
        db.execute("RELEASE SAVEPOINT item")
    except BaseException as error:
        undone = False
        with suppress(Unfit, StorageFault):
            db.execute("ROLLBACK TO SAVEPOINT item")
            db.execute("RELEASE SAVEPOINT item")
            undone = True
        if not undone and isinstance(error, Exception) and not isinstance(error, StorageFault):
            # The whole transaction is gone (full disk, lost connection); nobody may go on as if only an item had failed.
            raise StorageFault("The transaction was lost.", "Try again; see the log.") from error
        raise
