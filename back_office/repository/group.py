"""One transaction in which many items are decided: what they read is fetched together, what they add is written together.

Rules:
- It is a connection. Whatever is not known beforehand is asked of the database, after everything that waits was written:
  nobody reads around what was added.
- A statement that changes anything but by `later` ends all that is known beforehand.
- Rows wait in the order in which they came; they are written by kind, a kind after those that its rows point to.
- An item is undone alone: one that has only added rows by leaving them out, one that ran statements by its savepoint,
  which is made when its first statement comes.
- What cannot be written is the fault of no item but the one that added it; where nobody knows which (`NotWritten`), the
  whole is undone.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import wraps
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec, TypeVar

from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from back_office.database import Connection, Cursor, Database, Dialect

_Given = ParamSpec("_Given")
_Found = TypeVar("_Found")
_UNKNOWN: Final = object()


class NotWritten(Exception):  # noqa: N818 - what became of the rows
    """Rows of earlier items could not be written when a later one ran its first statement; it is not the later one's fault."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Rows that one statement writes. `rank` says after which others: those that they point to have a smaller one."""

    rank: int
    write: Callable[[Connection, Sequence[Any]], None]

    def add(self, db: Connection, row: Any) -> None:
        """Write a row: with the others of a group, or now."""
        if isinstance(db, Group):
            db.later(self, row)
        else:
            self.write(db, [row])


class Group:
    """The transaction `db` of `database`, as the rules above say."""

    def __init__(self, db: Connection, database: Database) -> None:
        self._db = db
        self._database = database
        self._known: dict[tuple[Any, ...], Any] = {}
        self._waiting: list[tuple[Kind, Any]] = []
        self._item: ExitStack | None = None
        self._begun = 0
        if db.dialect == "postgresql":
            # Plans are kept with the connection. One that was made while a table was small would read all of it for ever.
            db.execute("SET LOCAL enable_seqscan = off")

    @property
    def dialect(self) -> Dialect:
        """Whose SQL it speaks."""
        return self._db.dialect

    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> Cursor:
        """Run one statement, after everything that waits was written."""
        self._settle(changes=not sql.startswith("SELECT"))
        return self._db.execute(sql, parameters)

    def executemany(self, sql: str, parameters: Iterable[Sequence[Any]], /) -> Cursor:
        """Run one statement for many rows, as `execute` does."""
        self._settle(changes=True)
        return self._db.executemany(sql, parameters)

    def run_script(self, sql: str) -> None:
        """Run statements, as `execute` does."""
        self._settle(changes=True)
        self._db.run_script(sql)

    # --- known beforehand -------------------------------------------------------------------------------

    def foretell(self, question: Callable[..., Any], given: tuple[Any, ...], answer: Any) -> None:
        """Remember what a function marked `foretold` answers to `given` (without the connection)."""
        self._known[question, *given] = answer

    def answer(self, question: Callable[..., Any], given: tuple[Any, ...]) -> Any:
        """Give what is known, or `_UNKNOWN`."""
        return self._known.get((question, *given), _UNKNOWN)

    # --- written together -------------------------------------------------------------------------------

    def later(self, kind: Kind, row: Any) -> None:
        """Add a row, with others of its kind."""
        self._waiting.append((kind, row))

    def flush(self) -> None:
        """Write everything that waits. Raises as the connection does."""
        waiting, self._waiting = sorted(self._waiting, key=_rank), []
        for kind, rows in groupby(waiting, key=itemgetter(0)):
            kind.write(self._db, [row for _, row in rows])

    def write_now(self) -> None:
        """Write everything that waits, what belongs to the item under way so that it can be undone with it."""
        self._settle(changes=False)

    @contextmanager
    def whole(self) -> Iterator[None]:
        """Write everything that the block added at its end; undo all of it when that, or the block, raises."""
        try:
            with self._database.savepoint(self._db):
                yield
                self.flush()
        except BaseException:
            self._waiting.clear()
            self._known.clear()
            raise

    @contextmanager
    def item(self) -> Iterator[None]:
        """Let what the block did be undone alone when it raises."""
        with ExitStack() as undo:
            self._item, self._begun = undo, len(self._waiting)
            try:
                yield
            except BaseException:
                del self._waiting[self._begun :]
                raise
            finally:
                self._item = None

    def _settle(self, *, changes: bool) -> None:
        if self._item is not None:
            own = self._waiting[self._begun :]
            del self._waiting[self._begun :]
            self._flush_before()
            self._item.enter_context(self._database.savepoint(self._db))
            self._item, self._begun = None, 0
            self._waiting = own
        self.flush()
        if changes:
            self._known.clear()


    def _flush_before(self) -> None:
        """Write what came before the item under way: it stays, whatever becomes of this one."""
        try:
            self.flush()
        except EnvironmentFault:
            raise  # the disk, not a row
        except Exception as error:
            raise NotWritten from error


def _rank(waiting: tuple[Kind, Any]) -> int:
    return waiting[0].rank


def foretold(
    question: Callable[Concatenate[Connection, _Given], _Found],
) -> Callable[Concatenate[Connection, _Given], _Found]:
    """Mark a reading function whose answers a group may know beforehand (`Group.foretell`)."""

    @wraps(question)
    def asked(db: Connection, /, *given: _Given.args, **named: _Given.kwargs) -> _Found:
        if isinstance(db, Group) and not named:
            known = db.answer(asked, given)
            if known is not _UNKNOWN:
                return known  # type: ignore[no-any-return]
        return question(db, *given, **named)

    return asked
