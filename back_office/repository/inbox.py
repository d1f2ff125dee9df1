"""What arrived from terminals, and the verdicts that go back.

Rules:
- An inbox row is written once; only its status and reason change after.
- What cannot enter because its id or place is taken is kept in `conflict`, whole (`repository.conflicts`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from back_office.repository import many
from back_office.repository.group import Kind
from kiosk.domain.reference import is_valid, parts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from back_office.database import Connection, Row


@dataclass(frozen=True, slots=True)
class InboxRow:
    """One item of a terminal's journal. `held` says why it is not decided yet, `batch` names the push that brought it."""

    n: int
    id: str
    terminal: str
    epoch: int
    seq: int
    office: str
    kind: str
    schema: int
    sealing_key_id: str
    previous_hash: str
    hash: str
    body: bytes
    body_hash: str
    reference: str
    recorded_at: str
    received_at: str
    status: str
    reason: str
    batch: str = ""
    held: str = ""


@dataclass(frozen=True, slots=True)
class VerdictRow:
    """One answer for a terminal to carry to the person: a code in clear, the rest sealed."""

    n: int
    id: str
    terminal: str
    decision: str
    sealed: bytes | None
    at: str


_COLUMNS = ", ".join(InboxRow.__slots__)
_VERDICT = dict.fromkeys(("id", "terminal", "decision", "sealed", "at"), "text") | {"sealed": "bytea"}


def _row(row: Row | None) -> InboxRow | None:
    return None if row is None else InboxRow(**dict(row))


def add(db: Connection, new: InboxRow) -> InboxRow:
    """Write a row (its `n` is chosen here). Raises Taken when id or place are: look first."""
    names = [name for name in InboxRow.__slots__ if name != "n"]
    row = db.execute(
        f"INSERT INTO inbox ({', '.join(names)}) VALUES ({', '.join('?' * len(names))}) RETURNING n",  # noqa: S608 - own names
        tuple(getattr(new, name) for name in names),
    ).fetchone()
    return replace(new, n=int(row["n"]))


def by_id(db: Connection, transaction_id: str) -> InboxRow | None:
    """Find the row of a transaction."""
    return _row(db.execute(f"SELECT {_COLUMNS} FROM inbox WHERE id = ?", (transaction_id,)).fetchone())  # noqa: S608


def by_ids(db: Connection, ids: Sequence[str]) -> list[InboxRow]:
    """Find the rows of many transactions, in the order in which they were received."""
    sql = f"SELECT {_COLUMNS} FROM inbox WHERE {many.among(db, 'id')} ORDER BY n"  # noqa: S608 - own names
    return [InboxRow(*row) for row in (db.execute(sql, (many.keys(db, ids),)) if ids else ())]


def still_undecided(db: Connection, ids: Sequence[str]) -> set[str]:
    """Find which of these nobody has decided yet: a look into the index of ids for each, not through all undecided ones."""
    sql = f"SELECT id, status, held FROM inbox WHERE {many.among(db, 'id')}"  # noqa: S608 - own names
    rows = db.execute(sql, (many.keys(db, ids),)).fetchall() if ids else []
    return {id_ for id_, status, held in rows if status == "received" and not held}


def by_place(db: Connection, terminal: str, epoch: int, seq: int) -> InboxRow | None:
    """Find the row at a place of a terminal's journal."""
    return _row(
        db.execute(
            f"SELECT {_COLUMNS} FROM inbox WHERE terminal = ? AND epoch = ? AND seq = ?",  # noqa: S608
            (terminal, epoch, seq),
        ).fetchone()
    )


def by_reference(db: Connection, reference: str) -> InboxRow | None:
    """Find the row with this reference (compact, valid); its place is in it, so that no index of its own is kept."""
    if not is_valid(reference):
        return None
    terminal = f"T{parts(reference).terminal:04d}"
    sql = (
        f"SELECT {_COLUMNS} FROM inbox WHERE terminal = ? AND seq = ? AND reference = ? "  # noqa: S608 - own names
        "AND epoch IN (SELECT epoch FROM journal_head WHERE terminal = ?) ORDER BY n LIMIT 1"
    )
    return _row(db.execute(sql, (terminal, parts(reference).sequence, reference, terminal)).fetchone())


def undecided(db: Connection, limit: int) -> list[str]:
    """Ids received and not decided, oldest first."""
    return [
        row["id"]
        for row in db.execute(
            "SELECT id FROM inbox WHERE status = 'received' AND held = '' ORDER BY n LIMIT ?", (limit,)
        )
    ]


def set_status(db: Connection, transaction_id: str, status: str, reason: str = "") -> None:
    """decided, refused or quarantined, with a machine reason; or received again. Whatever held it holds it no more."""
    STATUSES.add(db, (transaction_id, status, reason))


def _set_statuses(db: Connection, rows: Sequence[tuple[str, str, str]]) -> None:
    newest = {row[0]: row for row in rows}.values()
    if db.dialect == "postgresql":
        db.execute(
            "UPDATE inbox SET status = new.status, reason = new.reason, held = '' "
            "FROM unnest(?::text[], ?::text[], ?::text[]) AS new (id, status, reason) WHERE inbox.id = new.id",
            [many.texts(column) for column in zip(*newest, strict=True)],
        )
        return
    db.executemany(
        "UPDATE inbox SET status = ?, reason = ?, held = '' WHERE id = ?",
        [(status, reason, id_) for id_, status, reason in newest],
    )


STATUSES = Kind(0, _set_statuses)


def hold(db: Connection, transaction_id: str, why: str) -> None:
    """Let an entry wait, received and undecided: terminal_suspended, edit_conflict."""
    db.execute("UPDATE inbox SET held = ? WHERE id = ?", (why, transaction_id))


def print_reports(db: Connection, transaction_id: str) -> dict[str, str]:
    """Stage -> outcome of the receipts of one transaction."""
    rows = db.execute("SELECT stage, outcome FROM print_report WHERE id = ? ORDER BY stage", (transaction_id,))
    return {row["stage"]: row["outcome"] for row in rows}


def add_verdict(
    db: Connection, transaction_id: str, *, terminal: str, decision: str, sealed: bytes | None, at: str
) -> None:
    """Add an answer; the newest of a transaction counts."""
    VERDICTS.add(db, (transaction_id, terminal, decision, sealed, at))


def _add_verdicts(db: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
    many.insert(db, "verdict", _VERDICT, rows)


VERDICTS = Kind(4, _add_verdicts)


def newest_verdict(db: Connection, transaction_id: str) -> VerdictRow | None:
    """Find the answer that counts."""
    row = db.execute(
        "SELECT n, id, terminal, decision, sealed, at FROM verdict WHERE id = ? ORDER BY n DESC LIMIT 1",
        (transaction_id,),
    ).fetchone()
    return None if row is None else VerdictRow(**dict(row))


def verdicts_after(db: Connection, terminal: str, after: int, limit: int = 200) -> list[VerdictRow]:
    """List a terminal's decisions since the one it saw last, oldest first; *received* is none."""
    rows = db.execute(
        "SELECT n, id, terminal, decision, sealed, at FROM verdict "
        "WHERE terminal = ? AND n > ? AND decision <> 'received' ORDER BY n LIMIT ?",
        (terminal, after, limit),
    )
    return [VerdictRow(**dict(row)) for row in rows]
