"""The change feed in the database: one row an (office, record), a position that orders changes, two adapters of one port.

Rules:
- Whoever puts or removes a row does it in the transaction of the change itself; a rolled-back change was never there.
- PostgreSQL: the position is the writing transaction's xid8, and a reader takes only rows whose position is older than
  every transaction under way (`pg_snapshot_xmin`). A later commit cannot appear below a cursor: whoever has not
  committed yet holds the horizon at or below its own position. Known wrong, and caught by the conformance suite: a serial
  number drawn before the commit, with the horizon or without.
- SQLite has one writer: the position is a counter in the writing transaction, so numbers appear in order.
- Within a position rows are ordered by record; a reader goes on after (position, record).
- A row belongs to an office, and a reader names one: what another office holds is never looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from back_office.scope import Held

if TYPE_CHECKING:
    from collections.abc import Mapping

    from back_office.database import Connection

EPOCH = "feed_epoch"
"""Setting: the name of this history of positions; another one means that cursors mean nothing any more."""
CLUSTER = "feed_cluster"
"""Setting: which PostgreSQL cluster and timeline the positions come from."""
STARTS = "feed_starts"
"""Setting: how often a server was started on this database."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """After which row a reader goes on."""

    position: int = 0
    record: bytes = b""


class FeedRow(NamedTuple):
    """One change as a terminal is told it; `document` None: the record is gone from this office.

    A plain tuple, for a first sync makes 50,000 of them while a terminal waits.
    """

    position: int
    record: bytes
    version: int
    reasons: int
    expires_at: int
    fingerprints: bytes
    document: bytes | None

    @property
    def place(self) -> Place:
        """Where a reader goes on after it."""
        return Place(self.position, self.record)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a cursor is held against: this history's name, a position that none exceeds, and the office's floor."""

    epoch: str
    newest: int
    floor: Place
    """The newest tombstone of the office that was thrown away."""


@dataclass(frozen=True, slots=True)
class Head:
    """The newest change of an office, and whether readers see it yet."""

    office: str
    position: int
    visible: bool


class FeedStore(Protocol):
    """The port. All methods work inside the caller's transaction."""

    def put(self, db: Connection, office: str, record: bytes, held: Held, at: str) -> None:
        """Give a record to an office, or tell it that something about the record changed."""

    def remove(self, db: Connection, office: str, record: bytes, at: str) -> None:
        """Take a record from an office; the row stays as a tombstone."""

    def held(self, db: Connection, record: bytes) -> dict[str, Held]:
        """Tell which offices hold a record."""

    def page(self, db: Connection, office: str, after: Place, limit: int) -> list[FeedRow]:
        """Read the next changes of an office, in order."""

    def left(self, db: Connection, office: str, after: Place) -> int:
        """Count the records to keep that come after a place."""

    def heads(self, db: Connection) -> list[Head]:
        """Tell the newest change of every office."""

    def standing(self, db: Connection, office: str) -> Standing:
        """Tell what a cursor of an office is held against; its `newest` never goes back while history is one."""

    def forget(self, db: Connection, before: str) -> int:
        """Throw away tombstones of before a time, raising the floors; how many."""

    def renumber(self, db: Connection) -> None:
        """Give every row a position of the present, and forget the floors: the history begins again."""

    def cluster(self, db: Connection) -> str:
        """Name what the positions come from; "" when the database file itself carries them."""


class _Shared:
    """What both databases say in the same words; a subclass adds how a position is written and read."""

    _NEXT = ""
    """SQL of a new row's position."""
    _VALUE = "?"
    """SQL of a position that is given."""
    _NUMBER = "position"
    """SQL that reads a position as a number."""
    _NEWEST = ""
    """SQL of a number that no position exceeds."""
    _EMPTY = "x''"
    """SQL of no bytes."""
    _VISIBLE = "1 = 1"
    """SQL: this row's position is final for every reader."""

    def put(self, db: Connection, office: str, record: bytes, held: Held, at: str) -> None:
        self._write(db, (office, record, "U", held.reasons, int(held.expires_at.timestamp()), at))

    def remove(self, db: Connection, office: str, record: bytes, at: str) -> None:
        self._write(db, (office, record, "D", 0, 0, at))

    def _write(self, db: Connection, row: tuple[Any, ...]) -> None:
        self._advance(db)
        db.execute(
            "INSERT INTO scope_feed (office, record, op, reasons, expires_at, changed_at, position) "  # noqa: S608
            f"VALUES (?, ?, ?, ?, ?, ?, {self._NEXT}) ON CONFLICT (office, record) DO UPDATE SET op = excluded.op, "
            "reasons = excluded.reasons, expires_at = excluded.expires_at, changed_at = excluded.changed_at, "
            "position = excluded.position",
            row,
        )

    def _advance(self, db: Connection) -> None:
        """Draw the next position, where the database does not."""

    def held(self, db: Connection, record: bytes) -> dict[str, Held]:
        rows = db.execute("SELECT office, reasons, expires_at FROM scope_feed WHERE record = ? AND op = 'U'", (record,))
        return {row["office"]: Held(row["reasons"], datetime.fromtimestamp(row["expires_at"], UTC)) for row in rows}

    def page(self, db: Connection, office: str, after: Place, limit: int) -> list[FeedRow]:
        given = (office, self._given(after.position), after.record, limit)
        rows = db.execute(self.page_sql(), given).fetchall()
        return list(map(FeedRow._make, rows))

    def page_sql(self) -> str:
        """Write the one statement that must stay an index scan, whatever the size of the tables.

        `scope_feed.position` in ORDER BY, qualified: PostgreSQL would take the bare name for the number that is selected
        under it, and sort the whole office for each page.
        """
        return (
            f"SELECT {self._NUMBER}, scope_feed.record, coalesce(version, 0), reasons, expires_at, "  # noqa: S608
            f"coalesce(fingerprints, {self._EMPTY}), document FROM scope_feed "
            "LEFT JOIN sealed_record ON sealed_record.record = scope_feed.record AND op = 'U' "
            f"WHERE office = ? AND (position, scope_feed.record) > ({self._VALUE}, ?) AND {self._VISIBLE} "
            "ORDER BY scope_feed.position, scope_feed.record LIMIT ?"
        )

    def left(self, db: Connection, office: str, after: Place) -> int:
        row = db.execute(
            "SELECT count(*) FROM scope_feed "  # noqa: S608
            f"WHERE office = ? AND (position, record) > ({self._VALUE}, ?) AND {self._VISIBLE} AND op = 'U'",
            (office, self._given(after.position), after.record),
        ).fetchone()
        return int(row[0])

    def heads(self, db: Connection) -> list[Head]:
        rows = db.execute(
            f"SELECT office, {self._NUMBER} AS place, CASE WHEN {self._VISIBLE} THEN 1 ELSE 0 END AS visible FROM ("  # noqa: S608
            "SELECT id AS office, (SELECT position FROM scope_feed WHERE scope_feed.office = office.id "
            "ORDER BY position DESC LIMIT 1) AS position FROM office) AS heads WHERE position IS NOT NULL"
        )
        return [Head(row["office"], row["place"], bool(row["visible"])) for row in rows]

    def standing(self, db: Connection, office: str) -> Standing:
        epoch, newest, position, record = db.execute(
            f"SELECT (SELECT value FROM setting WHERE name = '{EPOCH}'), {self._NEWEST}, "  # noqa: S608
            f"{self._NUMBER}, record FROM (SELECT 1 AS one) AS always LEFT JOIN feed_floor ON office = ?",
            (office,),
        ).fetchone()
        return Standing(epoch, newest, Place() if position is None else Place(position, record))

    def forget(self, db: Connection, before: str) -> int:
        rows = db.execute(
            f"DELETE FROM scope_feed WHERE op = 'D' AND changed_at < ? AND {self._VISIBLE} "  # noqa: S608
            f"RETURNING office, {self._NUMBER} AS place, record",
            (before,),
        ).fetchall()
        floors: dict[str, Place] = {}
        for row in rows:
            place = Place(row["place"], row["record"])
            floors[row["office"]] = max(place, floors.get(row["office"], place))
        for office, place in floors.items():
            if place > self.standing(db, office).floor:
                db.execute(
                    f"INSERT INTO feed_floor (office, position, record) VALUES (?, {self._VALUE}, ?) "  # noqa: S608
                    "ON CONFLICT (office) DO UPDATE SET position = excluded.position, record = excluded.record",
                    (office, self._given(place.position), place.record),
                )
        return len(rows)

    def renumber(self, db: Connection) -> None:
        self._advance(db)
        db.execute(f"UPDATE scope_feed SET position = {self._NEXT}")  # noqa: S608
        db.execute("DELETE FROM feed_floor")

    def _given(self, position: int) -> Any:
        return position


class SqliteFeed(_Shared):
    """The counter in the writing transaction."""

    _NEXT = "(SELECT CAST(value AS INTEGER) FROM setting WHERE name = 'feed_position')"
    _NEWEST = _NEXT

    def _advance(self, db: Connection) -> None:
        db.execute("UPDATE setting SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT) WHERE name = 'feed_position'")

    def cluster(self, db: Connection) -> str:  # noqa: ARG002 - the port
        """The file itself."""
        return ""


class PostgresqlFeed(_Shared):
    """The writing transaction's id, and the horizon below which everything is decided."""

    _NEXT = "pg_current_xact_id()"
    _VALUE = "CAST(? AS xid8)"
    _NUMBER = "CAST(CAST(position AS TEXT) AS BIGINT)"
    _NEWEST = "CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS TEXT) AS BIGINT)"
    _EMPTY = "CAST('' AS BYTEA)"
    _VISIBLE = "position < pg_snapshot_xmin(pg_current_snapshot())"

    def cluster(self, db: Connection) -> str:
        """Name system, timeline and database: another one means that it was restored, or that another server leads."""
        row = db.execute(
            "SELECT CAST(system_identifier AS TEXT) || '/' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) "
            "|| '/' || (SELECT CAST(oid AS TEXT) FROM pg_database WHERE datname = current_database()) "
            "FROM pg_control_system()"
        ).fetchone()
        return str(row[0])

    def _given(self, position: int) -> Any:
        return str(position)


_STORES: Mapping[str, FeedStore] = {"sqlite": SqliteFeed(), "postgresql": PostgresqlFeed()}


def store_of(db: Connection) -> FeedStore:
    """Give the adapter for a database."""
    return _STORES[db.dialect]
