"""Many rows with one statement: PostgreSQL takes one array a column, SQLite one VALUES list.

Rules:
- Table and column names are the program's own, never a caller's.
- A list of keys to look for is one value, so that the statement's text does not grow with it.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from back_office.database import Connection, Row

SQLITE_ROWS: Final = 100
"""Rows in one VALUES list: longer ones cost SQLite's compiler more than another statement."""


def insert(
    db: Connection, table: str, columns: Mapping[str, str], rows: Sequence[tuple[Any, ...]], tail: str = ""
) -> list[Row]:
    """Insert rows (values in the order of `columns`: name -> PostgreSQL type); what `tail` returns, in any order.

    `tail` is what follows the values: ON CONFLICT, RETURNING. Raises as the connection does.
    """
    if not rows:
        return []
    names = ", ".join(columns)
    if db.dialect == "postgresql":
        arrays = ", ".join(f"?::{kind}[]" for kind in columns.values())
        sql = f"INSERT INTO {table} ({names}) SELECT * FROM unnest({arrays}) {tail}"  # noqa: S608 - own names
        cursor = db.execute(sql, [list(column) for column in zip(*rows, strict=True)])
        return cursor.fetchall() if "RETURNING" in tail else []
    found: list[Row] = []
    one = f"({', '.join('?' * len(columns))})"
    for start in range(0, len(rows), SQLITE_ROWS):
        part = rows[start : start + SQLITE_ROWS]
        values = ", ".join([one] * len(part))
        sql = f"INSERT INTO {table} ({names}) VALUES {values} {tail}"  # noqa: S608 - own names
        cursor = db.execute(sql, tuple(chain.from_iterable(part)))
        if "RETURNING" in tail:
            found += cursor.fetchall()
    return found


def among(db: Connection, column: str) -> str:
    """Write the condition that `column` (text) is one of many; its value comes from `keys`."""
    if db.dialect == "postgresql":
        return f"{column} = ANY(?::text[])"
    return f"{column} IN (SELECT value FROM json_each(?))"  # noqa: S608 - own name


def keys(db: Connection, values: Sequence[str]) -> Any:
    """Give the one value of an `among`."""
    if db.dialect == "postgresql":
        return list(values)
    import json  # noqa: PLC0415 - SQLite's way only

    return json.dumps(list(values))
