"""The place of each office's desk: a number as a terminal has, and a journal, so that what is entered there has a reference.

Rules:
- No key belongs to a place, and it is never in service: nobody can push in its name.
- It is made when an officer of the office first enters something; its entries are chained like a terminal's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from back_office.repository import terminals
from back_office.repository.terminals import Terminal

if TYPE_CHECKING:
    from back_office.database import Connection

FIRST = 9000
"""Numbers of places begin here; no terminal is enrolled with one."""
EPOCH = 1
_STATE = "retired"


def is_place(terminal: str) -> bool:
    """Tell whether a terminal's number is one that belongs to desks."""
    return terminal[1:].isdigit() and int(terminal[1:]) >= FIRST


def place_of(db: Connection, office: str, at: str) -> str:
    """Find the place of an office's desk, or give it one."""
    row = db.execute("SELECT terminal FROM desk_place WHERE office = ?", (office,)).fetchone()
    if row is not None:
        return str(row["terminal"])
    taken = db.execute("SELECT count(*) FROM desk_place").fetchone()[0]
    place = f"T{FIRST + int(taken):04d}"
    terminals.put_terminal(
        db,
        Terminal(
            place, office, _STATE, b"", "", "", b"", "none", EPOCH, "desk", at, last_seen_at=None, heartbeat="{}",
            anomaly=None,
        ),
    )  # fmt: skip
    terminals.bind_epoch(db, place, EPOCH, at)
    db.execute("INSERT INTO desk_place (office, terminal) VALUES (?, ?)", (office, place))
    return place
