"""Terminals' journals as they are known here: where each chain ends, and what is done about one that was put back.

Rules:
- An entry follows the one before it by number and by hash; a hole stops the head until it is closed.
- A journal that is shorter than what was delivered, or that goes on otherwise, was put back (an old disk, a clone): its
  terminal is suspended until a technician resumes it. Nothing that it delivers is lost: it waits, `held`.
- A flaw of a journal that a new enrolment has replaced suspends nobody: a technician was there. It is on record, and its
  entries are kept all the same, in their places or in conflict; a terminal sends them again when a database that was put
  back forgot them.
- A technician who resumes it lets go on what was held, and takes the mark away; who retires it hands it to the desk.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from back_office import audit
from back_office.repository import arrivals, conflicts, desk, inbox, many, terminals
from back_office.repository.terminals import JournalHead
from kiosk.domain.audit import Actor
from kiosk.wire.journal_chain import GENESIS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from back_office.database import Connection
    from back_office.installation import Work
    from back_office.repository.arrivals import Arrival
    from back_office.repository.terminals import Terminal

_WALK = 1000
_PUT_BACK = frozenset({"journal_put_back", "chain_broken"})
OWN = Actor("system", "back office")


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with a journal, and where: journal_put_back, chain_broken, hash_wrong."""

    anomaly: str
    epoch: int
    seq: int


def follow(db: Connection, head: JournalHead, fresh: Sequence[Arrival]) -> tuple[JournalHead, Flaw | None]:
    """Follow a journal over entries that were just kept (not empty); the new head, and the first break of the chain."""
    links = sorted((entry.seq, entry.previous_hash, entry.hash) for entry in fresh)
    newest = max(head.newest, links[-1][0])
    flaw: Flaw | None = None
    seq, last = head.seq, head.hash or GENESIS.hex()
    if links[0][0] == seq + 1 and (
        head.newest > seq or links[-1][0] - seq != len(links)
    ):  # there is a hole, or was one
        links = _beyond(db, head)
    for number, previous, hash_ in links:
        if number == seq:  # two at one place: one of them in conflict
            continue
        if number != seq + 1:
            break
        if previous != last and flaw is None:
            flaw = Flaw("chain_broken", head.epoch, number)
        seq, last = number, hash_
    return JournalHead(head.terminal, head.epoch, seq, last if seq else head.hash, newest), flaw


def _beyond(db: Connection, head: JournalHead) -> list[tuple[int, str, str]]:
    """Read what lies after the head as far as it has no hole (in pieces: after a long hole it may be much)."""
    found: list[tuple[int, str, str]] = []
    place = head
    while True:
        piece = arrivals.beyond(db, place, _WALK)
        found += piece
        if len(piece) < _WALK or piece[-1][0] - place.seq != _WALK:
            return found
        place = JournalHead(head.terminal, head.epoch, piece[-1][0], piece[-1][2], head.newest)


def mark(work: Work, terminal: Terminal, flaw: Flaw) -> None:
    """Mark a terminal on the fleet page, in the audit log too."""
    terminals.mark_anomaly(work.db, terminal.id, flaw.anomaly)
    _record(work, terminal, flaw)


def _record(work: Work, terminal: Terminal, flaw: Flaw) -> None:
    details = {"because": flaw.anomaly, "epoch": str(flaw.epoch), "seq": str(flaw.seq)}
    audit.record(
        work.db,
        work.at,
        Actor(OWN.role, OWN.number, terminal.office),
        "terminal.anomaly",
        terminal.id,
        purpose="intake",
        details=details,
    )


def suspend(work: Work, terminal: Terminal, flaw: Flaw) -> None:
    """Mark a terminal whose journal was put back, and suspend it; once, and only for the journal that is bound to it now."""
    now = terminals.terminal(work.db, terminal.id)
    if now is None:
        return
    if flaw.epoch < now.journal_epoch:
        if flaw.anomaly == "chain_broken":  # found once; a place that is taken is on record with what lies in conflict
            _record(work, terminal, flaw)
        return
    if now.state == "suspended" and now.anomaly in _PUT_BACK:
        return
    mark(work, terminal, flaw)
    if now.state == "in_service":
        terminals.set_terminal_state(work.db, terminal.id, "suspended")
        details = {"from": "in_service", "to": "suspended"}
        actor = Actor(OWN.role, OWN.number, terminal.office)
        audit.record(
            work.db,
            work.at,
            actor,
            "terminal.state_changed",
            terminal.id,
            purpose="its journal is not the one that it delivered",
            details=details,
        )


def is_suspended(work: Work, terminal_id: str) -> bool:
    """Tell whether a terminal is suspended at this moment."""
    now = terminals.terminal(work.db, terminal_id)
    return now is not None and now.state == "suspended"


def hold(work: Work, ids: Iterable[str]) -> None:
    """Let these entries wait undecided until their terminal is resumed."""
    wanted = sorted(ids)
    if wanted:
        sql = f"UPDATE inbox SET held = 'terminal_suspended' WHERE status = 'received' AND {many.among(work.db, 'id')}"  # noqa: S608
        work.db.execute(sql, (many.keys(work.db, wanted),))


def resumed(work: Work, terminal_id: str) -> int:
    """Let go on what a terminal delivered while it was suspended; how many entries."""
    terminals.mark_anomaly(work.db, terminal_id, None)
    return conflicts.release(work.db, terminal_id)


def retired(work: Work, terminal_id: str) -> int:
    """Hand what a terminal delivered while it was suspended, and now never will be resumed, to the desk; how many."""
    waiting = conflicts.held(work.db, terminal_id)
    conflicts.release(work.db, terminal_id)
    for id_, office in waiting:
        inbox.set_status(work.db, id_, "quarantined", "terminal_retired")
        desk.open_case(work.db, kind="quarantine", subject=id_, office=office, reason="terminal_retired", at=work.time)
    return len(waiting)
