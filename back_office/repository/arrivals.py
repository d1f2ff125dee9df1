"""What a group of pushes writes and reads, each with one statement however many terminals push: nonces, heads, entries.

Rules:
- Rows are written sorted by their keys, so that two groups beside each other cannot wait for one another in a circle.
- Nothing here is overwritten but heads and print reports; what is taken already is left out and found out by who asks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from back_office.repository import many
from back_office.repository.inbox import VerdictRow
from back_office.repository.terminals import JournalHead

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from back_office.database import Connection


class Arrival(NamedTuple):
    """An entry on its way into the inbox, in the order of its columns."""

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
    batch: str
    held: str


class Known(NamedTuple):
    """What is kept under an id already."""

    id: str
    terminal: str
    hash: str
    body_hash: str
    status: str
    reason: str
    held: str


class Signed(NamedTuple):
    """A push as it was signed, in the order of the table `batch`."""

    id: str
    terminal: str
    received_at: str
    entries: int
    content_digest: str
    signature_input: str
    signature: str
    public_key: bytes
    frame: bytes


class Standing(NamedTuple):
    """Whether a terminal is in service, with which key, when it was seen last, and the epochs of its journals."""

    state: str
    public_key: bytes
    last_seen_at: str | None
    epochs: frozenset[int]


_INBOX = {name: "bigint" if name in {"epoch", "seq", "schema"} else "text" for name in Arrival._fields} | {
    "body": "bytea"
}
_BATCH = dict.fromkeys(Signed._fields, "text") | {"entries": "bigint", "public_key": "bytea", "frame": "bytea"}
_NONCE = {"key_id": "text", "nonce": "text", "expires_at": "text"}
_KNOWN = ", ".join(Known._fields)


def spend_nonces(db: Connection, nonces: Iterable[tuple[str, str, str]]) -> set[tuple[str, str]]:
    """Spend nonces (key id, nonce, expiry); those that were not spent before."""
    tail = "ON CONFLICT DO NOTHING RETURNING key_id, nonce"
    return {(row[0], row[1]) for row in many.insert(db, "nonce", _NONCE, sorted(set(nonces)), tail)}


def standings(db: Connection, terminals: Iterable[str]) -> dict[str, Standing]:
    """Look at these terminals as they are at this moment."""
    ids = sorted(set(terminals))
    sql = (
        "SELECT terminal.id, state, public_key, last_seen_at, journal_head.epoch FROM terminal "  # noqa: S608 - own names
        f"LEFT JOIN journal_head ON journal_head.terminal = terminal.id WHERE {many.among(db, 'terminal.id')}"
    )
    found: dict[str, Standing] = {}
    for id_, state, key, seen_at, epoch in db.execute(sql, (many.keys(db, ids),)) if ids else ():
        known = found[id_].epochs if id_ in found else frozenset[int]()
        found[id_] = Standing(state, bytes(key), seen_at, known if epoch is None else known | {epoch})
    return found


def seen(db: Connection, terminals: Sequence[str], at: str) -> None:
    """Note a sign of life of these terminals."""
    for terminal in sorted(terminals):
        db.execute("UPDATE terminal SET last_seen_at = ? WHERE id = ?", (at, terminal))


def heads(db: Connection, terminals: Iterable[str]) -> dict[tuple[str, int], JournalHead]:
    """Read every journal of these terminals; nobody else moves their heads before this transaction ends."""
    ids = sorted(set(terminals))
    lock = " FOR UPDATE" if db.dialect == "postgresql" else ""
    sql = (
        f"SELECT terminal, epoch, seq, hash, newest FROM journal_head WHERE {many.among(db, 'terminal')} "  # noqa: S608 - own names
        f"ORDER BY terminal, epoch{lock}"
    )
    rows = db.execute(sql, (many.keys(db, ids),)) if ids else ()
    return {(row[0], row[1]): JournalHead(row[0], row[1], row[2], row[3], row[4]) for row in rows}


def move_heads(db: Connection, moved: Sequence[JournalHead]) -> None:
    """Remember how far these journals are known."""
    rows = sorted((head.terminal, head.epoch, head.seq, head.hash, head.newest) for head in moved)
    if not rows:
        return
    if db.dialect == "postgresql":
        kinds: tuple[Any, ...] = (many.texts, many.numbers, many.numbers, many.texts, many.numbers)
        db.execute(
            "UPDATE journal_head SET seq = m.seq, hash = m.hash, newest = m.newest "
            "FROM unnest(?::text[], ?::bigint[], ?::bigint[], ?::text[], ?::bigint[]) AS m (terminal, epoch, seq, hash, newest) "
            "WHERE journal_head.terminal = m.terminal AND journal_head.epoch = m.epoch",
            [kind(column) for kind, column in zip(kinds, zip(*rows, strict=True), strict=True)],
        )
        return
    db.executemany(
        "UPDATE journal_head SET seq = ?, hash = ?, newest = ? WHERE terminal = ? AND epoch = ?",
        [(seq, hash_, newest, terminal, epoch) for terminal, epoch, seq, hash_, newest in rows],
    )


def beyond(db: Connection, head: JournalHead, limit: int) -> list[tuple[int, str, str]]:
    """List what is there after the head of a journal (seq, previous hash, hash), in order.

    An entry whose id was taken is there as well, though it lies among the conflicts: its place is nobody else's.
    """
    place = (head.terminal, head.epoch, head.seq)
    rows = db.execute(
        "SELECT seq, previous_hash, hash FROM inbox WHERE terminal = ? AND epoch = ? AND seq > ? UNION "
        "SELECT seq, previous_hash, hash FROM conflict WHERE terminal = ? AND epoch = ? AND seq > ? "
        "AND reason = 'other_body' ORDER BY seq LIMIT ?",
        (*place, *place, limit),
    )
    return [(row[0], row[1], row[2]) for row in rows]


def add(db: Connection, arrivals: Iterable[Arrival]) -> set[str]:
    """Write entries; the ids that were free, and whose places were."""
    rows = sorted(arrivals)
    return {row[0] for row in many.insert(db, "inbox", _INBOX, rows, "ON CONFLICT DO NOTHING RETURNING id")}


def known(db: Connection, ids: Sequence[str]) -> dict[str, Known]:
    """Find what is kept under these ids."""
    sql = f"SELECT {_KNOWN} FROM inbox WHERE {many.among(db, 'id')}"  # noqa: S608 - own names
    return {row[0]: Known(*row) for row in (db.execute(sql, (many.keys(db, ids),)) if ids else ())}


def newest_verdicts(db: Connection, ids: Sequence[str]) -> dict[str, VerdictRow]:
    """Find the answers that count for these transactions."""
    sql = f"SELECT n, id, terminal, decision, sealed, at FROM verdict WHERE {many.among(db, 'id')} ORDER BY n"  # noqa: S608
    return {row[1]: VerdictRow(*row) for row in (db.execute(sql, (many.keys(db, ids),)) if ids else ())}


def add_batches(db: Connection, batches: Sequence[Signed]) -> None:
    """Keep what terminals signed."""
    many.insert(db, "batch", _BATCH, sorted(batches))


def report_prints(db: Connection, reports: Mapping[tuple[str, str], tuple[str, str]]) -> None:
    """Keep how receipts came out, (id, stage) -> (outcome, at); a later report replaces an earlier one."""
    for (id_, stage), (outcome, at) in sorted(reports.items()):
        db.execute(
            "INSERT INTO print_report (id, stage, outcome, at) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (id, stage) DO UPDATE SET outcome = excluded.outcome, at = excluded.at",
            (id_, stage, outcome, at),
        )
