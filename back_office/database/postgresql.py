"""PostgreSQL behind the database port (15 or newer, psycopg 3): one server, or several of which one leads.

Rules:
- `write` is ordered: one transaction at a time, over all processes, by an advisory lock that ends with the transaction.
  `write_alongside` takes no lock.
- A commit is durable when it returns: `synchronous_commit` is never less than on here, a server with `fsync = off` is
  refused, and a commit whose wait for the standbys was broken off (PostgreSQL answers COMMIT and warns) is a StorageFault.
- A transaction whose statement failed is never committed by mistake (PostgreSQL would answer ROLLBACK to COMMIT and raise
  nothing).
- Whoever loses the connection gets a StorageFault and nothing was kept, unless it was lost while committing: then all or
  nothing. A connection that broke while idle is replaced without anybody noticing.
- PostgreSQL keeps no NUL in a text: to write one is unfit, to ask for one finds nothing (it is asked for as U+FFFD).
- Ordered writers tell the others with NOTIFY; no polling of tables.
- Results come in PostgreSQL's binary form: as text, sealed documents would be twice as long, and written and read digit
  by digit.
- Only this module and `connections` import psycopg.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import errors
from psycopg.pq import TransactionStatus

from back_office.database import port
from back_office.database.connections import Connections, examine, one_line
from back_office.database.placeholders import with_percent
from back_office.database.port import StorageFault, Taken, Unfit
from kiosk.domain.errors import Bug, KioskError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from back_office.database.connections import Raw
    from back_office.database.port import Dialect

_WRITER = 0x4755494348455421
"""The advisory lock of ordered writers, in this database."""
_SENDER = _WRITER + 1
"""The advisory lock of the one process that sends messages."""
_READ = b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_WRITE_ALONGSIDE = b"BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
_WRITE = b"%b; SELECT pg_advisory_xact_lock(%d)" % (_WRITE_ALONGSIDE, _WRITER)
_COMMIT = b"COMMIT"
_COMMIT_AND_TELL = b"NOTIFY guichet; COMMIT"
_REMEDIES: dict[str, str] = {
    "42501": "Let the user of the URL own the database, or grant it what is missing.",
    "53100": "Free space on the server's disk.",
    "53300": "Raise max_connections of the server, or run fewer back offices.",
    "55P03": "Try again; find out who holds the lock so long (pg_stat_activity).",
    "25006": "The server does not lead any more; try again.",
    "40001": "Try again.",
    "40P01": "Try again.",
}


class _Connection:
    """One open transaction."""

    __slots__ = ("_name", "_raw")
    dialect: Dialect = "postgresql"

    def __init__(self, raw: Raw, name: str) -> None:
        self._raw = raw
        self._name = name

    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> psycopg.Cursor[Any]:
        try:
            if parameters:
                return self._raw.execute(with_percent(sql), parameters, binary=True)
            return self._raw.execute(sql.encode(), binary=True)
        except psycopg.Error as error:
            if (
                isinstance(error, psycopg.DataError)
                and sql.startswith("SELECT")
                and any("\0" in p for p in _texts(parameters))
            ):
                return self.execute(sql, [p.replace("\0", "\ufffd") if isinstance(p, str) else p for p in parameters])
            raise _translated(error, self._name) from error

    def executemany(self, sql: str, parameters: Iterable[Sequence[Any]], /) -> psycopg.Cursor[Any]:
        try:
            cursor = self._raw.cursor()
            cursor.executemany(with_percent(sql), parameters)
        except psycopg.Error as error:
            raise _translated(error, self._name) from error
        return cursor

    def run_script(self, sql: str) -> None:
        try:
            self._raw.execute(sql.encode(), prepare=False)
        except psycopg.Error as error:
            raise _translated(error, self._name) from error


class PostgresqlDatabase:
    """One database of a PostgreSQL server. Raises EnvironmentFault when it cannot be used."""

    dialect: Dialect = "postgresql"

    def __init__(self, url: str, *, connections: int) -> None:
        self._pool = Connections(url, connections)
        self.name = self._pool.name
        self._turn = threading.RLock()
        self._writing = False
        self._ears = threading.Lock()
        self._listener: Raw | None = None
        self._alone = False
        self._committed = 0
        self._heard = 0
        raw = self._pool.take()
        try:
            examine(raw, self.name)
        except psycopg.Error as error:
            raise _translated(error, self.name) from error
        except BaseException:
            raw.close()
            raise
        finally:
            self._pool.give(raw)

    @contextmanager
    def write(self) -> Iterator[_Connection]:
        """One transaction that may change things, as the port says."""
        with self._turn:
            if self._writing:
                raise Bug("a transaction that may change things is open in this thread already")
            self._writing = True
            try:
                with self._transaction(_WRITE, _COMMIT_AND_TELL) as db:
                    yield db
            finally:
                self._writing = False

    @contextmanager
    def write_alongside(self) -> Iterator[_Connection]:
        """One transaction beside others, as the port says."""
        with self._transaction(_WRITE_ALONGSIDE, _COMMIT) as db:
            yield db

    @contextmanager
    def _transaction(self, begin: bytes, commit: bytes) -> Iterator[_Connection]:
        raw = self._begun(begin)
        try:
            yield _Connection(raw, self.name)
            self._commit(raw, commit)
        except BaseException as error:
            self._undo(raw, error)
            raise
        self._pool.give(raw)
        with self._ears:
            self._committed += 1

    @contextmanager
    def read(self) -> Iterator[_Connection]:
        """One consistent view, as the port says."""
        raw = self._begun(_READ)
        try:
            yield _Connection(raw, self.name)
        except BaseException as error:
            self._undo(raw, error)
            raise
        with suppress(StorageFault):  # what was read, was read
            self._do(raw, b"ROLLBACK")
        self._pool.give(raw)

    def _begun(self, begin: bytes) -> Raw:
        """Take a connection and begin; whatever broke while idle is replaced, for nothing has been done yet."""
        raw = self._pool.take()
        try:
            raw.execute(begin, prepare=False)
        except psycopg.OperationalError as error:
            if not raw.closed:
                self._undo(raw, error)
                raise _translated(error, self.name) from error
            raw = self._pool.renewed(raw)
            try:
                self._do(raw, begin)
            except BaseException as again:
                self._undo(raw, again)
                raise
        except BaseException as error:
            self._undo(raw, error)
            if isinstance(error, psycopg.Error):
                raise _translated(error, self.name) from error
            raise
        return raw

    def _commit(self, raw: Raw, words: bytes) -> None:
        if raw.pgconn.transaction_status == TransactionStatus.INERROR:
            raise Bug("a statement failed, and the transaction was to be committed all the same")
        warned: list[str] = []

        def hear(told: errors.Diagnostic) -> None:  # lives for this call only
            if told.severity_nonlocalized == "WARNING":
                warned.append(str(told.message_primary))

        raw.add_notice_handler(hear)
        try:
            self._do(raw, words)
        finally:
            raw.remove_notice_handler(hear)
        if warned:
            raise StorageFault(
                f"The database {self.name} committed, but may lose it: {warned[0]}.",
                "See that a standby follows the leader, and send it again.",
            )

    def _do(self, raw: Raw, words: bytes) -> None:
        try:
            raw.execute(words, prepare=False)
        except psycopg.Error as error:
            raise _translated(error, self.name) from error

    def _undo(self, raw: Raw, error: BaseException) -> None:
        """Roll back and give the connection back; one that may lead to a server that leads no more is closed."""
        cause = error if isinstance(error, psycopg.Error) else error.__cause__
        if isinstance(cause, errors.ReadOnlySqlTransaction) or not isinstance(error, Exception):
            raw.close()  # also after KeyboardInterrupt: nobody knows where the conversation stands
        with suppress(psycopg.Error):
            if not raw.closed:
                raw.execute(b"ROLLBACK", prepare=False)
        self._pool.give(raw)

    def savepoint(self, db: port.Connection) -> AbstractContextManager[None]:
        """Let a part be undone alone, as the port says."""
        return port.savepoint(db)

    def change_counter(self) -> int:
        """Count everybody's commits."""
        others = self.others_counter()
        with self._ears:
            return self._committed + others

    def others_counter(self) -> int:
        """Count commits of other processes' ordered writers, as NOTIFY tells them; a lost connection counts as one."""
        with self._ears:
            self._listen("SELECT 1")
            return self._heard

    def works_alone(self) -> bool:
        """Hold an advisory lock of the listening session: whoever loses that session has lost it, another may take it."""
        with self._ears:
            row = self._listen("SELECT 1" if self._alone else f"SELECT pg_try_advisory_lock({_SENDER})")
            if not self._alone:  # either never asked, or the session is a new one
                self._alone = row is True
            return self._alone

    def _listen(self, statement: str) -> Any:
        """Run a statement in the session that listens; a new session is made first when there is none."""
        try:
            if self._listener is None or self._listener.closed:
                self._alone = False
                self._listener = self._pool.connect()
                self._listener.add_notify_handler(self._hear)
                self._listener.execute("LISTEN guichet")
                self._heard += 1  # what was told meanwhile, nobody heard
            row = self._listener.execute(statement.encode()).fetchone()
        except psycopg.Error as error:
            if self._listener is not None:
                self._listener.close()
            raise _translated(error, self.name) from error
        return None if row is None else row[0]

    def _hear(self, told: psycopg.Notify) -> None:
        if told.pid not in self._pool.own:
            self._heard += 1

    def close(self) -> None:
        """Close every connection."""
        with self._ears:
            if self._listener is not None:
                self._listener.close()
        self._pool.close()


def _texts(parameters: Sequence[Any]) -> Iterator[str]:
    return (each for each in parameters if isinstance(each, str))


def _translated(error: psycopg.Error, name: str) -> KioskError:
    """Give the port's error; the details of PostgreSQL's hold values and are left out."""
    state = error.sqlstate or ""
    if isinstance(error, errors.UniqueViolation):
        return Taken(f"a value is there already ({error.diag.constraint_name})")
    if isinstance(error, psycopg.IntegrityError):
        return Unfit(error.diag.message_primary or type(error).__name__)
    if isinstance(error, psycopg.DataError):
        return Unfit(f"a value cannot be kept ({type(error).__name__} {state})".rstrip())
    said = error.diag.message_primary or one_line(error)
    return StorageFault(
        f"The database {name} failed: {said}.", _REMEDIES.get(state, "See the server's log and try again.")
    )
