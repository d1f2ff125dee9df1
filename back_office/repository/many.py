"""Many rows with one statement: PostgreSQL takes one array a column, SQLite one VALUES list.

Rules:
- Table and column names are the program's own, never a caller's.
- A column in which every row has the same value travels once.
- A list of keys to look for is one value, so that the statement's text does not grow with it.
"""

from __future__ import annotations

import json
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from back_office.database.arrays import Blobs, Numbers, Texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from back_office.database import Connection, Row

SQLITE_ROWS: Final = 100
"""Rows in one VALUES list: longer ones cost SQLite's compiler more than another statement."""
_ARRAYS: Final = {"text": Texts, "bytea": Blobs, "bigint": Numbers}


def insert(
    db: Connection, table: str, columns: Mapping[str, str], rows: Sequence[tuple[Any, ...]], tail: str = ""
) -> list[Row]:
    """Insert rows (values in the order of `columns`: name -> text, bytea or bigint); what `tail` returns, in any order.

    `tail` is what follows the values: ON CONFLICT, RETURNING. Raises as the connection does.
    """
    if not rows:
        return []
    if db.dialect == "postgresql":
        return _insert_arrays(db, table, columns, rows, tail)
    found: list[Row] = []
    one = f"({', '.join('?' * len(columns))})"
    for start in range(0, len(rows), SQLITE_ROWS):
        part = rows[start : start + SQLITE_ROWS]
        values = ", ".join([one] * len(part))
        sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES {values} {tail}"  # noqa: S608 - own names
        cursor = db.execute(sql, tuple(chain.from_iterable(part)))
        if "RETURNING" in tail:
            found += cursor.fetchall()
    return found


def _insert_arrays(
    db: Connection, table: str, columns: Mapping[str, str], rows: Sequence[tuple[Any, ...]], tail: str
) -> list[Row]:
    first = next(iter(columns))  # one array there must be
    lists: dict[str, Any] = {}
    selected: list[str] = []
    constants: list[Any] = []
    for (name, kind), values in zip(columns.items(), zip(*rows, strict=True), strict=True):
        if values.count(values[0]) == len(values) and name != first:
            selected.append(f"?::{kind}")
            constants.append(values[0])
        else:
            selected.append(f"rows.{name}")
            lists[name] = _ARRAYS[kind](values)
    arrays = ", ".join(f"?::{columns[name]}[]" for name in lists)
    sql = (
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(selected)} "  # noqa: S608 - own names
        f"FROM unnest({arrays}) AS rows ({', '.join(lists)}) {tail}"
    )
    cursor = db.execute(sql, [*constants, *lists.values()])
    return cursor.fetchall() if "RETURNING" in tail else []


def among(db: Connection, column: str) -> str:
    """Write the condition that `column` (text) is one of many; its value comes from `keys`."""
    if db.dialect == "postgresql":
        return f"{column} = ANY(?::text[])"
    return f"{column} IN (SELECT value FROM json_each(?))"  # noqa: S608 - own name


def keys(db: Connection, values: Sequence[str]) -> Any:
    """Give the one value of an `among`."""
    return Texts(values) if db.dialect == "postgresql" else json.dumps(list(values))


def texts(values: Sequence[str]) -> Any:
    """Give a column of text to a statement of PostgreSQL."""
    return Texts(values)


def numbers(values: Sequence[int]) -> Any:
    """Give a column of numbers to a statement of PostgreSQL."""
    return Numbers(values)
