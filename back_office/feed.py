"""The change feed as terminals read it: cursors, pages of frames, and when all cursors end.

Rules:
- A cursor is ours to read: epoch, position, record, and what was left when it was made. It names no person.
- A page is read from one consistent view, for the office of the terminal that asks and no other. A long answer is several
  pages one after the other, each read while the terminal writes the one before.
- 410 `epoch_changed`: positions mean something else now (the database was restored, another cluster leads). 410
  `cursor_too_old`: tombstones the terminal has not seen were thrown away. Both mean: begin again without a cursor.
- A restore is noticed by itself when the file STATE/back-office/feed-mark knows a newer position or more starts of a
  server than the database, or the PostgreSQL cluster or timeline is another; `guichet back-office feed-restart` says so
  by hand.
"""

from __future__ import annotations

import json
import os
import re
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import structlog

from back_office import audit, logs
from back_office.api_types import Refused
from back_office.repository import feed, ledger
from back_office.repository.feed import Place
from kiosk.domain.audit import Actor
from kiosk.wire.feed import MARK_EVERY, Delete, Mark, encode, upsert_parts
from kiosk.wire.sealed_record import RECORD_ID_BYTES

if TYPE_CHECKING:
    from pathlib import Path

    from back_office.database import Database
    from back_office.installation import Installation, Work
    from back_office.repository.feed import FeedRow, Standing

ANSWER_ROWS, MOST_ROWS = 2_000, 100_000
ANSWER_BYTES = 192 * 1024 * 1024
ANSWER_SECONDS = 300.0
"""A longer answer ends with the page that goes beyond it, and the terminal asks for the rest: it reads no answer for more
than 600 seconds, nor more than 256 MiB of one."""
FIRST_ROWS, PAGE_ROWS = MARK_EVERY // 2, 4 * MARK_EVERY
"""What is read and held at once of an answer: at first little, so that the terminal has something to write while the next
page, twice as long, is read."""
PAGE_BYTES = 8 * 1024 * 1024
"""A page ends with the row that goes beyond it."""
MARK_FILE = "back-office/feed-mark"
_CURSOR = re.compile(
    r"(?P<epoch>[0-9a-f]{16})\.(?P<position>[0-9]{1,20})\.(?P<record>(?:[0-9a-f]{2}){0,16})"
    r"(?:\.(?P<people>[0-9]{1,10})\.(?P<bytes>[0-9]{1,19}))?",
    re.ASCII,
)
_LARGEST_POSITION = 2**63 - 1
_BEGIN_AGAIN = "Begin again without a cursor; what the cache holds stays until the new one is complete."


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a terminal is in the feed. `left` is what came after, people and bytes, when it was counted; None: not."""

    epoch: str
    place: Place
    left: tuple[int, int] | None = None

    def text(self) -> str:
        """Write it as the terminal keeps it."""
        plain = f"{self.epoch}.{self.place.position}.{self.place.record.hex()}"
        return plain if self.left is None else f"{plain}.{self.left[0]}.{self.left[1]}"


@dataclass(frozen=True, slots=True)
class Page:
    """What a terminal is answered: `rows` changes and whether there are more; the cursor is the last MARK's."""

    body: bytes
    cursor: str
    rows: int
    more: bool

    @property
    def new(self) -> bool:
        """Whether there was anything after the cursor."""
        return self.rows > 0


def read_cursor(text: str) -> Cursor | None:
    """Read a cursor of ours, None when it is none."""
    match = _CURSOR.fullmatch(text)
    if match is None or len(match["record"]) not in {0, 2 * RECORD_ID_BYTES}:
        return None
    position = int(match["position"])
    if position > _LARGEST_POSITION:
        return None
    left = None if match["people"] is None else (int(match["people"]), int(match["bytes"]))
    return Cursor(match["epoch"], Place(position, bytes.fromhex(match["record"])), left)


def read(database: Database, office: str, cursor: str, limit: int) -> Page | Refused:
    """Read what an office's terminals are told after a cursor ("" from the beginning), at most `limit` rows."""
    with database.read() as db:
        store = feed.store_of(db)
        standing = store.standing(db, office)
        known = read_cursor(cursor) if cursor else Cursor(standing.epoch, Place())
        if known is None:
            return Refused(422, "cursor", "This is no cursor of the feed.", "Send the last one as it came, or none.")
        refused = _ended(known, standing) if cursor else None
        if refused is not None:
            return refused
        rows = store.page(db, office, known.place, limit + 1)
        shown, more = _cut(rows, limit)
        left = known.left
        if more and left is None:
            left = _estimate(store.left(db, office, known.place), shown)
    return _page(known, shown, left if more else None, more=more)


def _estimate(people: int, shown: list[FeedRow]) -> tuple[int, int]:
    """Tell people and bytes that are left, taking these for average: to add up all documents one would read them all."""
    lengths = [len(row.document) for row in shown if row.document is not None]
    return people, people * sum(lengths) // max(len(lengths), 1)


def _ended(known: Cursor, standing: Standing) -> Refused | None:
    if known.epoch != standing.epoch or known.place.position > standing.newest:
        return Refused(410, "epoch_changed", "The feed began again; this cursor means nothing now.", _BEGIN_AGAIN)
    if known.place < standing.floor:
        return Refused(410, "cursor_too_old", "Deletions since this cursor were forgotten.", _BEGIN_AGAIN)
    return None


def _cut(rows: list[FeedRow], limit: int) -> tuple[list[FeedRow], bool]:
    """Keep what fits on a page, and tell whether more follows."""
    size = 0
    for n, row in enumerate(rows[:limit]):
        size += len(row[-1] or b"")
        if size > PAGE_BYTES:
            return rows[: n + 1], n + 1 < len(rows)
    return rows[:limit], len(rows) > limit


def _page(known: Cursor, rows: list[FeedRow], left: tuple[int, int] | None, *, more: bool) -> Page:
    people, size = left or (
        sum(row.document is not None for row in rows),
        sum(len(row.document or b"") for row in rows),
    )
    parts: list[bytes] = []
    for n, (position, record, version, reasons, expires_at, fingerprints, document) in enumerate(rows, start=1):
        if document is None:
            parts.append(encode(Delete(record)))
        else:
            parts += upsert_parts(record, version, reasons, expires_at, fingerprints, document)
            people -= 1
            size -= len(document)
        if n % MARK_EVERY == 0 and n < len(rows):
            people, size = max(people, 0), max(size, 0)
            here = Cursor(known.epoch, Place(position, record), (people, size) if more else None).text()
            parts.append(encode(Mark(here, more=True, people_left=people, bytes_left=size)))
    people, size = max(people, 0), max(size, 0)
    place = rows[-1].place if rows else known.place
    last = Cursor(known.epoch, place, (people, size) if more else None).text()
    parts.append(encode(Mark(last, more=more, people_left=people if more else 0, bytes_left=size if more else 0)))
    return Page(b"".join(parts), last, len(rows), more)


# --- whom to wake ------------------------------------------------------------------------------------------


class FeedWatch:
    """Tells which offices' feeds moved since it was asked last, whoever moved them; for one thread.

    In PostgreSQL a change may be committed and not yet visible to readers, because an older transaction is under way:
    its office is named again until readers see it.
    """

    def __init__(self, it: Installation) -> None:
        self._it = it
        self._counter = -1
        self._known: dict[str, int] = {}
        self._hidden = False

    def moved(self) -> list[str]:
        """Name the offices whose waiting terminals should look."""
        counter = self._it.database.change_counter()
        if counter == self._counter and not self._hidden:
            return []
        with self._it.database.read() as db:
            heads = feed.store_of(db).heads(db)
        self._counter, self._hidden = counter, False
        offices = []
        for head in heads:
            if self._known.get(head.office) == head.position:
                continue
            offices.append(head.office)
            if head.visible:
                self._known[head.office] = head.position
            else:
                self._hidden = True
        return offices


# --- when history begins again -----------------------------------------------------------------------------


def restart(work: Work, by: str, why: str) -> None:
    """Let every cursor end: a new epoch, and every row in a place of the present."""
    ledger.put_setting(work.db, feed.EPOCH, work.it.ids.token(8).hex())
    feed.store_of(work.db).renumber(work.db)
    audit.record(work.db, work.at, Actor("operator", by), "feed.restarted", "feed", purpose=why)


def check_history(it: Installation, *, starting: bool = False) -> bool:
    """Find out whether the database is an older one than we knew, and restart the feed then; at start and now and again.

    Known is how far the feed had come, and how often a server was started (`starting`: once more now): a copy that was
    made before this server's start, and put back, knows of fewer starts, however far its feed has come again since.
    """
    path = it.state / MARK_FILE
    mark = _read_mark(path)  # before the database: another server of this folder may keep a newer one meanwhile
    with it.database.read() as db:
        store = feed.store_of(db)
        now, cluster = store.standing(db, ""), store.cluster(db)
        known_cluster, starts = ledger.setting(db, feed.CLUSTER), int(ledger.setting(db, feed.STARTS) or 0)
    restored = (
        (mark.epoch == now.epoch and mark.position > now.newest)
        or mark.starts > starts
        or (known_cluster is not None and known_cluster != cluster)
    )
    if restored or starting or known_cluster is None:
        with it.work() as work:
            starts = max(int(ledger.setting(work.db, feed.STARTS) or 0), mark.starts) + starting  # others start as well
            ledger.put_setting(work.db, feed.CLUSTER, cluster)
            ledger.put_setting(work.db, feed.STARTS, str(starts))
            if restored:
                restart(work, "system", "the database is an older one, or of another cluster")
        with it.database.read() as db:
            now = feed.store_of(db).standing(db, "")
    reached = _Mark(now.epoch, now.newest, starts)
    if mark != reached:
        _keep_mark(path, reached)
    return restored


@dataclass(frozen=True, slots=True)
class _Mark:
    """What is kept beside the database: the feed's epoch, its newest position, how often a server was started."""

    epoch: str = ""
    position: int = 0
    starts: int = 0


def _keep_mark(path: Path, mark: _Mark) -> None:
    """Keep it, or say that it cannot be kept: the service is worth more than the notice of the next restore."""
    draft = path.with_suffix(f".{os.getpid()}.new")  # several servers of one database may share the folder
    try:
        draft.write_text(json.dumps(asdict(mark)) + "\n", encoding="ascii")
        draft.replace(path)
    except OSError as error:
        structlog.get_logger().warning("feed_mark_not_kept", **logs.describe(error))


def _read_mark(path: Path) -> _Mark:
    with suppress(OSError, ValueError, KeyError, TypeError):
        kept = json.loads(path.read_text(encoding="ascii"))
        return _Mark(str(kept["epoch"]), int(kept["position"]), int(kept.get("starts", 0)))
    return _Mark()
