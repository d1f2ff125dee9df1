"""Compares each terminal's cache with what its office may hold, by a rule of three lines of its own.

Rules:
- Held is whom the office is home to (with a pension, or after a visit), who was there lately, and who has an open case there.
- Who has no card that opens a record is held nowhere. What is held is the newest that was sealed, byte for byte.
- Facts (visits, cases) are read from the record; who is held is not.
"""

from __future__ import annotations

import contextlib
from datetime import timedelta
from typing import TYPE_CHECKING

from back_office.repository import timestamp
from offline_cache.cache_database import open_reader
from offline_cache.cache_key import CacheKeyFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from back_office.database import Connection
    from simulation.sync.terminal import Terminal

LATELY = timedelta(days=90)
REMEMBERED = timedelta(days=730)


def judge_caches(db: Connection, terminals: Iterable[Terminal], at: datetime, flaw: Callable[[str], None]) -> int:
    """Look at every cache; how many records they hold together."""
    sealed = {
        bytes(row["record"]): (row["version"], bytes(row["document"]))
        for row in db.execute("SELECT record, version, document FROM sealed_record")
    }
    offices = _offices(db, at)
    held = 0
    for terminal in terminals:
        here = _here(terminal)
        if here is None:
            flaw(f"{terminal.who.name} has no cache that can be read")
            continue
        held += len(here)
        wanted = offices.get(terminal.who.office, set())
        for record in wanted - here.keys():
            flaw(f"{terminal.who.name} does not hold the record {record.hex()}, which its office may hold")
        for record in here.keys() - wanted:
            flaw(f"{terminal.who.name} holds the record {record.hex()}, which is not its office's")
        for record in wanted & here.keys():
            if here[record] != sealed.get(record):
                flaw(f"{terminal.who.name} holds an old version of the record {record.hex()}")
    return held


def _offices(db: Connection, at: datetime) -> dict[str, set[bytes]]:
    """The records that each office may hold."""
    lately, remembered = timestamp(at - LATELY), timestamp(at - REMEMBERED)
    rows = db.execute(
        """SELECT p.office AS office, p.number AS person FROM person p JOIN pension n ON n.person = p.number
        UNION SELECT p.office, p.number FROM person p JOIN visit v ON v.person = p.number AND v.last_at > ?
        UNION SELECT v.office, v.person FROM visit v WHERE v.last_at > ?
        UNION SELECT c.office, r.person FROM desk_case c JOIN request r ON r.id = c.subject
            WHERE c.closed_at IS NULL AND r.person IS NOT NULL""",
        (remembered, lately),
    ).fetchall()
    records = {
        row["person"]: bytes(row["record_id"])
        for row in db.execute(
            "SELECT person, record_id FROM person_record WHERE person IN"
            " (SELECT c.person FROM card c JOIN card_key k ON k.card = c.number WHERE c.revoked_at IS NULL)"
        )
    }
    offices: dict[str, set[bytes]] = {}
    for row in rows:
        if row["person"] in records:
            offices.setdefault(row["office"], set()).add(records[row["person"]])
    return offices


def _here(terminal: Terminal) -> dict[bytes, tuple[int, bytes]] | None:
    """What lies in a terminal's cache, by record id."""
    keys = CacheKeyFile(terminal.place, bytes).load()
    if keys is None or not terminal.place.cache.exists():
        return None
    with contextlib.closing(open_reader(terminal.place.cache, keys.database)) as database:
        return {
            bytes(row[0]): (row[1], bytes(row[2]))
            for row in database.rows("SELECT record_id, version, document FROM record JOIN sealed USING (id)")
        }
