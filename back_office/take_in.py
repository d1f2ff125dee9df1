"""Takes in the journal of a terminal that cannot deliver it any more: what `guichet journal recover` or `export` wrote.

Rules:
- Each entry goes the way of a delivered one (`intake`): same id and body are the same entry, a place is taken once. So a
  file may be taken in twice, and entries that had arrived before change nothing.
- What is in them was signed by the holders' cards and sealed at the terminal: the file's author can add nothing.
- Deciding is the server's affair, as ever.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from back_office import audit, intake
from back_office.api_types import ITEMS, Push
from back_office.repository import terminals
from kiosk.domain.audit import Actor
from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    from pathlib import Path

    from back_office.installation import Installation
    from back_office.repository.terminals import Terminal

FORMAT = 1
_WIRE = ("id", "kind", "epoch", "seq", "schema", "sealing_key_id", "previous_hash", "hash", "recorded_at", "body")


@dataclass(frozen=True, slots=True)
class TakenIn:
    """Whose journal it was, how many entries were new, and how the others stand (status -> count)."""

    terminal: str
    new: int
    statuses: dict[str, int]


def take_in(it: Installation, path: Path, *, by: str) -> TakenIn:
    """Take in every entry of the file. Raises `EnvironmentFault` for a file that is none, or of a terminal nobody knows."""
    header, items = _read(path)
    terminal = _terminal(it, str(header.get("terminal", "")), path)
    new, statuses = 0, Counter[str]()
    for start in range(0, len(items), ITEMS):
        batch = [msgspec.Raw(msgspec.json.encode(item)) for item in items[start : start + ITEMS]]
        received = intake.receive(it, terminal, Push(items=batch))
        new += len(received.new)
        statuses.update(result.status for result in received.answer.results)
    with it.work() as work:
        details = {"count": str(new), "terminal": terminal.id}
        actor = Actor("operator", by, terminal.office)
        audit.record(work.db, work.at, actor, "journal.taken_in", terminal.id, purpose="recovery", details=details)
    return TakenIn(terminal.id, new, dict(statuses))


def _read(path: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    remedy = "Give the entries.jsonl that `guichet journal recover` wrote."
    try:
        lines = path.read_text("utf-8").splitlines()
        values = [json.loads(line) for line in lines if line.strip()]
    except OSError as error:
        raise EnvironmentFault(f"{path} cannot be read ({error.strerror}).", remedy) from error
    except ValueError as error:
        raise EnvironmentFault(f"{path} is no export of a journal.", remedy) from error
    if not values or not all(isinstance(value, dict) for value in values) or values[0].get("format") != FORMAT:
        raise EnvironmentFault(f"{path} is no export of a journal.", remedy)
    return values[0], [{name: value.get(name) for name in _WIRE} for value in values[1:]]


def _terminal(it: Installation, id_: str, path: Path) -> Terminal:
    with it.database.read() as db:
        known = terminals.terminal(db, id_)
    if known is None:
        raise EnvironmentFault(f"{path} is of terminal {id_!r}, which nobody enrolled here.", "Choose its back office.")
    return known
