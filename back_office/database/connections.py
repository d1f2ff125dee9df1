"""The connections of one process to a PostgreSQL server: opened when needed, kept while they are good.

Rules:
- A connection that broke is never handed out again; the next one asked for is made at once, by whoever asks, so that the
  service is back with the server, and the true reason is told while it is not.
- At most `limit` exist; whoever waits longer than a moment for one is told so.
- Several hosts and `target_session_attrs` pass through to libpq; unless the URL says otherwise only a server that may be
  written to is taken (https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-PARAMKEYWORDS).
- The server, too, notices within half a minute that we died without a word: what we locked is free then.
- Passwords are libpq's business (PGPASSFILE, PGPASSWORD, certificates); none stands in a message.
"""

from __future__ import annotations

import threading
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.adapt import Dumper
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import Format, TransactionStatus

from back_office.database.arrays import Blobs, Numbers, Texts, binary_blobs, binary_numbers, binary_texts
from back_office.database.port import StorageFault
from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    from collections.abc import Sequence

Raw = psycopg.Connection[Any]
"""A connection whose rows answer by name and place."""

WAIT_SECONDS = 10.0
_OLDEST_SERVER = 15_00_00
_DEFAULTS = {
    "target_session_attrs": "read-write",
    "connect_timeout": "5",
    "application_name": "guichet",
    "keepalives_idle": "10",  # a server that died without a word is noticed within half a minute
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "15000",
}
_SESSION = b"""
SET TimeZone = 'UTC'; SET lock_timeout = '10s'; SET idle_in_transaction_session_timeout = '60s';
SET max_parallel_workers_per_gather = 0; SET jit = off;
SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3;
SELECT set_config('synchronous_commit', 'on', false)
  WHERE current_setting('synchronous_commit') NOT IN ('on', 'remote_apply')
"""
_TOLD = (
    ("does not exist", "Make the database and the user: see README, section PostgreSQL."),
    ("password", "Give the password in the file that PGPASSFILE names (libpq), never in the URL."),
    ("pg_hba.conf", "Let this user in: pg_hba.conf of the server."),
    ("refused", "Start the server, or correct host and port of the URL."),
    ("No such file", "Start the server, or correct host and port of the URL."),
    ("timeout", "Check the network and that the server answers."),
    ("resolve host", "Correct the host in the URL."),
    ("read-only", "Only a standby answers: promote one, or name the leader in the URL."),
    ("too many", "Raise max_connections of the server, or run fewer back offices."),
)


def parse_url(url: str) -> dict[str, Any]:
    """Read a PostgreSQL URL. Raises EnvironmentFault."""
    try:
        return {**_DEFAULTS, **conninfo_to_dict(url)}
    except psycopg.ProgrammingError as error:
        raise EnvironmentFault(
            f"The database URL is not one of PostgreSQL: {one_line(error)}.",
            "Write it as postgresql://USER@HOST:PORT/DATABASE, with several hosts as HOST1:PORT1,HOST2:PORT2.",
        ) from None


def name_of(parameters: dict[str, Any]) -> str:
    """Call the database by host and name."""
    hosts = str(parameters.get("host", "localhost")).split(",")
    ports = str(parameters.get("port", "")).split(",")
    ports = ports * len(hosts) if len(ports) == 1 else ports
    places = ",".join(f"{host}:{port}" if port else host for host, port in zip(hosts, ports, strict=False))
    return f"postgresql://{places}/{parameters.get('dbname', '')}"


def one_line(error: BaseException) -> str:
    """Give the words of an error on one line, without a full stop."""
    return " ".join(str(error).split()).rstrip(".")


class Named(tuple[Any, ...]):
    """One row, by place or by name."""

    __slots__ = ()
    places: dict[str, int] = {}  # noqa: RUF012 - each statement's rows are of a class with its own

    def __getitem__(self, key: Any) -> Any:
        """Give one value."""
        return tuple.__getitem__(self, self.places[key] if type(key) is str else key)

    def keys(self) -> Sequence[str]:
        """Name the columns."""
        return list(self.places)


_kinds: dict[tuple[bytes, ...], type[Named]] = {}


def _rows(cursor: psycopg.Cursor[Any]) -> Any:
    """Make rows that answer by name (psycopg's row factory)."""
    result = cursor.pgresult
    names = () if result is None else tuple([result.fname(place) or b"" for place in range(result.nfields)])
    kind = _kinds.get(names)
    if kind is None:
        places = {name.decode(): place for place, name in enumerate(names)}
        kind = _kinds[names] = type("Named", (Named,), {"__slots__": (), "places": places})
    return kind


class _Texts(Dumper):
    """Sends a column of text; `oid` is that of text[] (pg_type.dat), as below."""

    format, oid = Format.BINARY, 1009

    def dump(self, obj: Texts) -> bytes:
        return binary_texts(obj)


class _Blobs(Dumper):
    """Sends a column of bytes."""

    format, oid = Format.BINARY, 1001

    def dump(self, obj: Blobs) -> bytes:
        return binary_blobs(obj)


class _Numbers(Dumper):
    """Sends a column of numbers."""

    format, oid = Format.BINARY, 1016

    def dump(self, obj: Numbers) -> bytes:
        return binary_numbers(obj)


class Connections:
    """A pool as the rules above say."""

    def __init__(self, url: str, limit: int) -> None:
        self._parameters = parse_url(url)
        self.name = name_of(self._parameters)
        self.own: set[int] = set()
        """Process ids of the server's sessions that are ours."""
        self._limit = limit
        self._idle: deque[Raw] = deque()
        self._free = threading.BoundedSemaphore(limit)
        self._closed = False

    def connect(self) -> Raw:
        """Make a connection outside the pool. Raises StorageFault saying why there is none."""
        try:
            made: Raw = psycopg.connect(autocommit=True, row_factory=_rows, **self._parameters)
        except psycopg.Error as error:
            said = one_line(error)
            remedy = next((hint for part, hint in _TOLD if part in said), "Check the URL and the server's log.")
            raise StorageFault(f"The database {self.name} cannot be reached: {said}.", remedy) from error
        try:
            for kind, dumper in ((Texts, _Texts), (Blobs, _Blobs), (Numbers, _Numbers)):
                made.adapters.register_dumper(kind, dumper)
            made.execute(_SESSION, prepare=False)
        except psycopg.Error as error:
            made.close()
            raise StorageFault(
                f"The database {self.name} failed: {one_line(error)}.", "See the server's log."
            ) from error
        self.own.add(made.info.backend_pid)
        return made

    def take(self) -> Raw:
        """Hand out a connection; `give` or `drop` it afterwards. Raises StorageFault."""
        if not self._free.acquire(timeout=WAIT_SECONDS):
            raise StorageFault(
                f"All {self._limit} connections to {self.name} are in use.",
                "Raise database.connections, or find who holds them.",
            )
        try:
            while True:
                raw = self._idle.pop()
                if not raw.closed:
                    return raw
                self._forget(raw)
        except IndexError:
            pass
        try:
            return self.connect()
        except BaseException:
            self._free.release()
            raise

    def give(self, raw: Raw) -> None:
        """Take a connection back; one that broke, or that still has a transaction, is closed."""
        if not self._closed and raw.pgconn.transaction_status == TransactionStatus.IDLE:
            self._idle.append(raw)
        else:
            self._forget(raw)
        self._free.release()

    def renewed(self, broken: Raw) -> Raw:
        """Put a new connection in the place of one that broke while it lay idle; the others that lay there go as well."""
        self._forget(broken)
        with suppress(IndexError):
            while True:
                self._forget(self._idle.pop())
        try:
            return self.connect()
        except BaseException:
            self._free.release()
            raise

    def _forget(self, raw: Raw) -> None:
        with suppress(psycopg.Error):
            self.own.discard(raw.info.backend_pid)
        raw.close()

    def close(self) -> None:
        """Close what is idle now, and the rest when it comes back."""
        self._closed = True
        with suppress(IndexError):
            while True:
                self._forget(self._idle.pop())


def examine(raw: Raw, name: str) -> None:
    """Check once that the server is one that can be relied on. Raises EnvironmentFault."""
    version = raw.info.server_version
    if version < _OLDEST_SERVER:
        raise EnvironmentFault(f"The server of {name} is PostgreSQL {version // 10000}.", "Use PostgreSQL 15 or newer.")
    row = raw.execute(
        "SELECT pg_encoding_to_char(encoding) AS encoding, datcollate, current_setting('fsync') AS fsync, "
        "current_setting('full_page_writes') AS pages, has_schema_privilege(current_schema(), 'CREATE') AS may_create "
        "FROM pg_database WHERE datname = current_database()"
    ).fetchone()
    if row is None or row["encoding"] != "UTF8" or row["datcollate"] not in {"C", "POSIX"}:
        found = "unknown" if row is None else f"{row['encoding']}, {row['datcollate']}"
        raise EnvironmentFault(
            f"The database {name} does not sort text by its bytes ({found}).",
            "Make it with: createdb --template=template0 --encoding=UTF8 --locale=C NAME",
        )
    if "off" in {row["fsync"], row["pages"]}:
        raise EnvironmentFault(
            f"The server of {name} can lose what it has acknowledged (fsync or full_page_writes is off).",
            "Set both to on in postgresql.conf and restart it.",
        )
    if not row["may_create"]:
        raise EnvironmentFault(
            f"The user of {name} may make no tables there.",
            "Let it own the database: ALTER DATABASE NAME OWNER TO USER (or GRANT ALL ON SCHEMA public TO USER).",
        )
